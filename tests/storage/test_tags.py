"""Who wants a tag, what refers to it, and what bulk jobs have done, on both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from sop import conditions
from sop.channels import Draft as Channel
from sop.conditions import Facts, Relation
from sop.flows import document
from sop.relations import Deed, Fact, Status
from sop.staff import Department, Member
from sop.tags.owners import Owner
from sop.tags.rules import Draft as Rule
from storage.facts import Place
from storage.scope import Scope
from storage.store import Store
from storage.tags import Binding
from storage.tags.bulk import Change, News

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
PAIR = ("wm1", "chen")


def store(database, now=START) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=now, event_id=42))


async def bind(database, *bindings):
    one = store(database)
    one.tags.bind(*PAIR, bindings=bindings)
    await one.commit()


RULE = Binding(tag_id="et1", source="rule", rule="rule:9@2", at=START, evidence={"days": 3})
STAFF = Binding(tag_id="et1", source="staff", at=START)


async def test_a_binding_of_a_bulk_writer_is_owned_by_its_source(database):
    await bind(database, Binding(tag_id="et1", source="sync", at=START))
    one = store(database)
    one.tags.forget_owner(*PAIR, tag_id="et1", owner="sync")  # as if written with the columns of bindings alone
    await one.commit()
    await bind(database, RULE)
    owners = (await store(database).tags.owners(*PAIR))["et1"]
    assert {owner.owner for owner in owners} == {"sync", "rule:9"}
    (shown,) = await store(database).tags.bindings(*PAIR)
    assert shown.source == "sync"


async def test_a_binding_tells_why_and_until_when(database):
    await bind(database, RULE)
    until = START + timedelta(days=7)
    one = store(database)
    one.tags.own(*PAIR, tag_id="et1", owner=Owner(owner="rule:9", source="rule", version=3, at=START, expires_at=until))
    await one.commit()
    (shown,) = await store(database).tags.bindings(*PAIR)
    assert (shown.source, shown.rule, shown.expires_at) == ("rule", "rule:9@2", until)


async def test_only_a_removal_by_hand_holds_a_rule_off(database):
    await bind(database, RULE, STAFF)
    one = store(database)
    one.tags.unbind(*PAIR, tag_ids=["et1"], by_hand=True)
    await one.commit()
    (owner,) = (await store(database).tags.owners(*PAIR))["et1"]
    assert (owner.owner, owner.status, owner.version) == ("rule:9", "suppressed", 2)
    await bind(database, RULE)
    one = store(database)
    one.tags.unbind(*PAIR, tag_ids=["et1"])
    await one.commit()
    assert await store(database).tags.owners(*PAIR) == {}
    assert await store(database).tags.bindings(*PAIR) == ()


async def test_everything_that_refers_to_a_tag_is_found(database):
    one = store(database)
    one.channels.add(Channel(name="a", staff=("chen",), tags=("et1", "et2")))
    nodes = {"mark": {"kind": "tag", "add": ["et2"]}}
    one.flows.add(document.parse({"name": "b", "start": "mark", "nodes": nodes}))
    one.tags.rules.add(Rule(name="c", tag_id="et2", condition={"lost": True}))
    one.tags.rules.add(Rule(name="d", tag_id="et3", condition={"tag": ["et2"]}))
    await one.commit()
    assert sorted((use.what, use.name) for use in await store(database).uses.of("tag", "et2")) == [
        ("channel", "a"),
        ("flow", "b"),
        ("tag_rule", "c"),
        ("tag_rule", "d"),
    ]
    assert [use.name for use in await store(database).uses.of("tag", "et1")] == ["a"]
    assert await store(database).uses.of("tag", "et") == ()


async def test_changes_of_a_job_are_counted_once_and_paged(database):
    one = store(database)
    for number in range(5):
        status = "same" if number == 4 else "open"
        change = Change(external_user_id=f"wm{number}", user_id="chen", status=status, added=("et1",), at=START)
        one.tags.bulk.note(7, change)
        one.tags.bulk.note(7, change)
    await one.commit()
    one = store(database)
    one.tags.bulk.settle(7, "wm0", "chen", code=0, reason="")
    one.tags.bulk.settle(7, "wm1", "chen", code=40068, reason="tags_refused")
    await one.commit()
    one = store(database)
    assert await one.tags.bulk.count(7) == News(waiting=2, done=2, failed=1)
    await one.commit()
    assert await store(database).tags.bulk.count(7) == News(waiting=2, done=0, failed=0)
    first = await store(database).tags.bulk.page(7, most=2)
    rest = await store(database).tags.bulk.page(7, (first[-1].external_user_id, "chen"))
    assert [change.status for change in (*first, *rest)] == ["done", "failed", "open", "open", "same"]
    (failed,) = await store(database).tags.bulk.page(7, status="failed")
    assert (failed.code, failed.added) == (40068, ("et1",))


@pytest.fixture
async def known(database):
    one = store(database)
    tree = (Department(id=1), Department(id=2, parent_id=1), Department(id=3, parent_id=2))
    await one.staff.replace((Member(user_id="chen", departments=(3,)),), tree, at=START)
    for customer, member in (("wm1", "chen"), ("wm1", "lin"), ("wm2", "chen")):
        await one.relations.record(customer, member, fact=Fact(deed=Deed.ADDED, at=START, state="s"))
    one.tags.bind(*PAIR, bindings=[STAFF])
    await one.commit()
    return database


async def test_facts_say_how_a_relation_stands(known):
    needs = conditions.needs({"department": [1]})
    found = await store(known).tags.facts.one(*PAIR, needs=needs)
    relation = Relation(
        user_id="chen",
        status=Status.ACTIVE,
        state="s",
        added_at=START,
        departments=frozenset({1, 2, 3}),
        tags=frozenset({"et1"}),
    )
    assert found.facts == Facts(external_user_id="wm1", relations=(relation,))
    assert [owner.owner for owner in found.owners["et1"]] == ["staff"]
    assert await store(known).tags.facts.one("wm9", "chen") is None


async def test_all_relations_are_walked_page_by_page(known):
    facts = store(known).tags.facts
    assert await facts.count() == 3
    first = await facts.page(Place(), most=2)
    rest = await facts.page(first[-1].place, most=2)
    assert [each.place for each in (*first, *rest)] == [("wm1", "chen"), ("wm1", "lin"), ("wm2", "chen")]
    assert [each.place for each in await facts.page(Place(), most=5, staff={"lin"})] == [("wm1", "lin")]
    assert len(await facts.of_customers(["wm1", "wm9"])) == 2
    assert len(await facts.of_customers(["wm1"], staff="lin")) == 1
