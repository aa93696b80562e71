"""Looking back: what arrived, what it caused and why, page by page, newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, exists, or_, select, true

from storage import sight
from storage.database import Database
from storage.engine.sql import Row, Statement
from storage.reactions import Reaction, read
from storage.schema.spine import decisions, events, intents, reactions
from storage.values import decode, maybe_moment

PAGE = 50  # rows, unless asked for another number
_READ: dict[str, Callable[[Any], Any]] = {
    "open": bool,
    "doubtful": bool,
    "dead": bool,
    "failing": bool,
    "facts": decode,
    "result": decode,
}

Seen = TypeVar("Seen")
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvent:
    """An event as stored; `body` is what was decrypted, with all that people wrote: show it to few.

    `dead`: some handler has given up; `failing`: one has failed and will be tried again.
    """

    id: int
    corp_id: str
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
    dead: bool
    failing: bool
    body: str

    @property
    def state(self) -> str:
        """In a word: dead, failing, open or done."""
        return next((name for name in ("dead", "failing", "open") if getattr(self, name)), "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenIntent:
    """An intent as stored, with how it ended; `body` holds texts for customers."""

    id: int
    corp_id: str
    app: str
    kind: str
    effect: str
    lane: str
    status: str  # open, done, refused, late, dead, cancelled
    created_at: datetime
    deadline_at: datetime
    due_at: datetime
    attempt: int
    doubtful: bool
    code: int
    reason: str
    result: dict[str, Any]
    event_id: int | None
    handler: str
    finished_at: datetime | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why something was or was not done; `reason` is a code of the rules, `facts` what it was judged on."""

    id: int
    corp_id: str
    event_id: int | None
    handler: str
    external_user_id: str
    user_id: str
    what: str
    verdict: str
    reason: str
    rule: str
    version: int
    facts: dict[str, Any]
    intent_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events; what is empty does not matter. `dead`: some handler has given up."""

    corp_id: str = ""
    kind: str = ""
    customer: str = ""
    open: bool = False
    dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFilter:
    """Which intents; what is empty does not matter. `customer`: theirs, or caused by an event of theirs."""

    corp_id: str = ""
    kind: str = ""
    status: str = ""
    customer: str = ""
    event_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilter:
    """Which decisions; what is empty or None does not matter. `caused_by`: an event's, and those about its intents."""

    corp_id: str = ""
    customer: str = ""
    staff: sight.Staff = None
    what: str = ""
    verdict: str = ""
    event_id: int | None = None
    intent_id: int | None = None
    caused_by: int | None = None


def _reacted(status: str) -> Condition:
    """Events of which some reaction has this status."""
    return exists().where(reactions.c.event_id == events.c.id, reactions.c.status == status)


def _equal(table: Table, **values: str | int | None) -> list[Condition]:
    return [table.c[name] == value for name, value in values.items() if value not in {None, ""}]


def _of_customer(table: Table, external_user_id: str) -> Condition:
    """Rows in the lane of a customer: `<corp>/customer:<id>`."""
    return table.c.lane.endswith(f"/customer:{external_user_id}", autoescape=True)


_EVENTS = select(events, _reacted("dead").label("dead"), _reacted("failed").label("failing"))
_INTENTS = select(intents)
_DECISIONS = select(decisions)


class Inspect:
    """The past of a database; every list is newest first, and goes on `before` the last id of a page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def events(self, which: EventFilter, *, limit: int = PAGE, before: int | None = None) -> list[SeenEvent]:
        """A page of events. Raises `Unavailable`, like all of these."""
        wanted = _equal(events, corp_id=which.corp_id, kind=which.kind)
        if which.customer:
            wanted.append(_of_customer(events, which.customer))
        if which.open:
            wanted.append(events.c.open.is_(true()))
        if which.dead:
            wanted.append(_reacted("dead"))
        return _all(SeenEvent, await self._page(_EVENTS, wanted, limit=limit, before=before))

    async def event(self, identity: int) -> SeenEvent | None:
        """One event."""
        return _one(SeenEvent, await self._page(_EVENTS, _equal(events, id=identity)))

    async def reactions(self, event_id: int) -> list[Reaction]:
        """How each handler has fared with an event, by handler."""
        return sorted(await read(self._database, event_id), key=lambda reaction: reaction.handler)

    async def intents(self, which: IntentFilter, *, limit: int = PAGE, before: int | None = None) -> list[SeenIntent]:
        """A page of intents."""
        wanted = _equal(intents, corp_id=which.corp_id, kind=which.kind, status=which.status, event_id=which.event_id)
        if which.customer:
            caused = select(events.c.id).where(_of_customer(events, which.customer))
            wanted.append(or_(_of_customer(intents, which.customer), intents.c.event_id.in_(caused)))
        return _all(SeenIntent, await self._page(_INTENTS, wanted, limit=limit, before=before))

    async def intent(self, identity: int) -> SeenIntent | None:
        """One intent."""
        return _one(SeenIntent, await self._page(_INTENTS, _equal(intents, id=identity)))

    async def decisions(self, which: DecisionFilter, *, limit: int = PAGE, before: int | None = None) -> list[Decision]:
        """A page of decisions."""
        wanted = _equal(
            decisions,
            corp_id=which.corp_id,
            external_user_id=which.customer,
            what=which.what,
            verdict=which.verdict,
            event_id=which.event_id,
            intent_id=which.intent_id,
        )
        if which.staff is not None:
            wanted.append(sight.among(decisions.c.user_id, which.staff))
        if which.caused_by is not None:
            wished = select(intents.c.id).where(intents.c.event_id == which.caused_by)
            wanted.append(or_(decisions.c.event_id == which.caused_by, decisions.c.intent_id.in_(wished)))
        return _all(Decision, await self._page(_DECISIONS, wanted, limit=limit, before=before))

    async def _page(
        self, source: Select[Any], wanted: Sequence[Condition], *, limit: int = 1, before: int | None = None
    ) -> Sequence[Row]:
        identity = source.selected_columns.id
        query = source.where(*wanted).order_by(identity.desc()).limit(limit)
        if before is not None:
            query = query.where(identity < before)
        return await self._database.fetch(Statement(query))


def _all(kind: type[Seen], rows: Sequence[Row]) -> list[Seen]:
    return [_see(kind, row) for row in rows]


def _one(kind: type[Seen], rows: Sequence[Row]) -> Seen | None:
    return _see(kind, rows[0]) if rows else None


def _see(kind: type[Seen], row: Row) -> Seen:
    """A row as a value: documents are read, milliseconds become moments."""
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]  # each of them is a dataclass
        name = field.name
        read = maybe_moment if name == "at" or name.endswith("_at") else _READ.get(name)
        values[name] = read(row[name]) if read else row[name]
    return kind(**values)
