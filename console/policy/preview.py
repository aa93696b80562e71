"""Trying the gate: when a message asked for at some moment would go out to somebody, and why, step by step."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from console.api.call import Call
from console.api.problem import invalid
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Query, Shape
from console.api.words import Words
from console.customers import find as find_customer
from console.decisions import Reason
from console.groups.ledger import find as find_group
from console.policy.shapes import CapIn, PolicyIn, read_cap, read_policy
from sop.deliveries import Kind
from sop.errors import Invalid
from sop.policy import Asking, Cap, Delay, Policy, Send, Standing, Step, Verdict, check, judge
from sop.policy import explain as explain_steps
from sop.policy.asking import TITLES
from sop.reasons import explain

routes = Routes()
_ONE = Words("customer 与 group 请填其一", "name a customer or a group, not both")


class Wanted(Query):
    """The message: of which topic, by whom, from which flow or broadcast; asked for now, or at a moment."""

    user_id: Line = ""
    topic: Line = ""
    transactional: bool = False
    origin: Literal["flow", "broadcast"] = "flow"
    origin_id: Identity | None = None
    cap_count: int = Field(default=0, ge=0, le=1000)
    cap_days: int = Field(default=1, ge=1, le=90)
    cap_over: Literal["skip", "delay"] = "skip"
    at: AwareDatetime | None = None


class Trial(Shape):
    """A message to a customer or a group, and the policy to try it with: without one that in force."""

    customer: Key | None = None
    group: Key | None = None
    user_id: Line = ""
    topic: Line = ""
    transactional: bool = False
    origin: Literal["flow", "broadcast"] = "flow"
    origin_id: Identity | None = None
    cap: CapIn | None = None
    at: AwareDatetime | None = None
    policy: PolicyIn | None = None


class StepOut(Answer):
    """What one step found when it looked at a moment."""

    name: str
    zh: str
    en: str
    at: datetime
    outcome: Literal["pass", "bypass", "delay", "skip", "send"]
    reason: Reason | None
    until: datetime | None


class Trail(Answer):
    """What the gate says: it goes out (`at` once), later (`at`), or not at all; `counted` messages count by now."""

    verdict: Literal["send", "delay", "skip"]
    at: datetime | None
    reason: Reason | None
    version: int
    zone: str
    counted: int
    steps: tuple[StepOut, ...]


@routes.on(
    "GET /customers/{external_user_id}/gate", Permission.READ_CUSTOMERS, "试算触达", "When would a message go out?"
)
async def try_customer(call: Call, external_user_id: Key, query: Wanted) -> Trail:
    """By the policy in force, for the customer as things stand; nothing is sent. A flow's goal is not looked at."""
    await find_customer(call, external_user_id)
    cap = Cap(count=query.cap_count, days=query.cap_days, over=query.cap_over)
    asking = _ask(query, "single", cap)
    return await _try(call, asking, (external_user_id, query.user_id), await call.store.policy.current(), query.at)


@routes.on("POST /policy/preview", Permission.WRITE_RULES, "试算触达策略", "Try a policy")
async def try_policy(call: Call, body: Trial) -> Trail:
    """Before it is written; nothing is stored and nothing is sent."""
    if (body.customer is None) == (body.group is None):
        raise invalid("customer", _ONE)
    policy = await call.store.policy.current()
    if body.policy is not None:
        policy = read_policy(body.policy, version=policy.version, zone=policy.zone)
        if found := check(policy, call.now):
            raise Invalid(found)
    cap = read_cap(body.cap) if body.cap else None
    if body.customer is not None:
        await find_customer(call, body.customer)
        return await _try(call, _ask(body, "single", cap), (body.customer, body.user_id), policy, body.at)
    await find_group(call, body.group or "")
    return await _try(call, _ask(body, "group", cap), (body.group or "", ""), policy, body.at)


def _ask(given: Wanted | Trial, kind: Kind, cap: Cap | None) -> Asking:
    return Asking(
        kind=kind,
        origin=given.origin,
        origin_id=given.origin_id or 0,
        topic=given.topic,
        transactional=given.transactional,
        cap=cap,
    )


async def _try(call: Call, asking: Asking, who: tuple[str, str], policy: Policy, at: datetime | None) -> Trail:
    standing = (await call.store.policy.standings(asking.kind, [who], policy))[who]
    moment = at or call.now
    steps = tuple(explain_steps(asking, standing, policy, moment))
    verdict = judge(asking, standing, policy, moment)
    return _show(verdict, steps, standing, policy)


def _show(verdict: Verdict, steps: tuple[Step, ...], standing: Standing, policy: Policy) -> Trail:
    kinds: dict[type, Literal["send", "delay"]] = {Send: "send", Delay: "delay"}
    kind = kinds.get(type(verdict))
    return Trail(
        verdict=kind or "skip",
        at=steps[-1].at if kind else None,
        reason=_reason(verdict.reason),
        version=policy.version,
        zone=(standing.zone or policy.zone).key,
        counted=len(standing.past),
        steps=tuple(map(_step, steps)),
    )


def _step(step: Step) -> StepOut:
    zh, en = TITLES[step.name]
    return StepOut(
        name=step.name,
        zh=zh,
        en=en,
        at=step.at,
        outcome=step.outcome,
        reason=_reason(step.reason),
        until=step.until,
    )


def _reason(code: str) -> Reason | None:
    return Reason(code=code, **explain(code)._asdict()) if code else None
