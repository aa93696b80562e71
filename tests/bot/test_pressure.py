"""Pressure tells a loop that is behind from one at ease."""

import asyncio
import time

from bot.pressure import LATE, PERIOD, Pressure


async def watched(work):
    pressure = Pressure()
    watching = asyncio.create_task(pressure.watch())
    await work()
    watching.cancel()
    return pressure.high


async def test_a_loop_held_up_is_under_pressure():
    async def hold() -> None:
        await asyncio.sleep(0)
        time.sleep(PERIOD + 5 * LATE)  # noqa: ASYNC251 - this is what pressure is
        await asyncio.sleep(0.001)

    assert await watched(hold)


async def test_a_loop_at_ease_is_not():
    async def rest() -> None:
        await asyncio.sleep(0)

    assert not await watched(rest)
