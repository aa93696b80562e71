"""What several processes share through Redis: tokens, budgets and bells. Losing it costs speed, never data."""

from redis.asyncio import Redis

from storage.shared.bells import RedisBells
from storage.shared.budget import RedisBudget
from storage.shared.connection import connect_redis
from storage.shared.tokens import RedisTokens

__all__ = ["Redis", "RedisBells", "RedisBudget", "RedisTokens", "connect_redis"]
