"""Windows are read on the corp's clocks, half-open, and may run past midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.slots import SHANGHAI, Window, check, covers

moments = st.integers(1_700_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
zones = st.sampled_from([SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Auckland"), ZoneInfo("UTC")])
windows = st.builds(
    Window,
    weekdays=st.frozensets(st.integers(1, 7)).map(tuple),
    start=clocks,
    end=clocks,
    since=st.none() | st.dates(date(2024, 1, 1), date(2030, 1, 1)),
    until=st.none() | st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)


def shanghai(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI).astimezone(UTC)


@given(moments, clocks, clocks, zones)
def test_a_window_and_its_complement_share_out_the_day(moment, start, end, zone):
    inside = covers(Window(start=start, end=end), moment, zone)
    outside = covers(Window(start=end, end=start), moment, zone)
    assert (inside != outside) if start != end else (inside and outside)


@given(moments, clocks, clocks, zones)
def test_a_window_on_every_single_weekday_is_a_window_on_any(moment, start, end, zone):
    days = [covers(Window(weekdays=(day,), start=start, end=end), moment, zone) for day in range(1, 8)]
    assert sum(days) == covers(Window(start=start, end=end), moment, zone)


@given(windows, moments, zones)
def test_a_window_lies_within_its_hours_its_weekdays_and_its_dates(window, moment, zone):
    hours = Window(start=window.start, end=window.end)
    parts = (
        hours,
        Window(weekdays=window.weekdays, start=window.start, end=window.end),
        Window(since=window.since, until=window.until, start=window.start, end=window.end),
    )
    assert covers(window, moment, zone) == all(covers(part, moment, zone) for part in parts)


@given(moments, zones)
def test_a_window_without_limits_is_always_open(moment, zone):
    assert covers(Window(), moment, zone)


@pytest.mark.parametrize(
    ("at", "inside"), [((9, 0, 0), True), ((8, 59, 59), False), ((17, 59, 59), True), ((18, 0, 0), False)]
)
def test_the_start_belongs_to_the_window_and_the_end_does_not(at, inside):
    window = Window(start=time(9), end=time(18))
    assert covers(window, shanghai(2026, 11, 20, *at), SHANGHAI) is inside


def test_the_end_at_midnight_is_the_end_of_the_day():
    window = Window(weekdays=(5,), start=time(18), end=time(0))
    assert covers(window, shanghai(2026, 11, 20, 23, 59, 59), SHANGHAI)  # a Friday
    assert not covers(window, shanghai(2026, 11, 21, 0, 0), SHANGHAI)


def test_the_early_morning_belongs_to_the_day_on_which_the_window_began():
    window = Window(weekdays=(5,), start=time(22), end=time(6))
    assert covers(window, shanghai(2026, 11, 20, 22, 0), SHANGHAI)  # Friday evening
    assert covers(window, shanghai(2026, 11, 21, 5, 59), SHANGHAI)  # Saturday morning
    assert not covers(window, shanghai(2026, 11, 20, 5, 59), SHANGHAI)  # Friday morning
    assert not covers(window, shanghai(2026, 11, 21, 22, 0), SHANGHAI)  # Saturday evening


def test_the_weekday_is_that_of_the_corp_not_of_greenwich():
    monday = Window(weekdays=(1,))
    early = shanghai(2026, 11, 23, 0, 30)
    assert early.isoweekday() == 7
    assert covers(monday, early, SHANGHAI)
    assert not covers(monday, early, ZoneInfo("UTC"))


def test_first_and_last_day_are_included():
    holiday = Window(since=date(2026, 10, 1), until=date(2026, 10, 7))
    open_days = [day for day in range(30) if covers(holiday, shanghai(2026, 9, 25, 12) + timedelta(days=day), SHANGHAI)]
    assert open_days == [6, 7, 8, 9, 10, 11, 12]


def test_a_night_that_began_on_the_last_day_ends_in_the_morning():
    night = Window(start=time(20), end=time(8), until=date(2026, 10, 7))
    assert covers(night, shanghai(2026, 10, 8, 7, 59), SHANGHAI)
    assert not covers(night, shanghai(2026, 10, 8, 8, 0), SHANGHAI)
    assert not covers(night, shanghai(2026, 10, 8, 20, 0), SHANGHAI)


def test_everything_wrong_with_a_window_is_told_at_once():
    wrong = Window(weekdays=(0, 8), since=date(2026, 2, 2), until=date(2026, 2, 1), start=time(9, tzinfo=UTC))
    assert {violation.field for violation in check("slots.0", wrong)} == {
        "slots.0.weekdays",
        "slots.0.until",
        "slots.0.start",
    }
    assert check("slots.0", Window(weekdays=(1, 7), start=time(22), end=time(6))) == []
