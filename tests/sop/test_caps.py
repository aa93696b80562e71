"""Caps over consecutive days, and the quota of the platform."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.policy.caps import Cap, Quota, allowance, check, fits, room

MONDAY = date(2026, 9, 28)
LATER = MONDAY + timedelta(days=60)


def days(*numbers: int) -> list[date]:
    return [MONDAY + timedelta(days=number) for number in numbers]


def test_a_cap_of_zero_is_no_cap():
    assert room(Cap(count=0), days(0, 0, 0), MONDAY, until=MONDAY) == MONDAY


def test_the_first_day_with_room_is_told():
    three = Cap(count=3, days=7)
    assert room(three, days(-6, -1), MONDAY, until=LATER) == MONDAY
    assert room(three, days(-6, -1, 0), MONDAY, until=LATER) == MONDAY + timedelta(days=1)
    assert room(three, days(-1, 0, 0), MONDAY, until=LATER) == MONDAY + timedelta(days=6)
    assert room(three, days(-1, 0, 0), MONDAY, until=MONDAY) is None


def test_what_lies_ahead_counts_as_well():
    assert not fits(days(1, 2), MONDAY, count=2, span=3)
    assert fits(days(1, 3), MONDAY, count=2, span=3)
    assert fits(days(-2, 2), MONDAY, count=2, span=3)
    assert not fits(days(-1, 1), MONDAY, count=2, span=3)


@pytest.mark.parametrize(
    ("day", "most"),
    [(date(2026, 2, 10), 28), (date(2028, 2, 10), 29), (date(2026, 4, 10), 30), (date(2026, 12, 31), 31)],
)
def test_a_month_allows_as_many_as_it_has_days(day, most):
    quota = Quota()
    assert quota.allowed(day) == most
    received = [day] * (most - 1)
    assert allowance(quota, received, day, until=day) == day
    assert allowance(quota, [*received, day], day, until=day) is None


def test_a_full_month_waits_for_the_next_one():
    february = [date(2026, 2, 1)] * 28
    assert allowance(Quota(), february, date(2026, 2, 20), until=date(2026, 3, 5)) == date(2026, 3, 1)
    assert allowance(Quota(), february, date(2026, 2, 10), until=date(2026, 2, 24)) is None


def test_a_week_allows_seven_wherever_it_begins():
    quota = Quota(per="week")
    assert allowance(quota, days(-1, -1, -1, 0, 0, 0), MONDAY, until=MONDAY) == MONDAY
    assert allowance(quota, days(-1, -1, -1, 0, 0, 0, 0), MONDAY, until=LATER) == MONDAY + timedelta(days=6)


def test_a_day_allows_one():
    assert allowance(Quota(per="day"), days(0), MONDAY, until=LATER) == MONDAY + timedelta(days=1)
    assert allowance(Quota(per="none"), days(0) * 99, MONDAY, until=MONDAY) == MONDAY


def test_some_of_the_quota_can_be_left_to_the_members():
    assert Quota(reserve=10).allowed(date(2026, 2, 1)) == 18
    assert Quota(most=4).allowed(date(2026, 2, 1)) == 4
    assert Quota(per="day", reserve=1).allowed(MONDAY) == 0
    assert allowance(Quota(per="day", reserve=1), [], MONDAY, until=LATER) is None


def test_what_is_wrong_with_a_cap_is_told_by_field():
    assert [each.field for each in check("cap", Cap(count=-1, days=0))] == ["cap.count", "cap.days"]
    assert check("cap", Cap()) == []


@given(
    offsets=st.lists(st.integers(-20, 20), max_size=25),
    count=st.integers(1, 5),
    span=st.integers(1, 10),
)
def test_a_cap_holds_in_every_span_whatever_the_order_of_asking(offsets, count, span):
    taken: list[date] = []
    for day in days(*offsets):
        if fits(taken, day, count=count, span=span):
            taken.append(day)
        else:
            assert _fullest([*taken, day], span) > count, "refused though there was room"
        assert _fullest(taken, span) <= count


def _fullest(taken: list[date], span: int) -> int:
    """The most that any consecutive days hold, counted the plain way."""
    starts = {day - timedelta(days=back) for day in taken for back in range(span)}
    return max((sum(0 <= (day - start).days < span for day in taken) for start in starts), default=0)
