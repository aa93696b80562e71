"""Conditions as SQL choose the same customers as the closures do, whatever the condition and whoever the customers."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop import conditions
from storage.conditions import count, facts, pick
from storage.engine.sql import Statement, Unit
from storage.scope import Scope
from tests.storage.forest import LEAVES, NOW, leaf, plant, trees

PEOPLE = 120
CROWD = 120_000
MANY = f"""
    INSERT INTO customers (corp_id, external_user_id, created_at, changed_at)
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {CROWD - 1})
    SELECT 'ww1', 'wm' || (1000000 + n * 77 % {CROWD}), 0, 0 FROM n
"""
TAGGED = """
    INSERT INTO bindings (corp_id, external_user_id, user_id, tag_id, at)
    SELECT corp_id, external_user_id, 'chen', 'rare', 0 FROM customers WHERE external_user_id LIKE '%000'
"""


async def agree(database, strategy) -> list[int]:
    """Hold both compilers equal on random conditions; how many customers each has chosen."""
    people = await plant(database, PEOPLE)
    scope = Scope(database=database, corp_id="ww1", app="crm", now=NOW)
    loop, chosen = asyncio.get_running_loop(), []

    async def compare(tree):
        assert conditions.check(tree) == []
        known = await facts(scope, conditions.needs(tree), [(person, "") for person in people], NOW)
        meets = conditions.compile(tree)
        expected = [person for person in people if meets(known[person, ""], NOW)]
        rows = await (await pick(scope, tree, NOW)).fetch(scope, "c.external_user_id", "ORDER BY c.external_user_id")
        assert [row["external_user_id"] for row in rows] == expected
        chosen.append(len(expected))

    @settings(max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=HealthCheck)
    @given(tree=strategy)
    def try_all(tree):
        asyncio.run_coroutine_threadsafe(compare(tree), loop).result()

    await asyncio.to_thread(try_all)
    return chosen


async def test_both_compilers_choose_the_same_customers(database):
    chosen = await agree(database, trees())
    assert len([count for count in chosen if 0 < count < PEOPLE]) > 100  # a difference would show


async def test_both_compare_what_events_said_and_what_fields_hold_alike(database):
    valued = st.one_of([leaf(name) for name in ("did", "rfm", "field", "date")])
    chosen = await agree(database, valued)
    assert len([count for count in chosen if 0 < count < PEOPLE]) > 50


def test_every_test_is_among_the_random_conditions():
    assert set(LEAVES) == {name for name, leaf in conditions.LEAVES.items() if not leaf.entry}


async def test_of_many_customers_a_frequent_condition_is_estimated_and_a_rare_one_counted(database):
    unit = Unit()
    unit.add(Statement(MANY))
    unit.add(Statement(TAGGED))
    await database.commit(unit)
    scope = Scope(database=database, corp_id="ww1", app="crm", now=NOW)
    assert await count(scope, {"tag": ["rare"]}, NOW) == (CROWD // 1000, 0)
    number, margin = await count(scope, {"not": {"tag": ["rare"]}}, NOW)
    assert 0 < margin < CROWD // 100
    assert abs(number - (CROWD - CROWD // 1000)) <= 2 * margin
    assert await count(scope, {"lost": True}, NOW, staff=frozenset({"chen"})) == (0, 0)
