"""A lease has one holder, ends by itself, and who has lost it cannot act as if not."""

import asyncio
from datetime import timedelta

import pytest

from storage.engine.sql import Statement, Unit
from storage.errors import LostLease
from storage.leases import Leases, keep

LONG, SHORT = timedelta(minutes=5), timedelta(milliseconds=50)


@pytest.fixture
def leases(database) -> Leases:
    return Leases(database)


async def test_of_many_who_want_it_at_once_one_has_it(database, neighbour):
    both = [Leases(database), Leases(neighbour)]
    held = await asyncio.gather(*(both[number % 2].hold("clock", f"p{number}", length=LONG) for number in range(20)))
    assert len([lease for lease in held if lease]) == 1


async def test_whoever_holds_it_keeps_it_and_nobody_else_gets_it(leases):
    first = await leases.hold("clock", "a", length=LONG)
    again = await leases.hold("clock", "a", length=LONG)
    assert await leases.hold("clock", "b", length=LONG) is None
    assert (first.holder, first.fence, again.fence) == ("a", 1, 1)
    assert again.rest <= first.rest <= LONG


async def test_one_that_is_half_over_is_renewed(leases):
    await leases.hold("clock", "a", length=SHORT)
    renewed = await leases.hold("clock", "a", length=LONG)
    assert renewed.rest > SHORT
    assert await leases.hold("clock", "b", length=LONG) is None


async def test_a_dead_holder_is_replaced_and_the_fence_tells(leases):
    await leases.hold("clock", "a", length=SHORT)
    await asyncio.sleep(0.1)
    assert not (await leases.read())["clock"].fresh
    taken = await leases.hold("clock", "b", length=LONG)
    assert (taken.holder, taken.fence) == ("b", 2)
    assert await leases.hold("clock", "a", length=LONG) is None


async def test_what_was_begun_under_a_lost_lease_is_undone(database, leases):
    lost = await leases.hold("clock", "a", length=SHORT)
    await asyncio.sleep(0.1)
    taken = await leases.hold("clock", "b", length=LONG)
    with pytest.raises(LostLease):
        await database.commit(writing(lost))
    assert (await leases.read()).keys() == {"clock"}
    await database.commit(writing(taken))
    assert (await leases.read()).keys() == {"clock", "written"}


def writing(lease) -> Unit:
    unit = Unit()
    keep(unit, lease)
    unit.add(Statement("INSERT INTO leases (name, until) VALUES ('written', 0)"))
    return unit


async def test_one_that_is_let_go_is_free_at_once(leases):
    first = await leases.hold("clock", "a", length=LONG)
    await leases.let_go(first)
    assert (await leases.hold("clock", "b", length=LONG)).fence == 2
    await leases.let_go(first)  # which is not its own any more
    assert await leases.hold("clock", "a", length=LONG) is None


async def test_who_is_alone_frees_what_the_dead_have_left(leases):
    await leases.hold("clock", "a", length=LONG)
    await leases.release()
    assert (await leases.hold("clock", "b", length=LONG)).holder == "b"


async def test_different_things_have_different_leaders(leases):
    assert await leases.hold("clock", "a", length=LONG)
    assert await leases.hold("other", "b", length=LONG)
