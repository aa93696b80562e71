"""Hands take no more than they can hold, however much is offered at once, and finish what they hold."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot import hands
from bot.hands import Hands, Size
from bot.wake import Bell

SIZE = Size(capacity=8, reserved=2, urgent=timedelta(seconds=30), lease=timedelta(seconds=6))


@dataclass(frozen=True, slots=True)
class Thing:
    """Something to do."""

    id: int
    lane: str
    deadline_at: datetime


class Nothing:
    """A source in which nothing ever waits."""

    looks = 0

    async def waiting(self, *, now):
        self.looks += 1
        return False

    async def claim(self, most, *, now, lease, before=None):
        return []

    async def renew(self, held, *, now, lease):
        return None


class Bench:
    """Hands at work on things that take as long as we say."""

    def __init__(self) -> None:
        self.proceed = asyncio.Event()
        self.done: list[int] = []
        self.stop = asyncio.Event()
        self.source = Nothing()
        self.hands = Hands("test", self.source, self._work, SIZE, bell=Bell(), now=lambda: datetime.now(UTC))
        self.running = asyncio.create_task(self.hands.run(self.stop))

    async def _work(self, thing: Thing) -> None:
        await self.proceed.wait()
        self.done.append(thing.id)

    def take(self, count: int) -> None:
        for number in range(count):
            self.hands.take(Thing(number, str(number), datetime.now(UTC)))

    def room(self) -> int:
        """How many offers are made, one after another."""
        return sum(self.hands.offer() is not None for _ in range(20))


@pytest.fixture
async def bench():
    bench = Bench()
    await asyncio.sleep(0)
    yield bench
    bench.proceed.set()
    bench.stop.set()
    await bench.running


async def test_what_is_offered_counts_as_held_until_it_is_taken_or_forgotten(bench, monkeypatch):
    assert bench.room() == 5
    assert bench.room() == 0
    bench.take(3)
    assert bench.room() == 0
    monkeypatch.setattr(hands.time, "monotonic", lambda: 1e12)
    assert bench.room() == 2


async def test_full_hands_are_behind_and_offer_nothing(bench):
    bench.take(5)
    assert bench.hands.behind
    assert bench.room() == 0
    bench.proceed.set()
    await asyncio.sleep(0.01)
    assert not bench.hands.behind


async def test_hands_that_stop_offer_nothing_and_finish_what_they_are_given_meanwhile(bench):
    bench.take(1)
    bench.stop.set()
    await asyncio.sleep(hands.POLL * 1.2)
    assert bench.room() == 0
    bench.take(1)
    bench.proceed.set()
    await bench.running
    assert bench.done == [0, 0]


async def test_the_end_of_what_held_another_up_is_the_time_to_look_and_no_other_end_is(bench):
    await asyncio.sleep(0.01)
    looks = bench.source.looks
    bench.take(2)
    bench.hands.wait("1")
    bench.proceed.set()
    await asyncio.sleep(0.01)
    assert bench.source.looks == looks + 1
    bench.take(1)
    await asyncio.sleep(0.01)
    assert bench.source.looks == looks + 1
