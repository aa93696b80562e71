"""Many customers due at the same minute: how long until the last of their tasks stands in the virtual WeCom."""

import asyncio
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import psutil

from bench import machine
from bench.child import Child, child
from bench.stores import Stores
from bench.sync import know
from bench.table import Table, Target
from sop.deliveries import Content, Message
from sop.policy import Send
from storage.database import Database, connect
from storage.scope import Scope
from storage.store import Store

STAFF, LARGE, SMALL, SMALLEST = 1000, 1_000_000, 100_000, 20_000
PAGE = 10_000
ALLOWED = 60.0  # seconds for a million
PATIENCE = 1800.0
_CONTENT = Content(text="周年庆到店有礼，凭本消息领取。" * 8)


async def measure(stores: Stores, table: Table, *, quick: bool, customers: int = 0) -> None:
    """Planned while their broadcast is paused, then released at once."""
    count = customers or (SMALLEST if quick else SMALL)
    table.title(f"Mailings: about {count:,} customers of {STAFF:,} staff due at once, virtual WeCom with 50 ms")
    for kind in stores.kinds:
        await _measure(kind, stores, table, count=count)


async def _measure(kind: str, stores: Stores, table: Table, *, count: int) -> None:
    async with AsyncExitStack() as stack:
        wecom = await stack.enter_async_context(child("giant", machine.OTHERS, staff=STAFF, customers=count))
        url = await stores.fresh(kind)
        await know(url, wecom.hello["corp_id"])
        database = connect(url)
        await database.open()
        stack.push_async_callback(database.close)
        began = time.monotonic()
        planned = await _plan(wecom, database)
        table.row(f"{kind}: planned", planned / (time.monotonic() - began), "/s")
        order = {"role": "all", "database": url, "folder": str(stores.folder), "limits": "documented", **wecom.hello}
        service = await stack.enter_async_context(child("service", {machine.SERVER}, **order))
        before = psutil.Process(service.pid).memory_info().rss / 1e6
        store = _store(database, wecom)
        store.deliveries.release("broadcast", 1)
        await store.commit()
        began = time.monotonic()
        made = await _made(wecom, planned, began)
        seconds = time.monotonic() - began
        target = Target("≤", ALLOWED) if planned >= LARGE * 0.9 else None  # every so many customers have two members
        table.row("  until all tasks are made", seconds, "s", beside=f"{made['tasks']:,} tasks", target=target)
        table.row("  not in exactly one task", planned - made["recipients"], "", target=Target("=", 0))
        table.row("  memory it took at most", machine.usage(service.pid).peak / 1e6 - before, "MB")


async def _plan(wecom: Child, database: Database) -> int:
    """Everybody, by the member who has them; how many."""
    store = _store(database, wecom)
    store.deliveries.hold("broadcast", 1)
    await store.commit()
    planned = 0
    while people := (await wecom.ask(do="people", first=planned, most=PAGE))["people"]:
        store = _store(database, wecom)
        store.deliveries.plan([(_message(one, user_id, store.now), Send(), 1) for one, user_id in people])
        await store.commit()
        planned += len(people)
    return planned


async def _made(wecom: Child, count: int, began: float) -> dict[str, int]:
    while time.monotonic() - began < PATIENCE:
        made = await wecom.ask(do="broadcasts")
        if made["recipients"] >= count:
            return made
        await asyncio.sleep(0.25)
    return await wecom.ask(do="broadcasts")


def _message(customer: str, user_id: str, due_at: datetime) -> Message:
    about = {"origin": "broadcast", "origin_id": 1, "effect": f"broadcast:1:{customer}", "due_at": due_at}
    return Message(kind="single", subject=customer, user_id=user_id, content=_CONTENT, **about)


def _store(database: Database, wecom: Child) -> Store:
    hello = wecom.hello
    return Store(Scope(database=database, corp_id=hello["corp_id"], app=hello["app"], now=datetime.now(UTC)))
