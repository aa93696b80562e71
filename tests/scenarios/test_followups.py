"""Some time after an add, somebody is reminded: if it is still called for."""

from simulator.actions import staff


async def rule(stage, action, **unless):
    body = {"name": "一小时未回复", "after_minutes": 60, "unless": unless, "action": action}
    return await stage.post("followups", body)


async def arrived(stage, name):
    channel = await stage.channel(name=name, welcome={"text": "你好"})
    relation = stage.scan(channel)
    await stage.until(lambda: stage.greetings(relation))
    await stage.until(stage.idle)
    return relation


def prompts(stage, userid):
    return [card for card in stage.inbox(userid) if card["main_title"]["title"] == "一小时未回复"]


async def test_the_member_is_prompted_when_the_time_has_come_and_not_before(siyu):
    await rule(siyu, {"kind": "prompt", "text": "问候一下吧"})
    relation = await arrived(siyu, "门店")
    siyu.push(55 * 60)
    await siyu.until(siyu.idle)
    assert prompts(siyu, relation.userid) == []
    siyu.push(6 * 60)
    await siyu.until(lambda: prompts(siyu, relation.userid))
    await siyu.until(siyu.idle)
    assert len(prompts(siyu, relation.userid)) == 1
    assert ("sent", "followup_due") in await siyu.reasons("followup", relation)


async def test_a_customer_who_was_tagged_meanwhile_is_left_alone(siyu):
    await rule(siyu, {"kind": "prompt", "text": "问候一下吧"}, tags=[siyu.tag_id("已下单")])
    relation = await arrived(siyu, "门店")
    siyu.push(30)
    siyu.act(staff.tag, relation, put=[siyu.tag_id("已下单")])
    await siyu.until(lambda: siyu.events("contact_edited"))
    await siyu.until(siyu.idle)
    siyu.push(61 * 60)
    await siyu.until(lambda: siyu.reasons("followup", relation))
    await siyu.until(siyu.idle)
    assert prompts(siyu, relation.userid) == []
    assert await siyu.reasons("followup", relation) == [("skipped", "tagged")]


async def test_a_customer_who_has_replied_is_left_alone(siyu):
    await rule(siyu, {"kind": "prompt", "text": "问候一下吧"}, replied=True)
    relation = await arrived(siyu, "门店")
    plain = replied(siyu, relation)
    assert (await siyu.knock(plain)).status_code == 200
    await siyu.until(siyu.idle)
    siyu.push(61 * 60)
    await siyu.until(lambda: siyu.reasons("followup", relation))
    await siyu.until(siyu.idle)
    assert prompts(siyu, relation.userid) == []
    assert await siyu.reasons("followup", relation) == [("skipped", "replied")]


def replied(stage, relation):
    """The first message of a customer, which WeCom tells of those who came by an acquisition link."""
    return (
        f"<xml><ToUserName>{stage.corp.id}</ToUserName><FromUserName>sys</FromUserName>"
        f"<CreateTime>{int(stage.simulator.clock.now()) + 1}</CreateTime><MsgType>event</MsgType>"
        "<Event>customer_acquisition</Event><ChangeType>customer_start_chat</ChangeType><LinkId>l1</LinkId>"
        f"<UserID>{relation.userid}</UserID><ExternalUserID>{relation.external_userid}</ExternalUserID></xml>"
    ).encode()


async def test_a_tag_or_the_leads_alarm_may_be_the_action(siyu):
    await rule(siyu, {"kind": "tag", "tags": [siyu.tag_id("流失预警")]})
    await rule(siyu, {"kind": "alert", "text": "{customer} 无人跟进"})
    relation = await arrived(siyu, "门店")
    siyu.push(61 * 60)
    await siyu.until(lambda: relation.tags and prompts(siyu, siyu.lead))
    assert list(relation.tags) == [siyu.tag_id("流失预警")]
    assert len(prompts(siyu, siyu.lead)) == 1
