"""Timers become events when they are due, once, however many clocks look."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from sop.events import Happened
from storage.engine.sql import Unit
from storage.errors import LostLease
from storage.inbox import Inbox
from storage.timers import Timers, cancel, schedule

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def due(count: int = 1) -> Happened:
    return Happened(corp_id="ww1", at=NOW + MINUTE, name="x", external_user_id="wm1", effect=f"x:{count}")


async def park(database, name: str, *, count: int = 1, due_at: datetime = NOW + MINUTE) -> None:
    unit = Unit()
    schedule(unit, due(count), app="crm", name=name, due_at=due_at)
    await database.commit(unit)


async def fire(timers: Timers, now: datetime) -> int:
    try:
        return len(await timers.fire(100, now=now, deadline=now + MINUTE))
    except LostLease:
        return 0


async def events(database) -> list[str]:
    claims = await Inbox(database).claim(100, now=NOW + 10 * MINUTE, lease=MINUTE)
    return [claim.body for claim in claims]


@pytest.fixture
def timers(database) -> Timers:
    return Timers(database)


async def test_a_timer_fires_when_due_and_not_before(database, timers):
    await park(database, "a")
    assert await fire(timers, NOW) == 0
    assert await fire(timers, NOW + MINUTE) == 1
    assert await fire(timers, NOW + MINUTE) == 0
    assert len(await events(database)) == 1


async def test_a_timer_of_one_name_stays_as_it_is(database, timers):
    await park(database, "a")
    await park(database, "a", due_at=NOW + 5 * MINUTE)
    assert await timers.parked() == 1
    assert await timers.fire(100, now=NOW + MINUTE, deadline=NOW + MINUTE) == (timedelta(0),)


async def test_two_clocks_fire_each_timer_once(database, neighbour, timers):
    for count in range(30):
        await park(database, f"t{count}", count=count)
    clocks = [timers, Timers(neighbour)]
    for _ in range(5):
        await asyncio.gather(*(fire(clock, NOW + MINUTE) for clock in clocks))
    assert await timers.parked() == 0
    assert await Inbox(database).backlog() == (30, NOW + MINUTE)


async def test_what_was_due_while_nobody_looked_fires_later(database, timers):
    await park(database, "a")
    assert await fire(timers, NOW + timedelta(days=3)) == 1


async def test_a_cancelled_timer_never_fires(database, timers):
    await park(database, "a")
    unit = Unit()
    cancel(unit, corp_id="ww1", name="a")
    await database.commit(unit)
    assert await fire(timers, NOW + MINUTE) == 0
