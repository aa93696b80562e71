"""For whom, when and why a store works: what every subject of the storage is given."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from storage.database import Database
from storage.sql import Answer, Statement, Unit
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

    @property
    def at(self) -> int:
        """Now, as stored."""
        return to_ms(self.now)

    async def fetch(self, statement: Statement, /, **named: Any) -> Answer:
        """Read rows; `:corp_id` is filled in."""
        return await self.database.fetch(statement, {"corp_id": self.corp_id, **named})

    def write(self, statement: Statement, /, **named: Any) -> None:
        """Write at commit; `:corp_id` is filled in."""
        self.unit.add(statement, {"corp_id": self.corp_id, **named})
