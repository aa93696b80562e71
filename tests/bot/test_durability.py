"""Promise 1: 200 only after commit. What was acknowledged is stored; what was not stored comes again."""

import asyncio
import contextlib
import sqlite3
import time

import asyncpg
import psutil
import pytest

from storage import migrations
from storage.engine.sql import Statement, Unit
from storage.errors import Unavailable
from tests import services
from tests.stage import contact, counted, raised


@contextlib.asynccontextmanager
async def locked(url):
    """Nobody else can write the database."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


async def change(url, sql):
    """Do something to the database behind the service's back."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.execute(sql)
        return
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


def edited(stage, customer="wm1"):
    return contact("edit_external_contact", at=1_770_000_000, corp_id=stage.corp.id, customer=customer, UserID="u")


def refused(stage):
    return counted("siyu_callbacks_total", app=stage.app.name, outcome="not_stored")


async def test_a_callback_is_answered_only_once_it_is_stored(stage):
    await stage.serve(role="web")
    async with locked(stage.url):
        answering = asyncio.create_task(stage.knock(edited(stage)))
        done, _ = await asyncio.wait([answering], timeout=0.5)
        assert not done
    answer = await answering
    assert (answer.status_code, answer.content) == (200, b"success")
    assert [event.kind for event in await stage.events()] == ["contact_edited"]


async def test_what_cannot_be_stored_is_refused_and_stored_when_it_comes_again(living):
    before = refused(living)
    channel = await living.channel(welcome={"text": "你好"})
    await living.until(living.idle)
    await change(living.url, "ALTER TABLE events RENAME TO lost")
    relation = living.scan(channel)
    await living.until(lambda: refused(living) > before)
    await change(living.url, "ALTER TABLE lost RENAME TO events")
    await living.until(lambda: living.greetings(relation))
    attempts = [
        entry.code for entry in living.simulator.transcript.find(path="change_external_contact/add_external_contact")
    ]
    assert attempts[0] == 503
    assert attempts[-1] == 200


async def test_many_callbacks_at_once_are_each_stored_or_refused(stage):
    await stage.serve(role="web")
    knocks = [stage.knock(edited(stage, f"wm{number}")) for number in range(40)]
    answers = await asyncio.gather(*knocks)
    assert {answer.status_code for answer in answers} == {200}
    assert len(await stage.events()) == 40


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_locked_database_is_told_within_the_five_seconds_that_wecom_waits(stage):
    await stage.serve(role="web")
    before = refused(stage)
    async with locked(stage.url):
        began = time.monotonic()
        answer = await stage.knock(edited(stage))
        assert (answer.status_code, time.monotonic() - began < 5) == (503, True)
        assert refused(stage) == before + 1
    assert (await stage.knock(edited(stage))).status_code == 200


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_full_disk_is_told_and_room_is_found_again(stage):
    service = await stage.serve(role="web")
    await service.database.commit(pragma("max_page_count = 1"))  # as many as there are now
    answers = [await stage.knock(edited(stage, f"wm{number}" + "x" * 3000)) for number in range(20)]
    assert answers[-1].status_code == 503
    stored = sum(answer.status_code == 200 for answer in answers)
    assert len(await stage.events()) == stored
    await service.database.commit(pragma("max_page_count = 1000000"))
    assert (await stage.knock(edited(stage, "wm99"))).status_code == 200
    assert len(await stage.events()) == stored + 1


def pragma(words):
    unit = Unit()
    unit.add(Statement(f"PRAGMA {words}"))
    return unit


async def test_a_database_that_dies_is_told_and_found_again():
    with services.postgres(own=True) as server:
        url = await asyncio.to_thread(server.fresh)
        await migrations.migrate(url)
        async with raised(url) as stage:
            await stage.serve()
            await stage.settled()
            channel = await stage.channel(welcome={"text": "你好"})
            await stage.until(stage.idle)
            server.crash()
            assert (await stage.knock(edited(stage))).status_code == 503
            assert (await stage.api.get(f"{stage.base}/healthz")).status_code == 200
            assert (await stage.api.get(f"{stage.base}/readyz")).json()["faults"] == {"database": "not reachable"}
            with pytest.raises(Unavailable):
                await stage.events()
            server.start()
            assert (await stage.knock(edited(stage))).status_code == 200
            relation = stage.scan(channel)
            await stage.until(lambda: stage.greetings(relation))


async def test_a_database_that_hangs_is_waited_for_less_than_wecom_waits():
    with services.postgres(own=True) as server:
        url = await asyncio.to_thread(server.fresh)
        await migrations.migrate(url)
        async with raised(url) as stage:
            await stage.serve()
            await stage.settled()
            processes = psutil.Process(server.pid).children(recursive=True)
            for process in processes:
                process.suspend()
            began = time.monotonic()
            answer = await stage.knock(edited(stage))
            took = time.monotonic() - began
            for process in processes:
                process.resume()
            assert (answer.status_code, took < 5) == (503, True)
            assert (await stage.knock(edited(stage))).status_code == 200
