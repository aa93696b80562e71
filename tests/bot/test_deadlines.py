"""Promise 4: deadlines are data. A welcome never waits behind anything; what is too late is parked and handed over."""

import asyncio
from datetime import timedelta

import pytest

from sop import events as own
from sop.events import RemovalRecorded
from sop.intents import MarkTags
from storage.inbox import Arrival, Inbox
from storage.scope import Scope
from storage.store import Store
from tests.stage import GREETING, MARKING, Kind

WAITING = 1000
HOUR = timedelta(hours=1)


def sync(stage, number):
    fact = RemovalRecorded(corp_id=stage.corp.id, at=stage.now(), user_id=f"u{number}", external_user_id="wm1")
    return Arrival(
        corp_id=stage.corp.id, app=stage.app.name, kind=fact.kind, lane=f"sync:{number}", body=own.dump(fact),
        origin="test", occurred_at=stage.now(), received_at=stage.now(), deadline_at=stage.now() + HOUR,
    )  # fmt: skip


async def test_a_welcome_overtakes_a_thousand_waiting_events(stage):
    service = stage.hire()
    slow = 0

    async def crawl(_: RemovalRecorded) -> None:
        nonlocal slow
        await asyncio.sleep(0.1)
        slow += 1

    service.router.on(RemovalRecorded)(crawl)
    await stage.serve(service)
    channel = await stage.channel(welcome={"text": "你好"})
    await stage.until(stage.idle)
    inbox = Inbox(stage.database)
    await asyncio.gather(*(inbox.remember(sync(stage, number)) for number in range(WAITING)))
    relation = stage.scan(channel)
    await stage.until(lambda: stage.greetings(relation))
    assert slow < WAITING / 2, "the welcome waited for the events before it"


async def test_a_welcome_overtakes_a_thousand_waiting_intents(living):
    channel = await living.channel(welcome={"text": "你好"})
    relations = [living.add(member.userid) for member in living.company.members]
    await living.until(living.idle)
    living.simulator.platform.latency = 0.2
    scope = Scope(database=living.database, corp_id=living.corp.id, app=living.app.name, now=living.now())
    store = Store(scope)
    for number in range(WAITING):
        relation = relations[number % len(relations)]
        pair = {"user_id": relation.userid, "external_user_id": relation.external_userid}
        store.intend(MarkTags(add=(living.tag_id("门店"),), cause=f"{number}", **pair))
    await store.commit()
    living.services[0].bells.ring()
    await living.until(lambda: living.calls(MARKING))
    relation = living.scan(channel)
    await living.until(lambda: living.greetings(relation))
    assert len(living.calls(MARKING)) < WAITING / 2, "the welcome waited for the intents before it"
    assert living.corp.contacts.customers[relation.external_userid].received[0].at - relation.created_at < 5


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


def relation_began(relation, stage):
    return stage.now() - timedelta(seconds=stage.simulator.clock.now() - relation.created_at)
