"""Several workers take the turns of one flow at once, in any order of committing: each step is taken once.

In the service the fence of the event sees to it that one of them writes; here they are let loose without it.
"""

import asyncio
import random

import pytest

from handlers.flows.changes import stir
from handlers.flows.turns import take
from sop.events import FlowChanged, FlowDue
from sop.relations import Deed
from storage.engine.sql import Statement
from storage.errors import StorageError
from storage.store import Store
from tests.handlers.desk import START, Desk
from tests.handlers.flowing import DAY, draft, happen, inside, messages, publish, steps, turn

NODES = {
    "hello": {"kind": "message", "text": "你好"},
    "half": {"kind": "split", "arms": [{"name": "x", "next": "day"}, {"name": "y", "next": "call"}]},
    "call": {"kind": "task", "name": "打电话", "next": "day"},
    "day": {"kind": "wait", "for": "P1D"},
    "tip": {"kind": "message", "text": "小贴士"},
}
PEOPLE = [f"wm{number}" for number in range(12)]
TASKS = Statement("SELECT effect FROM tasks WHERE corp_id = :corp_id")


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def crowd(desk: Desk) -> Desk:
    """A desk with a dozen customers."""
    for one in PEOPLE:
        await desk.record(Deed.ADDED, external_user_id=one)
    return desk


async def read(desk: Desk, flow: int) -> Store:
    """What a worker is about to commit."""
    store = desk.store()
    await take(FlowDue(corp_id="ww1", at=desk.now, flow_id=flow), store)
    return store


async def commit(store: Store) -> bool:
    """Whether it was written."""
    try:
        await store.commit()
    except StorageError:
        return False
    return True


async def check(desk: Desk, *, said: int) -> None:
    """Everybody got each message once, no visit was made twice, and nobody is lost."""
    got = await messages(desk)
    assert len(got) == len(set(got)) == said
    taken = await steps(desk)
    here = await inside(desk)
    assert len(here) == len(PEOPLE)
    assert {one["status"] for one in here} <= {"parked", "done"}
    assert sum(node == "hello" for node, *_ in taken) == len(PEOPLE)
    tasks = [row["effect"] for row in await desk.store().scope.fetch(TASKS)]
    assert len(tasks) == len(set(tasks)) == sum(node == "call" for node, *_ in taken)


@pytest.mark.parametrize("seed", range(4))
async def test_workers_that_commit_in_any_order_take_each_step_once(crowd, seed):
    chance = random.Random(seed)
    flow = await publish(crowd, draft(NODES, late="P9D"))
    for one in PEOPLE:
        await happen(crowd, "added", one)
    for day in (0, 1):
        crowd.now = START + day * DAY
        stores = [await read(crowd, flow) for _ in range(3)]
        chance.shuffle(stores)
        written = [await commit(store) for store in stores]
        assert written == [True, False, False]
    await check(crowd, said=2 * len(PEOPLE))


@pytest.mark.parametrize("seed", range(4))
async def test_workers_that_really_run_at_once_take_each_step_once(crowd, seed):
    chance = random.Random(seed)
    flow = await publish(crowd, draft(NODES, late="P9D"))
    for one in PEOPLE:
        await happen(crowd, "added", one)

    async def work() -> None:
        await asyncio.sleep(chance.random() / 50)
        await commit(await read(crowd, flow))

    for day in (0, 1):
        crowd.now = START + day * DAY
        await asyncio.gather(*(work() for _ in range(4)))
        await turn(crowd, flow)
    await check(crowd, said=2 * len(PEOPLE))


async def test_an_edit_between_reading_and_committing_is_not_overrun(crowd):
    flow = await publish(crowd, draft(NODES, late="P9D"))
    await happen(crowd, "added")
    await turn(crowd, flow)
    crowd.now = START + DAY
    asleep = await read(crowd, flow)
    longer = {**NODES, "day": {"kind": "wait", "for": "P5D"}}
    await publish(crowd, draft(longer, late="P9D"))
    await crowd.run(stir, FlowChanged(corp_id="ww1", at=crowd.now, flow_id=flow, version=2))
    assert not await commit(asleep)
    await turn(crowd, flow)
    assert [text for _, text, _ in await messages(crowd)] == ["你好"]


async def test_who_is_woken_between_reading_and_committing_is_looked_at_again(crowd):
    paid = {"kind": "wait", "event": {"event": "order_paid"}, "within": "P3D"}
    flow = await publish(crowd, draft({"hello": NODES["hello"], "paid": paid, "tip": NODES["tip"]}))
    await happen(crowd, "added")
    await turn(crowd, flow)
    store = crowd.store()
    (one,) = await store.enrolments.of("wm1")
    store.enrolments.wake(one, None)  # what wakes nobody for good: they are due, and read
    await store.commit()
    asleep = await read(crowd, flow)
    await happen(crowd, "order_paid")
    assert await commit(asleep)
    await turn(crowd, flow)
    assert [text for _, text, _ in await messages(crowd)] == ["你好", "小贴士"]
