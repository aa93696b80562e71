"""A quota is pressing by its share, by the days that are left at the pace of a week, or by what WeCom calls low."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.quotas import NAMES, Level, Reading, Sample, judge

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)


def read(used, most, name="corp_tags", **more):
    return Reading(name=name, used=used, most=most, at=NOW, **more)


def ago(days, used):
    return Sample(used, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("used", "level"), [(79, Level.OK), (80, Level.WARN), (94, Level.WARN), (95, Level.CRITICAL), (101, Level.CRITICAL)]
)
def test_the_share_decides_without_a_past(used, level):
    verdict = judge(read(used, 100), [])
    assert (verdict.level, verdict.pace, verdict.runs_out) == (level, 0.0, None)


def test_the_pace_of_the_last_week_gives_the_day_on_which_it_is_used_up():
    verdict = judge(read(1_700, 10_000), [ago(30, 0), ago(7, 1_000), ago(1, 1_500)])
    assert verdict.pace == 100
    assert verdict.runs_out == NOW + timedelta(days=83)
    assert verdict.level is Level.OK


def test_less_than_two_weeks_is_a_warning_and_less_than_three_days_is_critical():
    assert judge(read(700, 2_000), [ago(7, 0)]).level is Level.WARN
    assert judge(read(700, 900), [ago(7, 0)]).level is Level.CRITICAL


def test_what_shrinks_or_hardly_grows_has_no_forecast():
    assert judge(read(5, 100), [ago(7, 50)]).runs_out is None
    assert judge(read(501, 500_000), [ago(7, 500)]).runs_out is None


def test_a_daily_quota_is_judged_by_its_share_alone():
    verdict = judge(read(90, 100, daily=True), [ago(1, 5)])
    assert (verdict.level, verdict.runs_out) == (Level.WARN, None)


@pytest.mark.parametrize(("left", "level"), [(20, Level.OK), (19, Level.WARN), (1, Level.WARN), (0, Level.CRITICAL)])
def test_links_are_pressing_by_what_is_left_since_all_that_was_ever_bought_grows(left, level):
    assert judge(read(10_000 - left, 10_000, "acquisition"), []).level is level


def test_what_has_no_known_limit_is_never_pressing():
    assert judge(read(9, None, "acquisition_links"), [ago(7, 0)]).level is Level.OK
    assert set(NAMES) >= {"acquisition", "acquisition_links", "corp_tags"}
