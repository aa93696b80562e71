"""Whose rows are meant: user ids, however many, are one parameter of one statement."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.values import encode

Staff = Collection[str] | None
"""The members whose rows are meant; None for everybody's, empty for nobody's."""

MEANT = "(CAST(:staff AS TEXT) IS NULL OR user_id IN (SELECT value FROM {each}(CAST(:staff AS {json}))))"
"""The condition on `user_id` inside a `Statement`; its parameter is made by `name`."""

FOLLOWED = """(CAST(:staff AS TEXT) IS NULL OR EXISTS (
    SELECT 1 FROM relations AS seen WHERE seen.corp_id = :corp_id AND seen.external_user_id = {customer}
      AND seen.user_id IN (SELECT value FROM {{each}}(CAST(:staff AS {{json}})))))"""
"""The condition that one of them follows or followed the customer in a column, named by `.format(customer=…)`."""


def name(staff: Staff) -> str | None:
    """The parameter `:staff` of `MEANT`."""
    return None if staff is None else encode(sorted(staff))


def among(column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """The same as a condition of SQLAlchemy's: a column of text is one of these values."""
    rows = _Each(literal(encode(sorted(values)))).table_valued("value")
    return column.in_(select(rows.c.value))


def holds(column: ColumnElement[Any], value: int) -> ColumnElement[bool]:
    """A column with a JSON list contains a number."""
    rows = _Each(column).table_valued("value")
    return literal(str(value)).in_(select(cast(rows.c.value, Text)))


class _Each(FunctionElement[Any]):
    """The texts of a JSON list, as rows."""

    inherit_cache = True


@compiles(_Each, "sqlite")
def _on_sqlite(element: _Each, compiler: Any, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Each, "postgresql")
def _on_postgresql(element: _Each, compiler: Any, **options: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **options)} AS JSON))"
