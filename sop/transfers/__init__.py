"""Transfer (继承): how each customer's way from one member to another stands, and when it is looked at again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from sop.limits import Limit, Unit, Violation
from sop.reasons import define
from sop.transfers.takers import MOST_TAKERS, Mode, Taker

JOB = "transfer"  # the kind of the job that carries a transfer out
AT_ONCE = 100  # customers, or groups, of one call
MOST_MOVES, WINDOW = 2, timedelta(days=90)  # how often a customer of members in service may move (page 92125)
GROUPS_A_DAY = 300  # from one person (page 95703)
WAIT = timedelta(hours=24)  # until a transfer takes effect
EXPIRY = timedelta(days=7)  # what nobody has told the end of by then has none
MESSAGE = Limit("转接成功消息", "the message to customers", 200, Unit.CHARS)
TAKERS = Limit("接替员工", "a transfer", MOST_TAKERS, Unit.ITEMS, 1)
_LOOKS = (
    *(WAIT + timedelta(minutes=minutes) for minutes in (5, 30, 120, 360)),
    *(timedelta(days=day, minutes=5) for day in range(2, 8)),
)
_FULL = 40099
_UNDER_WAY = frozenset({40100, 40129})
_OWNED = frozenset({90504, 90507, 90508})  # of groups: the new owner has it, or is getting it

ASKED = define(
    "transfer_asked", "企业微信已受理，24 小时后生效，客户可拒绝", "WeCom has taken it on: 24 hours from now"
)
DONE = define("transfer_done", "已转接给接替员工", "Handed over to the taker")
REFUSED = define("transfer_refused", "客户拒绝转接", "The customer refused")
LIMIT = define("transfer_limit", "接替员工的客户数已达上限", "The taker can have no more customers")
FAILED = define("transfer_failed", "企业微信未受理转接，见代码", "WeCom did not take it on: see the code")
EXPIRED = define("transfer_expired", "七天内没有得到转接结果", "Nobody told how it ended within seven days")
BROUGHT = define(
    "transfer_brought",
    "客户由转接而来，不作为新添加处理",
    "Handed over by us, and no new add: neither greeted nor announced",
)
SUMMED_UP = define("transfer_summed_up", "转接失败汇总在该次转接的结果中通知", "Told in the summary of its transfer")
TAKEN = define("takeover_told", "通知接替员工", "The taker is told whom they look after now")
CONCLUDED = define("transfer_concluded", "转接全部结束，通知负责人", "All is decided: the lead is told how it went")
TASK_MOVED = define("task_moved", "待办随客户转给接替员工", "The task goes to who looks after the customer now")
FOLLOWUP_MOVED = define("followup_moved", "跟进和旅程随客户转给接替员工", "What waits goes on with the new member")
UNASSIGNED = define("unassigned", "离职员工的客户尚未分配", "Customers of a member who left are nobody's yet")


What = Literal["customers", "groups"]


class State(StrEnum):
    """How one customer's (or group's) transfer stands, the less certain first."""

    LEFT_OUT = "left_out"  # never asked for, with a reason
    PLANNED = "planned"
    ASKED = "asked"  # on its way to WeCom, or nobody knows whether it came there
    WAITING = "waiting"  # accepted: takes effect in a day
    EXPIRED = "expired"
    FAILED = "failed"
    LIMIT = "limit"
    REFUSED = "refused"
    DONE = "done"


OPEN = frozenset({State.ASKED, State.WAITING})
AWAITED = frozenset({*OPEN, State.EXPIRED})  # of whom WeCom may still tell something, however late
UNDECIDED = frozenset({State.PLANNED, *OPEN})
MISSED = frozenset({State.EXPIRED, State.FAILED, State.LIMIT, State.REFUSED})  # may be offered to somebody else
RANK = {state: rank for rank, state in enumerate(State)}
REASONS = {
    State.WAITING: ASKED,
    State.DONE: DONE,
    State.REFUSED: REFUSED,
    State.LIMIT: LIMIT,
    State.FAILED: FAILED,
    State.EXPIRED: EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A transfer as an operator wants it; `resigned`: the giver has left."""

    what: What = "customers"
    handover: str
    takers: tuple[Taker, ...]
    mode: Mode = "even"
    resigned: bool = False
    message: str = ""


def fold(state: State, told: Iterable[State]) -> State:
    """How it stands after all that was told, whatever the order and however often: the most certain holds."""
    return max((state, *told), key=RANK.__getitem__)


def accepted(code: int, *, doubtful: bool) -> State:
    """What WeCom's answer about one customer means; `doubtful`: an earlier try may have been performed.

    Then "is being transferred" says that it was.
    """
    if code == 0 or (doubtful and code in _UNDER_WAY):
        return State.WAITING
    return State.LIMIT if code == _FULL else State.FAILED


def owned(code: int, *, doubtful: bool) -> State:
    """What WeCom's answer about one group means: groups wait for nobody."""
    return State.DONE if code == 0 or (doubtful and code in _OWNED) else State.FAILED


def failed(reason: str) -> State:
    """What WeCom's word for a failure means."""
    return {"customer_refused": State.REFUSED, "customer_limit_exceed": State.LIMIT}.get(reason, State.FAILED)


def next_look(asked_at: datetime, now: datetime) -> datetime:
    """When to ask next how it ended: around the end of the day it takes, then daily; the last look finds it expired."""
    return next((asked_at + look for look in _LOOKS if asked_at + look > now), now + timedelta(days=1))


def is_over(asked_at: datetime, now: datetime) -> bool:
    """Whether it is of no use to wait any longer."""
    return now >= asked_at + EXPIRY


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a transfer as written."""
    found = TAKERS.check("takers", draft.takers) + MESSAGE.check("message", draft.message)
    if draft.message and (draft.resigned or draft.what == "groups"):
        found.append(
            Violation("message", "仅在职转接客户时可以带消息", "only customers of who is on the job get a message")
        )
    users = [taker.user_id for taker in draft.takers]
    for number, taker in enumerate(draft.takers):
        field = f"takers.{number}"
        if taker.user_id == draft.handover:
            found.append(Violation(field, "不能转接给原员工自己", "the giver cannot be a taker"))
        if users.index(taker.user_id) < number:
            found.append(Violation(field, "接替员工重复", "stands twice"))
        if draft.mode == "capacity" and taker.capacity is None:
            found.append(Violation(f"{field}.capacity", "请填写可接收人数", "how many can they take?"))
    return found
