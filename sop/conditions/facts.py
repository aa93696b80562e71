"""What conditions look at: all that is held of one customer, and which part of it a condition asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sop.fields import Value
from sop.relations import Status
from sop.slots import SHANGHAI


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How a member and the customer stand; `departments` are the member's with all above them."""

    user_id: str
    status: Status
    add_way: int = 0
    state: str = ""
    channel_id: int | None = None
    adds: int = 1
    added_at: datetime
    replied_at: datetime | None = None
    departments: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happened to the customer, with its data."""

    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A customer as far as a condition needs to know; `relations` is only one where it is judged on a member's.

    What was not loaded is as if it were not there: `sop.conditions.needs` tells what has to be.
    """

    external_user_id: str
    relations: tuple[Relation, ...] = ()
    groups: frozenset[str] = frozenset()  # chat ids of those that the customer is in
    group_tags: frozenset[int] = frozenset()  # of these groups
    fields: Mapping[str, Value] = field(default_factory=dict)
    deeds: Mapping[str, tuple[Deed, ...]] = field(default_factory=dict)  # by the name of the event
    segments: frozenset[int] = frozenset()
    event: Mapping[str, Any] | None = None  # the data of the event that made the customer enter
    zone: ZoneInfo = SHANGHAI  # where the corp's days begin

    def today(self, now: datetime) -> date:
        """The day of a moment on the corp's clocks."""
        return now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Which part of the past of an event matters: the last `days`, or all from `since` on; neither: all of it."""

    days: int | None = None
    since: datetime | None = None
    data: bool = False  # what came with it is looked at

    def begin(self, now: datetime) -> datetime | None:
        """The moment from which on it matters."""
        return now - timedelta(days=self.days) if self.days is not None else self.since

    def __or__(self, other: "Past") -> "Past":
        """Both parts: the longer one where they are of one kind, else all of it."""
        data = self.data or other.data
        if self.days is not None and other.days is not None:
            return Past(days=max(self.days, other.days), data=data)
        if self.since is not None and other.since is not None:
            return Past(since=min(self.since, other.since), data=data)
        return Past(data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must be loaded before a condition can be judged."""

    relations: bool = False
    tags: bool = False
    departments: bool = False
    groups: bool = False
    group_tags: bool = False
    fields: frozenset[str] = frozenset()
    events: Mapping[str, Past] = field(default_factory=dict)
    segments: frozenset[int] = frozenset()
    today: bool = False  # which day it is on the corp's clocks

    def __or__(self, other: "Needs") -> "Needs":
        """What either needs."""
        events = dict(self.events)
        for name, past in other.events.items():
            events[name] = events[name] | past if name in events else past
        both = {
            each.name: getattr(self, each.name) | getattr(other, each.name)
            for each in fields(self)
            if each.name != "events"
        }
        return Needs(**both, events=events)
