"""Callbacks a second, verified, decrypted, parsed and on disk before the 200; and how long each waits at half of it."""

import asyncio
import statistics
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import chain

from bench import letters, machine
from bench.child import Child, child
from bench.load import Tally, press, stream
from bench.stores import Stores
from bench.table import Table, Target, percentile

ROUNDS = 3
LANES = 64
NAMES = {
    "bare": "a bare handler that reads the body",
    "unstored": "ours without storage",
    "sqlite": "ours, on disk in SQLite",
    "postgresql": "ours, on disk in PostgreSQL",
}


async def measure(stores: Stores, table: Table, *, quick: bool) -> None:
    seconds = 1.5 if quick else 5.0
    table.title(f"Callbacks a second ({LANES} connections, {ROUNDS} rounds of {seconds:g} s in turn, the median)")
    async with AsyncExitStack() as stack:
        servers = {
            peer: await stack.enter_async_context(child("peers", {machine.SERVER}, peer=peer)) for peer in _PEERS
        }
        for kind in stores.kinds:
            servers[kind] = await stack.enter_async_context(await _service(kind, stores))
        rates = await _race(servers, seconds, table)
        table.title(f"Waiting for the 200 at half of that rate (fixed rate for {seconds:g} s)")
        for kind in stores.kinds:
            await _wait(servers[kind], kind, rates[kind] / 2, seconds=seconds, table=table)


_PEERS = ("bare", "unstored")


async def _service(kind: str, stores: Stores):
    return child(
        "service",
        {machine.SERVER},
        role="web",
        database=await stores.fresh(kind),
        folder=str(stores.folder),
        api_base="http://127.0.0.1:9",
        corp_id=letters.CORP,
        app=letters.APP,
        agent_id=1000002,
        secret="x" * 43,
        token=letters.TOKEN,
        encoding_aes_key=letters.KEY,
    )


async def _race(servers: dict[str, Child], seconds: float, table: Table) -> dict[str, float]:
    """Everyone in turn, several times, so that a noisy moment of the machine strikes all alike."""
    rates: dict[str, list[float]] = defaultdict(list)
    costs: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS):
        fresh = await letters.write(number * 10**6, int(seconds * 6000))
        for name, server in servers.items():
            before = machine.usage(server.pid).cpu
            # The bare handler may be faster than letters are written: to it they are all the same.
            tally = await press(server.hello["port"], chain(fresh, fresh if name in _PEERS else ()), seconds=seconds)
            _check(tally, name)
            rates[name].append(tally.rate)
            costs[name].append((machine.usage(server.pid).cpu - before) / len(tally.waits) * 1e6)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, rate in medians.items():
        ratio = statistics.median(mine / bare for mine, bare in zip(rates[name], rates["bare"], strict=True))
        cost = f"{statistics.median(costs[name]):.0f} µs of CPU each"
        table.row(NAMES[name], rate, "/s", beside=cost)
        if name not in _PEERS:
            table.row("  of the bare handler", ratio, "×", target=Target("≥", 0.6))
            table.row("  of ours without storage", rate / medians["unstored"], "×")
    return medians


async def _wait(server: Child, kind: str, rate: float, *, seconds: float, table: Table) -> None:
    requests = await letters.write(10**8, int(rate * seconds) + 1)
    await asyncio.sleep(0.5)
    tally = await stream(server.hello["port"], iter(requests), rate=rate, seconds=seconds)
    _check(tally, kind)
    p50, p99 = (percentile(tally.waits, part) * 1000 for part in (0.5, 0.99))
    table.row(f"{NAMES[kind]}: p99", p99, "ms", beside=f"p50 {p50:.1f} ms at {tally.rate:,.0f}/s")


def _check(tally: Tally, name: str) -> None:
    if tally.refused:
        raise RuntimeError(f"{name}: {tally.refused} of {len(tally.waits)} callbacks were not answered with 200")
