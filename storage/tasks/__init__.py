"""What members of staff have to do: given once per effect, changed by whoever has read how it stands.

When something is next to be done about one is its `look_at`: the clock announces `TasksDue` where there is any.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sop import tasks as rules
from sop.events import Own, TaskEnded, TasksDue
from sop.tasks import Give, Status, Task
from storage.engine.many import Kind, bulk
from storage.engine.sql import Statement, insert
from storage.history import Fact, History
from storage.scope import Scope
from storage.tasks.lists import TaskLists
from storage.values import maybe_ms, new_id, to_ms

__all__ = ["Task", "Tasks"]

_GIVEN = (
    "id", "user_id", "external_user_id", "what", "title", "text", "effect", "origin", "origin_id", "node",
    "enrolment_id", "due_at", "escalate_after", "shown_at", "look_at", "cards",
)  # fmt: skip
_SAME = ("corp_id", "status", "event_id", "created_at")  # for all that are given in one unit
_MOVED = ("user_id", "status", "reason", "due_at", "shown_at", "look_at", "postponed", "cards", "ended_at", "ended_by")
_TEXTS = {
    "user_id", "external_user_id", "what", "title", "text", "effect", "origin", "node", "status", "reason", "ended_by",
}  # fmt: skip


def _kinds(names: Iterable[str], ahead: str = "") -> dict[str, Kind]:
    return {f"{ahead}{name}": "TEXT" if name in _TEXTS else "BIGINT" for name in names}


_ADD = insert("tasks", (*_SAME, *_GIVEN), unless="effect")
_ADD_ALL = bulk(
    f"INSERT INTO tasks ({', '.join((*_SAME, *_GIVEN))})"
    f" SELECT :corp_id, :status, CAST(:event_id AS BIGINT), CAST(:created_at AS BIGINT),"
    f" {', '.join(f'r.{name}' for name in _GIVEN)}"
    " FROM {rows} AS r WHERE TRUE ON CONFLICT (effect) DO NOTHING",
    **_kinds(_GIVEN),
)
_CHANGE = Statement(f"""
    UPDATE tasks SET {", ".join(f"{name} = :{name}" for name in _MOVED)}, moves = moves + 1
    WHERE corp_id = :corp_id AND id = :id AND moves = :moves
""")
_CHANGE_ALL = bulk(
    f"""
    UPDATE tasks SET {", ".join(f"{name} = r.new_{name}" for name in _MOVED)}, moves = moves + 1
    FROM {{rows}} AS r WHERE tasks.corp_id = :corp_id AND tasks.id = r.task_id AND tasks.moves = r.before
    """,
    task_id="BIGINT",
    before="BIGINT",
    **_kinds(_MOVED, "new_"),
)
_WAKE = Statement("""
    UPDATE tasks SET look_at = :at, moves = moves + 1
    WHERE corp_id = :corp_id AND user_id = :user_id AND ended_at IS NULL AND status <> 'escalated'
""")
_RENAME = Statement("""
    UPDATE tasks SET user_id = :new, moves = moves + 1
    WHERE corp_id = :corp_id AND user_id = :user_id AND ended_at IS NULL
""")


class Tasks(TaskLists):
    """The tasks of a corp."""

    def __init__(self, scope: Scope, announce: Callable[[Own], int]) -> None:
        super().__init__(scope)
        self._announce = announce

    def give(self, wanted: Give) -> int:
        """Give a member something to do; the id it gets unless its effect was given before."""
        row = self._row(wanted)
        self._scope.write(_ADD, **self._same(), **row)
        return int(row["id"])

    def give_all(self, wanted: Iterable[Give]) -> tuple[int, ...]:
        """The same for many at once, such as a thousand."""
        rows = [self._row(each) for each in wanted]
        if rows:
            self._scope.write(_ADD_ALL, **self._same(), **{name: [row[name] for row in rows] for name in _GIVEN})
        return tuple(int(row["id"]) for row in rows)

    def change(self, *tasks: Task) -> None:
        """Write what `sop.tasks` has made of tasks, and tell whoever waits for their end.

        At commit it is `LostLease` if one was changed since it was read.
        """
        tasks = tuple(sorted(tasks, key=lambda task: task.id))  # in one order, so that two never wait for each other
        rows = [_moved(task) for task in tasks]
        if len(tasks) == 1:
            (task,) = tasks
            self._scope.unit.guard(_CHANGE, corp_id=self._scope.corp_id, id=task.id, moves=task.moves, **rows[0])
        elif tasks:
            self._scope.unit.guard(
                _CHANGE_ALL,
                rows=len(tasks),
                corp_id=self._scope.corp_id,
                task_id=[task.id for task in tasks],
                before=[task.moves for task in tasks],
                **{f"new_{name}": [row[name] for row in rows] for name in _MOVED},
            )
        self._tell([task for task in tasks if task.ended])

    def wake(self, user_id: str) -> None:
        """Have all that a member has to do looked at now, as they have left."""
        self._scope.write(_WAKE, user_id=user_id, at=self._scope.at)

    def rename(self, user_id: str, new: str) -> None:
        """What a member has to do is under another user id from now on."""
        self._scope.write(_RENAME, user_id=user_id, new=new)

    async def cancel_of(self, enrolments: Collection[int], reason: str) -> None:
        """Cancel what those in a flow have made members do and is not done yet, as they are no longer in it."""
        pending = await self.of_enrolments(enrolments)
        self.change(*(rules.cancel(task, reason, now=self._scope.now) for task in pending))

    def look_again(self, last: Task) -> None:
        """Have the next batch looked at; `last` is the last one of this."""
        scope = self._scope
        self._announce(TasksDue(corp_id=scope.corp_id, at=scope.now, after=f"{last.id}.{last.moves}"))

    def _same(self) -> dict[str, Any]:
        scope = self._scope
        return {"status": Status.OPEN, "event_id": scope.event_id, "created_at": scope.at}

    def _row(self, wanted: Give) -> dict[str, Any]:
        """A task as it begins: waiting to be shown, or shown already."""
        scope = self._scope
        shown_at = scope.at if wanted.carded else None
        look_at = to_ms(wanted.show_at or scope.now)
        if wanted.carded:
            look_at = max(to_ms(wanted.due_at), to_ms(scope.now + rules.GRACE))
        same = ("user_id", "external_user_id", "what", "title", "text", "origin", "origin_id", "node", "enrolment_id")
        return {
            "id": new_id(),
            **{name: getattr(wanted, name) for name in same},
            "effect": f"{scope.corp_id}/{wanted.effect}",
            "due_at": to_ms(wanted.due_at),
            "escalate_after": _span(wanted.escalate_after),
            "shown_at": shown_at,
            "look_at": look_at,
            "cards": int(wanted.carded),
        }

    def _tell(self, ended: Sequence[Task]) -> None:
        """Who gave them hears of their end; that they were done is the customers' history, too."""
        for task in ended:
            if task.origin:
                self._announce(_end(task, self._scope))
        done = [task for task in ended if task.status is Status.DONE and task.external_user_id]
        History(self._scope).extend([_fact(task, self._scope.now) for task in done])


def _end(task: Task, scope: Scope) -> TaskEnded:
    return TaskEnded(
        corp_id=scope.corp_id,
        at=scope.now,
        task_id=task.id,
        origin=task.origin,
        origin_id=task.origin_id,
        enrolment_id=task.enrolment_id,
        status=task.status.value,
    )


def _fact(task: Task, at: datetime) -> Fact:
    about = {"task_id": str(task.id), "task": task.what, "origin": task.origin, "origin_id": str(task.origin_id)}
    return Fact(
        what="task_done",
        external_user_id=task.external_user_id,
        user_id=task.user_id,
        effect=f"task_done:{task.id}",
        facts={**about, "node": task.node, "by": task.ended_by},
        at=at,
    )


def _moved(task: Task) -> dict[str, Any]:
    return {
        "user_id": task.user_id,
        "status": task.status.value,
        "reason": task.reason,
        "due_at": to_ms(task.due_at),
        "shown_at": maybe_ms(task.shown_at),
        "look_at": maybe_ms(task.look_at),
        "postponed": task.postponed,
        "cards": task.cards,
        "ended_at": maybe_ms(task.ended_at),
        "ended_by": task.ended_by,
    }


def _span(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds() * 1000)
