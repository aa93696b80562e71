"""For whom, when and why a store works: what every subject of the storage is given."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.database import Database
from storage.errors import StorageError, Unavailable
from storage.sql import Answer, Params, Statement, Unit
from storage.values import to_ms


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
    asked: dict[Hashable, "asyncio.Future[Answer]"] | None = None  # what the handlers of one event ask only once

    @property
    def at(self) -> int:
        """Now, as stored."""
        return to_ms(self.now)

    async def fetch(self, statement: Statement, /, **named: Any) -> Answer:
        """Read rows; `:corp_id` is filled in."""
        params = {"corp_id": self.corp_id, **named}
        if self.asked is None:
            return await self.database.fetch(statement, params)
        key = statement, repr(named)
        if key not in self.asked:
            self.asked[key] = asyncio.get_running_loop().create_future()
            await self._ask(statement, params, self.asked[key])
        return await self.asked[key]

    async def _ask(self, statement: Statement, params: Params, found: "asyncio.Future[Answer]") -> None:
        """Read for all who wait for it; where the reader is cancelled, the others must not wait for ever."""
        try:
            found.set_result(await self.database.fetch(statement, params))
        except StorageError as error:
            found.set_exception(error)
        finally:
            if not found.done():
                found.set_exception(Unavailable("the read that was shared was given up"))
            found.exception()

    def write(self, statement: Statement, /, **named: Any) -> None:
        """Write at commit; `:corp_id` is filled in."""
        self.unit.add(statement, {"corp_id": self.corp_id, **named})
