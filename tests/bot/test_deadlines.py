"""Promise 4: deadlines are data. A welcome never waits behind anything; what is too late is parked and handed over."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import courier, dispatch
from sop import events as own
from sop.events import RemovalRecorded
from sop.intents import Prompt
from storage.inbox import Arrival, Inbox
from storage.outbox import Outbox
from storage.scope import Scope
from storage.store import Store
from tests.stage import GREETING, SENDING, Kind

WAITING = 1000
HOUR = timedelta(hours=1)


def sync(stage, number):
    fact = RemovalRecorded(corp_id=stage.corp.id, at=stage.now(), user_id=f"u{number}", external_user_id="wm1")
    return Arrival(
        corp_id=stage.corp.id, app=stage.app.name, kind=fact.kind, lane=f"sync:{number}", body=own.dump(fact),
        origin="test", occurred_at=stage.now(), received_at=stage.now(), deadline_at=stage.now() + HOUR,
    )  # fmt: skip


async def test_the_nearest_deadline_is_taken_first(stage):
    inbox, outbox, now = Inbox(stage.database), Outbox(stage.database), stage.now()
    store = Store(Scope(database=stage.database, corp_id=stage.corp.id, app=stage.app.name, now=now))
    for minutes in (30, 1, 10):
        deadline = now + timedelta(minutes=minutes)
        await inbox.remember(replace(sync(stage, minutes), deadline_at=deadline))
        store.intend(Prompt(users=("u",), text="…", cause=f"{minutes}"), deadline=deadline)
    await store.commit()
    for minutes in (1, 10, 30):
        later = stage.now()
        (claim,) = await inbox.claim(1, now=later, lease=HOUR)
        (order,) = await outbox.claim(1, now=later, lease=HOUR)
        assert claim.deadline_at == order.deadline_at
        assert round((order.deadline_at - now) / timedelta(minutes=1)) == minutes


async def test_a_welcome_overtakes_a_thousand_waiting_events(stage):
    service = stage.hire()
    release = asyncio.Event()

    async def hang(_: RemovalRecorded) -> None:
        await release.wait()

    service.router.on(RemovalRecorded)(hang)
    await stage.serve(service)
    channel = await stage.channel(welcome={"text": "你好"})
    await stage.until(stage.idle)
    inbox = Inbox(stage.database)
    await asyncio.gather(*(inbox.remember(sync(stage, number)) for number in range(WAITING)))
    service.bells.ring()
    await stage.until(lambda: crowded(stage, dispatch.SIZE.capacity - dispatch.SIZE.reserved))
    relation = stage.scan(channel)
    try:
        await stage.until(lambda: stage.greetings(relation))
    finally:
        release.set()


async def crowded(stage, places):
    """Whether all places that are not reserved are taken."""
    return await stage.leased() >= places


async def test_a_welcome_overtakes_a_thousand_waiting_intents(living):
    channel = await living.channel(welcome={"text": "你好"})
    await living.until(living.idle)
    living.fail(Kind.LATENCY, SENDING, seconds=3)
    store = Store(Scope(database=living.database, corp_id=living.corp.id, app=living.app.name, now=living.now()))
    users = [member.userid for member in living.company.members]
    for number in range(WAITING):
        user = users[number % len(users)]
        store.intend(Prompt(users=(user,), title="通知", text="…", url="https://example.com", cause=f"{number}"))
    await store.commit()
    living.services[0].bells.ring()
    await living.until(lambda: crowded(living, courier.SIZE.capacity - courier.SIZE.reserved))
    relation = living.scan(channel)
    await living.until(lambda: living.greetings(relation))
    assert len(await living.intents("prompt", "open")) >= WAITING
    assert living.corp.contacts.customers[relation.external_userid].received[0].at - relation.created_at < 3


async def test_what_comes_too_late_is_parked_with_a_reason_and_handed_to_the_member(living):
    channel = await living.channel(welcome={"text": "你好"})
    await living.until(living.idle)
    await living.stop(living.services[0])
    web = await living.serve(role="web")
    relation = living.scan(channel)
    await living.until(lambda: living.events("contact_added"))
    living.push(21)
    await living.stop(web)
    await living.serve()
    await living.until(lambda: living.reasons("prompt", relation))
    await living.until(living.idle)
    assert living.greetings(relation) == []
    assert living.calls(GREETING) == []
    assert await living.reasons("welcome", relation) == [("late", "too_late")]
    assert ("sent", "prompt_greet") in await living.reasons("prompt", relation)
    assert len(living.inbox(relation.userid)) == 2  # who came, and: greet by hand
    assert len((await living.get("tasks", staff=relation.userid))["items"]) == 1


@pytest.mark.parametrize("fault", [{"kind": Kind.REFUSE, "code": 41096}, {"kind": Kind.UNREACHABLE}])
async def test_a_welcome_that_cannot_be_delivered_in_time_is_parked_and_handed_over(living, fault):
    channel = await living.channel(welcome={"text": "你好"})
    await living.until(living.idle)
    living.fail(path=GREETING, **fault)
    relation = living.scan(channel)
    await living.until(lambda: len(living.calls(GREETING)) > 1)
    living.push(18)
    (intent,) = await living.until(lambda: living.intents("send_welcome", "late"))
    await living.until(living.idle)
    assert intent.finished_at - relation_began(relation, living) < timedelta(seconds=25)
    assert (await living.reasons("welcome", relation))[-1] == ("late", "too_late")
    assert ("sent", "prompt_greet") in await living.reasons("prompt", relation)
    assert living.greetings(relation) == []
    assert all(entry.at < relation.created_at + 20 for entry in living.calls(GREETING)), "a stale greeting was tried"


def relation_began(relation, stage):
    return stage.now() - timedelta(seconds=stage.simulator.clock.now() - relation.created_at)
