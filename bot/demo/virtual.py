"""Virtual time for the demo: pushed on as soon as all that is due is done, so that a week passes in minutes."""

import asyncio
import time
from datetime import UTC, datetime

from bot.app import Service
from simulator import Simulator
from storage import due
from storage.engine.sql import Statement
from storage.values import to_ms

GLANCE = 0.02  # real seconds between two looks
STILL = 3  # looks in which nothing moves
MOST = 30  # virtual seconds given to what waits for a time of its own, such as the next try or a callback on its way
WAIT = 60.0  # for what is in somebody's hands, such as a call that is never answered
_WORK = Statement("""
    SELECT (SELECT COUNT(*) FROM events WHERE open AND due_at <= :now)
         + (SELECT COUNT(*) FROM intents WHERE open AND due_at <= :now) AS due,
           (SELECT COUNT(*) FROM events WHERE open AND lease_until > :now)
         + (SELECT COUNT(*) FROM intents WHERE open AND lease_until > :now) AS taken
""")


class Virtual:
    """The time of the virtual WeCom and of the service that serves it."""

    def __init__(self, simulator: Simulator, service: Service) -> None:
        self._simulator = simulator
        self._service = service

    def now(self) -> datetime:
        """The moment in the virtual world."""
        return datetime.fromtimestamp(self._simulator.clock.now(), UTC)

    async def reach(self, moment: datetime) -> None:
        """Let time pass until then, and all be done that is due by then."""
        ahead = (moment - self.now()).total_seconds()
        if ahead > 0:
            self._push(ahead)
        await self.rest()

    async def rest(self) -> None:
        """Wait until all that is due is done; what waits for a second of its own is given one."""
        end = time.monotonic() + WAIT
        given = seen = still = 0
        while given < MOST and time.monotonic() < end:
            work, taken = await self._left()
            if not work:
                return
            still = 0 if taken or work != seen else still + 1
            seen = work
            if still >= STILL:
                self._push(1)
                given, still = given + 1, 0

    def _push(self, seconds: float) -> None:
        self._simulator.clock.advance(seconds)
        self._service.bells.ring()

    async def _left(self) -> tuple[int, int]:
        """How much is due or on its way, and how much of it is being worked on."""
        await asyncio.sleep(GLANCE)  # people act at such a pace, too
        now = self.now()
        if waiting := self._simulator.delivery.waiting:
            return waiting, 0
        (row,) = await self._service.database.fetch(_WORK, now=to_ms(now))
        overdue = sum(one.overdue for one in await due.look(self._service.database, now=now))
        return row["due"] + overdue, row["taken"]
