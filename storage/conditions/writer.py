"""Writing conditions as SQL: values become parameters, and what the two stores say differently is said here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sop.conditions.forms import MOST_PAID
from storage.engine.sql import Dialect
from storage.values import encode, to_ms

_LISTED = 50  # values that SQLite is given one by one: it reads longer lists from JSON
_DAY = 86_400_000
_EVER = 10**6  # days
NEVER, ALWAYS = "1 = 0", "1 = 1"


class Writer:
    """Collects the parameters of one statement; `:corp_id` is filled in by the scope."""

    def __init__(self, dialect: Dialect, now: datetime, zone: ZoneInfo) -> None:
        self.dialect = dialect
        self.now = now
        self.today = now.astimezone(zone).date()
        self.params: dict[str, Any] = {}

    def put(self, value: Any, kind: str) -> str:
        """A value as a parameter of a type: TEXT, BIGINT, DOUBLE PRECISION."""
        name = f"v{len(self.params)}"
        self.params[name] = value
        return f"CAST(:{name} AS {kind})" if self.dialect == "postgresql" else f":{name}"

    def text(self, value: str) -> str:
        """A text."""
        return self.put(value, "TEXT")

    def number(self, value: float) -> str:
        """A number that need not be whole."""
        return self.put(float(value), "DOUBLE PRECISION")

    def whole(self, value: int) -> str:
        """A whole number."""
        return self.put(value, "BIGINT")

    def among(self, column: str, values: Collection[Any], kind: str = "TEXT") -> str:
        """A column is one of the values."""
        wanted: Sequence[Any] = sorted(set(values))
        if not wanted:
            return NEVER
        if len(wanted) == 1:
            return f"{column} = {self.put(wanted[0], kind)}"
        if self.dialect == "postgresql":
            return f"{column} = ANY({self.put(wanted, f'{kind}[]')})"
        if len(wanted) <= _LISTED:
            return f"{column} IN ({', '.join(self.put(each, kind) for each in wanted)})"
        return f"{column} IN (SELECT value FROM json_each({self.put(encode(wanted), 'TEXT')}))"

    def since(self, moment: str, days: int) -> str:
        """A column of moments is so many whole days ago, or longer."""
        return f"{moment} <= {self.whole(to_ms(self.now) - min(days, _EVER) * _DAY)}"

    def ago(self, moment: str, least: int | None, most: int | None) -> str:
        """A column of moments is from `least` to `most` whole days ago."""
        parts = [] if least is None else [self.since(moment, least)]
        parts += [] if most is None else [f"NOT {self.since(moment, min(most, _EVER) + 1)}"]
        return both(parts)

    def moment(self, moment: datetime) -> str:
        """A moment."""
        return self.whole(to_ms(moment))

    def between(self, column: str, ends: Mapping[str, float]) -> list[str]:
        """A number is at least and at most so much, where it is there at all."""
        tests = [f"{column} >= {self.number(ends['least'])}"] if "least" in ends else []
        return [*tests, f"{column} <= {self.number(ends['most'])}"] if "most" in ends else tests

    def place(self, column: str, piece: str) -> str:
        """Where a text first contains a piece, counted from 1; 0 where it does not."""
        return f"{'INSTR' if self.dialect == 'sqlite' else 'STRPOS'}({column}, {self.text(piece)})"

    def cents(self, name: str) -> str:
        """The amount under a name in the data of `x`, in hundredths; NULL where there is none. See `deeds.cents`."""
        if self.dialect == "sqlite":
            path = self.text(f'$."{name}"')
            amount, kind = f"json_extract(x.facts, {path})", f"json_type(x.facts, {path}) IN ('integer', 'real')"
            whole = "CAST({0} AS INTEGER)"
        else:
            found = f"(CAST(x.facts AS JSONB) -> {self.text(name)})"
            amount = f"CAST({found} #>> '{{}}' AS DOUBLE PRECISION)"
            kind, whole = f"jsonb_typeof({found}) = 'number'", "CAST(TRUNC({0}) AS BIGINT)"
        hundredths = whole.format(f"{amount} * 100 + CASE WHEN {amount} < 0 THEN -0.5 ELSE 0.5 END")
        return f"CASE WHEN {kind} THEN CASE WHEN ABS({amount}) <= {MOST_PAID} THEN {hundredths} END END"


def both(parts: Sequence[str]) -> str:
    """All of the parts."""
    return " AND ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts) or ALWAYS


def either(parts: Sequence[str]) -> str:
    """One of the parts."""
    return " OR ".join(f"({part})" for part in parts) if len(parts) > 1 else "".join(parts) or NEVER
