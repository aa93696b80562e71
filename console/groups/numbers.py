"""Customer groups in numbers, per day and per owner: as WeCom counts them, beside what our ledger says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Download, Line, Page
from console.api.sheets import CSV, wanted, write
from console.api.words import Words
from console.channels.statistics import Span, SpanWalk, read_span
from sop import statistics as rules
from sop.daycounts import GroupCounts, day_of, total
from storage.daycounts import OurGroups

routes = Routes()
_AT_ONCE = 200  # owners of one reading
_MOST_ROWS = 50_000  # of a table
_HEADINGS = {
    "day": Words("日期", "day"),
    "owner": Words("群主", "owner"),
    "wecom.new_groups": Words("新增群（企业微信）", "new groups (WeCom)"),
    "wecom.groups": Words("群总数（企业微信）", "groups (WeCom)"),
    "wecom.talking_groups": Words("有消息的群（企业微信）", "groups with messages (WeCom)"),
    "wecom.new_members": Words("新增成员（企业微信）", "new members (WeCom)"),
    "wecom.members": Words("成员总数（企业微信）", "members (WeCom)"),
    "wecom.talking_members": Words("发过消息的成员（企业微信）", "members who wrote (WeCom)"),
    "wecom.messages": Words("消息数（企业微信）", "messages (WeCom)"),
    "here.new_groups": Words("新增群", "new groups"),
    "here.joined": Words("入群客户", "customers who joined"),
    "here.left": Words("退群客户", "customers who left"),
}


class OwnerSpan(Span):
    """Which days, and whose groups; of all owners that the caller sees where none is named."""

    owner: Line = ""


class PlatformNumbers(Answer):
    """What WeCom counts: new groups and members are added up, everything else is as on the last day that it told of.

    Members are customers and staff; one in two groups is two.
    """

    new_groups: int
    groups: int
    talking_groups: int
    new_members: int
    members: int
    talking_members: int
    messages: int


class LedgerNumbers(Answer):
    """What our ledger says: groups founded, customers who came into groups and who went, each as often as they did."""

    new_groups: int
    joined: int
    left: int


class Both(Answer):
    """Both numbers of the same time; `wecom` is null where WeCom has not told of it: today, and days before ours."""

    wecom: PlatformNumbers | None
    here: LedgerNumbers


class GroupDay(Both):
    """The numbers of a day."""

    day: date


class GroupOwner(Both):
    """The numbers of an owner's groups over all the days."""

    owner: str


class GroupDays(Answer):
    """The numbers day by day, and of all days together; days are China's, as WeCom counts."""

    since: date
    until: date
    rows: tuple[GroupDay, ...]
    total: Both


@routes.on(
    "GET /statistics/groups", Permission.READ_GROUPS, "客户群每日统计", "Customer groups day by day", files=(CSV,)
)
async def show(call: Call, query: OwnerSpan) -> GroupDays | Download:
    """A rep sees their own groups, a leader those of their departments. WeCom's numbers come each morning."""
    since, until = read_span(query, day_of(call.now))
    staff = call.principal.within(query.owner)
    numbers = call.store.daycounts
    theirs, ours = await numbers.groups(since, until, staff=staff), await numbers.our_groups(since, until, staff=staff)
    days = rules.days(since, until)
    rows = tuple(GroupDay(day=day, **_pair(theirs.get(day), ours.get(day))) for day in days)
    if wanted(call, query.format):
        return _table(call, f"groups {since} {until}", rows, "day")
    whole = OurGroups(**{name: sum(getattr(one, name) for one in ours.values()) for name in LedgerNumbers.model_fields})
    return GroupDays(since=since, until=until, rows=rows, total=Both(**_pair(total(theirs), whole)))


@routes.on(
    "GET /statistics/group-owners", Permission.READ_GROUPS, "各群主统计", "Customer groups by owner", files=(CSV,)
)
async def browse(call: Call, query: SpanWalk) -> Page[GroupOwner] | Download:
    """The owners in the data scope by user id. A table holds all of them and not just a page."""
    span = read_span(query, day_of(call.now))
    place = read_place(query.after, str)
    after = str(place[0]) if place else ""
    if not wanted(call, query.format):
        found = await _read(call, span, after=after, most=query.limit + 1)
        return turn(found, query.limit, lambda one: one, lambda one: (one.owner,))
    rows: list[GroupOwner] = []
    while len(rows) < _MOST_ROWS and (found := await _read(call, span, after=after, most=_AT_ONCE)):
        rows += found
        after = found[-1].owner
    return _table(call, f"group owners {span[0]} {span[1]}", rows, "owner")


async def _read(call: Call, span: tuple[date, date], *, after: str, most: int) -> list[GroupOwner]:
    numbers = call.store.daycounts
    owners = await numbers.owners(*span, staff=call.principal.staff, after=after, most=most)
    theirs: Mapping[str, dict[date, GroupCounts]] = await numbers.of_owners(*span, owners=owners)
    ours = await numbers.our_owners(*span, owners=owners)
    return [GroupOwner(owner=owner, **_pair(total(theirs.get(owner, {})), ours.get(owner))) for owner in owners]


def _pair(theirs: GroupCounts | None, ours: OurGroups | None) -> dict[str, Any]:
    return {
        "wecom": None if theirs is None else PlatformNumbers.model_validate(theirs),
        "here": LedgerNumbers.model_validate(ours or OurGroups()),
    }


def _table(call: Call, name: str, rows: Sequence[Both], first: str) -> Download:
    names = [first, *(field for field in _HEADINGS if "." in field)]
    lines = [[_cell(row, field) for field in names] for row in rows]
    return write(name, [_HEADINGS[field].tell(call.language) for field in names], lines)


def _cell(row: Both, field: str) -> object:
    part, _, name = field.partition(".")
    value = getattr(row, part)
    return getattr(value, name) if name and value is not None else value
