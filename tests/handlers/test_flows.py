"""Flows over a database: in, on, woken, out; each on SQLite and on PostgreSQL."""

import pytest

from handlers.flows.changes import stir
from handlers.flows.turns import take
from sop.events import FlowChanged, FlowDue
from sop.flows import enrolments
from sop.relations import Deed
from storage.errors import StorageError
from tests.handlers.desk import START, Desk
from tests.handlers.flowing import DAY, HOUR, draft, happen, inside, messages, publish, steps, turn

WELCOME = {"kind": "message", "text": "你好"}
DAY_ONE = {"kind": "wait", "for": "P1D"}
TIP = {"kind": "message", "text": "小贴士"}


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def chen(desk: Desk) -> Desk:
    """A desk where chen looks after two customers."""
    await desk.record(Deed.ADDED)
    await desk.record(Deed.ADDED, external_user_id="wm2")
    return desk


async def test_an_add_lets_in_and_the_way_is_gone(chen):
    flow = await publish(chen, draft({"hello": WELCOME, "day": DAY_ONE, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    assert await messages(chen) == [("wm1", "你好", "planned")]
    await turn(chen, flow, after=DAY)
    assert await messages(chen) == [("wm1", "你好", "planned"), ("wm1", "小贴士", "planned")]
    (one,) = await inside(chen)
    assert (one["status"], one["reason"], one["user_id"]) == ("done", enrolments.FINISHED, "chen")
    assert [node for node, *_ in await steps(chen)] == ["hello", "day", "tip"]


async def test_before_its_time_nothing_happens(chen):
    flow = await publish(chen, draft({"day": DAY_ONE, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    await turn(chen, flow, after=DAY - HOUR)
    assert await messages(chen) == []


async def test_the_same_fact_lets_in_once(chen):
    flow = await publish(chen, draft({"day": DAY_ONE}))
    await happen(chen, "added")
    await happen(chen, "added")
    await turn(chen, flow)
    assert len(await inside(chen)) == 1


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"again": "never"}, 1),
        ({"again": "after_exit"}, 2),
        ({"again": "after_exit", "cooldown": "P3D"}, 1),
        ({"again": "after_exit", "cooldown": "PT1H"}, 2),
        ({"again": "always"}, 2),
    ],
)
async def test_who_may_come_again(chen, entry, expected):
    flow = await publish(chen, draft({"hello": WELCOME}, entries=[{"kind": "event", "event": "added", **entry}]))
    await happen(chen, "added")
    await turn(chen, flow)
    chen.now = START + DAY
    await happen(chen, "added")
    assert len(await inside(chen)) == expected


@pytest.mark.parametrize(("again", "expected"), [("after_exit", 1), ("always", 2)])
async def test_who_is_inside_comes_in_beside_themselves_only_if_the_entry_says_so(chen, again, expected):
    await publish(chen, draft({"day": DAY_ONE}, entries=[{"kind": "event", "event": "added", "again": again}]))
    await happen(chen, "added")
    chen.now = START + HOUR
    await happen(chen, "added")
    assert len(await inside(chen)) == expected


async def test_each_order_is_a_way_of_its_own(chen):
    entry = {"kind": "event", "event": "cart_unpaid", "key": "{order}"}
    await publish(chen, draft({"day": DAY_ONE}, entries=[entry]))
    for number, order in enumerate(("A1", "A2", "A1")):
        chen.now = START + number * HOUR
        await happen(chen, "cart_unpaid", order=order)
    assert len(await inside(chen)) == 2


async def test_only_who_meets_the_condition_of_the_entry_comes_in(chen):
    entry = {"kind": "event", "event": "added", "if": {"staff": ["lin"]}}
    await publish(chen, draft({"day": DAY_ONE}, entries=[entry]))
    await happen(chen, "added")
    assert await inside(chen) == []


PAID = {"kind": "wait", "event": {"event": "order_paid"}, "within": "P3D", "timeout": "nag", "next": "thanks"}
CART = {
    "wait": PAID,
    "thanks": {"kind": "message", "text": "谢谢", "next": ""},
    "nag": {"kind": "message", "text": "还在吗"},
}


async def test_what_is_waited_for_wakes_at_once(chen):
    flow = await publish(chen, draft(CART))
    await happen(chen, "added")
    await turn(chen, flow)
    chen.now = START + HOUR
    await happen(chen, "order_paid")
    await turn(chen, flow)
    assert await messages(chen) == [("wm1", "谢谢", "planned")]


async def test_what_happened_while_nobody_listened_still_counts(chen):
    flow = await publish(chen, draft(CART, late="P30D"))
    await happen(chen, "added")
    await turn(chen, flow)
    chen.now = START + HOUR
    await chen.apply(lambda store: store.history.append("order_paid", "wm1", user_id="", at=chen.now))
    await turn(chen, flow, after=3 * DAY)
    assert await messages(chen) == [("wm1", "谢谢", "planned")]


async def test_what_does_not_happen_times_out(chen):
    flow = await publish(chen, draft(CART))
    await happen(chen, "added")
    await turn(chen, flow)
    await happen(chen, "order_paid", "wm2")
    await turn(chen, flow, after=3 * DAY)
    assert await messages(chen) == [("wm1", "还在吗", "planned")]


async def test_a_goal_ends_the_way_before_the_next_message(chen):
    made = draft({"day": DAY_ONE, "tip": TIP}, goal={"event": "order_paid"})
    flow = await publish(chen, made)
    await happen(chen, "added")
    await turn(chen, flow)
    chen.now = START + HOUR
    await happen(chen, "order_paid")
    await turn(chen, flow, after=2 * DAY)
    assert await messages(chen) == []
    (one,) = await inside(chen)
    assert (one["status"], one["reason"]) == ("exited", enrolments.GOAL)


@pytest.mark.parametrize("name", ["lost", "removed"])
async def test_who_has_left_leaves_the_flow(chen, name):
    flow = await publish(chen, draft({"day": DAY_ONE, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    await chen.record(Deed(name), START + HOUR)
    await happen(chen, name)
    await turn(chen, flow, after=2 * DAY)
    assert [(one["status"], one["reason"]) for one in await inside(chen)] == [("exited", enrolments.GONE)]


async def test_a_paused_flow_keeps_everybody_where_they_are(chen):
    flow = await publish(chen, draft({"day": DAY_ONE, "tip": TIP}, late="P30D"))
    await happen(chen, "added")
    await turn(chen, flow)
    await pause(chen, flow, "paused")
    await happen(chen, "added", "wm2")
    await turn(chen, flow, after=2 * DAY)
    assert [one["status"] for one in await inside(chen)] == ["parked", "parked"]
    assert await messages(chen) == []
    await pause(chen, flow, "running")
    await turn(chen, flow)
    assert sorted(await messages(chen)) == [("wm1", "小贴士", "planned"), ("wm2", "小贴士", "planned")]


async def pause(desk: Desk, flow: int, status: str) -> None:
    store = desk.store()
    sheet = await store.flows.get(flow)
    store.flows.turn(sheet, status)
    await store.commit()


async def test_two_batches_that_judge_the_same_customer_cannot_both_be_written(chen):
    one = await publish(chen, draft({"hello": WELCOME}, name="one"))
    two = await publish(chen, draft({"tip": TIP}, name="two"))
    await happen(chen, "added")
    stores = [chen.store(), chen.store()]
    for store, flow in zip(stores, (one, two), strict=True):
        await take(FlowDue(corp_id="ww1", at=chen.now, flow_id=flow), store)
    await stores[0].commit()
    with pytest.raises(StorageError):
        await stores[1].commit()
    assert len(await messages(chen)) == 1
    await turn(chen, two)
    assert len(await messages(chen)) == 2


async def test_a_shorter_wait_moves_the_timer_of_those_who_follow(chen):
    flow = await publish(chen, draft({"day": {"kind": "wait", "for": "P5D"}, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    await publish(chen, draft({"day": {"kind": "wait", "for": "P2D"}, "tip": TIP}))
    await chen.run(stir, FlowChanged(corp_id="ww1", at=chen.now, flow_id=flow, version=2))
    await turn(chen, flow)
    assert await messages(chen) == []
    await turn(chen, flow, after=2 * DAY)
    assert await messages(chen) == [("wm1", "小贴士", "planned")]


async def test_who_finishes_keeps_the_old_version(chen):
    flow = await publish(chen, draft({"day": DAY_ONE, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    await publish(chen, draft({"day": DAY_ONE, "tip": {"kind": "message", "text": "new"}}), mode="finish")
    await happen(chen, "added", "wm2")
    await turn(chen, flow)
    await turn(chen, flow, after=DAY)
    assert sorted(await messages(chen)) == [("wm1", "小贴士", "planned"), ("wm2", "new", "planned")]


async def test_at_a_deleted_node_the_next_that_is_left_follows(chen):
    flow = await publish(chen, draft({"day": DAY_ONE, "old": {"kind": "wait", "for": "P9D"}, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    await turn(chen, flow, after=DAY)
    await publish(chen, draft({"day": DAY_ONE, "tip": TIP}))
    await chen.run(stir, FlowChanged(corp_id="ww1", at=chen.now, flow_id=flow, version=2))
    await turn(chen, flow)
    assert await messages(chen) == [("wm1", "小贴士", "planned")]
    assert ("old", 1, "skipped", enrolments.MOVED) in await steps(chen)


async def test_a_wall_time_is_waited_for_on_the_clocks_of_the_customer(chen):
    await chen.apply(lambda store: store.policy.consents.move("wm2", "America/New_York"))
    flow = await publish(
        chen, draft({"nine": {"kind": "wait", "until": {"at": "09:00:00"}}, "day": DAY_ONE, "tip": TIP})
    )
    for customer in ("wm1", "wm2"):  # at four in the afternoon in Shanghai, and in the morning in New York
        await happen(chen, "added", customer)
    await turn(chen, flow)
    due = {
        one["subject"]: (one["due_at"] - START.timestamp() * 1000) / HOUR.total_seconds() / 1000
        for one in await inside(chen)
    }
    assert due == {"wm1": 17, "wm2": 5}
