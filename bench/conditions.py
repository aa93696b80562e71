"""Conditions as closures: how many customers a second one condition is judged on."""

import os
import random
import time
from datetime import UTC, datetime, timedelta

from bench import machine
from bench.stores import Stores
from bench.table import Table, Target
from sop import conditions
from sop.conditions import Deed, Facts, Relation
from sop.fields import Value
from sop.relations import Status

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
LEAST = 200_000  # judgements a second
PAID = {"did": {"event": "order_paid", "since_days": 30, "where": {"amount": {"least": 100}}}}
TREES = {
    "one tag": {"tag": ["et1"]},
    "four clauses": {"all": [{"tag": ["et1", "et2"]}, {"stage": ["won", "repeat"]}, PAID, {"not": {"lost": True}}]},
    "four clauses, all looked at": {
        "any": [{"tag": ["et9"]}, {"stage": ["none"]}, {"silent_days": {"least": 900}}, {"score": {"least": 1000}}]
    },
    "ten clauses, two deep": {
        "all": [
            {"any": [{"tag": ["et1"]}, {"channel": ["7"]}, {"way": [16]}, {"days_since_added": {"least": 1}}]},
            {"any": [{"stage": ["none"]}, {"score": {"least": 0}}, {"groups": {"least": 1}}]},
            {"not": {"any": [{"lost": True}, {"segment": ["9"]}, PAID]}},
        ]
    },
}
"""What is judged: each on customers with one or two relations, five fields and three orders."""


async def measure(_: Stores, table: Table, *, quick: bool) -> None:
    """Run on the service's core, in this process."""
    people, rounds = _people(1000), 3 if quick else 7
    table.title("Conditions judged a second (closures; the median of several rounds over 1,000 customers)")
    os.sched_setaffinity(0, {machine.SERVER})
    try:
        for name, tree in TREES.items():
            assert conditions.check(tree) == []
            meets = conditions.compile(tree)
            rates = sorted(_rate(meets, people) for _ in range(rounds))
            share = sum(meets(facts, NOW) for facts in people) / len(people)
            rate = rates[len(rates) // 2]
            table.row(name, rate, "/s", beside=f"holds for {share:.0%}", target=Target("≥", LEAST))
        table.row("compiled again (cached)", _again(), "/s")
    finally:
        os.sched_setaffinity(0, machine.OTHERS)


def _rate(meets: conditions.Test, people: list[Facts], turns: int = 50) -> float:
    began = time.process_time()
    for _ in range(turns):
        for facts in people:
            meets(facts, NOW)
    return turns * len(people) / (time.process_time() - began)


def _again(turns: int = 20_000) -> float:
    tree = TREES["four clauses"]
    began = time.process_time()
    for _ in range(turns):
        conditions.compile(tree)
    return turns / (time.process_time() - began)


def _people(count: int) -> list[Facts]:
    pick = random.Random(7)
    return [_somebody(pick, number) for number in range(count)]


def _somebody(pick: random.Random, number: int) -> Facts:
    relations = tuple(
        Relation(
            user_id=f"u{turn}",
            status=pick.choice((Status.ACTIVE, Status.ACTIVE, Status.LOST)),
            add_way=pick.choice((1, 16)),
            channel_id=pick.choice((None, 7, 8)),
            added_at=NOW - timedelta(days=pick.randrange(1, 900)),
            replied_at=pick.choice((None, NOW - timedelta(days=pick.randrange(1, 300)))),
            tags=frozenset(tag for tag in ("et1", "et2", "et3", "et4") if pick.random() < 0.3),
        )
        for turn in range(pick.choice((1, 1, 1, 2)))
    )
    orders = tuple(
        Deed(NOW - timedelta(days=pick.randrange(90)), {"amount": pick.randrange(500), "order": f"A{turn}"})
        for turn in range(3)
    )
    fields = {name: Value("", float(pick.randrange(100))) for name in ("score", "a", "b", "c")}
    fields["stage"] = Value(pick.choice(("new", "won", "repeat", "lost")))
    return Facts(external_user_id=f"wm{number}", relations=relations, fields=fields, deeds={"order_paid": orders})
