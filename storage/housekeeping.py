"""Forgetting what has long ended, in small bites, so that the writer is never held up."""

from datetime import datetime

from storage.database import Database
from storage.sql import Statement, Unit
from storage.values import first_id, to_ms

_BITE = 1000
# What ended by then also began by then, and ids sort by time: no index on the end is needed.
_EVENTS = Statement("""
    SELECT id FROM events WHERE id < :bound AND NOT open AND closed_at < :before ORDER BY id LIMIT :most
""")
_INTENTS = Statement("""
    SELECT id FROM intents WHERE id < :bound AND NOT open AND finished_at < :before ORDER BY id LIMIT :most
""")
_FORGET_REACTIONS = Statement("DELETE FROM reactions WHERE event_id = :id")
_FORGET_EVENT = Statement("DELETE FROM events WHERE id = :id")
_FORGET_INTENT = Statement("DELETE FROM intents WHERE id = :id")
_FORGET_REPLIES = Statement("DELETE FROM replies WHERE at < :before")
_FORGET_REPORTS = [
    Statement(f"DELETE FROM {table} WHERE job_id < :bound")
    for table in ("drifts", "drift_counts", "member_counts", "sightings", "tag_changes")
]


async def clean(database: Database, *, before: datetime) -> None:
    """Delete events and intents that ended `before`, and reports; decisions and history stay. Raises `StorageError`."""
    await _forget(database, _EVENTS, _FORGET_REACTIONS, _FORGET_EVENT, before=before)
    await _forget(database, _INTENTS, _FORGET_INTENT, before=before)
    unit = Unit()
    unit.add(_FORGET_REPLIES, before=to_ms(before))
    for forget in _FORGET_REPORTS:
        unit.add(forget, bound=first_id(before))
    await database.commit(unit)


async def _forget(database: Database, ended: Statement, *deletions: Statement, before: datetime) -> None:
    while rows := await database.fetch(ended, bound=first_id(before), before=to_ms(before), most=_BITE):
        unit = Unit()
        for deletion in deletions:
            for row in rows:
                unit.add(deletion, id=row["id"])
        await database.commit(unit)
