"""Schedules fire when the clocks on the wall say so, in every zone, once."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.schedules import (
    CUSTOMER,
    Cron,
    Dated,
    Once,
    between,
    instant,
    next_after,
    origins,
    waves,
)

SHANGHAI, BERLIN, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = [SHANGHAI, BERLIN, NEW_YORK, *map(ZoneInfo, ("Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia", "UTC"))]
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def cron(expression: str, zone: str = "Asia/Shanghai") -> Cron:
    return Cron(expression=expression, zone=zone)


def some(schedule, start: str, *, number: int = 3, **about) -> list[str]:
    """The next moments as the clocks of the schedule show them."""
    zone = ZoneInfo(schedule.zone or "Asia/Shanghai")
    moments = islice(between(schedule, at(start), at("2100-01-01T00:00:00Z"), **about), number)
    return [f"{moment.astimezone(zone):%Y-%m-%d %H:%M %a}" for moment in moments]


def test_monday_at_seven_in_shanghai_is_monday_although_it_is_sunday_in_utc():
    moments = some(cron("0 7 * * 1"), "2026-05-01T00:00:00Z")
    assert moments == ["2026-05-04 07:00 Mon", "2026-05-11 07:00 Mon", "2026-05-18 07:00 Mon"]
    assert next_after(cron("0 7 * * MON"), at("2026-05-01T00:00:00Z")) == at("2026-05-03T23:00:00Z")


@pytest.mark.parametrize("sunday", ["0", "7", "SUN"])
def test_sunday_has_three_spellings(sunday):
    assert some(cron(f"0 9 * * {sunday}"), "2026-05-01T00:00:00Z", number=1) == ["2026-05-03 09:00 Sun"]


def test_a_moment_that_has_come_is_not_the_next_one():
    first = next_after(cron("0 9 * * *"), at("2026-05-01T00:59:59Z"))
    assert first == at("2026-05-01T01:00:00Z")
    assert next_after(cron("0 9 * * *"), first) == first + DAY


def test_between_leaves_out_its_start_and_has_its_end():
    moments = list(between(cron("0 9 * * *"), at("2026-05-01T01:00:00Z"), at("2026-05-03T01:00:00Z")))
    assert moments == [at("2026-05-02T01:00:00Z"), at("2026-05-03T01:00:00Z")]


def test_the_offset_is_that_of_the_day_it_falls_on():
    winter = at("2026-03-01T12:00:00Z")
    assert next_after(Once(at=at("2026-07-01T09:00"), zone="Europe/Berlin"), winter) == at("2026-07-01T07:00:00Z")
    dated = Dated(field="renewal", at=time(9), zone="Europe/Berlin")
    assert next_after(dated, winter, day=date(2026, 7, 1)) == at("2026-07-01T07:00:00Z")
    assert some(cron("0 9 * * *", "Europe/Berlin"), "2026-03-28T00:00:00Z", number=2) == [
        "2026-03-28 09:00 Sat",
        "2026-03-29 09:00 Sun",
    ]


def test_a_time_that_the_clocks_leave_out_fires_once_right_after_the_gap():
    assert some(cron("30 2 * * *", "Europe/Berlin"), "2026-03-28T12:00:00Z") == [
        "2026-03-29 03:00 Sun",
        "2026-03-30 02:30 Mon",
        "2026-03-31 02:30 Tue",
    ]
    once = Once(at=at("2026-03-29T02:30"), zone="Europe/Berlin")
    assert some(once, "2026-03-01T00:00:00Z") == ["2026-03-29 03:00 Sun"]


def test_two_times_in_one_gap_are_one_moment():
    assert some(cron("15,45 2 * * *", "Europe/Berlin"), "2026-03-28T12:00:00Z", number=2) == [
        "2026-03-29 03:00 Sun",
        "2026-03-30 02:15 Mon",
    ]


@pytest.mark.parametrize("start", ["2026-10-24T12:00:00Z", "2026-10-25T00:10:00Z"])
def test_a_time_that_the_clocks_show_twice_fires_once_at_the_first(start):
    daily = cron("30 2 * * *", "Europe/Berlin")
    found = list(between(daily, at(start), at("2026-10-26T12:00:00Z")))
    assert found == [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]


def test_a_date_and_a_single_moment_mean_the_first_of_two_equal_hours_too():
    once = Once(at=at("2026-10-25T02:30"), zone="Europe/Berlin")
    assert next_after(once, at("2026-10-01T00:00:00Z")) == at("2026-10-25T00:30:00Z")
    dated = Dated(field="renewal", at=time(2, 30), zone="Europe/Berlin")
    assert next_after(dated, at("2026-10-01T00:00:00Z"), day=date(2026, 10, 25)) == at("2026-10-25T00:30:00Z")


def test_whoever_looks_in_the_second_of_two_equal_hours_has_the_next_day_before_them():
    daily = cron("30 2 * * *", "Europe/Berlin")
    assert next_after(daily, at("2026-10-25T01:10:00Z")) == at("2026-10-26T01:30:00Z")


def test_what_runs_every_hour_runs_in_both_of_two_equal_hours():
    found = list(between(cron("0 * * * *", "Europe/Berlin"), at("2026-10-24T23:30:00Z"), at("2026-10-25T02:30:00Z")))
    assert [moment.hour for moment in found] == [0, 1, 2]


def test_a_skipped_day_is_made_up_for_when_the_next_one_begins():
    assert instant(at("2011-12-30T09:00"), ZoneInfo("Pacific/Apia")) == at("2011-12-30T10:00:00Z")


def test_the_same_time_on_the_wall_of_each_customer_goes_round_the_world():
    morning = Once(at=at("2026-07-01T09:00"), zone=CUSTOMER)
    found = waves(morning, at("2026-06-01T00:00:00Z"), [NEW_YORK, SHANGHAI, BERLIN, ZoneInfo("Asia/Singapore")])
    assert list(found) == [at("2026-07-01T01:00:00Z"), at("2026-07-01T07:00:00Z"), at("2026-07-01T13:00:00Z")]
    assert found[at("2026-07-01T01:00:00Z")] == {SHANGHAI, ZoneInfo("Asia/Singapore")}


def test_a_moment_with_an_offset_is_the_same_everywhere():
    once = Once(at=at("2026-05-01T09:00:00+08:00"))
    assert next_after(once, at("2026-04-01T00:00:00Z"), zone=NEW_YORK) == at("2026-05-01T01:00:00Z")
    assert next_after(once, at("2026-05-01T01:00:00Z")) is None


def test_a_birthday_comes_each_year_and_its_eve_before_it():
    eve = Dated(field="birthday", offset=-1, at=time(20), every="year")
    assert some(eve, "2026-04-30T12:00:00Z", day=date(1990, 5, 2), number=2) == [
        "2026-05-01 20:00 Fri",
        "2027-05-01 20:00 Sat",
    ]


def test_a_birthday_on_new_years_day_has_its_eve_in_the_year_before():
    eve = Dated(field="birthday", offset=-3, at=time(9), every="year")
    assert some(eve, "2026-12-01T00:00:00Z", day=date(1990, 1, 1), number=1) == ["2026-12-29 09:00 Tue"]


@pytest.mark.parametrize(("leap", "common"), [("feb28", "2027-02-28 09:00 Sun"), ("mar1", "2027-03-01 09:00 Mon")])
def test_the_29th_of_february_is_celebrated_in_common_years_as_declared(leap, common):
    birthday = Dated(field="birthday", at=time(9), every="year", leap=leap)
    assert some(birthday, "2027-01-01T00:00:00Z", day=date(2000, 2, 29), number=2) == [common, "2028-02-29 09:00 Tue"]


def test_a_month_that_is_too_short_has_its_turn_on_its_last_day():
    monthly = Dated(field="renewal", at=time(9), every="month")
    assert some(monthly, "2026-01-01T00:00:00Z", day=date(2026, 1, 31), number=4) == [
        "2026-01-31 09:00 Sat",
        "2026-02-28 09:00 Sat",
        "2026-03-31 09:00 Tue",
        "2026-04-30 09:00 Thu",
    ]


def test_the_last_day_of_the_month_has_a_letter():
    assert some(cron("0 9 L * *"), "2026-01-01T00:00:00Z")[:2] == ["2026-01-31 09:00 Sat", "2026-02-28 09:00 Sat"]
    assert some(cron("0 9 31 * *"), "2026-02-01T00:00:00Z")[:1] == ["2026-03-31 09:00 Tue"]


def test_the_day_of_the_add_is_no_anniversary():
    anniversary = Dated(field="added_at", at=time(9), every="year", first=1)
    added = at("2026-05-01T20:00:00Z")  # the second in Shanghai
    assert some(anniversary, "2026-05-01T20:00:00Z", day=added, number=1) == ["2027-05-02 09:00 Sun"]


def test_a_date_without_repetition_comes_once():
    weeks = Dated(field="added_at", offset=14, at=time(10))
    assert some(weeks, "2026-05-01T00:00:00Z", day=date(2026, 5, 1)) == ["2026-05-15 10:00 Fri"]
    assert next_after(weeks, at("2026-05-15T02:00:00Z"), day=date(2026, 5, 1)) is None


def test_who_has_no_date_never_has_their_turn():
    assert next_after(Dated(field="birthday", at=time(9), every="year"), at("2026-05-01T00:00:00Z")) is None


@pytest.mark.parametrize("every", ["", "month", "year"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_dates_at_the_ends_of_time_are_no_accident(every, day):
    schedule = Dated(field="renewal", offset=3000, at=time(9), every=every)
    far = next_after(schedule, at("2026-05-01T00:00:00Z"), day=day)
    assert (far is not None) == (every != "" and day == date.min)
    assert list(between(schedule, at("2990-01-01T00:00:00Z"), at("9999-01-01T00:00:00Z"), day=date.max)) == []


CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
STARTS = st.datetimes(at("2011-01-01"), at("2035-01-01")).map(lambda start: start.replace(tzinfo=UTC))


@given(CLOCKS, STARTS, st.sampled_from(ZONES))
def test_what_is_daily_fires_once_for_each_day_on_the_wall(clock, start, zone):
    daily = Cron(expression=f"{clock.minute} {clock.hour} * * *", zone=zone.key)
    first = start.astimezone(zone).date()
    days = [instant(datetime.combine(first + number * DAY, clock), zone) for number in range(-2, 12)]
    end = start + 8 * DAY
    assert list(between(daily, start, end)) == sorted({day for day in days if start < day <= end})


DATEDS = st.builds(
    Dated,
    field=st.just("day"),
    offset=st.integers(-40, 40),
    at=CLOCKS,
    every=st.sampled_from(["", "month", "year"]),
    first=st.integers(0, 3),
    leap=st.sampled_from(["feb28", "mar1"]),
)
EDGES = st.sampled_from([date(2000, 2, 29), date(2023, 1, 31), date(2024, 2, 29), date(2023, 3, 1), date(2024, 12, 31)])


@settings(max_examples=400)
@given(
    DATEDS,
    EDGES | st.dates(date(1990, 1, 1), date(2026, 1, 1)),
    st.dates(date(2022, 1, 1), date(2026, 6, 1)),
    st.data(),
)
def test_a_database_finds_the_same_dates_as_each_date_its_days(schedule, origin, since, data):
    if not schedule.every:
        schedule = Dated(field="day", offset=schedule.offset, at=schedule.at)
    turn = next_after(schedule, datetime.combine(since, time.min, SHANGHAI), day=origin)
    near = turn.astimezone(SHANGHAI).date() if turn else origin + timedelta(days=schedule.offset)
    day = near + data.draw(st.sampled_from([0, 0, 1, -1])) * DAY
    start = datetime.combine(day, time.min, SHANGHAI) - timedelta(seconds=1)
    turn = next_after(schedule, start, day=origin)
    meant = origins(schedule, day)
    found = origin.isoformat().endswith(meant.endings) and origin <= meant.until
    assert found == (turn is not None and turn.astimezone(SHANGHAI).date() == day)


@pytest.mark.parametrize(("leap", "day"), [("feb28", date(2027, 2, 28)), ("mar1", date(2027, 3, 1))])
def test_a_database_finds_the_29th_of_february_in_common_years(leap, day):
    birthday = Dated(field="birthday", at=time(9), every="year", leap=leap)
    assert origins(birthday, day).endings == (f"{day:%m-%d}", "02-29")
    assert origins(birthday, date(2028, 2, 29)).endings == ("02-29",)


def test_a_database_leaves_out_those_whose_first_time_has_not_come():
    anniversary = Dated(field="added_at", at=time(9), every="year", first=2)
    assert origins(anniversary, date(2026, 5, 4)).until == date(2024, 12, 31)


def test_a_database_finds_the_long_months_on_the_last_day_of_a_short_one():
    monthly = Dated(field="renewal", at=time(9), every="month", first=1)
    assert origins(monthly, date(2026, 2, 28)).endings == ("28", "29", "30", "31")
    assert origins(monthly, date(2026, 2, 27)).endings == ("27",)
    assert origins(monthly, date(2026, 1, 31)).until == date(2025, 12, 31)


@given(DATEDS, st.dates(date(1990, 1, 1), date(2026, 1, 1)), STARTS)
def test_moments_come_in_order_and_each_is_the_next_after_the_one_before(schedule, origin, start):
    moments = list(islice(between(schedule, start, start + 800 * DAY, day=origin), 5))
    assert moments == sorted(set(moments))
    for moment in moments:
        assert next_after(schedule, start, day=origin) == moment
        start = moment
