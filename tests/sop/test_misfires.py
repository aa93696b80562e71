"""What was missed while nobody was there: made up for if not too late, else left out with the reason."""

from datetime import UTC, datetime, timedelta

from sop.reasons import REASONS, Skip
from sop.schedules import MISSED, OVERTAKEN, Cron, Fire, Misfire, Once, between, catch_up, judge, next_after

HOUR = timedelta(hours=1)
DUE = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
DAILY = Cron(expression="0 9 * * *", zone="Asia/Shanghai")


def test_a_one_off_that_was_missed_while_the_service_was_down_is_still_fired():
    due = next_after(Once(at=DUE), DUE - HOUR)  # as stored in a row before the pause
    assert judge(Misfire(late=6 * HOUR), due, DUE + 5 * HOUR) == Fire(DUE, 5 * HOUR)


def test_what_is_later_than_allowed_is_left_out_and_says_why():
    assert judge(Misfire(late=6 * HOUR), DUE, DUE + 6 * HOUR) == Fire(DUE, 6 * HOUR)
    assert judge(Misfire(late=6 * HOUR), DUE, DUE + 6.1 * HOUR) == Skip(MISSED)
    assert REASONS[MISSED].zh


def test_without_a_limit_nothing_is_too_late():
    assert judge(Misfire(late=None), DUE, DUE + 1000 * HOUR) == Fire(DUE, 1000 * HOUR)


def test_a_clock_that_is_a_little_ahead_makes_no_negative_lateness():
    assert judge(Misfire(), DUE, DUE - HOUR) == Fire(DUE, timedelta(0))


def test_of_several_turns_that_were_missed_the_latest_alone_is_made_up_for():
    now = DUE + timedelta(days=3, hours=2)
    missed = between(DAILY, DUE - HOUR, now)
    found = catch_up(Misfire(late=6 * HOUR), missed, now)
    assert found.fire == Fire(DUE + timedelta(days=3), 2 * HOUR)
    assert found.skipped == tuple((DUE + timedelta(days=day), Skip(OVERTAKEN)) for day in range(3))


def test_where_even_the_latest_is_too_late_all_of_them_say_so():
    now = DUE + timedelta(days=1, hours=8)
    found = catch_up(Misfire(late=6 * HOUR), between(DAILY, DUE - HOUR, now), now)
    assert found.fire is None
    assert {skip for _, skip in found.skipped} == {Skip(MISSED)}
    assert len(found.skipped) == 2


def test_nothing_missed_is_nothing_to_do():
    assert catch_up(Misfire(), [], DUE) == catch_up(Misfire(), iter(()), DUE)
    assert catch_up(Misfire(), [], DUE).fire is None
