"""Until when somebody waits at a node."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sop.flows.nodes import Clock, Day, Wait

NEVER = datetime(2200, 1, 1, tzinfo=UTC)  # of a wait that only an event ends
RECHECK = timedelta(hours=6)  # a condition may come to hold by time alone, without any event


def until(wait: Wait, since: datetime, zone: ZoneInfo, *, day: Callable[[str], date | None]) -> datetime | None:
    """When a wait that began at `since` is over; None where the customer has no such day.

    A wait for something that happens, or for a condition, is over after `within`.
    """
    if wait.span is not None:
        return since + wait.span
    if wait.until is not None:
        return at_clock(wait.until, since, zone)
    if wait.date is not None:
        named = day(wait.date.field)
        return None if named is None else on_day(wait.date, named, since, zone=zone)
    return NEVER if wait.within is None else since + wait.within


def at_clock(clock: Clock, since: datetime, zone: ZoneInfo) -> datetime:
    """The first such wall time after `since`, `days` days on, on one of the weekdays of that zone."""
    first = since.astimezone(zone).date() + timedelta(days=clock.days)
    for ahead in range(9):  # one week, one day that is too late already
        day = first + timedelta(days=ahead)
        moment = datetime.combine(day, clock.at, zone).astimezone(UTC)
        if moment > since and (not clock.weekdays or day.isoweekday() in clock.weekdays):
            return moment
    raise ValueError(f"no such weekday: {clock.weekdays}")


def on_day(wanted: Day, named: date, since: datetime, *, zone: ZoneInfo) -> datetime:
    """The moment of a day that the customer names, with its offset; a yearly one is the next that is not over.

    29 February is kept on the 28th where there is none. A day that is over once and for all is over now.
    """
    if not wanted.yearly:
        return max(_moment(named, wanted, zone), since)
    year = since.astimezone(zone).year - 1
    while (moment := _moment(_in_year(named, year), wanted, zone)) < since:
        year += 1
    return moment


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _moment(day: date, wanted: Day, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=wanted.days), wanted.at, zone).astimezone(UTC)
