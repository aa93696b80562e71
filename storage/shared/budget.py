"""The calls a corp has left, counted by all processes together in rolling windows of sixty slices."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from redis.asyncio import Redis

from storage.shared.connection import AWAY
from wecom.budget import SHARE, SLICES, Account, Charge, MemoryBudget, Spent, share_of
from wecom.limits import HOUR_BLOCK, MINUTE_BLOCK

_PREFIX: Final = "siyu:budget:"
_IN_USE: Final = "siyu:budgets"  # the windows that hold calls, each with the moment at which it will hold none
# KEYS: the block of each charge's counter, then its windows; ARGV: now, number of blocks, then period and limit of each
# window. Returns the seconds to wait, as text; 0 when one call was taken from every window.
_RESERVE: Final = f"""
local now, blocks, wait = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
for i = 1, blocks do
  local ends = tonumber(redis.call('hget', KEYS[i], 'ends') or 0)
  wait = math.max(wait, ends - now)
end
for i = blocks + 1, #KEYS do
  local period, limit = tonumber(ARGV[1 + 2 * (i - blocks)]), tonumber(ARGV[2 + 2 * (i - blocks)])
  local step, total, slices = period / {SLICES}, 0, {{}}
  local rows = redis.call('hgetall', KEYS[i])
  for r = 1, #rows, 2 do
    local number = tonumber(rows[r])
    if number <= now / step - {SLICES} - 1 then redis.call('hdel', KEYS[i], rows[r])
    else total = total + tonumber(rows[r + 1]); table.insert(slices, {{number, tonumber(rows[r + 1])}}) end
  end
  table.sort(slices, function(a, b) return a[1] < b[1] end)
  local surplus = total + 1 - limit
  for _, slice in ipairs(slices) do
    if surplus > 0 then
      surplus = surplus - slice[2]
      if surplus <= 0 then wait = math.max(wait, (slice[1] + {SLICES} + 1) * step - now) end
    end
  end
end
if wait > 0 then return tostring(wait) end
for i = blocks + 1, #KEYS do
  local period = tonumber(ARGV[1 + 2 * (i - blocks)])
  redis.call('hincrby', KEYS[i], math.floor(now / (period / {SLICES})), 1)
  redis.call('expire', KEYS[i], math.ceil(period * 2))
  redis.call('zadd', '{_IN_USE}', now + period * (1 + 1 / {SLICES}), KEYS[i])
end
return '0'
"""
_BLOCK: Final = f"""
local now = tonumber(ARGV[1])
local ends = tonumber(redis.call('hget', KEYS[1], 'ends') or 0)
if now < ends then return tostring(ends - now) end
local length = {MINUTE_BLOCK}
if ends > 0 and now < ends + {MINUTE_BLOCK} then length = {HOUR_BLOCK} end
redis.call('hset', KEYS[1], 'ends', now + length)
redis.call('expire', KEYS[1], math.ceil(length + {MINUTE_BLOCK}))
return tostring(length)
"""


class RedisBudget:
    """A `wecom.budget.Budget`; while Redis is away each process counts for itself, more cautiously."""

    def __init__(self, redis: Redis, *, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._now = now
        self._own = MemoryBudget(share=SHARE / 2)
        self._reserve = redis.register_script(_RESERVE)
        self._block = redis.register_script(_BLOCK)

    async def reserve(self, charges: Iterable[Charge], *, urgent: bool) -> float:
        """As the protocol says."""
        charges = tuple(charges)
        keys = [f"{_PREFIX}{charge.key}:block" for charge in charges]
        arguments: list[float] = [self._now(), len(keys)]
        for charge in charges:
            share = share_of(charge, urgent=urgent)
            for rate in charge.rates:
                keys.append(f"{_PREFIX}{charge.key}:{int(rate.period)}")
                arguments += [rate.period, max(1, int(rate.count * share))]
        try:
            return float(await self._reserve(keys=keys, args=arguments))
        except AWAY:
            return await self._own.reserve(charges, urgent=urgent)

    async def block(self, key: str) -> float:
        """As the protocol says."""
        await self._own.block(key)
        try:
            return float(await self._block(keys=[f"{_PREFIX}{key}:block"], args=[self._now()]))
        except AWAY:
            return MINUTE_BLOCK

    async def account(self, prefix: str) -> Account:
        """As the protocol says."""
        try:
            return Account(shared=True, spent=await self._spent(prefix))
        except AWAY:
            return await self._own.account(prefix)

    async def _spent(self, prefix: str) -> tuple[Spent, ...]:
        now = self._now()
        await self._redis.zremrangebyscore(_IN_USE, "-inf", now)
        in_use = map(str, await self._redis.zrange(_IN_USE, 0, -1))
        names = [name for name in in_use if name.startswith(_PREFIX + prefix)]
        windows = [name.removeprefix(_PREFIX).rpartition(":") for name in names]
        async with self._redis.pipeline(transaction=False) as pipeline:
            for name, (key, _, _) in zip(names, windows, strict=True):
                pipeline.hgetall(name)
                pipeline.hget(f"{_PREFIX}{key}:block", "ends")
            told = iter(await pipeline.execute())
        found = []
        for (key, _, period), slices, ends in zip(windows, told, told, strict=True):
            oldest = now / (int(period) / SLICES) - SLICES - 1
            used = sum(int(calls) for number, calls in slices.items() if int(number) > oldest)
            found.append(Spent(key, float(period), used, max(0.0, float(ends or 0) - now)))
        return tuple(found)
