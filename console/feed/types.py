"""Kinds of business events: what each is called, and what its data must be, as a JSON Schema."""

from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.problem import Problem, invalid, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Line, Page, Shape
from console.api.words import Words
from sop import feed
from sop.errors import Invalid
from sop.feed import MOST_TYPES, STANDARD, EventType, Slot

routes = Routes()
_TYPE = Words("事件类型", "event type")
_EXISTS = Words("已有同名事件类型", "an event type of this name exists")
_FULL = Words(f"最多 {MOST_TYPES} 种事件", f"a corp has at most {MOST_TYPES} event types")
_Kind = Literal["text", "number", "flag", "date", "time", "list", "any"]


class SlotIn(Shape):
    """A field of the data; one that is `needed` must be given. What the data has beside its fields is kept."""

    name: Line
    kind: _Kind
    needed: bool = False
    zh: Line = ""
    en: Line = ""


_Slots = Annotated[tuple[SlotIn, ...], Field(max_length=feed.SLOTS.most)]


class NewEventType(Shape):
    """A kind of event that other systems may tell of."""

    name: Line
    zh: Line = ""
    en: Line = ""
    fields: _Slots = ()
    enabled: bool = True


class EventTypeChange(Shape):
    """What is to be different; what is left out stays."""

    zh: Line | None = None
    en: Line | None = None
    fields: _Slots | None = None
    enabled: bool | None = None


class EventSlot(Answer):
    """A field of the data."""

    name: str
    kind: _Kind
    needed: bool
    zh: str
    en: str


class EventTypeShown(Answer):
    """A kind of event, with the JSON Schema of its data; the standard ones are there in every corp."""

    name: str
    zh: str
    en: str
    fields: tuple[EventSlot, ...]
    enabled: bool
    standard: bool
    json_schema: dict[str, Any]


@routes.on("GET /event-types", Permission.READ_RULES, "业务事件类型列表", "List the kinds of business events")
async def browse(call: Call) -> Page[EventTypeShown]:
    """The standard ones first, such as order_paid."""
    return Page(items=tuple(_show(kind) for kind in (await call.store.feed.types()).values()))


@routes.on("GET /event-types/{name}", Permission.SEND_EVENTS, "查看业务事件类型", "Show a kind of business events")
async def show(call: Call, name: Key) -> EventTypeShown:
    """What a system that tells of it has to know."""
    return _show(await _find(call, name))


@routes.on("POST /event-types", Permission.WRITE_RULES, "声明业务事件类型", "Declare a kind of event", status=201)
async def create(call: Call, body: NewEventType) -> EventTypeShown:
    """Its name is what conditions and flows call it; those of the platform's own events are taken."""
    known = await call.store.feed.types()
    if body.name in known:
        raise invalid("name", _EXISTS)
    if len(known) >= MOST_TYPES:
        raise invalid("name", _FULL)
    kind = EventType(name=body.name, zh=body.zh, en=body.en, fields=_slots(body.fields), enabled=body.enabled)
    return _store(call, kind)


@routes.on("PATCH /event-types/{name}", Permission.WRITE_RULES, "修改业务事件类型", "Change a kind of business events")
async def change(call: Call, name: Key, body: EventTypeChange) -> EventTypeShown:
    """For what is told from now on; what was told stays as it is."""
    kind = await _find(call, name)
    changed = EventType(
        name=kind.name,
        zh=kind.zh if body.zh is None else body.zh,
        en=kind.en if body.en is None else body.en,
        fields=kind.fields if body.fields is None else _slots(body.fields),
        enabled=kind.enabled if body.enabled is None else body.enabled,
    )
    return _store(call, changed)


@routes.on("DELETE /event-types/{name}", Permission.WRITE_RULES, "删除业务事件类型", "Delete an event type", status=204)
async def remove(call: Call, name: Key) -> None:
    """What was told stays. A standard one cannot be deleted, only be switched off."""
    kind = await _find(call, name)
    if kind.name in STANDARD:
        zh, en = "标准事件类型不能删除，可以停用", "a standard event type cannot be deleted: switch it off"
        raise Problem("state", reason_zh=zh, reason_en=en)
    call.store.feed.forget(kind.name)


def _store(call: Call, kind: EventType) -> EventTypeShown:
    if found := feed.check(kind):
        raise Invalid(found)
    call.store.feed.declare(kind)
    return _show(kind)


async def _find(call: Call, name: str) -> EventType:
    kind = (await call.store.feed.types()).get(name)
    if kind is None:
        raise missing(_TYPE)
    return kind


def _slots(given: tuple[SlotIn, ...]) -> tuple[Slot, ...]:
    return tuple(Slot(name=each.name, kind=each.kind, needed=each.needed, zh=each.zh, en=each.en) for each in given)


def _show(kind: EventType) -> EventTypeShown:
    return EventTypeShown(
        name=kind.name,
        zh=kind.zh,
        en=kind.en,
        fields=tuple(EventSlot.model_validate(slot) for slot in kind.fields),
        enabled=kind.enabled,
        standard=kind.name in STANDARD,
        json_schema=kind.schema(),
    )
