"""Customer groups (客户群): which there are, who is in them, and what the platform counts."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import field

from wecom import limits
from wecom.answers import Status
from wecom.caller import Caller
from wecom.ids import ChatId, UserId
from wecom.pages import Page

PATH = "externalcontact/groupchat/"
STAFF, CUSTOMER = 1, 2  # the kinds of people in a group
LISTED = 1000


class Listed(msgspec.Struct, frozen=True):
    """A group in the list; status 0 normal, 1 the owner has resigned, 2 being handed over, 3 handed over."""

    chat_id: ChatId
    status: int = 0


class Person(msgspec.Struct, frozen=True):
    """A person by id: who invited, who administers."""

    user_id: str = field(default="", name="userid")


class GroupMember(msgspec.Struct, frozen=True, kw_only=True):
    """Someone in a group; `state` only for who came by a join way, `inviter` only where a member of staff invited.

    `scene` is 1 invited directly, 2 by an invitation link, 3 by the group's code; other numbers may come.
    """

    id: str = field(name="userid")
    kind: int = field(default=CUSTOMER, name="type")
    joined_at: datetime | None = field(default=None, name="join_time")
    scene: int = field(default=0, name="join_scene")
    state: str = ""
    inviter: Person = field(default=Person(), name="invitor")
    union_id: str = field(default="", name="unionid")
    nickname: str = field(default="", name="group_nickname")
    name: str = ""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group as it was about two seconds ago; one that was never named has an empty name."""

    chat_id: ChatId
    name: str = ""
    owner: UserId = UserId("")
    created_at: datetime | None = field(default=None, name="create_time")
    notice: str = ""
    members: tuple[GroupMember, ...] = field(default=(), name="member_list")
    admins: tuple[Person, ...] = field(default=(), name="admin_list")
    version: str = field(default="", name="member_version")


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform counts of groups in some days."""

    new_groups: int = field(default=0, name="new_chat_cnt")
    groups: int = field(default=0, name="chat_total")
    talking_groups: int = field(default=0, name="chat_has_msg")
    new_members: int = field(default=0, name="new_member_cnt")
    members: int = field(default=0, name="member_total")
    talking_members: int = field(default=0, name="member_has_msg")
    messages: int = field(default=0, name="msg_total")


class OwnerCounts(msgspec.Struct, frozen=True):
    """The groups of one owner, counted."""

    owner: UserId
    data: Counts


class DayCounts(msgspec.Struct, frozen=True):
    """The groups of one day, counted."""

    day: datetime = field(name="stat_time")
    data: Counts


class _Listed(Status):
    group_chat_list: tuple[Listed, ...] = ()
    next_cursor: str = ""


class _Group(Status):
    group_chat: Group | None = None


class _Owners(Status):
    total: int = 0
    next_offset: int = 0
    items: tuple[OwnerCounts, ...] = ()


class _Days(Status):
    items: tuple[DayCounts, ...] = ()


class _Chat(Status):
    chat_id: ChatId = ChatId("")


class Groups:
    """The APIs of customer groups."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(
        self, owners: Sequence[UserId] = (), *, status: int = 0, cursor: str = "", limit: int = LISTED
    ) -> Page[Listed]:
        """Page 92120: the groups of these owners (at most 100), or of all in range.

        Groups of who has resigned are told only when asked for by owner; without owners and with more than 1,000
        members in range the platform refuses (81017). A dismissed group is not told.
        """
        limits.OWNERS.check(owners)
        body: dict[str, object] = {"status_filter": status, "cursor": cursor, "limit": limit}
        answer = await self._caller.ask(PATH + "list", body | _of(owners), _Listed)
        return Page(answer.group_chat_list, answer.next_cursor)

    async def get(self, chat_id: ChatId, *, names: bool = True) -> Group:
        """Page 92122: a group with its members; Refused with 49008 when it is dismissed, 40050, 86003 or 90501."""
        body = {"chat_id": chat_id, "need_name": int(names)}
        answer = await self._caller.ask(PATH + "get", body, _Group)
        return answer.group_chat or Group(chat_id=chat_id)

    async def count_owners(
        self, owners: Sequence[UserId], *, begin: datetime, end: datetime | None = None, offset: int = 0
    ) -> tuple[tuple[OwnerCounts, ...], int]:
        """Page 92133: whole days up to yesterday, owner by owner; the rows, and the next offset or 0 at the end."""
        limits.OWNERS.check(owners)
        body = _days(begin, end) | _of(owners) | {"offset": offset, "limit": LISTED}
        answer = await self._caller.ask(PATH + "statistic", body, _Owners)
        return answer.items, answer.next_offset if answer.next_offset < answer.total else 0

    async def count_days(
        self, owners: Sequence[UserId], *, begin: datetime, end: datetime | None = None
    ) -> tuple[DayCounts, ...]:
        """Page 92133: whole days up to yesterday, day by day, at most 30."""
        limits.OWNERS.check(owners)
        return (await self._caller.ask(PATH + "statistic_group_by_day", _days(begin, end) | _of(owners), _Days)).items

    async def find(self, open_gid: str) -> ChatId:
        """Page 94822: the group that a mini-program knows by `open_gid`."""
        return (await self._caller.ask("externalcontact/opengid_to_chatid", {"opengid": open_gid}, _Chat)).chat_id


def _of(owners: Sequence[UserId]) -> dict[str, object]:
    return {"owner_filter": {"userid_list": owners}} if owners else {}


def _days(begin: datetime, end: datetime | None) -> dict[str, object]:
    days: dict[str, object] = {"day_begin_time": int(begin.timestamp())}
    return days | ({"day_end_time": int(end.timestamp())} if end else {})
