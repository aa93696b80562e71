"""Endpoints of the address book: departments, members, the app itself (pages 90208, 90196, 90227)."""

from simulator.api.call import Answer, Call, Route
from simulator.api.paging import cut
from simulator.errors import Refusal
from simulator.world.people import Department, Member

MOST_IDS = 10_000


def list_departments(call: Call) -> Answer:
    """Answer department/list: the visible departments, or those from `id` downward."""
    return {"department": [_full(one) for one in _departments(call)]}


def list_department_ids(call: Call) -> Answer:
    """Answer department/simplelist."""
    return {
        "department_id": [{"id": one.id, "parentid": one.parent_id, "order": one.order} for one in _departments(call)]
    }


def get_department(call: Call) -> Answer:
    """Answer department/get."""
    return {"department": _full(_department(call, "id"))}


def get_user(call: Call) -> Answer:
    """Answer user/get, without the fields that new apps are not given (phone, mail, avatar, gender)."""
    return _detail(call.member(call.query.text("userid")))


def list_simple(call: Call) -> Answer:
    """Answer user/simplelist: the direct members of a department."""
    return {
        "userlist": [
            {"userid": member.userid, "name": member.name, "department": member.departments}
            for member in _colleagues(call)
        ]
    }


def list_full(call: Call) -> Answer:
    """Answer user/list: the direct members of a department in detail."""
    return {"userlist": [_detail(member) for member in _colleagues(call)]}


def list_ids(call: Call) -> Answer:
    """Answer user/list_id: one row for each membership, so that a member can come more than once."""
    rows = [
        {"userid": member.userid, "department": number}
        for member in call.corp.directory
        if call.corp.directory.find(member.userid) and call.sees(member)
        for number in member.departments
    ]
    limit = call.body.number("limit", MOST_IDS, among=range(1, MOST_IDS + 1))
    page, cursor = cut(rows, call.body.text("cursor"), limit)
    return {"dept_user": list(page), "next_cursor": cursor}


def get_agent(call: Call) -> Answer:
    """Answer agent/get: 40056 no number, 301002 another app than the token's."""
    text = call.query.text("agentid", missing=41011)
    if not text.isdecimal():
        raise Refusal(40056)
    if int(text) != call.app.agent_id:
        raise Refusal(301002)
    scope = call.app.scope
    return {
        "agentid": call.app.agent_id,
        "name": call.app.name,
        "square_logo_url": "",
        "description": "",
        "allow_userinfos": {"user": [{"userid": userid} for userid in sorted(scope.users)]},
        "allow_partys": {"partyid": sorted(scope.departments)},
        "allow_tags": {"tagid": []},
        "close": 0 if call.app.enabled else 1,
        "redirect_domain": "",
        "report_location_flag": 0,
        "isreportenter": 0,
        "home_url": "",
    }


def _departments(call: Call) -> list[Department]:
    directory = call.corp.directory
    found = directory.below(_department(call, "id").id) if call.query.text("id") else directory.departments.values()
    return [one for one in found if call.app.scope.reaches(one.id, directory)]


def _department(call: Call, key: str) -> Department:
    text = call.query.text(key, missing=41019)
    if not text.isdecimal():
        raise Refusal(40058, key)
    found = call.corp.directory.departments.get(int(text))
    if found is None:
        raise Refusal(60003)
    if not call.app.scope.reaches(found.id, call.corp.directory):
        raise Refusal(60011)
    return found


def _colleagues(call: Call) -> list[Member]:
    department = _department(call, "department_id")
    return [one for one in call.corp.directory.staff(department.id, deep=False) if call.sees(one)]


def _full(one: Department) -> Answer:
    return {
        "id": one.id,
        "name": one.name,
        "name_en": "",
        "department_leader": one.leaders,
        "parentid": one.parent_id,
        "order": one.order,
    }


def _detail(member: Member) -> Answer:
    return {
        "userid": member.userid,
        "name": member.name,
        "department": member.departments,
        "order": [0] * len(member.departments),
        "position": member.position,
        "is_leader_in_dept": [1 if number in member.leads else 0 for number in member.departments],
        "direct_leader": member.direct_leaders,
        "alias": member.alias,
        "main_department": member.departments[0],
        "status": int(member.status),
        "extattr": {"attrs": []},
        "external_position": "",
    }


ROUTES = {
    "department/list": Route(list_departments, "GET"),
    "department/simplelist": Route(list_department_ids, "GET"),
    "department/get": Route(get_department, "GET"),
    "user/get": Route(get_user, "GET"),
    "user/simplelist": Route(list_simple, "GET"),
    "user/list": Route(list_full, "GET"),
    "user/list_id": Route(list_ids),
    "agent/get": Route(get_agent, "GET"),
}
