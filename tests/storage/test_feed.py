"""Business events on both stores: in the history once, and waiting for those who are no customers yet."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.feed import EventType, Slot, effect
from sop.fields import Change, Field, Value, digest
from storage import identities
from storage.customers import Customer
from storage.errors import Conflict
from storage.feed.told import Told
from storage.identities import ID, UNION, Key
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 5, 4, 2, tzinfo=UTC)
SHE = Key(ID, "wm1")


@pytest.fixture
def make(database):
    def build(corp_id="ww1", later=timedelta(0)):
        return Store(Scope(database=database, corp_id=corp_id, app="crm", now=NOW + later, handler="test"))

    return build


def paid(key: str, who: Key = SHE, **more) -> Told:
    return Told(
        **{"name": "order_paid", "who": who, "effect": effect("order_paid", key), "at": NOW, "data": {}, **more}
    )


def meet(store: Store, customer: str, unionid: str = "", created_at: datetime = NOW) -> None:
    person = Customer(
        external_user_id=customer, name=customer, unionid=unionid, created_at=created_at, changed_at=created_at
    )
    store.customers.put(person)


async def names(store: Store, customer: str = "wm1") -> list[tuple[str, datetime]]:
    return [(entry.what, entry.at) for entry in await store.history.timeline(customer)]


async def test_customers_are_found_by_what_others_know_of_them(make):
    store = make()
    meet(store, "wm1", "u1", NOW - timedelta(days=1))
    meet(store, "wm2", "u1")
    meet(store, "wm3")
    store.fields.define(Field(name="phone", kind="text", unique=True))
    await store.commit()
    store = make()
    await store.fields.put([Change(external_user_id="wm3", name="phone", value=Value("138 0013 8000"))])
    await store.commit()
    wanted = {Key(ID, "wm1"), Key(ID, "wm9"), Key(UNION, "u1"), Key(UNION, "")}
    wanted |= {identities.key("phone", "+8613800138000"), Key("email", digest("138"))}
    assert await identities.find(make().scope, wanted) == {
        Key(ID, "wm1"): "wm1",
        Key(UNION, "u1"): "wm2",  # the newer of the two
        Key("phone", digest("13800138000")): "wm3",
    }
    assert await identities.find(make("ww2").scope, wanted) == {}


async def test_a_kind_is_what_was_declared_last(make):
    store = make()
    store.feed.declare(EventType(name="order_paid", zh="付款", fields=(Slot(name="sum", kind="number", needed=True),)))
    await store.commit()
    types = await make().feed.types()
    assert [slot.name for slot in types["order_paid"].fields] == ["sum"]
    assert "order_id" in [slot.name for slot in (await make("ww2").feed.types())["order_paid"].fields]
    store = make()
    store.feed.forget("order_paid")
    await store.commit()
    assert "order_id" in [slot.name for slot in (await make().feed.types())["order_paid"].fields]


async def test_an_event_is_written_once_and_who_comes_second_is_told(make):
    first, second = make(), make()
    for store in (first, second):
        store.feed.take([(paid("1"), "wm1"), (paid("2"), "wm1")])
    await first.commit()
    with pytest.raises(Conflict):
        await second.commit()
    assert await make().feed.told(["own:order_paid:1", "own:order_paid:3"]) == {"own:order_paid:1"}
    assert await make("ww2").feed.told(["own:order_paid:1"]) == set()
    assert len(await names(make())) == 2


async def test_flows_hear_of_what_happened_lately_only(make):
    store = make()
    past = [paid(f"{days}", at=NOW - timedelta(days=days)) for days in (0, 1, 3, 400)]
    store.feed.take([(each, "wm1") for each in past])
    assert [fact.at for fact in store.scope.happened] == [NOW, NOW - timedelta(days=1)]
    await store.commit()
    assert len(await names(make())) == 4


async def test_an_event_waits_once(make):
    store = make()
    store.feed.parked.park([paid("1")])
    await store.commit()
    assert await make().feed.told(["own:order_paid:1", "own:order_paid:2"]) == {"own:order_paid:1"}
    again = make()
    again.feed.parked.park([paid("1")])
    with pytest.raises(Conflict):
        await again.commit()
    assert await make().feed.parked.any()
    assert not await make("ww2").feed.parked.any()


async def test_a_new_customer_is_given_what_waits_by_any_of_the_keys(make):
    store = make()
    waiting = [paid("1", Key(ID, "wm1")), paid("2", Key(UNION, "u1")), paid("3", Key(UNION, "u2"))]
    store.feed.parked.park(waiting)
    await store.commit()
    store = make()
    assert await store.feed.adopt({Key(ID, "wm1"), Key(UNION, "u1")}, "wm1") == 2
    await store.commit()
    assert len(await names(make())) == 2
    store = make()
    assert await store.feed.adopt({Key(ID, "wm1"), Key(UNION, "u1")}, "wm1") == 0
    assert [row["effect"] for row in await store.feed.parked.page(after=(-1, ""), most=9)] == ["own:order_paid:3"]


async def test_whoever_became_known_is_found_whichever_way(make):
    store = make()
    store.fields.define(Field(name="phone", kind="text", unique=True))
    keys = [Key(ID, "wm1"), Key(UNION, "u2"), identities.key("phone", "138"), Key(ID, "nobody")]
    store.feed.parked.park([paid(f"{number}", key) for number, key in enumerate(keys)])
    meet(store, "wm1")
    meet(store, "wm2", "u2")
    meet(store, "wm3")
    await store.commit()
    store = make()
    await store.fields.put([Change(external_user_id="wm3", name="phone", value=Value("138"))])
    await store.commit()
    store = make()
    assert await store.feed.adopt_all(most=2) == 2
    await store.commit()
    store = make()
    assert await store.feed.adopt_all(most=9) == 1
    await store.commit()
    for customer in ("wm1", "wm2", "wm3"):
        assert "order_paid" in [what for what, _ in await names(make(), customer)]
    assert await make().feed.adopt_all(most=9) == 0


async def test_what_has_waited_long_is_forgotten(make):
    store = make()
    store.feed.parked.park([paid("1")])
    await store.commit()
    for later, left in ((timedelta(days=30), True), (timedelta(days=31), False)):
        store = make(later=later)
        store.feed.parked.expire(store.now - timedelta(days=30))
        await store.commit()
        assert await make().feed.parked.any() is left
