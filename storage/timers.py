"""Timers: rows that become events when they are due; the row is the truth, nothing is kept in memory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from sop import events as own
from sop.events import Own
from storage.database import Database
from storage.engine.sql import Row, Statement, Unit
from storage.inbox import Arrival, remember
from storage.schema.spine import timers
from storage.values import from_ms, new_id, to_ms

_SCHEDULE = Statement("""
    INSERT INTO timers (id, corp_id, app, kind, lane, name, body, due_at, event_id)
    VALUES (:id, :corp_id, :app, :kind, :lane, :name, :body, :due_at, :event_id)
    ON CONFLICT (corp_id, name) DO NOTHING
""")
_CANCEL = Statement("DELETE FROM timers WHERE corp_id = :corp_id AND name = :name")
_DUE = Statement("""
    SELECT id, corp_id, app, kind, lane, name, body, due_at FROM timers
    WHERE due_at <= :now ORDER BY due_at, id LIMIT :most
""")
_TAKE = Statement("DELETE FROM timers WHERE id = :id")
_SOONEST = Statement("""
    SELECT corp_id, kind, due_at FROM (SELECT * FROM timers ORDER BY due_at, id LIMIT 1000) AS t
    WHERE :corp_id = '' OR corp_id = :corp_id ORDER BY due_at, id LIMIT :most
""")
_PARKED = Statement("SELECT COUNT(*) AS count FROM timers", patient=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A timer that waits for its time, and the event it becomes."""

    corp_id: str
    kind: str
    due_at: datetime


def schedule(unit: Unit, event: Own, *, app: str, name: str, due_at: datetime, event_id: int | None = None) -> None:
    """Have an event happen at `due_at`; a timer of the same corp and name is left as it is."""
    unit.stirs.add("timers")
    unit.add(
        _SCHEDULE,
        id=new_id(),
        corp_id=event.corp_id,
        app=app,
        kind=event.route,
        lane=event.key,
        name=name,
        body=own.dump(event),
        due_at=to_ms(due_at),
        event_id=event_id,
    )


def cancel(unit: Unit, *, corp_id: str, name: str) -> None:
    """Take a timer away, if it is still there."""
    unit.add(_CANCEL, corp_id=corp_id, name=name)


async def find(database: Database, names: Collection[str], *, corp_id: str) -> dict[str, datetime]:
    """Those of the timers that wait, and when they are due."""
    own = timers.c
    query = select(own.name, own.due_at).where(own.corp_id == corp_id, own.name.in_(names))
    return {row["name"]: from_ms(row["due_at"]) for row in await database.fetch(Statement(query))} if names else {}


class Timers:
    """The timers of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def fire(self, most: int, *, now: datetime, deadline: datetime) -> tuple[timedelta, ...]:
        """Turn up to `most` due timers into events, the earliest first, in one transaction; how late each was.

        Two clocks that fire the same timer: one deletes the row, the other's unit is undone with `LostLease`
        and counts nothing.
        """
        rows = await self._database.fetch(_DUE, now=to_ms(now), most=most)
        if not rows:
            return ()
        unit = Unit()
        for row in rows:
            unit.guard(_TAKE, id=row["id"])
        for row in rows:
            remember(unit, _arrival(row, now, deadline))
        await self._database.commit(unit)
        return tuple(now - from_ms(row["due_at"]) for row in rows)

    async def soonest(self, most: int, *, corp_id: str = "") -> tuple[Waiting, ...]:
        """Those that are due first, of one corp (among the first thousand) or of all."""
        rows = await self._database.fetch(_SOONEST, most=most, corp_id=corp_id)
        return tuple(Waiting(row["corp_id"], row["kind"], from_ms(row["due_at"])) for row in rows)

    async def parked(self) -> int:
        """How many there are: all are counted, which takes its time with millions."""
        (row,) = await self._database.fetch(_PARKED)
        count: int = row["count"]
        return count


def _arrival(row: Row, now: datetime, deadline: datetime) -> Arrival:
    return Arrival(
        corp_id=row["corp_id"],
        app=row["app"],
        kind=row["kind"],
        lane=row["lane"],
        body=row["body"],
        origin="clock",
        occurred_at=from_ms(row["due_at"]),
        received_at=now,
        deadline_at=deadline,
        salt=str(row["id"]),
    )
