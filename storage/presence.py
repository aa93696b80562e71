"""Whether a store is there at all, for those who only want to know."""

from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from storage.errors import Unavailable

_PATIENCE = 3.0  # seconds


def exists(url: str) -> bool:
    """Whether the file of an SQLite database is there; opening it would make an empty one. True for a server."""
    return not url.startswith("sqlite:///") or Path(url.removeprefix("sqlite:///")).exists()


async def ping(url: str) -> None:
    """Return when the Redis of a URL answers; raises `Unavailable`, whose message shows no password."""
    redis = Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        raise Unavailable(f"{type(error).__name__}: {error}") from None
    finally:
        await redis.aclose()
