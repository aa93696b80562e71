"""Access tokens: fetched once for all who ask, renewed early, replaced when the platform revokes them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from wecom.errors import Refused, TryLater, WecomError

EARLY = timedelta(seconds=300)  # before its end a token is renewed, while it still works
PAUSE = timedelta(seconds=30)  # after a wrong secret; doubled up to
LONGEST_PAUSE = timedelta(minutes=10)  # since a caller that hammers has its IP banned for an hour

Clock = Callable[[], datetime]
_log = structlog.get_logger(__name__)


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the moment it ends."""

    value: str = field(repr=False)
    ends_at: datetime


Fetch = Callable[[], Awaitable[Token]]


class TokenStore(Protocol):
    """Where the tokens of all apps are kept, for one process or for many."""

    async def get(self, key: str) -> Token | None:
        """The token kept under `key`, even if it has ended."""
        ...

    async def renew(self, key: str, stale: str, fetch: Fetch) -> Token:
        """The token that replaces `stale` (its value, "" for none).

        Under a lock that everyone who shares the store respects: if the kept token is no longer
        `stale`, return it; else call `fetch`, keep what it returns, return that. What `fetch` raises
        passes through and nothing changes.
        """
        ...


class MemoryTokens:
    """The tokens of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, key: str) -> Token | None:
        """As the protocol says."""
        return self._kept.get(key)

    async def renew(self, key: str, stale: str, fetch: Fetch) -> Token:
        """As the protocol says."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            kept = self._kept.get(key)
            if kept is None or kept.value == stale:
                kept = self._kept[key] = await fetch()
            return kept


class Tokens:
    """The token of one (corp, app): the copy at hand, and the only way to a new one."""

    def __init__(self, key: str, store: TokenStore, fetch: Fetch, *, clock: Clock = now) -> None:
        self._key = key
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._early = EARLY + timedelta(seconds=random.uniform(0, 60))  # noqa: S311 - spreads the renewals
        self._token: Token | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._failure: WecomError | None = None
        self._pause = PAUSE
        self._again_at = datetime.min.replace(tzinfo=UTC)

    async def current(self) -> str:
        """A token that has not ended; near its end a new one is fetched beside."""
        token = self._token
        now = self._clock()
        if token is None or now >= token.ends_at:
            return await self._load(token, now)
        if now >= token.ends_at - self._early and self._renewing is None and now >= self._again_at:
            self._renewing = asyncio.create_task(self._renew_early(token))
        return token.value

    async def renew(self, stale: str) -> str:
        """A token other than `stale`, which the platform has refused."""
        if self._token is None or self._token.value == stale:
            self._token = await self._store.renew(self._key, stale, self._guarded)
        return self._token.value

    async def aclose(self) -> None:
        """Give up a renewal under way."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    async def _load(self, ended: Token | None, now: datetime) -> str:
        kept = await self._store.get(self._key)
        if kept is None or kept.ends_at <= now:
            stale = kept or ended
            kept = await self._store.renew(self._key, stale.value if stale else "", self._guarded)
        self._token = kept
        return kept.value

    async def _renew_early(self, token: Token) -> None:
        try:
            await self.renew(token.value)
        except WecomError as error:
            _log.warning("token_renewal_failed", key=self._key, error=str(error))
        finally:
            self._renewing = None

    async def _guarded(self) -> Token:
        """Fetch, unless it failed a moment ago: then fail alike without asking the platform."""
        now = self._clock()
        if self._failure is not None and now < self._again_at:
            raise self._failure.with_traceback(None)
        try:
            token = await self._fetch()
        except TryLater as error:
            self._failure, self._again_at = error, now + timedelta(seconds=max(1.0, error.after))
            raise
        except Refused as error:
            self._failure, self._again_at = error, now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            raise
        self._failure, self._pause = None, PAUSE
        return token
