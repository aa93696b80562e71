"""Intents: what is to happen at WeCom, how it ended, and trying again what ended badly."""

from datetime import datetime, timedelta
from typing import Any

from console import redact
from console.api.call import Call
from console.api.paging import read_id, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from storage import outbox
from storage.inspect import Inspect, IntentFilter, SeenIntent

routes = Routes()
PATIENCE = timedelta(hours=1)  # how long an intent that is tried again makes sense
_RETRIABLE = frozenset({"dead", "refused", "late"})
_INTENT = Words("待办动作", "intent")


class IntentQuery(Walk):
    """Which intents: by kind, status, customer, or the event that caused them."""

    kind: Line = ""
    status: Line = ""
    customer: Line = ""
    event: Identity | None = None


class Intent(Answer):
    """Something that is to happen at WeCom, once."""

    id: Identity
    app: str
    kind: str
    effect: str
    status: str
    created_at: datetime
    deadline_at: datetime
    due_at: datetime
    attempt: int
    doubtful: bool
    code: int
    reason: str
    event_id: Identity | None
    handler: str
    finished_at: datetime | None


class IntentDetail(Intent):
    """An intent with what it says; codes and texts are left out."""

    fields: dict[str, Any]
    result: dict[str, Any]


@routes.on("GET /intents", Permission.READ_WORKINGS, "动作列表", "List intents, the newest first")
async def browse(call: Call, query: IntentQuery) -> Page[Intent]:
    """What this corp's rules wanted to happen at WeCom."""
    which = IntentFilter(
        corp_id=call.corp.id, kind=query.kind, status=query.status, customer=query.customer, event_id=query.event
    )
    found = await Inspect(call.console.database).intents(which, limit=query.limit + 1, before=read_id(query.after))
    return turn(found, query.limit, Intent.model_validate, lambda intent: (intent.id,))


@routes.on("GET /intents/{intent_id}", Permission.READ_WORKINGS, "查看动作", "Show an intent")
async def show(call: Call, intent_id: Identity) -> IntentDetail:
    """What it says, and how it ended."""
    intent = await _find(call, intent_id)
    return IntentDetail(
        **Intent.model_validate(intent).model_dump(exclude={"id", "event_id"}),
        id=intent.id,
        event_id=intent.event_id,
        fields=redact.intent(intent.kind, intent.body),
        result=redact.facts(intent.result, call.principal),
    )


@routes.on("POST /intents/{intent_id}/retry", Permission.WRITE_WORKINGS, "重试动作", "Try an intent again", status=202)
async def retry(call: Call, intent_id: Identity) -> Intent:
    """Only what ended badly (dead, refused, late) can be tried again."""
    intent = await _find(call, intent_id)
    if intent.status not in _RETRIABLE:
        raise Problem(
            "state",
            reason_zh=f"状态为 {intent.status} 的动作不能重试。",
            reason_en=f"An intent that is {intent.status} cannot be tried again.",
        )
    deadline_at = call.now + PATIENCE
    outbox.reopen(call.store.scope.unit, intent.id, now=call.now, deadline_at=deadline_at)
    reopened = {"status": "open", "attempt": 0, "finished_at": None, "due_at": call.now, "deadline_at": deadline_at}
    return Intent.model_validate(intent).model_copy(update=reopened)


async def _find(call: Call, intent_id: int) -> SeenIntent:
    intent = await Inspect(call.console.database).intent(intent_id)
    if intent is None or intent.corp_id != call.corp.id:
        raise missing(_INTENT)
    return intent
