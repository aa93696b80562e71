"""Quiet hours: when nobody is written to, read on the customer's clocks, and when that is over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from sop import slots
from sop.limits import Limit, Unit, Violation
from sop.policy.holidays import Days
from sop.slots import MIDNIGHT, Window

WINDOWS = Limit("免打扰时段", "the quiet hours", 50, Unit.ITEMS)
NAMED_DAYS = Limit("指定日期", "a list of days", 400, Unit.ITEMS)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietWindow(Window):
    """Hours in which nothing goes out, on all days, or only on days of work or of rest; by the day they begin on."""

    on: Literal["all", "work", "rest"] = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """All quiet hours, and what counts as a day of rest."""

    windows: tuple[QuietWindow, ...] = ()
    days: Days = field(default_factory=Days)


def closed(quiet: Quiet, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether an aware moment lies in quiet hours; their end does not."""
    for window in quiet.windows:
        day = slots.day_of(window, moment, zone)
        if day is not None and (window.on == "all" or quiet.days.rests(day) == (window.on == "rest")):
            return True
    return False


@lru_cache(maxsize=4096)  # a batch asks for one moment and few zones
def opens(quiet: Quiet, moment: datetime, zone: ZoneInfo, days: int) -> datetime | None:
    """The first moment from this one on that is outside of quiet hours; None when that takes more than so many days."""
    if not closed(quiet, moment, zone):
        return moment
    today = moment.astimezone(zone).date()
    ends = {window.end for window in quiet.windows}
    for number in range(days + 1):
        for candidate in sorted(_changes(today + number * _DAY, ends, zone)):
            if candidate > moment and not closed(quiet, candidate, zone):
                return candidate if candidate <= moment + days * _DAY else None
    return None


def check(field_name: str, quiet: Quiet) -> list[Violation]:
    """What is wrong with quiet hours as written."""
    found = WINDOWS.check(f"{field_name}.windows", quiet.windows)
    for number, window in enumerate(quiet.windows):
        found += slots.check(f"{field_name}.windows.{number}", window)
    days = quiet.days
    found += NAMED_DAYS.check(f"{field_name}.days.rest", days.rest)
    found += NAMED_DAYS.check(f"{field_name}.days.work", days.work)
    found += [
        Violation(
            f"{field_name}.days.work",
            f"{day} 不能既是休息日又是工作日",
            f"{day} cannot be a day of rest and a day of work",
        )
        for day in sorted(set(days.rest) & set(days.work))
    ]
    return found


def _changes(day: date, clocks: set[time], zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of a day at which quiet hours may end: what the clocks show, each time they show it, and jumps."""
    for clock in clocks:
        for fold in (0, 1):
            yield datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)
    start = datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)
    before, after = start, start + _DAY
    if _offset(before, zone) == _offset(after, zone):
        return
    while after - before > _MINUTE:
        middle = before + (after - before) // 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        middle = max(middle, before + _MINUTE)
        if _offset(middle, zone) == _offset(start, zone):
            before = middle
        else:
            after = middle
    yield after


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()
