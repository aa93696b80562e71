"""The inbox: everything that arrives, remembered once, handed out nearest deadline first and in order per lane."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage import claims, reactions
from storage.database import Database
from storage.engine.sql import Answer, Row, Statement, Unit
from storage.scope import Hands
from storage.values import FOREVER, from_ms, new_id, to_ms

_COLUMNS = (
    "id", "corp_id", "app", "kind", "lane", "digest", "body", "origin",
    "occurred_at", "received_at", "deadline_at", "due_at",
)  # fmt: skip
_NAMES, _VALUES = ", ".join(_COLUMNS), ", ".join(f":{name}" for name in _COLUMNS)
_REMEMBER = Statement(f"INSERT INTO events ({_NAMES}) VALUES ({_VALUES}) ON CONFLICT (digest) DO NOTHING RETURNING id")
# Born in the hands of the process that writes it, unless another of its lane is there before it.
_FREE = "(NOT EXISTS (SELECT 1 FROM events AS o WHERE o.lane = :lane AND o.open))"
_REMEMBER_HELD = Statement(f"""
    INSERT INTO events ({_NAMES}, attempt, fence, lease_until)
    VALUES ({_VALUES}, CASE WHEN {_FREE} THEN 1 ELSE 0 END, CASE WHEN {_FREE} THEN 1 ELSE 0 END,
            CASE WHEN {_FREE} THEN CAST(:until AS BIGINT) ELSE 0 END)
    ON CONFLICT (digest) DO NOTHING RETURNING id, lease_until
""")
_CLAIM = claims.claim(
    "events", "id, corp_id, app, kind, lane, body, origin, occurred_at, received_at, deadline_at, done"
)
_ANY = Statement("SELECT 1 FROM events WHERE open AND due_at <= :now AND lease_until <= :now LIMIT 1")
_ALONE = Statement("SELECT pg_advisory_xact_lock(7493001)")
# A row that is being written right now is passed by: its holder is alive, and the next round comes soon.
_RENEW = Statement("""
    UPDATE events SET lease_until = :until
    WHERE id = (SELECT id FROM events WHERE id = :id AND fence = :fence AND open AND lease_until > 0 {skip_locked})
""")
_CLOSE = Statement("""
    UPDATE events SET open = FALSE, closed_at = :now, lease_until = 0, done = done || :done
    WHERE id = :id AND fence = :fence AND open
""")
_RETRY = Statement("UPDATE events SET due_at = :due_at, lease_until = 0 WHERE id = :id AND fence = :fence AND open")
_RELEASE = claims.release("events")
_REOPEN = Statement(
    "UPDATE events SET open = TRUE, closed_at = NULL, due_at = :now, attempt = 0, lost = 0 WHERE id = :id"
)
_SET_ASIDE = Statement("""
    UPDATE events SET deadline_at = :deadline_at, attempt = attempt - 1, lease_until = 0, done = done || :done
    WHERE id = :id AND fence = :fence AND open
""")
_BACKLOG = Statement("SELECT COUNT(*) AS count, MIN(received_at) AS oldest FROM events WHERE open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Something that has come in and is to be remembered."""

    corp_id: str
    app: str
    kind: str
    lane: str
    body: str
    origin: str
    occurred_at: datetime
    received_at: datetime
    deadline_at: datetime
    due_at: datetime | None = None
    salt: str = ""  # makes a repetition that is meant (a replay, a daily round) another event

    @property
    def digest(self) -> str:
        """What tells it from all others: the same thing twice has the same."""
        words = f"{self.corp_id}\0{self.app}\0{self.kind}\0{self.body}\0{self.salt}"
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An event handed to one worker until its lease ends; the fence tells it from any later claim of the row."""

    id: int
    corp_id: str
    app: str
    kind: str
    lane: str
    body: str
    origin: str
    occurred_at: datetime
    received_at: datetime
    deadline_at: datetime
    attempt: int
    fence: int
    lost: int = 0
    done: str = ""  # the handlers that need not run again, as far as they are kept here

    @property
    def tries(self) -> int:
        """How often it has been tried, this time included, but for those whose worker was lost."""
        return self.attempt - self.lost


def remember(unit: Unit, arrival: Arrival, hands: Hands[Claim] | None = None) -> int:
    """Put an arrival into a unit; the id it gets unless the same thing is remembered already.

    `hands` that have room begin with it when the unit is committed. Not on PostgreSQL, where two processes could
    each begin with one of two arrivals of a lane: there, all are claimed.
    """
    identity, received = new_id(), to_ms(arrival.received_at)
    values = {
        "id": identity,
        "corp_id": arrival.corp_id,
        "app": arrival.app,
        "kind": arrival.kind,
        "lane": f"{arrival.corp_id}/{arrival.lane}",
        "digest": arrival.digest,
        "body": arrival.body,
        "origin": arrival.origin,
        "occurred_at": to_ms(arrival.occurred_at),
        "received_at": received,
        "deadline_at": to_ms(arrival.deadline_at),
        "due_at": received if arrival.due_at is None else to_ms(arrival.due_at),
    }
    until = hands.offer() if hands and arrival.due_at is None else None
    if hands is None or until is None:
        unit.stirs.add("events")
        unit.add(_REMEMBER, values)
    else:
        unit.ask(_REMEMBER_HELD, {**values, "until": to_ms(until)}, lambda rows: _give(hands, arrival, rows))
    return identity


def _give(hands: Hands[Claim], arrival: Arrival, rows: Answer) -> None:
    """What was born held goes into the hands; what was known already does not."""
    if rows and not rows[0]["lease_until"]:
        hands.wait(f"{arrival.corp_id}/{arrival.lane}")
        return
    for row in rows:
        hands.take(
            Claim(
                id=row["id"],
                corp_id=arrival.corp_id,
                app=arrival.app,
                kind=arrival.kind,
                lane=f"{arrival.corp_id}/{arrival.lane}",
                body=arrival.body,
                origin=arrival.origin,
                occurred_at=arrival.occurred_at,
                received_at=arrival.received_at,
                deadline_at=arrival.deadline_at,
                attempt=1,
                fence=1,
            )
        )


class Inbox:
    """The events of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, arrival: Arrival) -> int | None:
        """Store an arrival durably; its id, or None where it was known already. Raises `Unavailable`."""
        unit = Unit()
        identity = remember(unit, arrival)
        (rows,) = await self._database.commit(unit)
        return identity if rows else None

    async def waiting(self, *, now: datetime) -> bool:
        """Whether anything is due that nobody holds; looking is much cheaper than claiming nothing."""
        return bool(await self._database.fetch(_ANY, now=to_ms(now)))

    async def claim(self, most: int, *, now: datetime, lease: timedelta, before: datetime | None = None) -> list[Claim]:
        """Take up to `most` due events for `lease`, nearest deadline first (only those due `before`, if given)."""
        bound = FOREVER if before is None else to_ms(before)
        unit = Unit()
        if self._database.dialect == "postgresql":
            unit.add(_ALONE)
        unit.add(_CLAIM, now=to_ms(now), until=to_ms(now + lease), most=most, before=bound)
        rows = (await self._database.commit(unit))[-1]
        return sorted((_claim(row) for row in rows), key=lambda claim: (claim.deadline_at, claim.id))

    async def renew(self, claims: Sequence[Claim], *, now: datetime, lease: timedelta) -> None:
        """Keep what is still being worked on; a lost claim shows at its next commit."""
        unit = Unit()
        for claim in claims:
            unit.add(_RENEW, id=claim.id, fence=claim.fence, until=to_ms(now + lease))
        if claims:
            await self._database.commit(unit)

    async def release(self) -> None:
        """End the leases of a process that is no more; only for who is alone on this database."""
        unit = Unit()
        unit.add(_RELEASE)
        await self._database.commit(unit)

    async def backlog(self) -> tuple[int, datetime | None]:
        """How many events are open, and since when the oldest of them."""
        (row,) = await self._database.fetch(_BACKLOG)
        return row["count"], None if row["oldest"] is None else from_ms(row["oldest"])


def close(unit: Unit, claim: Claim, *, done: Iterable[str] = (), now: datetime) -> None:
    """Finish an event: every handler has done it or given up; `done` are those whose writes are in this unit."""
    unit.guard(_CLOSE, id=claim.id, fence=claim.fence, done=_join(done), now=to_ms(now))


def retry(unit: Unit, claim: Claim, *, due_at: datetime) -> None:
    """Let an event come back later for the handlers that failed."""
    unit.guard(_RETRY, id=claim.id, fence=claim.fence, due_at=to_ms(due_at))


def set_aside(unit: Unit, claim: Claim, *, done: Iterable[str] = (), deadline_at: datetime) -> None:
    """Let an event come back for its other handlers, whose deadline is a later one; `done` as when closing."""
    unit.guard(_SET_ASIDE, id=claim.id, fence=claim.fence, done=_join(done), deadline_at=to_ms(deadline_at))


def reopen(unit: Unit, event_id: int, *, now: datetime) -> None:
    """Let the handlers that have not succeeded try again; what is done stays done."""
    reactions.forget(unit, event_id)
    unit.add(_REOPEN, id=event_id, now=to_ms(now))


def _claim(row: Row) -> Claim:
    return Claim(
        id=row["id"],
        corp_id=row["corp_id"],
        app=row["app"],
        kind=row["kind"],
        lane=row["lane"],
        body=row["body"],
        origin=row["origin"],
        occurred_at=from_ms(row["occurred_at"]),
        received_at=from_ms(row["received_at"]),
        deadline_at=from_ms(row["deadline_at"]),
        attempt=row["attempt"],
        fence=row["fence"],
        lost=row["lost"],
        done=row["done"],
    )


def _join(names: Iterable[str]) -> str:
    return "".join(f"{name} " for name in names)
