"""What an event brought with it, compared in SQL: the JSON text `x.facts`, value by value of its own kind."""

from collections.abc import Mapping
from typing import Any

from sop.conditions.compare import is_number
from storage.conditions.writer import Writer, both, either
from storage.values import encode


def meets(writer: Writer, name: str, wanted: Mapping[str, Any]) -> str:
    """Whether what stands under a name meets a comparison; NULL where it is missing."""
    values = [*wanted.get("in", ()), *([wanted["equals"]] if "equals" in wanted else [])]
    if "in" in wanted and "equals" in wanted:
        apart = ({"in": wanted["in"]}, {each: wanted[each] for each in wanted if each != "in"})
        return both([meets(writer, name, part) for part in apart])
    write = _on_sqlite if writer.dialect == "sqlite" else _on_postgresql
    return both(write(writer, name, wanted, values))


def _on_sqlite(writer: Writer, name: str, wanted: Mapping[str, Any], values: list[Any]) -> list[str]:
    path = writer.text(f'$."{name}"')
    kind, found = f"json_type(x.facts, {path})", f"json_extract(x.facts, {path})"
    number = f"{kind} IN ('integer', 'real')"
    tests = []
    if values:
        texts = [value for value in values if isinstance(value, str)]
        numbers = [value for value in values if is_number(value)]
        flags = [f"{kind} = '{str(value).lower()}'" for value in values if isinstance(value, bool)]
        parts = [both([f"{kind} = 'text'", writer.among(found, texts)])] if texts else []
        parts += [both([number, writer.among(found, numbers, "DOUBLE PRECISION")])] if numbers else []
        tests.append(either([*parts, *flags]))
    if "contains" in wanted:
        tests += [f"{kind} = 'text'", f"{writer.place(found, wanted['contains'])} > 0"]
    if "least" in wanted or "most" in wanted:
        tests += [number, *writer.between(found, wanted)]
    return tests


def _on_postgresql(writer: Writer, name: str, wanted: Mapping[str, Any], values: list[Any]) -> list[str]:
    found = f"(CAST(x.facts AS JSONB) -> {writer.text(name)})"
    word, kind = f"({found} #>> '{{}}')", f"jsonb_typeof({found})"
    tests = []
    if values:
        listed = writer.text(encode(values))
        tests.append(f"{found} IN (SELECT value FROM jsonb_array_elements(CAST({listed} AS JSONB)) AS value)")
    if "contains" in wanted:
        tests += [f"{kind} = 'string'", f"{writer.place(word, wanted['contains'])} > 0"]
    if "least" in wanted or "most" in wanted:
        number = f"CASE WHEN {kind} = 'number' THEN CAST({word} AS DOUBLE PRECISION) END"
        tests += writer.between(number, wanted)
    return tests
