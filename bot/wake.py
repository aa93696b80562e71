"""Bells that tell a waiting loop that there is work; missing one costs a moment, never the work."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from storage.engine.sql import Queue


@dataclass(slots=True)
class Bell:
    """Rung when something was committed; the loop that waits looks again."""

    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Wake whoever waits."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Sleep until rung, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()


def _nobody() -> None:
    """No other process listens."""


@dataclass(slots=True)
class Bells:
    """One bell per loop of this process; `others` rings those of the other processes, where they share a Redis."""

    events: Bell = field(default_factory=Bell)
    intents: Bell = field(default_factory=Bell)
    timers: Bell = field(default_factory=Bell)
    others: Callable[[], None] = _nobody

    def ring(self) -> None:
        """Something was written that any loop of any process may care about."""
        self.heard()
        self.others()

    def stir(self, *queues: Queue) -> None:
        """Something was put into these queues: ring there and nowhere else, and wherever other processes work."""
        for queue in queues:
            bell: Bell = getattr(self, queue)
            bell.ring()
        if queues:
            self.others()

    def heard(self) -> None:
        """Another process has rung."""
        self.events.ring()
        self.intents.ring()
        self.timers.ring()
