"""Days are China's; the last ones are read anew, and what was never read as far back as WeCom tells."""

from datetime import UTC, date, datetime, timedelta

from sop.daycounts import LATE, PAST, GroupCounts, day_of, midnight, owed, total

NOW = datetime(2026, 5, 3, 20, 0, tzinfo=UTC)  # the fourth of May in China
TODAY = date(2026, 5, 4)


def ago(days):
    return TODAY - timedelta(days=days)


def test_a_day_begins_at_midnight_in_china():
    assert day_of(NOW) == TODAY
    assert midnight(TODAY) == datetime(2026, 5, 3, 16, tzinfo=UTC)
    assert day_of(midnight(TODAY)) == TODAY
    assert day_of(midnight(TODAY) - timedelta(seconds=1)) == ago(1)


def test_the_last_days_are_read_anew_and_today_is_not_over():
    assert owed(ago(1), NOW) == (ago(LATE), ago(1))
    assert owed(ago(9), NOW) == (ago(8 + LATE), ago(1))


def test_what_was_never_read_is_read_as_far_back_as_wecom_tells_and_no_farther():
    assert owed(None, NOW) == (ago(PAST), ago(1))
    assert owed(ago(300), NOW) == (ago(PAST), ago(1))
    assert owed(None, NOW, began=ago(400)) == (ago(PAST), ago(1))
    assert owed(None, NOW, began=ago(100)) == (ago(100), ago(1))
    assert owed(None, NOW, began=TODAY) == (ago(30), ago(1))


def test_what_is_new_is_added_up_and_the_rest_is_as_on_the_last_day():
    first = GroupCounts(new_groups=1, groups=5, new_members=3, members=50, messages=9)
    last = GroupCounts(new_groups=2, groups=7, new_members=4, members=54, messages=2)
    together = GroupCounts(new_groups=3, groups=7, new_members=7, members=54, messages=2)
    assert total({ago(1): last, ago(2): first}) == together
    assert total({}) is None
