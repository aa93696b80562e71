"""How many calls of one path may be under way at once: halved by 45033, regained slowly."""

import asyncio
import collections
from collections.abc import Callable

SETTLE = 1.0  # seconds in which several refusals count as one
REGAIN = 10.0  # seconds without a refusal that give one place back


class Lane:
    """The places of one path in this process; urgent callers are let in first."""

    def __init__(self, places: int, *, monotonic: Callable[[], float]) -> None:
        self._most = places
        self._monotonic = monotonic
        self._changed = monotonic()
        self._waiting: tuple[collections.deque[asyncio.Future[None]], ...] = (
            collections.deque(),
            collections.deque(),
        )
        self.places = places
        self.busy = 0

    async def enter(self, *, urgent: bool, within: float) -> bool:
        """Take a place, waiting at most `within` seconds; False when none came free."""
        if self.busy < self.places:
            self.busy += 1
            return True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[0 if urgent else 1].append(turn)
        try:
            async with asyncio.timeout(within):
                await turn
        except (TimeoutError, asyncio.CancelledError) as gone:
            if not turn.cancelled():  # the place came in the same moment
                self.leave()
            if isinstance(gone, asyncio.CancelledError):
                raise
            return False
        return True

    def leave(self) -> None:
        """Give the place back."""
        self.busy -= 1
        self._regain()
        self._admit()

    def shrink(self) -> None:
        """The platform found it too many at once: halve, once per burst of refusals."""
        now = self._monotonic()
        if now - self._changed >= SETTLE or self.places == self._most:
            self.places = max(1, self.places // 2)
            self._changed = now

    def _regain(self) -> None:
        now = self._monotonic()
        if self.places < self._most and now - self._changed >= REGAIN:
            self.places += 1
            self._changed = now

    def _admit(self) -> None:
        for queue in self._waiting:
            while queue and self.busy < self.places:
                turn = queue.popleft()
                if not turn.done():
                    self.busy += 1
                    turn.set_result(None)
