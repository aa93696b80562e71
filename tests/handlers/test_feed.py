"""Business events that were told before there was a customer become the customer's."""

from handlers import feed
from sop.events import AdoptionDue
from sop.feed import effect
from storage.feed.told import Told
from storage.identities import ID, UNION, Key
from tests.handlers.desk import START, Desk, after
from wecom import customers as wecom
from wecom.events import ContactAdded

ADDED = ContactAdded(corp_id="ww1", at=START, user_id="chen", external_user_id="wm1")
DUE = AdoptionDue(corp_id="ww1", at=START)


async def park(desk: Desk, *keys: Key) -> None:
    told = [
        Told(name="order_paid", who=key, effect=effect("order_paid", f"{at}"), at=START, data={})
        for at, key in enumerate(keys)
    ]
    await desk.apply(lambda store: store.feed.parked.park(told))


async def test_an_order_from_before_the_add_is_the_new_customers(desk: Desk):
    await park(desk, Key(UNION, "u1"), Key(ID, "wm1"), Key(UNION, "u2"))
    customer = wecom.Customer(external_user_id="wm1", name="王小明", kind=1, union_id="u1")
    desk.world.profiles["wm1"] = wecom.Profile(customer=customer, follows=())
    await desk.run(feed.meet, ADDED)
    assert await desk.timeline() == ["order_paid", "order_paid"]
    await desk.run(feed.meet, ADDED)
    assert len(await desk.timeline()) == 2


async def test_who_is_not_shown_by_wecom_is_known_by_the_id_alone(desk: Desk):
    await park(desk, Key(ID, "wm1"))
    await desk.run(feed.meet, ADDED)
    assert await desk.timeline() == ["order_paid"]


async def test_where_nothing_waits_wecom_is_not_asked(desk: Desk):
    desk.world.profiles["wm1"] = RuntimeError("asked")
    await desk.run(feed.meet, ADDED)


async def test_a_round_finds_those_who_became_known_otherwise(desk: Desk):
    await park(desk, Key(ID, "wm1"), Key(ID, "wm2"))
    await desk.know("王小明")
    await desk.run(feed.adopt, DUE)
    assert await desk.timeline() == ["order_paid"]
    assert await desk.events("adoption_due") == []
    desk.now = after(days=31)
    await desk.run(feed.adopt, DUE)
    assert not await desk.store().feed.parked.any()


async def test_a_round_that_leaves_some_goes_on(desk: Desk):
    await park(desk, *[Key(ID, "wm1")] * (feed.AT_ONCE + 1))
    await desk.know("王小明")
    await desk.run(feed.adopt, DUE)
    assert len(await desk.events("adoption_due")) == 1
    await desk.run(feed.adopt, DUE)
    assert not await desk.store().feed.parked.any()
