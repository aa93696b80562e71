"""The document of a flow: who enters it and how, what ends it early, and its nodes.

{"name": "新客 3 天", "entries": [{"kind": "event", "event": "added"}], "start": "hello",
"nodes": {"hello": {"kind": "wait", "for": "P1D", "next": "tip"}, "tip": {"kind": "message", "text": "…"}}}
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from sop.errors import Invalid
from sop.flows.nodes import Node, Occurrence, Tree, Wait
from sop.limits import Violation
from sop.policy import Cap
from sop.schedules import Cron, Dated, Once, Schedule

SCHEMA = 1


class Entry(Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True, omit_defaults=True):
    """What every way in has: a condition on who may, what may run at once, and who may come again."""

    condition: Tree | None = field(default=None, name="if")
    key: str = ""  # with the event's data in braces: "{order_id}"
    again: Literal["never", "after_exit", "always"] = "never"
    cooldown: timedelta | None = None  # after the last time; with `after_exit`


class OnEvent(Entry, frozen=True, kw_only=True, tag="event"):
    """Something happens to the customer: an event of WeCom's or one that others send."""

    event: str
    where: Tree = field(default_factory=dict)
    channels: tuple[int, ...] = ()  # of an add: by which codes


class OnSegment(Entry, frozen=True, kw_only=True, tag="segment"):
    """The customer comes into a segment, or leaves it."""

    segment: int
    moves: Literal["enter", "leave"] = "enter"


class OnSchedule(Entry, frozen=True, kw_only=True, tag="schedule"):
    """At a moment, or again and again by a cron expression: everybody of a segment, or of whom `if` holds."""

    once: Once | None = None
    cron: Cron | None = None
    segment: int = 0


class OnDate(Entry, frozen=True, kw_only=True, tag="date"):
    """A day that a field of the customer names, so many days before (negative) or after: birthday, renewal, added."""

    date: Dated


class Span(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """From `least` to `most`, both included."""

    least: int = 0
    most: int | None = None


class OnGroups(Entry, frozen=True, kw_only=True, tag="groups"):
    """For flows of groups, at a moment or by a cron expression: all groups, or those with a tag, an owner, an age.

    Every morning the groups that are so many days old: {"cron": {"expression": "0 9 * * *"}, "age": {"most": 0}}.
    """

    once: Once | None = None
    cron: Cron | None = None
    tags: tuple[int, ...] = ()  # any of these
    owners: tuple[str, ...] = ()  # any of these
    age: Span = Span()  # days since the group began, on the corp's clocks


class ByHand(Entry, frozen=True, kw_only=True, tag="list"):
    """An operator, or a program through the API, puts customers in."""


Way = OnEvent | OnSegment | OnSchedule | OnDate | OnGroups | ByHand
Timed = OnSchedule | OnDate | OnGroups


class Exits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What ends it early."""

    goal: bool = True
    gone: bool = True  # the customer left, or the member removed them
    opted_out: bool = True
    replied: bool = False
    segment: int = 0  # who is no longer in it


class Target(Occurrence, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The event by which the flow has reached what it is for."""


class Flow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One flow as it is written."""

    schema: Literal[1] = 1
    name: str
    note: str = ""
    subject: Literal["customer", "group"] = "customer"
    entries: tuple[Way, ...] = ()
    start: str
    nodes: dict[str, Node]
    exits: Exits = Exits()
    goal: Target | None = None
    topic: str = "marketing"
    cap: Cap = Cap()  # of its messages to one customer
    late: timedelta = timedelta(hours=12)  # a message later than that is skipped

    def ears(self) -> frozenset[str]:
        """The names of events that concern it."""
        return frozenset((*self._begin(), *self._go_on(), *self._leave()))

    def _begin(self) -> Iterator[str]:
        for entry in self.entries:
            if isinstance(entry, OnEvent):
                yield entry.event
            elif isinstance(entry, OnSegment):
                yield segment_ear(entry.segment)

    def _go_on(self) -> Iterator[str]:
        for node in self.nodes.values():
            if isinstance(node, Wait) and node.event is not None:
                yield node.event.event
            elif isinstance(node, Wait) and node.condition is not None:
                yield ANYTHING

    def _leave(self) -> Iterator[str]:
        exits = self.exits
        if self.goal and exits.goal:
            yield self.goal.event
        yield from GONE if exits.gone else ()
        yield from (REPLIED,) if exits.replied else ()
        yield from (OPTED_OUT,) if exits.opted_out else ()
        yield from (segment_ear(exits.segment),) if exits.segment else ()


def segment_ear(segment_id: int) -> str:
    """What the moves of a segment are listened to by."""
    return f"segment:{segment_id}"


ANYTHING = "*"
GONE = ("lost", "removed")
REPLIED = "replied"
OPTED_OUT = "opted_out"


def schedule(entry: Entry) -> Schedule | None:
    """When an entry lets people in, if it does so by the clock; one by date looks every day who has it today."""
    if isinstance(entry, OnDate):
        return Cron(expression=f"{entry.date.at.minute} {entry.date.at.hour} * * *", zone=entry.date.zone)
    return (entry.once or entry.cron) if isinstance(entry, OnSchedule | OnGroups) else None


_decoder = msgspec.json.Decoder(Flow)


def parse(document: Any) -> Flow:
    """A document of plain values as a flow; raises `Invalid` that names the place."""
    try:
        return msgspec.convert(document, Flow)
    except msgspec.ValidationError as error:
        raise Invalid([_violation(str(error))]) from error


@lru_cache(maxsize=256)
def load(body: str) -> Flow:
    """The flow of a stored document."""
    return _decoder.decode(body)


def fill_key(key: str, data: Mapping[str, Any]) -> str:
    """A concurrency key with the event's data filled in; what the event does not have is empty."""
    return re.sub(r"\{([^{}]*)\}", lambda found: str(data.get(found[1], "")), key)


def dump(flow: Flow) -> str:
    """The stored form: the same document always the same text."""
    return msgspec.json.encode(flow, order="deterministic").decode()


def digest(body: str) -> str:
    """What a stored document is known by."""
    return hashlib.sha256(body.encode()).hexdigest()


def schema() -> dict[str, Any]:
    """The JSON schema of documents."""
    return msgspec.json.schema(Flow)


def _violation(words: str) -> Violation:
    """What the decoder says, as the field and the rest: "Expected `int`, got `str` - at `$.nodes[...].most`"."""
    fault, _, place = words.partition(" - at ")
    path = place.strip("`").removeprefix("$").removeprefix(".")
    return Violation(path or "document", f"格式不符：{fault}", fault)
