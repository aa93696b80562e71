"""The connection to Redis, and what counts as Redis being away."""

from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

AWAY: Final = (RedisError, OSError, TimeoutError)


def connect_redis(url: str) -> Redis:
    """A client with short time-outs: nobody waits long for what is only a convenience."""
    return Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0, decode_responses=True)
