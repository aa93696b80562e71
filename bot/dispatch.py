"""Dispatch: run every handler that an event concerns, commit what they want, retry or give up visibly.

Each handler collects its own writes. If all goes well, they and the end of the event are one unit. A handler that
fails costs the others nothing: they are committed one by one, and it is tried again alone. When a worker dies, another
takes over, and what was committed is not done again. Who lost the lease writes nothing: the fence guards every commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot import facts, metrics, visits
from bot.hands import Hands, Size
from bot.visits import Equip, Result, Visit, fail, outcome
from bot.wake import Bells
from handlers.router import DEFAULT_DEADLINE, Reaction, Router
from storage import inbox, reactions
from storage.claims import LOST
from storage.database import Database
from storage.engine.sql import Unit
from storage.errors import LostLease, StorageError
from storage.inbox import Claim, Inbox
from storage.outbox import Order
from storage.store import Scope

SIZE = Size(
    capacity=256,
    reserved=64,
    urgent=timedelta(seconds=30),
    lease=timedelta(seconds=6),  # well inside the 20 seconds of a welcome code, so that a take-over is still in time
)
ATTEMPTS = 8
_PAUSES = (0.5, 2, 10, 60, 300, 900, 1800)  # seconds before the next try

log = structlog.get_logger()


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
        courier: Hands[Order] | None = None,
    ) -> None:
        self._database = database
        self._router = router
        self._equip = equip
        self._bells = bells
        self._now = now
        self._courier = courier
        self.hands = Hands("dispatch", Inbox(database), self._handle, SIZE, bell=bells.events, now=now)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what was claimed."""
        await self.hands.run(stop)

    async def _handle(self, claim: Claim) -> None:
        """Work on an event. Where somebody was quicker with a row that a handler had read, it comes back at once.

        If they were quicker with the event itself, it is theirs: raises `LostLease`.
        """
        try:
            await self._react_all(claim)
        except LostLease:
            if claim.tries >= ATTEMPTS:
                await self._give_up(claim, "what it had read was changed by others each time")
                return
            unit = Unit()
            inbox.retry(unit, claim, due_at=self._now() + timedelta(seconds=_PAUSES[claim.tries - 1]))
            await self._database.commit(unit)

    async def _react_all(self, claim: Claim) -> None:
        """Run every handler that has not succeeded yet, then close the event or bring it back later.

        While the loop is behind, those with a deadline run first and the event comes back for the others.
        """
        if claim.lost > LOST:
            await self._give_up(claim, "taken over too often: its workers died or lost it")
            return
        try:
            fact = facts.read(claim)
            equipment = self._equip(claim.corp_id, claim.app)
        except (facts.Unreadable, ValueError) as error:
            await self._give_up(claim, str(error))
            return
        rows = self._router.reactions(claim.kind)
        if claim.fence > 1:  # handed out before
            past = await reactions.read_apart(self._database, claim.id)
            settled = {*claim.done.split(), *(each.handler for each in past if each.status in ("done", "dead"))}
            rows = tuple(row for row in rows if row.name not in settled)
        pressing = tuple(row for row in rows if row.deadline)
        aside = self.hands.behind and 0 < len(pressing) < len(rows)
        visit = Visit(claim, fact, equipment, whole=not aside)
        await self._run(visit, pressing if aside else rows)
        if not visit.closed:
            await self._conclude(visit)
        metrics.EVENT_SECONDS.observe((self._now() - claim.received_at).total_seconds())

    async def _run(self, visit: Visit, rows: Sequence[Reaction]) -> None:
        """Run those who may wait for WeCom side by side, beside them the others one after another.

        What is ready is committed together as soon as one of those who asked is, and at the end.
        """
        asking = {asyncio.ensure_future(self._react(visit, [row])) for row in rows if row.asks}
        others = [row for row in rows if not row.asks]
        if not asking:
            await self._commit(visit, await self._react(visit, others), last=True)
            return
        running, ready = {*asking, asyncio.ensure_future(self._react(visit, others))}, list[Result]()
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            ready += [result for task in done for result in task.result()]
            if not running or not done.isdisjoint(asking):
                await self._commit(visit, ready, last=not running)
                ready = []

    async def _react(self, visit: Visit, rows: Sequence[Reaction]) -> list[Result]:
        return [await self._deliver(visit, row) for row in rows]

    async def _deliver(self, visit: Visit, reaction: Reaction) -> Result:
        claim = visit.claim
        scope = Scope(
            database=self._database,
            corp_id=claim.corp_id,
            app=claim.app,
            now=self._now(),
            event_id=claim.id,
            handler=reaction.name,
            hands=self._courier,
            asked=visit.asked,
        )
        return await visits.deliver(reaction, visit.fact, visit.equipment, scope)

    async def _commit(self, visit: Visit, ready: list[Result], *, last: bool) -> None:
        """Write what handlers want written: with the end of the event if nothing went wrong, else each by itself."""
        visit.ended += [result for result in ready if result.error]
        sound = [result for result in ready if not result.error]
        if last and not visit.failed and await self._close(visit, sound):
            return
        outcomes = await self._database.commit_each([self._finish(visit.claim, result) for result in sound])
        for result, became in zip(sound, outcomes, strict=True):
            if isinstance(became, LostLease):
                raise became
            if isinstance(became, StorageError):
                visit.ended.append(fail(result.reaction, became, unit=result.unit, event_id=visit.claim.id))
            else:
                visit.ended.append(result)
                self._bells.stir(*result.unit.stirs)

    async def _close(self, visit: Visit, sound: list[Result]) -> bool:
        """Write all and put the event down, in one unit; False when one of them cannot be written."""
        unit = Unit.of(result.unit for result in sound)
        if visit.claim.attempt > 1:
            reactions.mend(unit, visit.claim.id)
        self._put_down(unit, visit, done=[result.reaction.name for result in sound])
        try:
            await self._database.commit(unit)
        except LostLease:
            raise
        except StorageError:
            return False
        visit.closed = True
        self._bells.stir(*unit.stirs)
        return True

    def _put_down(self, unit: Unit, visit: Visit, *, done: Sequence[str] = ()) -> None:
        """Close the event, or let it come back for the rest of its handlers."""
        if visit.whole:
            inbox.close(unit, visit.claim, done=done, now=self._now())
        else:
            inbox.set_aside(unit, visit.claim, done=done, deadline_at=self._now() + DEFAULT_DEADLINE)

    def _finish(self, claim: Claim, result: Result) -> Unit:
        """What a handler wants written, and that it is done, if the claim is still ours."""
        unit = Unit()
        reactions.finish(unit, claim.id, result.reaction.name, fence=claim.fence, at=self._now())
        return Unit.of([unit, result.unit])

    async def _conclude(self, visit: Visit) -> None:
        """Note what has failed; close the event, bring it back for another try, or for the rest of its handlers."""
        unit, now, claim = Unit(), self._now(), visit.claim
        last = claim.tries >= ATTEMPTS
        for result in visit.failed:
            status = "dead" if last or result.final else "failed"
            reactions.note(unit, claim.id, outcome(result.reaction.name, status, claim, reason=result.error, at=now))
            metrics.REACTIONS.labels(result.reaction.name, status).inc()
        if not last and not all(result.final for result in visit.failed):
            pause = max(_PAUSES[claim.tries - 1], *(result.after for result in visit.failed))
            inbox.retry(unit, claim, due_at=now + timedelta(seconds=pause))
        else:
            self._put_down(unit, visit)
        await self._database.commit(unit)

    async def _give_up(self, claim: Claim, reason: str) -> None:
        unit, now = Unit(), self._now()
        reactions.note(unit, claim.id, outcome("dispatch", "dead", claim, reason=reason[:500], at=now))
        inbox.close(unit, claim, now=now)
        metrics.REACTIONS.labels("dispatch", "dead").inc()
        await self._database.commit(unit)
