"""Pressure: whether the loop is behind with its work, so that only what is urgent should be begun."""

import asyncio

PERIOD = 0.05  # seconds between two looks
LATE = 0.02  # seconds by which a loop at ease never is


class Pressure:
    """How late the loop is, by how much longer than asked for a short sleep takes."""

    def __init__(self) -> None:
        self._late = 0.0

    @property
    def high(self) -> bool:
        """Whether more is to be done than can be done at once."""
        return self._late > LATE

    async def watch(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(PERIOD)
            self._late = loop.time() - began - PERIOD
