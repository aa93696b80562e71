"""A unit happens whole, durably, or not at all, whoever else writes at the same time."""

import asyncio
import sqlite3

import pytest

from storage.database import Database, connect
from storage.engine.sql import Statement, Unit, upsert
from storage.errors import Conflict, LostLease, Unavailable

SET = upsert("settings", ("corp_id", "name"), ("value", "changed_at"))
ADD = Statement("INSERT INTO settings (corp_id, name, value, changed_at) VALUES ('c', :name, :value, 0)")
TOUCH = Statement("UPDATE settings SET changed_at = changed_at + 1 WHERE name = :name")
ARRIVE = Statement("""
    INSERT INTO events (id, corp_id, app, kind, lane, digest, body, origin,
                        occurred_at, received_at, deadline_at, due_at)
    VALUES (:id, 'c', 'crm', 'x', 'x', :digest, '', 'x', 0, 0, 0, 0) ON CONFLICT (digest) DO NOTHING RETURNING id
""")
READ = Statement("SELECT name, value FROM settings ORDER BY name")


def adding(name: str, value: str = "1") -> Unit:
    unit = Unit()
    unit.add(ADD, name=name, value=value)
    return unit


async def names(database: Database) -> list[str]:
    return [row["name"] for row in await database.fetch(READ)]


async def test_a_unit_is_seen_after_its_commit(database, neighbour):
    await database.commit(adding("a"))
    assert await names(database) == ["a"]
    assert await names(neighbour) == ["a"]


async def test_a_failing_unit_leaves_nothing_and_its_neighbours_alone(database):
    await database.commit(adding("taken"))
    broken = adding("first")
    broken.add(ADD, name="taken", value="2")
    units = [adding(f"n{count}") for count in range(20)]
    results = await asyncio.gather(*map(database.commit, [*units, broken]), return_exceptions=True)
    assert [result for result in results if isinstance(result, Exception)] == [results[-1]]
    assert isinstance(results[-1], Conflict)
    assert await names(database) == sorted(["taken", *(f"n{count}" for count in range(20))])


async def test_single_writes_that_conflict_fail_alone(database):
    results = await asyncio.gather(
        *(database.commit(adding(name)) for name in ("a", "b", "a", "c")), return_exceptions=True
    )
    assert [type(result) for result in results].count(Conflict) == 1
    assert await names(database) == ["a", "b", "c"]


async def test_every_unit_of_a_group_has_its_own_answers_whatever_stands_before_them(database):
    """On PostgreSQL what stands at the head of many units is one message for all of them."""
    units, heard = [], {}
    for number in range(12):
        unit = Unit()
        for step in range(number % 3):
            unit.add(SET, corp_id="c", name=f"{number}.{step}", value="", changed_at=0)
        note = heard.setdefault(number, []).append
        unit.ask(ARRIVE, {"id": number, "digest": str(number // 2)}, lambda rows, note=note: note(rows))
        unit.guard(TOUCH, name=f"{number}.0") if number % 3 else None
        units.append(unit)
    results = await database.commit_each(units)
    for number, result in enumerate(results):
        (rows,) = heard[number]
        assert [row["id"] for row in rows] == ([number] if number % 2 == 0 else [])
        assert len(result) == len(units[number].steps)
        assert result[number % 3] is rows


async def test_a_guard_that_touches_nothing_undoes_the_unit(database):
    unit = adding("x")
    unit.guard(TOUCH, name="nobody")
    with pytest.raises(LostLease):
        await database.commit(unit)
    assert await names(database) == []


async def test_an_upsert_replaces_what_is_there(database):
    for value in ("1", "2"):
        unit = Unit()
        unit.add(SET, corp_id="c", name="a", value=value, changed_at=0)
        await database.commit(unit)
    assert [(row["name"], row["value"]) for row in await database.fetch(READ)] == [("a", "2")]


async def test_a_forgotten_parameter_is_named_and_hurts_nobody(database):
    unit = Unit()
    unit.add(ADD, name="a")
    with pytest.raises(KeyError, match="value"):
        await database.commit(unit)
    await database.commit(adding("b"))
    assert await names(database) == ["b"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_locked_file_is_unavailable_and_recovers_by_itself(database, migrated_url):
    other = sqlite3.connect(migrated_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await database.commit(adding("a"))
    other.execute("ROLLBACK")
    other.close()
    await database.commit(adding("a"))
    assert await names(database) == ["a"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
async def test_a_full_disk_refuses_the_unit_and_keeps_what_was_there(database):
    await database.commit(adding("kept"))
    unit = Unit()
    unit.add(Statement("PRAGMA max_page_count = 1"))
    await database.commit(unit)
    with pytest.raises(Unavailable):
        await database.commit(adding("huge", "x" * 4_000_000))
    unit = Unit()
    unit.add(Statement("PRAGMA max_page_count = 1000000"))
    await database.commit(unit)
    await database.commit(adding("later"))
    assert await names(database) == ["kept", "later"]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_a_postgres_that_went_away_is_unavailable_and_recovers_by_itself(database, migrated_url):
    await database.commit(adding("a"))
    end = Statement("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    killer = connect(migrated_url)
    await killer.open()
    await killer.fetch(end)
    await killer.close()
    for _ in range(20):
        try:
            await database.commit(adding("b"))
        except Unavailable:
            continue
        break
    assert await names(database) == ["a", "b"]


def test_a_url_of_something_else_is_refused():
    with pytest.raises(ValueError, match="use sqlite"):
        connect("mysql://x")
