"""The courier: perform intents at WeCom, nearest deadline first, and settle each by what may be done about its end.

An attempt is done, refused, to be tried later, or unknown (sent, no answer). What is known is settled or postponed.
What is unknown is marked doubtful and treated by the safety of its kind: tried again where WeCom or a look-up
recognises a second, given up visibly where nothing does. A courier that died leaves its intents doubtful, too.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from bot import endings, metrics, visits
from bot.facts import Unreadable
from bot.hands import Hands, Size
from bot.performers import PERFORMERS, Attempt, Tools, may_repeat
from bot.visits import Equip
from bot.wake import Bells
from handlers.router import Reaction, Router
from sop import intents
from sop.events import Outcome, Settled
from sop.intents import Intent, Safety
from storage.claims import LOST
from storage.database import Database
from storage.engine.sql import Unit
from storage.errors import StorageError, Unavailable
from storage.inbox import remember
from storage.outbox import Ending, Order, Outbox, settle
from wecom.errors import NoAnswer, OverLimit, Refused, TryLater

SIZE = Size(capacity=256, reserved=128, urgent=timedelta(seconds=60), lease=timedelta(seconds=8))
ATTEMPTS = 12
_WITHIN = 10.0  # seconds to wait for the rate budget
_TIMEOUT = 5.0  # seconds to wait for an answer: a welcome has time for a second and a third try
_PAUSES = (0.3, 0.6, 1.2, 2.5, 5, 15, 60, 300, 900, 1800, 3600, 3600)

log = structlog.get_logger()


class Courier:
    """The loop that carries intents to WeCom."""

    def __init__(
        self,
        database: Database,
        router: Router,
        tools: Mapping[tuple[str, str], Tools],
        equip: Equip,
        *,
        bells: Bells,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._outbox = Outbox(database)
        self._router = router
        self._tools = tools
        self._equip = equip
        self._bells = bells
        self._now = now
        self.hands = Hands("courier", self._outbox, self._carry, SIZE, bell=bells.intents, now=now)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish what was claimed."""
        await self.hands.run(stop)

    async def _carry(self, order: Order) -> None:
        """Perform one intent and write down how it went."""
        now = self._now()
        if now >= order.deadline_at:
            await self._settle(order, endings.late("deadline_passed", doubtful=order.doubtful))
            return
        if order.lost > LOST:
            await self._settle(order, Ending(outcome=Outcome.DEAD, reason="taken over too often"))
            return
        try:
            intent = intents.load(order.kind, order.body)
            tools = self._tools[order.corp_id, order.app]
        except (KeyError, ValueError) as error:
            await self._settle(order, Ending(outcome=Outcome.DEAD, reason=f"unreadable: {error}"))
            return
        if order.doubtful and not may_repeat(intent, now - order.created_at):
            outcome = Outcome.UNKNOWN if intent.safety is Safety.SOUGHT else Outcome.DEAD
            await self._settle(order, Ending(outcome=outcome, reason="unknown_not_repeated"))
            return
        await self._attempt(order, intent, tools)

    async def _attempt(self, order: Order, intent: Intent, tools: Tools) -> None:
        now = self._now()
        left = (order.deadline_at - now).total_seconds()
        attempt = Attempt(
            now=now,
            created_at=order.created_at,
            within=min(left, _WITHIN),
            timeout=min(left, _TIMEOUT),
            urgent=left < SIZE.urgent.total_seconds(),
            doubtful=order.doubtful,
        )
        try:
            result = await PERFORMERS[type(intent)](intent, tools, attempt)
        except TryLater as error:
            await self._postpone(order, error.after, doubtful=order.doubtful, code=error.code, reason="try_later")
        except NoAnswer:
            await self._postpone(order, 0, doubtful=True, code=0, reason="no_answer")
        except OverLimit as error:
            await self._settle(order, Ending(outcome=Outcome.REFUSED, reason=str(error)[:500]))
        except Refused as error:
            already = _DONE_ALREADY | _DONE_BEFORE if order.doubtful else _DONE_ALREADY
            outcome = Outcome.DONE if (order.kind, error.code) in already else Outcome.REFUSED
            await self._settle(order, Ending(outcome=outcome, code=error.code, reason=error.message[:500]))
        else:
            await self._settle(order, Ending(outcome=Outcome.DONE, result=result))

    async def _postpone(self, order: Order, after: float, *, doubtful: bool, code: int, reason: str) -> None:
        now = self._now()
        pause = max(_PAUSES[min(order.tries, len(_PAUSES)) - 1], after)
        due_at = now + timedelta(seconds=pause)
        if due_at >= order.deadline_at:
            late = endings.late(f"{reason}: no time for another try", doubtful=doubtful, code=code)
            await self._settle(order, late)
        elif order.tries >= ATTEMPTS:
            await self._settle(order, Ending(outcome=Outcome.DEAD, code=code, reason=f"{reason}: tried too often"))
        else:
            metrics.of(metrics.INTENTS, order.kind, reason).inc()
            await self._outbox.postpone(order, due_at=due_at, doubtful=doubtful, code=code, reason=reason)

    async def _settle(self, order: Order, ending: Ending) -> None:
        """Write the end of an intent, with what its handlers do about it.

        Where they cannot do it here and now (one fails, or something happens to the same customer), the end becomes
        an event that they are tried with until they can.
        """
        now = self._now()
        event = endings.event(order, ending, now=now)
        rows = self._router.reactions(event.route)
        if not rows or not await self._settle_at_once(order, ending, event, rows):
            unit = Unit()
            settle(unit, order, ending, now=now)
            if rows:
                remember(unit, endings.tell(order, event, now=now))
            elif ending.outcome is not Outcome.DONE:
                endings.explain(unit, order, ending, database=self._database, now=now)
            if not await self._commit(unit):
                log.warning("intent_taken_over", kind=order.kind, intent_id=order.id)
                return
        metrics.of(metrics.INTENTS, order.kind, ending.outcome.value).inc()
        metrics.of(metrics.INTENT_SECONDS, order.kind).observe((now - order.created_at).total_seconds())

    async def _settle_at_once(self, order: Order, ending: Ending, event: Settled, rows: Sequence[Reaction]) -> bool:
        """The end and all that its handlers want, as one unit; False when that cannot be."""
        unit, now = Unit(), self._now()
        settle(unit, order, ending, now=now, quietly=True)
        try:
            equipment = self._equip(order.corp_id, order.app)
        except Unreadable:
            return False
        for row in rows:
            scope = endings.scope(
                order, database=self._database, now=now, handler=row.name, unit=unit, hands=self.hands
            )
            if (await visits.deliver(row, event, equipment, scope)).error:
                return False  # dispatch runs them anew until they succeed
        return await self._commit(unit)

    async def _commit(self, unit: Unit) -> bool:
        """What WeCom has accepted must not be forgotten: keep trying to write it while the lease is ours."""
        for pause in (0.1, 0.3, 1.0, 2.0, 3.0):
            try:
                await self._database.commit(unit)
            except Unavailable as error:
                metrics.trouble("courier", error)
                await asyncio.sleep(pause)
            except StorageError:
                return False
            else:
                self._bells.stir(*unit.stirs)
                return True
        await self._database.commit(unit)
        return True


# Refusals that say: what we want is so already.
_DONE_ALREADY = frozenset(
    {
        (intents.SendWelcome.kind, 41051),  # chatting or greeted already
        (intents.DeleteContactWay.kind, 41044),  # the code is not there any more
        (intents.DeleteJoinWay.kind, 41044),  # nor is this one
        (intents.DeleteTags.kind, 40068),  # the tag is gone
        (intents.CancelMailing.kind, 41093),  # called off already
    }
)
# Refusals of another try that say: the one before was performed.
_DONE_BEFORE = frozenset(
    {
        (intents.Prompt.kind, 42014),  # a card with this task id is there
        (intents.UpdateCard.kind, 60140),  # the code has been used
    }
)
