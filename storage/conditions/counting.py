"""How many customers meet a condition: counted where one of its tests is rare, else estimated from a sample."""

import math
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sop.conditions import Tree
from storage.conditions.selecting import FREQUENT, Picked, condition, parts_of, pick
from storage.conditions.writer import Writer
from storage.engine.sql import Statement
from storage.scope import Scope
from storage.settings import Settings

_STRETCHES, _EACH = 16, 1500  # of the sample: ids alike are neighbours, so it is taken all over the list
_SURE = 1.96  # of a normal distribution: 19 times of 20
_TOTAL = Statement("SELECT COUNT(*) AS count FROM customers WHERE corp_id = :corp_id", patient=True)
_NEXT = Statement(
    """
    SELECT external_user_id FROM customers WHERE corp_id = :corp_id AND external_user_id > :after
    ORDER BY external_user_id LIMIT 1 OFFSET :most
    """,
    patient=True,
)


class Count(NamedTuple):
    """How many; `margin` is how far off that may be, 19 times of 20: 0 where they were counted."""

    number: int
    margin: int = 0


async def count(scope: Scope, tree: Tree, now: datetime, *, staff: Collection[str] | None = None) -> Count:
    """How many customers meet a checked condition; with `staff` only those whom one of these members knows."""
    picked = await pick(scope, tree, now, staff=staff)
    if picked.guess is not None and picked.guess < FREQUENT:
        return Count(await _count(scope, picked))
    (row,) = await scope.fetch(_TOTAL)
    total = int(row["count"])
    if total <= FREQUENT // 2:
        return Count(await _count(scope, picked))
    return await _estimate(scope, tree, now, staff=staff, total=total)


async def _count(scope: Scope, picked: Picked) -> int:
    (row,) = await picked.fetch(scope, "COUNT(*) AS count")
    return int(row["count"])


async def _estimate(scope: Scope, tree: Tree, now: datetime, *, staff: Collection[str] | None, total: int) -> Count:
    writer = Writer(scope.database.dialect, now, (await Settings(scope).voice()).zone)
    test = " AND ".join(f"({condition(part, writer)})" for part in parts_of(tree, staff))
    stretches = [
        f"SELECT * FROM (SELECT x.external_user_id FROM customers AS x WHERE x.corp_id = :corp_id"
        f" AND x.external_user_id > {writer.text(after)} ORDER BY x.external_user_id LIMIT {_EACH}) AS s{at}"
        for at, after in enumerate(await _spread(scope, total))
    ]
    picked = Picked(f"({' UNION ALL '.join(stretches)}) AS c", test, writer.params, few=True)
    size, found = len(stretches) * _EACH, await _count(scope, picked)
    share = (found + 2) / (size + 4)  # Agresti and Coull: right for shares near 0 and 1 too
    margin = _SURE * total * math.sqrt(share * (1 - share) / size)
    return Count(round(found * total / size), math.ceil(margin))


async def _spread(scope: Scope, total: int) -> list[str]:
    """Customers at equal distances all over the list."""
    found = [""]
    for _ in range(_STRETCHES - 1):
        rows = await scope.fetch(_NEXT, after=found[-1], most=total // _STRETCHES - 1)
        found += [row["external_user_id"] for row in rows]
    return found
