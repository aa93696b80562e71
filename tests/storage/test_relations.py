import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop.relations import Deed, Fact, Status, fold
from storage.customers import Customer
from storage.database import Database
from storage.relations import Relation
from storage.scope import Scope
from storage.store import Store

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
WHO = ("wm-zhou", "chen")
numbers = itertools.count()


def store(database: Database, corp_id: str = "ww1") -> Store:
    return Store(Scope(database=database, corp_id=corp_id, app="crm", now=START))


def fact(deed: Deed, second: int = 0, state: str = "", channel_id: int | None = None) -> Fact:
    return Fact(deed=deed, at=START + timedelta(seconds=second), state=state, channel_id=channel_id)


async def record(database: Database, *told: Fact, who: tuple[str, str] = WHO, corp_id: str = "ww1") -> None:
    for each in told:
        one = store(database, corp_id)
        await one.relations.record(*who, fact=each)
        await one.commit()


async def test_two_staff_with_one_customer_are_two_relations(database):
    await record(database, fact(Deed.ADDED, state="shop", channel_id=7))
    await record(database, fact(Deed.ADDED, 5), who=("wm-zhou", "lin"))
    await record(database, fact(Deed.LOST, 9), who=("wm-zhou", "lin"))
    first, second = await store(database).relations.of_customer("wm-zhou")
    assert (first.user_id, first.status, first.state, first.channel_id) == ("chen", Status.ACTIVE, "shop", 7)
    assert (second.user_id, second.status, second.ended_at) == ("lin", Status.LOST, START + timedelta(seconds=9))


async def test_a_fact_told_twice_is_one_row_and_says_so(database):
    one = store(database)
    assert (await one.relations.record(*WHO, fact=fact(Deed.ADDED))).fresh
    await one.commit()
    two = store(database)
    assert not (await two.relations.record(*WHO, fact=fact(Deed.ADDED))).fresh
    await two.commit()
    assert [entry.what for entry in await store(database).history.timeline("wm-zhou")] == ["added"]
    assert (await store(database).relations.find(*WHO)).adds == 1


async def test_an_older_fact_never_overwrites_a_newer(database):
    await record(database, fact(Deed.LOST, 50), fact(Deed.ADDED, 10, "shop"))
    relation = await store(database).relations.find(*WHO)
    assert (relation.status, relation.adds, relation.added_at) == (Status.LOST, 1, START + timedelta(seconds=10))
    assert relation.changed_at == START + timedelta(seconds=50)


async def test_a_return_is_counted_and_stands_in_the_timeline(database):
    await record(database, fact(Deed.ADDED), fact(Deed.REMOVED, 5), fact(Deed.HALF_ADDED, 8), fact(Deed.ADDED, 9))
    assert (await store(database).relations.find(*WHO)).adds == 2
    entries = await store(database).history.timeline("wm-zhou")
    assert [entry.what for entry in entries] == ["returned", "half_added", "removed", "added"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(
        st.tuples(st.sampled_from(Deed), st.integers(0, 9), st.sampled_from(["", "x"])), min_size=1, max_size=8
    )
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_any_order_of_arrival_ends_in_the_same_row(database, told):
    facts = [fact(*each) for each in told]
    who = (f"wm{next(numbers)}", "chen")  # one database for all examples
    await record(database, *facts, who=who)
    relation = await store(database).relations.find(*who)
    first_told = {}
    for each in facts:
        deed = Deed.ADDED if each.deed is Deed.RETURNED else each.deed
        first_told.setdefault((deed, each.at), Fact(deed=deed, at=each.at, state=each.state))
    expected = fold(first_told.values())
    assert (relation.status, relation.adds) == (expected.status, expected.adds)
    assert (relation.added_at, relation.ended_at) == (expected.added_at, expected.ended_at)
    assert (relation.replied_at, relation.changed_at) == (expected.replied_at, expected.changed_at)


def described(**change) -> Relation:
    values = {
        "external_user_id": "wm-zhou", "user_id": "chen", "status": Status.ACTIVE, "adds": 1,
        "first_added_at": START, "added_at": START, "changed_at": START,
    }  # fmt: skip
    return Relation(**{**values, **change})


async def test_a_description_leaves_the_standing_alone(database):
    await record(database, fact(Deed.ADDED), fact(Deed.LOST, 5))
    one = store(database)
    one.relations.describe(described(remark="周女士", description="秋冬", add_way=16, state="ad", channel_id=3))
    await one.commit()
    relation = await store(database).relations.find(*WHO)
    assert (relation.status, relation.remark, relation.add_way) == (Status.LOST, "周女士", 16)
    assert (relation.description, relation.state, relation.channel_id) == ("秋冬", "ad", 3)


async def test_a_description_may_come_before_the_add(database):
    one = store(database)
    one.relations.describe(described(remark="周", state="shop", channel_id=3))
    await one.commit()
    await record(database, fact(Deed.HALF_ADDED))
    relation = await store(database).relations.find(*WHO)
    assert (relation.status, relation.remark, relation.state, relation.channel_id) == (Status.HALF, "周", "shop", 3)


async def test_a_description_without_an_origin_keeps_the_one_we_know(database):
    await record(database, fact(Deed.ADDED, state="shop", channel_id=3))
    one = store(database)
    one.relations.describe(described(remark="周"))
    await one.commit()
    relation = await store(database).relations.find(*WHO)
    assert (relation.remark, relation.state, relation.channel_id) == ("周", "shop", 3)


async def test_our_own_remark_is_kept(database):
    await record(database, fact(Deed.ADDED))
    one = store(database)
    one.relations.rename(*WHO, remark="门店-小周")
    await one.commit()
    assert (await store(database).relations.find(*WHO)).remark == "门店-小周"


async def test_a_member_finds_their_own_customers_only(database):
    one = store(database)
    for external_user_id, name in [("wm1", "Zhou Min"), ("wm2", "小zhou"), ("wm3", "100%_ok"), ("wm4", "zhou x")]:
        customer = Customer(external_user_id=external_user_id, name=name, created_at=START, changed_at=START)
        one.customers.put(customer)
    await one.commit()
    for who in (("wm1", "chen"), ("wm2", "chen"), ("wm3", "chen"), ("wm4", "lin")):
        await record(database, fact(Deed.ADDED), who=who)
    relations = store(database).relations
    assert [match.name for match in await relations.search("chen", "ZHOU")] == ["Zhou Min", "小zhou"]
    assert [match.name for match in await relations.search("chen", "%")] == ["100%_ok"]
    assert await relations.search("chen", "0!") == ()
    assert await relations.search("chen", "_zhou") == ()
    assert [match.relation.user_id for match in await relations.search("lin", "zhou")] == ["lin"]


async def test_corps_do_not_see_each_other(database):
    await record(database, fact(Deed.ADDED))
    other = store(database, "ww2")
    assert await other.relations.find(*WHO) is None
    assert await other.history.timeline("wm-zhou") == ()
