"""What happened can be looked up, page by page and by every filter, on both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.events import Outcome
from sop.intents import Prompt, SendWelcome
from storage import inbox, outbox
from storage.engine.sql import Unit
from storage.inbox import Arrival, Inbox
from storage.inspect import DecisionFilter, EventFilter, Inspect, IntentFilter
from storage.outbox import Ending, Outbox
from storage.store import Scope, Store
from tests.outcomes import note

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LEASE = timedelta(seconds=6)


@pytest.fixture
def inspect(database) -> Inspect:
    return Inspect(database)


@pytest.fixture
def arrive(database):
    async def arrive(body: str, customer: str = "wm_1", **more) -> int:
        values = {
            "corp_id": "ww1", "app": "crm", "kind": "contact_added", "lane": f"customer:{customer}", "body": body,
            "origin": "callback", "occurred_at": NOW, "received_at": NOW, "deadline_at": NOW + timedelta(seconds=20),
        }  # fmt: skip
        return await Inbox(database).remember(Arrival(**{**values, **more}))

    return arrive


@pytest.fixture
def react(database):
    async def react(status: str, *, done: bool = True) -> None:
        for claim in await Inbox(database).claim(9, now=NOW, lease=LEASE):
            unit = Unit()
            note(unit, claim, "tags.mark", status, "Refused: no", at=NOW)
            note(unit, claim, "greet.welcome", "done", at=NOW)
            if done:
                inbox.close(unit, claim, now=NOW)
            else:
                inbox.retry(unit, claim, due_at=NOW + LEASE)
            await database.commit(unit)

    return react


@pytest.fixture
def store(database):
    def store(event_id: int | None = None, corp_id: str = "ww1") -> Store:
        scope = Scope(
            database=database, corp_id=corp_id, app="crm", now=NOW, event_id=event_id, handler="greet.welcome"
        )
        return Store(scope)

    return store


def welcome(code: str) -> SendWelcome:
    return SendWelcome(code=code, user_id="chen.yu", external_user_id="wm_1", text="hello")


async def test_events_come_newest_first_and_page_by_page(inspect, arrive):
    ids = [await arrive(str(count)) for count in range(5)]
    first = await inspect.events(EventFilter(), limit=2)
    rest = await inspect.events(EventFilter(), limit=9, before=first[-1].id)
    assert [event.id for event in (*first, *rest)] == ids[::-1]


async def test_an_event_is_what_was_remembered(inspect, arrive):
    event = await inspect.event(await arrive("<xml/>"))
    assert (event.corp_id, event.kind, event.body, event.lane) == (
        "ww1",
        "contact_added",
        "<xml/>",
        "ww1/customer:wm_1",
    )
    assert (event.occurred_at, event.deadline_at, event.closed_at) == (NOW, NOW + timedelta(seconds=20), None)
    assert (event.open, event.state) == (True, "open")
    assert await inspect.event(1) is None


@pytest.mark.parametrize(
    ("which", "bodies"),
    [
        (EventFilter(), "dcba"),
        (EventFilter(corp_id="ww2"), "c"),
        (EventFilter(kind="contact_edited"), "b"),
        (EventFilter(customer="wm_1"), "cb"),
        (EventFilter(customer="wm_1", corp_id="ww1"), "b"),
        (EventFilter(customer="%"), ""),
    ],
)
async def test_events_are_filtered(inspect, arrive, which, bodies):
    await arrive("a", "wmx1")  # an underscore is no wildcard
    await arrive("b", kind="contact_edited")
    await arrive("c", corp_id="ww2")
    await arrive("d", "wm_12")
    assert "".join(event.body for event in await inspect.events(which)) == bodies


@pytest.mark.parametrize(
    ("status", "done", "state", "found"),
    [
        ("done", True, "done", (0, 0)),
        ("dead", True, "dead", (0, 1)),
        ("failed", False, "failing", (1, 0)),
    ],
)
async def test_the_state_tells_how_handlers_fared(inspect, arrive, react, status, done, state, found):
    identity = await arrive("a")
    await react(status, done=done)
    assert (await inspect.event(identity)).state == state
    assert (
        len(await inspect.events(EventFilter(open=True))),
        len(await inspect.events(EventFilter(dead=True))),
    ) == found
    reactions = await inspect.reactions(identity)
    assert [(each.handler, each.status) for each in reactions] == [("greet.welcome", "done"), ("tags.mark", status)]


async def test_intents_are_filtered_and_show_how_they_ended(inspect, arrive, store, database):
    identity = await arrive("a")
    one = store(identity)
    sent = one.intend(welcome("code"))
    told = one.intend(Prompt(users=("chen.yu",), text="new", cause="added:1"))
    await one.commit()
    other = store(corp_id="ww2")
    other.intend(Prompt(users=("li.lei",), text="new", cause="added:2"))
    await other.commit()
    orders = {order.id: order for order in await Outbox(database).claim(9, now=NOW, lease=LEASE)}
    unit = Unit()
    ending = Ending(outcome=Outcome.REFUSED, code=41050, reason="too late", result={"x": [1]})
    outbox.settle(unit, orders[sent], ending, now=NOW + LEASE)
    await database.commit(unit)

    intent = await inspect.intent(sent)
    assert (intent.status, intent.code, intent.reason, intent.result) == ("refused", 41050, "too late", {"x": [1]})
    assert (intent.finished_at, intent.event_id, intent.attempt) == (NOW + LEASE, identity, 1)
    for which, ids in (
        (IntentFilter(corp_id="ww1"), [told, sent]),
        (IntentFilter(kind="send_welcome"), [sent]),
        (IntentFilter(status="refused"), [sent]),
        (IntentFilter(event_id=identity), [told, sent]),
        (IntentFilter(customer="wm_1"), [told, sent]),
        (IntentFilter(customer="wm_2"), []),
    ):
        assert [each.id for each in await inspect.intents(which)] == ids, which
    assert [each.id for each in await inspect.intents(IntentFilter(corp_id="ww1"), before=told)] == [sent]
    assert await inspect.intent(1) is None


async def test_decisions_are_filtered_and_keep_their_facts(inspect, arrive, store):
    identity = await arrive("a")
    one = store(identity)
    sent = one.intend(welcome("code"))
    one.decide(
        "welcome", "sent", "by_channel", external_user_id="wm_1", user_id="chen.yu", intent_id=sent, rule="7", slot="am"
    )
    one.decide("tag", "skipped", "no_rule", external_user_id="wm_1")
    await one.commit()
    later = store(await arrive("settled"))
    later.decide("welcome", "sent", "welcomed", intent_id=sent)
    await later.commit()

    (_, decision) = await inspect.decisions(DecisionFilter(intent_id=sent))
    assert (decision.reason, decision.rule, decision.facts, decision.at) == ("by_channel", "7", {"slot": "am"}, NOW)
    for which, whats in (
        (DecisionFilter(event_id=identity), ["tag", "welcome"]),
        (DecisionFilter(caused_by=identity), ["welcome", "tag", "welcome"]),
        (DecisionFilter(corp_id="ww1", customer="wm_1"), ["tag", "welcome"]),
        (DecisionFilter(staff={"chen.yu"}), ["welcome"]),
        (DecisionFilter(what="tag"), ["tag"]),
        (DecisionFilter(verdict="sent"), ["welcome", "welcome"]),
        (DecisionFilter(verdict="skipped"), ["tag"]),
        (DecisionFilter(corp_id="ww2"), []),
    ):
        assert [each.what for each in await inspect.decisions(which)] == whats, which
