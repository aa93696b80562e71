"""The clock: what is due becomes an event, once, however many clocks there are and whenever they were away."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop.events import DirectoryDue, Happened
from sop.rounds import Round
from storage.scope import Scope
from storage.store import Store
from storage.timers import Timers

TIMERS = 300


async def schedule(stage, number, *, after=0.0):
    """Timers that are due `after` seconds from now."""
    scope = Scope(database=stage.database, corp_id=stage.corp.id, app=stage.app.name, now=stage.now())
    store = Store(scope)
    for count in range(number):
        about = {"external_user_id": f"wm{count}", "effect": f"x:{count}"}
        due = Happened(corp_id=stage.corp.id, at=stage.now(), name="x", **about)
        store.schedule(due, name=f"timer:{count}", due_at=stage.now() + timedelta(seconds=after))
    await store.commit()


async def fired(stage):
    return Counter(event.lane for event in await stage.events("happened"))


async def test_two_clocks_fire_each_timer_once(stage):
    clocks = [await stage.serve(role="clock") for _ in range(2)]
    await schedule(stage, TIMERS)
    for clock in clocks:
        clock.bells.ring()
    await stage.until(lambda: count(stage, TIMERS))
    await asyncio.gather(*(Timers(stage.database).fire(500, now=stage.now(), deadline=stage.now()) for _ in range(3)))
    assert set((await fired(stage)).values()) == {1}
    assert await Timers(stage.database).parked() == 0


async def count(stage, wanted):
    return len(await stage.events("happened")) == wanted


async def test_two_clocks_ring_a_round_once(stage):
    first = await stage.serve(role="clock")
    await schedule(stage, 1)
    await stage.until(lambda: count(stage, 1))  # which comes after the rounds
    await stage.stop(first)
    await schedule(stage, 2)
    await stage.serve(role="clock")
    await stage.until(lambda: count(stage, 3))
    assert len(await stage.events("materials_due")) == 1
    assert len(await stage.events("directory_due")) == 1


async def test_a_timer_is_not_fired_early(stage):
    clock = await stage.serve(role="clock")
    await schedule(stage, 3, after=60)
    clock.bells.ring()
    stage.push(55)
    await asyncio.sleep(0.3)
    assert not await fired(stage)
    stage.push(6)
    await stage.until(lambda: count(stage, 3))


async def test_timers_that_were_due_while_the_clock_was_away_fire_when_it_is_back(stage):
    clock = await stage.serve(role="clock")
    await schedule(stage, 5, after=60)
    await stage.stop(clock)
    stage.push(3600)
    await stage.serve(role="clock")
    await stage.until(lambda: count(stage, 5))
    (event, *_) = await stage.events("happened")
    assert stage.now() - event.occurred_at > timedelta(seconds=3500)


async def test_a_round_begins_anew_when_its_time_has_come(stage):
    await stage.serve(role="clock")
    await stage.until(lambda: rung(stage, "materials_due", 1))
    stage.push(600)
    await stage.until(lambda: rung(stage, "materials_due", 2))
    first, second = await stage.events("materials_due")
    assert second.occurred_at - first.occurred_at == timedelta(minutes=10)
    moments = [event.occurred_at for event in await stage.events("directory_due")]
    assert len(moments) == len(set(moments)) <= 2  # a second only if six hours have just begun


async def test_rounds_that_begin_at_the_same_moment_are_all_rung(stage):
    midnight = stage.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=0, minute=0, second=0)
    stage.push((midnight + timedelta(days=1) - stage.now()).total_seconds() + 5)
    await stage.serve(role="clock")
    await stage.until(lambda: rung(stage, "directory_due", 1))
    (materials,), (directory,) = await stage.events("materials_due"), await stage.events("directory_due")
    assert materials.occurred_at == directory.occurred_at


async def rung(stage, kind, wanted):
    return len(await stage.events(kind)) == wanted


@pytest.mark.parametrize(
    ("now", "began"),
    [
        ("2026-05-04T03:00:00+08:00", "2026-05-04T03:00:00+08:00"),
        ("2026-05-04T02:59:59+08:00", "2026-05-03T03:00:00+08:00"),
        ("2026-05-04T23:59:59+08:00", "2026-05-04T03:00:00+08:00"),
    ],
)
def test_a_nightly_round_begins_at_night_on_the_corps_clocks(now, began):
    nightly = Round(DirectoryDue, timedelta(days=1), timedelta(hours=3))
    moment = datetime.fromisoformat(now).astimezone(UTC)
    assert nightly.began(moment, ZoneInfo("Asia/Shanghai")) == datetime.fromisoformat(began)
