"""The clock's measuring of what is open, parked and overdue, for Prometheus."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot import metrics
from storage import census, due
from storage.database import Database
from storage.errors import StorageError
from storage.inbox import Inbox
from storage.joblists import unfinished
from storage.outbox import Outbox
from storage.timers import Timers

SETTLED = timedelta(seconds=30)  # after which whatever was written under an id of then is committed
SPARE = 50  # a census takes at most a fiftieth of the time
log = structlog.get_logger()


def _by_ids() -> datetime:
    """Now, by the clock that ids are made with."""
    return datetime.now(UTC)


class Gauges:
    """What is measured every few seconds by every clock, and what whoever leads counts now and then."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        leads: Callable[[], bool],
        *,
        settled: timedelta = SETTLED,
    ) -> None:
        self._database = database
        self._now = now
        self._leads = leads
        self._settled = settled
        self._counted = _by_ids() - settled  # up to here what was suppressed is counted
        self._rested = 0.0

    async def measure(self) -> None:
        """Look at what is cheap to see, however much there is."""
        now = self._now()
        try:
            events, oldest_event = await Inbox(self._database).backlog()
            intents, oldest_intent = await Outbox(self._database).backlog()
            jobs = await unfinished(self._database)
            ahead = await due.look(self._database, now=now)
            await self._count()
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

    async def _count(self) -> None:
        """Add what was suppressed since the last look; whoever leads does, so that it is counted once."""
        since, until = self._counted, _by_ids() - self._settled
        if self._leads():
            for (origin, reason), count in (await census.suppressed(self._database, since=since, until=until)).items():
                metrics.SUPPRESSED.labels(origin, reason).inc(count)
        self._counted = until

    async def census(self) -> None:
        """Count all that is parked and all that were ever in a flow: not often, aside, and only where it leads."""
        began = time.monotonic()
        if began < self._rested:
            return
        try:
            timers = await Timers(self._database).parked() if self._leads() else 0
            flows = await census.balances(self._database) if self._leads() else ()
            mailings = await census.mailings(self._database) if self._leads() else {}
        except StorageError as error:
            metrics.trouble("clock", error)
            return
        self._rested = time.monotonic() + SPARE * (time.monotonic() - began)
        metrics.TIMERS.set(timers)
        for status, (count, oldest) in mailings.items():
            metrics.MAILINGS.labels(status).set(count)
            metrics.OLDEST_MAILING.labels(status).set((self._now() - oldest).total_seconds() if oldest else 0)
        for gauge in (metrics.FLOW_ENTERED, metrics.FLOW_PARKED, metrics.FLOW_ENDED, metrics.FLOW_DRIFT):
            gauge.clear()
        for flow in flows:
            name = str(flow.flow_id)
            metrics.FLOW_ENTERED.labels(name).set(flow.entered)
            metrics.FLOW_PARKED.labels(name).set(flow.parked)
            metrics.FLOW_ENDED.labels(name).set(flow.ended)
            metrics.FLOW_DRIFT.labels(name).set(flow.drift)
            if flow.drift:
                log.error("flow_drift", flow=flow.flow_id, drift=flow.drift)
