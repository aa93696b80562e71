"""Callbacks: sealed, in order, three attempts, and what faults make of them."""

import asyncio
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from simulator import Callback, Company, Reply, Simulator
from simulator.actions import console, customers, staff
from simulator.delivery import Delivery
from simulator.transcript import CALLBACK
from simulator.world.corp import App
from simulator.world.people import Scope
from tests.simulator.caller import Caller, read
from wecom.crypto import Cipher


def names(inbox: list[Callback]) -> list[str]:
    return [callback.name.rpartition("/")[2] for callback in inbox]


async def test_a_callback_can_be_opened_with_the_app_s_settings(
    sim: Simulator, company: Company, crm: Caller, inbox: list[Callback]
):
    crm.way(state="store_sh_01")
    relation = customers.scan(sim.world, crm.corp, state="store_sh_01")
    assert await sim.settle() == 1
    [callback] = inbox
    query = {key: value for key, [value] in parse_qs(urlsplit(callback.address).query).items()}
    cipher = Cipher(company.token, company.encoding_aes_key, company.corp.id)
    envelope = ET.fromstring(callback.body)
    plain = cipher.open(
        signature=query["msg_signature"],
        timestamp=query["timestamp"],
        nonce=query["nonce"],
        encrypted=envelope.findtext("Encrypt"),
    )
    assert plain == callback.plain
    event = read(callback)
    assert event["ChangeType"] == "add_external_contact"
    assert (event["UserID"], event["ExternalUserID"]) == ("chen.yu", relation.external_userid)
    assert (event["State"], event["ToUserName"]) == ("store_sh_01", company.corp.id)
    assert int(event["CreateTime"]) == int(sim.clock.now())
    assert event["WelcomeCode"] in crm.corp.welcomes.codes
    assert "AgentID" not in event


async def test_the_order_is_kept(sim: Simulator, crm: Caller, inbox: list[Callback]):
    relation = crm.friend()
    pair = {"userid": "chen.yu", "external_userid": relation.external_userid}
    staff.note(sim.world, crm.corp, **pair, remark="老客")
    customers.leave(sim.world, crm.corp, **pair)
    staff.remove(sim.world, crm.corp, **pair, transfer=True)
    await sim.settle()
    assert names(inbox) == [
        "add_external_contact",
        "edit_external_contact",
        "del_follow_user",
        "del_external_contact",
    ]
    assert read(inbox[-1])["Source"] == "DELETE_BY_TRANSFER"


async def test_only_apps_that_see_the_member_are_told(sim: Simulator, crm: Caller, inbox: list[Callback]):
    east = App(1_000_003, "east", "s" * 43, Scope(frozenset(), frozenset({5})))
    deaf = App(1_000_004, "deaf", "t" * 43, customer_contact=False)
    for app in (east, deaf):
        crm.corp.apps[app.agent_id] = app
        crm.corp.receive(app.agent_id, url="http://x", token="t", encoding_aes_key="a" * 43)
    crm.friend("chen.yu")
    await sim.settle()
    assert [callback.app for callback in inbox] == ["crm"]
    crm.friend("huang.jing")
    await sim.settle()
    assert [callback.app for callback in inbox[1:]] == ["crm", "east"]


@pytest.mark.parametrize("failure", [Reply(500), Reply(302), TimeoutError(), ConnectionError()])
async def test_three_attempts_and_then_it_is_lost(sim: Simulator, crm: Caller, failure: Reply | Exception):
    attempts: list[Callback] = []

    async def refuse(callback: Callback) -> Reply:
        attempts.append(callback)
        if isinstance(failure, Exception):
            raise failure
        return failure

    sim.delivery.sender = refuse
    crm.friend()
    await sim.settle()
    assert len(attempts) == 3
    assert len({callback.plain for callback in attempts}) == 1
    assert (sim.delivery.lost, sim.delivery.delivered) == (1, 0)
    assert len(sim.transcript.find(kind=CALLBACK)) == 3


async def test_a_later_attempt_can_succeed(sim: Simulator, crm: Caller):
    answers = [Reply(503), Reply(200)]

    async def recover(_: Callback) -> Reply:
        return answers.pop(0)

    sim.delivery.sender = recover
    crm.friend()
    await sim.settle()
    assert (answers, sim.delivery.delivered, sim.delivery.lost) == ([], 1, 0)


async def test_callbacks_are_repeated_lost_and_late(sim: Simulator, crm: Caller, inbox: list[Callback]):
    added = "change_external_contact/add_external_contact"
    sim.fail("duplicate", added, count=1)
    crm.friend()
    await sim.settle()
    assert len(inbox) == 2
    assert inbox[0].plain == inbox[1].plain
    assert inbox[0].body != inbox[1].body
    sim.fail("lose", added, count=1)
    crm.friend()
    await sim.settle()
    assert (len(inbox), sim.delivery.lost) == (2, 1)
    sim.fail("delay", added, count=1, seconds=30)
    late = crm.friend()
    on_time = crm.friend()
    await sim.settle()
    await sim.advance(29)
    assert read(inbox[-1])["ExternalUserID"] == on_time.external_userid
    await sim.advance(1)
    assert read(inbox[-1])["ExternalUserID"] == late.external_userid


async def test_reordered_callbacks_all_arrive(sim: Simulator, crm: Caller, inbox: list[Callback]):
    sim.fail("reorder", seconds=10)
    relations = [crm.friend() for _ in range(20)]
    await sim.advance(10)
    arrived = [read(callback)["ExternalUserID"] for callback in inbox]
    sent = [relation.external_userid for relation in relations]
    assert sorted(arrived) == sorted(sent)
    assert arrived != sent


async def test_a_slow_customer_holds_up_only_the_own_lane(sim: Simulator, company: Company, crm: Caller):
    sim.world.outlets.clear()
    delivery = Delivery(sim.world, sim.faults, sim.transcript, lanes=8)
    seen: list[Callback] = []
    go_on, many, all_there = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first = crm.friend()
    customers.leave(sim.world, crm.corp, userid="chen.yu", external_userid=first.external_userid)
    for _ in range(20):
        crm.friend()

    def of_first() -> list[str]:
        return names([one for one in seen if first.external_userid.encode() in one.plain])

    async def accept(callback: Callback) -> Reply:
        seen.append(callback)
        if len(of_first()) == 1 and first.external_userid.encode() in callback.plain:
            await go_on.wait()
        if len(seen) >= 10:
            many.set()
        if len(seen) == 22:
            all_there.set()
        return Reply(200)

    delivery.sender = accept
    running = asyncio.create_task(delivery.run())
    await asyncio.wait_for(many.wait(), 5)
    assert of_first() == ["add_external_contact"]
    go_on.set()
    await asyncio.wait_for(all_there.wait(), 5)
    assert of_first() == ["add_external_contact", "del_follow_user"]
    running.cancel()


async def test_the_url_is_verified_by_its_echo(sim: Simulator, company: Company, crm: Caller):
    receiver = company.app.receiver

    async def echo(callback: Callback) -> Reply:
        query = callback.query
        plain = receiver.cipher.open(
            signature=query["msg_signature"],
            timestamp=query["timestamp"],
            nonce=query["nonce"],
            encrypted=query["echostr"],
        )
        return Reply(200, plain)

    async def quote(callback: Callback) -> Reply:
        return Reply(200, b'"' + (await echo(callback)).body + b'"')

    sim.delivery.sender = echo
    assert await sim.delivery.verify(receiver, crm.corp, company.app)
    sim.delivery.sender = quote
    assert not await sim.delivery.verify(receiver, crm.corp, company.app)


async def test_staff_write_and_are_answered_in_the_response(sim: Simulator, company: Company, crm: Caller):
    async def answer(callback: Callback) -> Reply:
        assert read(callback)["Content"] == "帮助"
        plain = (
            f"<xml><ToUserName>chen.yu</ToUserName><FromUserName>{company.corp.id}</FromUserName>"
            "<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>我能帮您</Content></xml>"
        )
        sealed = company.app.receiver.cipher.seal(plain.encode(), timestamp="1", nonce="2")
        body = (
            f"<xml><Encrypt>{sealed.encrypted}</Encrypt><MsgSignature>{sealed.signature}</MsgSignature>"
            "<TimeStamp>1</TimeStamp><Nonce>2</Nonce></xml>"
        )
        return Reply(200, body.encode())

    sim.delivery.sender = answer
    staff.write(sim.world, crm.corp, userid="chen.yu", app="crm", text="帮助")
    await sim.settle()
    assert [message.content for message in crm.corp.mail.of("chen.yu")] == [{"content": "我能帮您"}]
    assert sim.replies.refused == []


async def test_a_reply_that_cannot_be_opened_is_noted(sim: Simulator, crm: Caller):
    async def plain(_: Callback) -> Reply:
        return Reply(200, b"<xml><Content>hello</Content></xml>")

    sim.delivery.sender = plain
    staff.write(sim.world, crm.corp, userid="chen.yu", app="crm", text="帮助")
    await sim.settle()
    assert len(sim.replies.refused) == 1
    assert list(crm.corp.mail.of("chen.yu")) == []


async def test_tags_changed_in_the_console_are_told(sim: Simulator, crm: Caller, inbox: list[Callback]):
    tag = console.create_tag(sim.world, crm.corp, group="城市", name="上海")
    console.rename_tag(sim.world, crm.corp, id=tag.id, name="魔都")
    console.shuffle_tags(sim.world, crm.corp)
    console.delete_tag(sim.world, crm.corp, id=tag.group_id)
    await sim.settle()
    told = [(read(c)["ChangeType"], read(c).get("TagType"), read(c)["Id"]) for c in inbox]
    assert told == [
        ("create", "tag_group", tag.group_id),
        ("create", "tag", tag.id),
        ("update", "tag", tag.id),
        ("shuffle", None, ""),
        ("delete", "tag_group", tag.group_id),
    ]


async def test_a_colleague_who_leaves_is_told_to_apps_that_follow_the_address_book(
    sim: Simulator, crm: Caller, inbox: list[Callback]
):
    staff.resign(sim.world, crm.corp, userid="chen.yu")
    crm.app.contact_events = True
    staff.resign(sim.world, crm.corp, userid="lin.qiao")
    await sim.settle()
    assert [read(callback)["UserID"] for callback in inbox] == ["lin.qiao"]
    assert crm.get("user/get", userid="lin.qiao")["errcode"] == 60111
