"""The documented rates are respected, blocks are learnt, and urgent calls find room."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wecom.budget import Charge, MemoryBudget
from wecom.limits import BASIC, MINUTE, TO_MEMBER, Rate

TEN = Charge("ww1:x", (Rate(10, MINUTE),))
BULK = Charge("ww1:sync", BASIC, bulk=True)


async def spend(budget, charge, *, urgent=True, most=100_000):
    """Reserve until refused; how many passed, and the wait then told."""
    passed = 0
    while passed < most:
        wait = await budget.reserve([charge], urgent=urgent)
        if wait:
            return passed, wait
        passed += 1
    return passed, 0.0


async def test_nine_tenths_of_a_rate_pass_and_then_a_wait_is_told(budget, clock):
    passed, wait = await spend(budget, TEN)
    assert passed == 9
    assert 60 <= wait <= 61
    clock.advance(wait)
    assert await budget.reserve([TEN], urgent=True) == 0


async def test_a_refused_reservation_takes_nothing(budget, clock):
    await spend(budget, TEN)
    for _ in range(50):
        assert await budget.reserve([TEN], urgent=True) > 0
    clock.advance(61)
    assert (await spend(budget, TEN))[0] == 9


async def test_background_calls_leave_room_for_urgent_ones(budget):
    assert (await spend(budget, TEN, urgent=False))[0] == 6
    assert (await spend(budget, TEN, urgent=True))[0] == 3


async def test_a_path_that_only_background_work_calls_is_used_nearly_up_at_an_even_pace(budget, clock):
    passed = [(await spend(budget, BULK, urgent=False))[0]]
    assert (await budget.account("ww1:sync")).spent[0].used == passed[0]  # what is only assumed is not shown
    for _ in range(120):
        clock.advance(1)
        passed.append((await spend(budget, BULK, urgent=False))[0])
    assert passed[0] == 240
    assert set(passed[1:60]) == {156}
    assert 9_300 <= sum(passed[61:]) <= 9_600


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(5, 40), min_size=1, max_size=4))
async def test_a_sync_that_is_killed_and_goes_on_keeps_to_the_rate(lives):
    now, passed = 1000.0, []

    def monotonic():
        return now

    for seconds in lives:
        budget = MemoryBudget(monotonic=monotonic)
        for _ in range(seconds):
            passed.append((await spend(budget, BULK, urgent=False))[0])
            now += 1
        passed += [0, 0]  # until the next has begun
        now += 2
    assert max(sum(passed[number : number + 60]) for number in range(len(passed))) <= 10_000


async def test_the_basic_rates_admit_a_burst_of_nine_thousand(budget):
    assert (await spend(budget, Charge("ww1:welcome", BASIC)))[0] == 9_000


async def test_the_hourly_rate_holds_beyond_the_minutes(budget, clock):
    rates = tuple(Rate(rate.count // 10, rate.period) for rate in BASIC)
    total = 0
    for _ in range(20):
        total += (await spend(budget, Charge("ww1:welcome", rates)))[0]
        clock.advance(61)
    assert total == 13_500


async def test_a_raised_quota_is_a_larger_share(clock):
    budget = MemoryBudget(share=3.0, monotonic=clock.monotonic)
    assert (await spend(budget, TEN))[0] == 30


async def test_counters_are_apart(budget):
    await spend(budget, TEN)
    assert await budget.reserve([Charge("ww2:x", TEN.rates)], urgent=True) == 0


async def test_all_counters_of_a_call_must_have_room(budget):
    member = Charge("ww1:1000002:message/send:chen.yu", TO_MEMBER)
    assert (await spend(budget, member))[0] == 27
    path = Charge("ww1:message/send", (Rate(100, MINUTE),))
    assert await budget.reserve([path, member], urgent=True) > 0
    assert (await spend(budget, path))[0] == 90


async def test_45009_blocks_for_a_minute(budget, clock):
    assert await budget.block("ww1:x") == 60
    assert await budget.reserve([TEN], urgent=True) == 60
    clock.advance(59)
    assert await budget.reserve([TEN], urgent=True) == pytest.approx(1)
    clock.advance(1)
    assert await budget.reserve([TEN], urgent=True) == 0


async def test_45009_again_at_once_blocks_for_an_hour(budget, clock):
    await budget.block("ww1:x")
    clock.advance(61)
    assert await budget.block("ww1:x") == 3600


async def test_45009_long_after_a_block_is_a_minute_again(budget, clock):
    await budget.block("ww1:x")
    clock.advance(1000)
    assert await budget.block("ww1:x") == 60


async def test_answers_that_were_under_way_do_not_lengthen_a_block(budget, clock):
    await budget.block("ww1:x")
    clock.advance(10)
    assert await budget.block("ww1:x") == 50


async def test_counters_at_rest_are_thrown_away(budget, clock):
    for number in range(2 * 4096 + 100):
        await budget.reserve([Charge(f"member-{number}", TO_MEMBER)], urgent=True)
        clock.advance(5)
    assert len(budget._windows) < 4096 + 4096 / 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 40), st.integers(1, 12)), max_size=40))
async def test_no_window_ever_holds_more_than_the_rate(steps):
    now = 1000.0
    budget = MemoryBudget(monotonic=lambda: now)
    passed = []
    for pause, tries in steps:
        now += pause
        passed += [now for _ in range(tries) if not await budget.reserve([TEN], urgent=True)]
    assert all(sum(1 for other in passed if at <= other < at + MINUTE) <= 10 for at in passed)
