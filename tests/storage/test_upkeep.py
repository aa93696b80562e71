"""Links, rules, strategies and quotas are kept the same on both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from sop import acquisition, intercepts
from sop.acquisition import Draft, Origin
from sop.errors import Invalid
from sop.intents import Prompt
from sop.quotas import Level, Reading, Sample, Verdict
from sop.relations import Deed, Fact
from storage.errors import LostLease
from storage.scope import Scope
from storage.store import Store
from storage.strategies import Strategy
from storage.values import to_ms

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
DRAFT = Draft(name="海报", staff=("chen",), departments=(3,), tags=("et1",), priority="listed", priority_staff=("li",))
RULE = intercepts.Draft(name="竞品", words=("对手", "同行"), semantics=("phone",), kind="warn", staff=("chen",))


@pytest.fixture
def open_store(database):
    def make(now=NOW):
        return Store(Scope(database=database, corp_id="ww1", app="crm", now=now))

    return make


async def add(open_store, draft=DRAFT):
    store = open_store()
    link = store.links.add(draft)
    await store.commit()
    return link


async def test_a_link_is_kept_as_it_is_wanted_and_as_wecom_has_it(open_store):
    link = await add(open_store)
    assert await open_store().links.get(link.id) == link
    store = open_store()
    store.links.ask(link)
    store.links.see(link.id, 1, link_id="caw1", url="https://l/1")
    await store.commit()
    live = await open_store().links.by_made("caw1")
    assert (live.status, live.url, live.seen, live.asked, live.read_at) == ("live", "https://l/1", 1, 0, NOW)
    store = open_store()
    store.links.change(live, Draft(name="展会", staff=("li",)))
    await store.commit()
    changed = await open_store().links.get(link.id)
    assert (changed.version, changed.status, changed.link_id, changed.staff) == (2, "pending", "caw1", ("li",))
    store = open_store()
    store.links.change(live, DRAFT)
    with pytest.raises(LostLease):
        await store.commit()


async def test_what_is_wrong_is_not_kept(open_store):
    with pytest.raises(Invalid):
        open_store().links.add(Draft(name=""))
    with pytest.raises(Invalid):
        open_store().intercepts.add(intercepts.Draft(name="x"))


async def test_a_link_that_was_changed_meanwhile_keeps_the_newer_wish(open_store):
    link = await add(open_store)
    store = open_store()
    store.links.change(link, Draft(name="新", staff=("li",)))
    store.links.see(link.id, 1, link_id="caw1", url="u")
    await store.commit()
    assert (await open_store().links.get(link.id)).status == "pending"
    store = open_store()
    store.links.refuse(link.id, 2, reason="no")
    await store.commit()
    assert (await open_store().links.get(link.id)).reason == "no"


async def test_links_that_wecom_does_not_show_any_more_are_found(open_store):
    store = open_store()
    row = store.links.adopt(DRAFT, link_id="caw1", url="u")
    await store.commit()
    before = to_ms(NOW + timedelta(seconds=1))
    assert [one.id for one in await open_store().links.missing(before=before)] == [row]
    store = open_store(NOW + timedelta(seconds=2))
    store.links.touch(row)
    store.links.mark(row, available=False)
    await store.commit()
    assert not await open_store().links.missing(before=before)
    assert (await open_store().links.get(row)).available is False


async def test_what_was_changed_at_wecom_is_taken_over_unless_it_is_changed_here(open_store):
    store = open_store()
    row = store.intercepts.adopt(RULE, rule_id="7")
    await store.commit()
    rule = await open_store().intercepts.get(row)
    assert (rule.status, rule.words, rule.semantics, rule.kind) == ("foreign", ("对手", "同行"), ("phone",), "warn")
    store = open_store()
    values = {name: getattr(rule, name) for name in store.intercepts.wanted}
    store.intercepts.take(rule, values | {"words": ("新词",)})
    await store.commit()
    taken = await open_store().intercepts.get(row)
    assert (taken.words, taken.version, taken.seen) == (("新词",), 2, 2)
    store = open_store()
    store.intercepts.take(rule, values)
    await store.commit()
    assert (await open_store().intercepts.get(row)).words == ("新词",), "version 1 is not there any more"


async def test_customers_of_a_link_are_known_by_source_however_they_become_known(open_store):
    link = await add(open_store)
    store = open_store()
    store.newcomers.come("wm1", "chen", link=link.id, source="poster", at=NOW)
    store.newcomers.meet("wm1", "chen", link=link.id, source="", chat=2)
    store.newcomers.write("wm1", "chen", count=3, at=NOW + timedelta(minutes=1))
    store.newcomers.leave("wm1", "chen", at=NOW + timedelta(minutes=2))
    await store.relations.record("wm2", "li", fact=Fact(deed=Deed.ADDED, at=NOW - timedelta(days=1)))
    await store.commit()
    store = open_store()
    store.newcomers.meet("wm2", "li", link=link.id, source="web", chat=1)
    await store.commit()
    first, second = (await open_store().newcomers.find("wm1", "chen"), await open_store().newcomers.find("wm2", "li"))
    assert (first.source, first.chat, first.messages) == ("poster", 1, 3)
    assert first.left_at == NOW + timedelta(minutes=2)
    assert (second.source, second.chat, second.came_at) == ("web", 1, NOW - timedelta(days=1))
    page = await open_store().newcomers.page(link.id, limit=1)
    assert [one.external_user_id for one, _ in page] == ["wm1"]
    newcomer, at = page[0]
    rest = await open_store().newcomers.page(link.id, limit=5, after=(at, newcomer.external_user_id, newcomer.user_id))
    assert [one.external_user_id for one, _ in rest] == ["wm2"]
    assert [one.user_id for one, _ in await open_store().newcomers.page(link.id, limit=5, staff={"li"})] == ["li"]
    tallies = await open_store().newcomers.sources(link.id)
    assert [(one.source, one.customers, one.chatting, one.lost) for one in tallies] == [
        ("poster", 1, 1, 1),
        ("web", 1, 1, 0),
    ]
    assert [one.source for one in await open_store().newcomers.sources(link.id, staff=frozenset({"li"}))] == ["web"]


async def test_an_older_add_told_late_does_not_undo_a_newer_one(open_store):
    link = await add(open_store)
    store = open_store()
    store.newcomers.come("wm1", "chen", link=link.id, source="new", at=NOW)
    store.newcomers.come("wm1", "chen", link=link.id, source="old", at=NOW - timedelta(days=1))
    await store.commit()
    assert (await open_store().newcomers.find("wm1", "chen")).source == "new"


async def test_a_link_is_found_by_the_state_of_its_addresses(open_store):
    link = await add(open_store)
    assert (await open_store().links.by_state(acquisition.make_state(Origin(link.id, "x")))).id == link.id
    assert await open_store().links.by_state("s-1") is None


async def test_strategies_are_replaced_and_swept(open_store):
    def strategy(number, at=NOW):
        about = {"parent_id": 0, "name": "华东", "admins": ("chen",), "privilege": {"contact_me": True}}
        return Strategy(id=number, made_at=None, read_at=at, **about)

    store = open_store()
    store.strategies.put(strategy(1), ("user:chen", "department:3"))
    store.strategies.put(strategy(2), ("user:li",))
    await store.commit()
    later = NOW + timedelta(hours=1)
    store = open_store(later)
    store.strategies.put(strategy(1, later), ("department:3",))
    store.strategies.sweep(before=later)
    await store.commit()
    assert [one.id for one in await open_store().strategies.page()] == [1]
    assert (await open_store().strategies.get(1)).privilege == {"contact_me": True}
    assert await open_store().strategies.subjects(1) == ("department:3",)
    assert await open_store().strategies.subjects(2) == ()


async def test_quotas_count_what_is_there_and_remember_the_days(open_store):
    store = open_store()
    store.intercepts.adopt(RULE, rule_id="7")
    store.links.adopt(DRAFT, link_id="caw1", url="u")
    store.intend(Prompt(users=("a", "b"), text="t", cause="1"))
    await store.commit()
    await run(open_store(), "UPDATE intents SET status = 'done'")
    midnight = datetime.now(UTC) - timedelta(hours=1)
    readings = {one.name: (one.used, one.most) for one in await open_store().quotas.read(midnight)}
    assert readings["intercept_rules"] == (1, 100)
    assert readings["acquisition_links"] == (1, None)
    assert readings["contact_ways"] == (0, 500_000)
    assert readings["app_messages"] == (2, 0)
    store = open_store()
    reading = Reading(name="acquisition", used=3, most=10, source="wecom", at=NOW, facts={"expiring": []})
    store.quotas.note(reading, Verdict(0.0, None, Level.WARN), day="2026-05-04")
    await store.commit()
    assert await open_store().quotas.told() == reading
    assert await open_store().quotas.level("acquisition") is Level.WARN
    assert await open_store().quotas.level("corp_tags") is Level.OK
    assert await open_store().quotas.samples("acquisition") == (Sample(3, NOW),)


async def run(store, sql):
    from storage.sql import Statement, Unit

    unit = Unit()
    unit.add(Statement(sql))
    await store.scope.database.commit(unit)
