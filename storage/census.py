"""Counting what adds up: whoever entered a flow is in it or has ended, and what was not sent has a reason."""

from dataclasses import dataclass
from datetime import datetime

from storage.database import Database
from storage.engine.sql import Statement
from storage.values import first_id, from_ms

# Told by two columns that are written apart, so that a row that was half written, or by hand, is in neither sum.
# With the plus SQLite reads the table as it lies instead of row by row by an index: five times as fast.
_BALANCES = Statement(
    """
    SELECT +flow_id AS flow_id, COUNT(*) AS entered,
           COUNT(CASE WHEN status = 'parked' AND ended_at IS NULL THEN 1 END) AS parked,
           COUNT(CASE WHEN status IN ('done', 'exited') AND ended_at IS NOT NULL THEN 1 END) AS ended
    FROM enrolments GROUP BY +flow_id
    """,
    patient=True,
)
_SUPPRESSED = Statement(
    """
    SELECT origin, reason, COUNT(*) AS count FROM deliveries
    WHERE id >= :since AND id < :until AND status = 'skipped' GROUP BY origin, reason
    """,
    patient=True,
)
# Each half is answered by a partial index.
_MAILINGS = Statement(
    """
    SELECT status, COUNT(*) AS count, MIN(created_at) AS oldest FROM mailings
    WHERE status IN ('making', 'unknown', 'made') GROUP BY status
    UNION ALL
    SELECT status, COUNT(*), MIN(created_at) FROM mailings WHERE status = 'filling' GROUP BY status
    """,
    patient=True,
    by_keys=True,
)
MAILINGS = ("filling", "making", "unknown", "made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One flow: how many have entered, how many of them are parked in it, and how many have ended."""

    flow_id: int
    entered: int
    parked: int
    ended: int

    @property
    def drift(self) -> int:
        """How many are neither inside nor out; anything but 0 is a fault."""
        return self.entered - self.parked - self.ended


async def balances(database: Database) -> tuple[Balance, ...]:
    """All flows that anybody has entered: all rows are looked at."""
    rows = await database.fetch(_BALANCES)
    return tuple(
        Balance(flow_id=row["flow_id"], entered=row["entered"], parked=row["parked"], ended=row["ended"])
        for row in rows
    )


async def mailings(database: Database) -> dict[str, tuple[int, datetime | None]]:
    """How many tasks of mass messages are on their way by status, and since when the oldest of them."""
    found = {row["status"]: (row["count"], from_ms(row["oldest"])) for row in await database.fetch(_MAILINGS)}
    return {status: found.get(status, (0, None)) for status in MAILINGS}


async def suppressed(database: Database, *, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    """How many messages were not sent, by origin and reason, of those judged from one moment to another."""
    rows = await database.fetch(_SUPPRESSED, since=first_id(since), until=first_id(until))
    return {(row["origin"], row["reason"]): row["count"] for row in rows}
