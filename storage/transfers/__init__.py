"""Transfers as they were asked for, and how far they have come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import select

from sop.errors import Invalid
from sop.jobs import Plan
from sop.transfers import JOB, UNDECIDED, Draft, State, What, check
from sop.transfers.takers import Mode, Taker
from storage import sight
from storage.engine.sql import Row, Statement, insert
from storage.jobs import Jobs
from storage.schema.transfers import transfers
from storage.scope import Scope
from storage.transfers.candidates import Which
from storage.values import FOREVER, encode, from_ms, new_id

_HEAD = ("what", "handover", "resigned", "takers", "mode", "which", "message", "source_id", "job_id")
_ADD = insert("transfers", ("id", "corp_id", *_HEAD, "created_at"))
_SELECT = f"SELECT id, {', '.join(_HEAD)}, created_at FROM transfers WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_COUNTS = Statement("""
    SELECT taker, state, COUNT(*) AS count FROM transfer_rows WHERE transfer_id = :id GROUP BY taker, state
""")
_takers = msgspec.json.Decoder(tuple[Taker, ...])
_which = msgspec.json.Decoder(Which)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as it was asked for; `which` is the filter that chose whom."""

    id: int
    what: What
    handover: str
    resigned: bool
    takers: tuple[Taker, ...]
    mode: Mode
    which: Which
    message: str
    source_id: int | None
    job_id: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of a transfer stand how, by taker; those left out have the taker ""."""

    by_taker: Mapping[str, Mapping[State, int]] = field(default_factory=dict)

    @property
    def states(self) -> dict[State, int]:
        """Of all takers together."""
        total = dict.fromkeys(State, 0)
        for counts in self.by_taker.values():
            for state, count in counts.items():
                total[state] += count
        return {state: count for state, count in total.items() if count}

    @property
    def undecided(self) -> int:
        """How many have no end yet."""
        return sum(count for state, count in self.states.items() if state in UNDECIDED)


class Transfers:
    """The transfers of a corp."""

    def __init__(self, scope: Scope, jobs: Jobs) -> None:
        self._scope = scope
        self._jobs = jobs

    def add(self, draft: Draft, *, which: Which, source_id: int | None = None) -> Transfer:
        """Store a transfer and begin the job that carries it out. Raises `Invalid`."""
        if found := check(draft):
            raise Invalid(found)
        identity = new_id()
        parts = [Plan(), *(Plan(name=taker.user_id) for taker in draft.takers)]
        job_id = self._jobs.start(JOB, parts, name=draft.handover, body={"transfer_id": str(identity)})
        transfer = Transfer(
            id=identity,
            what=draft.what,
            handover=draft.handover,
            resigned=draft.resigned,
            takers=draft.takers,
            mode=draft.mode,
            which=which,
            message=draft.message,
            source_id=source_id,
            job_id=job_id,
            created_at=self._scope.now,
        )
        values = {name: getattr(transfer, name) for name in _HEAD}
        documents = {name: encode(values[name]) for name in ("takers", "which")}
        self._scope.write(_ADD, id=identity, created_at=self._scope.at, **values | documents)
        return transfer

    async def get(self, transfer_id: int) -> Transfer | None:
        """One transfer."""
        return next((_transfer(row) for row in await self._scope.fetch(_GET, id=transfer_id)), None)

    async def page(
        self, *, staff: Collection[str] | None = None, before: int = FOREVER, most: int = 50
    ) -> tuple[Transfer, ...]:
        """Transfers (of customers of these members), newest first; `before` is the last id of the page before."""
        own = transfers.c
        query = select(transfers).where(own.corp_id == self._scope.corp_id, own.id < before)
        if staff is not None:
            query = query.where(sight.among(own.handover, staff))
        rows = await self._scope.database.fetch(Statement(query.order_by(own.id.desc()).limit(most)))
        return tuple(map(_transfer, rows))

    async def counts(self, transfer_id: int) -> Counts:
        """How many of a transfer stand how."""
        found: dict[str, dict[State, int]] = {}
        for row in await self._scope.fetch(_COUNTS, id=transfer_id):
            found.setdefault(row["taker"], {})[State(row["state"])] = row["count"]
        return Counts(found)


def _transfer(row: Row) -> Transfer:
    values = {name: row[name] for name in ("id", *_HEAD)}
    values |= {"takers": _takers.decode(row["takers"]), "which": _which.decode(row["which"])}
    return Transfer(**values | {"resigned": bool(row["resigned"]), "created_at": from_ms(row["created_at"])})
