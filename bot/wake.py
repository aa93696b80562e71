"""Bells that tell a waiting loop that there is work; missing one costs a moment, never the work."""

import asyncio
from dataclasses import dataclass, field


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


@dataclass(slots=True)
class Bells:
    """One bell per loop of this process, and a way to ring those of the other processes."""

    events: Bell = field(default_factory=Bell)
    intents: Bell = field(default_factory=Bell)
    timers: Bell = field(default_factory=Bell)

    def ring(self) -> None:
        """Something was written that any loop may care about."""
        self.events.ring()
        self.intents.ring()
        self.timers.ring()
