"""The clock: what is due, what ran lately, and which process leads."""

from datetime import datetime, timedelta
from typing import Literal

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity
from storage import due, rounds
from storage.leases import CLOCK, Lease, Leases
from storage.timers import Timers

routes = Routes()
_MOST = 20  # timers shown


class Leader(Answer):
    """The process whose clock leads: it does so for `rest_seconds` unless it says so again."""

    holder: str
    fence: int
    rest_seconds: float


class Ahead(Answer):
    """What is due of a kind of rows, of all corps here: `overdue` is counted up to 10,000."""

    name: str
    overdue: int
    late_seconds: float
    next_at: datetime | None


class Timer(Answer):
    """A timer that waits, and the kind of event that it becomes."""

    kind: str
    due_at: datetime


class Round(Answer):
    """The latest round of a kind. `never`: neither this one nor the one before was rung."""

    kind: str
    state: Literal["never", "open", "failing", "dead", "done"]
    began_at: datetime | None
    rung_at: datetime | None
    took_seconds: float | None
    next_at: datetime
    event_id: Identity | None


class Clock(Answer):
    """The clock at a glance; without a leader nothing is rung."""

    leader: Leader | None
    due: tuple[Ahead, ...]
    timers: tuple[Timer, ...]
    rounds: tuple[Round, ...]


@routes.on("GET /clock", Permission.READ_WORKINGS, "时钟与到期事项", "What is due, what ran, who leads")
async def show(call: Call) -> Clock:
    """The timers that are due first, and the rounds of this corp."""
    database, corp = call.console.database, call.corp
    timers = await Timers(database).soonest(_MOST, corp_id=corp.id)
    ran = await rounds.ran(database, corp.id, corp.app, zone=corp.zone, now=call.now)
    return Clock(
        leader=_leader((await Leases(database).read()).get(CLOCK)),
        due=tuple(
            Ahead(name=one.name, overdue=one.overdue, late_seconds=_seconds(one.late), next_at=one.next_at)
            for one in await due.look(database, now=call.now)
        ),
        timers=tuple(Timer(kind=one.kind, due_at=one.due_at) for one in timers),
        rounds=tuple(_round(one) for one in ran),
    )


def _leader(lease: Lease | None) -> Leader | None:
    if lease is None or not lease.fresh:
        return None
    return Leader(holder=lease.holder, fence=lease.fence, rest_seconds=_seconds(lease.rest))


def _round(one: rounds.Ran) -> Round:
    return Round(
        kind=one.kind,
        state=one.state,
        began_at=one.began_at,
        rung_at=one.rung_at,
        took_seconds=None if one.took is None else _seconds(one.took),
        next_at=one.next_at,
        event_id=one.event_id,
    )


def _seconds(length: timedelta) -> float:
    return length.total_seconds()
