"""Stopping: what was claimed is finished, nothing is lost, and it takes less than ten seconds."""

import asyncio
import time

import pytest

from tests.daemon import Daemon
from tests.services import free_port
from tests.stage import GREETING, MARKING, SENDING

SCANS = 30


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_service_told_to_stop_finishes_what_it_has_claimed_and_loses_nothing(stage, tmp_path):
    first = await begin(stage, tmp_path)
    await first.ready()
    await stage.until(lambda: stage.idle(least=2))
    await stage.admit()
    channel = await stage.channel(staff=stage.team, tags=[stage.tag_id("门店")], welcome={"text": "你好"})
    await stage.until(stage.idle)
    stage.simulator.platform.latency = 1.0
    relations = [stage.scan(channel) for _ in range(SCANS)]
    await stage.until(lambda: under_way(stage))
    began = time.monotonic()
    assert await first.stop() == 0
    assert time.monotonic() - began < 10
    assert await stage.leased() == 0, "something was claimed and not finished"

    stage.simulator.platform.latency = 0.0
    second = await begin(stage, tmp_path)
    try:
        await stage.until(lambda: all(stage.greetings(relation) and relation.tags for relation in relations))
        await stage.until(stage.idle)
    finally:
        await second.kill()
    assert [len(stage.greetings(relation)) for relation in relations] == [1] * SCANS
    assert len(stage.calls(GREETING)) == len(stage.calls(MARKING)) == len(stage.calls(SENDING)) == SCANS


async def begin(stage, folder):
    """Start the service as a process, and tell WeCom."""
    daemon = Daemon(stage.config(free_port()), folder)
    stage.base = daemon.url
    stage.listen(stage.callback)
    await daemon.start()
    return daemon


async def under_way(stage):
    """Whether all scans have arrived, and many are in the hands of the service."""
    return len(await stage.events("contact_added")) == SCANS and await stage.leased() > SCANS / 2


async def test_stopping_what_waits_for_an_answer_for_ever_takes_less_than_ten_seconds(living):
    channel = await living.channel(welcome={"text": "你好"})
    await living.until(living.idle)
    living.simulator.platform.latency = 30.0
    living.scan(channel)
    await living.until(lambda: living.events("contact_added"))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await living.stop(living.services[0])
    assert time.monotonic() - began < 10


async def test_a_service_with_nothing_to_do_stops_at_once(living):
    began = time.monotonic()
    await living.stop(living.services[0])
    assert time.monotonic() - began < 2
