"""Who is on duty: weekdays, hours, dates that override weeks, and what members say of themselves."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.channels.duty import Presence, Shift, check, next_change, on_duty
from sop.slots import SHANGHAI

EARLY = Shift(weekdays=(1, 2, 3, 4, 5), start=time(9), end=time(14), staff=("a", "b"))
LATE = Shift(weekdays=(1, 2, 3, 4, 5), start=time(14), end=time(22), staff=("c",))
NIGHT = Shift(weekdays=(5,), start=time(22), end=time(6), staff=("d",))
HOLIDAY = Shift(since=date(2026, 10, 1), until=date(2026, 10, 7), closed=True)
SPECIAL = Shift(since=date(2026, 10, 3), until=date(2026, 10, 3), start=time(10), end=time(12), staff=("e",))
ROTA = (EARLY, LATE, NIGHT, HOLIDAY, SPECIAL)


def at(*when: int) -> datetime:
    return datetime(2026, *when, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "crew"),
    [
        (at(9, 25, 8, 59), set()),
        (at(9, 25, 9), {"a", "b"}),
        (at(9, 25, 14), {"c"}),
        (at(9, 25, 23), {"d"}),
        (at(9, 26, 5, 59), {"d"}),  # a Saturday: the night belongs to Friday
        (at(9, 26, 6), set()),
        (at(10, 1, 10), set()),  # a Thursday in the holidays
        (at(10, 2, 23), set()),  # a Friday in the holidays
        (at(10, 3, 10), {"e"}),  # the one day is narrower than the week
        (at(10, 3, 12), set()),
        (at(10, 8, 9), {"a", "b"}),
    ],
)
def test_dates_override_weekdays_and_nights_belong_to_the_day_before(moment, crew):
    assert on_duty(ROTA, moment, SHANGHAI) == crew


def test_a_night_before_a_holiday_ends_in_the_morning():
    friday = Shift(start=time(22), end=time(6), staff=("d",))
    assert on_duty((friday, HOLIDAY), at(10, 1, 3), SHANGHAI) == {"d"}
    assert on_duty((friday, HOLIDAY), at(10, 1, 23), SHANGHAI) == frozenset()


def test_without_a_rota_and_in_a_shift_without_names_everyone_is_on_duty():
    assert on_duty((), at(9, 25, 3), SHANGHAI) is None
    assert on_duty((Shift(start=time(9), end=time(18)), EARLY), at(9, 25, 9), SHANGHAI) is None
    assert on_duty((Shift(start=time(9), end=time(18)),), at(9, 25, 8), SHANGHAI) == frozenset()


def test_a_lunch_break_is_closed():
    day = Shift(start=time(9), end=time(18), staff=("a",))
    lunch = Shift(start=time(12), end=time(13), closed=True)
    assert [on_duty((day, lunch), at(9, 25, hour), SHANGHAI) for hour in (11, 12, 13)] == [{"a"}, frozenset(), {"a"}]


def test_the_next_change_skips_edges_at_which_nothing_changes():
    def state(moment):
        return on_duty(ROTA, moment, SHANGHAI)

    assert next_change(ROTA, state, at(9, 25, 9), SHANGHAI) == at(9, 25, 14)
    assert next_change(ROTA, state, at(9, 26, 6), SHANGHAI) == at(9, 28, 9), "the weekend is one stretch"
    assert next_change(ROTA, state, at(9, 30, 22), SHANGHAI) == at(10, 3, 10), "and so are the holidays"


def test_what_never_changes_has_no_next_change_and_far_dates_are_looked_at_later():
    always = (Shift(staff=("a",)),)
    assert next_change(always, lambda moment: on_duty(always, moment, SHANGHAI), at(9, 25, 9), SHANGHAI) is None
    far = (*always, Shift(since=date(2026, 12, 24), closed=True))
    look = next_change(far, lambda moment: on_duty(far, moment, SHANGHAI), at(9, 25, 9), SHANGHAI)
    assert look is not None
    assert look < at(12, 24)


shifts = st.builds(
    Shift,
    weekdays=st.frozensets(st.integers(1, 7)).map(tuple),
    start=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    end=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    since=st.none() | st.dates(date(2026, 9, 20), date(2026, 10, 5)),
    until=st.none() | st.dates(date(2026, 9, 20), date(2026, 10, 5)),
    staff=st.sampled_from([(), ("a",), ("a", "b")]),
    closed=st.booleans(),
)


@given(
    st.lists(shifts, max_size=5),
    st.integers(1_789_833_600, 1_791_129_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from([SHANGHAI, ZoneInfo("America/New_York")]),
)
def test_nothing_changes_before_the_next_change(rota, moment, zone):
    def state(when):
        return on_duty(rota, when, zone)

    change = next_change(rota, state, moment, zone)
    until = change or moment + timedelta(days=7)
    step = (until - moment) / 23
    assert all(state(moment + step * number) == state(moment) for number in range(23))


def test_who_is_off_duty_is_off_until_then_or_until_they_say_otherwise():
    assert Presence(user_id="a", on=False).off(at(9, 25, 9))
    assert not Presence(user_id="a", on=True).off(at(9, 25, 9))
    leave = Presence(user_id="a", on=False, until=at(9, 26, 0))
    assert leave.off(at(9, 25, 9))
    assert not leave.off(at(9, 26, 0))


def test_what_is_wrong_with_a_rota_is_told():
    rota = (Shift(staff=("a", "x")), Shift(closed=True, staff=("a",)), Shift(weekdays=(8,)))
    assert [each.field for each in check(rota, known=frozenset({"a"}))] == [
        "rota.0.staff", "rota.1.staff", "rota.2.weekdays",
    ]  # fmt: skip
    assert check((Shift(staff=("x",)),), known=None) == []
