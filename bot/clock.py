"""The clock: due timers become events, and the few recurring jobs of the system are rung.

Two clocks may run at once without harm. A timer's row is deleted in the transaction that makes its event, so only one
of them fires it; a recurring ring carries the moment of its round, so that the second is the same event as the first.
"""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import metrics
from bot.wake import Bells
from sop import events as own
from sop.events import (
    DayQuotasDue,
    DirectoryDue,
    MaterialsDue,
    Own,
    QuotasDue,
    ReviewDue,
    SyncDue,
    TagRulesDue,
    UnassignedDue,
    UpkeepDue,
)
from storage import housekeeping
from storage.database import Database
from storage.errors import LostLease, StorageError
from storage.inbox import Arrival, Inbox
from storage.joblists import unfinished
from storage.outbox import Outbox
from storage.store import SOON
from storage.timers import Timers

BATCH = 500
PATIENCE = 1.0  # seconds; a timer scheduled by another process is seen, and a round begins, this late at most


@dataclass(frozen=True, slots=True)
class Round:
    """What recurs: an event for every corp, each `every`, counted from `start` after midnight on the corp's clocks.

    The round that is under way when the service begins is rung at once, unless it was rung before. Corps begin at
    different moments within `spread`, so that they do not all call at once.
    """

    event: type[Own]
    every: timedelta
    start: timedelta = timedelta(0)
    spread: timedelta = timedelta(0)

    def began(self, now: datetime, zone: ZoneInfo, corp_id: str = "") -> datetime:
        """When the round that is under way began."""
        local = now.astimezone(zone)
        share = zlib.crc32(corp_id.encode()) / 2**32
        first = local.replace(hour=0, minute=0, second=0, microsecond=0) + self.start + self.spread * share
        return (first + (local - first) // self.every * self.every).astimezone(UTC)


ROUNDS = (
    Round(MaterialsDue, timedelta(minutes=10)),
    Round(DirectoryDue, timedelta(hours=6)),
    Round(UnassignedDue, timedelta(days=1), timedelta(hours=9)),
    Round(TagRulesDue, timedelta(days=1), start=timedelta(hours=3)),
    Round(UpkeepDue, timedelta(days=1), timedelta(hours=5)),
    Round(QuotasDue, timedelta(days=1), timedelta(hours=8)),
    Round(DayQuotasDue, timedelta(hours=1)),
    Round(ReviewDue, timedelta(days=1), start=timedelta(hours=4)),
    Round(SyncDue, timedelta(days=1), start=timedelta(hours=3, minutes=30), spread=timedelta(hours=1)),
)
RETENTION = timedelta(days=90)  # of closed events and ended intents


@dataclass(frozen=True, slots=True)
class Corp:
    """For whom rounds are rung: a corp, the app that its events belong to, and its zone."""

    id: str
    app: str
    zone: ZoneInfo


class Clock:
    """The loop that turns time into events."""

    def __init__(self, database: Database, corps: Sequence[Corp], *, bells: Bells, now: Callable[[], datetime]) -> None:
        self._database = database
        self._timers = Timers(database)
        self._inbox = Inbox(database)
        self._outbox = Outbox(database)
        self._corps = corps
        self._bells = bells
        self._now = now
        self._rung: dict[tuple[str, type[Own]], datetime] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(self._measure, "interval", seconds=5)
        scheduler.add_job(self._clean, "interval", hours=1)
        scheduler.start()
        try:
            while not stop.is_set():
                await self._look()
                if not await self._fire():
                    await self._bells.timers.wait(PATIENCE)
        finally:
            scheduler.shutdown(wait=False)

    async def _fire(self) -> bool:
        """Fire what is due; whether there may be more at once."""
        now = self._now()
        try:
            fired = await self._timers.fire(BATCH, now=now, deadline=now + SOON)
        except LostLease:
            return True
        except StorageError as error:
            metrics.trouble("clock", error)
            return False
        metrics.recovered("clock")
        if fired:
            self._bells.ring()
        return fired == BATCH

    async def _look(self) -> None:
        """Ring the rounds that have begun since the last look, by the service's own clock."""
        now = self._now()
        for corp in self._corps:
            for each in ROUNDS:
                began = each.began(now, corp.zone, corp.id)
                if self._rung.get((corp.id, each.event)) != began and await self._ring(each.event, corp, began):
                    self._rung[corp.id, each.event] = began

    async def _ring(self, event: type[Own], corp: Corp, began: datetime) -> bool:
        """Let a round begin, once however many clocks ring it; False where that cannot be written now."""
        now, fact = self._now(), event(corp_id=corp.id, at=began)
        arrival = Arrival(
            corp_id=corp.id,
            app=corp.app,
            kind=event.kind,
            lane=fact.key,
            body=own.dump(fact),
            origin="clock",
            occurred_at=began,
            received_at=now,
            deadline_at=now + SOON,
        )
        try:
            await self._inbox.remember(arrival)
        except StorageError as error:
            metrics.trouble("clock", error)
            return False
        self._bells.ring()
        return True

    async def _measure(self) -> None:
        now = self._now()
        try:
            events, oldest_event = await self._inbox.backlog()
            intents, oldest_intent = await self._outbox.backlog()
            _, timers = await self._timers.next_due()
            jobs = await unfinished(self._database)
        except StorageError as error:
            metrics.trouble("clock", error)
            return
        metrics.count(jobs, now)
        metrics.OPEN_EVENTS.set(events)
        metrics.OPEN_INTENTS.set(intents)
        metrics.TIMERS.set(timers)
        metrics.OLDEST_EVENT.set((now - oldest_event).total_seconds() if oldest_event else 0)
        metrics.OLDEST_INTENT.set(max((now - oldest_intent).total_seconds(), 0) if oldest_intent else 0)

    async def _clean(self) -> None:
        try:
            await housekeeping.clean(self._database, before=self._now() - RETENTION)
        except StorageError as error:
            metrics.trouble("clock", error)
