"""Flows: due steps decided and advanced in a second, with a million others parked; how late they are."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from bench import machine
from bench.stores import Stores
from bench.table import Table, Target
from handlers.flows.turns import BATCH, take
from sop.events import FlowDue
from sop.flows import document
from sop.flows.document import ByHand
from sop.flows.enrolments import Entrant
from storage.database import Database, connect
from storage.engine.sql import Statement, Unit
from storage.scope import Scope
from storage.store import Store

CORP = "wwbench"
FILL = 10_000
LEAST = 10_000.0  # steps a second
_NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
_DAY = timedelta(days=1)
WAITS = {
    "one": {"kind": "wait", "for": "P1D", "next": "two"},
    "two": {"kind": "wait", "for": "P1D", "next": "three"},
    "three": {"kind": "wait", "for": "P1D", "next": "one"},
}
MESSAGES = {
    "one": {"kind": "wait", "for": "P1D", "next": "how"},
    "how": {"kind": "branch", "cases": [{"name": "vip", "if": {"tag": ["vip"]}, "next": "vip"}], "next": "tip"},
    "vip": {"kind": "message", "text": "尊享", "next": "one"},
    "tip": {"kind": "message", "text": "小贴士", "next": "one"},
}


async def measure(stores: Stores, table: Table, *, quick: bool) -> None:
    """Run on the service's core, in this process: the handler as dispatch calls it, and its commit."""
    parked, due = (50_000, 5_000) if quick else (1_000_000, 50_000)
    table.title(f"Flows: {due:,} due steps beside {parked:,} parked")
    os.sched_setaffinity(0, {machine.SERVER})
    try:
        for kind in stores.kinds:
            database = connect(await stores.fresh(kind))
            await database.open()
            try:
                await _measure(kind, database, table, parked=parked, due=due)
            finally:
                await database.close()
    finally:
        os.sched_setaffinity(0, machine.OTHERS)


async def _measure(kind: str, database: Database, table: Table, *, parked: int, due: int) -> None:
    await people(database, due)
    still = await publish(database, "still", WAITS)
    await enter(database, still, parked, at=_NOW + 30 * _DAY)
    for name, nodes in (("waits", WAITS), ("a branch and a message", MESSAGES)):
        flow = await publish(database, name, nodes)
        await enter(database, flow, due, at=_NOW - 2 * _DAY)
        if kind == "postgresql":
            await database.fetch(Statement("ANALYZE"))
        await _run(database, flow, due, at=_NOW - 2 * _DAY)  # everybody comes to the first wait
        steps = await _count(database)
        began = time.perf_counter()
        await _run(database, flow, due, at=_NOW - _DAY)
        seconds = time.perf_counter() - began
        rate = (await _count(database) - steps) / seconds
        beside = f"{due / seconds:,.0f} customers/s"
        table.row(f"{kind}: {name}, {BATCH} at once", rate, "steps/s", beside=beside, target=Target("≥", LEAST))


async def _run(database: Database, flow: int, due: int, *, at: datetime) -> None:
    """Take turns until nobody is due, as the event of a batch follows that of the one before."""
    for number in range(due // BATCH):
        store = _store(database, at)
        store.scope.event_id = number
        await take(FlowDue(corp_id=CORP, at=at, flow_id=flow), store)
        await store.commit()


async def publish(
    database: Database, name: str, nodes: dict[str, object], *, corp: str = CORP, now: datetime = _NOW
) -> int:
    """A flow that runs."""
    store = _store(database, now, corp)
    sheet = store.flows.add(document.parse({"name": name, "start": "one", "nodes": nodes}))
    await store.commit()
    store = _store(database, now, corp)
    store.flows.publish(sheet, mode="finish", by="bench")
    await store.commit()
    return sheet.id


async def enter(database: Database, flow: int, count: int, *, at: datetime, corp: str = CORP) -> None:
    """Let so many in."""
    for chunk in _chunks(count):
        store = _store(database, at, corp)
        entrants = [Entrant(subject=f"wm{n}", user_id=f"u{n % 100}", cause=f"c{n}") for n in chunk]
        store.enrolments.enrol(flow, entrants, version=1, start="one", entry=ByHand(again="always"))
        await store.commit()


async def people(database: Database, count: int, *, corp: str = CORP) -> None:
    """So many customers, each with a member."""
    statement = Statement("""
        INSERT INTO relations (corp_id, external_user_id, user_id, status, adds, first_added_at, added_at, changed_at)
        VALUES (:corp_id, :one, :member, 'active', 1, 0, 0, 0)
    """)
    for chunk in _chunks(count):
        unit = Unit()
        for n in chunk:
            unit.add(statement, corp_id=corp, one=f"wm{n}", member=f"u{n % 100}")
        await database.commit(unit)


def _chunks(count: int) -> Iterator[list[int]]:
    numbers = iter(range(count))
    while chunk := list(islice(numbers, FILL)):
        yield chunk


async def _count(database: Database) -> int:
    (row,) = await database.fetch(Statement("SELECT COUNT(*) AS count FROM flow_steps"))
    return int(row["count"])


def _store(database: Database, now: datetime, corp: str = CORP) -> Store:
    return Store(Scope(database=database, corp_id=corp, app="crm", now=now))
