"""Tasks as they are read: a page of them, what is due, what a member's day holds, and how members fare."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, tuple_

from sop.tasks import Status, Task
from sop.tasks.agenda import Agenda
from storage import sight
from storage.engine.sql import Row, Statement
from storage.schema.tasks import tasks
from storage.scope import Scope
from storage.values import FOREVER, encode, from_ms, maybe_moment, to_ms

_NAMES = (
    "id", "user_id", "external_user_id", "what", "title", "text", "status", "reason", "origin", "origin_id", "node",
    "enrolment_id", "due_at", "escalate_after", "shown_at", "look_at", "postponed", "cards", "moves", "created_at",
    "ended_at", "ended_by",
)  # fmt: skip
_COLUMNS = ", ".join(f"t.{name}" for name in _NAMES)
_GET = Statement(f"SELECT {_COLUMNS} FROM tasks AS t WHERE t.corp_id = :corp_id AND t.id = :id")
_OPEN = Statement(f"""
    SELECT {_COLUMNS} FROM tasks AS t
    WHERE t.corp_id = :corp_id AND t.user_id = :user_id AND t.ended_at IS NULL AND t.due_at < :before
    ORDER BY t.due_at, t.id LIMIT :most
""")
_ABOUT = Statement(f"""
    SELECT {_COLUMNS} FROM tasks AS t
    WHERE t.corp_id = :corp_id AND t.external_user_id = :external_user_id AND t.user_id = :user_id
      AND t.ended_at IS NULL ORDER BY t.due_at, t.id
""")
_OF_CUSTOMER = Statement(f"""
    SELECT {_COLUMNS} FROM tasks AS t
    WHERE t.corp_id = :corp_id AND t.external_user_id = :external_user_id AND t.ended_at IS NULL
    ORDER BY t.due_at, t.id
""")
_OF_ENROLMENTS = Statement(f"""
    SELECT {_COLUMNS} FROM tasks AS t
    WHERE t.corp_id = :corp_id AND t.ended_at IS NULL AND t.enrolment_id IN (
        SELECT CAST(value AS BIGINT) FROM {{each}}(CAST(:ids AS {{json}})))
    ORDER BY t.id
""")
_DUE = Statement(f"""
    SELECT {_COLUMNS}, c.name AS customer, s.name AS staff, s.active AS active
    FROM tasks AS t
    LEFT JOIN customers AS c ON c.corp_id = t.corp_id AND c.external_user_id = t.external_user_id
    LEFT JOIN staff AS s ON s.corp_id = t.corp_id AND s.user_id = t.user_id
    WHERE t.corp_id = :corp_id AND t.look_at <= :now ORDER BY t.look_at, t.id LIMIT :most
""")
_COUNT = Statement(
    "SELECT COUNT(*) AS count FROM tasks WHERE corp_id = :corp_id AND user_id = :user_id AND ended_at IS NULL"
)
_LATE = "COUNT(CASE WHEN t.status IN ('overdue', 'escalated') THEN 1 END)"
_AGENDAS = Statement(f"""
    SELECT * FROM (
        SELECT {_COLUMNS}, ROW_NUMBER() OVER (PARTITION BY t.user_id ORDER BY t.due_at, t.id) AS place,
               COUNT(*) OVER (PARTITION BY t.user_id) AS pending, {_LATE} OVER (PARTITION BY t.user_id) AS late
        FROM tasks AS t
        WHERE t.corp_id = :corp_id AND t.user_id IN (SELECT value FROM {{each}}(CAST(:users AS {{json}})))
          AND t.ended_at IS NULL AND t.due_at < :before) AS r
    WHERE place <= :most ORDER BY user_id, place
""")
_NUMBERS = Statement("""
    SELECT user_id,
           COUNT(CASE WHEN ended_at IS NULL THEN 1 END) AS pending,
           COUNT(CASE WHEN status IN ('overdue', 'escalated') THEN 1 END) AS late,
           COUNT(CASE WHEN status = 'escalated' THEN 1 END) AS escalated,
           COUNT(CASE WHEN status = 'done' THEN 1 END) AS done,
           COUNT(CASE WHEN status = 'done' AND ended_at <= due_at THEN 1 END) AS in_time,
           COUNT(CASE WHEN status = 'cancelled' THEN 1 END) AS cancelled
    FROM tasks
    WHERE corp_id = :corp_id AND user_id IN (SELECT value FROM {each}(CAST(:users AS {json})))
      AND (ended_at IS NULL OR ended_at >= :since)
    GROUP BY user_id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How a member fares: what waits, how much of it is late or with the lead by now; what was done since a moment."""

    pending: int = 0
    late: int = 0
    escalated: int = 0
    done: int = 0
    in_time: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks; what is empty or None does not matter. `pending` ones wait to be done."""

    staff: sight.Staff = None
    customer: str = ""
    status: str = ""
    pending: bool | None = None
    what: str = ""
    origin: str = ""
    origin_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A task whose time has come, with whom it is about: names, and whether its member is still here."""

    task: Task
    customer: str
    staff: str
    here: bool


class TaskLists:
    """The tasks of a corp, to be read."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, task_id: int) -> Task | None:
        """One task."""
        rows = await self._scope.fetch(_GET, id=task_id)
        return _task(rows[0]) if rows else None

    async def open(self, user_id: str, *, before: datetime | None = None, most: int = 50) -> tuple[Task, ...]:
        """What a member has to do (before a moment), the most pressing first."""
        rows = await self._scope.fetch(
            _OPEN, user_id=user_id, before=FOREVER if before is None else to_ms(before), most=most
        )
        return tuple(map(_task, rows))

    async def count(self, user_id: str) -> int:
        """How much a member has to do."""
        (row,) = await self._scope.fetch(_COUNT, user_id=user_id)
        count: int = row["count"]
        return count

    async def agendas(self, users: Collection[str], *, before: datetime, most: int) -> dict[str, Agenda]:
        """What members have to do before a moment, the most pressing by name; those who have nothing are missing."""
        rows = await self._scope.fetch(_AGENDAS, users=encode(sorted(users)), before=to_ms(before), most=most)
        found: dict[str, Agenda] = {}
        for row in rows:
            before_it = found[row["user_id"]].tasks if row["user_id"] in found else ()
            found[row["user_id"]] = Agenda(pending=row["pending"], late=row["late"], tasks=(*before_it, _task(row)))
        return found

    async def about(self, user_id: str, external_user_id: str) -> tuple[Task, ...]:
        """What a member has to do about one customer."""
        return tuple(map(_task, await self._scope.fetch(_ABOUT, user_id=user_id, external_user_id=external_user_id)))

    async def of_customer(self, external_user_id: str) -> tuple[Task, ...]:
        """What anybody has to do about one customer."""
        return tuple(map(_task, await self._scope.fetch(_OF_CUSTOMER, external_user_id=external_user_id)))

    async def of_enrolments(self, enrolments: Collection[int]) -> tuple[Task, ...]:
        """What is pending for those in a flow."""
        ids = encode(sorted(enrolments))
        return tuple(map(_task, await self._scope.fetch(_OF_ENROLMENTS, ids=ids))) if enrolments else ()

    async def due(self, *, most: int) -> tuple[Due, ...]:
        """What is to be looked at by now, the longest due first."""
        return tuple(map(_due, await self._scope.fetch(_DUE, now=self._scope.at, most=most)))

    async def numbers(self, users: Collection[str], *, since: datetime) -> dict[str, Numbers]:
        """How members fare, those who have anything to do or had."""
        rows = await self._scope.fetch(_NUMBERS, users=encode(sorted(users)), since=to_ms(since))
        names = ("pending", "late", "escalated", "done", "in_time", "cancelled")
        return {row["user_id"]: Numbers(**{name: row[name] for name in names}) for row in rows}

    async def page(self, which: TaskFilter, *, most: int, after: tuple[int, int] | None = None) -> list[Task]:
        """A page of tasks, the most pressing first; `after` is due time and id of the last one before."""
        own = tasks.c
        wanted = {"external_user_id": which.customer, "status": which.status}
        wanted |= {"what": which.what, "origin": which.origin}
        query = select(tasks).where(
            own.corp_id == self._scope.corp_id, *(own[name] == value for name, value in wanted.items() if value)
        )
        if which.origin_id is not None:
            query = query.where(own.origin_id == which.origin_id)
        if which.pending is not None:
            query = query.where(own.ended_at.is_(None) if which.pending else own.ended_at.is_not(None))
        if which.staff is not None:
            query = query.where(sight.among(own.user_id, which.staff))
        if after is not None:
            query = query.where(tuple_(own.due_at, own.id) > tuple_(*after))
        rows = await self._scope.database.fetch(Statement(query.order_by(own.due_at, own.id).limit(most)))
        return [_task(row) for row in rows]


def _task(row: Row) -> Task:
    same = (
        "id", "user_id", "external_user_id", "what", "title", "text", "reason", "origin", "origin_id", "node",
        "enrolment_id", "postponed", "cards", "moves", "ended_by",
    )  # fmt: skip
    wait = row["escalate_after"]
    return Task(
        **{name: row[name] for name in same},
        status=Status(row["status"]),
        escalate_after=None if wait is None else timedelta(milliseconds=wait),
        due_at=from_ms(row["due_at"]),
        created_at=from_ms(row["created_at"]),
        shown_at=maybe_moment(row["shown_at"]),
        look_at=maybe_moment(row["look_at"]),
        ended_at=maybe_moment(row["ended_at"]),
    )


def _due(row: Row) -> Due:
    here = row["active"]
    return Due(
        task=_task(row),
        customer=row["customer"] or "",
        staff=row["staff"] or row["user_id"],
        here=here is None or bool(here),  # of whom we know nothing has not left
    )
