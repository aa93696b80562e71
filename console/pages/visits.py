"""Counting visits: in memory at once, in the database a second later, however many there are."""

import asyncio
from dataclasses import dataclass, field
from datetime import date

import structlog

from storage import visits
from storage.database import Database
from storage.engine.sql import Unit
from storage.errors import StorageError
from storage.values import new_id
from storage.visits import Visits

PAUSE = 1.0  # seconds between two writes: so much is lost where the process is killed
_DAYS = 2  # that can still be counted, somewhere on Earth
_AT_ONCE = 500  # rows of one transaction
_Key = tuple[str, int, date]  # corp, channel, day
log = structlog.get_logger()


@dataclass(slots=True)
class Counter:
    """How far this process has counted, by corp, channel and day.

    It writes where it stands, not what has been added, into rows of its own: a write whose end nobody knows is
    simply done again.
    """

    database: Database
    writer: int = field(default_factory=new_id)
    _counts: dict[_Key, tuple[int, int]] = field(default_factory=dict)  # visits, visitors
    _fresh: set[_Key] = field(default_factory=set)  # not written yet
    _failing: bool = False

    def count(self, corp_id: str, channel_id: int, day: date, *, first: bool) -> None:
        """Count a visit; `first` one of a visitor on this day."""
        key = (corp_id, channel_id, day)
        seen, visitors = self._counts.get(key, (0, 0))
        self._counts[key] = seen + 1, visitors + first
        self._fresh.add(key)

    async def flush(self) -> None:
        """Write what is not written yet. Raises `StorageError`; then it is written the next time."""
        waiting = sorted(self._fresh)
        for start in range(0, len(waiting), _AT_ONCE):
            rows = waiting[start : start + _AT_ONCE]
            unit, written = Unit(), {key: self._counts[key] for key in rows}
            for (corp_id, channel_id, day), (seen, visitors) in written.items():
                counted = Visits(channel_id=channel_id, day=day.isoformat(), visits=seen, visitors=visitors)
                visits.put(unit, counted, corp_id=corp_id, writer=self.writer)
            await self.database.commit(unit)
            self._fresh -= {key for key, value in written.items() if self._counts[key] == value}
        self._forget()

    async def run(self) -> None:
        """Write once a second until cancelled."""
        while True:
            await asyncio.sleep(PAUSE)
            await self._try()

    async def close(self) -> None:
        """Write the rest."""
        await self._try()

    async def _try(self) -> None:
        try:
            await self.flush()
        except StorageError as error:
            if not self._failing:
                log.warning("visits_not_written", error=type(error).__name__)
            self._failing = True
        else:
            if self._failing:
                log.info("visits_written_again")
            self._failing = False

    def _forget(self) -> None:
        """Let go of days that are over for good: no zone is more than a day behind another."""
        if not self._counts:
            return
        last = max(day for _, _, day in self._counts)
        for key in [key for key in self._counts if (last - key[2]).days > _DAYS and key not in self._fresh]:
            del self._counts[key]
