"""Messages as they were judged: each once, and no two with the same place of a customer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sop.deliveries import Content, Message
from sop.policy import Delay, Send, Skip
from storage.deliveries.results import Result
from storage.engine.sql import Statement
from storage.errors import Conflict
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
ROWS = Statement("SELECT * FROM deliveries WHERE corp_id = 'ww1' ORDER BY subject, ordinal")


def message(subject="anna", effect="", **about):
    about = {
        "content": Content(text="hello"),
        "user_id": "chen",
        "origin": "flow",
        "origin_id": 1,
        "node": 'a"b',
        **about,
    }
    return Message(kind="single", subject=subject, effect=effect or subject, due_at=NOW, **about)


@pytest.fixture
def store(database):
    return lambda now=NOW: Store(Scope(database=database, corp_id="ww1", app="main", now=now))


async def plan(store, *judged):
    store.deliveries.plan(judged)
    await store.commit()


async def test_what_may_go_is_planned_and_what_may_not_is_kept_with_its_reason(store, database):
    later = NOW + timedelta(hours=9)
    await plan(
        store(),
        (message("anna", transactional=True), Send("transactional"), 1),
        (message("bob", enrolment_id=7), Delay(later, "quiet_hours"), 4),
        (message("cleo"), Skip("opted_out"), 2),
    )
    anna, bob, cleo = await database.fetch(ROWS)
    assert (anna["status"], anna["reason"], anna["ordinal"], anna["transactional"]) == (
        "planned",
        "transactional",
        1,
        1,
    )
    assert (bob["status"], bob["reason"], bob["ordinal"], bob["enrolment_id"]) == ("planned", "quiet_hours", 4, 7)
    assert bob["due_at"] == later.timestamp() * 1000
    assert (cleo["status"], cleo["reason"], cleo["ordinal"]) == ("skipped", "opted_out", None)
    assert cleo["ended_at"] == NOW.timestamp() * 1000


async def test_the_same_effect_is_planned_once_and_takes_no_second_ordinal(store, database):
    await plan(store(), (message(), Send(), 1))
    await plan(store(), (message(), Send(), 2), (message("bob"), Send(), 1), (message("bob"), Send(), 1))
    assert [(row["subject"], row["ordinal"]) for row in await database.fetch(ROWS)] == [("anna", 1), ("bob", 1)]
    await plan(store(), (message(), Send(), 1))
    assert len(await database.fetch(ROWS)) == 2


async def test_two_that_judged_the_same_customer_at_once_cannot_both_be_right(store, database):
    one, other = store(), store()
    one.deliveries.plan([(message(effect="x"), Send(), 1)])
    other.deliveries.plan([(message("bob", effect="z"), Send(), 1), (message(effect="y"), Send(), 1)])
    await one.commit()
    with pytest.raises(Conflict):
        await other.commit()
    assert [row["effect"] for row in await database.fetch(ROWS)] == ["x"]


async def test_what_is_said_to_many_is_kept_once(store, database):
    same, other = message("anna"), replace(message("bob"), content=Content(text="你好"))
    await plan(store(), (same, Send(), 1), (other, Send(), 1), (message("cleo"), Send(), 1))
    await plan(store(), (message("dan"), Send(), 1))
    rows = await database.fetch(ROWS)
    assert len(await database.fetch(Statement("SELECT 1 FROM contents"))) == 2
    assert [row["content_id"] == rows[0]["content_id"] for row in rows] == [True, False, True, True]


async def test_what_is_planned_together_is_gathered_once(store, database):
    await plan(store(), (message("anna"), Send(), 1), (message("bob"), Delay(NOW + timedelta(days=1), "x"), 1))
    await plan(store(NOW + timedelta(seconds=1)), (message("cleo"), Send(), 1))
    timers = await database.fetch(Statement("SELECT kind, due_at FROM timers"))
    assert [(row["kind"], row["due_at"] / 1000 - NOW.timestamp()) for row in timers] == [("mailings_due", 6)]


async def test_single_messages_are_called_off_by_name_or_by_topic_as_long_as_they_are_planned(store, database):
    await plan(
        store(),
        (message("anna", effect="a", topic="offers"), Send(), 1),
        (message("anna", effect="b", topic="news"), Send(), 2),
        (message("anna", effect="c", topic="offers", transactional=True), Send(), 3),
        (message("bob", effect="d"), Send(), 1),
        (message("cleo", effect="e"), Skip("opted_out"), 1),
    )
    ending = store()
    ending.deliveries.revoke("anna", reason="opted_out", topic="offers")
    ending.deliveries.withdraw(["d", "e", "none"], reason="goal_reached")
    await ending.commit()
    found = {row["effect"]: (row["status"], row["reason"]) for row in await database.fetch(ROWS)}
    assert found == {
        "a": ("cancelled", "opted_out"),
        "b": ("planned", ""),
        "c": ("planned", ""),
        "d": ("cancelled", "goal_reached"),
        "e": ("skipped", "opted_out"),
    }


async def test_as_many_as_fit_go_into_one_mailing_and_the_next_batch_fills_it_up(store, database):
    await plan(store(), *((message(f"c{number}"), Send(), 1) for number in range(5)))
    for most, mailings in ((3, 1), (9, 1)):
        batch = store()
        due = await batch.deliveries.gathering.due("flow", 1, most=most)
        assert await batch.deliveries.gathering.place("flow", 1, due, mailings=mailings) == len(due)
        await batch.commit()
    (mailing,) = await store().deliveries.mailings.page()
    assert (mailing.count, mailing.status) == (5, "filling")
    making = store()
    making.deliveries.gathering.make(await making.deliveries.gathering.filled("flow", 1, most=9))
    await making.commit()
    assert len(await store().deliveries.mailings.recipients(mailing.id, most=9)) == 5
    await plan(store(), (message("late"), Send(), 1))
    batch = store()
    await batch.deliveries.gathering.place(
        "flow", 1, await batch.deliveries.gathering.due("flow", 1, most=9), mailings=9
    )
    await batch.commit()
    assert len(await store().deliveries.mailings.page()) == 2


async def test_an_end_is_written_once_and_told_once(store, database):
    await plan(store(), (message("anna"), Send(), 1), (message("bob"), Send(), 1))
    batch = store()
    due = await batch.deliveries.gathering.due("flow", 1, most=9)
    await batch.deliveries.gathering.place("flow", 1, due, mailings=9)
    await batch.commit()
    (mailing,) = await store().deliveries.mailings.page()
    for status, reason in (("sent", ""), ("failed", "not_a_friend")):
        ending = store()
        ending.deliveries.results.end(mailing.id, [Result("anna", status, reason, "chen", NOW)])
        await ending.commit()
    ending = store()
    ending.deliveries.results.end_all(mailing.id, "unsent", "not_confirmed")
    await ending.commit()
    assert sorted(await store().deliveries.results.counts(mailing.id)) == [
        ("sent", "", 1),
        ("unsent", "not_confirmed", 1),
    ]
    for subject, what in {"anna": "messaged", "bob": "message_failed"}.items():
        (entry,) = await store().history.timeline(subject)
        assert (entry.what, entry.facts["mailing_id"], entry.facts["node"]) == (what, str(mailing.id), 'a"b')
