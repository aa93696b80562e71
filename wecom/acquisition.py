"""Acquisition links (获客助手): links that lead customers to members, their quota, and who came by them."""

from datetime import datetime

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import DepartmentId, ExternalUserId, LinkId, UserId
from wecom.pages import Page

PATH = "externalcontact/customer_acquisition/"
QUOTA = "externalcontact/customer_acquisition_quota"
ANYONE, LISTED = 1, 2  # who of the friends of a customer is shown first


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a link leads to: at most 500 members, departments counted with all below them."""

    users: tuple[UserId, ...] = field(default=(), name="user_list")
    departments: tuple[DepartmentId, ...] = field(default=(), name="department_list")


class Priority(msgspec.Struct, frozen=True, kw_only=True):
    """Who is shown first to a customer who has friends here: anybody who is one, or one of those listed."""

    kind: int = field(default=ANYONE, name="priority_type")
    users: tuple[UserId, ...] = field(default=(), name="priority_userid_list")


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link; the platform gives the last three."""

    name: str = ""
    range: Range = Range()
    skip_verify: bool = True
    priority: Priority | None = None
    link_id: LinkId = LinkId("")
    url: str = ""
    created_at: datetime | None = None

    def check(self) -> None:
        """Raise `OverLimit` for what the platform would refuse."""
        limits.LINK_NAME.check(self.name)
        limits.LINK_USERS.check(self.range.users)
        limits.require("user_list / department_list", self.range.users, self.range.departments)
        if self.priority and self.priority.kind == LISTED:
            limits.PRIORITY_USERS.check(self.priority.users)


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """Who came by a link to whom: `chat` is 0 no message yet, 1 has written, 2 unknown; `state` the channel."""

    external_user_id: ExternalUserId = field(name="external_userid")
    user_id: UserId = field(name="userid")
    chat: int = field(default=2, name="chat_status")
    state: str = ""


class Visits(msgspec.Struct, frozen=True, kw_only=True):
    """What a link has brought over some days."""

    clicks: int = field(default=0, name="click_link_customer_cnt")
    customers: int = field(default=0, name="new_customer_cnt")


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote to whom, how many messages so far, and by which link they came."""

    external_user_id: ExternalUserId
    user_id: UserId
    count: int
    link_id: LinkId
    state: str


class Expiring(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the quota, and when it is lost."""

    at: datetime = field(name="expire_date")
    balance: int = 0


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """How many customers may still come: `total` is all that was ever bought or given."""

    total: int = 0
    balance: int = 0
    parts: tuple[Expiring, ...] = ()


class _Told(msgspec.Struct, frozen=True):
    link_id: LinkId = LinkId("")
    link_name: str = ""
    url: str = ""
    create_time: datetime | None = None
    skip_verify: bool = True


class _Ids(Status):
    link_id_list: tuple[LinkId, ...] = ()
    next_cursor: str = ""


class _Link(Status):
    link: _Told = _Told()
    range: Range = Range()
    priority_option: Priority | None = None


class _Customers(Status):
    customer_list: tuple[Newcomer, ...] = ()
    next_cursor: str = ""


class _Visits(Status):
    click_link_customer_cnt: int = 0
    new_customer_cnt: int = 0


class _Info(msgspec.Struct, frozen=True):
    recv_msg_cnt: int = 0
    link_id: LinkId = LinkId("")
    state: str = ""


class _Chat(Status):
    userid: UserId = UserId("")
    external_userid: ExternalUserId = ExternalUserId("")
    chat_info: _Info = _Info()


class _Quota(Status):
    total: int = 0
    balance: int = 0
    quota_list: tuple[Expiring, ...] = ()


class Acquisition:
    """The APIs of acquisition links (pages 97297, 97298, 97375, 100130); an app sees only links that it has made."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, cursor: str = "", *, limit: int = 100) -> Page[LinkId]:
        """The ids of the links, at most 100 a page."""
        answer = await self._caller.ask(PATH + "list_link", {"limit": limit, "cursor": cursor}, _Ids)
        return Page(answer.link_id_list, answer.next_cursor)

    async def get(self, link_id: LinkId) -> Link:
        """A link with whom it leads to."""
        answer = await self._caller.ask(PATH + "get", {"link_id": link_id}, _Link)
        return _read(answer, link_id)

    async def create(self, link: Link) -> Link:
        """Make a link; its id and address are in the answer. 41095 when there are too many."""
        answer = await self._caller.tell(PATH + "create_link", _describe(link), _Link)
        return _read(answer, answer.link.link_id)

    async def update(self, link_id: LinkId, link: Link) -> None:
        """Replace name, range and priority; the address stays the same."""
        await self._caller.tell(PATH + "update_link", {**_describe(link), "link_id": link_id}, Status)

    async def delete(self, link_id: LinkId) -> None:
        """The address stops working; no callback follows."""
        await self._caller.tell(PATH + "delete_link", {"link_id": link_id}, Status)

    async def customers(self, link_id: LinkId, cursor: str = "", *, limit: int = 1000) -> Page[Newcomer]:
        """Who came by a link, at most 1000 a page."""
        body = {"link_id": link_id, "limit": limit, "cursor": cursor}
        answer = await self._caller.ask(PATH + "customer", body, _Customers)
        return Page(answer.customer_list, answer.next_cursor)

    async def visits(self, link_id: LinkId, start: datetime, end: datetime) -> Visits:
        """Clicks and customers from day to day, both included: at most 30 days, within the last 180."""
        body = {"link_id": link_id, "start_time": int(start.timestamp()), "end_time": int(end.timestamp())}
        answer = await self._caller.ask(PATH + "statistic", body, _Visits)
        return Visits(clicks=answer.click_link_customer_cnt, customers=answer.new_customer_cnt)

    async def chat(self, chat_key: str) -> Chat:
        """Who has written, by the key of a callback that lives for 30 minutes (41201 afterwards)."""
        answer = await self._caller.ask(PATH + "get_chat_info", {"chat_key": chat_key}, _Chat)
        info = answer.chat_info
        return Chat(
            external_user_id=answer.external_userid,
            user_id=answer.userid,
            count=info.recv_msg_cnt,
            link_id=info.link_id,
            state=info.state,
        )

    async def quota(self) -> Quota:
        """How many customers may still come by links, and which part of that is lost when."""
        answer = await self._caller.get(QUOTA, _Quota)
        return Quota(total=answer.total, balance=answer.balance, parts=answer.quota_list)


def _read(answer: _Link, link_id: LinkId) -> Link:
    told = answer.link
    return Link(
        name=told.link_name,
        range=answer.range,
        skip_verify=told.skip_verify,
        priority=answer.priority_option,
        link_id=link_id,
        url=told.url,
        created_at=told.create_time,
    )


def _describe(link: Link) -> dict[str, object]:
    """What both `create` and `update` take; what is empty is sent, since it replaces."""
    link.check()
    body: dict[str, object] = {"link_name": link.name, "range": link.range, "skip_verify": link.skip_verify}
    if link.priority:
        body["priority_option"] = link.priority
    return body
