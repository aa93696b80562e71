"""Tasks of members: what somebody is to do about a customer by when, and what becomes of it if they do not.

    open ── done by the member ──────────────────────────▶ done
     │ │                                                     ▲
     │ └─ postponed ── its time comes ──▶ open again         │
     │                                                       │
     └─ not done in time ──▶ overdue ──▶ escalated ── done by the member or the lead
                             (reminded    (the lead
                              once)        is told)          any of them ──▶ cancelled

A task's card goes out at once, or when it is to be shown; `due_at` is by when it is to be done.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sop.errors import Invalid
from sop.limits import Violation
from sop.reasons import define

GRACE = timedelta(hours=1)  # so long a member has at least before they are reminded, and after that before the lead is
MOST_POSTPONED = 3  # times, or nobody would ever hear of it
LONGEST = timedelta(days=30)  # that a task can be put off


class Status(StrEnum):
    """How a task stands."""

    OPEN = "open"
    POSTPONED = "postponed"  # put off: it comes back by itself
    OVERDUE = "overdue"  # not done in time, and the member reminded
    ESCALATED = "escalated"  # the lead has been told
    DONE = "done"
    CANCELLED = "cancelled"


class Look(StrEnum):
    """What is to be done about a task whose time has come."""

    SHOW = "show"
    REMIND = "remind"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Give:
    """A task as it is given; `effect` is unique per corp: the same one given twice is one.

    `text` is what the member is to send or to know, ready to be copied. Not done `escalate_after` its due time, the
    lead is told; with None never. Its card goes out at `show_at`, by default at once; where `carded` it goes out by
    other means.
    """

    user_id: str
    external_user_id: str = ""
    what: str  # the kind: greet, invite, call …
    title: str = ""
    text: str = ""
    effect: str
    due_at: datetime
    escalate_after: timedelta | None = None
    origin: str = ""  # flow, broadcast … who hears of its end
    origin_id: int = 0
    node: str = ""  # of the flow
    enrolment_id: int | None = None
    show_at: datetime | None = None
    carded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something one member should do; what the functions of this module make of it is written by `store.tasks.change`.

    `look_at` is when something is next to be done about it, None for never. `moves` counts its changes.
    """

    id: int
    user_id: str
    external_user_id: str = ""
    what: str
    title: str = ""
    text: str = ""
    status: Status = Status.OPEN
    due_at: datetime
    escalate_after: timedelta | None = None
    origin: str = ""
    origin_id: int = 0
    node: str = ""
    enrolment_id: int | None = None
    shown_at: datetime | None = None
    look_at: datetime | None = None
    postponed: int = 0
    cards: int = 0
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""
    reason: str = ""
    moves: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.status in (Status.DONE, Status.CANCELLED)

    @property
    def overdue_at(self) -> datetime:
        """When it is overdue: at its due time, but never sooner than the member can have read of it."""
        return max(self.due_at, (self.shown_at or self.created_at) + GRACE)


def look(task: Task, *, here: bool) -> Look:
    """What a task wants whose time has come; `here`: its member is still with the corp."""
    if not here or task.status in (Status.OVERDUE, Status.ESCALATED):
        return Look.ESCALATE
    return Look.SHOW if task.shown_at is None else Look.REMIND


def show(task: Task, *, now: datetime) -> Task:
    """The member is told of it."""
    shown = replace(task, status=Status.OPEN, shown_at=now, cards=task.cards + 1)
    return replace(shown, look_at=shown.overdue_at)


def remind(task: Task, *, now: datetime) -> Task:
    """The member is reminded, once."""
    wait = task.escalate_after
    look_at = None if wait is None else max(task.due_at + wait, now + min(wait, GRACE))
    return replace(task, status=Status.OVERDUE, cards=task.cards + 1, look_at=look_at)


def escalate(task: Task) -> Task:
    """The lead is told; from here on it is between the two."""
    return replace(task, status=Status.ESCALATED, cards=task.cards + 1, look_at=None)


def postpone(task: Task, until: datetime, *, now: datetime) -> Task:
    """Put it off; raises `Invalid` for one that cannot be, says why."""
    if found := hindrance(task, until, now=now):
        raise Invalid([found])
    return replace(
        task,
        status=Status.POSTPONED,
        due_at=max(task.due_at, until),
        shown_at=None,
        look_at=until,
        postponed=task.postponed + 1,
    )


def hindrance(task: Task, until: datetime, *, now: datetime) -> Violation | None:
    """What is against putting a task off until then, if anything is."""
    if task.ended:
        return Violation("until", "待办已结束，不能推迟", "it has ended and cannot be put off")
    if task.postponed >= MOST_POSTPONED:
        return Violation(
            "until",
            f"已推迟 {MOST_POSTPONED} 次，请完成、取消或转交",
            f"it was put off {MOST_POSTPONED} times: do it, cancel it or hand it on",
        )
    if not now < until <= now + LONGEST:
        return Violation(
            "until",
            f"请选择将来 {LONGEST.days} 天以内的时间",
            f"choose a time in the next {LONGEST.days} days",
        )
    return None


def finish(task: Task, by: str, *, now: datetime) -> Task:
    """It is done."""
    return replace(task, status=Status.DONE, look_at=None, ended_at=now, ended_by=by)


def cancel(task: Task, reason: str, *, by: str = "", now: datetime) -> Task:
    """It is not to be done any more, for a reason."""
    return replace(task, status=Status.CANCELLED, look_at=None, ended_at=now, ended_by=by, reason=reason)


def hand(task: Task, user_id: str, *, now: datetime) -> Task:
    """It is somebody else's now, who is told as if it were new."""
    return replace(task, user_id=user_id, status=Status.OPEN, shown_at=None, look_at=now)


SHOWN = define("task_shown", "待办已提醒员工", "The member is told what is to be done")
REMINDED = define("task_reminded", "待办逾期，已再次提醒员工", "It is overdue: the member is reminded")
ESCALATED = define("task_escalated", "待办逾期未处理，已通知负责人", "Still not done in spite of it: the lead is told")
MEMBER_LEFT = define("task_member_left", "员工已离职，待办由负责人处理", "The member has left: the lead is told")
BUNDLED = define("tasks_bundled", "同时有多项待办，合并为一条提醒", "Many at once: one message tells of all of them")
CUSTOMER_LEFT = define("task_customer_left", "好友关系已结束，待办取消", "The two are no longer in contact")
BY_OPERATOR = define("task_cancelled", "操作员取消了待办", "An operator has cancelled it")
PRESSED = define("task_pressed", "员工在卡片上处理了待办", "Answered on the card")
NOT_THEIRS = define("task_not_theirs", "这项待办由别人负责", "The task is somebody else's")
ENDED_BEFORE = define("task_ended_before", "这项待办此前已结束", "The task had ended before")
POSTPONED_OUT = define("task_postponed_out", "推迟次数已用完", "It has been put off as often as it can be")
