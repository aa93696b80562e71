"""Broadcasts in the database, on both stores: who is meant, what is written down, what came of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sop.broadcasts.document import parse
from sop.broadcasts.funnels import Tally
from sop.broadcasts.plans import Load, Tie
from sop.broadcasts.states import RunStatus, Status
from sop.broadcasts.turns import AHEAD, Turn
from sop.deliveries import Content, Message
from sop.policy import Send, Skip
from sop.relations import Deed, Fact
from storage.broadcasts import Card
from storage.customers import Customer
from storage.engine.sql import Statement, Unit
from storage.errors import Conflict, LostLease
from storage.scope import Scope
from storage.store import Store
from storage.tags import Binding

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
GROUP = """
    INSERT INTO customer_groups (corp_id, chat_id, name, owner, city, status, customers,
                                 created_at, seen_at, changed_at)
    VALUES ('ww1', '{0}', '{1}', '{2}', '{3}', '{4}', {5}, 0, 0, 0)
"""


@pytest.fixture
def store(database):
    return lambda now=NOW: Store(Scope(database=database, corp_id="ww1", app="main", now=now))


@pytest.fixture
async def crowd(store):
    """anna of chen, bob of chen and wu, cleo of wu, dan who is lost; anna and cleo are tagged."""
    work = store()
    pairs = (("anna", "chen"), ("bob", "chen"), ("bob", "wu"), ("cleo", "wu"), ("dan", "chen"))
    for name in ("anna", "bob", "cleo", "dan"):
        work.customers.put(Customer(external_user_id=name, name=name, created_at=NOW, changed_at=NOW))
    for number, (name, user_id) in enumerate(pairs):
        at = NOW - timedelta(days=9 - number)
        await work.relations.record(name, user_id, fact=Fact(deed=Deed.ADDED, at=at))
    await work.commit()
    work = store()
    await work.relations.record("dan", "chen", fact=Fact(deed=Deed.LOST, at=NOW))
    for name, user_id in (("anna", "chen"), ("cleo", "wu")):
        work.tags.bind(name, user_id, bindings=[Binding(tag_id="et1", source="api", rule="", at=NOW)])
    await work.commit()
    return store


def written(**about):
    return parse({"name": "n", "audience": {"everyone": True}, "contents": [{"text": "x"}], **about})


async def found(store, **about):
    """Who it is for, read in pages of one; and as many as are counted."""
    work, broadcast = store(), written(**about)
    people, after = [], ""
    while page := await work.broadcasts.audiences.page(broadcast, after, most=1):
        people += page
        after = page[-1]
    assert await work.broadcasts.audiences.count(broadcast) == len(people)
    return people


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ({"everyone": True}, ["anna", "bob", "cleo"]),
        ({"tags": ["et1"]}, ["anna", "cleo"]),
        ({"tags": ["et1", "et2"], "staff": ["wu"]}, ["cleo"]),
        ({"staff": ["chen"]}, ["anna", "bob"]),
        ({"condition": {"days_since_added": {"least": 8}}}, ["anna", "bob"]),
        ({"condition": {"tag": ["et1"]}, "staff": ["chen"]}, ["anna"]),
        ({"subjects": ["dan", "anna", "stranger"]}, ["anna", "dan", "stranger"]),
        ({"subjects": ["dan", "anna", "bob"], "tags": ["et1"]}, ["anna"]),
        ({"everyone": True, "exclude": {"tags": ["et1"]}}, ["bob"]),
        ({"everyone": True, "exclude": {"subjects": ["bob", "zoe"], "staff": ["wu"]}}, ["anna"]),
        ({"subjects": ["dan", "anna"], "exclude": {"tags": ["et1"]}}, ["dan"]),
        ({"everyone": True, "exclude": {"condition": {"staff": ["wu"]}}}, ["anna"]),
        ({"segments": ["7"]}, []),
    ],
)
async def test_the_audience_is_whoever_meets_all_kinds_and_is_not_left_out(crowd, audience, expected):
    assert await found(crowd, audience=audience) == expected


async def test_who_got_a_broadcast_or_is_in_a_flow_can_be_left_out(crowd, database):
    card, run = await begun(crowd)
    work = crowd()
    work.deliveries.plan([(message("anna", run.id), Send(), 1), (message("bob", run.id), Skip("holdout"), 1)])
    await work.commit()
    unit = Unit()
    unit.add(
        Statement("""
        INSERT INTO enrolments (id, corp_id, flow_id, subject, status, entered_at, node_at, due_at)
        VALUES (1, 'ww1', 7, 'cleo', 'parked', 0, 0, 0)
        """)
    )
    await database.commit(unit)
    exclude = {"broadcasts": [str(card.id)], "flows": ["7"]}
    assert await found(crowd, audience={"everyone": True, "exclude": exclude}) == ["bob"]


async def test_groups_are_told_by_labels_owners_names_cities_and_sizes(store, database):
    unit = Unit()
    for values in (
        ("g1", "上海一群", "chen", "上海", "normal", 50),
        ("g2", "上海二群", "wu", "上海", "normal", 5),
        ("g3", "北京群", "wu", "北京", "normal", 80),
        ("g4", "旧群", "wu", "上海", "dismissed", 80),
    ):
        unit.add(Statement(GROUP.format(*values)))
    unit.add(Statement("INSERT INTO group_bindings (corp_id, tag_id, chat_id, at) VALUES ('ww1', 9, 'g3', 0)"))
    await database.commit(unit)

    async def groups(**audience):
        return await found(store, kind="groups", audience=audience)

    assert await groups(everyone=True) == ["g1", "g2", "g3"]
    assert await groups(tags=["9"]) == ["g3"]
    assert await groups(staff=["wu"], exclude={"tags": ["9"]}) == ["g2"]
    assert await groups(chats={"words": "上海", "least": 10}) == ["g1"]
    assert await groups(everyone=True, exclude={"chats": {"city": "上海"}}) == ["g3"]
    assert await groups(subjects=["g1", "g4"]) == ["g1"]
    targets = await store().broadcasts.audiences.targets(written(kind="groups"), ["g1", "g9"], named=False)
    assert [(target.subject, [tie.user_id for tie in target.ties]) for target in targets] == [
        ("g1", ["chen"]),
        ("g9", []),
    ]


async def test_targets_come_with_the_members_whose_customers_they_are(crowd):
    work = crowd()
    chosen = written(sender={"by": "owner"})
    anna, bob, dan = await work.broadcasts.audiences.targets(chosen, ["anna", "bob", "dan"], named=True)
    assert [tie.user_id for tie in bob.ties] == ["chen", "wu"]
    assert isinstance(anna.ties[0], Tie)
    assert (anna.name, dan.ties) == ("anna", ())
    (plain,) = await work.broadcasts.audiences.targets(written(), ["anna"], named=False)
    assert plain == ("anna", (), "")


async def begun(store, **about) -> tuple[Card, object]:
    work = store()
    card = work.broadcasts.add(written(**about), "lin")
    run = work.broadcasts.runs.add(card.id, card.broadcast, Turn(NOW), number=1, status=RunStatus.FREEZING)
    await work.commit()
    return card, run


def message(subject, run_id, **about):
    about = {"user_id": "", "arm": "", **about}
    return Message(
        kind="single", subject=subject, content=Content(text="x"), origin="broadcast", origin_id=run_id,
        effect=f"{run_id}:{subject}", due_at=NOW, **about,
    )  # fmt: skip


async def test_a_run_is_begun_once_by_its_number(store):
    card, _ = await begun(store)
    again = store()
    again.broadcasts.runs.add(card.id, card.broadcast, Turn(NOW), number=1, status=RunStatus.FREEZING)
    with pytest.raises(Conflict):
        await again.commit()
    assert (await store().broadcasts.runs.numbered(card.id, 1)).status is RunStatus.FREEZING
    assert await store().broadcasts.runs.numbered(card.id, 2) is None


async def test_of_two_who_steer_the_second_is_told(store):
    card, _ = await begun(store)
    one, other = store(), store()
    one.broadcasts.edit(card, written(name="other"), "wu")
    await one.commit()
    other.broadcasts.edit(card, written(name="third"), "li")
    with pytest.raises(LostLease):
        await other.commit()
    acts = await store().broadcasts.acts(card.id)
    assert [(act.what, act.who, act.edition) for act in acts] == [("created", "lin", 1), ("edited", "wu", 2)]


async def test_the_clock_rings_a_little_before_its_time_unless_it_is_paused(store, database):
    card, _ = await begun(store)
    for status, due in ((Status.SCHEDULED, NOW + timedelta(hours=1) - AHEAD), (Status.PAUSED, None)):
        work, now = store(), await store().broadcasts.get(card.id)
        wall = datetime.fromisoformat("2026-11-25T19:00")
        work.broadcasts.turn(now, replace(now, status=status, next=Turn(NOW + timedelta(hours=1), wall)))
        await work.commit()
        (row,) = await database.fetch(Statement("SELECT due_at FROM broadcasts"))
        assert row["due_at"] == (due and due.timestamp() * 1000)
    assert (await store().broadcasts.get(card.id)).next == Turn(NOW + timedelta(hours=1), wall)


async def test_pages_and_loads_are_kept_until_the_run_ends(store):
    _, run = await begun(store)
    work = store()
    work.broadcasts.runs.keep(run.id, 0, ["anna", "bob"])
    work.broadcasts.runs.load(run.id, {"chen": Load(2, 1)})
    await work.commit()
    work = store()
    work.broadcasts.runs.load(run.id, {"chen": Load(9, 5), "wu": Load(0, 1)})
    await work.commit()
    runs = store().broadcasts.runs
    assert await runs.read(run.id, 0) == ("anna", "bob")
    assert await runs.loads(run.id, {"chen", "wu", "li"}) == {"chen": Load(2, 5), "wu": Load(0, 1)}
    work = store()
    work.broadcasts.runs.move(run, replace(run, status=RunStatus.DONE, ended_at=NOW))
    await work.commit()
    assert (await runs.read(run.id, 0), await runs.loads(run.id, {"chen"})) == ((), {})
    assert await runs.open(run.broadcast_id) == ()


async def test_results_are_counted_from_their_rows_within_the_data_scope(crowd, database):
    _, run = await begun(crowd)
    work = crowd()
    work.deliveries.plan(
        [
            (message("anna", run.id, arm="a", user_id="chen"), Send(), 1),
            (message("bob", run.id, arm="b", user_id="wu"), Send(), 1),
            (message("dan", run.id, arm="a", user_id="chen"), Skip("not_in_contact"), 1),
        ]
    )
    await work.commit()
    unit = Unit()
    unit.add(
        Statement("UPDATE deliveries SET status = 'sent', mailing_id = 5, ended_at = :at WHERE subject = 'anna'"),
        at=int(NOW.timestamp() * 1000),
    )
    await database.commit(unit)
    later = crowd(NOW + timedelta(hours=1))
    await later.relations.record("anna", "chen", fact=Fact(deed=Deed.REPLIED, at=later.now))
    later.history.append("order_paid", "anna", user_id="", at=later.now, effect="o1")
    await later.commit()
    results = crowd().broadcasts.results
    assert await results.tally(run.id) == (
        Tally(arm="a", status="sent", reason="", carried=True, count=1),
        Tally(arm="a", status="skipped", reason="not_in_contact", carried=False, count=1),
        Tally(arm="b", status="planned", reason="", carried=False, count=1),
    )
    assert [tally.arm for tally in await results.tally(run.id, staff={"wu"})] == ["b"]
    assert await results.replied(run.id) == {"a": 1}
    assert await results.happened(run.id, "order_paid", timedelta(days=1)) == {"a": 1}
    assert await results.happened(run.id, "order_paid", timedelta(minutes=1)) == {}
    assert await results.happened(run.id, "order_paid", timedelta(days=1), staff={"wu"}) == {}
    members = await results.members(run.id)
    assert [(one.user_id, one.targeted, one.sent, one.skipped) for one in members] == [
        ("chen", 2, 1, 1),
        ("wu", 1, 0, 0),
    ]
    assert [one.user_id for one in await results.members(run.id, after="chen")] == ["wu"]
    page = await results.page(run.id, status="skipped")
    assert [(one.subject, one.reason) for one in page] == [("dan", "not_in_contact")]
    assert [one.subject for one in await results.page(run.id, arm="b", staff={"wu"})] == ["bob"]
    assert await results.left(run.id)
