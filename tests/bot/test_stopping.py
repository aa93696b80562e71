"""Stopping: what was claimed is finished, nothing is lost, and it takes less than ten seconds."""

import asyncio
import time

import pytest

from sop.intents import Prompt
from storage.store import Store
from tests.daemon import Daemon
from tests.services import free_port
from tests.stage import GREETING, MARKING, SENDING, Kind
from wecom.events import ContactAdded

SCANS = 30


async def crowd(stage, *slow):
    """Many scans that are half done, because WeCom answers slowly."""
    channel = await stage.channel(staff=stage.team, tags=[stage.tag_id("门店")], welcome={"text": "你好"})
    await stage.until(stage.idle)
    for path in slow:
        stage.fail(Kind.LATENCY, path, seconds=1.5)
    relations = [stage.scan(channel) for _ in range(SCANS)]
    await stage.until(lambda: under_way(stage))
    return relations


async def under_way(stage):
    """Whether all scans have arrived, and many are in the hands of the service."""
    return len(await stage.events("contact_added")) == SCANS and await stage.leased() > SCANS / 4


@pytest.mark.parametrize("slow", [("externalcontact/get",), (GREETING, MARKING, SENDING)])
async def test_what_was_claimed_is_finished_and_the_rest_is_done_after_the_next_start(living, slow):
    relations = await crowd(living, *slow)
    await living.stop(living.services[0])
    assert await living.leased() == 0, "something was claimed and not finished"

    living.simulator.faults.clear()
    await living.serve()
    await living.until(lambda: all(living.greetings(relation) and relation.tags for relation in relations))
    await living.until(living.idle)
    assert [len(living.greetings(relation)) for relation in relations] == [1] * SCANS
    assert len(living.calls(GREETING)) == len(living.calls(MARKING)) == len(living.calls(SENDING)) == SCANS


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_process_that_is_told_to_stop_does_so_in_order(stage, tmp_path):
    daemon = Daemon(stage.config(free_port()), tmp_path)
    stage.base = daemon.url
    stage.listen(stage.callback)
    await daemon.start()
    try:
        await daemon.ready()
        await stage.until(lambda: stage.idle(least=2))
        await stage.admit()
        await crowd(stage, GREETING, MARKING, SENDING)
        began = time.monotonic()
        assert await daemon.stop() == 0
        assert time.monotonic() - began < 10
        assert await stage.leased() == 0
    finally:
        await daemon.kill()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_handler_that_hangs_does_not_keep_the_service_from_stopping(stage):
    service = stage.hire()
    hanging = asyncio.Event()

    async def hang(_: ContactAdded) -> None:
        hanging.set()
        await asyncio.sleep(60)

    service.router.on(ContactAdded)(hang)
    await stage.serve(service)
    stage.add()
    await hanging.wait()
    began = time.monotonic()
    await stage.stop(service)
    assert time.monotonic() - began < 10


async def test_a_service_with_nothing_to_do_stops_at_once(living):
    began = time.monotonic()
    await living.stop(living.services[0])
    assert time.monotonic() - began < 2


async def test_what_a_handler_wants_while_the_service_stops_is_still_done(stage):
    service = stage.hire()
    wanted = asyncio.Event()

    @service.router.on(ContactAdded)
    async def dawdle(event: ContactAdded, store: Store) -> None:
        store.intend(Prompt(users=(event.user_id,), title="late", text="late", cause="late"))
        wanted.set()
        await asyncio.sleep(1.0)

    await stage.serve(service)
    await stage.settled()
    stage.fail(Kind.LATENCY, SENDING, seconds=1.5)
    relation = stage.add()
    await wanted.wait()
    await stage.stop(service)
    assert await stage.leased() == 0
    assert any("late" in str(message) for message in stage.inbox(relation.userid))
