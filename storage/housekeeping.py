"""Forgetting what has long ended, in small bites, so that the writer is never held up."""

from datetime import datetime

from storage.database import Database
from storage.sql import Statement, Unit
from storage.values import to_ms

_BITE = 1000
_STATEMENTS = tuple(
    Statement(text)
    for text in (
        """DELETE FROM reactions WHERE event_id IN (
               SELECT id FROM events WHERE closed_at < :before ORDER BY closed_at LIMIT :most)""",
        """DELETE FROM events WHERE id IN (
               SELECT id FROM events WHERE closed_at < :before ORDER BY closed_at LIMIT :most)""",
        """DELETE FROM intents WHERE id IN (
               SELECT id FROM intents WHERE finished_at < :before ORDER BY finished_at LIMIT :most)""",
        "DELETE FROM replies WHERE at < :before AND :most > 0",
    )
)


async def clean(database: Database, *, before: datetime) -> None:
    """Delete one bite of the events and intents that ended `before`; decisions and history stay."""
    unit = Unit()
    for statement in _STATEMENTS:
        unit.add(statement, before=to_ms(before), most=_BITE)
    await database.commit(unit)
