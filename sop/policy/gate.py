"""The gate: may this message go to this customer now, and if not, when or why not. Every send passes it, in this order.

    consent → contact → holdout → goal → quiet hours → the flow's cap → the global cap → WeCom's quota → send

What is a matter of time is judged for the moment at which the message would go out: one that quiet hours hold back
until tomorrow has to fit under the caps of tomorrow. Transactional messages bypass what `causes.DESPITE` lists.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_never

from sop.policy import causes
from sop.policy.asking import Asking, Name, Standing, Step
from sop.policy.rules import MARKETING, Policy
from sop.policy.timing import Timing
from sop.policy.verdicts import Delay, Send, Verdict
from sop.reasons import Skip


def judge(asking: Asking, standing: Standing, policy: Policy, now: datetime) -> Verdict:
    """Whether a message that would go out now may. A delay's moment is open, and has room under every cap."""
    delayed = bypassed = ""
    for step in explain(asking, standing, policy, now):
        match step.outcome:
            case "pass":
                continue
            case "bypass":
                bypassed = bypassed or step.reason
            case "delay":
                delayed = delayed or step.reason
            case "skip":
                return Skip(step.reason)
            case "send":
                return Delay(step.at, delayed) if delayed else Send(bypassed)
            case _ as unreachable:
                assert_never(unreachable)
    raise AssertionError("the gate ends with a skip or a send")


def refuse(asking: Asking, standing: Standing, policy: Policy, now: datetime) -> Skip | None:
    """Why a message that was let through earlier must not go out after all: only what time does not heal."""
    for step in _lasting(asking, standing, policy, now):
        if step.outcome == "skip":
            return Skip(step.reason)
    return None


def explain(asking: Asking, standing: Standing, policy: Policy, now: datetime) -> Iterator[Step]:
    """Step by step what the gate finds, up to the step that keeps the message or lets it go at its moment.

    After a delay the steps from quiet hours on are taken again, at the later moment.
    """
    for step in _lasting(asking, standing, policy, now):
        yield step
        if step.outcome == "skip":
            return
    timing = Timing(asking, standing, policy, now + timedelta(days=policy.patience))
    moment: datetime | None = now
    while moment is not None:
        at, moment = moment, None
        for step in timing.steps(at):
            yield step
            if step.outcome == "skip":
                return
            if step.until is not None:
                moment = step.until
                break
    yield Step("send", at, "send")


def _lasting(asking: Asking, standing: Standing, policy: Policy, now: datetime) -> Iterator[Step]:
    """The steps that have nothing to do with the hour."""
    found: tuple[tuple[Name, str], ...] = (
        ("consent", _consent(asking, standing, policy)),
        ("contact", _contact(standing)),
        ("holdout", causes.HOLDOUT if standing.holdout else ""),
        ("goal", causes.GOAL_REACHED if standing.goal else ""),
    )
    for name, reason in found:
        if not reason:
            yield Step(name, now, "pass")
        elif asking.transactional and reason in causes.DESPITE:
            yield Step(name, now, "bypass", causes.DESPITE[reason])
        else:
            yield Step(name, now, "skip", reason)


def _consent(asking: Asking, standing: Standing, policy: Policy) -> str:
    """What the customer's word on the topic is against; groups have none."""
    if asking.kind == "group":
        return ""
    topic = policy.topic(asking.topic or MARKETING)
    if topic.key in standing.opted_out:
        return causes.OPTED_OUT
    return causes.NO_CONSENT if topic.consent == "needed" and topic.key not in standing.opted_in else ""


def _contact(standing: Standing) -> str:
    if not standing.active:
        return causes.GONE
    return causes.BLOCKED if standing.blocked else ""
