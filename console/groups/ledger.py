"""Customer groups: the ledger, who is and was in them, how long people stay."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import invalid, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Page, Query, Shape, Walk
from console.api.words import Words
from sop.groups import retention
from sop.groups.retention import Span
from storage.groups import Entry
from storage.groups.lists import GroupFilter, GroupLists, GroupTag
from storage.groups.numbers import GroupNumbers
from storage.values import to_ms

routes = Routes()
_GROUP = Words("客户群", "group")
_CUSTOMER = Words("客户", "customer")
_DAYS = 92  # of statistics, at most
_MOST = 50  # labels on one group


class GroupQuery(Walk):
    """Which groups: `member` is a member of staff or a customer who is in it, `words` are in its name."""

    words: Line = ""
    owner: Line = ""
    status: Literal["normal", "resigned", "transferring", "transferred", "dismissed"] | None = None
    city: Line = ""
    tag: Identity | None = None
    member: Line = ""


class DayQuery(Query):
    """How many days, up to today."""

    days: int = Field(default=30, ge=1, le=_DAYS)


class GroupChange(Shape):
    """What is to be different; what is left out stays. Labels and city are ours; WeCom knows nothing of them."""

    city: Line | None = None
    tags: Annotated[tuple[Identity, ...], Field(max_length=_MOST)] | None = None


class TagName(Answer):
    """A label on a group."""

    id: Identity
    name: str


class CustomerGroup(Answer):
    """A group; `name` is empty for one that was never named, `status` tells whether its owner is still there."""

    chat_id: str
    name: str
    owner: str
    notice: str
    admins: tuple[str, ...]
    city: str
    tags: tuple[TagName, ...]
    status: str
    members: int
    customers: int
    created_at: datetime
    dismissed_at: datetime | None
    seen_at: datetime
    changed_at: datetime


class RetentionDay(Answer):
    """One day: who came, who went, and how many of those who came were still there 1, 3, 7 and 30 days later."""

    day: date
    joined: int
    left: int
    kept_1: int | None
    kept_3: int | None
    kept_7: int | None
    kept_30: int | None


class GroupStatistics(Answer):
    """The days of a group, oldest first; customers only. A number is null while its day has not come."""

    days: tuple[RetentionDay, ...]


@routes.on("GET /groups", Permission.READ_GROUPS, "客户群列表", "List customer groups, the newest first")
async def browse(call: Call, query: GroupQuery) -> Page[CustomerGroup]:
    """A rep sees the groups they own or are in, a leader those of their departments; dismissed ones too."""
    lists = GroupLists(call.store.scope)
    place = read_place(query.after, int, str)
    which = GroupFilter(
        words=query.words,
        owner=query.owner,
        status=query.status or "",
        city=query.city,
        tag=query.tag,
        member=query.member,
        staff=call.principal.staff,
    )
    after = None if place is None else (int(place[0]), str(place[1]))
    found = await lists.page(which, limit=query.limit + 1, after=after)
    tags = await lists.bound([one.chat_id for one in found])
    return turn(
        found,
        query.limit,
        lambda one: _show(one, tags.get(one.chat_id, ())),
        lambda one: (to_ms(one.created_at), one.chat_id),
    )


@routes.on("GET /groups/{chat_id}", Permission.READ_GROUPS, "查看客户群", "Show a customer group")
async def show(call: Call, chat_id: Key) -> CustomerGroup:
    """One group, dismissed ones too."""
    found = await find(call, chat_id)
    return _show(found, (await GroupLists(call.store.scope).bound([chat_id])).get(chat_id, ()))


@routes.on("PATCH /groups/{chat_id}", Permission.WRITE_GROUPS, "修改客户群标签", "Label a customer group")
async def change(call: Call, chat_id: Key, body: GroupChange) -> CustomerGroup:
    """Sets the city by which group codes are offered, and replaces the labels."""
    found, lists = await find(call, chat_id), GroupLists(call.store.scope)
    tags = (await lists.bound([chat_id])).get(chat_id, ())
    if body.tags is not None:
        known = {tag.id: tag for tag in await lists.tags()}
        strange = sorted(set(body.tags) - known.keys())
        if strange:
            raise invalid("tags", Words(f"没有群标签 {strange[0]}", f"there is no group tag {strange[0]}"))
        lists.bind(chat_id, body.tags)
        tags = tuple(known[tag_id] for tag_id in dict.fromkeys(body.tags))
    if body.city is not None:
        call.store.groups.label(chat_id, city=body.city)
    return _show(found, tags).model_copy(update={} if body.city is None else {"city": body.city})


@routes.on("GET /groups/{chat_id}/statistics", Permission.READ_GROUPS, "群留存统计", "Count joins, leaves, retention")
async def count(call: Call, chat_id: Key, query: DayQuery) -> GroupStatistics:
    """Days are those of the corp's clocks."""
    await find(call, chat_id)
    since, until = period(call, query.days)
    return tell(call, await GroupNumbers(call.store.scope).of_group(chat_id, since=since, until=until), query.days)


def period(call: Call, days: int) -> tuple[datetime, datetime]:
    """So many days up to now, from a midnight on."""
    return call.midnight - timedelta(days=days - 1), call.now


def tell(call: Call, spans: tuple[Span, ...], days: int) -> GroupStatistics:
    """The statistics of so many days up to today."""
    today = call.midnight.date()
    since = today - timedelta(days=days - 1)
    counted = retention.count(spans, since=since, until=today, now=call.now, zone=call.corp.zone)
    names = [f"kept_{days}" for days in retention.AFTER]
    return GroupStatistics(
        days=tuple(
            RetentionDay(day=one.day, joined=one.joined, left=one.left, **dict(zip(names, one.kept, strict=True)))
            for one in counted
        )
    )


async def find(call: Call, chat_id: str) -> Entry:
    """A group that the caller may see."""
    found = await call.store.groups.get(chat_id)
    if found is None or not await GroupLists(call.store.scope).sees(chat_id, call.principal.staff):
        raise missing(_GROUP)
    return found


def _show(one: Entry, tags: tuple[GroupTag, ...]) -> CustomerGroup:
    values = {name: getattr(one, name) for name in CustomerGroup.model_fields if name != "tags"}
    return CustomerGroup(**values, tags=tuple(map(TagName.model_validate, tags)))
