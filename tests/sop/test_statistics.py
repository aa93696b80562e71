from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop.statistics import Counts, by_day, days, span


def quarter(*moment: int, zone: str) -> int:
    return int(datetime(*moment, tzinfo=ZoneInfo(zone)).timestamp() // 900)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
def test_a_quarter_belongs_to_the_day_of_the_zone(zone):
    quarters = [
        (quarter(2026, 3, 8, 0, 0, zone=zone), Counts(adds=1)),
        (quarter(2026, 3, 8, 23, 45, zone=zone), Counts(adds=2, half_adds=1)),
        (quarter(2026, 3, 9, 0, 0, zone=zone), Counts(adds=4)),
    ]
    assert by_day(quarters, ZoneInfo(zone)) == {
        date(2026, 3, 8): Counts(adds=3, half_adds=1),
        date(2026, 3, 9): Counts(adds=4),
    }


def test_a_day_may_be_shorter_than_others():
    since, until = span(date(2026, 3, 8), date(2026, 3, 8), ZoneInfo("America/New_York"))
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(hours=23)


def test_days_include_both_ends():
    assert days(date(2026, 2, 27), date(2026, 3, 1)) == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))
