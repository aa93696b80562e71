"""Adds from end to end: a scan at the virtual WeCom, our callback, the welcome accepted, and what it cost."""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx

from bench import machine
from bench.child import Answer, Child, child
from bench.company import WRITES
from bench.stores import Stores
from bench.table import Table, Target, percentile

CHANNELS = 10
STEADY, CALM, BURST = 500, 100, 5000  # adds a second, adds a second, adds at once
LADDER = (300, 200, 150, 125, 75, 50)
PATIENCE = 90.0  # seconds for all that an add causes
STILL = 10  # seconds without a call after which no more are expected
MOST_SECONDS, MOST_CPU, MOST_BYTES = 1.0, 1.5, 150  # p99; ms; MB


async def measure(stores: Stores, table: Table, *, quick: bool) -> None:
    table.title(
        "Adds end to end, virtual WeCom with 50 ms on every call (waits are from the callback's first delivery)"
    )
    table.note("an add is 1 callback in, 1 read (customer), 4 writes (welcome, tags, remark, prompt with card),")
    table.note("seven handlers of the add and three of the ends of writes, 5 decisions and 4 facts written")
    seconds = 4 if quick else 20
    for kind in stores.kinds:
        await _measure(kind, stores, table, seconds=seconds, burst=BURST // 10 if quick else BURST)


async def _measure(kind: str, stores: Stores, table: Table, *, seconds: int, burst: int) -> None:
    async with _stage(kind, stores) as stage:
        calm = await stage.run(CALM * seconds, CALM)
        calm.report(f"{kind}: {CALM} adds/s for {seconds} s", table)
        steady = await stage.run(STEADY * seconds, STEADY)
        steady.report(f"{kind}: {STEADY} adds/s for {seconds} s", table, Target("<", MOST_SECONDS))
        if not steady.carried:
            await _descend(kind, stage, table, seconds=seconds)
        storm = await stage.run(burst, 0)
        storm.report(f"{kind}: {burst} adds at once", table)
        table.row("  CPU per add, steady", calm.cpu, "ms", target=Target("≤", MOST_CPU))
        table.row("  CPU per add, burst", storm.cpu, "ms", target=Target("≤", MOST_CPU))
        peak = machine.usage(stage.service.pid).peak / 1e6
        table.row("  resident memory at most", peak, "MB", target=Target("<", MOST_BYTES))


async def _descend(kind: str, stage: "Stage", table: Table, *, seconds: int) -> None:
    """The highest rate of the ladder that this machine carries."""
    for rate in LADDER:
        result = await stage.run(rate * seconds, rate)
        if result.carried:
            result.report(f"{kind}: {rate} adds/s, the most it carries", table)
            return


class Result:
    """What became of one run."""

    def __init__(self, count: int, waits: Answer, counts: Answer, used: tuple[float, float, float]) -> None:
        cpu, other, seconds = used
        self.count = count
        self.waits = waits["since_callback"]
        self.since_add = waits["since_add"]
        self.counts = counts
        self.cpu = cpu / count * 1000
        self.busy = cpu / seconds, other / seconds

    @property
    def missed(self) -> int:
        return self.count - len(self.since_add)

    @property
    def carried(self) -> bool:
        return not self.missed and percentile(self.waits, 0.99) < MOST_SECONDS

    def report(self, name: str, table: Table, target: Target | None = None) -> None:
        p50, p99 = (percentile(self.waits, part) for part in (0.5, 0.99))
        table.row(f"{name}: p99", p99, "s", beside=f"p50 {p50:.3f} s", target=target)
        after = percentile(self.since_add, 0.99)
        table.row("  not welcomed in time", self.missed, f"of {self.count}", target=Target("=", 0))
        table.note(
            f"{self.cpu:.2f} ms of CPU per add; busy: service {self.busy[0]:.0%}, virtual WeCom {self.busy[1]:.0%};"
            f" p99 from the add itself {after:.2f} s"
        )
        odd = {key: count for key, count in self.counts.items() if not key.endswith((" 0", " 200"))}
        if odd:
            table.note(f"refusals: {odd}")


class Stage:
    """A service and a virtual WeCom that know each other."""

    def __init__(self, wecom: Child, service: Child) -> None:
        self.wecom = wecom
        self.service = service

    async def run(self, count: int, rate: float) -> Result:
        """Let customers come, wait until all that they cause is done."""
        began, mine, other = time.monotonic(), self._used(self.service), self._used(self.wecom)
        await self.wecom.ask(do="add", count=count, rate=rate)
        counts = await self._settle(count)
        seconds = time.monotonic() - began
        used = self._used(self.service) - mine, self._used(self.wecom) - other, seconds
        return Result(count, await self.wecom.ask(do="waits"), counts, used)

    async def _settle(self, count: int) -> Answer:
        """Wait until every write has been made for everyone, or nothing happens any more."""
        end, last, still = time.monotonic() + PATIENCE, {}, 0
        while time.monotonic() < end and still < STILL:
            await asyncio.sleep(1.0)
            counts = (await self.wecom.ask(do="look"))["counts"]
            if all(counts.get(f"{path} 0", 0) >= count for path in WRITES):
                break
            still, last = still + 1 if counts == last else 0, counts
        await asyncio.sleep(1.0)
        return (await self.wecom.ask(do="look"))["counts"]

    def _used(self, one: Child) -> float:
        return machine.usage(one.pid).cpu


@asynccontextmanager
async def _stage(kind: str, stores: Stores):
    async with child("company", machine.OTHERS) as wecom:
        told = {name: value for name, value in wecom.hello.items() if name != "staff"}
        order = {"role": "all", "database": await stores.fresh(kind), "folder": str(stores.folder), **told}
        async with child("service", {machine.SERVER}, **order) as service:
            await _set_up(wecom, service)
            yield Stage(wecom, service)


async def _set_up(wecom: Child, service: Child) -> None:
    """What an operator does: the callback address, a welcome for all, and channels with tags and remarks."""
    base = f"http://127.0.0.1:{service.hello['port']}"
    await wecom.ask(do="open", url=f"{base}/callback/{wecom.hello['corp_id']}/{wecom.hello['app']}")
    token = {"Authorization": f"Bearer {service.hello['token']}"}
    async with httpx.AsyncClient(base_url=f"{base}/api/v1", headers=token, trust_env=False, timeout=30) as api:
        tags = await _tags(api)
        await _post(api, "welcomes", name="corp", scope={"kind": "corp"}, text="{customer} 您好，我是{staff}")
        staff = wecom.hello["staff"]
        for number in range(CHANNELS):
            team = staff[number::CHANNELS]
            welcome = {"text": "{customer}，欢迎光临{channel}！我是您的顾问{staff}。"}
            body = {"name": f"渠道{number}", "staff": team, "tags": tags[:2], "remark": "{channel}-{customer}"}
            await _post(api, "channels", **body, welcome=welcome)
    async with asyncio.timeout(30):
        while (await wecom.ask(do="ways"))["count"] < CHANNELS:  # noqa: ASYNC110 - another process makes them
            await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)


async def _tags(api: httpx.AsyncClient) -> list[str]:
    """The service reads staff and tags when it starts; wait for both."""
    async with asyncio.timeout(60):
        while True:
            groups = (await api.get("tags")).raise_for_status().json()["groups"]
            if groups and (await api.get("staff")).raise_for_status().json()["items"]:
                return [tag["id"] for group in groups for tag in group["tags"]]
            await asyncio.sleep(0.2)


async def _post(api: httpx.AsyncClient, path: str, **body: object) -> None:
    answer = await api.post(path, json=body)
    if answer.is_error:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text}")
