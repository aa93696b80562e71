"""Decisions: why something was, or was not, done."""

from datetime import datetime
from typing import Any

from console import redact
from console.api.call import Call
from console.api.paging import read_id, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from sop.reasons import explain
from storage import inspect
from storage.inspect import DecisionFilter, Inspect

routes = Routes()


class DecisionQuery(Walk):
    """Which decisions: about a customer, a member, an event, an intent, or of a kind."""

    customer: Line = ""
    staff: Line = ""
    event: Identity | None = None
    intent: Identity | None = None
    what: Line = ""
    verdict: Line = ""


class Reason(Answer):
    """Why, as a code and as a sentence in both languages."""

    code: str
    zh: str
    en: str


class Decision(Answer):
    """What was decided about what, by which version of which rule, on which facts, and why."""

    id: Identity
    at: datetime
    what: str
    verdict: str
    reason: Reason
    rule: str
    version: int
    external_user_id: str
    user_id: str
    handler: str
    event_id: Identity | None
    intent_id: Identity | None
    facts: dict[str, Any]


@routes.on("GET /decisions", Permission.READ_REASONS, "决策及原因", "Why: decisions, the newest first")
async def browse(call: Call, query: DecisionQuery) -> Page[Decision]:
    """A rep sees the decisions about their own relations, a leader those of their departments."""
    which = DecisionFilter(
        corp_id=call.corp.id,
        customer=query.customer,
        staff=call.principal.within(query.staff),
        what=query.what,
        verdict=query.verdict,
        event_id=query.event,
        intent_id=query.intent,
    )
    found = await Inspect(call.console.database).decisions(which, limit=query.limit + 1, before=read_id(query.after))
    return turn(found, query.limit, lambda decision: show(decision, call), lambda decision: (decision.id,))


def show(decision: inspect.Decision, call: Call) -> Decision:
    """A decision as this caller may see it."""
    zh, en = explain(decision.reason)
    return Decision(
        id=decision.id,
        at=decision.at,
        what=decision.what,
        verdict=decision.verdict,
        reason=Reason(code=decision.reason, zh=zh, en=en),
        rule=decision.rule,
        version=decision.version,
        external_user_id=decision.external_user_id,
        user_id=decision.user_id,
        handler=decision.handler,
        event_id=decision.event_id,
        intent_id=decision.intent_id,
        facts=redact.facts(decision.facts, call.principal),
    )
