"""Tasks: what members of staff have to do, and what becomes of it."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Name, Page, Shape, Text, Walk
from console.api.words import Words
from console.names import check_staff
from sop import tasks as rules
from sop.errors import Invalid
from sop.limits import Violation
from sop.tasks import Give
from storage import tasks
from storage.listing import Listing, StaffFilter
from storage.tasks.lists import Numbers, TaskFilter
from storage.values import new_id, to_ms

routes = Routes()
_TASK = Words("待办", "task")
_WEEK = 60 * 24 * 7
_MONTHS = 366


class TaskQuery(Walk):
    """Which tasks; `pending` ones wait to be done, whether open, postponed, overdue or escalated."""

    staff: Line = ""
    customer: Line = ""
    status: Literal["open", "postponed", "overdue", "escalated", "done", "cancelled"] | None = None
    pending: bool | None = None
    what: Line = ""
    origin: Line = ""
    origin_id: Identity | None = None


class NewTask(Shape):
    """A task given by hand; `text` is what the member is to send or to know.

    The member is told at `show_at`, by default at once; not done so many minutes after `due_at`, the lead is told.
    """

    staff: Key
    customer: Line = ""
    title: Name
    text: Text = ""
    due_at: AwareDatetime
    show_at: AwareDatetime | None = None
    escalate_after_minutes: Annotated[int, Field(ge=0, le=_WEEK)] | None = None


class Postponement(Shape):
    """Until when a task is put off."""

    until: AwareDatetime


class Handing(Shape):
    """Who is to do it from now on."""

    staff: Key


class Task(Answer):
    """Something a member should do; `title` and `text` are empty for who may not see people."""

    id: Identity
    user_id: str
    external_user_id: str
    what: str
    title: str
    text: str
    status: str
    reason: str
    origin: str
    origin_id: Identity | None
    node: str
    due_at: datetime
    shown_at: datetime | None
    postponed: int
    created_at: datetime
    ended_at: datetime | None
    ended_by: str


class NumbersQuery(Walk):
    """The last so many days count."""

    days: Annotated[int, Field(ge=1, le=_MONTHS)] = 7


class MemberNumbers(Answer):
    """A member's tasks: those that wait, `late` and `escalated` among them, and what has ended in these days."""

    user_id: str
    name: str
    pending: int
    late: int
    escalated: int
    done: int
    in_time: int
    cancelled: int


@routes.on("GET /tasks", Permission.READ_TASKS, "待办列表", "List tasks, the most pressing first")
async def browse(call: Call, query: TaskQuery) -> Page[Task]:
    """A rep sees their own, a leader their departments'."""
    which = TaskFilter(
        staff=call.principal.within(query.staff),
        customer=query.customer,
        status=query.status or "",
        pending=query.pending,
        what=query.what,
        origin=query.origin,
        origin_id=query.origin_id,
    )
    place = read_place(query.after, int, int)
    after = None if place is None else (int(place[0]), int(place[1]))
    found = await call.store.tasks.page(which, most=query.limit + 1, after=after)
    return turn(found, query.limit, lambda task: _show(call, task), lambda task: (to_ms(task.due_at), task.id))


@routes.on("GET /tasks/numbers", Permission.READ_TASKS, "员工待办统计", "How members fare with their tasks")
async def count(call: Call, query: NumbersQuery) -> Page[MemberNumbers]:
    """Members by user id, those with nothing to do too."""
    place = read_place(query.after, str)
    which = StaffFilter(active=True, only=call.principal.staff)
    after = "" if place is None else str(place[0])
    members = await Listing(call.store.scope).staff(which, limit=query.limit + 1, after=after)
    since = call.midnight - timedelta(days=query.days - 1)
    found = await call.store.tasks.numbers([member.user_id for member in members], since=since)
    rows = [(member, found.get(member.user_id, Numbers())) for member in members]
    return turn(
        rows, query.limit, lambda row: _fare(row[0].user_id, row[0].name, row[1]), lambda row: (row[0].user_id,)
    )


@routes.on("POST /tasks", Permission.WRITE_TASKS, "新建待办", "Give a member a task", status=201)
async def give(call: Call, body: NewTask) -> Task:
    """Within the data scope; a customer that it is about must be the member's."""
    call.principal.within(body.staff)
    found = await check_staff(call, {"staff": (body.staff,)}, must="work")
    if not found and body.customer and await call.store.relations.find(body.customer, body.staff) is None:
        zh, en = "该客户不在这位员工名下", "this customer is none of the member's"
        found.append(Violation("customer", zh, en))
    if found:
        raise Invalid(found)
    minutes = body.escalate_after_minutes
    wanted = Give(
        user_id=body.staff,
        external_user_id=body.customer,
        what="given",
        title=body.title,
        text=body.text,
        effect=f"given:{new_id()}",
        due_at=body.due_at,
        escalate_after=None if minutes is None else timedelta(minutes=minutes),
        show_at=body.show_at,
    )
    task_id = call.store.tasks.give(wanted)
    return _show(call, _as_given(wanted, task_id, call))


@routes.on("GET /tasks/{task_id}", Permission.READ_TASKS, "查看待办", "Show a task")
async def show(call: Call, task_id: Identity) -> Task:
    """With the whole text."""
    return _show(call, await _find(call, task_id))


@routes.on("POST /tasks/{task_id}/done", Permission.WRITE_TASKS, "完成待办", "Tick a task off")
async def finish(call: Call, task_id: Identity) -> Task:
    """One that was done already keeps its moment."""
    task = await _find(call, task_id)
    if task.status is rules.Status.DONE:
        return _show(call, task)
    return _change(call, rules.finish(_pending(task), call.principal.user_id, now=call.now))


@routes.on("POST /tasks/{task_id}/postpone", Permission.WRITE_TASKS, "推迟待办", "Put a task off")
async def postpone(call: Call, task_id: Identity, body: Postponement) -> Task:
    """The member is told again at that time."""
    task = await _find(call, task_id)
    return _change(call, rules.postpone(_pending(task), body.until, now=call.now))


@routes.on("POST /tasks/{task_id}/hand", Permission.WRITE_TASKS, "转交待办", "Hand a task to another member")
async def hand(call: Call, task_id: Identity, body: Handing) -> Task:
    """Both must be within the data scope; the other is told as if it were new."""
    task = _pending(await _find(call, task_id))
    call.principal.within(body.staff)
    if found := await check_staff(call, {"staff": (body.staff,)}, must="work"):
        raise Invalid(found)
    return _change(call, rules.hand(task, body.staff, now=call.now))


@routes.on("POST /tasks/{task_id}/cancel", Permission.WRITE_TASKS, "取消待办", "Cancel a task")
async def cancel(call: Call, task_id: Identity) -> Task:
    """It is not to be done any more; whoever gave it hears of it."""
    task = _pending(await _find(call, task_id))
    return _change(call, rules.cancel(task, rules.BY_OPERATOR, by=call.principal.user_id, now=call.now))


async def _find(call: Call, task_id: int) -> tasks.Task:
    task = await call.store.tasks.get(task_id)
    if task is None or not call.principal.sees(task.user_id):
        raise missing(_TASK)
    return task


def _pending(task: tasks.Task) -> tasks.Task:
    if task.ended:
        raise Problem("state", reason_zh="待办已结束。", reason_en="The task has ended.")
    return task


def _change(call: Call, task: tasks.Task) -> Task:
    call.store.tasks.change(task)
    return _show(call, task)


def _show(call: Call, task: tasks.Task) -> Task:
    hide = call.principal.hide
    told = {"title": hide(task.title), "text": hide(task.text), "origin_id": task.origin_id or None}
    return Task.model_validate(task).model_copy(update=told)


def _fare(user_id: str, name: str, numbers: Numbers) -> MemberNumbers:
    names = ("pending", "late", "escalated", "done", "in_time", "cancelled")
    return MemberNumbers(user_id=user_id, name=name, **{each: getattr(numbers, each) for each in names})


def _as_given(wanted: Give, task_id: int, call: Call) -> tasks.Task:
    same = ("user_id", "external_user_id", "what", "title", "text", "due_at", "escalate_after")
    return tasks.Task(
        id=task_id,
        look_at=wanted.show_at or call.now,
        created_at=call.now,
        **{name: getattr(wanted, name) for name in same},
    )
