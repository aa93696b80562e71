"""What a leader sees: their departments with all below, their own customers, and nothing of the others."""

import pytest

from sop.staff import Department, Member
from sop.tasks import Give
from tests.console import people
from tests.console.conftest import LEADER, REP

EAST, SHOP, WEST = 2, 21, 3
OTHER = "li.na"  # in the west
FORMER = "wang.wei"  # has left the shop


def seat(store, user_id: str, *departments: int, leads: tuple[int, ...] = ()) -> None:
    store.staff.put(Member(user_id=user_id, name=user_id, departments=departments, leads=leads), at=store.now)


@pytest.fixture
async def company(site):
    """The leader leads the east, whose shop the rep works in; each of the four has a customer."""
    store = site.store()
    tree = (
        Department(id=1, leaders=("boss",)),
        Department(id=EAST, parent_id=1, leaders=(LEADER,)),
        Department(id=SHOP, parent_id=EAST),
        Department(id=WEST, parent_id=1),
    )
    await store.staff.replace([], tree, at=store.now)
    seat(store, LEADER, 1)
    seat(store, REP, SHOP, 99)
    seat(store, FORMER, SHOP)
    seat(store, OTHER, WEST)
    people.add_tags(store)
    for external_user_id, user_id in {"wm1": LEADER, "wm2": REP, "wm3": FORMER, "wm4": OTHER}.items():
        people.add_customer(store, external_user_id, name=f"客户{external_user_id}")
        await people.relate(store, external_user_id, user_id)
        people.tag(store, external_user_id, user_id, "et1")
        people.greet(store, external_user_id, user_id)
        store.tasks.give(Give(what="greet", user_id=user_id, text="请问好", effect=f"task:{user_id}", due_at=store.now))
    await store.commit()
    store = site.store()
    store.staff.leave(FORMER)
    await store.commit()
    return site


async def rows(site, role: str, path: str, field: str) -> set[str]:
    status, page = await site(role, "GET", path)
    assert status == 200, page
    return {row[field] for row in page["items"]}


async def test_a_leader_sees_the_customers_of_their_departments_and_of_those_below(company):
    assert await rows(company, "leader", "/customers", "external_user_id") == {"wm1", "wm2", "wm3"}
    assert await rows(company, "leader", f"/customers?staff={REP}", "external_user_id") == {"wm2"}
    assert await rows(company, "leader", "/customers?tag=et1", "external_user_id") == {"wm1", "wm2", "wm3"}
    assert await rows(company, "leader", "/customers?words=备注wm4", "external_user_id") == set()
    assert await rows(company, "rep", "/customers", "external_user_id") == {"wm2"}


async def test_a_leader_cannot_ask_for_the_others(company):
    for path in (f"/customers?staff={OTHER}", f"/tasks?staff={OTHER}", f"/decisions?staff={OTHER}"):
        status, problem = await company("leader", "GET", path)
        assert (status, problem["type"]) == (403, "urn:siyu:problem:out-of-scope")
    for path in ("/customers/wm4", "/customers/wm4/timeline", f"/staff/{OTHER}"):
        assert (await company("leader", "GET", path))[0] == 404


async def test_tasks_decisions_and_staff_keep_to_the_scope(company):
    for path in ("/tasks", "/decisions", "/staff"):
        assert await rows(company, "leader", path, "user_id") == {LEADER, REP, FORMER}
    tasks = (await company("operator", "GET", f"/tasks?staff={OTHER}"))[1]["items"]
    assert (await company("leader", "POST", f"/tasks/{tasks[0]['id']}/done"))[0] == 404


async def test_of_a_shared_customer_a_leader_sees_their_side(company):
    store = company.store()
    await people.relate(store, "wm2", OTHER)
    people.tag(store, "wm2", OTHER, "et2")
    await store.commit()
    _, customer = await company("leader", "GET", "/customers/wm2")
    assert [follower["user_id"] for follower in customer["followers"]] == [REP]
    assert await rows(company, "leader", "/customers/wm2/timeline", "user_id") == {REP, ""}
    assert await rows(company, "leader", "/customers?tag=et2", "external_user_id") == set()


async def test_a_leaders_numbers_are_those_of_the_departments(company):
    _, mine = await company("leader", "GET", "/overview")
    _, everybodys = await company("operator", "GET", "/overview")
    assert (mine["today"]["adds"], everybodys["today"]["adds"]) == (3, 4)
    assert (mine["welcomes"]["sent"], everybodys["welcomes"]["sent"]) == (3, 4)
    assert mine["backlog"] is None
    assert everybodys["backlog"]["open_intents"] == 5  # four tags, and the one welcome of this code


async def test_who_leads_no_more_sees_their_own(company):
    store = company.store()
    store.staff.leave(LEADER)
    await store.commit()
    assert await rows(company, "leader", "/customers", "external_user_id") == {"wm1"}


async def test_one_statement_serves_a_team_of_thousands(company):
    store = company.store()
    for number in range(1500):
        seat(store, f"clerk{number}", EAST)
    await store.commit()
    assert len(await store.staff.team(LEADER)) == 1503
    assert await rows(company, "leader", "/customers", "external_user_id") == {"wm1", "wm2", "wm3"}
