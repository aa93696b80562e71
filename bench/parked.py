"""A million parked in flows: how long a restart takes, how much memory, and how late the next steps are."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus

import aiohttp
import psutil

from bench import machine
from bench.child import Answer, Child, child
from bench.flows import WAITS, enter, people, publish
from bench.service import configure
from bench.stores import Stores
from bench.table import Table, Target, percentile
from storage.database import Database, connect
from storage.engine.sql import Statement, Unit
from storage.values import to_ms

RATE, AHEAD = 1000, 15  # due a second; seconds until the first is
MOST_SECONDS, MOST_BYTES, MOST_LATE = 2.0, 300.0, 1.0
_DUE = "CAST(:first AS BIGINT) + (id % CAST(:count AS BIGINT)) * 1000 / CAST(:rate AS BIGINT)"
_SPREAD = Statement(f"""
    UPDATE enrolments SET node_at = {_DUE} - 86400000, due_at = {_DUE} WHERE flow_id = :flow_id
""")
_LATE = Statement("""
    SELECT s.at - e.node_at AS late FROM flow_steps AS s JOIN enrolments AS e ON e.id = s.enrolment_id
    WHERE e.flow_id = :flow_id AND s.node = 'one' AND s.visit = 1
""")


async def measure(stores: Stores, table: Table, *, quick: bool) -> None:
    """The real service on its core."""
    parked, seconds = (50_000, 5) if quick else (1_000_000, 30)
    table.title(f"{parked:,} parked in flows: restart, memory, and lateness at {RATE:,} due a second")
    for kind in stores.kinds:
        await _measure(kind, stores, table, parked=parked, seconds=seconds)


async def _measure(kind: str, stores: Stores, table: Table, *, parked: int, seconds: int) -> None:
    async with AsyncExitStack() as stack:
        wecom: Child = await stack.enter_async_context(child("company", machine.OTHERS))
        url = await stores.fresh(kind)
        database = connect(url)
        await database.open()
        stack.push_async_callback(database.close)
        flow = await _fill(database, wecom.hello["corp_id"], parked=parked, due=RATE * seconds)
        if kind == "postgresql":
            await database.fetch(Statement("ANALYZE"))
        told = {name: value for name, value in wecom.hello.items() if name != "staff"}
        order = {"database": url, "folder": str(stores.folder), **told}
        async with _service(order):  # it is of a restart that the time is taken
            pass
        first = datetime.now(UTC) + timedelta(seconds=AHEAD)
        await _spread(database, flow, first, count=RATE * seconds)
        began = time.monotonic()
        service = await stack.enter_async_context(_service(order))
        table.row(f"{kind}: ready again", time.monotonic() - began, "s", target=Target("<", MOST_SECONDS))
        await asyncio.sleep(max((first - datetime.now(UTC)).total_seconds(), 0) + seconds + 5)
        await _report(database, flow, table, count=RATE * seconds)
        peak, used = machine.usage(service.pid).peak / 1e6, psutil.Process(service.pid).memory_info().rss / 1e6
        beside = f"{used:.0f} MB at the end"
        table.row("  memory at most", peak, "MB", beside=beside, target=Target("<", MOST_BYTES))


@asynccontextmanager
async def _service(order: Answer) -> AsyncIterator[asyncio.subprocess.Process]:
    """`siyu serve` on its core, from when it says that it is ready."""
    port, file = configure(order)
    serve = (sys.executable, "-m", "bot", "serve", "-c", str(file))
    silence = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pin = partial(os.sched_setaffinity, 0, {machine.SERVER})
    process = await asyncio.create_subprocess_exec(*serve, env=bare, preexec_fn=pin, **silence)
    try:
        await _ready(process, port)
        yield process
    finally:
        process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, port: int) -> None:
    async with aiohttp.ClientSession() as http:
        while process.returncode is None:
            with suppress(aiohttp.ClientConnectionError):
                async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                    if answer.status == HTTPStatus.OK:
                        return
            await asyncio.sleep(0.01)
    raise RuntimeError(f"the service ended: {process.returncode}")


async def _fill(database: Database, corp: str, *, parked: int, due: int) -> int:
    """Those who stay parked, and those who will be due; the flow of the latter."""
    now = datetime.now(UTC)
    still = await publish(database, "still", WAITS, corp=corp, now=now)
    await enter(database, still, parked, at=now + timedelta(days=30), corp=corp)
    flow = await publish(database, "moving", WAITS, corp=corp, now=now)
    await people(database, due, corp=corp)
    await enter(database, flow, due, at=now, corp=corp)
    return flow


async def _report(database: Database, flow: int, table: Table, *, count: int) -> None:
    late = [row["late"] / 1000 for row in await database.fetch(_LATE, flow_id=flow)]
    table.row("  steps taken", len(late), f"of {count:,}", target=Target("=", count))
    beside = f"p50 {percentile(late, 0.5):.2f} s"
    table.row("  late: p99", percentile(late, 0.99), "s", beside=beside, target=Target("<", MOST_LATE))


async def _spread(database: Database, flow: int, first: datetime, *, count: int) -> None:
    unit = Unit()
    unit.add(_SPREAD, flow_id=flow, first=to_ms(first), count=count, rate=RATE)
    await database.commit(unit)
