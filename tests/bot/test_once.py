"""Promise 2: remember once. Re-deliveries collapse, distinct events never do, and effects have keys of their own."""

import asyncio

from tests.stage import GREETING, MARKING, SENDING, Kind, contact, counted

AT = 1_770_000_000


def tag_event(stage, identity, change="update"):
    return (
        f"<xml><ToUserName>{stage.corp.id}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{AT}</CreateTime>"
        f"<MsgType>event</MsgType><Event>change_external_tag</Event><Id>{identity}</Id><TagType>tag</TagType>"
        f"<ChangeType>{change}</ChangeType></xml>"
    ).encode()


def group_event(stage, chat, detail):
    return (
        f"<xml><ToUserName>{stage.corp.id}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{AT}</CreateTime>"
        f"<MsgType>event</MsgType><Event>change_external_chat</Event><ChatId>{chat}</ChatId>"
        f"<ChangeType>update</ChangeType><UpdateDetail>{detail}</UpdateDetail></xml>"
    ).encode()


async def test_the_same_callback_delivered_many_times_is_one_event(stage):
    await stage.serve(role="web")
    before = counted("siyu_callbacks_total", app="crm", outcome="repeated")
    plain = contact("edit_external_contact", at=AT, corp_id=stage.corp.id, UserID="u")
    answers = await asyncio.gather(*(stage.knock(plain) for _ in range(20)))  # each sealed anew, as WeCom does
    assert {answer.status_code for answer in answers} == {200}
    assert len(await stage.events()) == 1
    assert counted("siyu_callbacks_total", app="crm", outcome="repeated") == before + 19


async def test_callbacks_of_one_second_and_one_type_about_different_things_are_different(stage):
    await stage.serve(role="web")
    bodies = [
        tag_event(stage, "et1"),
        tag_event(stage, "et2"),
        tag_event(stage, "et1", "create"),
        group_event(stage, "wr1", "add_member"),
        group_event(stage, "wr2", "add_member"),
        group_event(stage, "wr1", "del_member"),
        contact("edit_external_contact", at=AT, corp_id=stage.corp.id, UserID="u"),
        contact("edit_external_contact", at=AT, corp_id=stage.corp.id, UserID="v"),
    ]
    for body in bodies * 2:
        assert (await stage.knock(body)).status_code == 200
    assert sorted(event.body.encode() for event in await stage.events()) == sorted(bodies)


async def test_a_scan_told_twice_is_greeted_tagged_and_prompted_once(living):
    channel = await living.channel(tags=[living.tag_id("门店")], welcome={"text": "你好"})
    living.fail(Kind.DUPLICATE, "change_external_contact/add_external_contact")
    relation = living.scan(channel)
    await living.until(lambda: living.greetings(relation))
    await living.until(living.idle)
    assert len(living.simulator.transcript.find(path="change_external_contact/add_external_contact")) == 2
    assert len(await living.events("contact_added")) == 1
    assert [len(living.calls(path)) for path in (GREETING, MARKING, SENDING)] == [1, 1, 1]


async def test_a_fact_told_again_in_other_words_has_its_effects_once(living):
    channel = await living.channel(tags=[living.tag_id("门店")], welcome={"text": "你好"})
    relation = living.scan(channel)
    await living.until(lambda: living.greetings(relation))
    (event,) = await living.events("contact_added")
    assert (await living.knock(event.body.replace("<xml>", "<xml>\n").encode())).status_code == 200
    await living.until(living.idle)
    assert len(await living.events("contact_added")) == 2
    assert [len(living.calls(path)) for path in (GREETING, MARKING, SENDING)] == [1, 1, 1]
    assert (await living.get(f"customers/{relation.external_userid}"))["followers"][0]["adds"] == 1
