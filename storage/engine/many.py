"""Statements for many rows at once: a page written in one, or read by its keys in one."""

from collections.abc import Mapping
from typing import Literal

from storage.engine.sql import Dialect, Statement

Kind = Literal["TEXT", "BIGINT", "DOUBLE PRECISION"]


def bulk(source: str, /, **columns: Kind) -> Statement:
    """A write of many rows at once: "INSERT INTO … SELECT r.x, … FROM {rows} AS r WHERE TRUE …".

    Each of `columns` is a parameter that holds a list, one value a row; other parameters are the same for all rows.
    SQLite takes the rows one after another, which is what it is quickest at, PostgreSQL takes the lists.
    """
    one = ", ".join(f":{name} AS {name}" for name in columns)
    lists = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in columns.items())
    rows: Mapping[Dialect, str] = {
        "sqlite": f"(SELECT {one}) AS r",
        "postgresql": f"unnest({lists}) AS r ({', '.join(columns)})",
    }
    return Statement(source, pieces={"{rows} AS r": rows}, columns=columns)


def joined(select: str, table: str, /, *, on: str, left: bool = False, then: str = "", **columns: Kind) -> Statement:
    """A read by many keys: `select` from the keys, as k, and the rows of `table` ("things AS t") that belong to them.

    `keys` is a JSON list of lists, values in the order of `columns`; with `left` keys without rows come too.
    Each key is looked up by itself: left alone, both stores would rather read all of a table of which they know little.
    """
    sqlite = ", ".join(f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
    postgresql = ", ".join(
        f"CAST(value ->> {place} AS {kind}) AS {name}" for place, (name, kind) in enumerate(columns.items())
    )
    side, alias = "LEFT" if left else "CROSS", table.rsplit(" ", 1)[-1]
    keys: Mapping[Dialect, str] = {
        "sqlite": f"(SELECT {sqlite} FROM json_each(:keys)) AS k {side} JOIN {table} ON {on}",
        "postgresql": f"""
            (SELECT {postgresql} FROM jsonb_array_elements(CAST(:keys AS JSONB)) AS value) AS k
            {side} JOIN LATERAL (SELECT * FROM {table} WHERE {on} OFFSET 0) AS {alias} {"ON TRUE" if left else ""}
        """,
    }
    source = f"SELECT {select} FROM {{joined}} {then}"
    return Statement(source, pieces={"{joined}": keys}, patient=True, by_keys=True)
