"""Ringing the loops of other processes; a lost ring costs them one poll."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from redis.asyncio import Redis

from storage.shared.connection import AWAY

_CHANNEL: Final = "siyu:wake"
_AGAIN: Final = 2.0  # seconds before listening again after Redis went away
log = structlog.get_logger()


class RedisBells:
    """Publishes that something was written, and calls `heard` when somebody else did."""

    def __init__(self, redis: Redis, heard: Callable[[], None]) -> None:
        self._redis = redis
        self._heard = heard
        self._ringing: asyncio.Task[None] | None = None
        self._again = False

    def ring(self) -> None:
        """Tell the others, soon; rings that come while one is on its way become one more."""
        if self._ringing and not self._ringing.done():
            self._again = True
            return
        self._ringing = asyncio.create_task(self._publish())

    async def listen(self) -> None:
        """Hear the others until cancelled."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(_CHANNEL)
                    self._heard()
                    while True:
                        if await pubsub.get_message(timeout=60):
                            self._heard()
            except AWAY as error:
                log.warning("redis_away", error=type(error).__name__)
                await asyncio.sleep(_AGAIN)

    async def _publish(self) -> None:
        try:
            await self._redis.publish(_CHANNEL, "")
            while self._again:
                self._again = False
                await self._redis.publish(_CHANNEL, "")
        except AWAY:
            return
