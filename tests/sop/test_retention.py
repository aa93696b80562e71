"""How long people stay, day by day, by the corp's clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sop.groups import retention
from sop.groups.retention import Day

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2025, 10, 9)


def at(hours):
    """So many hours after the midnight of that day in Shanghai."""
    return datetime(2025, 10, 8, 16, tzinfo=UTC) + timedelta(hours=hours)


def count(spans, now, days=1):
    return retention.count(spans, since=DAY, until=DAY + timedelta(days=days - 1), now=at(now), zone=ZONE)


def test_joins_and_leaves_are_counted_on_their_day():
    spans = [(at(0), None), (at(23), at(25)), (at(-1), at(1)), (at(24), None)]
    first, second = count(spans, 47, days=2)
    assert (first.joined, first.left) == (2, 1)
    assert (second.joined, second.left) == (1, 1)


def test_those_who_stayed_are_counted_once_all_could_have():
    spans = [(at(1), None), (at(23), at(23 + 23)), (at(2), at(2 + 30)), (at(3), at(3 + 24 * 8))]
    assert count(spans, 47)[0].kept == (None,) * 4
    assert count(spans, 48)[0].kept == (3, None, None, None)
    assert count(spans, 24 * 8 + 1)[0].kept == (3, 2, 2, None)
    assert count(spans, 24 * 40)[0].kept == (3, 2, 2, 1)


def test_a_day_on_which_nobody_came_is_there_as_well():
    assert count([], 24 * 40) == (Day(day=DAY, kept=(0, 0, 0, 0)),)
