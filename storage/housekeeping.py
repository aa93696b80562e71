"""Forgetting what has long ended, in small bites, so that the writer is never held up."""

from collections.abc import Iterable
from datetime import datetime

from storage.database import Database
from storage.engine.sql import Answer, Statement, Unit
from storage.values import encode, first_id, to_ms

_BITE = 1000
# What ended by then also began by then, and ids sort by time: no index on the end is needed.
_EVENTS = Statement("""
    SELECT id FROM events WHERE id < :bound AND NOT open AND closed_at < :before ORDER BY id LIMIT :most
""")
_INTENTS = Statement("""
    SELECT id FROM intents WHERE id < :bound AND NOT open AND finished_at < :before ORDER BY id LIMIT :most
""")
# What was given up is kept as long as everything else.
_PASSING = Statement(
    """
    SELECT id FROM events AS e
    WHERE e.id > :after AND e.id < :bound AND NOT e.open
      AND e.kind IN (SELECT value FROM {each}(CAST(:kinds AS {json})))
      AND NOT EXISTS (SELECT 1 FROM reactions AS r WHERE r.event_id = e.id AND r.status = 'dead')
    ORDER BY e.id LIMIT :most
    """,
    patient=True,
)
_FORGET_REACTIONS = Statement("DELETE FROM reactions WHERE event_id = :id")
_FORGET_EVENT = Statement("DELETE FROM events WHERE id = :id")
_FORGET_INTENT = Statement("DELETE FROM intents WHERE id = :id")
_FORGET_REPLIES = Statement("DELETE FROM replies WHERE at < :before")
_MOVE = "corp_id, segment_id, run, entered, external_user_id"
_MOVES = Statement("SELECT 1 FROM segment_moves WHERE at < :before LIMIT 1")
_FORGET_MOVES = Statement(f"""
    DELETE FROM segment_moves WHERE ({_MOVE}) IN (SELECT {_MOVE} FROM segment_moves WHERE at < :before LIMIT :most)
""")
# The latest of each kind stays, and what is running or paused; one that halted can be resumed until then.
_JOBS = Statement("""
    SELECT j.id FROM jobs AS j
    WHERE j.id < :bound AND j.status NOT IN ('running', 'paused') AND j.changed_at < :before AND EXISTS (
        SELECT 1 FROM jobs AS n WHERE n.corp_id = j.corp_id AND n.kind = j.kind AND n.id > j.id)
    ORDER BY j.id LIMIT :most
""")
_OF_JOBS = [  # what belongs to a job: the statement that looks for any, and the one that deletes some
    (
        Statement(f"SELECT 1 FROM {table} WHERE job_id = :id LIMIT 1"),
        Statement(f"""
            DELETE FROM {table} WHERE job_id = :id AND {name} IN (
                SELECT {name} FROM {table} WHERE job_id = :id LIMIT :most)
        """),
    )
    for table, name in (
        ("drifts", "key"),
        ("drift_counts", "part"),
        ("member_counts", "user_id"),
        ("sightings", "key"),
        ("tag_changes", "external_user_id"),
        ("job_parts", "number"),
    )
]
_FORGET_JOB = Statement("DELETE FROM jobs WHERE id = :id")


async def clean(database: Database, *, before: datetime) -> None:
    """Delete events, intents and jobs that ended `before`, with their reports, and moves of segments.

    Decisions and history stay. Raises `StorageError`.
    """
    await _forget(database, _EVENTS, _FORGET_REACTIONS, _FORGET_EVENT, before=before)
    await _forget(database, _INTENTS, _FORGET_INTENT, before=before)
    unit = Unit()
    unit.add(_FORGET_REPLIES, before=to_ms(before))
    await database.commit(unit)
    await _forget_jobs(database, before=before)
    while await database.fetch(_MOVES, before=to_ms(before)):
        unit = Unit()
        unit.add(_FORGET_MOVES, before=to_ms(before), most=_BITE)
        await database.commit(unit)


async def thin(database: Database, kinds: Iterable[str], *, before: datetime, after: int = 0) -> int:
    """Delete events that came `before` and have ended, of kinds that tell no more than that rows were due.

    `after` is what the last time has answered: where it had come to. So each is looked at once.
    """
    bound, wanted = first_id(before), encode(sorted(kinds))
    while rows := await database.fetch(_PASSING, after=after, bound=bound, kinds=wanted, most=_BITE):
        await _delete(database, rows, _FORGET_REACTIONS, _FORGET_EVENT)
        after = rows[-1]["id"]
    return max(after, bound)


async def _forget(database: Database, ended: Statement, *deletions: Statement, before: datetime) -> None:
    while rows := await database.fetch(ended, bound=first_id(before), before=to_ms(before), most=_BITE):
        await _delete(database, rows, *deletions)


async def _delete(database: Database, rows: Answer, *deletions: Statement) -> None:
    unit = Unit()
    for deletion in deletions:
        for row in rows:
            unit.add(deletion, id=row["id"])
    await database.commit(unit)


async def _forget_jobs(database: Database, *, before: datetime) -> None:
    """A job goes last, so that what belongs to it is found again by the next round if this one ends on the way."""
    while rows := await database.fetch(_JOBS, bound=first_id(before), before=to_ms(before), most=_BITE):
        for row in rows:
            for some, forget in _OF_JOBS:
                while await database.fetch(some, id=row["id"]):
                    unit = Unit()
                    unit.add(forget, id=row["id"], most=_BITE)
                    await database.commit(unit)
            unit = Unit()
            unit.add(_FORGET_JOB, id=row["id"])
            await database.commit(unit)
