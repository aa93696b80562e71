"""Of several clocks one leads; what is due happens once, whoever leads, dies or comes back."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

from bot.app import Service
from sop.events import Happened
from storage.leases import CLOCK, Leases
from tests.daemon import Daemon
from tests.services import free_port
from tests.storage.rows import enrol, flow

MANY = 40


async def leader(stage) -> str:
    lease = (await Leases(stage.database).read()).get(CLOCK)
    return lease.holder if lease and lease.fresh else ""


async def leads(stage, word: str) -> bool:
    return word in await leader(stage)


def timer(stage, number: int) -> Happened:
    about = {"external_user_id": f"wm{number}", "effect": f"x:{number}"}
    return Happened(corp_id=stage.corp.id, at=stage.now(), name="x", **about)


async def schedule(stage, first: int, *, after: float = 0.0) -> None:
    store = stage.store()
    for number in range(first, first + MANY):
        store.schedule(timer(stage, number), name=f"timer:{number}", due_at=stage.now() + timedelta(seconds=after))
    await store.commit()


async def fired(stage) -> Counter[str]:
    return Counter(event.lane for event in await stage.events("happened"))


async def reached(stage, wanted: int) -> bool:
    return len(await stage.events("happened")) >= wanted


async def announced(stage, wanted: int) -> bool:
    return len(await stage.events("flow_due")) >= wanted


async def rounds_are_single(stage) -> bool:
    """Each round once, also where the next one has begun meanwhile."""
    began = Counter(event.occurred_at for event in await stage.events("materials_due"))
    return set(began.values()) == {1}


async def test_of_two_clocks_one_leads_and_each_thing_happens_once(stage):
    clocks = [await stage.serve(role="clock") for _ in range(2)]
    flow_id = await flow(stage.database, stage.corp.id)
    await enrol(stage.database, stage.corp.id, flow_id, stage.now())
    await schedule(stage, 0)
    for clock in clocks:
        clock.bells.ring()
    await stage.until(lambda: reached(stage, MANY))
    await stage.until(lambda: announced(stage, 1))
    await asyncio.sleep(2.5)  # in which either would have looked again
    assert set((await fired(stage)).values()) == {1}
    assert len(await stage.events("flow_due")) == 1
    assert await rounds_are_single(stage)
    assert (await Leases(stage.database).read())[CLOCK].fence == 1


async def test_a_clock_that_stops_in_order_is_followed_at_once(stage):
    first = await stage.serve(role="clock")
    await stage.until(lambda: leader(stage))
    before = await leader(stage)
    await stage.serve(role="clock")
    await stage.stop(first)
    await stage.until(lambda: leader(stage))
    assert await leader(stage) != before


async def test_a_clock_that_was_killed_is_replaced_within_seconds_and_nothing_is_lost_or_doubled(stage, tmp_path):
    killed = Daemon(stage.config(free_port()), tmp_path, role="clock")
    await killed.start()
    try:
        await killed.ready()
        word = f":{killed._process.pid}:"
        await stage.until(lambda: leads(stage, word))
        heir = await stage.serve(role="clock")
        await schedule(stage, 0)
        await stage.until(lambda: reached(stage, MANY))
        assert await leads(stage, word)
        await schedule(stage, MANY)
        await killed.kill()
    finally:
        await killed.kill()
    await schedule(stage, 2 * MANY)
    heir.bells.ring()
    began = time.monotonic()
    await stage.until(lambda: reached(stage, 3 * MANY), 30)
    assert not await leads(stage, word)
    assert time.monotonic() - began < 25
    assert set((await fired(stage)).values()) == {1}
    assert await rounds_are_single(stage)


async def test_a_leader_that_has_slept_finds_another_in_its_place(stage):
    service = await stage.serve(role="clock")
    await stage.until(lambda: leader(stage))
    sleeper = await leader(stage)
    await stage.run("UPDATE leases SET until = 0")  # it slept so long
    taken = await Leases(stage.database).hold(CLOCK, "another", length=timedelta(minutes=5))
    if taken:  # unless it had woken up by then
        await asyncio.sleep(1.2)
        await schedule(stage, 0)
        service.bells.ring()
        await asyncio.sleep(1.5)
        assert not await fired(stage)
        await Leases(stage.database).let_go(taken)
    await schedule(stage, MANY)
    await stage.until(lambda: reached(stage, 2 * MANY if taken else MANY))
    assert await leads(stage, sleeper)


async def test_after_a_pause_timers_come_in_the_order_of_their_time(stage):
    service = await stage.serve(role="clock")
    store = stage.store()
    for number, after in ((1, 50), (2, 20), (3, 40), (4, 10), (5, 30)):
        store.schedule(timer(stage, number), name=f"t{number}", due_at=stage.now() + timedelta(seconds=after))
    await store.commit()
    await stage.stop(service)
    stage.push(3600)
    await stage.serve(role="clock")
    await stage.until(lambda: reached(stage, 5))
    assert [event.lane[-3:] for event in await stage.events("happened")] == ["wm4", "wm2", "wm5", "wm3", "wm1"]


async def test_a_service_that_is_alone_does_not_wait_for_its_dead_predecessor(stage):
    await Leases(stage.database).hold(CLOCK, "predecessor", length=timedelta(minutes=5))
    service: Service = await stage.serve()
    if service.database.dialect == "sqlite":
        await stage.until(lambda: leads(stage, ":"))
    else:  # others may live there
        assert await leader(stage) == "predecessor"
