"""Reactions: how each handler has fared with each event.

Where all went well, and nearly always it does, the names of the handlers stand in the event's row. A row here is
one that was committed before the others, has failed, or was given up.
"""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.engine.sql import Statement, Unit
from storage.values import from_ms, to_ms

_NOTE = Statement("""
    INSERT INTO reactions (event_id, handler, status, attempt, reason, at)
    VALUES (:event_id, :handler, :status, :attempt, :reason, :at)
    ON CONFLICT (event_id, handler) DO UPDATE
    SET status = excluded.status, attempt = excluded.attempt, reason = excluded.reason, at = excluded.at
""")
# The row is locked, not written: nobody takes the event over before this commits.
_FINISH = Statement("""
    INSERT INTO reactions (event_id, handler, status, attempt, reason, at)
    SELECT id, CAST(:handler AS TEXT), 'done', attempt, '', CAST(:at AS BIGINT)
    FROM events WHERE id = :event_id AND fence = :fence AND open {share}
    ON CONFLICT (event_id, handler) DO UPDATE
    SET status = excluded.status, attempt = excluded.attempt, reason = excluded.reason, at = excluded.at
""")
_READ = Statement("SELECT handler, status, attempt, reason, at FROM reactions WHERE event_id = :event_id")
_READ_DONE = Statement("SELECT done, attempt, COALESCE(closed_at, due_at) AS at FROM events WHERE id = :event_id")
_MEND = Statement("DELETE FROM reactions WHERE event_id = :event_id AND status = 'failed'")
_FORGET = Statement("DELETE FROM reactions WHERE event_id = :event_id AND status <> 'done'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """How one handler fared with one event."""

    handler: str
    status: str  # done, failed, dead
    attempt: int
    reason: str
    at: datetime


def finish(unit: Unit, event_id: int, handler: str, *, fence: int, at: datetime) -> None:
    """Note in a unit that a handler has done its part; the unit is undone unless the claim is still ours."""
    unit.guard(_FINISH, event_id=event_id, fence=fence, handler=handler, at=to_ms(at))


def note(unit: Unit, event_id: int, reaction: Reaction) -> None:
    """Note in a unit how a handler fared."""
    unit.add(
        _NOTE,
        event_id=event_id,
        handler=reaction.handler,
        status=reaction.status,
        attempt=reaction.attempt,
        reason=reaction.reason,
        at=to_ms(reaction.at),
    )


def mend(unit: Unit, event_id: int) -> None:
    """Note in a unit that all that had failed have done their part now."""
    unit.add(_MEND, event_id=event_id)


def forget(unit: Unit, event_id: int) -> None:
    """Forget those that have not succeeded, so that they are tried anew."""
    unit.add(_FORGET, event_id=event_id)


async def read(database: Database, event_id: int) -> list[Reaction]:
    """How each handler has fared with an event so far."""
    found = await read_apart(database, event_id)
    for row in await database.fetch(_READ_DONE, event_id=event_id):
        at, attempt = from_ms(row["at"]), row["attempt"]
        found += [
            Reaction(handler=handler, status="done", attempt=attempt, reason="", at=at)
            for handler in row["done"].split()
        ]
    return found


async def read_apart(database: Database, event_id: int) -> list[Reaction]:
    """The same of those that are not named in the event's row."""
    rows = await database.fetch(_READ, event_id=event_id)
    return [
        Reaction(
            handler=row["handler"],
            status=row["status"],
            attempt=row["attempt"],
            reason=row["reason"],
            at=from_ms(row["at"]),
        )
        for row in rows
    ]
