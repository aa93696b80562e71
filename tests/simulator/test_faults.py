"""Faults: performed or not, answered or not, as long as they last."""

import httpx
import pytest

from simulator import Company, Kind, Simulator
from simulator.transcript import CALL
from tests.simulator.caller import Caller

MARK = "externalcontact/mark_tag"


@pytest.fixture
async def client(sim: Simulator) -> httpx.AsyncClient:
    async with httpx.AsyncClient(transport=sim.transport(), base_url="http://wecom.test/cgi-bin/") as client:
        yield client


async def mark(client: httpx.AsyncClient, crm: Caller) -> httpx.Response:
    relation = crm.friend()
    tag = crm.corp.tags.named("客户等级").named("VIP")
    pair = {"userid": relation.userid, "external_userid": relation.external_userid}
    return await client.post(MARK, params={"access_token": crm.token}, json={**pair, "add_tag": [tag.id]})


def marked(crm: Caller) -> int:
    return sum(len(relation.tags) for relation in crm.corp.contacts)


async def test_without_faults_the_transport_answers(client: httpx.AsyncClient, crm: Caller):
    answer = await mark(client, crm)
    assert answer.json()["errcode"] == 0
    assert answer.headers["content-type"].startswith("application/json")
    assert marked(crm) == 1


@pytest.mark.parametrize("code", [-1, 45009, 45033, 60020])
async def test_a_refusal_on_purpose_performs_nothing(sim: Simulator, client: httpx.AsyncClient, crm: Caller, code: int):
    sim.fail("refuse", MARK, code=code, count=1)
    assert (await mark(client, crm)).json()["errcode"] == code
    assert marked(crm) == 0
    assert (await mark(client, crm)).json()["errcode"] == 0


@pytest.mark.parametrize(
    ("kind", "error", "performed"),
    [
        ("silence", httpx.ReadTimeout, 1),
        ("reset_after", httpx.ReadError, 1),
        ("reset_before", httpx.ReadError, 0),
        ("unreachable", httpx.ConnectError, 0),
    ],
)
async def test_a_broken_connection_says_nothing_about_the_effect(
    sim: Simulator, client: httpx.AsyncClient, crm: Caller, kind: str, error: type[Exception], performed: int
):
    sim.fail(kind, MARK, count=1)
    with pytest.raises(error):
        await mark(client, crm)
    assert marked(crm) == performed
    [entry] = sim.transcript.find(kind=CALL, path=MARK)
    assert (entry.code, entry.note) == (None, kind)


async def test_a_dying_token_needs_a_new_one(sim: Simulator, client: httpx.AsyncClient, crm: Caller, company: Company):
    sim.fail(Kind.TOKEN_DEATH, count=1, app="crm")
    assert (await mark(client, crm)).json()["errcode"] == 42001
    assert (await mark(client, crm)).json()["errcode"] == 42001
    fresh = Caller(sim, company.corp, company.app)
    assert fresh.token != crm.token
    assert (await mark(client, fresh)).json()["errcode"] == 0


async def test_an_answer_slower_than_the_client_s_patience_is_a_time_out(
    sim: Simulator, client: httpx.AsyncClient, crm: Caller
):
    sim.fail("latency", MARK, seconds=30)
    client.timeout = httpx.Timeout(5)
    with pytest.raises(httpx.ReadTimeout):
        await mark(client, crm)
    assert marked(crm) == 1


async def test_latency_is_waited_for(sim: Simulator, client: httpx.AsyncClient, crm: Caller):
    sim.fail("latency", MARK, seconds=0.05)
    assert (await mark(client, crm)).json()["errcode"] == 0
    [entry] = sim.transcript.find(path=MARK)
    assert entry.latency == 0.05


async def test_a_gateway_can_answer_instead(sim: Simulator, client: httpx.AsyncClient, crm: Caller):
    sim.fail("gateway", MARK, code=502, count=1)
    answer = await mark(client, crm)
    assert (answer.status_code, marked(crm)) == (502, 0)


def test_faults_choose_by_path_app_and_chance(sim: Simulator, crm: Caller):
    sim.fail("refuse", "user/*", code=-1)
    assert crm.get("user/get", userid="chen.yu")["errcode"] == -1
    assert crm.get("department/list")["errcode"] == 0
    sim.faults.clear()
    sim.fail("refuse", code=-1, app="another")
    assert crm.get("department/list")["errcode"] == 0
    sim.faults.clear()
    sim.fail("refuse", code=-1, probability=0.5)
    codes = [crm.get("department/list")["errcode"] for _ in range(200)]
    assert 60 < codes.count(-1) < 140


def test_the_same_seed_fails_the_same_calls():
    def codes() -> list[int]:
        sim = Simulator(seed=3)
        company = sim.found_company()
        caller = Caller(sim, company.corp, company.app)
        sim.fail("refuse", code=-1, probability=0.5)
        return [caller.get("department/list")["errcode"] for _ in range(50)]

    assert codes() == codes()


def test_a_fault_before_the_token_can_hit_gettoken_too(sim: Simulator, crm: Caller, company: Company):
    sim.fail("refuse", "gettoken", code=-1)
    answer = crm.send("GET", "gettoken", corpid=company.corp.id, corpsecret=company.app.secret)
    assert answer["errcode"] == -1
