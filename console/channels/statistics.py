"""What channels bring: visits, adds and losses per channel, member and day, as JSON or as a table for a spreadsheet."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_id, turn
from console.api.problem import invalid, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Download, Identity, Page, Query, Walk
from console.api.sheets import CSV, wanted, write
from console.api.words import Words
from sop import statistics as rules
from sop.statistics import Counts
from storage import visits
from storage.statistics import By, Named, Statistics

routes = Routes()
_CHANNEL = Words("渠道", "channel")
_TOO_LONG = Words(f"最多 {rules.MOST_DAYS} 天", f"spans at most {rules.MOST_DAYS} days")
_BACKWARDS = Words("不能早于 since", "must not be before `since`")
_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]  # WeCom is younger
_DEFAULT = timedelta(days=6)  # a week with today
_AT_ONCE = 200  # channels of one reading
_MOST_ROWS = 50_000  # of a table
_HEADINGS = {
    "channel_id": Words("渠道编号", "channel id"),
    "name": Words("渠道名称", "channel"),
    "day": Words("日期", "day"),
    "user_id": Words("员工", "member"),
    "visits": Words("访问次数", "visits"),
    "visitors": Words("访问人数", "visitors"),
    "adds": Words("添加数", "adds"),
    "repeat_adds": Words("重复添加数", "repeat adds"),
    "half_adds": Words("单向添加数", "half adds"),
    "lost_24h": Words("24 小时内流失", "lost within 24 h"),
    "lost_7d": Words("7 天内流失", "lost within 7 d"),
    "conversations": Words("进行中会话", "open conversations"),
}


class Span(Query):
    """Which days on the corp's clocks, both included; by default the last seven. `format` csv gives a table."""

    since: _Day | None = None
    until: _Day | None = None
    format: Literal["json", "csv"] | None = None


class Breakdown(Span):
    """Which days, and what the rows are."""

    by: Literal["day", "staff", "total"] = "day"


class SpanWalk(Walk, Span):
    """Which days, of which channels."""


class Numbers(Answer):
    """Counts. Visits are those of the whole channel, null where the caller sees a part of the staff only.

    Half adds are those never confirmed. Repeat adds: the same member had this customer before. Lost: the customer
    removed the member within 24 hours or 7 days of the add; of young adds more may follow. Conversations: the customer
    is still there and has written since the add, as far as WeCom tells.
    """

    visits: int | None
    visitors: int | None
    adds: int
    repeat_adds: int
    half_adds: int
    lost_24h: int
    lost_7d: int
    conversations: int


class Row(Numbers):
    """The counts of a day or of a member."""

    day: date | None = None
    user_id: str | None = None


class ChannelNumbers(Numbers):
    """The counts of a channel."""

    channel_id: Identity
    name: str


class ChannelStatistics(Answer):
    """A channel in numbers, row by row and altogether."""

    channel_id: Identity
    name: str
    since: date
    until: date
    rows: tuple[Row, ...]
    total: Numbers


@routes.on(
    "GET /channels/{channel_id}/statistics",
    Permission.READ_NUMBERS,
    "渠道统计",
    "A channel in numbers",
    files=(CSV,),
)
async def show(call: Call, channel_id: Identity, query: Breakdown) -> ChannelStatistics | Download:
    """Per day, per member, or in total; a leader sees what their departments did. As CSV by `format` or `Accept`."""
    since, until = read_span(query, call.midnight.date())
    channel = await Statistics(call.store.scope, call.principal.staff).channel(channel_id)
    if channel is None:
        raise missing(_CHANNEL)
    rows = await _rows(call, channel, query.by, days=(since, until))
    if wanted(call, query.format):
        names = {"day": ("day",), "staff": ("user_id",), "total": ()}[query.by]
        return _table(call, f"{channel.name} {since} {until}", rows, names)
    (total,) = await _totals(call, [channel], days=(since, until))
    return ChannelStatistics(
        channel_id=channel.id,
        name=channel.name,
        since=since,
        until=until,
        rows=tuple(rows),
        total=Numbers.model_validate(total),
    )


@routes.on(
    "GET /statistics/channels",
    Permission.READ_NUMBERS,
    "全部渠道统计",
    "All channels in numbers",
    files=(CSV,),
)
async def browse(call: Call, query: SpanWalk) -> Page[ChannelNumbers] | Download:
    """The newest channel first, deleted ones too; a leader sees those that concern their departments.

    A table holds all channels and not just a page of them.
    """
    days = read_span(query, call.midnight.date())
    numbers = Statistics(call.store.scope, call.principal.staff)
    before = read_id(query.after)
    if not wanted(call, query.format):
        found = await numbers.channels(before=before, most=query.limit + 1)
        totals = {each.channel_id: each for each in await _totals(call, found, days=days)}
        return turn(found, query.limit, lambda channel: totals[channel.id], lambda channel: (channel.id,))
    rows: list[ChannelNumbers] = []
    while len(rows) < _MOST_ROWS and (found := await numbers.channels(before=before, most=_AT_ONCE)):
        rows += await _totals(call, found, days=days)
        before = found[-1].id
    return _table(call, f"channels {days[0]} {days[1]}", rows, ("channel_id", "name"))


def read_span(query: Span, today: date) -> tuple[date, date]:
    """The first and the last day that are asked for."""
    until = query.until or (max(query.since, today) if query.since else today)
    since = query.since or until - _DEFAULT
    if until < since:
        raise invalid("until", _BACKWARDS)
    if (until - since).days >= rules.MOST_DAYS:
        raise invalid("since", _TOO_LONG)
    return since, until


async def _rows(call: Call, channel: Named, by: By, *, days: tuple[date, date]) -> list[Row]:
    """A row for each day, for each member of whom there is anything, or one."""
    zone = call.corp.zone
    since, until = rules.span(*days, zone)
    numbers = Statistics(call.store.scope, call.principal.staff)
    parts = await numbers.count([channel.id], since=since, until=until, by=by)
    seen = await visits.sums(call.store.scope, [channel.id], since=days[0], until=days[1])
    if by == "day":
        counted = rules.by_day(((int(each.part), each.counts) for each in parts), zone)
        for each in seen:
            day = date.fromisoformat(each.day)
            counted[day] = counted.get(day, Counts()) + Counts(visits=each.visits, visitors=each.visitors)
        return [Row(day=day, **_tell(call, counted.get(day, Counts()))) for day in rules.days(*days)]
    sums: dict[str, Counts] = defaultdict(Counts)
    for part in parts:
        sums[part.part] += part.counts
    if by == "total":
        whole = sums[""] + sum((Counts(visits=each.visits, visitors=each.visitors) for each in seen), Counts())
        return [Row(**_tell(call, whole))]
    return [Row(user_id=user_id, **_tell(call, sums[user_id], visits=False)) for user_id in sorted(sums)]


async def _totals(call: Call, channels: Sequence[Named], *, days: tuple[date, date]) -> list[ChannelNumbers]:
    since, until = rules.span(*days, call.corp.zone)
    ids = [channel.id for channel in channels]
    sums: dict[int, Counts] = defaultdict(Counts)
    numbers = Statistics(call.store.scope, call.principal.staff)
    for part in await numbers.count(ids, since=since, until=until):
        sums[part.channel_id] += part.counts
    for each in await visits.sums(call.store.scope, ids, since=days[0], until=days[1]):
        sums[each.channel_id] += Counts(visits=each.visits, visitors=each.visitors)
    return [ChannelNumbers(channel_id=each.id, name=each.name, **_tell(call, sums[each.id])) for each in channels]


def _tell(call: Call, counts: Counts, *, visits: bool = True) -> dict[str, Any]:
    """The counts as this caller may see them: who visited a page has no member yet."""
    shown: dict[str, Any] = asdict(counts)
    if not visits or call.principal.staff is not None:
        shown |= {"visits": None, "visitors": None}
    return shown


def _table(call: Call, name: str, rows: Sequence[Answer], first: tuple[str, ...]) -> Download:
    names = (*first, *Numbers.model_fields)
    lines = [[getattr(row, field) for field in names] for row in rows]
    return write(name, [_HEADINGS[field].tell(call.language) for field in names], lines)
