"""The clock: due timers become events, what is due in rows is announced, and recurring rounds are rung.

Of several clocks one leads, by a lease that a dead one loses within seconds. That spares double work and nothing else:
a timer's row is deleted in the transaction that makes its event, so only one clock fires it; a round carries the moment
of its beginning, so that a second ringing is the same event as the first; rows that are due are announced in a unit
that holds the lease.
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import metrics
from bot.clock.gauges import Gauges
from bot.wake import Bells
from sop.events import Own
from sop.rounds import ROUNDS
from storage import due, housekeeping, rounds
from storage.database import Database
from storage.errors import LostLease, StorageError
from storage.inbox import Inbox
from storage.leases import CLOCK, Lease, Leases
from storage.store import SOON
from storage.timers import Timers

BATCH = 500
PATIENCE = 0.5  # seconds; a timer scheduled by another process is seen, and a round begins, this late at most
PATIENT = timedelta(seconds=PATIENCE)
LEASE = timedelta(seconds=4)  # after which a dead leader is replaced
GLANCE = 0.5  # seconds for which whoever leads takes it for granted
RETENTION = timedelta(days=90)  # of closed events and ended intents
PASSING = timedelta(days=7)  # of events that tell no more than that rows were due: there may be two each second
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Corp:
    """For whom rounds are rung: a corp, the app that its events belong to, and its zone."""

    id: str
    app: str
    zone: ZoneInfo


class Clock:
    """The loop that turns time into events."""

    def __init__(
        self,
        database: Database,
        corps: Sequence[Corp],
        *,
        bells: Bells,
        now: Callable[[], datetime],
        length: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._leases = Leases(database)
        self._timers = Timers(database)
        self._inbox = Inbox(database)
        self._corps = corps
        self._bells = bells
        self._now = now
        self._length = length
        self._rung: dict[tuple[str, type[Own]], datetime] = {}
        self._looked = 0.0
        self._announced = datetime.min.replace(tzinfo=UTC)
        self._thinned = 0  # the id of the event up to which they are
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self.lease: Lease | None = None  # while it leads, as far as it knows

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        gauges = Gauges(self._database, self._now, lambda: self.lease is not None)
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(gauges.measure, "interval", seconds=5)
        scheduler.add_job(gauges.census, "interval", minutes=5)
        scheduler.add_job(self._clean, "interval", hours=1)
        scheduler.start()
        try:
            while not stop.is_set():
                if not (await self._lead() and await self._work()):
                    await self._bells.timers.wait(PATIENCE)
        finally:
            scheduler.shutdown(wait=False)
            await self._let_go()

    async def _work(self) -> bool:
        """Ring, announce and fire what is due; whether there may be more at once."""
        await self._look()
        await self._announce()
        return await self._fire()

    async def _lead(self) -> bool:
        """Whether this clock leads, as of a moment ago."""
        if self.lease and time.monotonic() - self._looked < GLANCE:
            return True
        before = self.lease
        try:
            self.lease = await self._leases.hold(CLOCK, self.holder, length=self._length)
        except StorageError as error:
            self.lease = None
            metrics.trouble("clock", error)
        else:
            metrics.recovered("clock")
        self._looked = time.monotonic()
        if (before is None) != (self.lease is None):
            log.info("clock_leads" if self.lease else "clock_follows", holder=self.holder)
        metrics.LEADS.set(self.lease is not None)
        return self.lease is not None

    async def _let_go(self) -> None:
        if self.lease:
            try:
                await self._leases.let_go(self.lease)
            except StorageError as error:
                metrics.trouble("clock", error)

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
        for late in fired:
            metrics.of(metrics.LATENESS, "timers").observe(late.total_seconds())
        if fired:
            self._bells.ring()
        return len(fired) == BATCH

    async def _announce(self) -> None:
        """Announce what is due in rows, twice a second of the service's own time."""
        now = self._now()
        if self.lease is None or timedelta(0) <= now - self._announced < PATIENT:
            return
        self._announced = now
        apps = {corp.id: corp.app for corp in self._corps}
        try:
            announced = await due.announce(self._database, self.lease, apps, now=now, deadline=now + SOON)
        except LostLease:
            self._looked = 0.0
            return
        except StorageError as error:
            metrics.trouble("clock", error)
            return
        for each in announced:
            metrics.of(metrics.LATENESS, each.name).observe(each.late.total_seconds())
        if announced:
            self._bells.ring()

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
        arrival = rounds.arrival(event, corp.id, corp.app, began=began, now=self._now())
        try:
            await self._inbox.remember(arrival)
        except StorageError as error:
            metrics.trouble("clock", error)
            return False
        self._bells.ring()
        return True

    async def _clean(self) -> None:
        """Forget what has long ended; every clock may, and one is enough."""
        if self.lease is None:
            return
        try:
            await housekeeping.clean(self._database, before=self._now() - RETENTION)
            kinds = {each.event.kind for each in due.DUES}
            self._thinned = await housekeeping.thin(
                self._database, kinds, before=self._now() - PASSING, after=self._thinned
            )
        except StorageError as error:
            metrics.trouble("clock", error)
