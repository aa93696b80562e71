"""Windows of time: weekdays, hours that may run past midnight, and first and last days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
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
    return day_of(window, moment, zone) is not None


def day_of(window: Window, moment: datetime, zone: ZoneInfo) -> date | None:
    """The day on which the window that is open at an aware moment began; None while it is closed."""
    local = moment.astimezone(zone)
    clock, day = local.time(), local.date()
    if window.start < window.end:
        if not window.start <= clock < window.end:
            return None
    elif clock < window.end:
        day -= timedelta(days=1)
    elif clock < window.start:
        return None
    return day if includes(window, day) else None


def edges(windows: Iterable[Window], after: datetime, zone: ZoneInfo, *, days: int) -> list[datetime]:
    """The moments at which one of the windows may open or close, in so many days to come."""
    clocks = {clock for window in windows for clock in (window.start, window.end)}
    today = after.astimezone(zone).date()
    moments = {
        datetime.combine(today + timedelta(days=number), clock, zone).astimezone(UTC)
        for number in range(days)
        for clock in clocks
    }
    return sorted(moment for moment in moments if moment > after)


def includes(window: Window, day: date) -> bool:
    """Whether a window may begin on a day."""
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
