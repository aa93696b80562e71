"""The first sync of a large company against the allowed rate, killed on the way if asked for, then compared."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx
import psutil

from bench import machine
from bench.child import Answer, Child, child
from bench.stores import Stores
from bench.table import Table, Target
from sop.sync import CUSTOMERS
from storage.database import connect
from storage.scope import Scope
from storage.store import Store

STAFF, SMALL, SMALLEST = 3000, 100_000, 20_000
PATH = "externalcontact/batch/get_by_user 0"
ALLOWED = 10_000 / 60  # calls of one path in a second, as documented
LEAST = 0.9  # of them
PATIENCE = 3600.0
MOST_GROWTH = 150  # MB of memory that a sync may take, however many customers there are


async def measure(stores: Stores, table: Table, *, quick: bool, customers: int = 0, kills: int = 0) -> None:
    count = customers or (SMALLEST if quick else SMALL)
    table.title(
        f"First sync: {count:,} customers of {STAFF:,} staff, virtual WeCom with 50 ms and its documented limits"
    )
    for kind in stores.kinds:
        await _measure(kind, stores, table, count=count, kills=kills)


async def _measure(kind: str, stores: Stores, table: Table, *, count: int, kills: int) -> None:
    async with AsyncExitStack() as stack:
        wecom = await stack.enter_async_context(child("giant", machine.OTHERS, staff=STAFF, customers=count))
        order = {"role": "all", "database": await stores.fresh(kind), "folder": str(stores.folder), **wecom.hello}
        beside = {"virtual WeCom": wecom.pid, "PostgreSQL": stores.pid if kind == "postgresql" else None}
        await know(order["database"], wecom.hello["corp_id"])
        ward = Ward(wecom, {**order, "limits": "documented"}, stack, beside)
        await ward.start()
        before = psutil.Process(ward.service.pid).memory_info().rss / 1e6
        first = await ward.sync(count, repair=True, kills=kills)
        _report(kind, first, table)
        peak = machine.usage(ward.service.pid).peak / 1e6
        beside = f"{before:.0f} MB before"
        table.row("  memory it took at most", peak - before, "MB", beside=beside, target=Target("<", MOST_GROWTH))
        refused = {name: number for name, number in (await wecom.ask()).items() if not name.endswith(" 0")}
        table.note(f"kills {kills}, job {first['status']}, calls refused: {refused or 'none'}")
        again = await ward.sync(count, repair=False, kills=0)
        _report(f"{kind}: compared again", again, table)
        table.row("  differences", again["drifts"], "", target=Target("=", 0))
        proof = again["proof"]
        members = f"of {proof['members']:,}"
        table.row("  members whose counts differ", proof["differing"], members, target=Target("=", 0))
        table.note(f"customers there {proof['there']:,}, here {proof['here']:,}")


async def know(url: str, corp_id: str) -> None:
    """Let the corp be one whose sync has been begun today: a new one is read at once, and not when we look."""
    database = connect(url)
    await database.open()
    store = Store(Scope(database=database, corp_id=corp_id, app="", now=datetime.now(UTC)))
    job_id = store.jobs.start(CUSTOMERS, [], alone=True)
    await store.commit()
    store = Store(Scope(database=database, corp_id=corp_id, app="", now=datetime.now(UTC)))
    store.jobs.end(await store.jobs.get(job_id), "done")
    await store.commit()
    await database.close()


def _report(name: str, run: Answer, table: Table) -> None:
    rate = run["pages"] / run["seconds"]
    table.row(f"{name}, customers a second", run["done"] / run["seconds"], "", beside=f"{run['seconds']:.0f} s")
    beside = f"{run['pages']:,} pages, {rate * 60:,.0f} a minute"
    table.row("  of the allowed rate", rate / ALLOWED, "", beside=beside, target=Target("≥", LEAST))
    table.note(f"{run['cpu'] / run['done'] * 1e6:.0f} µs of CPU per customer")
    cores = [f"{who} {cpu / run['seconds']:.2f}" for who, cpu in run["cores"].items()]
    table.note(f"cores: the service {run['cpu'] / run['seconds']:.2f} of its own, of the other {', '.join(cores)}")


class Ward:
    """A service that can be killed and started again."""

    def __init__(
        self, wecom: Child, order: Answer, stack: AsyncExitStack, beside: Mapping[str, int | None] | None = None
    ) -> None:
        self._wecom = wecom
        self._order = order
        self._stack = stack
        self._beside = {who: pid for who, pid in (beside or {}).items() if pid}
        self._spent = 0.0  # seconds of CPU of those that were killed

    async def start(self) -> None:
        """Begin a service on the same database."""
        self.service = await self._stack.enter_async_context(child("service", {machine.SERVER}, **self._order))
        self._api = f"http://127.0.0.1:{self.service.hello['port']}/api/v1/"
        self._token = {"Authorization": f"Bearer {self.service.hello['token']}"}

    async def sync(self, count: int, *, repair: bool, kills: int) -> Answer:
        """Sync all customers; what it took."""
        pages, cpu, began = await self._pages(), self._cpu, time.monotonic()
        others = self._others
        job = await self._ask("POST", "sync", json={"kinds": [CUSTOMERS], "repair": repair})
        path = f"jobs/{job['jobs'][0]['job_id']}"
        marks = [count * (number + 1) // (kills + 1) for number in range(kills)]
        while time.monotonic() - began < PATIENCE:
            await asyncio.sleep(0.5)
            state = await self._ask("GET", path)
            if state["status"] in ("done", "partial"):
                break
            if marks and state["done"] >= marks[0]:
                marks.pop(0)
                await self._kill()
        seconds = time.monotonic() - began
        report = await self._ask("GET", path.replace("jobs", "drift"))
        return {
            "seconds": seconds,
            "done": state["done"],
            "status": state["status"],
            "pages": await self._pages() - pages,
            "cpu": self._cpu - cpu,
            "cores": {who: spent - others[who] for who, spent in self._others.items()},
            "drifts": sum(each["count"] for each in report["drifts"]),
            "proof": report["proof"],
        }

    @property
    def _cpu(self) -> float:
        return self._spent + machine.usage(self.service.pid).cpu

    @property
    def _others(self) -> dict[str, float]:
        """Seconds of CPU of those who share the other core."""
        return {who: machine.spent(pid) for who, pid in self._beside.items()}

    async def _pages(self) -> int:
        return (await self._wecom.ask()).get(PATH, 0)

    async def _kill(self) -> None:
        """SIGKILL, then a new service."""
        self._spent += machine.usage(self.service.pid).cpu
        os.kill(self.service.pid, signal.SIGKILL)
        await self.start()

    async def _ask(self, method: str, path: str, **what: object) -> Answer:
        async with httpx.AsyncClient(headers=self._token, trust_env=False, timeout=60) as api:
            answer = await api.request(method, self._api + path, **what)
        if answer.is_error:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()
