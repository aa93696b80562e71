"""A whole page is written in one statement and read by its keys in one, the same on both stores."""

import asyncio

import pytest

from storage.engine.many import bulk, joined
from storage.engine.sql import Statement, Unit
from storage.values import encode

PUT = bulk(
    """
    INSERT INTO settings (corp_id, name, value, changed_at)
    SELECT CAST(:corp_id AS TEXT), r.name, r.value, CAST(:at AS BIGINT) FROM {rows} AS r WHERE TRUE
    ON CONFLICT (corp_id, name) DO UPDATE SET value = excluded.value
    """,
    name="TEXT",
    value="TEXT",
)
READ = joined(
    "s.name, s.value", "settings AS s", on="s.corp_id = :corp_id AND s.name = k.name", then="ORDER BY s.name",
    name="TEXT",
)  # fmt: skip
TOUCH = bulk(
    "UPDATE settings SET changed_at = :at FROM {rows} AS r WHERE corp_id = :corp_id AND settings.name = r.name",
    name="TEXT",
)
ONE = Statement("INSERT INTO settings (corp_id, name, value, changed_at) VALUES (:corp_id, :name, :value, 0)")


def page(first, last, value="x"):
    unit = Unit()
    names = [f"n{number:04d}" for number in range(first, last)]
    unit.add(PUT, corp_id="ww1", at=7, name=names, value=[value] * len(names))
    return unit


async def read(database, *names):
    rows = await database.fetch(READ, corp_id="ww1", keys=encode([[name] for name in names]))
    return [(row["name"], row["value"]) for row in rows]


async def test_a_page_is_written_whole_and_what_is_there_is_replaced(database):
    await database.commit(page(0, 500))
    await database.commit(page(499, 700, "y"))
    assert await read(database, "n0000", "n0499", "n0699", "n0700") == [("n0000", "x"), ("n0499", "y"), ("n0699", "y")]


async def test_many_pages_at_once_are_all_written_and_others_need_not_wait_for_them(database):
    ended = []

    async def write(unit, name):
        await database.commit(unit)
        ended.append(name)

    small = Unit()
    small.add(ONE, corp_id="ww1", name="small", value="1")
    pages = [write(page(number * 100, number * 100 + 100), "page") for number in range(20)]
    await asyncio.gather(*pages, write(small, "small"))
    assert ended[-1] == "page"  # of the twenty that were there before it
    assert ended.count("page") == 20
    assert len(await read(database, *(f"n{number:04d}" for number in range(2000)))) == 2000


@pytest.mark.parametrize("plans", ["generic", "custom"])
@pytest.mark.parametrize(("statement", "writes"), [(READ, False), (TOUCH, True)])
async def test_a_large_table_that_postgresql_does_not_know_yet_is_read_by_keys(database, statement, writes, plans):
    if database.dialect != "postgresql":
        return
    names = [f"n{number}" for number in range(1000)]
    keys = names if writes else encode([[name] for name in names])
    arguments = {"corp_id": "ww1", "at": 7, "name": keys, "keys": keys}
    compiled = statement.on("postgresql")
    pool = database._writing if writes else database._reading
    async with pool.acquire() as connection:
        await connection.execute(f"SET plan_cache_mode = force_{plans}_plan")
        rows = await connection.fetch(f"EXPLAIN {compiled.text}", *[arguments[name] for name in compiled.names])
    plan = "\n".join(row[0] for row in rows)
    assert "Nested Loop" in plan, plan
    assert "Seq Scan on settings" not in plan, plan
