"""Conditions as SQL: which customers meet one, looked for among those who meet its rarest test."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sop.conditions import Tree
from storage.conditions.sources import SOURCES, Bounds, Source
from storage.conditions.ties import TIES
from storage.conditions.writer import ALWAYS, NEVER, Writer, both, either
from storage.engine.sql import Row, Statement
from storage.scope import Scope
from storage.settings import Settings

FREQUENT = 100_000  # rows of a test that is not rare
_CAPS = (20_000, FREQUENT)  # up to which they are counted
_KNOWN = "EXISTS (SELECT 1 FROM customers AS x WHERE x.corp_id = :corp_id AND x.external_user_id = c.external_user_id)"
Stretch = tuple[str, str | None]
"""After which customer, and up to which, is looked."""
EVERYBODY: Stretch = ("", None)


@dataclass(frozen=True, slots=True)
class Picked:
    """The customers c who meet a condition: where they are looked for, and what they must be like."""

    rows: str
    test: str
    params: Mapping[str, Any]
    guess: int | None = None  # rows of the rarest test, counted up to `FREQUENT`; None where there is no telling
    few: bool = False  # rather look each of them up than read whole tables

    async def fetch(self, scope: Scope, columns: str, then: str = "", /, **more: Any) -> Sequence[Row]:
        """Read something of them; `then` goes on with the condition: "AND … ORDER BY …"."""
        text = f"SELECT {columns} FROM {self.rows} WHERE {self.test} {then}"
        return await scope.fetch(_statement(text, by_keys=self.few), **self.params, **more)


async def pick(
    scope: Scope, tree: Tree, now: datetime, *, staff: Collection[str] | None = None, between: Stretch = EVERYBODY
) -> Picked:
    """The customers who meet a checked condition; with `staff` only those whom one of these members knows."""
    writer = Writer(scope.database.dialect, now, (await Settings(scope).voice()).zone)
    parts = parts_of(tree, staff)
    sources = [_source(part, writer) for part in parts]
    bounds = _bound(writer, *between)
    guesses = await _guess(scope, writer, sources, bounds)
    best = min(guesses, key=lambda at: guesses[at], default=None)
    found = None if best is None else sources[best]
    checked = [at for at in range(len(parts)) if at != best or (found and found.rough)]
    tests = [f"({condition(parts[at], writer)})" for at in sorted(checked, key=_dear(sources, guesses))]
    if best is None or found is None:
        own = f"SELECT external_user_id FROM customers AS x WHERE x.corp_id = :corp_id{bounds('x.external_user_id')}"
        return Picked(f"({own}) AS c", " AND ".join(tests), writer.params)
    return Picked(f"({found.people(bounds)}) AS c", " AND ".join([*tests, _KNOWN]), writer.params, guesses[best])


def _dear(sources: Sequence[Source | None], guesses: Mapping[int, int]) -> Callable[[int], tuple[bool, int]]:
    """In which order the tests of a customer are made: those that have to read what rows hold come last."""

    def rank(at: int) -> tuple[bool, int]:
        source = sources[at]
        return bool(source and source.rough), guesses.get(at, FREQUENT)

    return rank


def _bound(writer: Writer, after: str, upto: str | None) -> Bounds:
    first = f" AND {{0}} > {writer.text(after)}" if after else ""
    last = "" if upto is None else f" AND {{0}} <= {writer.text(upto)}"
    return (first + last).format


def condition(tree: Tree, writer: Writer, *, tied: bool = False) -> str:
    """A checked condition on a customer c, true or false and never NULL; `tied`: to the relation x."""
    for name, value in tree.items():
        match name:
            case "all":
                return both([condition(part, writer, tied=tied) for part in value])
            case "any":
                return either([condition(part, writer, tied=tied) for part in value])
            case "not":
                return f"NOT ({condition(value, writer, tied=tied)})"
            case "relation":
                test = condition(value, writer, tied=True)
                return test if tied else Source(rows="relations AS x", test=f"({test})").exists()
            case _:
                return f"({TIES[name](writer, value)})" if tied and name in TIES else _exists(name, value, writer)
    return NEVER


def _exists(name: str, value: Any, writer: Writer) -> str:
    source = SOURCES[name](writer, value)
    return ALWAYS if source is None else source.exists()


def parts_of(tree: Tree, staff: Collection[str] | None = None) -> Sequence[Tree]:
    """The conditions all of which must hold; with `staff` one of these members knows the customer, too."""
    parts = [part for each in tree["all"] for part in parts_of(each)] if "all" in tree else [tree]
    return parts if staff is None else [*parts, {"staff": sorted(staff)}]


def _source(part: Tree, writer: Writer) -> Source | None:
    """The rows of those who meet a test, where an index leads to them."""
    ((name, value),) = part.items()
    source = SOURCES[name](writer, value) if name in SOURCES else None
    return source if source and source.indexed and not source.negated else None


async def _guess(scope: Scope, writer: Writer, sources: Sequence[Source | None], bounds: Bounds) -> dict[int, int]:
    """How many rows the tests have of which that is quickly told: those of a rare one are counted, if there is any."""
    counted = {at: source for at, source in enumerate(sources) if source}
    guesses: dict[int, int] = {}
    for cap in _CAPS if counted else ():
        columns = [f"{source.guess(cap, bounds)} AS g{at}" for at, source in counted.items()]
        (row,) = await scope.fetch(_statement(f"SELECT {', '.join(columns)}"), **writer.params)
        guesses = {at: int(row[f"g{at}"]) for at in counted}
        if min(guesses.values()) < cap:
            break
    return guesses


@lru_cache(maxsize=512)
def _statement(text: str, *, by_keys: bool = False) -> Statement:
    """The statement of a text: conditions that differ only in their values share it."""
    return Statement(text, patient=True, by_keys=by_keys)
