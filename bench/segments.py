"""Segments: how long it takes to count a million customers by four clauses, and to bring a segment up to date."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from bench import crowd, machine
from bench.stores import Stores
from bench.table import Table, Target, percentile
from sop.segments import Draft, compare
from storage import conditions
from storage.database import Database, connect
from storage.scope import Scope
from storage.store import Store
from storage.values import to_ms

PEOPLE = 1_000_000
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
TARGET = Target("<", 500)  # ms
STRETCH = 10_000  # customers that a step of a refresh looks at
TREES: dict[str, dict[str, Any]] = {
    "a tag of 1 %": {
        "all": [
            {"tag": ["et3"]},
            {"stage": ["won", "repeat"]},
            {"did": {"event": "order_paid", "since_days": 180}},
            {"not": {"lost": True}},
        ]
    },
    "a tag of 5 %": {
        "all": [
            {"tag": ["et1"]},
            {"score": {"least": 40}},
            {"replied": True},
            {"not": {"did": {"event": "order_paid", "since_days": 30}}},
        ]
    },
    "large orders lately": {
        "all": [
            {"did": {"event": "order_paid", "since_days": 30, "where": {"amount": {"least": 100}}}},
            {"score": {"least": 50}},
            {"days_since_added": {"most": 365}},
            {"not": {"tag": ["et2"]}},
        ]
    },
    "one member's": {"all": [{"staff": ["u77"]}, {"tag": ["et5"]}, {"stage": ["won", "new"]}, {"not": {"lost": True}}]},
    "recency, frequency, money": {
        "all": [
            {"rfm": {"recency": {"most": 90}, "frequency": {"least": 2}, "monetary": {"least": 500}}},
            {"tag": ["et5"]},
            {"stage": ["repeat"]},
            {"not": {"silent_days": {"least": 180}}},
        ]
    },
    "frequent tests only": {
        "all": [
            {"tag": ["et2"]},
            {"replied": True},
            {"days_since_added": {"most": 365}},
            {"not": {"did": {"event": "order_paid", "since_days": 30}}},
        ]
    },
    "what they are not": {
        "all": [
            {"not": {"lost": True}},
            {"not": {"tag": ["et1"]}},
            {"silent_days": {"least": 30}},
            {"not": {"groups": {"least": 1}}},
        ]
    },
}
"""Conditions of four clauses, from those with a rare test to those that only a look at everybody can answer."""


async def measure(stores: Stores, table: Table, *, quick: bool, customers: int = 0) -> None:
    """Run on the service's core, in this process; PostgreSQL may use the others."""
    people, turns = customers or (PEOPLE // 10 if quick else PEOPLE), 5 if quick else 20
    table.title(f"Segments over {people:,} customers: a count by four clauses, p95 of {turns}")
    os.sched_setaffinity(0, {machine.SERVER})
    try:
        for kind in stores.kinds:
            url = await stores.fresh(kind)
            await crowd.settle(url, people, now=to_ms(NOW))
            database = connect(url)
            await database.open()
            try:
                for name, tree in TREES.items():
                    await _count(kind, name, tree, database, table, turns=turns)
                await _refresh(kind, database, table, people=people)
            finally:
                await database.close()
    finally:
        os.sched_setaffinity(0, machine.OTHERS)


async def _count(kind: str, name: str, tree: dict[str, Any], database: Database, table: Table, *, turns: int) -> None:
    """As a preview counts; where that is an estimate, the exact number and what it costs stand beside it."""
    scope = Scope(database=database, corp_id="ww1", app="crm", now=NOW)
    found, spans = conditions.Count(0), []
    for _ in range(turns):
        began = time.perf_counter()
        found = await conditions.count(scope, tree, NOW)
        spans.append((time.perf_counter() - began) * 1000)
    beside = f"{found.number:,}"
    if found.margin:
        began = time.perf_counter()
        (row,) = await (await conditions.pick(scope, tree, NOW)).fetch(scope, "COUNT(*) AS count")
        exact = (time.perf_counter() - began) * 1000
        beside = f"≈ {found.number:,} ± {found.margin:,}; {row['count']:,} exactly in {exact:,.0f} ms"
    table.row(f"{kind}: {name}", percentile(spans, 0.95), "ms", beside=beside, target=TARGET)


async def _refresh(kind: str, database: Database, table: Table, *, people: int) -> None:
    """The first refresh of a segment, in the steps of its job, and another that moves nobody."""
    store = _store(database)
    segment = store.segments.add(Draft(name="bench", condition=TREES["a tag of 5 %"]))
    await store.commit()
    for turn in ("first refresh", "refresh that moves nobody"):
        store = _store(database)
        fresh = await store.segments.get(segment.id)
        assert fresh is not None
        run = store.segments.begin(fresh, 1)
        await store.commit()
        began, after, slowest = time.perf_counter(), "", 0.0
        while after is not None:
            step = time.perf_counter()
            store = _store(database)
            upto = await store.segments.stretch(after, STRETCH)
            matching = await store.segments.matching(fresh, after=after, upto=upto)
            entered, left = compare(matching, await store.segments.inside(fresh.id, after=after, upto=upto))
            store.segments.move(fresh.id, run, entered=entered, left=left)
            await store.commit()
            after, slowest = upto, max(slowest, time.perf_counter() - step)
        rate = people / (time.perf_counter() - began)
        table.row(f"{kind}: {turn}", rate, "customers/s", beside=f"slowest step {slowest * 1000:.0f} ms")


def _store(database: Database) -> Store:
    return Store(Scope(database=database, corp_id="ww1", app="crm", now=NOW))
