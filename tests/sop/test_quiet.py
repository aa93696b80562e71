"""Quiet hours: overnight, by weekday, by day of rest or work, in any zone, and when they are over."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.policy.holidays import Days, Holiday, known, of_year
from sop.policy.quiet import Quiet, QuietWindow, check, closed, opens
from sop.slots import SHANGHAI

NEW_YORK = ZoneInfo("America/New_York")
NIGHT = Quiet(windows=(QuietWindow(start=time(22), end=time(8)),))
REST = Quiet(windows=(QuietWindow(on="rest"),))
ZONES = [SHANGHAI, NEW_YORK, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Beirut")]


def at(*when: int, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (at(2026, 9, 24, 21, 59, 59), False),
        (at(2026, 9, 24, 22), True),
        (at(2026, 9, 25), True),
        (at(2026, 9, 25, 7, 59, 59), True),
        (at(2026, 9, 25, 8), False),  # half-open: at eight it is over
        (at(2026, 9, 25, 12), False),
    ],
)
def test_an_overnight_window_is_not_inverted(moment, quiet):
    assert closed(NIGHT, moment, SHANGHAI) is quiet


def test_what_falls_into_the_night_waits_for_the_morning():
    assert opens(NIGHT, at(2026, 9, 24, 23, 30), SHANGHAI, 14) == at(2026, 9, 25, 8)
    assert opens(NIGHT, at(2026, 9, 25, 3), SHANGHAI, 14) == at(2026, 9, 25, 8)
    assert opens(NIGHT, at(2026, 9, 25, 8), SHANGHAI, 14) == at(2026, 9, 25, 8)


def test_a_monday_morning_in_shanghai_is_a_monday_though_it_is_sunday_in_greenwich():
    mondays = Quiet(windows=(QuietWindow(weekdays=(1,)),))
    early = at(2026, 9, 28, 7)
    assert early.isoweekday() == 7
    assert closed(mondays, early, SHANGHAI)
    assert opens(mondays, early, SHANGHAI, 14) == at(2026, 9, 29)
    assert not closed(mondays, at(2026, 9, 29, 7), SHANGHAI)


def test_the_night_of_a_friday_reaches_into_saturday():
    fridays = Quiet(windows=(QuietWindow(weekdays=(5,), start=time(22), end=time(8)),))
    assert closed(fridays, at(2026, 9, 26, 7), SHANGHAI)
    assert not closed(fridays, at(2026, 9, 25, 7), SHANGHAI)


def test_the_morning_has_the_offset_of_its_own_day():
    # on 1 November 2026 New York goes from -4 to -5: the evening before, eight o'clock is thirteen hours UTC away
    assert opens(NIGHT, at(2026, 10, 31, 23, zone=NEW_YORK), NEW_YORK, 14) == datetime(2026, 11, 1, 13, tzinfo=UTC)
    assert opens(NIGHT, at(2026, 3, 7, 23, zone=NEW_YORK), NEW_YORK, 14) == datetime(2026, 3, 8, 12, tzinfo=UTC)


def test_hours_that_the_clocks_leave_out_are_over_when_they_jump():
    early = Quiet(windows=(QuietWindow(start=time(22), end=time(2, 30)),))
    assert opens(early, at(2026, 3, 8, 1, zone=NEW_YORK), NEW_YORK, 14) == at(2026, 3, 8, 3, zone=NEW_YORK)


def test_hours_that_the_clocks_show_twice_are_quiet_twice():
    early = Quiet(windows=(QuietWindow(start=time(22), end=time(1, 30)),))
    again = at(2026, 11, 1, 1, 10, zone=NEW_YORK, fold=1)
    assert closed(early, again, NEW_YORK)
    assert opens(early, again, NEW_YORK, 14) == at(2026, 11, 1, 1, 30, zone=NEW_YORK, fold=1)


@pytest.mark.parametrize(
    ("day", "quiet"),
    [
        (date(2026, 2, 14), False),  # a Saturday on which people work for the Spring Festival
        (date(2026, 2, 17), True),  # a Tuesday in it
        (date(2026, 2, 28), False),  # a Saturday, made up for it too
        (date(2026, 9, 20), False),  # a Sunday before the National Day
        (date(2026, 9, 25), True),  # a Friday: Mid-autumn
        (date(2026, 10, 8), False),
        (date(2026, 10, 10), False),  # a Saturday
        (date(2026, 10, 11), True),  # a plain Sunday
    ],
)
def test_days_of_rest_are_those_of_china_in_2026(day, quiet):
    assert closed(REST, at(day.year, day.month, day.day, 12), SHANGHAI) is quiet


def test_a_week_of_holidays_is_waited_out():
    assert opens(REST, at(2026, 10, 1, 9), SHANGHAI, 14) == at(2026, 10, 8)
    assert opens(REST, at(2026, 10, 1, 9), SHANGHAI, 5) is None


def test_days_of_work_and_of_rest_can_have_hours_of_their_own():
    quiet = Quiet(
        windows=(
            QuietWindow(on="work", start=time(21), end=time(8)),
            QuietWindow(on="rest", start=time(20), end=time(10)),
        )
    )
    assert closed(quiet, at(2026, 9, 27, 20, 30), SHANGHAI)  # a Sunday
    assert closed(quiet, at(2026, 9, 28, 9), SHANGHAI)  # the morning after it, on a Monday
    assert not closed(quiet, at(2026, 9, 28, 20, 30), SHANGHAI)
    assert not closed(quiet, at(2026, 9, 29, 9), SHANGHAI)


def test_in_an_unknown_year_plain_weekends_count():
    assert known(2026)
    assert not known(2100)
    assert of_year(2100) == ()
    assert Days().rests(date(2100, 1, 2))  # a Saturday
    assert not Days().rests(date(2100, 1, 1))  # a Friday, though New Year's Day


def test_named_days_override_the_calendar():
    days = Days(rest=(date(2100, 1, 1),), work=(date(2100, 1, 2),))
    assert days.rests(date(2100, 1, 1))
    assert not days.rests(date(2100, 1, 2))


def test_plain_weekends_can_be_chosen():
    days = Days(calendar="weekends")
    assert days.rests(date(2026, 2, 14))
    assert not days.rests(date(2026, 2, 17))


def test_a_year_tells_its_holidays_and_the_working_days_that_make_up_for_them():
    found = of_year(2026)
    assert Holiday(day=date(2026, 2, 17), rest=True, zh="春节", en="Spring Festival") in found
    assert Holiday(day=date(2026, 10, 10), rest=False, zh="国庆节", en="National Day") in found
    assert len(found) == 39


def test_what_is_wrong_with_quiet_hours_is_told_by_field():
    wrong = Quiet(windows=(QuietWindow(weekdays=(8,)),), days=Days(rest=(date(2026, 5, 1),), work=(date(2026, 5, 1),)))
    assert [each.field for each in check("quiet", wrong)] == ["quiet.windows.0.weekdays", "quiet.days.work"]
    assert check("quiet", NIGHT) == []


CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, fold=0))
WINDOWS = st.builds(
    QuietWindow,
    weekdays=st.lists(st.integers(1, 7), max_size=3).map(tuple),
    start=CLOCKS,
    end=CLOCKS,
    on=st.sampled_from(["all", "work", "rest"]),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 3, 1)).map(  # noqa: DTZ001 - given its zone here
    lambda moment: moment.replace(tzinfo=UTC, second=0, microsecond=0)
)


@settings(deadline=None)
@given(windows=st.lists(WINDOWS, max_size=3).map(tuple), moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_the_first_open_moment_is_open_and_none_before_it_is(windows, moment, zone):
    quiet = Quiet(windows=windows)
    found = opens(quiet, moment, zone, 7)
    if found is not None:
        assert found >= moment
        assert not closed(quiet, found, zone)
    minutes = range(int(((found or moment + timedelta(days=7)) - moment).total_seconds()) // 60)
    step = max(len(minutes) // 400, 1)
    looked = {*minutes[::step], *minutes[-90:]}
    assert all(closed(quiet, moment + timedelta(minutes=minute), zone) for minute in looked)
