"""Lists: every row that was there at the start is read exactly once, whatever is added meanwhile."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.paging import read_place, write_place
from console.api.problem import Problem
from sop.tasks import Give
from tests.console import people
from tests.console.conftest import REP


def add_customer(store, number):
    people.add_customer(store, f"wm{number:03}", name="王小明", at=store.now + timedelta(seconds=number // 3))


def add_rule(store, number):
    store.decide("welcome", "sent", f"reason-{number}")


def add_task(store, number):
    store.tasks.give(
        Give(what="greet", user_id=REP, text="", effect=f"t{number}", due_at=store.now - timedelta(seconds=number // 3))
    )


def add_member(store, number):
    people.add_staff(store, f"a{number:03}" if number < 100 else f"A{number}")


LISTS = {
    "/customers": (add_customer, "external_user_id"),
    "/decisions": (add_rule, "id"),
    "/tasks": (add_task, "id"),
    "/staff": (add_member, "user_id"),
}


@pytest.mark.parametrize("path", LISTS)
async def test_a_walk_reads_each_row_once_while_rows_are_added(site, path):
    add, key = LISTS[path]
    store = site.store()
    for number in range(10):
        add(store, number)
    await store.commit()
    _, whole = await site("operator", "GET", path)
    start = [item[key] for item in whole["items"]]
    assert len(set(start)) == 10
    walked, after, number = [], "", 100
    while after is not None:
        _, page = await site("operator", "GET", f"{path}?limit=3&after={after}")
        assert len(page["items"]) <= 3
        walked += [item[key] for item in page["items"]]
        after = page["next"]
        store = site.store()
        add(store, number := number + 1)
        await store.commit()
    assert len(walked) == len(set(walked))
    assert [each for each in walked if each in start] == start


async def test_the_last_page_has_no_next(site):
    store = site.store()
    for number in range(4):
        add_task(store, number)
    await store.commit()
    _, first = await site("operator", "GET", "/tasks?limit=2")
    _, last = await site("operator", "GET", f"/tasks?limit=2&after={first['next']}")
    assert (len(last["items"]), last["next"]) == (2, None)


places = st.tuples(st.integers(-(2**63) + 1, 2**63 - 1), st.text(st.characters(codec="utf-8", exclude_characters="\0")))


@given(places)
def test_a_place_comes_back_as_it_was(place):
    assert read_place(write_place(place), int, str) == place


@pytest.mark.parametrize(
    "cursor", ["WyJhIl0", "WzFlOTld", "é", "W10", "WzEsMl0", "WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LCIiXQ", "!"]
)
def test_what_is_no_place_is_a_problem(cursor):
    with pytest.raises(Problem) as raised:
        read_place(cursor, int, str)
    assert raised.value.faults[0].field == "after"
