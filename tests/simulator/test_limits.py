"""How much the platform takes."""

import pytest

from simulator import Simulator
from simulator.company import found_company
from simulator.errors import Refusal
from simulator.limits import Limits, Quota
from tests.simulator.caller import Caller

PATH = "externalcontact/get_follow_user_list"


@pytest.fixture
def tight(sim: Simulator) -> Simulator:
    sim.limits.per_path = (Quota(3, 60.0), Quota(5, 3600.0))
    return sim


def test_a_minute_s_breach_blocks_for_a_minute(tight: Simulator, crm: Caller):
    codes = [crm.get(PATH)["errcode"] for _ in range(4)]
    assert codes == [0, 0, 0, 45009]
    tight.clock.advance(59)
    assert crm.get(PATH)["errcode"] == 45009
    tight.clock.advance(1)
    assert crm.get(PATH)["errcode"] == 0


def test_an_hour_s_breach_blocks_for_an_hour(tight: Simulator, crm: Caller):
    for _ in range(3):
        crm.get(PATH)
        crm.get(PATH)
        tight.clock.advance(60)
    assert crm.get(PATH)["errcode"] == 45009
    tight.clock.advance(3400)
    assert crm.get(PATH)["errcode"] == 45009
    tight.clock.advance(200)
    assert crm.get(PATH)["errcode"] == 0


def test_each_path_and_each_corp_has_its_own(tight: Simulator, crm: Caller):
    for _ in range(4):
        crm.get(PATH)
    assert crm.get("department/list")["errcode"] == 0
    other = found_company(tight.world, corp_id="ww1111111111111111")
    assert Caller(tight, other.corp, other.app).get(PATH)["errcode"] == 0


def test_one_address_has_a_limit_over_all_corps(sim: Simulator, crm: Caller):
    sim.limits.per_ip = (Quota(3, 60.0),)
    other = found_company(sim.world, corp_id="ww1111111111111111")
    callers = [crm, Caller(sim, other.corp, other.app)]
    assert [callers[turn % 2].get(PATH)["errcode"] for turn in range(4)] == [0, 0, 0, 45009]


def test_messages_are_not_counted(tight: Simulator, crm: Caller):
    body = {"touser": "chen.yu", "agentid": 1_000_002, "msgtype": "text", "text": {"content": "x"}}
    assert {crm.post("message/send", body)["errcode"] for _ in range(10)} == {0}


def test_debugging_is_limited_to_five_a_minute(crm: Caller):
    assert [crm.get(PATH, debug="1")["errcode"] for _ in range(6)] == [0] * 5 + [45009]


def test_too_many_calls_at_once_are_refused(sim: Simulator, crm: Caller):
    sim.limits.at_once = 2
    request = crm.request("GET", PATH, access_token=crm.token)
    under_way = [sim.platform.open(request) for _ in range(2)]
    assert crm.get(PATH)["errcode"] == 45033
    assert crm.get("department/list")["errcode"] == 0
    sim.platform.close(under_way.pop())
    assert crm.get(PATH)["errcode"] == 0


def test_a_refused_call_is_not_under_way_any_more():
    limits = Limits()
    limits.enter("x")
    with pytest.raises(Refusal):
        limits.enter("x")
    limits.leave("x")
    limits.enter("x")
