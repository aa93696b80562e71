"""The engine: what one turn makes of somebody who is due, node after node until there is something to wait for.

A turn sees no farther than the next wait that takes time: who is so late that this is over, too, takes another one.
Pure: everything it may look at is in the `Sight`, and what it wants done it says. Moments are those at which things
were due, not those at which a batch came to them: who is late by a minute waits no minute longer at the next node.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sop.flows import enrolments as said
from sop.flows.document import Flow
from sop.flows.enrolments import Act, Asked, Enrolment, Signal, Step, Turn
from sop.flows.nodes import Branch, Exit, Goal, Jump, Message, Node, Occurrence, Split, Task, Tree, Wait, Welcome
from sop.flows.waits import NEVER, RECHECK, until
from sop.flows.welcomes import pick
from sop.policy import Delay, Skip

MOST = 250  # nodes in one turn: more than a flow has, so that only who goes in a circle comes to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What the engine may look at for one subject.

    `ask` puts a visit of a message node before the policy; `holds` judges a condition; `day` is a date field;
    `happened` finds an event in the history, since a moment.
    """

    now: datetime
    zone: ZoneInfo
    holds: Callable[[Tree], bool]
    ask: Callable[[Message, int, str], Asked]
    day: Callable[[str], date | None]
    happened: Callable[[Occurrence, datetime], Signal | None]


@dataclass(slots=True)
class _Walk:
    """Somebody on their way through one turn."""

    flow: Flow
    sight: Sight
    turn: Turn
    node: str
    visit: int
    visits: dict[str, int]
    node_at: datetime
    at: datetime  # when the node was due
    signal: Signal | None
    steps: int = 0


def advance(flow: Flow, enrolment: Enrolment, sight: Sight) -> Turn:
    """One turn of somebody who is due."""
    walk = _Walk(
        flow,
        sight,
        Turn(before=enrolment, after=enrolment),
        enrolment.node,
        enrolment.visit,
        dict(enrolment.visits),
        enrolment.node_at,
        min(enrolment.due_at, sight.now),
        enrolment.signal,
    )
    if enrolment.leaving:
        return _end(walk, "exited", enrolment.leaving)
    while walk.steps < MOST:
        walk.steps += 1
        node = flow.nodes.get(walk.node)
        if node is None:
            return _end(walk, "exited", said.NODE_GONE)
        ended = _PERFORM.get(type(node), _do)(walk, node)
        if ended is not None:
            return ended
    return _end(walk, "exited", said.LOST_WAY)


def _wait(walk: _Walk, wait: Wait) -> Turn | None:
    sight = walk.sight
    over = until(wait, walk.node_at, sight.zone, day=sight.day)
    if over is None:
        return _go(walk, said.UNDATED, "next", wait.next, verdict="skipped")
    if wait.event is not None:
        heard = _hear(walk, wait.event)
        if heard is not None:
            walk.at = min(heard.at, over, sight.now)
            return _go(walk, said.HAPPENED, "next", wait.next, event=heard.name)
    elif wait.condition is not None and sight.holds(wait.condition):
        return _go(walk, said.HOLDS, "next", wait.next)
    if sight.now < over or (walk.steps > 1 and wait.takes_time):  # what comes after it was not looked at
        due = over if wait.condition is None else min(over, sight.now + RECHECK)
        return _park(walk, due)
    walk.at = max(over, walk.at)  # a wait that an edit made shorter is over as of the edit
    if wait.listens:
        return _go(walk, said.TIMEOUT, "timeout", wait.timeout or wait.next)
    return _go(walk, said.PASSED, "next", wait.next)


def _hear(walk: _Walk, wanted: Occurrence) -> Signal | None:
    """What was waited for: the signal that has woken somebody, else what the history has since they came here."""
    signal = walk.signal
    if signal is not None and signal.name == wanted.event and signal.at >= walk.node_at:
        return signal
    return walk.sight.happened(wanted, walk.node_at)


def _say(walk: _Walk, node: Message) -> Turn | None:
    aside = node.skipped or node.next
    port = "skipped" if node.skipped else "next"
    if _is_late(walk) and not node.transactional:
        return _go(walk, said.LATE, port, aside, verdict="skipped")
    asked = walk.sight.ask(node, walk.visit, walk.node)
    match asked.verdict:
        case Delay() as delay:
            walk.turn.delayed = delay
            return _park(walk, delay.until)
        case Skip(reason):
            walk.turn.asked.append(asked)
            return _go(walk, reason, port, aside, verdict="skipped")
        case sent:
            walk.turn.asked.append(asked)
            return _go(walk, sent.reason or said.PASSED, "next", node.next)


def _branch(walk: _Walk, node: Branch) -> Turn | None:
    for case in node.cases:
        if walk.sight.holds(case.condition):
            return _go(walk, said.CASE, case.name, case.next)
    return _go(walk, said.NO_CASE, "next", node.next)


def _split(walk: _Walk, node: Split) -> Turn | None:
    enrolment = walk.turn.before
    arms = {arm.name: arm for arm in node.arms}
    name = pick(node, enrolment.flow_id, walk.node, subject=enrolment.subject)
    if not node.promoted:
        walk.turn.arms.append((walk.node, name))
    arm = arms[name]
    if arm.holdout:
        _note(walk, said.ARM, name, verdict="exited")
        return _end(walk, "exited", said.HOLDOUT)
    return _go(walk, said.ARM, name, arm.next)


def _jump(walk: _Walk, node: Jump) -> Turn | None:
    if walk.visits[walk.node] <= node.most:
        return _go(walk, said.AGAIN, "again", node.to)
    return _go(walk, said.ENOUGH, "next", node.next)


def _leave(walk: _Walk, _: Exit) -> Turn | None:
    _note(walk, said.PASSED, "next", verdict="exited")
    return _end(walk, "exited", said.LEFT_OUT)


def _pass(walk: _Walk, node: Welcome) -> Turn | None:
    """It has been said by whoever greets; later there is nobody to greet."""
    return _go(walk, said.PASSED, "next", node.next)


def _give(walk: _Walk, node: Task) -> Turn | None:
    return _go(walk, said.LATE, "next", node.next, verdict="skipped") if _is_late(walk) else _do(walk, node)


def _do(walk: _Walk, node: Node) -> Turn | None:
    walk.turn.acts.append(Act(node, walk.node, walk.visit))
    return _go(walk, said.GOAL if isinstance(node, Goal) else said.PASSED, "next", node.next)


def _is_late(walk: _Walk) -> bool:
    return walk.sight.now - walk.at > walk.flow.late


def _note(walk: _Walk, reason: str, port: str, *, verdict: Any = "done", **facts: Any) -> None:
    walk.turn.steps.append(
        Step(node=walk.node, visit=walk.visit, verdict=verdict, reason=reason, port=port, facts=facts)
    )


def _go(walk: _Walk, reason: str, port: str, to: str, *, verdict: Any = "done", **facts: Any) -> Turn | None:
    """Note the step and come to the next node, or to the end."""
    _note(walk, reason, port, verdict=verdict, **facts)
    if not to:
        return _end(walk, "done", said.FINISHED)
    walk.node, walk.node_at, walk.signal = to, walk.at, None
    walk.visit = walk.visits[to] = walk.visits.get(to, 0) + 1
    return None


def _park(walk: _Walk, due_at: datetime) -> Turn:
    return _become(walk, due_at=due_at)


def _end(walk: _Walk, status: said.Status, reason: str) -> Turn:
    return _become(walk, due_at=NEVER, status=status, reason=reason)


def _become(walk: _Walk, **changes: Any) -> Turn:
    walk.turn.after = replace(
        walk.turn.before,
        node=walk.node,
        visit=walk.visit,
        visits=walk.visits,
        node_at=walk.node_at,
        signal=None,
        **changes,
    )
    return walk.turn


_PERFORM: Mapping[type[Node], Callable[[_Walk, Any], Turn | None]] = {
    Wait: _wait,
    Message: _say,
    Branch: _branch,
    Split: _split,
    Jump: _jump,
    Exit: _leave,
    Welcome: _pass,
    Task: _give,
}  # all others are done by whoever takes the turn
