"""Enrolments: one subject's way through a flow, and what one turn makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sop.deliveries import Message
from sop.flows.nodes import Node
from sop.policy import Delay, Send, Skip
from sop.reasons import define

Status = Literal["parked", "done", "exited"]

FINISHED = define("flow_finished", "已走完流程", "Came to the end of the flow")
GOAL = define("flow_goal", "已达成目标", "The goal is reached")
GONE = define("flow_gone", "客户已流失或好友关系已结束", "The customer has left, or was removed")
OPTED_OUT = define("flow_opted_out", "客户已退订该主题", "The customer has opted out of the topic")
REPLIED = define("flow_replied", "客户已回复", "The customer has replied")
SEGMENT_LEFT = define("flow_segment_left", "客户已离开分群", "The customer has left the segment")
BY_HAND = define("flow_by_hand", "由操作员移出", "Taken out by an operator")
LEFT_OUT = define("flow_exit_node", "走到退出节点", "Came to a node that leads out")
HOLDOUT = define("flow_holdout", "属于对照组，不触达", "In the group that is left alone to compare with")
NODE_GONE = define("flow_node_gone", "所在节点已删除，且没有后续节点", "The node is deleted, and none comes after it")
LOST_WAY = define("flow_lost_way", "流程在一处打转过多，已移出", "Went in a circle too often and was taken out")
PASSED = define("flow_passed", "已执行", "Performed")
LATE = define("flow_late", "错过时间太久，按设定跳过", "Too late by what the flow allows, so it was left out")
NOT_YET = define("flow_not_yet", "等待的时间或事件未到", "What is waited for has not come yet")
HAPPENED = define("flow_happened", "等待的事件已发生", "What was waited for has happened")
HOLDS = define("flow_holds", "等待的条件已满足", "The condition that was waited for holds")
TIMEOUT = define("flow_timeout", "等待超时", "The time to wait is over")
UNDATED = define("flow_undated", "客户没有该日期字段，跳过等待", "The customer has no such date: nothing to wait for")
ARM = define("flow_arm", "按实验分组", "By the arm of the experiment")
CASE = define("flow_case", "分支条件成立", "The condition of the case holds")
NO_CASE = define("flow_no_case", "没有分支条件成立", "No condition of a case holds")
AGAIN = define("flow_again", "跳转", "Goes back")
ENOUGH = define("flow_enough", "已达跳转次数上限", "Has gone back as often as it may")
MOVED = define("flow_moved", "流程已更新，移到新节点", "The flow has changed: moved to another node")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What has woken somebody: an event that their node waits for."""

    name: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """Somebody who is to enter a flow; `cause` is the fact it comes of, told twice it counts once."""

    subject: str
    user_id: str = ""
    key: str = ""
    cause: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None  # when that was, if not just now


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """How far one subject has come; `due_at` is when `node` is to be performed, `visit` for the how manieth time."""

    id: int
    flow_id: int
    version: int
    subject: str
    user_id: str
    key: str = ""
    cause: str = ""
    node: str
    visit: int = 1
    visits: Mapping[str, int] = field(default_factory=dict)  # of all nodes so far, this visit among them
    context: Mapping[str, Any] = field(default_factory=dict)
    signal: Signal | None = None
    leaving: str = ""  # why it is to end at its next turn
    entered_at: datetime
    node_at: datetime
    due_at: datetime
    woken: int = 0
    fence: int = 0
    status: Status = "parked"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one visit of a node came to; `port` is where it led."""

    node: str
    visit: int
    verdict: Literal["done", "skipped", "exited"]
    reason: str = PASSED
    port: str = "next"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """What a step wants done beside messages."""

    node: Node
    name: str
    visit: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that was put before the policy, with its verdict and the subject's next ordinal."""

    message: Message
    verdict: Send | Delay | Skip
    ordinal: int


@dataclass(slots=True, kw_only=True)
class Turn:
    """What one turn makes of an enrolment."""

    before: Enrolment
    after: Enrolment
    steps: list[Step] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    arms: list[tuple[str, str]] = field(default_factory=list)  # node and arm
    delayed: Delay | None = None  # at the node where it stays


def effect(enrolment: Enrolment, node: str, visit: int) -> str:
    """The name of what one visit of a node does."""
    return f"flow:{enrolment.id}:{node}:{visit}"
