"""Tasks: what members of staff have to do, and ticking it off."""

from datetime import datetime
from typing import Literal

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from storage import tasks
from storage.listing import Listing, TaskFilter
from storage.values import to_ms

routes = Routes()
_TASK = Words("待办", "task")


class TaskQuery(Walk):
    """Which tasks."""

    staff: Line = ""
    customer: Line = ""
    status: Literal["open", "done"] | None = None


class Task(Answer):
    """Something a member should do; `text` is empty for who may not see people."""

    id: Identity
    user_id: str
    external_user_id: str
    what: str
    text: str
    status: str
    due_at: datetime
    created_at: datetime
    done_at: datetime | None


@routes.on("GET /tasks", Permission.READ_TASKS, "待办列表", "List tasks, the most pressing first")
async def browse(call: Call, query: TaskQuery) -> Page[Task]:
    """A rep sees their own, a leader their departments'."""
    which = TaskFilter(staff=call.principal.within(query.staff), customer=query.customer, status=query.status or "")
    place = read_place(query.after, int, int)
    after = None if place is None else (int(place[0]), int(place[1]))
    found = await Listing(call.store.scope).tasks(which, limit=query.limit + 1, after=after)
    return turn(found, query.limit, lambda task: _show(call, task), lambda task: (to_ms(task.due_at), task.id))


@routes.on("POST /tasks/{task_id}/done", Permission.WRITE_TASKS, "完成待办", "Tick a task off")
async def finish(call: Call, task_id: Identity) -> Task:
    """One that was done already keeps its moment."""
    task = await Listing(call.store.scope).task(task_id)
    if task is None or not call.principal.sees(task.user_id):
        raise missing(_TASK)
    call.store.tasks.finish(task_id)
    done = {"status": "done", "done_at": task.done_at or call.now}
    return _show(call, task).model_copy(update=done)


def _show(call: Call, task: tasks.Task) -> Task:
    return Task.model_validate(task).model_copy(update={"text": call.principal.hide(task.text)})
