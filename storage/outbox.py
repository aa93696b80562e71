"""The outbox: everything that leaves, each effect once, handed out nearest deadline first, one at a time per lane."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop.events import Outcome
from storage import claims
from storage.database import Database
from storage.engine.sql import Row, Statement, Unit
from storage.values import FOREVER, encode, from_ms, to_ms

# A lease that was lost: its attempt may have been performed.
_CLAIM = claims.claim(
    "intents",
    "id, corp_id, app, kind, effect, lane, body, created_at, deadline_at, doubtful, event_id, handler",
    also="doubtful = (doubtful OR lease_until > 0),",
)
_ANY = Statement("SELECT 1 FROM intents WHERE open AND due_at <= :now AND lease_until <= :now LIMIT 1")
_ALONE = Statement("SELECT pg_advisory_xact_lock(7493002)")
# A row that is being written right now is passed by: its holder is alive, and the next round comes soon.
_RENEW = Statement("""
    UPDATE intents SET lease_until = :until
    WHERE id = (SELECT id FROM intents WHERE id = :id AND fence = :fence AND open AND lease_until > 0 {skip_locked})
""")
_SETTLE = Statement("""
    UPDATE intents SET open = FALSE, status = :status, code = :code, reason = :reason, result = :result,
                       finished_at = :now, lease_until = 0
    WHERE id = :id AND fence = :fence AND open
""")
# Only while nothing happens to whom it concerns: what a handler of the end writes must not overtake that.
_SETTLE_QUIETLY = Statement("""
    UPDATE intents SET open = FALSE, status = :status, code = :code, reason = :reason, result = :result,
                       finished_at = :now, lease_until = 0
    WHERE id = :id AND fence = :fence AND open
      AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.lane = intents.lane AND e.open)
""")
_POSTPONE = Statement("""
    UPDATE intents SET due_at = :due_at, doubtful = :doubtful, code = :code, reason = :reason, lease_until = 0
    WHERE id = :id AND fence = :fence AND open
""")
_RETRY = Statement("""
    UPDATE intents SET open = TRUE, status = 'open', due_at = :now, deadline_at = :deadline_at,
                       attempt = 0, lost = 0, lease_until = 0, finished_at = NULL
    WHERE id = :id AND NOT open AND status IN ('dead', 'refused', 'late') RETURNING id
""")
_RELEASE = claims.release("intents")
_BACKLOG = Statement("SELECT COUNT(*) AS count, MIN(due_at) AS oldest FROM intents WHERE open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An intent handed to one courier until its lease ends."""

    id: int
    corp_id: str
    app: str
    kind: str
    effect: str
    lane: str
    body: str
    created_at: datetime
    deadline_at: datetime
    attempt: int
    doubtful: bool
    fence: int
    event_id: int | None
    handler: str
    lost: int = 0

    @property
    def tries(self) -> int:
        """How often it has been tried, this time included, but for those whose worker was lost."""
        return self.attempt - self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an intent ended, with WeCom's code and what it answered."""

    outcome: Outcome
    code: int = 0
    reason: str = ""
    result: dict[str, object] | None = None


class Outbox:
    """The intents of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def waiting(self, *, now: datetime) -> bool:
        """Whether anything is due that nobody holds; looking is much cheaper than claiming nothing."""
        return bool(await self._database.fetch(_ANY, now=to_ms(now)))

    async def claim(self, most: int, *, now: datetime, lease: timedelta, before: datetime | None = None) -> list[Order]:
        """Take up to `most` due intents for `lease`, nearest deadline first (only deadlines `before`, if given)."""
        moment = to_ms(now)
        unit = Unit()
        if self._database.dialect == "postgresql":
            unit.add(_ALONE)
        unit.add(
            _CLAIM,
            now=moment,
            until=to_ms(now + lease),
            most=most,
            before=FOREVER if before is None else to_ms(before),
        )
        rows = (await self._database.commit(unit))[-1]
        return sorted((_order(row) for row in rows), key=lambda order: (order.deadline_at, order.id))

    async def renew(self, orders: Sequence[Order], *, now: datetime, lease: timedelta) -> None:
        """Keep what is still being performed."""
        unit = Unit()
        for order in orders:
            unit.add(_RENEW, id=order.id, fence=order.fence, until=to_ms(now + lease))
        if orders:
            await self._database.commit(unit)

    async def release(self) -> None:
        """End the leases of a process that is no more, leaving the doubt."""
        unit = Unit()
        unit.add(_RELEASE)
        await self._database.commit(unit)

    async def postpone(self, order: Order, *, due_at: datetime, doubtful: bool, code: int, reason: str) -> None:
        """Let an intent come back later; `doubtful` when this attempt may have been performed."""
        unit = Unit()
        unit.guard(
            _POSTPONE,
            id=order.id,
            fence=order.fence,
            due_at=to_ms(due_at),
            doubtful=doubtful,
            code=code,
            reason=reason,
        )
        await self._database.commit(unit)

    async def retry(self, intent_id: int, *, now: datetime, deadline_at: datetime) -> bool:
        """Open an ended intent again, if it ended badly; whether it did."""
        unit = Unit()
        unit.add(_RETRY, id=intent_id, now=to_ms(now), deadline_at=to_ms(deadline_at))
        (rows,) = await self._database.commit(unit)
        return bool(rows)

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many intents are open, and since when the oldest of them is due."""
        (row,) = await self._database.fetch(_BACKLOG)
        return row["count"], None if row["oldest"] is None else from_ms(row["oldest"])


def reopen(unit: Unit, intent_id: int, *, now: datetime, deadline_at: datetime) -> None:
    """Put the second chance of an intent into a unit, which is undone with `LostLease` unless it ended badly."""
    unit.guard(_RETRY, id=intent_id, now=to_ms(now), deadline_at=to_ms(deadline_at))


def settle(unit: Unit, order: Order, ending: Ending, *, now: datetime, quietly: bool = False) -> None:
    """Put the end of an intent into a unit; `quietly`: only if no event of its lane is open."""
    unit.guard(
        _SETTLE_QUIETLY if quietly else _SETTLE,
        id=order.id,
        fence=order.fence,
        status=ending.outcome.value,
        code=ending.code,
        reason=ending.reason,
        result=encode(ending.result or {}),
        now=to_ms(now),
    )


def _order(row: Row) -> Order:
    return Order(
        id=row["id"],
        corp_id=row["corp_id"],
        app=row["app"],
        kind=row["kind"],
        effect=row["effect"],
        lane=row["lane"],
        body=row["body"],
        created_at=from_ms(row["created_at"]),
        deadline_at=from_ms(row["deadline_at"]),
        attempt=row["attempt"],
        doubtful=bool(row["doubtful"]),
        fence=row["fence"],
        event_id=row["event_id"],
        handler=row["handler"],
        lost=row["lost"],
    )
