"""Statements written once, compiled once per dialect, and the units of work made of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import itemgetter
from typing import Any, Literal, NamedTuple, Protocol

from sqlalchemy import TextClause, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql import ClauseElement

from storage.errors import StorageError

Dialect = Literal["sqlite", "postgresql"]
Params = Mapping[str, Any]
Queue = Literal["events", "intents", "timers"]
Pieces = Mapping[str, Mapping[Dialect, str]]

_DIALECTS = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": asyncpg.dialect(),  # type: ignore[no-untyped-call]
}
_RETURNS = re.compile(r"^\s*SELECT\b|\bRETURNING\b")
_KEYED = re.compile(r"\bRETURNING id\b")
QUOTED: Mapping[Dialect, str] = {"sqlite": "json_quote", "postgresql": "to_json"}
"""What makes a text part of a JSON document, as in `{quoted}(name)`, for a statement with such a piece."""
_FRAGMENTS: dict[str, Mapping[Dialect, str]] = {
    "{skip_locked}": {"sqlite": "", "postgresql": "FOR UPDATE SKIP LOCKED"},
    "{share}": {"sqlite": "", "postgresql": "FOR SHARE"},
    "{each}": {"sqlite": "json_each", "postgresql": "json_array_elements_text"},
    "{json}": {"sqlite": "TEXT", "postgresql": "JSON"},
}


class Row(Protocol):
    """One row of an answer, by column name or position: sqlite3.Row and asyncpg.Record both are."""

    def __getitem__(self, key: str | int, /) -> Any:
        """The value of a column."""

    def keys(self) -> Iterator[str]:
        """The names of the columns."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The text a driver takes and the names of its positional parameters, in order."""

    text: str
    names: tuple[str, ...]
    pick: Callable[[Params], Sequence[Any]]  # the values of these names
    fixed: Params
    returns: bool  # whether it answers with rows
    keyed: bool  # whether the parameter `id` tells these rows apart
    columns: frozenset[str] = frozenset()  # parameters that are lists, one value a row; see `storage.many`
    by_row: bool = False  # whether the driver takes these row by row
    patient: bool = False  # whether it takes long, so that nothing should wait for it
    by_keys: bool = True  # whether no table is to be read whole for it

    def arrange(self, params: Params) -> Sequence[Any]:
        """Put named parameters into the driver's order; a forgotten one is a KeyError naming it."""
        if self.by_row:
            return list(
                zip(
                    *(params[name] if name in self.columns else repeat(params[name]) for name in self.names),
                    strict=False,
                )
            )
        return self.pick({**self.fixed, **params} if self.fixed else params)


class Statement:
    """One SQL statement: text with `:name` parameters, or a SQLAlchemy Core expression.

    Words in braces become what each dialect calls them: see `_FRAGMENTS`. A list of any length is one parameter,
    JSON text, read as rows by `SELECT value FROM {each}(CAST(:names AS {json}))`. For many rows see `storage.many`.
    """

    __slots__ = ("_by_keys", "_columns", "_compiled", "_patient", "_pieces", "_source")

    def __init__(
        self,
        source: str | ClauseElement,
        *,
        pieces: "Pieces | None" = None,
        columns: Iterable[str] = (),
        patient: bool = False,
        by_keys: bool = False,
    ) -> None:
        self._source = source
        self._pieces = {**_FRAGMENTS, **(pieces or {})}
        self._columns = frozenset(columns)
        self._patient = patient
        self._by_keys = by_keys or not patient
        self._compiled: dict[Dialect, Compiled] = {}

    def on(self, dialect: Dialect) -> Compiled:
        """The compiled form for a dialect, made at first use."""
        found = self._compiled.get(dialect)
        if found is None:
            found = self._compiled[dialect] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> Compiled:
        source = self._source
        if isinstance(source, str):
            for fragment, meaning in self._pieces.items():
                source = source.replace(fragment, meaning[dialect])
            source = text(source)
        built = source.compile(dialect=_DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
        words, names = str(built), tuple(built.positiontup or ())  # type: ignore[attr-defined]
        return Compiled(
            words,
            names,
            _picker(names),
            {} if isinstance(source, TextClause) else built.params,
            returns=bool(_RETURNS.search(words)),
            keyed="id" in names and bool(_KEYED.search(words)),
            columns=self._columns,
            by_row=bool(self._columns) and dialect == "sqlite",
            patient=self._patient or bool(self._columns),
            by_keys=self._by_keys,
        )

    def __repr__(self) -> str:
        return f"Statement({self._source})"


def _picker(names: tuple[str, ...]) -> Callable[[Params], Sequence[Any]]:
    """What `itemgetter` does at the speed of C, which takes two names or more to answer with a tuple."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda params: [params[name] for name in names]


def upsert(table: str, keys: Iterable[str], values: Iterable[str], *, when: str = "") -> Statement:
    """INSERT … ON CONFLICT (keys) DO UPDATE of `values`, whose parameters are named like the columns.

    `when` is a condition on `table.column` and `excluded.column` under which an existing row is replaced,
    such as "excluded.changed_at >= relations.changed_at". Without `values` an existing row stays as it is.
    """
    keys, values = tuple(keys), tuple(values)
    columns = keys + values
    change = ", ".join(f"{name} = excluded.{name}" for name in values)
    action = f"UPDATE SET {change}" + (f" WHERE {when}" if when else "") if values else "NOTHING"
    return Statement(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO {action}"
    )


def insert(table: str, columns: Iterable[str], *, unless: str = "") -> Statement:
    """INSERT of `columns`, whose parameters are named like them; `unless` names a unique key that may exist."""
    columns = tuple(columns)
    tail = f" ON CONFLICT ({unless}) DO NOTHING" if unless else ""
    return Statement(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})" + tail
    )


Answer = Sequence[Row]
"""The rows that a step returned (RETURNING), or none."""


class Step(NamedTuple):
    """A statement with its parameters inside a unit.

    `rows` is how many it must touch, else the unit fails; `then` hears the answer when the unit is committed.
    """

    statement: Statement
    params: Params
    rows: int | None = None
    then: Callable[[Answer], None] | None = None


@dataclass(slots=True)
class Unit:
    """Writes that happen together or not at all, in this order, in one short transaction.

    A unit is collected while the work goes on (reading, asking WeCom) and takes no lock until it is committed.
    """

    steps: list[Step] = field(default_factory=list)
    stirs: set[Queue] = field(default_factory=set)  # where its commit makes work

    @classmethod
    def of(cls, units: "Iterable[Unit]") -> "Unit":
        """Several units as one."""
        whole = cls()
        for unit in units:
            whole.steps += unit.steps
            whole.stirs |= unit.stirs
        return whole

    def add(self, statement: Statement, params: Params | None = None, /, **named: Any) -> None:
        """Write with this statement when the unit is committed."""
        self.steps.append(Step(statement, named if params is None else params))

    def guard(self, statement: Statement, /, *, rows: int = 1, **named: Any) -> None:
        """Like `add`, but the whole unit is undone with `LostLease` unless exactly `rows` rows are touched."""
        self.steps.append(Step(statement, named, rows))

    def ask(self, statement: Statement, params: Params, then: Callable[[Answer], None]) -> None:
        """Like `add`, and hear what it returned as soon as the unit is committed."""
        self.steps.append(Step(statement, params, None, then))

    def answer(self, answers: Sequence[Answer]) -> None:
        """Tell those who asked; for whoever has committed the unit."""
        for step, answer in zip(self.steps, answers, strict=True):
            if step.then:
                step.then(answer)


Result = list[Answer] | StorageError
"""What became of a unit: the answers of its steps, or why nothing of it happened."""
