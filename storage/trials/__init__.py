"""The database of a trial of a flow: its own, thrown away at the end, and what is looked at in it."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sop import events as own
from sop.events import EntryDue, Happened, Own
from storage import migrations
from storage.database import Database, connect
from storage.engine.sql import Row, Statement, Unit
from storage.values import decode, from_ms, to_ms

_MEMORY = next((folder for folder in ("/dev/shm",) if Path(folder).is_dir()), None)  # noqa: S108 - ours lies below
_NEXT = Statement("""
    SELECT (SELECT MIN(due_at) FROM enrolments WHERE status = 'parked') AS turn,
           (SELECT MIN(due_at) FROM timers WHERE kind = 'entry_due') AS entry
""")
_EVERYBODY = Statement("SELECT external_user_id, user_id FROM relations WHERE status = 'active'")
_DUE = Statement("SELECT 1 FROM enrolments WHERE status = 'parked' AND due_at <= :now LIMIT 1")
_OPEN = Statement("SELECT id, kind, body FROM events WHERE open AND kind IN ('happened', 'entry_due', 'moves_due')")
_CLOSE = Statement("UPDATE events SET open = FALSE WHERE open")
_TIMERS = Statement("SELECT body FROM timers WHERE kind = 'entry_due' AND due_at <= :now ORDER BY due_at, id")
_FIRED = Statement("DELETE FROM timers WHERE kind = 'entry_due' AND due_at <= :now")
# The members confirm so long after a message was planned; what is sent then counts from then on.
_CONFIRM = Statement("""
    UPDATE deliveries SET status = 'sent', ended_at = due_at + :after
    WHERE status = 'planned' AND due_at + :after <= :now
""")
_PAST = Statement("""
    SELECT corp_id, external_user_id, user_id, what, effect, facts, at FROM history
    WHERE corp_id = :corp_id AND at >= :start AND at < :end AND external_user_id <> '' ORDER BY at, id
""")
_MESSAGES = Statement("""
    SELECT d.subject, d.user_id, d.node, d.status, d.reason, d.due_at, c.body FROM deliveries AS d
    LEFT JOIN contents AS c ON c.id = d.content_id
    WHERE d.origin = 'flow' AND d.origin_id = :flow_id ORDER BY d.due_at, d.subject, d.id
""")
_TASKS = Statement("""
    SELECT external_user_id, user_id, node, title, created_at FROM tasks
    WHERE origin = 'flow' AND origin_id = :flow_id ORDER BY created_at, id
""")
_ENDS = Statement("SELECT reason, COUNT(*) AS count FROM enrolments WHERE flow_id = :flow_id GROUP BY reason")
_PUT_OFF = Statement("SELECT reason, COUNT(*) AS count FROM decisions WHERE verdict = 'delayed' GROUP BY reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message or task of one customer or group; with a reason it was skipped."""

    subject: str
    user_id: str
    node: str
    what: str  # message, task
    text: str
    at: datetime
    reason: str = ""


@asynccontextmanager
async def scratch() -> AsyncIterator[Database]:
    """A migrated, empty database, in memory where the machine has a folder for that."""
    folder = tempfile.mkdtemp(prefix="siyu-trial-", dir=_MEMORY)
    try:
        url = f"sqlite:///{folder}/trial.db"
        await migrations.migrate(url)
        database = connect(url)
        await database.open()
        try:
            yield database
        finally:
            await database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def past(source: Database, corp_id: str, start: datetime, end: datetime) -> list[Happened]:
    """What happened to all customers in a span of time, in its order."""
    rows = await source.fetch(_PAST, corp_id=corp_id, start=to_ms(start), end=to_ms(end))
    return [
        Happened(
            corp_id=row["corp_id"],
            at=from_ms(row["at"]),
            name=row["what"],
            external_user_id=row["external_user_id"],
            user_id=row["user_id"],
            effect=row["effect"],
            data=decode(row["facts"]),
        )
        for row in rows
    ]


class Sandbox:
    """What a trial looks at, and does, beside what the handlers do."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def everybody(self) -> list[tuple[str, str]]:
        """Every customer with every member who looks after them."""
        return [(row["external_user_id"], row["user_id"]) for row in await self.database.fetch(_EVERYBODY)]

    async def following(self) -> datetime | None:
        """When somebody, or an entry, is due next."""
        (row,) = await self.database.fetch(_NEXT)
        moments = [from_ms(row[name]) for name in ("turn", "entry") if row[name] is not None]
        return min(moments, default=None)

    async def is_due(self, now: datetime) -> bool:
        """Whether anybody is due for a turn."""
        return bool(await self.database.fetch(_DUE, now=to_ms(now)))

    async def fire(self, now: datetime) -> list[EntryDue]:
        """The entries that are due, which wait no more."""
        rows = await self.database.fetch(_TIMERS, now=to_ms(now))
        if rows:
            await self._write(_FIRED, now=to_ms(now))
        return [event for row in rows if isinstance(event := own.load(EntryDue.kind, row["body"]), EntryDue)]

    async def announced(self) -> Sequence[Own]:
        """What handlers have announced that concerns flows; everything else is forgotten."""
        rows = await self.database.fetch(_OPEN)
        if rows:
            await self._write(_CLOSE)
        return [own.load(row["kind"], row["body"]) for row in rows]

    async def confirm(self, now: datetime, *, after: timedelta) -> None:
        """Members confirm what was planned so long ago."""
        await self._write(_CONFIRM, after=int(after.total_seconds() * 1000), now=to_ms(now))

    async def messages(self, flow_id: int) -> list[Line]:
        """All messages, those that were skipped too."""
        return [_message(row) for row in await self.database.fetch(_MESSAGES, flow_id=flow_id)]

    async def tasks(self, flow_id: int) -> list[Line]:
        """All tasks."""
        return [
            Line(
                subject=row["external_user_id"],
                user_id=row["user_id"],
                node=row["node"],
                what="task",
                text=row["title"],
                at=from_ms(row["created_at"]),
            )
            for row in await self.database.fetch(_TASKS, flow_id=flow_id)
        ]

    async def ends(self, flow_id: int) -> dict[str, int]:
        """How many ended for which reason; those without are still inside."""
        return {row["reason"]: row["count"] for row in await self.database.fetch(_ENDS, flow_id=flow_id)}

    async def put_off(self) -> dict[str, int]:
        """How often something was delayed, by the reason."""
        return {row["reason"]: row["count"] for row in await self.database.fetch(_PUT_OFF)}

    async def _write(self, statement: Statement, **values: object) -> None:
        unit = Unit()
        unit.add(statement, **values)
        await self.database.commit(unit)


def _message(row: Row) -> Line:
    body = decode(row["body"]) or {}
    return Line(
        subject=row["subject"],
        user_id=row["user_id"],
        node=row["node"],
        what="message",
        text=body.get("text", ""),
        at=from_ms(row["due_at"]),
        reason=row["reason"] if row["status"] == "skipped" else "",
    )
