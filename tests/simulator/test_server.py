"""The virtual WeCom over real HTTP, and its control API."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import pytest
from aiohttp import web

import simulator
from simulator import Running
from tests.simulator.caller import PNG
from wecom.crypto import Cipher


class Operator:
    """Talks to a running simulator."""

    def __init__(self, running: Running, session: aiohttp.ClientSession) -> None:
        self.running, self.session = running, session

    async def ask(self, method: str, path: str, body: dict | None = None, status: int = 200) -> dict:
        data = None if body is None else msgspec.json.encode(body)
        async with self.session.request(method, self.running.url + path, data=data) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json(content_type=None)


@pytest.fixture
async def operator() -> AsyncIterator[Operator]:
    running = await simulator.run(seed=5)
    async with aiohttp.ClientSession() as session:
        yield Operator(running, session)
    await running.stop()


@pytest.fixture
async def founded(operator: Operator) -> dict:
    company = await operator.ask("POST", "/_sim/company", {})
    query = f"corpid={company['corp_id']}&corpsecret={company['secret']}"
    token = (await operator.ask("GET", f"/cgi-bin/gettoken?{query}"))["access_token"]
    return {**company, "token_query": f"?access_token={token}"}


async def make_way(operator: Operator, founded: dict) -> dict:
    body = {"type": 2, "scene": 2, "state": "door", "user": ["chen.yu"]}
    return await operator.ask("POST", f"/cgi-bin/externalcontact/add_contact_way{founded['token_query']}", body)


async def test_a_scan_can_be_followed_through_the_control_api(operator: Operator, founded: dict):
    await make_way(operator, founded)
    relation = await operator.ask("POST", "/_sim/act", {"do": "scan", "state": "door", "name": "小周"})
    assert relation["userid"] == "chen.yu"
    listed = await operator.ask("GET", "/_sim/customers")
    assert [one["name"] for one in listed["customers"]] == ["小周"]
    customer = await operator.ask("GET", f"/_sim/customer?external_userid={relation['external_userid']}")
    assert customer["relations"][0]["state"] == "door"
    assert (await operator.ask("GET", "/_sim/relations?userid=chen.yu"))["total"] == 1
    assert (await operator.ask("GET", "/_sim/ways"))["contact_ways"][0]["scans"] == 1
    assert len((await operator.ask("GET", "/_sim/tags"))["groups"]) == 4
    assert len((await operator.ask("GET", "/_sim/staff"))["members"]) == 30
    [corp] = (await operator.ask("GET", "/_sim/corps"))["corps"]
    assert (corp["customers"], corp["contact_ways"]) == (1, 1)


async def test_the_transcript_holds_no_secret(operator: Operator, founded: dict):
    await make_way(operator, founded)
    said = await operator.ask("GET", "/_sim/transcript")
    assert [entry["path"] for entry in said["entries"]] == ["gettoken", "externalcontact/add_contact_way"]
    assert said["entries"][1]["body"]["state"] == "door"
    assert said["entries"][1]["app"] == "crm"
    text = msgspec.json.encode(said).decode()
    assert founded["secret"] not in text
    assert founded["token_query"].partition("=")[2] not in text
    only = await operator.ask("GET", f"/_sim/transcript?path=gettoken&after={said['entries'][0]['number']}")
    assert only["found"] == 0
    await operator.ask("DELETE", "/_sim/transcript")
    assert (await operator.ask("GET", "/_sim/transcript"))["found"] == 0
    assert (await operator.ask("GET", "/_sim/counts"))["counts"]["call gettoken"] == {"0": 1}


async def test_files_go_over_the_wire(operator: Operator, founded: dict):
    form = aiohttp.FormData()
    form.add_field("media", PNG, filename="图片.png", content_type="image/png")
    url = f"{operator.running.url}/cgi-bin/media/upload{founded['token_query']}&type=image"
    async with operator.session.post(url, data=form) as answer:
        media_id = (await answer.json(content_type=None))["media_id"]
    url = f"{operator.running.url}/cgi-bin/media/get{founded['token_query']}&media_id={media_id}"
    async with operator.session.get(url, headers={"Range": "bytes=0-7"}) as answer:
        assert (answer.status, await answer.read()) == (206, PNG[:8])


async def test_faults_break_real_connections(operator: Operator, founded: dict):
    path = f"/cgi-bin/user/list_id{founded['token_query']}"
    for kind in ("reset_before", "reset_after", "unreachable"):
        await operator.ask("POST", "/_sim/faults", {"kind": kind, "path": "user/list_id", "count": 1})
        with pytest.raises(aiohttp.ClientError):
            await operator.ask("POST", path)
    await operator.ask("POST", "/_sim/faults", {"kind": "silence", "path": "user/list_id", "count": 1})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(operator.ask("POST", path), 0.2)


async def test_faults_are_switched_on_and_off(operator: Operator, founded: dict):
    path = f"/cgi-bin/user/get{founded['token_query']}&userid=chen.yu"
    fault = await operator.ask("POST", "/_sim/faults", {"kind": "refuse", "path": "user/*", "code": -1})
    assert (await operator.ask("GET", path))["errcode"] == -1
    assert (await operator.ask("GET", "/_sim/faults"))["faults"][-1]["hits"] == 1
    await operator.ask("DELETE", "/_sim/faults", {"id": fault["id"]})
    assert (await operator.ask("GET", path))["errcode"] == 0
    await operator.ask("DELETE", "/_sim/faults")
    assert (await operator.ask("GET", "/_sim/faults"))["faults"] == []
    await operator.ask("DELETE", "/_sim/tokens")
    assert (await operator.ask("GET", path))["errcode"] == 42001


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/_sim/nothing", None, 404),
        ("POST", "/_sim/act", {"do": "fly"}, 404),
        ("POST", "/_sim/act", {"do": "scan", "state": "elsewhere"}, 409),
        ("POST", "/_sim/act", {"do": "scan", "wings": 2}, 400),
        ("POST", "/_sim/act", {}, 400),
        ("POST", "/_sim/faults", {"kind": "rain"}, 400),
        ("POST", "/_sim/faults", {"kind": "refuse", "cout": 2}, 400),
        ("POST", "/_sim/habits", {"arrivals": "many"}, 400),
        ("POST", "/_sim/habits", {"news": -1}, 400),
        ("POST", "/_sim/clock", {"advance": -1}, 400),
        ("POST", "/_sim/clock", {"speed": -1}, 400),
        ("POST", "/_sim/company", {}, 409),
        ("GET", "/_sim/customer?external_userid=wmNobody", None, 404),
        ("GET", "/_sim/inbox?userid=nobody", None, 404),
        ("GET", "/_sim/customers?limit=many", None, 400),
        ("GET", "/_sim/customers?corp_id=ww0", None, 404),
    ],
)
async def test_the_control_api_says_what_is_wrong(
    operator: Operator, founded: dict, method: str, path: str, body: dict | None, status: int
):
    assert founded["corp_id"]
    assert (await operator.ask(method, path, body, status))["error"]


async def test_the_control_api_lists_itself(operator: Operator):
    said = await operator.ask("GET", "/_sim/")
    assert said["actions"]["scan"]["parameters"]["config_id"] == ""
    assert said["actions"]["leave"]["parameters"]["userid"] == "required"
    assert "refuse" in said["faults"]
    assert all(said["routes"].values())


async def test_time_and_habits_are_levers(operator: Operator, founded: dict):
    await make_way(operator, founded)
    await operator.ask("POST", "/_sim/habits", {"arrivals": 60, "leaves": 0})
    before = (await operator.ask("GET", "/_sim/clock"))["now"]
    pushed = await operator.ask("POST", "/_sim/clock", {"advance": 600})
    assert pushed["now"] >= before + 600
    assert pushed["happened"] > 300
    assert (await operator.ask("GET", "/_sim/habits"))["arrivals"] == 60
    await operator.ask("POST", "/_sim/habits", {"arrivals": 0})
    still = await operator.ask("POST", "/_sim/clock", {"speed": 0})
    assert await operator.ask("GET", "/_sim/clock") == {"now": still["now"], "speed": 0}
    await operator.ask("POST", "/_sim/platform", {"latency": 0.001, "per_minute": 1})
    path = f"/cgi-bin/user/get{founded['token_query']}&userid=chen.yu"
    assert [(await operator.ask("GET", path))["errcode"] for _ in range(2)] == [0, 45009]


async def test_apps_are_made_and_changed(operator: Operator, founded: dict):
    made = {"app": "east", "agent_id": 1_000_003, "secret": "s" * 43, "departments": [5], "trusted_ips": []}
    shown = await operator.ask("POST", "/_sim/app", made)
    assert shown["scope"]["departments"] == [5]
    query = f"corpid={founded['corp_id']}&corpsecret={'s' * 43}"
    token = (await operator.ask("GET", f"/cgi-bin/gettoken?{query}"))["access_token"]
    path = f"/cgi-bin/department/list?access_token={token}"
    assert (await operator.ask("GET", path))["errcode"] == 60020
    await operator.ask("POST", "/_sim/app", {"app": "east", "trusted_ips": "any", "customer_contact": False})
    assert len((await operator.ask("GET", path))["department"]) == 1
    path = f"/cgi-bin/externalcontact/get_follow_user_list?access_token={token}"
    assert (await operator.ask("GET", path))["errcode"] == 48002


class Service:
    """A service under development: it opens callbacks, and echoes when its URL is verified."""

    def __init__(self) -> None:
        self.cipher: Cipher | None = None
        self.posts: asyncio.Queue[str] = asyncio.Queue()
        self.statuses: list[int] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            sealed = {key: request.query[key] for key in ("timestamp", "nonce")}
            signature, echo = request.query["msg_signature"], request.query["echostr"]
            return web.Response(body=self.cipher.open(signature=signature, encrypted=echo, **sealed))
        self.posts.put_nowait(await request.text())
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


async def test_callbacks_arrive_over_http_once_the_url_is_verified(operator: Operator, founded: dict):
    service = Service()
    service.cipher = Cipher(founded["token"], founded["encoding_aes_key"], founded["corp_id"])
    runner = web.ServerRunner(web.Server(service))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback?app=crm"
    keys = {"token": founded["token"], "encoding_aes_key": founded["encoding_aes_key"]}
    wrong = {**keys, "encoding_aes_key": "A" * 43, "url": url}
    assert "echo" in (await operator.ask("POST", "/_sim/receiver", wrong, 409))["error"]
    short = {**keys, "encoding_aes_key": "A" * 42, "url": url}
    assert "EncodingAESKey" in (await operator.ask("POST", "/_sim/receiver", short, 400))["error"]
    assert (await operator.ask("POST", "/_sim/receiver", {**keys, "url": url}))["verified"] is True
    await operator.ask("POST", "/_sim/act", {"do": "add", "userid": "chen.yu"})
    assert "<Encrypt>" in await asyncio.wait_for(service.posts.get(), 5)
    service.statuses = [503]
    operator.running.simulator.delivery.pause = 0.0
    await operator.ask("POST", "/_sim/act", {"do": "write", "userid": "chen.yu", "app": "crm", "text": "帮助"})
    for _ in range(2):
        assert "<Encrypt>" in await asyncio.wait_for(service.posts.get(), 5)
    await runner.cleanup()


async def test_a_callback_nobody_takes_is_tried_three_times(operator: Operator, founded: dict):
    delivery = operator.running.simulator.delivery
    delivery.pause = 0.0
    keys = {"token": founded["token"], "encoding_aes_key": founded["encoding_aes_key"], "verify": False}
    await operator.ask("POST", "/_sim/receiver", {**keys, "url": "http://127.0.0.1:9/"})
    await operator.ask("POST", "/_sim/act", {"do": "add", "userid": "chen.yu"})
    async with asyncio.timeout(5):
        while not (await operator.ask("GET", "/_sim/counts"))["lost"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.01)
    said = await operator.ask("GET", "/_sim/transcript?kind=callback")
    assert [entry["code"] for entry in said["entries"]] == [None] * 3
    assert said["entries"][0]["note"] == "ConnectionError"
