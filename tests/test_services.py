"""The servers that tests run on are real, separate, can be crashed, and leave nothing behind."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import psutil
import pytest
from redis.asyncio import Redis

from tests import services

OWNER = """
import signal, time
from tests import services
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
with services.postgres(own=True) as store, services.redis(own=True) as cache:
    print(store.pid, store.process.folder, cache.pid, cache.process.folder, flush=True)
    {then}
"""


async def run(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_postgresql_answers(postgres_url):
    assert "PostgreSQL" in await run(postgres_url, "SELECT version()")


async def test_redis_answers_and_remembers(redis_url):
    async with Redis.from_url(redis_url) as client:
        assert await client.set("key", "value")
        assert await client.get("key") == b"value"


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_gets_an_empty_redis(redis_url, round_):
    async with Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", round_)


async def test_fresh_databases_are_separate(postgres, fresh_postgres_url):
    other = postgres.fresh()
    await run(fresh_postgres_url, "CREATE TABLE mine (id int)")
    assert await run(fresh_postgres_url, "SELECT to_regclass('mine')") == "mine"
    assert await run(other, "SELECT to_regclass('mine')") is None
    postgres.drop(other)


async def test_a_dropped_database_is_gone_even_with_somebody_connected(postgres):
    url = postgres.fresh()
    connection = await asyncpg.connect(url)
    postgres.drop(url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
    connection.terminate()


def test_a_template_is_migrated_once_and_copied(postgres):
    def migrate(url: str) -> None:
        asyncio.run(run(url, "CREATE TABLE ours AS SELECT 7 AS seven"))

    template = postgres.template(migrate)
    for _ in range(2):
        url = postgres.fresh(template=template)
        assert asyncio.run(run(url, "DELETE FROM ours RETURNING seven")) == 7
        postgres.drop(url)
    postgres.drop(template)


async def test_a_database_url_leads_to_an_empty_database_of_either_kind(backend, database_url):
    assert database_url.startswith(f"{backend}://")
    if backend == "postgresql":
        tables = await run(database_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    else:
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        connection.close()
    assert tables == 0


def test_a_migrated_url_is_the_tests_own(backend, migrated_url, request):
    assert migrated_url.startswith(f"{backend}://")
    if backend == "postgresql":
        assert services.name_of(migrated_url) != request.getfixturevalue("postgres_template")
        assert asyncio.run(run(migrated_url, "SELECT 1")) == 1
    else:
        assert Path(migrated_url.removeprefix("sqlite:///")).is_file()


async def test_committed_rows_survive_a_crash_of_postgresql():
    with services.postgres(own=True) as server:
        url = server.fresh()
        await run(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        client = await asyncpg.connect(url)
        server.crash()
        with pytest.raises((OSError, asyncpg.PostgresConnectionError)):
            await client.fetchval("SELECT 1")
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset, by the system
            await asyncpg.connect(url)
        server.start()
        assert await run(url, "SELECT seven FROM kept") == 7
        server.stop()
        server.start()
        assert await run(url, "SELECT seven FROM kept") == 7


async def test_redis_comes_back_empty_at_the_same_url():
    with services.redis(own=True) as server:
        async with Redis.from_url(server.url) as client:
            await client.set("key", "value")
        server.crash()
        with pytest.raises(RuntimeError, match="down"):
            _ = server.pid
        server.start()
        async with Redis.from_url(server.url) as client:
            assert await client.get("key") is None


def test_a_taken_port_is_passed_over(tmp_path):
    listen = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1])))"
    ready = "print('Ready to', 'accept connections', flush=True); time.sleep(60)"  # not in a traceback's source line
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = [taken.getsockname()[1]]
        process = services.Process(
            tmp_path / "server",
            lambda port: [sys.executable, "-c", f"{listen}; {ready}", str(ports.pop() if ports else port)],
        )
        process.folder.mkdir()
        process.start()
        socket.create_connection(("127.0.0.1", process.port)).close()
        process.close()
    assert ports == []
    assert not process.folder.exists()


def test_a_server_that_cannot_start_says_why(tmp_path):
    process = services.Process(tmp_path, lambda port: [sys.executable, "-c", f"exit('no luck on {port}')"])
    with pytest.raises(RuntimeError, match="no luck on"):
        process.start()


def test_a_given_server_is_used_and_never_stopped(postgres, redis, monkeypatch):
    monkeypatch.setenv(services.PG_VARIABLE, postgres.url)
    monkeypatch.setenv(services.REDIS_VARIABLE, urlsplit(redis.url)._replace(path="/2").geturl())
    with services.postgres() as store, services.redis(offset=3) as cache:
        assert store.url == postgres.url
        assert services.name_of(cache.url) == "5"
        store.drop(store.fresh())
        for server in (store, cache):
            with pytest.raises(RuntimeError, match="not ours"):
                server.crash()
    assert asyncio.run(run(postgres.url, "SELECT 1")) == 1


@pytest.mark.parametrize(
    ("then", "send"),
    [
        ("pass", None),
        ("store.crash(); cache.crash()", None),
        ("time.sleep(60)", signal.SIGINT),
        ("time.sleep(60)", signal.SIGKILL),
    ],
    ids=["done", "done after a crash", "interrupted", "killed"],
)
def test_nothing_is_left_behind_when_the_owner_is(then, send):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER.format(then=then)],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with owner:
        store, store_folder, cache, cache_folder = owner.stdout.readline().split()
        if send:
            os.kill(owner.pid, send)
    wait(lambda: gone(int(store)) and gone(int(cache)))
    wait(lambda: not Path(store_folder).exists() and not Path(cache_folder).exists())


def test_a_free_port_can_be_listened_on(free_port):
    with socket.create_server(("127.0.0.1", free_port)) as server:
        assert server.getsockname()[1] == free_port < 32_768
