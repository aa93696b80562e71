"""Customers: who they are, and which members of staff follow them."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.errors import NotRelated
from wecom.ids import ExternalUserId, MediaId, TagId, UserId
from wecom.pages import Page

PERSONAL = 2  # the kind of a tag that a member made for themselves


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A person outside the corp; `kind` 1 uses WeChat, 2 WeCom; `gender` 1 is male, 2 female."""

    external_user_id: ExternalUserId = field(name="external_userid")
    name: str = ""
    avatar: str = ""
    kind: int = field(default=0, name="type")
    gender: int = 0
    union_id: str = field(default="", name="unionid")
    position: str = ""
    corp_name: str = ""
    corp_full_name: str = ""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A tag on a customer; `kind` 1 of the corp, 2 personal (without an id), 3 of a rule group."""

    group_name: str = ""
    name: str = field(default="", name="tag_name")
    tag_id: TagId = TagId("")
    kind: int = field(default=0, name="type")


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """The WeChat Channels account (视频号) that a customer came from."""

    nickname: str = ""
    source: int = 0


class Follow(msgspec.Struct, frozen=True, kw_only=True):
    """How one member of staff follows a customer. Page 92114 explains `add_way`."""

    user_id: UserId = field(name="userid")
    remark: str = ""
    description: str = ""
    added_at: datetime = field(name="createtime")
    marks: tuple[Mark, ...] = field(default=(), name="tags")
    marked: tuple[TagId, ...] = field(default=(), name="tag_id")  # in batches, instead of `marks`
    company: str = field(default="", name="remark_corp_name")
    mobiles: tuple[str, ...] = field(default=(), name="remark_mobiles")
    add_way: int = 0
    opened_by: str = field(default="", name="oper_userid")  # a member, or the customer
    state: str = ""
    channels: Channels | None = field(default=None, name="wechat_channels")

    @property
    def tag_ids(self) -> tuple[TagId, ...]:
        """The tags of the corp and its rule groups, whichever call told them."""
        return self.marked or tuple(mark.tag_id for mark in self.marks if mark.kind != PERSONAL)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with everyone who follows them."""

    customer: Customer
    follows: tuple[Follow, ...]


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as one member follows them."""

    customer: Customer = field(name="external_contact")
    follow: Follow = field(name="follow_info")


class Remark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a member notes about a customer; a field left None stays as it is, `mobiles` replaces all."""

    remark: str | None = None
    description: str | None = None
    company: str | None = field(default=None, name="remark_company")
    mobiles: tuple[str, ...] | None = field(default=None, name="remark_mobiles")
    picture: MediaId | None = field(default=None, name="remark_pic_mediaid")

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        limits.require("remark", *(value is not None for value in msgspec.structs.astuple(self)))
        limits.REMARK.check(self.remark)
        limits.REMARK_DESCRIPTION.check(self.description)
        limits.REMARK_COMPANY.check(self.company)


class _Ids(Status):
    external_userid: tuple[ExternalUserId, ...] = ()


class _Profile(Status):
    external_contact: Customer | None = None
    follow_user: tuple[Follow, ...] = ()
    next_cursor: str = ""


class _Batch(Status):
    external_contact_list: tuple[Contact, ...] = ()
    next_cursor: str = ""


class Customers:
    """The APIs of customers."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, user_id: UserId) -> tuple[ExternalUserId, ...]:
        """Page 92113: the customers of a member; none is what the platform calls unrelated."""
        try:
            answer = await self._caller.get("externalcontact/list", _Ids, userid=user_id)
        except NotRelated:
            return ()
        return answer.external_userid

    async def get(self, external_user_id: ExternalUserId) -> Profile:
        """Page 92114: a customer with all followers. Raises `NotRelated` when there is none in sight."""
        follows: list[Follow] = []
        page = await self._page(external_user_id, "")
        customer = page.external_contact or Customer(external_user_id=external_user_id)
        follows += page.follow_user
        while page.next_cursor:
            page = await self._page(external_user_id, page.next_cursor)
            follows += page.follow_user
        return Profile(customer=customer, follows=tuple(follows))

    async def batch(self, user_ids: Sequence[UserId], cursor: str = "", *, limit: int = 100) -> Page[Contact]:
        """Page 92994: the customers of up to 100 members, one row for each pair of member and customer."""
        limits.BATCH_USERS.check(user_ids)
        body = {"userid_list": user_ids, "cursor": cursor, "limit": limit}
        try:
            answer = await self._caller.ask("externalcontact/batch/get_by_user", body, _Batch)
        except NotRelated:
            return Page((), "")
        return Page(answer.external_contact_list, answer.next_cursor)

    async def remark(self, user_id: UserId, external_user_id: ExternalUserId, remark: Remark) -> None:
        """Page 92115: what the member notes about the customer."""
        remark.check()
        body = {"userid": user_id, "external_userid": external_user_id, **msgspec.to_builtins(remark)}
        await self._caller.tell("externalcontact/remark", body, Status)

    async def _page(self, external_user_id: ExternalUserId, cursor: str) -> _Profile:
        query = {"external_userid": external_user_id} | ({"cursor": cursor} if cursor else {})
        return await self._caller.get("externalcontact/get", _Profile, **query)
