"""What processes share through Redis holds across them, and its loss stops nobody."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.shared import RedisBells, RedisBudget, RedisTokens, connect_redis
from tests import services
from wecom.budget import Charge
from wecom.limits import Rate
from wecom.tokens import Token

ENDS = datetime.now(UTC) + timedelta(hours=2)
CHARGE = Charge("ww1:send", (Rate(10, 60.0), Rate(100, 3600.0)))


@pytest.fixture
async def pair(redis_url):
    """Two processes' connections to one Redis."""
    both = [connect_redis(redis_url) for _ in range(2)]
    yield both
    for one in both:
        await one.aclose()


@pytest.fixture
async def nowhere(free_port):
    redis = connect_redis(f"redis://127.0.0.1:{free_port}")
    yield redis
    await redis.aclose()


class Mint:
    """Counts how often a token was fetched."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> Token:
        self.made += 1
        made = self.made
        await asyncio.sleep(0.02)
        return Token(f"token{made}", ENDS)


async def test_two_processes_fetch_one_token(pair):
    mint, stores = Mint(), [RedisTokens(redis) for redis in pair]
    tokens = await asyncio.gather(*(store.renew("crm", "", mint) for store in stores for _ in range(25)))
    assert {token.value for token in tokens} == {"token1"}
    assert mint.made == 1
    assert (await stores[1].get("crm")).value == "token1"


async def test_fifty_who_saw_it_die_replace_it_once(pair):
    mint, stores = Mint(), [RedisTokens(redis) for redis in pair]
    await stores[0].renew("crm", "", mint)
    tokens = await asyncio.gather(*(store.renew("crm", "token1", mint) for store in stores for _ in range(25)))
    assert {token.value for token in tokens} == {"token2"}


async def test_a_failed_fetch_leaves_the_lock_free(pair):
    store = RedisTokens(pair[0])

    async def fail() -> Token:
        raise ConnectionRefusedError("no")

    with pytest.raises(ConnectionRefusedError):
        await store.renew("crm", "", fail)
    async with asyncio.timeout(1):
        assert (await store.renew("crm", "", Mint())).value == "token1"


async def test_without_redis_each_process_keeps_its_own_token(nowhere):
    store, mint = RedisTokens(nowhere), Mint()
    assert (await store.renew("crm", "", mint)).value == "token1"
    assert (await store.get("crm")).value == "token1"


async def test_two_processes_spend_one_budget(pair):
    clock = [1_000_000.0]
    budgets = [RedisBudget(redis, now=lambda: clock[0]) for redis in pair]
    waits = [await budgets[count % 2].reserve([CHARGE], urgent=True) for count in range(12)]
    assert waits[:9] == [0.0] * 9
    assert all(0 < wait <= 61 for wait in waits[9:])
    clock[0] += waits[-1]
    assert await budgets[0].reserve([CHARGE], urgent=True) == 0.0


async def test_background_work_leaves_room_for_the_urgent(pair):
    budget = RedisBudget(pair[0], now=lambda: 1_000_000.0)
    waits = [await budget.reserve([CHARGE], urgent=False) for _ in range(7)]
    assert [wait > 0 for wait in waits] == [False] * 6 + [True]
    assert await budget.reserve([CHARGE], urgent=True) == 0.0


async def test_background_work_uses_a_path_nearly_up_that_nobody_else_calls(pair):
    budget = RedisBudget(pair[0], now=lambda: 1_000_000.0)
    bulk = Charge("ww1:sync", (Rate(100, 60.0),), bulk=True)
    waits = [await budget.reserve([bulk], urgent=False) for _ in range(97)]
    assert [wait > 0 for wait in waits] == [False] * 96 + [True]


async def test_a_block_holds_for_all_and_grows_when_it_comes_again(pair):
    clock = [1_000_000.0]
    budgets = [RedisBudget(redis, now=lambda: clock[0]) for redis in pair]
    assert await budgets[0].block("ww1:send") == 60
    clock[0] += 20
    assert await budgets[1].reserve([CHARGE], urgent=True) == pytest.approx(40)
    clock[0] += 41
    assert await budgets[1].reserve([CHARGE], urgent=True) == 0.0
    assert await budgets[1].block("ww1:send") == 3600


async def test_what_all_processes_have_called_is_told_together_and_takes_nothing(pair):
    clock = [1_000_000.0]
    budgets = [RedisBudget(redis, now=lambda: clock[0]) for redis in pair]
    for count in range(5):
        await budgets[count % 2].reserve([CHARGE, Charge("ww2:send", CHARGE.rates)], urgent=True)
    for _ in range(3):
        account = await budgets[0].account("ww1:")
        assert account.shared
        found = {(one.key, one.period): (one.used, one.blocked) for one in account.spent}
        assert found == {("ww1:send", 60.0): (5, 0.0), ("ww1:send", 3600.0): (5, 0.0)}
    await budgets[1].block("ww1:send")
    clock[0] += 45
    assert {one.blocked for one in (await budgets[0].account("ww1:")).spent} == {15}
    clock[0] += 17
    found = {one.period: one.used for one in (await budgets[0].account("ww1:")).spent}
    assert found == {3600.0: 5}, "a window that holds nothing any more is not told"


async def test_without_redis_what_the_process_itself_has_called_is_told(nowhere):
    budget = RedisBudget(nowhere)
    await budget.reserve([CHARGE], urgent=True)
    account = await budget.account("ww1:")
    assert account.shared is False
    assert [(one.period, one.used) for one in account.spent] == [(60.0, 1), (3600.0, 1)]


async def test_without_redis_a_process_counts_for_itself(nowhere):
    budget = RedisBudget(nowhere)
    waits = [await budget.reserve([CHARGE], urgent=True) for _ in range(6)]
    assert [wait > 0 for wait in waits] == [False] * 4 + [True] * 2
    assert await budget.block("ww1:send") == 60


async def test_a_bell_is_heard_by_the_others(pair):
    heard = asyncio.Event()
    listener = RedisBells(pair[0], heard.set)
    listening = asyncio.create_task(listener.listen())
    async with asyncio.timeout(3):
        await heard.wait()  # once at the start
        heard.clear()
        RedisBells(pair[1], lambda: None).ring()
        await heard.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_listener_survives_the_death_of_redis():
    heard = asyncio.Event()
    with services.redis(own=True) as server:
        redis = connect_redis(server.url)
        bells = RedisBells(redis, heard.set)
        listening = asyncio.create_task(bells.listen())
        async with asyncio.timeout(10):
            await heard.wait()
            server.crash()
            heard.clear()
            server.start()
            await heard.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await redis.aclose()
