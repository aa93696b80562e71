"""The virtual world's time: as fast as wanted, or standing still until a test pushes it."""

import asyncio
import time
from contextlib import suppress

EPOCH = 1_760_000_000.0  # where a world begins whose time stands still: 2025-10-09 16:53:20 in China


class Clock:
    """Unix seconds that pass `speed` times as fast as ours; 0 stands still until `advance`."""

    __slots__ = ("_began", "_moved", "_origin", "_speed")

    def __init__(self, start: float | None = None, *, speed: float = 1.0) -> None:
        if start is None:
            start = time.time() if speed else EPOCH
        self._speed = speed
        self._origin = start
        self._began = time.monotonic()
        self._moved = asyncio.Event()

    @property
    def speed(self) -> float:
        """How many virtual seconds pass in one of ours."""
        return self._speed

    def now(self) -> float:
        """Return the virtual time in Unix seconds."""
        return self._origin + (time.monotonic() - self._began) * self._speed

    def run(self, speed: float) -> None:
        """Go on at another speed from now on."""
        self._origin, self._began, self._speed = self.now(), time.monotonic(), speed
        self.advance(0)

    def advance(self, seconds: float) -> None:
        """Push time forward and wake everyone who waits for it."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._origin += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until so many virtual seconds have passed."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:
            moved = self._moved
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), left / self._speed if self._speed else None)
