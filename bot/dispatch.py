"""Dispatch: claim events, run each matching handler in its own transaction, retry or give up visibly.

A worker keeps a lease on what it has claimed and renews it while it works. A worker that dies lets its leases end;
another takes over, and the handlers that had committed are not run again. Whoever lost a lease writes nothing:
every commit is guarded by the fence of the claim.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import facts, metrics
from bot.wake import Bells
from handlers.router import Fact, Reaction, Router
from storage import inbox
from storage.database import Database
from storage.errors import LostLease, Unavailable
from storage.inbox import Claim, Inbox
from storage.sql import Unit
from storage.store import Scope, Store
from wecom.errors import TryLater

LEASE = timedelta(seconds=6)  # well inside the 20 seconds of a welcome code, so that a take-over is still in time
CAPACITY = 64
URGENT = timedelta(seconds=30)  # deadlines this near may use the reserved places
RESERVED = 16
POLL = 0.5  # seconds between looks when nothing rings
ATTEMPTS = 8
_PAUSES = (0.5, 2, 10, 60, 300, 900, 1800)  # seconds before the next try

Equipment = Mapping[type, Callable[[Store], Any]]
Equip = Callable[[Claim], Equipment]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Result:
    """How one handler fared: nothing wrong, or why and whether to try again."""

    reaction: Reaction
    error: str = ""
    again: bool = False
    after: float = 0.0  # seconds asked for by whoever refused for now


class Dispatch:
    """The loop that lets events cause what they cause."""

    def __init__(
        self,
        database: Database,
        router: Router,
        equip: Equip,
        *,
        bells: Bells,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._inbox = Inbox(database)
        self._router = router
        self._equip = equip
        self._bells = bells
        self._now = now
        self._running: dict[asyncio.Task[None], Claim] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what was claimed."""
        renewing = asyncio.create_task(self._renew())
        try:
            while not stop.is_set():
                if not await self._claim():
                    await self._bells.events.wait(POLL)
        finally:
            if self._running:
                await asyncio.wait(self._running)
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _claim(self) -> bool:
        """Take what there is room for; whether there may be more at once."""
        room = CAPACITY - len(self._running)
        most, before = (room - RESERVED, None) if room > RESERVED else (room, self._now() + URGENT)
        if room <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return True
        try:
            claims = await self._inbox.claim(most, now=self._now(), lease=LEASE, before=before)
        except Unavailable as error:
            metrics.trouble("dispatch", error)
            await asyncio.sleep(POLL)
            return False
        metrics.recovered("dispatch")
        for claim in claims:
            task = asyncio.create_task(self._handle(claim), name=f"event-{claim.id}")
            self._running[task] = claim
            task.add_done_callback(self._finished)
        return len(claims) == most

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._bells.events.ring()
        if not task.cancelled() and (error := task.exception()):
            log.error("event_not_finished", error=type(error).__name__, detail=str(error)[:200])

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                await self._inbox.renew(list(self._running.values()), now=self._now(), lease=LEASE)
            except Unavailable as error:
                metrics.trouble("dispatch", error)

    async def _handle(self, claim: Claim) -> None:
        """Run every handler that has not succeeded yet, then close the event or bring it back later."""
        if claim.attempt > ATTEMPTS:
            await self._give_up(claim, "taken over too often: its workers died or lost it")
            return
        try:
            fact = facts.read(claim)
            equipment = self._equip(claim)
        except (facts.Unreadable, ValueError) as error:
            await self._give_up(claim, str(error))
            return
        reactions = self._router.reactions(claim.kind)
        if claim.fence > 1:  # handed out before
            settled = {r.handler for r in await self._inbox.reactions(claim.id) if r.status in ("done", "dead")}
            reactions = tuple(reaction for reaction in reactions if reaction.name not in settled)
        results = await asyncio.gather(*(self._react(claim, fact, reaction, equipment) for reaction in reactions))
        await self._conclude(claim, results)

    async def _react(self, claim: Claim, fact: Fact, reaction: Reaction, equipment: Equipment) -> Result:
        scope = Scope(
            database=self._database,
            corp_id=claim.corp_id,
            app=claim.app,
            now=self._now(),
            event_id=claim.id,
            handler=reaction.name,
        )
        store = Store(scope)
        arguments = [equipment[need](store) for need in reaction.needs]
        inbox.hold(scope.unit, claim)
        inbox.react(scope.unit, claim, reaction.name, status="done", at=scope.now)
        with metrics.HANDLING.labels(reaction.name).time():
            return await self._deliver(reaction, reaction.run(fact, *arguments), store)

    async def _deliver(self, reaction: Reaction, running: Awaitable[None], store: Store) -> Result:
        """The delivery of an event: whatever a handler raises is its own failure and nobody else's."""
        try:
            await running
            await store.commit()
        except LostLease:
            raise
        except TryLater as error:
            return Result(reaction, f"TryLater {error.code}", again=True, after=error.after)
        except Exception as error:  # noqa: BLE001
            log.warning(
                "handler_failed", handler=reaction.name, event_id=store.scope.event_id, error=type(error).__name__
            )
            return Result(reaction, f"{type(error).__name__}: {error}"[:500], again=True)
        if len(store.scope.unit.steps) > _BARE:
            self._bells.intents.ring()
            self._bells.timers.ring()
        return Result(reaction)

    async def _conclude(self, claim: Claim, results: list[Result]) -> None:
        unit, now = Unit(), self._now()
        failed = [result for result in results if result.error]
        last = claim.attempt >= ATTEMPTS
        for result in failed:
            status = "dead" if last else "failed"
            inbox.react(unit, claim, result.reaction.name, status=status, reason=result.error, at=now)
            metrics.REACTIONS.labels(result.reaction.name, status).inc()
        if failed and not last:
            pause = max(_PAUSES[claim.attempt - 1], *(result.after for result in failed))
            inbox.retry(unit, claim, due_at=now + timedelta(seconds=pause))
        else:
            inbox.close(unit, claim, now=now)
        await self._database.commit(unit)
        metrics.EVENT_SECONDS.observe((now - claim.received_at).total_seconds())

    async def _give_up(self, claim: Claim, reason: str) -> None:
        unit, now = Unit(), self._now()
        inbox.react(unit, claim, "dispatch", status="dead", reason=reason[:500], at=now)
        inbox.close(unit, claim, now=now)
        metrics.REACTIONS.labels("dispatch", "dead").inc()
        await self._database.commit(unit)


_BARE = 2  # the guard and the done mark: a unit of no more has caused nothing
