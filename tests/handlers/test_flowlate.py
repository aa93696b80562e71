"""What late turns and edits of flows must not get wrong: nothing is decided by what was not looked at."""

import pytest

from handlers.flows.changes import stir
from sop.events import FlowChanged, FlowDue
from sop.flows import enrolments
from sop.policy.causes import GONE
from sop.relations import Deed
from tests.handlers.desk import START, Desk
from tests.handlers.flowing import DAY, HOUR, draft, happen, inside, messages, publish, steps, turn

DAY_ONE = {"kind": "wait", "for": "P1D"}
TIP = {"kind": "message", "text": "小贴士"}


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def chen(desk: Desk) -> Desk:
    """A desk where chen looks after a customer."""
    await desk.record(Deed.ADDED)
    return desk


async def edit(desk: Desk, flow: int, nodes, *, version: int = 2, mode: str = "follow") -> None:
    """The next version is out, and those inside have been looked at."""
    await publish(desk, draft(nodes, late="P30D"), mode=mode)
    await desk.run(stir, FlowChanged(corp_id="ww1", at=desk.now, flow_id=flow, version=version))


async def test_who_is_late_by_two_waits_is_judged_as_they_stand_and_not_as_a_stranger(chen):
    made = draft({"one": DAY_ONE, "two": DAY_ONE, "tip": TIP}, late="P30D", exits={"gone": False})
    flow = await publish(chen, made)
    await happen(chen, "added")
    await chen.record(Deed.LOST, START + HOUR)
    for _ in range(3):
        await turn(chen, flow, after=3 * DAY)
    assert await messages(chen) == [("wm1", "小贴士", GONE)]


async def test_who_is_late_by_two_waits_takes_the_next_turn_at_once(chen):
    flow = await publish(chen, draft({"one": DAY_ONE, "two": DAY_ONE, "tip": TIP}, late="P30D"))
    await happen(chen, "added")
    await turn(chen, flow, after=3 * DAY)
    assert [event.flow_id for event in await chen.announced(0) if isinstance(event, FlowDue)] == [flow]


async def test_behind_a_condition_that_holds_already_the_branch_sees_what_it_asks_for(chen):
    holds = {"kind": "wait", "condition": {"status": ["active"]}, "within": "P2D"}
    bought = {"did": {"event": "order_paid"}}
    nodes = {
        "hello": {"kind": "message", "text": "你好"},
        "w": holds,
        "b": {"kind": "branch", "cases": [{"name": "x", "if": bought, "next": "tip"}], "next": "no"},
        "tip": {**TIP, "next": ""},
        "no": {"kind": "message", "text": "no"},
    }
    flow = await publish(chen, draft(nodes))
    await happen(chen, "order_paid")
    await happen(chen, "added")
    await turn(chen, flow)
    assert [text for _, text, _ in await messages(chen)] == ["你好", "小贴士"]


async def test_who_finishes_the_old_version_is_still_woken_by_what_only_that_waits_for(chen):
    paid = {"kind": "wait", "event": {"event": "order_paid"}, "within": "P3D", "timeout": "tip", "next": "thanks"}
    thanks = {"kind": "message", "text": "谢谢", "next": ""}
    flow = await publish(chen, draft({"w": paid, "thanks": thanks, "tip": TIP}))
    await happen(chen, "added")
    await turn(chen, flow)
    await edit(chen, flow, {"tip": TIP}, mode="finish")
    await edit(chen, flow, {"day": DAY_ONE, "tip": TIP}, version=3)
    chen.now += HOUR
    await happen(chen, "order_paid")
    await turn(chen, flow)
    assert [text for _, text, _ in await messages(chen)] == ["谢谢"]


async def test_a_flow_that_all_follow_no_longer_listens_to_what_it_was_about(chen):
    paid = {"kind": "wait", "event": {"event": "order_paid"}, "within": "P3D"}
    flow = await publish(chen, draft({"w": paid, "tip": TIP}))
    assert await chen.store().flows.listens("order_paid")
    await edit(chen, flow, {"tip": TIP})
    assert not await chen.store().flows.listens("order_paid")
    assert await chen.store().flows.listens("added")


async def test_a_wait_that_an_edit_makes_shorter_than_it_has_lasted_is_over_now_and_not_too_late(chen):
    nodes = {"day": {"kind": "wait", "for": "P5D"}, "tip": TIP, "two": {"kind": "wait", "for": "P2D"}, "end": TIP}
    flow = await publish(chen, draft(nodes))
    await happen(chen, "added")
    await turn(chen, flow)
    chen.now = START + 4 * DAY
    await publish(chen, draft({**nodes, "day": {"kind": "wait", "for": "P2D"}}))
    await chen.run(stir, FlowChanged(corp_id="ww1", at=chen.now, flow_id=flow, version=2))
    await turn(chen, flow)
    assert await messages(chen) == [("wm1", "小贴士", "planned")]
    await turn(chen, flow, after=6 * DAY - HOUR)  # two days after the first was said
    assert len(await messages(chen)) == 1


async def test_an_edit_does_not_make_punctual_who_was_too_late_before_it(chen):
    nodes = {"day": DAY_ONE, "tip": TIP}
    flow = await publish(chen, draft(nodes))
    await happen(chen, "added")
    await turn(chen, flow)
    chen.now = START + 5 * DAY  # four days too late by the old wait, and by the new one, too
    await publish(chen, draft({**nodes, "day": {"kind": "wait", "for": "PT1H"}}))
    await chen.run(stir, FlowChanged(corp_id="ww1", at=chen.now, flow_id=flow, version=2))
    await turn(chen, flow)
    assert await messages(chen) == []
    assert ("tip", 1, "skipped", enrolments.LATE) in await steps(chen)


async def test_a_node_that_is_deleted_and_put_back_before_anybody_has_moved_lets_them_leave_once(chen):
    flow = await publish(chen, draft({"tip": TIP, "old": DAY_ONE}))
    await happen(chen, "added")
    await turn(chen, flow)
    await edit(chen, flow, {"tip": TIP})
    await edit(chen, flow, {"tip": TIP, "old": DAY_ONE}, version=3)
    await turn(chen, flow, after=DAY)
    assert [(one["status"], one["reason"]) for one in await inside(chen)] == [("exited", enrolments.NODE_GONE)]
    assert await steps(chen) == [
        ("tip", 1, "done", enrolments.PASSED),
        ("old", 1, "skipped", enrolments.MOVED),
    ]
