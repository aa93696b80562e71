"""Links, rules, strategies and quotas are kept the same on both stores."""

from dataclasses import replace
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
from storage.tags import Binding
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
    await run(open_store(), f"UPDATE intents SET status = 'done', finished_at = {to_ms(NOW)}")
    midnight = NOW - timedelta(hours=1)
    readings = {one.name: (one.used, one.most) for one in await open_store().quotas.read(midnight)}
    assert readings["intercept_rules"] == (1, 100)
    assert readings["acquisition_links"] == (1, None)
    assert readings["contact_ways"] == (0, 500_000)
    assert readings["app_messages"] == (2, 0)
    store = open_store()
    reading = Reading(name="acquisition", used=3, most=10, source="wecom", at=NOW, facts={"expiring": []})
    store.quotas.note(reading, Verdict(0.0, None, Level.WARN), day="2026-05-04")
    await store.commit()
    assert await open_store().quotas.kept() == (reading,)
    assert await open_store().quotas.level(reading, day="2026-05-05") is Level.WARN
    other = replace(reading, name="corp_tags")
    assert await open_store().quotas.level(other, day="2026-05-04") is Level.OK
    assert await open_store().quotas.level(replace(reading, daily=True), day="2026-05-05") is Level.OK
    assert await open_store().quotas.samples("acquisition") == (Sample(3, NOW),)


async def test_every_message_to_members_counts_by_app_and_day_as_far_as_it_reached_them(open_store):
    names = ("here", "half", "yesterday", "doubtful", "refused", "other")
    store = open_store()
    for name in names:
        store.intend(Prompt(users=("a", "b", "c"), text="t", cause=name))
    await store.commit()

    async def end(name, status, at=NOW, **more):
        values = {"status": f"'{status}'", "finished_at": to_ms(at), **more}
        pairs = ", ".join(f"{column} = {value}" for column, value in values.items())
        await run(open_store(), f"UPDATE intents SET {pairs} WHERE effect = 'prompt:{name}'")

    await end("here", "done")
    await end("half", "done", result="""'{"message_id":"m","not_reached":["b"]}'""")
    await end("yesterday", "done", at=NOW - timedelta(days=1))
    await end("doubtful", "dead", doubtful="TRUE")
    await end("refused", "refused")
    await end("other", "done", app="'sop'")
    read = await open_store().quotas.today(NOW - timedelta(hours=10))
    sent = {one.whose: (one.key, one.used) for one in read if one.name == "app_messages"}
    assert sent == {"crm": ("app_messages:crm", 8), "sop": ("app_messages:sop", 3)}


async def test_transfers_show_whose_groups_of_today_and_who_cannot_move_again_yet(open_store):
    async def ride(transfer_id, subject, **more):
        values = {
            "transfer_id": transfer_id, "subject": f"'{subject}'", "corp_id": "'ww1'", "what": "'customers'",
            "handover": "'chen'", "taker": "'li'", "state": "'done'", "changed_at": 0, "ended_at": to_ms(NOW), **more,
        }  # fmt: skip
        columns, all_ = ", ".join(values), ", ".join(map(str, values.values()))
        await run(open_store(), f"INSERT INTO transfer_rows ({columns}) VALUES ({all_})")

    long_ago = to_ms(NOW - timedelta(days=91))
    for number, ended in ((1, to_ms(NOW)), (2, to_ms(NOW - timedelta(days=89))), (3, long_ago)):
        await ride(number, "twice", ended_at=ended)
    await ride(1, "once")
    await ride(2, "once", ended_at=long_ago)
    await ride(1, "left", resigned="TRUE")
    await ride(2, "left", resigned="TRUE")
    await ride(1, "full", state="'limit'")
    await ride(2, "full", state="'limit'")
    for number, at in enumerate((to_ms(NOW), to_ms(NOW), long_ago)):
        await ride(10 + number, "g", what="'groups'", asked_at=at, ended_at=at)
    read = {one.key: (one.used, one.most) for one in await open_store().quotas.read(NOW - timedelta(hours=10))}
    assert read["moved_customers"] == (1, None)
    assert read["moved_groups"] == (1, None)
    assert read["full_members"] == (1, None)
    assert read["group_transfers:chen"] == (2, 300)


async def test_tags_are_counted_by_customer_and_member_without_those_that_are_only_here(open_store):
    def bound(*tag_ids):
        return [Binding(tag_id=tag_id, source="staff", at=NOW) for tag_id in tag_ids]

    store = open_store()
    store.tags.bind("wm1", "chen", bindings=bound("et1", "et2", "in:3"))
    store.tags.bind("wm1", "li", bindings=bound("et1"))
    store.tags.bind("wm2", "chen", bindings=bound("in:3"))
    store.tags.bind("wm3", "chen", bindings=bound("et1", "et2", "et3"))
    await store.commit()
    assert await open_store().quotas.tagged(("", ""), most=2) == (("wm1", "chen", 2), ("wm1", "li", 1))
    assert await open_store().quotas.tagged(("wm1", "li"), most=2) == (("wm3", "chen", 3),)


async def run(store, sql):
    from storage.engine.sql import Statement, Unit

    unit = Unit()
    unit.add(Statement(sql))
    await store.scope.database.commit(unit)
