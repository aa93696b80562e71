"""Welcome codes: twenty seconds, once, and one app at a time."""

import msgspec
import pytest

from simulator import Callback, Simulator
from simulator.actions import customers
from simulator.world.contacts import WECOM, Relation
from simulator.world.corp import App
from tests.simulator.caller import Caller, read

TEXT = {"text": {"content": "您好"}}
SEND = "externalcontact/send_welcome_msg"


def code_of(crm: Caller, relation: Relation) -> str:
    [code] = [one.code for one in crm.corp.welcomes.codes.values() if one.relation is relation]
    return code


def test_a_welcome_reaches_the_customer(crm: Caller):
    relation = crm.friend()
    assert crm.post(SEND, TEXT, welcome_code=code_of(crm, relation))["errcode"] == 0
    [received] = crm.corp.contacts.customers[relation.external_userid].received
    assert (received.kind, received.userid, received.content) == ("welcome", "chen.yu", TEXT)


def test_a_code_dies_after_twenty_seconds(sim: Simulator, crm: Caller):
    relation = crm.friend()
    code = code_of(crm, relation)
    sim.clock.advance(19.9)
    assert crm.post(SEND, TEXT, welcome_code=code)["errcode"] == 0
    late = code_of(crm, crm.friend())
    sim.clock.advance(20)
    assert crm.post(SEND, TEXT, welcome_code=late)["errcode"] == 41050


def test_a_code_works_once(crm: Caller):
    relation = crm.friend()
    code = code_of(crm, relation)
    crm.post(SEND, TEXT, welcome_code=code)
    assert crm.post(SEND, TEXT, welcome_code=code)["errcode"] == 41051
    assert len(crm.corp.contacts.customers[relation.external_userid].received) == 1


def test_who_chats_already_is_not_welcomed(sim: Simulator, crm: Caller):
    relation = crm.friend()
    customers.reply(sim.world, crm.corp, userid="chen.yu", external_userid=relation.external_userid)
    assert crm.post(SEND, TEXT, welcome_code=code_of(crm, relation))["errcode"] == 41051


def test_of_two_apps_at_once_the_second_waits_and_then_is_too_late(sim: Simulator, crm: Caller):
    other = App(1_000_003, "other", "s" * 43)
    crm.corp.apps[other.agent_id] = other
    second = Caller(sim, crm.corp, other)
    code = code_of(crm, crm.friend())
    body = msgspec.json.encode({**TEXT, "welcome_code": code})
    first = sim.platform.open(crm.request("POST", SEND, body, access_token=crm.token))
    assert second.post(SEND, TEXT, welcome_code=code)["errcode"] == 41096
    sim.platform.close(first)
    assert second.post(SEND, TEXT, welcome_code=code)["errcode"] == 41051


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"welcome_code": ""}, 41049),
        ({"welcome_code": "wlcUnknown"}, 41050),
        ({"text": None}, 40063),
        ({"text": {"content": ""}}, 40063),
        ({"text": {"content": "好" * 1333}}, 0),
        ({"text": {"content": "好" * 1334}}, 40058),
        ({"text": "您好"}, 40058),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "https://x"}}] * 9}, 0),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "https://x"}}] * 10}, 41064),
        ({"attachments": [{"msgtype": "voice", "voice": {}}]}, 41065),
        ({"attachments": [{"msgtype": "image"}]}, 40063),
        ({"attachments": [{"msgtype": "image", "image": {}}]}, 41006),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "nope"}}]}, 40007),
        ({"attachments": [{"msgtype": "image", "image": {"pic_url": "https://elsewhere"}}]}, 40058),
        ({"attachments": [{"msgtype": "link", "link": {"url": "https://x"}}]}, 41016),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t"}}]}, 41010),
        ({"attachments": [{"msgtype": "link", "link": {"title": "题" * 43, "url": "https://x"}}]}, 40058),
        ({"attachments": [{"msgtype": "link", "link": {"title": "t", "url": "x.com"}}]}, 40058),
    ],
)
def test_contents_are_checked_before_the_code_is_spent(crm: Caller, body: dict, code: int):
    welcome_code = code_of(crm, crm.friend())
    assert crm.post(SEND, {"welcome_code": welcome_code, **TEXT, **body})["errcode"] == code
    if code:
        assert crm.post(SEND, TEXT, welcome_code=welcome_code)["errcode"] == 0


def test_attachments_need_media_of_their_kind_that_still_live(sim: Simulator, crm: Caller):
    image = crm.media()
    moment = crm.upload("media/upload_attachment", media_type="image", attachment_type="1")["media_id"]
    picture = crm.upload("media/uploadimg")["url"]
    program = {"title": "小程序", "pic_media_id": image, "appid": "wx1", "page": "/index"}

    def send(kind: str, body: dict) -> int:
        attachments = [{"msgtype": kind, kind: body}]
        return crm.post(SEND, attachments=attachments, welcome_code=code_of(crm, crm.friend()))["errcode"]

    assert send("image", {"media_id": image}) == 0
    assert send("image", {"pic_url": picture}) == 0
    assert send("video", {"media_id": image}) == 40007
    assert send("image", {"media_id": moment}) == 41072
    assert send("miniprogram", program) == 90206
    crm.app.mini_programs = frozenset({"wx1"})
    assert send("miniprogram", program) == 0
    assert send("miniprogram", {**program, "title": "题" * 22}) == 40058
    sim.clock.advance(3 * 86_400)
    crm = Caller(sim, crm.corp, crm.app)
    assert send("image", {"media_id": image}) == 40145


async def test_the_half_add_carries_the_code_and_the_add_none_once_used(
    sim: Simulator, crm: Caller, inbox: list[Callback]
):
    relation = customers.add(sim.world, crm.corp, userid="chen.yu", half=True)
    await sim.settle()
    half = read(inbox[-1])
    assert half["ChangeType"] == "add_half_external_contact"
    assert crm.post(SEND, TEXT, welcome_code=half["WelcomeCode"])["errcode"] == 0
    customers.accept(sim.world, crm.corp, userid="chen.yu", external_userid=relation.external_userid)
    await sim.settle()
    added = read(inbox[-1])
    assert added["ChangeType"] == "add_external_contact"
    assert "WelcomeCode" not in added


async def test_a_wecom_user_brings_no_code(sim: Simulator, crm: Caller, inbox: list[Callback]):
    person = customers.meet(sim.world, crm.corp, kind=WECOM)
    customers.add(sim.world, crm.corp, userid="chen.yu", external_userid=person.external_userid)
    await sim.settle()
    assert "WelcomeCode" not in read(inbox[-1])
