"""The queues alone: events and intents claimed a second out of many, timers that become events a second."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from bench import machine
from bench.stores import Stores
from bench.table import Table
from sop.events import Happened
from storage import timers
from storage.database import Database, connect
from storage.engine.sql import Statement, Unit
from storage.inbox import Arrival, Inbox, remember
from storage.outbox import Outbox
from storage.timers import Timers
from storage.wishes import Wish, intend

CLAIM = 64  # at once, about what a worker takes
FIRE = 500  # at once, what the clock takes
LEASE = timedelta(minutes=10)
_NOW = datetime.now(UTC)


async def measure(stores: Stores, table: Table, *, quick: bool) -> None:
    """Run on the service's core, in this process."""
    open_rows, taken = (10_000, 2_000) if quick else (100_000, 20_000)
    table.title(f"Queues of {open_rows:,} open rows")
    os.sched_setaffinity(0, {machine.SERVER})
    try:
        for kind in stores.kinds:
            database = connect(await stores.fresh(kind))
            await database.open()
            try:
                await _measure(kind, database, table, rows=open_rows, taken=taken)
            finally:
                await database.close()
    finally:
        os.sched_setaffinity(0, machine.OTHERS)


async def _measure(kind: str, database: Database, table: Table, *, rows: int, taken: int) -> None:
    inbox, outbox, clock = Inbox(database), Outbox(database), Timers(database)
    await _fill(database, rows, _event)
    await _fill(database, rows, _intent)
    await _fill(database, taken, _timer)
    if kind == "postgresql":
        await database.fetch(Statement("ANALYZE"))
    began = time.perf_counter()
    for _ in range(taken // CLAIM):
        assert len(await inbox.claim(CLAIM, now=_NOW, lease=LEASE)) == CLAIM
    table.row(f"{kind}: events claimed, {CLAIM} at once", taken / (time.perf_counter() - began), "/s")
    began = time.perf_counter()
    for _ in range(taken // CLAIM):
        assert len(await outbox.claim(CLAIM, now=_NOW, lease=LEASE)) == CLAIM
    table.row(f"{kind}: intents claimed, {CLAIM} at once", taken / (time.perf_counter() - began), "/s")
    began, fired = time.perf_counter(), 0
    while some := await clock.fire(FIRE, now=_NOW, deadline=_NOW + LEASE):
        fired += len(some)
    table.row(f"{kind}: timers fired, {FIRE} at once", fired / (time.perf_counter() - began), "/s")


async def _fill(database: Database, count: int, put: Callable[[Unit, int], object]) -> None:
    for chunk in _chunks(count):
        unit = Unit()
        for number in chunk:
            put(unit, number)
        await database.commit(unit)


def _chunks(count: int) -> Iterator[range]:
    return (range(first, min(first + 1000, count)) for first in range(0, count, 1000))


def _event(unit: Unit, number: int) -> None:
    remember(
        unit,
        Arrival(
            corp_id="ww1",
            app="crm",
            kind="contact_added",
            lane=f"customer:wm{number}",
            body=f"<xml>{number:0600d}</xml>",
            origin="callback",
            occurred_at=_NOW,
            received_at=_NOW,
            deadline_at=_NOW + timedelta(seconds=20, milliseconds=number),
        ),
    )


def _intent(unit: Unit, number: int) -> None:
    intend(
        unit,
        Wish(
            corp_id="ww1",
            app="crm",
            kind="send_welcome",
            effect=f"welcome:{number}",
            lane=f"customer:wm{number}",
            body="{" + f'"text":"{number:0200d}"' + "}",
            created_at=_NOW,
            deadline_at=_NOW + timedelta(seconds=20, milliseconds=number),
        ),
    )


def _timer(unit: Unit, number: int) -> None:
    due = Happened(corp_id="ww1", at=_NOW, name="x", external_user_id=f"wm{number}", effect=f"x:{number}")
    timers.schedule(unit, due, app="crm", name=f"timer:{number}", due_at=_NOW - timedelta(seconds=1))
