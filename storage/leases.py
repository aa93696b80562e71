"""Leases: of several processes one leads, for as long as it says so again and again.

They are timed by the clock of the database, so that machines whose clocks disagree do not fight. A lease spares double
work; whoever must not act after having lost it puts `keep` into the unit.
"""

from dataclasses import dataclass
from datetime import timedelta

from storage.database import Database
from storage.engine.sql import Pieces, Row, Statement, Unit

CLOCK = "clock"  # what the clock that leads holds
_TIME: Pieces = {
    "{time}": {
        "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        "postgresql": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
    }
}
_READ = Statement("SELECT name, holder, fence, until - {time} AS rest FROM leases ORDER BY name", pieces=_TIME)
_TAKE = Statement(
    """
    INSERT INTO leases (name, holder, until, fence) VALUES (:name, :holder, {time} + CAST(:length AS BIGINT), 1)
    ON CONFLICT (name) DO UPDATE SET until = excluded.until, holder = excluded.holder,
        fence = leases.fence + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END
    WHERE leases.holder = excluded.holder OR leases.until <= {time}
    RETURNING name, holder, fence, until - {time} AS rest
    """,
    pieces=_TIME,
)
_KEEP = Statement("UPDATE leases SET fence = fence WHERE name = :name AND holder = :holder AND fence = :fence")
_LET_GO = Statement("UPDATE leases SET until = 0 WHERE name = :name AND holder = :holder AND fence = :fence")
_RELEASE = Statement("UPDATE leases SET until = 0")


@dataclass(frozen=True, slots=True)
class Lease:
    """Who leads what, and for how long unless it is renewed; the fence counts the leaders so far."""

    name: str
    holder: str
    fence: int
    rest: timedelta

    @property
    def fresh(self) -> bool:
        """Whether it had not ended yet when it was read."""
        return self.rest > timedelta(0)


class Leases:
    """The leases of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self) -> dict[str, Lease]:
        """All leases by name, those that have ended, too."""
        return {row["name"]: _lease(row) for row in await self._database.fetch(_READ)}

    async def hold(self, name: str, holder: str, *, length: timedelta) -> Lease | None:
        """Take a lease that is free, or renew one's own that is half over; None while somebody else leads.

        Costs a read only, unless there is something to write.
        """
        lease = (await self.read()).get(name)
        if lease and lease.fresh:
            if lease.holder != holder:
                return None
            if lease.rest > length / 2:
                return lease
        unit = Unit()
        unit.add(_TAKE, name=name, holder=holder, length=length // timedelta(milliseconds=1))
        (rows,) = await self._database.commit(unit)
        return _lease(rows[0]) if rows else None

    async def let_go(self, lease: Lease) -> None:
        """End one's own lease, so that somebody else leads at once."""
        unit = Unit()
        unit.add(_LET_GO, name=lease.name, holder=lease.holder, fence=lease.fence)
        await self._database.commit(unit)

    async def release(self) -> None:
        """End the leases of a process that is no more; only for who is alone on this database."""
        unit = Unit()
        unit.add(_RELEASE)
        await self._database.commit(unit)


def keep(unit: Unit, lease: Lease) -> None:
    """Have the unit undone with `LostLease` if somebody else leads by now."""
    unit.guard(_KEEP, name=lease.name, holder=lease.holder, fence=lease.fence)


def _lease(row: Row) -> Lease:
    return Lease(row["name"], row["holder"], row["fence"], timedelta(milliseconds=row["rest"]))
