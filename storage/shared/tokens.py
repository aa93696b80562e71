"""Access tokens shared by all processes: whoever comes first fetches, the others wait and read."""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Final

import structlog
from redis.asyncio import Redis

from storage.shared.connection import AWAY
from wecom.tokens import Fetch, MemoryTokens, Token

_PREFIX: Final = "siyu:token:"
_LOCK_MS: Final = 15_000  # longer than a gettoken may take; a holder that died blocks nobody for longer
_LOOK: Final = 0.05
_RELEASE: Final = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
log = structlog.get_logger()


class RedisTokens:
    """A `wecom.tokens.TokenStore`; while Redis is away each process keeps its own."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._own = MemoryTokens()

    async def get(self, key: str) -> Token | None:
        """As the protocol says."""
        try:
            return await self._read(key)
        except AWAY:
            return await self._own.get(key)

    async def renew(self, key: str, stale: str, fetch: Fetch) -> Token:
        """As the protocol says."""
        holder = secrets.token_hex(8)
        lock = f"{_PREFIX}{key}:lock"
        try:
            while not await self._redis.set(lock, holder, nx=True, px=_LOCK_MS):
                if (kept := await self._read(key)) and kept.value != stale:
                    return kept
                await asyncio.sleep(_LOOK)
            kept = await self._read(key)
        except AWAY as error:
            log.warning("redis_away", error=type(error).__name__)
            return await self._own.renew(key, stale, fetch)
        try:
            if kept and kept.value != stale:
                return kept
            token = await fetch()
            await self._keep(key, token)
            return token
        finally:
            await self._release(lock, holder)

    async def _read(self, key: str) -> Token | None:
        value, ends_at = await self._redis.hmget(_PREFIX + key, ["value", "ends_at"])
        return Token(str(value), datetime.fromtimestamp(float(ends_at), UTC)) if value and ends_at else None

    async def _keep(self, key: str, token: Token) -> None:
        try:
            async with self._redis.pipeline() as pipe:
                pipe.hset(_PREFIX + key, mapping={"value": token.value, "ends_at": token.ends_at.timestamp()})
                pipe.expireat(_PREFIX + key, token.ends_at)
                await pipe.execute()
        except AWAY as error:
            log.warning("redis_away", error=type(error).__name__)

    async def _release(self, lock: str, holder: str) -> None:
        try:
            await self._redis.eval(_RELEASE, 1, lock, holder)
        except AWAY as error:
            log.warning("redis_away", error=type(error).__name__)
