"""Acquisition links day by day: clicks and customers as WeCom counts them, beside who we saw come and go."""

from dataclasses import astuple, fields
from datetime import date
from typing import Any

from console.acquisition import LINK
from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Download, Identity
from console.api.sheets import CSV, wanted, write
from console.api.words import Words
from console.channels.statistics import Span, read_span
from console.twins import find
from sop import statistics as rules
from sop.daycounts import day_of
from storage.daycounts import LinkCounts, OurNewcomers

routes = Routes()
_HEADINGS = (
    Words("日期", "day"),
    Words("点击客户（企业微信）", "customers who clicked (WeCom)"),
    Words("新增客户（企业微信）", "new customers (WeCom)"),
    Words("新增客户", "new customers"),
    Words("流失客户", "customers who left"),
)


class LinkVisits(Answer):
    """What WeCom counts: customers who clicked, and customers who were added."""

    clicks: int
    customers: int


class LinkNewcomers(Answer):
    """What we saw: who was added by the link, and who of all that came by it has left."""

    customers: int
    lost: int


class LinkBoth(Answer):
    """Both numbers of the same time.

    `wecom` is null where WeCom has not told of it (today, and days before ours) or the caller sees a part of the staff
    only, since it counts the link as a whole.
    """

    wecom: LinkVisits | None
    here: LinkNewcomers


class LinkDay(LinkBoth):
    """The numbers of a day."""

    day: date


class LinkDays(Answer):
    """The numbers of a link day by day, and of all days together; days are China's, as WeCom counts."""

    id: Identity
    since: date
    until: date
    rows: tuple[LinkDay, ...]
    total: LinkBoth


@routes.on(
    "GET /acquisition-links/{row}/statistics",
    Permission.READ_NUMBERS,
    "获客链接每日统计",
    "An acquisition link day by day",
    files=(CSV,),
)
async def show(call: Call, row: Identity, query: Span) -> LinkDays | Download:
    """A leader sees who came to their departments. WeCom's numbers come each morning, for as long as the link lives."""
    link = await find(call.store.links, row, LINK)
    since, until = read_span(query, day_of(call.now))
    staff, numbers = call.principal.staff, call.store.daycounts
    theirs = await numbers.link(row, since, until) if staff is None else {}
    ours = await numbers.our_link(row, since, until, staff=staff)
    days = rules.days(since, until)
    if wanted(call, query.format):
        names = [each.tell(call.language) for each in _HEADINGS]
        nothing = (None,) * len(fields(LinkCounts))
        lines = [
            [day, *(astuple(theirs[day]) if day in theirs else nothing), *astuple(ours.get(day, OurNewcomers()))]
            for day in days
        ]
        return write(f"{link.name} {since} {until}", names, lines)
    whole = LinkCounts(
        clicks=sum(one.clicks for one in theirs.values()), customers=sum(one.customers for one in theirs.values())
    )
    seen = OurNewcomers(
        customers=sum(one.customers for one in ours.values()), lost=sum(one.lost for one in ours.values())
    )
    return LinkDays(
        id=link.id,
        since=since,
        until=until,
        rows=tuple(LinkDay(day=day, **_pair(theirs.get(day), ours.get(day))) for day in days),
        total=LinkBoth(**_pair(whole if theirs else None, seen)),
    )


def _pair(theirs: LinkCounts | None, ours: OurNewcomers | None) -> dict[str, Any]:
    return {
        "wecom": None if theirs is None else LinkVisits.model_validate(theirs),
        "here": LinkNewcomers.model_validate(ours or OurNewcomers()),
    }
