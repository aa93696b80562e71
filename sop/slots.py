"""Windows of time: weekdays, hours that may run past midnight, and first and last days."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sop.limits import Violation

MIDNIGHT = time(0)
SHANGHAI = ZoneInfo("Asia/Shanghai")  # a corp's zone unless it says otherwise
WEEK = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When something applies, on the corp's clocks; whatever is left out does not restrict.

    From `start` up to, not including, `end`. Where `end` is not after `start` the window runs past midnight, and
    what comes after midnight still belongs to the day on which it began: 22:00-06:00 on Fridays covers the early
    Saturday. Without hours it is the whole day.
    """

    weekdays: tuple[int, ...] = ()  # 1 is Monday, 7 is Sunday
    start: time = MIDNIGHT
    end: time = MIDNIGHT
    since: date | None = None  # the first day
    until: date | None = None  # the last day, included


def covers(window: Window, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether an aware moment lies in the window, read on the clocks of the zone."""
    local = moment.astimezone(zone)
    clock, day = local.time(), local.date()
    if window.start < window.end:
        if not window.start <= clock < window.end:
            return False
    elif clock < window.end:
        day -= timedelta(days=1)
    elif clock < window.start:
        return False
    return _includes(window, day)


def _includes(window: Window, day: date) -> bool:
    if window.weekdays and day.isoweekday() not in window.weekdays:
        return False
    if window.since and day < window.since:
        return False
    return not (window.until and day > window.until)


def check(field: str, window: Window) -> list[Violation]:
    """What is wrong with a window."""
    found = []
    if not WEEK.issuperset(window.weekdays):
        found.append(
            Violation(f"{field}.weekdays", "星期用 1（周一）到 7（周日）表示", "weekdays are 1 (Monday) to 7 (Sunday)")
        )
    if window.since and window.until and window.until < window.since:
        found.append(
            Violation(f"{field}.until", "结束日期早于开始日期", "the last day is before the first, so it never applies")
        )
    if window.start.tzinfo or window.end.tzinfo:
        found.append(
            Violation(f"{field}.start", "时间不带时区，按企业时区理解", "hours have no zone; they are the corp's")
        )
    return found
