"""When the runs of a broadcast begin, and what becomes of those that were missed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sop.broadcasts.document import Broadcast
from sop.reasons import Skip
from sop.schedules import Cron, Misfire, Once, catch_up, instant, next_after

AHEAD = timedelta(minutes=2)
"""How long before its time a run begins to be planned, so that a million messages are ready then."""
_WIDEST = timedelta(hours=15)  # between a clock and UTC
_UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Turn:
    """One time of a broadcast; `wall` is what the clocks of each customer are to show, if it goes by theirs."""

    at: datetime
    wall: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caught:
    """Of the turns that have come: the one that is taken now, and the others with why they are not."""

    turn: Turn | None
    skipped: tuple[tuple[Turn, Skip], ...]


def next_turn(broadcast: Broadcast, after: datetime, *, zone: ZoneInfo, zones: Iterable[ZoneInfo] = ()) -> Turn | None:
    """Its next time strictly after a moment; None where there is none, or it goes out at once.

    `zone` is the corp's, `zones` are those that customers live in: where each has it by the clocks around them, it
    begins where they are the furthest ahead.
    """
    schedule = broadcast.schedule
    if schedule is None:
        return None
    if broadcast.zoned:
        found = next((turn for turn in _walls(schedule, after, {zone, *zones}) if turn.at > after), None)
    else:
        at = next_after(schedule, after, zone=zone)
        found = None if at is None else Turn(at.replace(microsecond=0))  # what is stored is no finer than that
    if found is None or found.at <= after or (broadcast.until is not None and found.at >= broadcast.until):
        return None
    return found


def overdue(broadcast: Broadcast, turn: Turn, now: datetime, *, zone: ZoneInfo, zones: Iterable[ZoneInfo]) -> Caught:
    """Which of the turns from one on is taken now: the latest, unless it is too late for that as well."""
    where = tuple(zones)
    turns = {turn.at: turn}
    following = next_turn(broadcast, turn.at, zone=zone, zones=where)
    while following is not None and following.at <= now:
        turns[following.at] = following
        following = next_turn(broadcast, following.at, zone=zone, zones=where)
    caught = catch_up(Misfire(broadcast.late), turns, now)
    fired = turns[caught.fire.due] if caught.fire else None
    return Caught(fired, tuple((turns[due], skip) for due, skip in caught.skipped))


def _walls(schedule: Once | Cron, after: datetime, zones: Iterable[ZoneInfo]) -> Iterator[Turn]:
    """What the clocks show at its times, each with the moment at which the first of them does."""
    where = tuple(zones)
    if isinstance(schedule, Once):
        wall = schedule.at.replace(microsecond=0)
        yield Turn(min(instant(wall, zone) for zone in where), wall)
        return
    shown = next_after(schedule, after - _WIDEST, zone=_UTC)
    while shown is not None:
        wall = shown.astimezone(UTC).replace(tzinfo=None)
        yield Turn(min(instant(wall, zone) for zone in where), wall)
        shown = next_after(schedule, shown, zone=_UTC)
