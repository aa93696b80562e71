"""What members of staff have to do, as far as we know."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine.sql import Row, Statement, insert
from storage.scope import Scope
from storage.values import FOREVER, from_ms, maybe_moment, new_id, to_ms

_COLUMNS = "id, user_id, external_user_id, what, text, status, due_at, created_at, done_at"
_ADD = insert(
    "tasks",
    (
        "id", "corp_id", "user_id", "external_user_id", "what", "text",
        "status", "effect", "event_id", "due_at", "created_at",
    ),
    unless="effect",
)  # fmt: skip
_OPEN = Statement(f"""
    SELECT {_COLUMNS} FROM tasks
    WHERE corp_id = :corp_id AND user_id = :user_id AND status = 'open' AND due_at < :before
    ORDER BY due_at, id LIMIT :most
""")
_ABOUT = Statement(f"""
    SELECT {_COLUMNS} FROM tasks
    WHERE corp_id = :corp_id AND user_id = :user_id AND status = 'open' AND external_user_id = :external_user_id
    ORDER BY due_at, id
""")
_DONE = Statement("""
    UPDATE tasks SET status = 'done', done_at = :done_at
    WHERE corp_id = :corp_id AND id = :id AND status = 'open'
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something one member should do about one customer; `what` is the kind: greet, followup, churn."""

    id: int
    user_id: str
    external_user_id: str
    what: str
    text: str
    status: str
    due_at: datetime
    created_at: datetime
    done_at: datetime | None


class Tasks:
    """The tasks of a corp."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def add(
        self, what: str, user_id: str, *, text: str, effect: str, external_user_id: str = "", due_at: datetime
    ) -> int:
        """Give a member something to do, once per `effect`; the task's id unless it was there before."""
        identity = new_id()
        self._scope.write(
            _ADD,
            id=identity,
            user_id=user_id,
            external_user_id=external_user_id,
            what=what,
            text=text,
            status="open",
            effect=f"{self._scope.corp_id}/{effect}",
            event_id=self._scope.event_id,
            due_at=to_ms(due_at),
            created_at=self._scope.at,
        )
        return identity

    async def open(self, user_id: str, *, before: datetime | None = None, most: int = 50) -> tuple[Task, ...]:
        """What a member has to do (before a moment), the most pressing first."""
        rows = await self._scope.fetch(
            _OPEN, user_id=user_id, before=FOREVER if before is None else to_ms(before), most=most
        )
        return tuple(_task(row) for row in rows)

    async def about(self, user_id: str, external_user_id: str) -> tuple[Task, ...]:
        """What a member has to do about one customer."""
        return tuple(map(_task, await self._scope.fetch(_ABOUT, user_id=user_id, external_user_id=external_user_id)))

    def finish(self, task_id: int) -> None:
        """A task is done; one that was done already keeps its moment."""
        self._scope.write(_DONE, id=task_id, done_at=self._scope.at)


def _task(row: Row) -> Task:
    return Task(
        id=row["id"],
        user_id=row["user_id"],
        external_user_id=row["external_user_id"],
        what=row["what"],
        text=row["text"],
        status=row["status"],
        due_at=from_ms(row["due_at"]),
        created_at=from_ms(row["created_at"]),
        done_at=maybe_moment(row["done_at"]),
    )
