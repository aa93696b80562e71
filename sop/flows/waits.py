"""Until when somebody waits at a node."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sop.flows.nodes import Clock, Wait
from sop.schedules import instant, next_after

NEVER = datetime(2200, 1, 1, tzinfo=UTC)  # of a wait that only an event ends
RECHECK = timedelta(hours=6)  # a condition may come to hold by time alone, without any event
_INSTANT = timedelta(milliseconds=1)  # the moment itself counts
_AHEAD = 9  # days: one week, and one day that is over already


def until(wait: Wait, since: datetime, zone: ZoneInfo, *, day: Callable[[str], date | None]) -> datetime | None:
    """When a wait that began at `since` is over; None where the customer has no such day.

    A day that is over once and for all is over now. A wait for something that happens is over after `within`.
    """
    if wait.span is not None:
        return since + wait.span
    if wait.until is not None:
        return at_clock(wait.until, since, zone)
    if wait.date is not None:
        named = day(wait.date.field)
        return None if named is None else next_after(wait.date, since - _INSTANT, zone=zone, day=named) or since
    return NEVER if wait.within is None else since + wait.within


def at_clock(clock: Clock, since: datetime, zone: ZoneInfo) -> datetime:
    """The first such wall time after `since`, `days` days on, on one of the weekdays of that zone."""
    first = since.astimezone(zone).date() + timedelta(days=clock.days)
    for ahead in range(_AHEAD):
        day = first + timedelta(days=ahead)
        moment = instant(datetime.combine(day, clock.at), zone)
        if moment > since and (not clock.weekdays or day.isoweekday() in clock.weekdays):
            return moment
    raise ValueError(f"no such weekday: {clock.weekdays}")
