"""Adds are counted once, whatever order they are told in, and each has its reason."""

from datetime import timedelta
from itertools import permutations

import pytest

from handlers.channels.arrivals import count, explain
from handlers.customers import relate
from sop.channels.turns import Adds, View
from sop.events import CustomerArrived
from tests.handlers.desk import START
from wecom.events import ContactAdded, ContactHalfAdded


async def tell(desk, event) -> None:
    """As dispatch would, one handler after the other."""
    await desk.run(relate, event)
    await desk.run(count, event)


def add(channel, *, kind=ContactAdded, customer="wm1", user_id="chen", **after):
    at = START + timedelta(**after)
    pair = {"external_user_id": customer, "user_id": user_id}
    return kind(corp_id="ww1", at=at, state=channel.state, **pair)


async def counted(desk, channel):
    return await desk.store().arrivals.count(channel.id, today=START, lately=START)


async def reasons(desk):
    return [reason for what, _, reason in await desk.decisions() if what == "assignment"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_any_order_and_duplication_of_adds_gives_the_same_counts(desk, order):
    channel = await desk.channel(member_cap=9)
    told = [
        add(channel, kind=ContactHalfAdded, days=-1),
        add(channel, minutes=1),  # confirms what began yesterday
        add(channel, customer="wm2", minutes=2),
        add(channel, user_id="lin", minutes=3),
    ]
    for number in (*order, *order[:2]):
        await tell(desk, told[number])
    assert await counted(desk, channel) == {"chen": Adds(today=1, lately=1), "lin": Adds(today=1, lately=1)}


async def test_each_add_by_a_code_that_counts_is_explained_in_the_lane_of_the_code(desk):
    channel = await desk.channel(member_cap=1)
    for customer, minutes in (("wm1", 1), ("wm2", 2)):
        await tell(desk, add(channel, customer=customer, minutes=minutes))
    await tell(desk, add(channel, customer="wm2", minutes=2))
    arrivals = [event for event in await desk.announced(0) if isinstance(event, CustomerArrived)]
    assert [event.external_user_id for event in arrivals] == ["wm1", "wm2"]
    for event in arrivals:
        assert event.key == f"channel:{channel.id}"
        await desk.run(explain, event)
    assert await reasons(desk) == ["given", "overshot"]


async def test_where_nothing_is_counted_an_add_is_explained_at_once(desk):
    channel = await desk.channel()
    await tell(desk, add(channel))
    assert await desk.events(CustomerArrived.kind) == []
    assert await reasons(desk) == ["given"]


async def test_who_is_shown_no_more_was_chosen_before(desk):
    channel = await desk.channel(staff=("chen", "lin"))
    await desk.apply(lambda store: store.channels.see(channel.id, 1, config_id="c", shown=View(users=("lin",))))
    await tell(desk, add(channel))
    await tell(desk, add(channel, user_id="lin"))
    assert await reasons(desk) == ["given_before", "given"]


async def test_a_confirmation_is_no_further_add(desk):
    channel = await desk.channel()
    await tell(desk, add(channel, kind=ContactHalfAdded))
    await tell(desk, add(channel, minutes=5))
    assert await reasons(desk) == ["given"]


async def test_adds_without_a_code_or_by_an_unknown_one_are_not_counted(desk):
    await desk.run(count, ContactAdded(corp_id="ww1", at=START, user_id="chen", external_user_id="wm1"))
    await desk.run(count, ContactAdded(corp_id="ww1", at=START, user_id="chen", external_user_id="wm1", state="x"))
    assert await desk.decisions() == []
