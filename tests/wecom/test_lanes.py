"""So many calls at once: fewer after 45033, more again with time, urgent ones first."""

import asyncio

import pytest

from wecom.lanes import REGAIN, Lane


@pytest.fixture
def lane(clock):
    return Lane(2, monotonic=clock.monotonic)


async def queue(lane, order, name, *, urgent):
    task = asyncio.create_task(enter(lane, order, name, urgent=urgent))
    await asyncio.sleep(0)
    return task


async def enter(lane, order, name, *, urgent):
    assert await lane.enter(urgent=urgent, within=5)
    order.append(name)


async def test_a_full_lane_lets_nobody_in_before_someone_leaves(lane):
    assert [await lane.enter(urgent=True, within=0.01) for _ in range(3)] == [True, True, False]
    lane.leave()
    assert await lane.enter(urgent=True, within=0.01)
    assert lane.busy == 2


async def test_the_urgent_overtake_those_who_waited_longer(lane):
    order = []
    for _ in range(2):
        await lane.enter(urgent=True, within=1)
    tasks = [await queue(lane, order, "sync", urgent=False), await queue(lane, order, "welcome", urgent=True)]
    lane.leave()
    lane.leave()
    await asyncio.gather(*tasks)
    assert order == ["welcome", "sync"]


async def test_who_gives_up_leaves_no_place_taken(lane):
    for _ in range(2):
        await lane.enter(urgent=True, within=1)
    waiting = await queue(lane, [], "x", urgent=True)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    lane.leave()
    lane.leave()
    assert lane.busy == 0
    assert await lane.enter(urgent=True, within=0)


async def test_who_is_cancelled_in_the_moment_of_entering_gives_the_place_back(lane):
    for _ in range(2):
        await lane.enter(urgent=True, within=1)
    waiting = await queue(lane, [], "x", urgent=True)
    lane.leave()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert lane.busy == 1


def test_a_refusal_halves_the_lane_once_per_burst(clock):
    lane = Lane(64, monotonic=clock.monotonic)
    for _ in range(5):
        lane.shrink()
    assert lane.places == 32
    clock.advance(2)
    lane.shrink()
    assert lane.places == 16


def test_a_lane_never_closes(clock):
    lane = Lane(4, monotonic=clock.monotonic)
    for _ in range(9):
        lane.shrink()
        clock.advance(2)
    assert lane.places == 1


async def test_places_come_back_one_by_one(clock):
    lane = Lane(4, monotonic=clock.monotonic)
    lane.shrink()
    for _ in range(4):
        clock.advance(REGAIN)
        await lane.enter(urgent=True, within=0)
        lane.leave()
    assert lane.places == 4


async def test_places_do_not_come_back_at_once(clock):
    lane = Lane(4, monotonic=clock.monotonic)
    lane.shrink()
    for _ in range(10):
        await lane.enter(urgent=True, within=0)
        lane.leave()
    assert lane.places == 2
