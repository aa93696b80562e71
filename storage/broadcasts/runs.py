"""The runs of broadcasts: each time that one goes out, for whom, and how far that has come."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sop.broadcasts import document
from sop.broadcasts.document import Broadcast
from sop.broadcasts.plans import Load, Phase
from sop.broadcasts.states import RunStatus
from sop.broadcasts.turns import Turn
from storage.engine.many import bulk, joined
from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, decode, encode, from_ms, maybe_moment, maybe_ms, new_id, to_ms

_COLUMNS = (
    "id, broadcast_id, number, body, status, reason, job_id, phase, winner, won_by, due_at, wall, size, pages, "
    "decide_at, expires_at, created_at, ended_at"
)
_SELECT = f"SELECT {_COLUMNS} FROM broadcast_runs WHERE corp_id = :corp_id"
_GET = Statement(f"{_SELECT} AND id = :id")
_PAGE = Statement(
    f"{_SELECT} AND broadcast_id = :broadcast_id AND number < CAST(:before AS BIGINT) ORDER BY number DESC LIMIT :most"
)
_OPEN = Statement(f"{_SELECT} AND broadcast_id = :broadcast_id AND ended_at IS NULL ORDER BY number")
_SERIES = Statement("""
    SELECT id FROM broadcast_runs
    WHERE corp_id = :corp_id AND broadcast_id = :broadcast_id AND id <> :id AND due_at >= :since
""")
_ADD = insert(
    "broadcast_runs",
    ("id", "corp_id", "broadcast_id", "number", "body", "status", "reason", "phase", "due_at", "wall", "created_at",
     "ended_at"),
)  # fmt: skip
_MOVE = Statement("""
    UPDATE broadcast_runs SET status = :status, reason = :reason, job_id = CAST(:job_id AS BIGINT), phase = :phase,
        winner = :winner, won_by = :won_by, due_at = :due_at, size = :size, pages = :pages,
        decide_at = CAST(:decide_at AS BIGINT), expires_at = CAST(:expires_at AS BIGINT),
        ended_at = CAST(:ended_at AS BIGINT)
    WHERE corp_id = :corp_id AND id = :id AND status = :before AND phase = :before_phase
""")
_STILL = Statement(
    "UPDATE broadcast_runs SET status = status WHERE corp_id = :corp_id AND id = :id AND status = :status"
)
_KEEP = insert("broadcast_pages", ("run_id", "number", "subjects"))
_READ = Statement("SELECT subjects FROM broadcast_pages WHERE run_id = :run_id AND number = :number")
_CLEAR = (
    Statement("DELETE FROM broadcast_pages WHERE run_id = :run_id"),
    Statement("DELETE FROM broadcast_loads WHERE run_id = :run_id"),
)
_LOADS = joined(
    "k.user_id, l.open, l.count",
    "broadcast_loads AS l",
    on="l.run_id = :run_id AND l.user_id = k.user_id",
    user_id="TEXT",
)
_LOAD = bulk(
    """
    INSERT INTO broadcast_loads (run_id, user_id, open, count)
    SELECT CAST(:run_id AS BIGINT), r.user_id, r.open, r.count FROM {rows} AS r WHERE TRUE
    ON CONFLICT (run_id, user_id) DO UPDATE SET count = excluded.count
    """,
    user_id="TEXT",
    open="BIGINT",
    count="BIGINT",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One time that a broadcast goes out; `due_at` is when its messages do, of the rest when the sample was judged."""

    id: int
    broadcast_id: int
    number: int
    broadcast: Broadcast
    status: RunStatus
    reason: str = ""
    job_id: int | None = None
    phase: Phase = "all"
    winner: str = ""
    won_by: str = ""
    due_at: datetime
    wall: datetime | None = None
    size: int = 0
    pages: int = 0
    decide_at: datetime | None = None
    expires_at: datetime | None = None
    created_at: datetime
    ended_at: datetime | None = None


class Runs:
    """The runs of a corp's broadcasts."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, run_id: int) -> Run | None:
        """One run."""
        rows = await self._scope.fetch(_GET, id=run_id)
        return _run(rows[0]) if rows else None

    async def page(self, broadcast_id: int, *, before: int = FOREVER, most: int = 50) -> tuple[Run, ...]:
        """Those of a broadcast, newest first; `before` is the number of the last one of the page before."""
        rows = await self._scope.fetch(_PAGE, broadcast_id=broadcast_id, before=before, most=most)
        return tuple(map(_run, rows))

    async def numbered(self, broadcast_id: int, number: int) -> Run | None:
        """The run of a broadcast with a number."""
        found = await self.page(broadcast_id, before=number + 1, most=1)
        return found[0] if found and found[0].number == number else None

    async def open(self, broadcast_id: int) -> tuple[Run, ...]:
        """Those of a broadcast that go on."""
        return tuple(map(_run, await self._scope.fetch(_OPEN, broadcast_id=broadcast_id)))

    async def series(self, run: Run, since: datetime) -> frozenset[int]:
        """The other runs of the broadcast that were due from a moment on."""
        about = {"broadcast_id": run.broadcast_id, "id": run.id, "since": to_ms(since)}
        return frozenset(row["id"] for row in await self._scope.fetch(_SERIES, **about))

    def add(self, broadcast_id: int, broadcast: Broadcast, turn: Turn, **about: Any) -> Run:
        """Begin a run, or note one that is not to be. At commit `Conflict` where that number was begun already."""
        run = Run(
            id=new_id(),
            broadcast_id=broadcast_id,
            broadcast=broadcast,
            due_at=turn.at,
            wall=turn.wall,
            created_at=self._scope.now,
            **about,
        )
        self._scope.write(
            _ADD,
            id=run.id,
            broadcast_id=broadcast_id,
            number=run.number,
            body=document.dump(broadcast),
            status=run.status.value,
            reason=run.reason,
            phase=run.phase,
            due_at=to_ms(run.due_at),
            wall=run.wall.isoformat() if run.wall else "",
            created_at=self._scope.at,
            ended_at=maybe_ms(run.ended_at),
        )
        return run

    def move(self, run: Run, after: Run) -> None:
        """Note how far it has come. At commit `LostLease` if somebody was quicker."""
        same = ("reason", "job_id", "phase", "winner", "won_by", "size", "pages")
        values: dict[str, Any] = {name: getattr(after, name) for name in same}
        values |= {name: maybe_ms(getattr(after, name)) for name in ("decide_at", "expires_at", "ended_at")}
        self._scope.unit.guard(
            _MOVE,
            corp_id=self._scope.corp_id,
            id=run.id,
            before=run.status.value,
            before_phase=run.phase,
            status=after.status.value,
            due_at=to_ms(after.due_at),
            **values,
        )
        if after.ended_at is not None:
            for statement in _CLEAR:
                self._scope.write(statement, run_id=run.id)

    def hold(self, run: Run) -> None:
        """Have nothing of this transaction happen where the run does not stand so any more: somebody called it off."""
        scope = self._scope
        scope.unit.guard(_STILL, corp_id=scope.corp_id, id=run.id, status=run.status.value)

    def keep(self, run_id: int, number: int, subjects: Sequence[str]) -> None:
        """Write down a page of those it is for."""
        self._scope.write(_KEEP, run_id=run_id, number=number, subjects=encode(subjects))

    async def read(self, run_id: int, number: int) -> tuple[str, ...]:
        """A page of those it is for."""
        rows = await self._scope.fetch(_READ, run_id=run_id, number=number)
        return tuple(decode(rows[0]["subjects"])) if rows else ()

    async def loads(self, run_id: int, user_ids: Collection[str]) -> dict[str, Load]:
        """What members have to confirm of it, as far as it has come to them."""
        rows = await self._scope.fetch(_LOADS, run_id=run_id, keys=encode([[each] for each in sorted(user_ids)]))
        return {row["user_id"]: Load(row["open"], row["count"]) for row in rows}

    def load(self, run_id: int, loads: Mapping[str, Load]) -> None:
        """Note what members have to confirm of it by now."""
        if loads:
            names = sorted(loads)
            counts = {name: [getattr(loads[each], name) for each in names] for name in ("open", "count")}
            self._scope.write(_LOAD, run_id=run_id, user_id=names, **counts)


def _run(row: Row) -> Run:
    names = ("id", "broadcast_id", "number", "reason", "job_id", "phase", "winner", "won_by", "size", "pages")
    values: dict[str, Any] = {name: row[name] for name in names}
    values |= {name: maybe_moment(row[name]) for name in ("decide_at", "expires_at", "ended_at")}
    return Run(
        **values,
        broadcast=document.load(row["body"]),
        status=RunStatus(row["status"]),
        due_at=from_ms(row["due_at"]),
        wall=datetime.fromisoformat(row["wall"]) if row["wall"] else None,
        created_at=from_ms(row["created_at"]),
    )
