"""The directory as operators look things up in it: departments by id, members by department and by name."""

import pytest

from sop.staff import Department, Member
from tests.console.conftest import LEADER, NOW, REP

SHOP, SALES = Department(id=2, name="门店", parent_id=1, leaders=(LEADER,)), Department(id=31, name="销售", parent_id=1)


@pytest.fixture
async def company(site):
    store = site.store()
    for user_id, departments, active in ((REP, (2, 31), True), (LEADER, (2,), True), ("lin_q", (3,), False)):
        name = {REP: "陈宇", "lin_q": "林桥"}.get(user_id, "韩梅梅")
        store.staff.put(Member(user_id=user_id, name=name, departments=departments, active=active), at=NOW)
    await store.staff.plant([Department(id=1, name="总部"), SALES, SHOP], at=NOW)
    await store.commit()
    return site


async def names(site, role, **query):
    status, page = await site(role, "GET", "/staff", params=query)
    assert status == 200, page
    return [member["user_id"] for member in page["items"]]


async def test_departments_are_listed_by_id_page_by_page(company):
    _, first = await company("operator", "GET", "/departments?limit=2")
    _, second = await company("operator", "GET", f"/departments?limit=2&after={first['next']}")
    assert [each["id"] for each in (*first["items"], *second["items"])] == [1, 2, 31]
    assert first["items"][1] == {"id": 2, "name": "门店", "parent_id": 1, "leaders": [LEADER]}
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"words": "陈"}, [REP]),
        ({"words": "LIN_"}, ["lin_q"]),
        ({"words": "_"}, ["lin_q"]),
        ({"department": "3"}, ["lin_q"]),
        ({"department": "2"}, [REP, LEADER]),
        ({"department": "31"}, [REP]),
        ({"active": "false"}, ["lin_q"]),
        ({"active": "true", "department": "2", "words": "韩"}, [LEADER]),
    ],
)
async def test_members_are_found_by_name_department_and_whether_they_are_still_there(company, query, expected):
    assert await names(company, "operator", **query) == expected


async def test_a_rep_finds_only_themself(company):
    assert await names(company, "rep", department="2") == [REP]
