"""A member resigns; who was theirs can be placed soon, whether WeCom tells of it or a sync finds it."""

import pytest

from simulator.actions import staff
from storage.engine.sql import Statement

_HURRY = Statement("SELECT due_at FROM timers WHERE name = 'unassigned:left'")


@pytest.fixture(params=[True, False], ids=["told", "found"])
def told(siyu, request):
    """Whether the app is told of changes of the address book, as few are."""
    siyu.app.contact_events = request.param
    return request.param


async def leave(stage, told, user_id):
    staff.resign(stage.simulator.world, stage.corp, userid=user_id)
    if not told:
        await stage.post("sync", {"kinds": ["sync_directory"]})
    await stage.until(lambda: has_left(stage, user_id))


async def has_left(stage, user_id):
    return not (await stage.get(f"staff/{user_id}"))["active"]


async def waiting(stage):
    return {one["handover"]: one["count"] for one in (await stage.get("unassigned/staff"))["items"]}


async def placeable(stage, wanted):
    stage.push(20)  # the list is read a minute after somebody has left
    return await waiting(stage) == wanted


async def test_customers_of_who_resigns_can_be_placed_soon(siyu, told):
    giver, taker = siyu.team[1:3]
    for _ in range(2):
        siyu.add(giver)
    await siyu.until(siyu.idle)
    await leave(siyu, told, giver)
    await siyu.until(lambda: placeable(siyu, {giver: 2}))
    begun = await siyu.post("transfers", {"handover": giver, "takers": [{"user_id": taker}]})
    assert begun["resigned"] is True
    await siyu.until(lambda: asked(siyu, begun["id"], 2))


async def asked(stage, transfer_id, count):
    return (await stage.get(f"transfers/{transfer_id}"))["counts"] == {"waiting": count}


async def test_who_goes_off_duty_has_not_left(siyu):
    siyu.write(siyu.rep, "下班")
    await siyu.until(lambda: off(siyu))
    await siyu.until(siyu.idle)
    assert await siyu.database.fetch(_HURRY) == []


async def off(stage):
    return not (await stage.get(f"staff/{stage.rep}/duty"))["on"]
