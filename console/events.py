"""Events: what arrived, how the handlers fared with it, and letting them try again."""

from datetime import datetime
from typing import Any

from console import redact
from console.api.call import Call
from console.api.paging import read_id, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from storage import inbox
from storage.inspect import EventFilter, Inspect, SeenEvent

routes = Routes()
_EVENT = Words("事件", "event")


class EventQuery(Walk):
    """Which events; `dead` are those that some handler has given up on."""

    kind: Line = ""
    customer: Line = ""
    open: bool = False
    dead: bool = False


class Event(Answer):
    """Something that arrived."""

    id: Identity
    app: str
    kind: str
    lane: str
    origin: str
    occurred_at: datetime
    received_at: datetime
    deadline_at: datetime
    due_at: datetime
    open: bool
    attempt: int
    closed_at: datetime | None


class HandlerOutcome(Answer):
    """How one handler fared with an event."""

    handler: str
    status: str
    attempt: int
    reason: str
    at: datetime


class EventDetail(Event):
    """An event with what it says (codes, names and texts left out) and what the handlers made of it."""

    fields: dict[str, Any]
    reactions: tuple[HandlerOutcome, ...]


@routes.on("GET /events", Permission.READ_WORKINGS, "事件列表", "List events, the newest first")
async def browse(call: Call, query: EventQuery) -> Page[Event]:
    """What arrived for this corp."""
    which = EventFilter(
        corp_id=call.corp.id, kind=query.kind, customer=query.customer, open=query.open, dead=query.dead
    )
    found = await Inspect(call.console.database).events(which, limit=query.limit + 1, before=read_id(query.after))
    return turn(found, query.limit, Event.model_validate, lambda event: (event.id,))


@routes.on("GET /events/{event_id}", Permission.READ_WORKINGS, "查看事件", "Show an event")
async def show(call: Call, event_id: Identity) -> EventDetail:
    """What it says and what each handler made of it."""
    event = await _find(call, event_id)
    reactions = await Inspect(call.console.database).reactions(event_id)
    return EventDetail(
        **Event.model_validate(event).model_dump(exclude={"id"}),
        id=event.id,
        fields=redact.event(event.kind, event.corp_id, event.body),
        reactions=tuple(HandlerOutcome.model_validate(reaction) for reaction in reactions),
    )


@routes.on("POST /events/{event_id}/replay", Permission.WRITE_WORKINGS, "重新处理事件", "Replay an event", status=202)
async def replay(call: Call, event_id: Identity) -> Event:
    """The handlers that have not succeeded try again; what is done stays done."""
    event = await _find(call, event_id)
    inbox.reopen(call.store.scope.unit, event.id, now=call.now)
    reopened = {"open": True, "attempt": 0, "closed_at": None, "due_at": call.now}
    return Event.model_validate(event).model_copy(update=reopened)


async def _find(call: Call, event_id: int) -> SeenEvent:
    event = await Inspect(call.console.database).event(event_id)
    if event is None or event.corp_id != call.corp.id:
        raise missing(_EVENT)
    return event
