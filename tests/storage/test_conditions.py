"""Conditions as SQL choose the same customers as the closures do, whatever the condition and whoever the customers."""

import asyncio

from hypothesis import HealthCheck, given, settings

from sop import conditions
from storage.conditions import facts, pick
from storage.scope import Scope
from tests.storage.forest import LEAVES, NOW, plant, trees

PEOPLE = 120


async def test_both_compilers_choose_the_same_customers(database):
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
    @given(tree=trees())
    def agree(tree):
        asyncio.run_coroutine_threadsafe(compare(tree), loop).result()

    await asyncio.to_thread(agree)
    mixed = [count for count in chosen if 0 < count < PEOPLE]
    assert len(mixed) > 100  # neither nobody nor everybody, so that a difference would show


def test_every_test_is_among_the_random_conditions():
    assert set(LEAVES) == {name for name, leaf in conditions.LEAVES.items() if not leaf.entry}
