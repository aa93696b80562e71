"""For whom, when and why a store works: what every subject of the storage is given."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sop.events import Happened
from storage.database import Database
from storage.engine.sql import Answer, Params, Row, Statement, Unit
from storage.errors import StorageError, Unavailable
from storage.values import to_ms

T = TypeVar("T")
Held_contra = TypeVar("Held_contra", contravariant=True)


class Hands(Protocol[Held_contra]):
    """Who does what is written here, in this very process; see `bot.hands`."""

    def offer(self) -> datetime | None:
        """Until when something new would be held, were it given now; None when there is no room for it."""

    def take(self, held: Held_contra, /) -> None:
        """Begin to work on it."""

    def wait(self, lane: str, /) -> None:
        """It has come, but another of its lane holds it up."""


@dataclass(slots=True, kw_only=True)
class Scope:
    """For whom and when a store works: one corp, one app, one moment, and the event and handler behind it."""

    database: Database
    corp_id: str
    app: str
    now: datetime
    event_id: int | None = None
    handler: str = ""
    unit: Unit = field(default_factory=Unit)
    hands: Hands[Any] | None = None  # who performs intents in this process, if anybody
    asked: dict[Hashable, "asyncio.Future[Any]"] | None = None  # what the handlers of one event ask only once
    happened: list[Happened] = field(default_factory=list)  # what is written into the histories of customers

    @property
    def at(self) -> int:
        """Now, as stored."""
        return to_ms(self.now)

    async def fetch(self, statement: Statement, /, **named: Any) -> Answer:
        """Read rows; `:corp_id` is filled in."""
        return await self.database.fetch(statement, {"corp_id": self.corp_id, **named})

    async def read(self, statement: Statement, make: Callable[[Row], T], /, **named: Any) -> tuple[T, ...]:
        """Read rows as values; handlers of one event that ask the same thing share one answer."""
        if self.asked is None:
            return tuple(map(make, await self.fetch(statement, **named)))
        key = (statement, *named.values())
        found: asyncio.Future[tuple[T, ...]] | None = self.asked.get(key)
        if found is None:
            found = self.asked[key] = asyncio.get_running_loop().create_future()
            await self._ask(statement, make, named, found)
        return await found

    async def _ask(
        self, statement: Statement, make: Callable[[Row], T], named: Params, found: "asyncio.Future[tuple[T, ...]]"
    ) -> None:
        """Read for all who wait for it; where the reader is cancelled, the others must not wait for ever."""
        try:
            found.set_result(tuple(map(make, await self.fetch(statement, **named))))
        except StorageError as error:
            found.set_exception(error)
        finally:
            if not found.done():
                found.set_exception(Unavailable("the read that was shared was given up"))
            found.exception()

    def write(self, statement: Statement, /, **named: Any) -> None:
        """Write at commit; `:corp_id` is filled in."""
        self.unit.add(statement, {"corp_id": self.corp_id, **named})
