"""The recurring rounds as events: how one is rung, and what became of the latest."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from sop import events as own
from sop.events import Own
from sop.rounds import ROUNDS
from storage.acts import SOON
from storage.database import Database
from storage.engine.sql import Row, Statement
from storage.inbox import Arrival
from storage.values import encode, from_ms, maybe_moment

_FOUND = Statement("""
    SELECT e.id, e.kind, e.digest, e.open, e.occurred_at, e.received_at, e.closed_at,
           EXISTS (SELECT 1 FROM reactions AS r WHERE r.event_id = e.id AND r.status = 'dead') AS dead,
           EXISTS (SELECT 1 FROM reactions AS r WHERE r.event_id = e.id AND r.status = 'failed') AS failing
    FROM events AS e WHERE e.digest IN (SELECT value FROM {each}(CAST(:digests AS {json})))
""")
State = Literal["never", "open", "failing", "dead", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """The latest round of a kind: when it began, when it was rung, how it ended, and when the next one begins.

    never: neither the one under way nor the one before was rung. `took` is from ringing to the end of all reactions,
    which may have begun longer work: a job.
    """

    kind: str
    state: State
    began_at: datetime | None
    rung_at: datetime | None
    took: timedelta | None
    next_at: datetime
    event_id: int | None


def arrival(event: type[Own], corp_id: str, app: str, *, began: datetime, now: datetime) -> Arrival:
    """A round as an event: the same for everybody who rings it."""
    fact = event(corp_id=corp_id, at=began)
    return Arrival(
        corp_id=corp_id,
        app=app,
        kind=event.kind,
        lane=fact.key,
        body=own.dump(fact),
        origin="clock",
        occurred_at=began,
        received_at=now,
        deadline_at=now + SOON,
    )


async def ran(database: Database, corp_id: str, app: str, *, zone: tzinfo, now: datetime) -> tuple[Ran, ...]:
    """The latest of every kind, of a corp: found by what they must be, so nothing is searched."""
    wanted: dict[str, str] = {}  # digest and kind, of each the earlier one first
    for each in ROUNDS:
        latest = each.began(now, zone, corp_id)
        for began in (each.began(latest - timedelta(seconds=1), zone, corp_id), latest):
            wanted[arrival(each.event, corp_id, app, began=began, now=now).digest] = each.event.kind
    rows = {row["digest"]: row for row in await database.fetch(_FOUND, digests=encode(list(wanted)))}
    found = {kind: rows[mark] for mark, kind in wanted.items() if mark in rows}
    return tuple(_ran(each.event.kind, found.get(each.event.kind), each.next(now, zone, corp_id)) for each in ROUNDS)


def _ran(kind: str, row: Row | None, next_at: datetime) -> Ran:
    if row is None:
        return Ran(kind=kind, state="never", began_at=None, rung_at=None, took=None, next_at=next_at, event_id=None)
    rung_at, closed_at = from_ms(row["received_at"]), maybe_moment(row["closed_at"])
    state: State = "dead" if row["dead"] else "done"
    if row["open"]:
        state = "failing" if row["failing"] else "open"
    return Ran(
        kind=kind,
        state=state,
        began_at=from_ms(row["occurred_at"]),
        rung_at=rung_at,
        took=closed_at - rung_at if closed_at else None,
        next_at=next_at,
        event_id=row["id"],
    )
