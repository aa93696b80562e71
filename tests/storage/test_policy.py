"""The contact policy in the database: its versions, what customers said, and how many stand before the gate."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop.deliveries import Content, Message
from sop.policy import ANY_CONTACT, Asking, Cap, Holdout, Past, Policy, Quota, Send, Skip, Standing, Topic
from sop.policy.holidays import Days
from sop.policy.quiet import Quiet, QuietWindow
from storage.engine.sql import Statement, Unit
from storage.errors import Conflict
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
RELATION = Statement("""
    INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, first_added_at, added_at, changed_at)
    VALUES ('ww1', :customer, :staff, :status, 1, 0, 0, 0)
""")
GROUP = Statement("""
    INSERT INTO customer_groups (corp_id, chat_id, status, created_at, seen_at, changed_at)
    VALUES ('ww1', :chat, :status, 0, 0, 0)
""")
STRICT = Policy(
    topics=(Topic(key="marketing", zh="营销", en="Marketing", consent="needed"),),
    quiet=Quiet(
        windows=(QuietWindow(start=time(22), end=time(8)), QuietWindow(on="rest", weekdays=(6,))),
        days=Days(calendar="weekends", rest=(NOW.date(),)),
    ),
    caps=(Cap(count=1, days=2, over="delay"),),
    quota=Quota(per="week", reserve=2),
    holdout=Holdout(share=100, salt="x"),
    patience=3,
)


@pytest.fixture
def store(database):
    return lambda now=NOW: Store(Scope(database=database, corp_id="ww1", app="main", now=now))


async def write(database, *steps):
    unit = Unit()
    for statement, about in steps:
        unit.add(statement, about)
    await database.commit(unit)


def message(subject="anna", effect="", **about):
    about = {"content": Content(text="hello"), "origin": "flow", "origin_id": 1, "due_at": NOW, **about}
    return Message(kind="single", subject=subject, effect=effect or subject, **about)


async def test_until_somebody_writes_a_policy_there_is_a_plain_one(store):
    assert await store().policy.current() == Policy()


async def test_a_policy_is_read_as_it_was_written_and_every_version_is_kept(store):
    first = store()
    assert first.policy.put(STRICT, by="token:1").version == 1
    await first.commit()
    second = store(NOW + timedelta(hours=1))
    current = await second.policy.current()
    assert current == replace(STRICT, version=1)
    second.policy.put(replace(current, caps=()), by="chen")
    await second.commit()
    assert (await store().policy.current()).caps == ()
    newest, oldest = await store().policy.editions(before=9, most=9)
    assert (newest.policy.version, newest.by, newest.at) == (2, "chen", NOW + timedelta(hours=1))
    assert oldest.policy == replace(STRICT, version=1)
    assert await store().policy.editions(before=1, most=9) == ()


async def test_of_two_who_change_the_policy_at_once_one_hears_of_the_other(store):
    one, other = store(), store()
    one.policy.put(await one.policy.current(), by="a")
    other.policy.put(await other.policy.current(), by="b")
    await one.commit()
    with pytest.raises(Conflict):
        await other.commit()


async def test_the_corps_zone_is_the_policys(store):
    writing = store()
    writing.settings.put("zone", "Europe/Berlin")
    writing.policy.put(STRICT, by="a")
    await writing.commit()
    assert (await store().policy.current()).zone == ZoneInfo("Europe/Berlin")


async def test_a_customers_word_is_stored_told_and_kept_until_another(store, database):
    saying = store()
    said = await saying.policy.consents.say("anna", "marketing", given=False, by="chen", why="asked in the chat")
    assert (said.given, said.since) == (False, NOW)
    await saying.commit()
    later = store(NOW + timedelta(days=1))
    assert await later.policy.consents.say("anna", "marketing", given=False, by="li") == said
    assert not later.scope.unit.steps
    await later.policy.consents.say("anna", "marketing", given=True, by="li")
    await later.policy.consents.say("anna", "service", given=False, by="li")
    await later.commit()
    words = await store().policy.consents.of("anna")
    assert {topic: word.given for topic, word in words.items()} == {"marketing": True, "service": False}
    history = await database.fetch(Statement("SELECT what, facts FROM history ORDER BY at, what"))
    assert [row["what"] for row in history] == ["opted_out", "opted_in", "opted_out"]
    events = await database.fetch(Statement("SELECT kind, lane FROM events"))
    assert [row["kind"] for row in events] == ["happened"] * 3
    assert {row["lane"] for row in events} == {"ww1/customer:anna"}


def planned(rows) -> set[str]:
    return {row["effect"] for row in rows if row["status"] == "planned"}


ROWS = Statement("SELECT effect, status, reason FROM deliveries WHERE corp_id = 'ww1' ORDER BY effect")


async def test_an_opt_out_calls_off_what_is_planned_of_its_topic(store, database):
    planning = store()
    topics = {"news": "marketing", "plain": "", "help": "service", "receipt": "marketing"}
    for ordinal, (name, topic) in enumerate(topics.items(), 1):
        about = {"topic": topic, "transactional": name == "receipt"}
        planning.deliveries.plan([(message(effect=name, **about), Send(), ordinal)])
    planning.deliveries.plan([(message("bob", topic="marketing"), Send(), 1)])
    await planning.commit()
    saying = store()
    await saying.policy.consents.say("anna", "marketing", given=False, by="chen")
    await saying.commit()
    rows = await database.fetch(ROWS)
    assert planned(rows) == {"help", "receipt", "bob"}
    assert {row["reason"] for row in rows if row["status"] == "cancelled"} == {"opted_out"}
    saying = store()
    await saying.policy.consents.say("anna", ANY_CONTACT, given=False, by="chen")
    await saying.commit()
    assert planned(await database.fetch(ROWS)) == {"bob"}


async def test_who_planned_while_a_customer_opted_out_is_called_off_before_anything_is_gathered(store, database):
    saying = store()
    await saying.policy.consents.say("anna", "marketing", given=False, by="chen")
    await saying.policy.consents.say("bob", ANY_CONTACT, given=False, by="chen")
    await saying.policy.consents.say("cleo", "service", given=False, by="chen")
    await saying.commit()
    planning = store()  # by what it had read before
    planning.deliveries.plan(
        [
            (message("anna"), Send(), 1),
            (message("bob", transactional=True), Send(), 1),
            (message("cleo"), Send(), 1),
            (message("anna", "receipt", transactional=True), Send(), 2),
        ]
    )
    await planning.commit()
    gathering = store()
    assert await gathering.policy.consents.enforce()
    await gathering.commit()
    assert planned(await database.fetch(ROWS)) == {"cleo", "receipt"}
    assert not await store().policy.consents.enforce()
    assert not await store(NOW + timedelta(hours=2)).policy.consents.enforce()


async def test_who_has_opted_out_of_a_topic_is_listed_newest_first(store):
    for number, name in enumerate(("anna", "bob", "cleo")):
        saying = store(NOW + timedelta(hours=number // 2))
        await saying.policy.consents.say(name, "marketing", given=False, by="chen")
        await saying.policy.consents.say(name, "service", given=True, by="chen")
        await saying.commit()
    consents = store().policy.consents
    found = await consents.page("marketing", given=False, most=2)
    assert [each.external_user_id for each in found] == ["cleo", "bob"]
    (last,) = await consents.page("marketing", given=False, after=found[-1].place, most=2)
    assert last.external_user_id == "anna"
    assert await consents.page("marketing", given=True) == ()


async def test_how_customers_stand_is_read_at_once(store, database):
    await write(
        database,
        (RELATION, {"customer": "anna", "staff": "chen", "status": "active"}),
        (RELATION, {"customer": "anna", "staff": "li", "status": "lost"}),
        (RELATION, {"customer": "bob", "staff": "chen", "status": "removed"}),
    )
    saying = store()
    await saying.policy.consents.say("anna", "marketing", given=False, by="chen")
    await saying.policy.consents.say("anna", "service", given=True, by="chen")
    await saying.policy.consents.say("bob", ANY_CONTACT, given=False, by="chen")
    saying.policy.consents.move("bob", "America/New_York")
    saying.deliveries.plan([(message(transactional=True), Send(), 4)])
    await saying.commit()
    keys = [("anna", ""), ("anna", "chen"), ("anna", "li"), ("bob", "chen"), ("cleo", "")]
    found = await store().policy.standings("single", keys)
    assert set(found) == set(keys)
    assert [found[key].active for key in keys] == [True, True, False, False, False]
    anna = found["anna", ""]
    assert (anna.opted_out, anna.opted_in, anna.blocked, anna.zone) == ({"marketing"}, {"service"}, False, None)
    assert (anna.ordinal, anna.past) == (4, (Past(NOW, "flow", 1, counts=False),))
    bob = found["bob", "chen"]
    assert (bob.blocked, bob.zone, bob.ordinal, bob.past) == (True, ZoneInfo("America/New_York"), 0, ())
    assert found["cleo", ""] == Standing(active=False)
    assert await store().policy.consents.zones(["anna", "bob"]) == {"bob": ZoneInfo("America/New_York")}
    assert await store().policy.standings("single", []) == {}


async def test_the_holdout_group_is_of_customers_only(store, database):
    await write(database, (GROUP, {"chat": "wr1", "status": "normal"}))
    policy = Policy(holdout=Holdout(share=10_000))
    assert (await store().policy.standings("single", [("anna", "")], policy))["anna", ""].holdout
    assert not (await store().policy.standings("group", [("wr1", "")], policy))["wr1", ""].holdout


async def test_a_group_stands_until_it_is_dismissed(store, database):
    await write(
        database,
        (GROUP, {"chat": "wr1", "status": "normal"}),
        (GROUP, {"chat": "wr2", "status": "dismissed"}),
        (GROUP, {"chat": "wr3", "status": "resigned"}),
    )
    keys = [("wr1", ""), ("wr2", ""), ("wr3", ""), ("wr4", "")]
    found = await store().policy.standings("group", keys)
    assert [found[key].active for key in keys] == [True, False, True, False]


async def test_only_what_may_still_arrive_or_has_counts_and_never_earlier_than_it_can(store, database):
    planning = store(NOW - timedelta(days=3))
    due = NOW - timedelta(days=3)
    names = ("planned", "tasked", "sent", "failed", "unsent", "cancelled", "skipped", "ahead")
    for ordinal, name in enumerate(names, 1):
        verdict = Skip("x") if name == "skipped" else Send()
        moment = NOW + timedelta(days=1) if name == "ahead" else due
        planning.deliveries.plan([(message(effect=name, due_at=moment), verdict, ordinal)])
    await planning.commit()
    ended = NOW - timedelta(days=1)
    change = Statement("UPDATE deliveries SET status = :status, ended_at = :at WHERE effect = :status")
    await write(
        database,
        *((change, {"status": name, "at": None if name == "tasked" else int(ended.timestamp() * 1000)})
          for name in names[1:6]),
    )  # fmt: skip
    standing = (await store().policy.standings("single", [("anna", "")]))["anna", ""]
    assert sorted(each.at for each in standing.past) == [ended, NOW, NOW, NOW + timedelta(days=1)]
    assert standing.ordinal == 8  # that of the last, whatever became of it: nobody may take it again


async def test_what_is_long_past_is_not_read(store):
    planning = store(NOW - timedelta(days=200))
    planning.deliveries.plan([(message(due_at=NOW - timedelta(days=200)), Send(), 1)])
    await planning.commit()
    sent = Statement("UPDATE deliveries SET status = 'sent'")
    await write(planning.scope.database, (sent, {}))
    standing = (await store().policy.standings("single", [("anna", "")]))["anna", ""]
    assert (standing.past, standing.ordinal) == ((), 1)


async def test_several_messages_for_one_customer_are_judged_one_after_another():
    asking = Asking(origin="flow", origin_id=1)
    twice = Standing(ordinal=3).then(asking, NOW).then(replace(asking, transactional=True), NOW)
    assert twice.ordinal == 5
    assert [each.counts for each in twice.past] == [True, False]
