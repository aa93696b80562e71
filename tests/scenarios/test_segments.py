"""A segment follows what customers do, hour by hour: who enters, who leaves, and why."""

import pytest

from simulator.actions import customers

HOUR = 3600
BUYERS = {
    "all": [
        {"did": {"event": "order_paid", "where": {"amount": {"least": 100}}, "since_days": 30}},
        {"not": {"lost": True}},
    ]
}


async def order(stage, relation, amount):
    """The shop tells of an order."""
    data = {"order_id": f"A{amount}", "amount": amount}
    event = {"name": "order_paid", "key": f"A{amount}", "external_user_id": relation.external_userid, "data": data}
    answer = await stage.post("events", {"events": [event]})
    assert [each["status"] for each in answer["events"]] == ["taken"]


async def known(stage, *relations):
    """We have heard of these customers."""

    async def all_added():
        return len(await stage.events("contact_added")) == len(relations) and await stage.idle()

    await stage.until(all_added)


async def members(stage, segment, path="members", **query):
    page = await stage.get(f"segments/{segment['id']}/{path}", **query)
    return [row["external_user_id"] for row in page["items"]]


@pytest.fixture
async def buyers(siyu):
    """A segment that is brought up to date each hour, still without anybody."""
    segment = await siyu.post("segments", {"name": "近期大单", "condition": BUYERS, "hours": 1})
    await siyu.until(siyu.idle)
    return segment


async def test_customers_enter_and_leave_a_segment_by_what_they_do(siyu, buyers):
    first, second = siyu.add(), siyu.add(siyu.team[3])
    await known(siyu, first, second)
    await order(siyu, first, 200)
    await order(siyu, second, 99)
    assert await members(siyu, buyers) == []
    siyu.push(HOUR)
    await siyu.until(lambda: members(siyu, buyers))
    await siyu.until(siyu.idle)
    assert await members(siyu, buyers) == [first.external_userid]
    siyu.act(customers.leave, first)
    await siyu.until(lambda: siyu.events("staff_removed"))
    await siyu.until(siyu.idle)
    siyu.push(HOUR)
    await siyu.until(lambda: gone(siyu, buyers))
    assert await members(siyu, buyers, "moves", entered="false") == [first.external_userid]
    told = await siyu.get(f"segments/{buyers['id']}/customers/{first.external_userid}")
    assert [(clause["sentence"], clause["holds"]) for clause in told["clauses"][1:]] == [
        ("最近 30 天内发生过「订单已付款」（「金额（元）」为 至少 100）", True),
        ("未流失", False),
        ("已流失", True),
    ]


async def gone(stage, segment):
    return not await members(stage, segment) and await stage.idle()


async def test_time_alone_takes_customers_out_of_a_segment(siyu, buyers):
    relation = siyu.add()
    await known(siyu, relation)
    await order(siyu, relation, 500)
    assert (await siyu.api.post(f"{siyu.base}/api/v1/segments/{buyers['id']}/refresh")).status_code == 204
    await siyu.until(lambda: members(siyu, buyers))
    await siyu.until(siyu.idle)
    siyu.push(31 * 24 * HOUR)
    await siyu.until(lambda: gone(siyu, buyers))
    moved = await siyu.events("segment_moved")
    assert len(moved) == 2
