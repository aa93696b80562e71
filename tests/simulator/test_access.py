"""Tokens, scopes, addresses and the shape of refusals."""

import msgspec
import pytest

from simulator import Company, Simulator
from simulator.api.call import Request
from simulator.company import found_company
from simulator.world.corp import App
from simulator.world.people import Scope, Status
from tests.simulator.caller import Caller


def test_a_token_lives_two_hours_and_is_the_same_meanwhile(sim: Simulator, company: Company, crm: Caller):
    sim.clock.advance(3600)
    again = crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret=company.app.secret)
    assert again["access_token"] == crm.token
    assert again["expires_in"] == 3600
    sim.clock.advance(3600)
    assert crm.get("get_api_domain_ip")["errcode"] == 42001
    fresh = crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret=company.app.secret)
    assert fresh["access_token"] != crm.token
    assert fresh["expires_in"] == 7200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"corpsecret": "x"}, 41002),
        ({"corpid": "ww7c1e5a90b3d2f486"}, 41004),
        ({"corpid": "ww0", "corpsecret": "x"}, 40013),
        ({"corpid": "ww7c1e5a90b3d2f486", "corpsecret": "x"}, 40001),
    ],
)
def test_gettoken_names_what_is_wrong(crm: Caller, query: dict[str, str], code: int):
    assert crm.send("GET", "gettoken", **query)["errcode"] == code


def test_the_secret_of_another_corp_is_told_apart(sim: Simulator, crm: Caller, company: Company):
    other = found_company(sim.world, corp_id="ww1111111111111111")
    answer = crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret=other.app.secret)
    assert answer["errcode"] == 40091


def test_too_many_wrong_secrets_ban_the_address_for_an_hour(sim: Simulator, crm: Caller, company: Company):
    good = {"corpid": company.corp.id, "corpsecret": company.app.secret}
    for _ in range(2001):
        crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret="wrong")
    assert crm.send("GET", "gettoken", **good)["errcode"] == 45009
    sim.clock.advance(3600)
    assert crm.send("GET", "gettoken", **good)["errcode"] == 0


def test_a_call_without_or_with_an_unknown_token_is_refused(crm: Caller):
    assert crm.send("GET", "get_api_domain_ip")["errcode"] == 41001
    assert crm.send("GET", "get_api_domain_ip", access_token="made up")["errcode"] == 40014


def test_refusals_come_with_status_200_and_name_the_address(crm: Caller):
    response = crm.respond(Request("GET", "/cgi-bin/get_api_domain_ip", {"access_token": "x"}, ip="10.1.2.3"))
    assert response.status == 200
    assert "from ip: 10.1.2.3" in msgspec.json.decode(response.body)["errmsg"]


def test_an_unknown_path_is_not_taken_for_a_refusal(crm: Caller):
    response = crm.respond(crm.request("POST", "externalcontact/no_such_thing", access_token=crm.token))
    assert response.status == 404
    assert "virtual WeCom" in msgspec.json.decode(response.body)["errmsg"]


def test_an_untrusted_address_may_get_a_token_but_not_call(crm: Caller, company: Company):
    company.app.trusted_ips = frozenset({"8.8.8.8"})
    assert crm.get("get_api_domain_ip")["errcode"] == 60020
    assert crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret=company.app.secret)["errcode"] == 0
    company.app.trusted_ips = frozenset({"127.0.0.1"})
    assert crm.get("get_api_domain_ip")["errcode"] == 0


def test_only_listed_apps_call_customer_contact(crm: Caller, company: Company):
    company.app.customer_contact = False
    assert crm.get("externalcontact/get_follow_user_list")["errcode"] == 48002
    assert crm.get("user/get", userid="chen.yu")["errcode"] == 0


def test_a_disabled_app_is_refused(crm: Caller, company: Company):
    company.app.enabled = False
    assert crm.get("get_api_domain_ip")["errcode"] == 50003
    assert crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret=company.app.secret)["errcode"] == 40001


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_malformed_json_is_warned_about(crm: Caller, body: bytes):
    answer = crm.send("POST", "externalcontact/mark_tag", body, access_token=crm.token)
    assert answer["errcode"] == 40058
    assert "Warning: wrong json format" in answer["errmsg"]


def test_the_wrong_method_is_refused(crm: Caller):
    assert crm.get("externalcontact/mark_tag")["errcode"] == 40058
    assert crm.post("user/get")["errcode"] == 40058


def test_agent_get_shows_the_own_app_only(crm: Caller):
    assert crm.get("agent/get", agentid="1000002")["name"] == "crm"
    assert crm.get("agent/get", agentid="1000003")["errcode"] == 301002
    assert crm.get("agent/get", agentid="x")["errcode"] == 40056
    assert crm.get("agent/get")["errcode"] == 41011


def test_departments_and_members_end_at_the_visible_range(sim: Simulator, company: Company):
    east = App(1_000_003, "east", "s" * 43, Scope(frozenset(), frozenset({5})))
    company.corp.apps[east.agent_id] = east
    caller = Caller(sim, company.corp, east)
    assert [one["id"] for one in caller.get("department/list")["department"]] == [5]
    assert caller.get("department/get", id="6")["errcode"] == 60011
    assert caller.get("user/simplelist", department_id="6")["errcode"] == 60011
    assert len(caller.get("user/list", department_id="5")["userlist"]) == 6
    assert caller.get("user/get", userid="zhao.min")["errcode"] == 60011
    assert {row["department"] for row in caller.post("user/list_id")["dept_user"]} == {5}


def test_the_tree_of_departments_is_complete(crm: Caller):
    departments = crm.get("department/list")["department"]
    assert len(departments) == 8
    east = {"id": 5, "name": "华东一组", "name_en": "", "department_leader": ["huang.jing"], "parentid": 2, "order": 0}
    assert departments[4] == east
    assert [one["id"] for one in crm.get("department/simplelist", id="2")["department_id"]] == [2, 5, 6]
    assert crm.get("department/get", id="99")["errcode"] == 60003
    assert crm.get("user/list")["errcode"] == 41019


def test_a_member_is_shown_without_what_new_apps_may_not_see(crm: Caller):
    member = crm.get("user/get", userid="CHEN.YU")
    assert member["userid"] == "chen.yu"
    assert member["is_leader_in_dept"] == [1]
    assert not {"mobile", "email", "avatar", "gender"} & member.keys()
    assert crm.get("user/get", userid="nobody")["errcode"] == 60111
    assert crm.get("user/get")["errcode"] == 41009


def test_user_ids_come_in_pages(crm: Caller):
    first = crm.post("user/list_id", limit=20)
    second = crm.post("user/list_id", limit=20, cursor=first["next_cursor"])
    assert (len(first["dept_user"]), len(second["dept_user"])) == (20, 10)
    assert second["next_cursor"] == ""
    assert crm.post("user/list_id", cursor="bad cursor")["errcode"] == 50100


def test_some_good_answers_have_no_errcode(crm: Caller):
    assert crm.get("getcallbackip") == {"ip_list": ["127.0.0.1"]}


def test_a_cursor_beyond_the_end_is_invalid(crm: Caller):
    cursor = crm.post("user/list_id", limit=29)["next_cursor"]
    for userid in ("zhao.min", "chen.yu"):
        crm.corp.directory.find(userid).status = Status.LEFT
    assert crm.post("user/list_id", cursor=cursor)["errcode"] == 50100
