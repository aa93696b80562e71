"""Traps that flow engines are seen to fall into, over a database; those of time and policy are in tests/sop."""

import random

import pytest

from handlers.flows.changes import stir
from handlers.flows.schedules import enter
from handlers.flows.turns import take
from sop.events import EntryDue, FlowChanged, FlowDue
from sop.flows import enrolments
from sop.policy import Cap, Policy
from sop.policy.causes import GLOBAL_CAP
from sop.relations import Deed
from storage.store import Store
from tests.handlers.desk import START, Desk
from tests.handlers.flowing import DAY, HOUR, draft, happen, inside, messages, publish, steps, turn

FOUR = ("wm1", "wm2", "wm3", "wm4")
ONE, TWO = {"kind": "message", "text": "1"}, {"kind": "message", "text": "2"}
DAY_ONE = {"kind": "wait", "for": "P1D"}
WAY = {"one": ONE, "day": DAY_ONE, "two": TWO, "more": DAY_ONE, "three": {"kind": "message", "text": "3"}}


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def four(desk: Desk) -> Desk:
    """A desk with four customers."""
    for one in FOUR:
        await desk.know("王", one)
        await desk.record(Deed.ADDED, external_user_id=one)
    return desk


async def change(desk: Desk, flow: int, nodes, version: int) -> None:
    """An edit that all follow."""
    await publish(desk, draft(nodes, late="P9D"))
    await desk.run(stir, FlowChanged(corp_id="ww1", at=desk.now, flow_id=flow, version=version))
    await turn(desk, flow)


@pytest.mark.parametrize("gone", list(WAY))
async def test_deleting_a_node_sends_nothing_again_to_anybody_wherever_they_are(four, gone):
    flow = await publish(four, draft(WAY, late="P9D"))
    for number, one in enumerate(FOUR[:3]):  # one has finished, one is at `more`, one at `day`
        four.now = START + number * DAY
        await happen(four, "added", one)
        await turn(four, flow)
    before = await messages(four)
    assert len(before) == 6
    await change(four, flow, {name: node for name, node in WAY.items() if name != gone}, 2)
    for number in range(2, 6):
        await turn(four, flow, after=number * DAY)
    after = await messages(four)
    assert len(after) == len(set(after))
    assert after[: len(before)] == before
    assert {one["status"] for one in await inside(four)} == {"done"}


async def test_nobody_is_moved_by_being_fetched_only_by_what_is_committed(four):
    flow = await publish(four, draft(WAY))
    await happen(four, "added")
    store: Store = four.store()
    await take(FlowDue(corp_id="ww1", at=four.now, flow_id=flow), store)
    del store  # the worker dies before it commits
    assert (await steps(four), await messages(four)) == ([], [])
    assert [(one["node"], one["visit"]) for one in await inside(four)] == [("one", 1)]
    await turn(four, flow)
    assert [text for _, text, _ in await messages(four)] == ["1"]


async def test_a_single_moment_that_passed_while_nobody_was_there_is_made_up_for(four):
    once = {"kind": "schedule", "once": {"at": "2025-10-09T20:00:00"}}
    flow = await publish(four, draft(WAY, entries=[once]))
    await four.run(stir, FlowChanged(corp_id="ww1", at=four.now, flow_id=flow, version=1))
    at = START + 4 * HOUR
    four.now = at + 3 * HOUR
    await four.run(enter, EntryDue(corp_id="ww1", at=at, flow_id=flow, version=1, number=0))
    await turn(four, flow)
    assert [text for _, text, _ in await messages(four)] == ["1"] * 4


@pytest.mark.parametrize(
    ("cap", "second"), [(Cap(count=1, days=1), GLOBAL_CAP), (Cap(count=0, days=1), "planned"), (None, "planned")]
)
async def test_the_cap_for_all_messages_holds_for_flows_and_one_of_zero_or_none_blocks_nobody(four, cap, second):
    await four.apply(lambda store: store.policy.put(Policy(caps=(cap,) if cap else ()), by="x"))
    for name, node in (("one", ONE), ("two", TWO)):
        await publish(four, draft({"say": node}, name=name))
    await happen(four, "added")
    for name in ("one", "two"):
        await turn(four, (await four.store().flows.named(name)).id)
    assert await messages(four) == [("wm1", "1", "planned"), ("wm1", "2", second)]


@pytest.mark.parametrize("word", ["paused", "ended"])
async def test_pausing_and_ending_take_nobody_out(four, word):
    flow = await publish(four, draft(WAY, late="P9D"))
    await happen(four, "added")
    await turn(four, flow)
    store = four.store()
    store.flows.turn(await store.flows.get(flow), word)
    await store.commit()
    await turn(four, flow, after=5 * DAY)
    assert [(one["status"], one["node"]) for one in await inside(four)] == [("parked", "day")]
    assert len(await messages(four)) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_all_who_entered_are_inside_or_have_ended_with_a_reason(four, seed):
    chance = random.Random(seed)
    nodes = {**WAY, "again": {"kind": "jump", "to": "day", "most": 1}, "wait": {"kind": "wait", "for": "P3D"}}
    flow = await publish(four, draft(nodes, late="P2D", goal={"event": "order_paid"}))
    version = 1
    for _ in range(25):
        match chance.choice(["added", "added", "order_paid", "lost", "turn", "turn", "edit"]):
            case "turn":
                four.now += chance.choice([HOUR, DAY])
                await turn(four, flow)
            case "edit":
                version += 1
                left = {name: node for name, node in nodes.items() if name in ("one", "day") or chance.random() < 0.7}
                await change(four, flow, left, version)
            case name:
                four.now += HOUR
                await happen(four, name, chance.choice(FOUR))
    store = four.store()
    parked, ended = await store.flownumbers.parked(flow), await store.flownumbers.ended(flow)
    assert sum(parked.values()) + sum(ended.values()) == len(await inside(four)) > 0
    assert all(reason in REASONS for _, reason in ended), ended
    taken = [(node, visit) for node, visit, *_ in await steps(four)]
    assert taken


REASONS = {enrolments.FINISHED, enrolments.GOAL, enrolments.GONE, enrolments.NODE_GONE}
