"""When schedules fire."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, tzinfo

from cronsim import CronSim

from sop.schedules.dates import days_of, origins_of
from sop.schedules.values import Cron, Dated, Once, Origins, Schedule, clocks
from sop.schedules.walls import instant
from sop.slots import SHANGHAI


def next_after(
    schedule: Schedule, moment: datetime, *, zone: tzinfo = SHANGHAI, day: date | None = None
) -> datetime | None:
    """When a checked schedule fires next, strictly after an aware moment; None when it never does again.

    `zone` is the customer's or the corp's, where the schedule names none. `day` is the customer's date that a `Dated`
    goes by, or the moment of it; without one it never fires.
    """
    return next(_moments(schedule, moment, zone, day), None)


def between(
    schedule: Schedule, start: datetime, end: datetime, *, zone: tzinfo = SHANGHAI, day: date | None = None
) -> Iterator[datetime]:
    """All moments after `start` up to and with `end`, in order."""
    for moment in _moments(schedule, start, zone, day):
        if moment > end:
            return
        yield moment


def waves(schedule: Once | Cron, moment: datetime, zones: Iterable[tzinfo]) -> dict[datetime, frozenset[tzinfo]]:
    """The same time on the wall of several zones: when each has its next turn after a moment, in order."""
    found: dict[datetime, set[tzinfo]] = {}
    for zone in zones:
        if turn := next_after(schedule, moment, zone=zone):
            found.setdefault(turn, set()).add(zone)
    return {turn: frozenset(found[turn]) for turn in sorted(found)}


def origins(schedule: Dated, day: date) -> Origins:
    """Whose turn a day is, on the clocks of the schedule: what to look for among the dates of millions of customers."""
    return origins_of(schedule, day)


def _moments(schedule: Schedule, after: datetime, zone: tzinfo, day: date | None) -> Iterator[datetime]:
    where = clocks(schedule, zone)
    match schedule:
        case Once():
            once = schedule.at.astimezone(UTC) if schedule.at.tzinfo else instant(schedule.at, where)
            found = iter((once,))
        case Cron():
            found = (turn.astimezone(UTC) for turn in CronSim(schedule.expression, after.astimezone(where)))
        case Dated():
            found = _dated(schedule, after, where, day)
    for moment in found:
        if moment > after:  # cron names one moment twice where the clocks leave out or repeat an hour
            after = moment
            yield moment


def _dated(schedule: Dated, after: datetime, zone: tzinfo, day: date | None) -> Iterator[datetime]:
    if day is None:
        return
    origin = day.astimezone(zone).date() if isinstance(day, datetime) else day
    for turn in days_of(schedule, origin, after.astimezone(zone).date()):
        yield instant(datetime.combine(turn, schedule.at), zone)
