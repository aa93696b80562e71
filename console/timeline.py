"""A customer's timeline: all that happened, was decided, and was done at WeCom."""

from datetime import datetime
from typing import Any, Literal

from console import redact
from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Page, Walk
from console.customers import find
from console.decisions import Reason
from sop.reasons import explain
from storage import timeline
from storage.timeline import START, Timeline

routes = Routes()


class TimelineEntry(Answer):
    """One thing that happened, was decided, was done at WeCom, or was sent; `verdict` is also how those stand."""

    at: datetime
    source: Literal["history", "decision", "intent", "delivery"]
    id: Identity
    what: str
    verdict: str
    reason: Reason | None
    rule: str
    version: int
    user_id: str
    facts: dict[str, Any]
    event_id: Identity | None
    finished_at: datetime | None


@routes.on("GET /customers/{external_user_id}/timeline", Permission.READ_CUSTOMERS, "客户动态", "A customer's timeline")
async def read_timeline(call: Call, external_user_id: Key, query: Walk) -> Page[TimelineEntry]:
    """What happened, what was decided and why, and what was done at WeCom, the newest first."""
    await find(call, external_user_id)
    place = read_place(query.after, int, int, int)
    after = START if place is None else (int(place[0]), int(place[1]), int(place[2]))
    found = await Timeline(call.store.scope).read(
        external_user_id, staff=call.principal.staff, limit=query.limit + 1, after=after
    )
    return turn(found, query.limit, lambda entry: _entry(call, entry), lambda entry: entry.place)


def _entry(call: Call, entry: timeline.Entry) -> TimelineEntry:
    zh, en = explain(entry.reason)
    return TimelineEntry(
        at=entry.at,
        source=entry.source,
        id=entry.id,
        what=entry.what,
        verdict=entry.verdict,
        reason=Reason(code=entry.reason, zh=zh, en=en) if entry.reason else None,
        rule=entry.rule,
        version=entry.version,
        user_id=entry.user_id,
        facts=redact.facts(entry.facts, call.principal),
        event_id=entry.event_id,
        finished_at=entry.finished_at,
    )
