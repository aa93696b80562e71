"""What was planned and has become late is judged anew: by the night, the caps and the customer as they are now."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from handlers.deliveries.late import GRACE, rejudge
from sop.deliveries import Content, Message
from sop.policy import ANY_CONTACT, Cap, Policy, Send
from sop.policy.quiet import Quiet, QuietWindow
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.store import Store

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)  # twelve in Shanghai
NIGHT = Quiet(windows=(QuietWindow(start=time(21), end=time(9)),))
MORNING = datetime(2026, 11, 26, 1, tzinfo=UTC)
RELATION = Statement("""
    INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, first_added_at, added_at, changed_at)
    VALUES (:corp_id, :customer, 'chen', 'active', 1, 0, 0, 0)
""")
ROWS = Statement("SELECT effect, status, reason, due_at, ordinal, ended_at FROM deliveries ORDER BY effect")
EVENTS = Statement("SELECT kind FROM events")


@pytest.fixture
async def open_store(migrated_url):
    from storage.database import connect

    database = connect(migrated_url)
    await database.open()
    yield lambda now: Store(Scope(database=database, corp_id="ww1", app="main", now=now))
    await database.close()


async def plan(store, *wanted, policy=None):
    """Messages of customers who are there, planned in this order for their moments."""
    store.policy.put(policy or Policy(quiet=NIGHT), by="x")
    taken: dict[str, int] = {}
    for subject, effect, due_at, about in wanted:
        if subject not in taken:
            store.scope.write(RELATION, customer=subject)
        taken[subject] = taken.get(subject, 0) + 1
        message = Message(
            kind="single", subject=subject, user_id="chen", content=Content(text="hi"), origin="flow", origin_id=1,
            effect=effect, due_at=due_at,
        )  # fmt: skip
        store.deliveries.plan([(replace(message, **about), Send(), taken[subject])])
    await store.commit()


async def rows(store):
    return {row["effect"]: row for row in await store.scope.fetch(ROWS)}


def moment(row):
    return datetime.fromtimestamp(row["due_at"] / 1000, UTC)


async def test_what_would_go_out_in_the_night_waits_for_the_morning(open_store):
    await plan(open_store(NOON), ("anna", "news", NOON, {}), ("anna", "receipt", NOON, {"transactional": True}))
    night = open_store(NOON + timedelta(hours=10))
    assert await rejudge("flow", 1, night)
    await night.commit()
    found = await rows(night)
    assert (moment(found["news"]), found["news"]["reason"]) == (MORNING, "quiet_hours")
    assert (moment(found["receipt"]), found["receipt"]["reason"]) == (night.now, "despite_quiet_hours")
    assert {found["news"]["ordinal"], found["receipt"]["ordinal"]} == {3, 4}  # who judged before is beaten
    assert not await rejudge("flow", 1, open_store(night.now + timedelta(minutes=1)))


async def test_two_days_late_they_still_keep_the_cap_of_the_day_on_which_they_go(open_store):
    policy = Policy(caps=(Cap(count=1),))
    yesterday = NOON - timedelta(days=1)
    await plan(open_store(yesterday), ("anna", "a", yesterday, {}), ("anna", "b", NOON, {}), policy=policy)
    late = open_store(NOON + timedelta(hours=2))
    assert await rejudge("flow", 1, late)
    await late.commit()
    found = await rows(late)
    assert (found["a"]["status"], found["a"]["due_at"]) == ("planned", int(late.now.timestamp() * 1000))
    assert (found["b"]["status"], found["b"]["reason"]) == ("skipped", "global_cap")
    assert found["b"]["ended_at"] is not None
    assert [row["kind"] for row in await late.scope.fetch(EVENTS)] == ["deliveries_ended"]


async def test_who_has_left_meanwhile_or_is_blocked_is_skipped(open_store):
    store = open_store(NOON)
    await plan(store, ("anna", "a", NOON, {}), ("bob", "b", NOON, {}), ("cleo", "c", NOON, {}))
    change = open_store(NOON)
    change.scope.write(Statement("UPDATE relations SET status = 'lost' WHERE external_user_id = 'anna'"))
    await change.policy.consents.say("bob", ANY_CONTACT, given=False, by="chen")
    await change.commit()
    late = open_store(NOON + timedelta(hours=2))
    assert await rejudge("flow", 1, late)
    await late.commit()
    found = await rows(late)
    assert {name: (row["status"], row["reason"]) for name, row in found.items()} == {
        "a": ("skipped", "not_in_contact"), "b": ("cancelled", "blocked"), "c": ("planned", ""),
    }  # fmt: skip


async def test_what_is_in_time_is_left_alone(open_store):
    await plan(open_store(NOON), ("anna", "a", NOON, {}))
    assert not await rejudge("flow", 1, open_store(NOON + GRACE))
    assert not await rejudge("flow", 2, open_store(NOON + timedelta(days=1)))
