"""The clock's measuring of what is open, parked and overdue, for Prometheus."""

from collections.abc import Callable
from datetime import datetime

from bot import metrics
from storage import due
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Inbox
from storage.joblists import unfinished
from storage.outbox import Outbox
from storage.timers import Timers


class Gauges:
    """What is measured every few seconds, and what takes longer now and then."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def measure(self) -> None:
        """Look at what is cheap to see, however much there is."""
        now = self._now()
        try:
            events, oldest_event = await Inbox(self._database).backlog()
            intents, oldest_intent = await Outbox(self._database).backlog()
            jobs = await unfinished(self._database)
            ahead = await due.look(self._database, now=now)
        except StorageError as error:
            metrics.trouble("clock", error)
            return
        metrics.count(jobs, now)
        metrics.OPEN_EVENTS.set(events)
        metrics.OPEN_INTENTS.set(intents)
        metrics.OLDEST_EVENT.set((now - oldest_event).total_seconds() if oldest_event else 0)
        metrics.OLDEST_INTENT.set(max((now - oldest_intent).total_seconds(), 0) if oldest_intent else 0)
        for kind in ahead:
            metrics.OVERDUE.labels(kind.name).set(kind.overdue)
            metrics.MOST_OVERDUE.labels(kind.name).set(kind.late.total_seconds())

    async def census(self) -> None:
        """Count what is parked: all rows are looked at, so not often, and aside of everything else."""
        try:
            metrics.TIMERS.set(await Timers(self._database).parked())
        except StorageError as error:
            metrics.trouble("clock", error)
