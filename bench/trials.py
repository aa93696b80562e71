"""Trials: how long a week of a flow takes for ten thousand made-up customers, and whether memory stays flat."""

import json
import os
import time
from datetime import UTC, datetime

import psutil

from bench import machine
from bench.stores import Stores
from bench.table import Table, Target
from bot.trials.spec import Spec
from bot.trials.trial import run_trial
from sop.flows import document
from sop.flows.templates import TEMPLATES

DAYS = 7
MOST_SECONDS, MOST_GROWTH = 20.0, 1.1
_START = datetime(2026, 11, 23, tzinfo=UTC)


async def measure(_: Stores, table: Table, *, quick: bool) -> None:
    """Run on the service's core, in this process, on the database of a trial."""
    customers = 1000 if quick else 10_000
    table.title(f"Trials: {DAYS} days of a flow simulated over {customers:,} customers")
    os.sched_setaffinity(0, {machine.SERVER})
    try:
        for name in ("new_customer", "cart_unpaid"):
            await _measure(name, table, customers=customers)
    finally:
        os.sched_setaffinity(0, machine.OTHERS)


async def _measure(name: str, table: Table, *, customers: int) -> None:
    days: dict[int, float] = {}
    me = psutil.Process()

    def note(share: float) -> None:
        days[int(share * DAYS)] = me.memory_info().rss / 1e6

    flow = json.loads(document.dump(TEMPLATES[name].flow("zh")))
    began = time.perf_counter()
    report = await run_trial(Spec(document=flow, start=_START, days=DAYS, customers=customers, staff=100), note)
    seconds = time.perf_counter() - began
    beside = f"{sum(report.sent.values()):,} messages"
    table.row(name, seconds, "s", beside=beside, target=Target("<", MOST_SECONDS))
    first, last = days[1], days[max(day for day in days if day < DAYS)]
    table.row("  memory of the last day", last / first, "of that of the first", target=Target("<", MOST_GROWTH))
