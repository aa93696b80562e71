"""Tag rules set tags at WeCom and clean up behind themselves; what the staff does by hand counts more."""

import pytest

from simulator.actions import staff
from tests.stage import MARKING, read

DAY = 24 * 3600


@pytest.fixture
async def silent(siyu):
    """A rule that tags those who have not replied yet."""
    body = {"name": "未回复", "tag_id": siyu.tag_id("中意向"), "condition": {"replied": False}}
    rule = await siyu.post("tag-rules", body)
    await siyu.until(siyu.idle)
    return rule


async def reply(stage, relation):
    """The customer writes, of which WeCom tells where they came by an acquisition link."""
    fields = {
        "ToUserName": stage.corp.id, "FromUserName": "sys", "CreateTime": str(int(stage.now().timestamp())),
        "MsgType": "event", "Event": "customer_acquisition", "ChangeType": "customer_start_chat", "LinkId": "cawc",
        "UserID": relation.userid, "ExternalUserID": relation.external_userid,
    }  # fmt: skip
    body = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    assert (await stage.knock(f"<xml>{body}</xml>".encode())).status_code == 200


async def source(stage, relation, name):
    """Who is shown as having set a tag, None where it is not on the customer."""
    (follower,) = (await stage.get(f"customers/{relation.external_userid}"))["followers"]
    return next((tag["source"] for tag in follower["tags"] if tag["name"] == name), None)


async def tagged(stage, relation, tag_id):
    await stage.until(lambda: tag_id in relation.tags)
    await stage.until(stage.idle)


async def test_a_rule_tags_who_comes_and_lets_go_when_it_no_longer_holds(siyu, silent):
    relation = siyu.add()
    await tagged(siyu, relation, silent["tag_id"])
    assert await source(siyu, relation, "中意向") == "rule"
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    (tag,) = follower["tags"]
    (owner,) = tag["owners"]
    assert (owner["owner"], owner["version"], owner["evidence"]) == (f"rule:{silent['id']}", 1, {"replied": False})
    siyu.push(60)
    await reply(siyu, relation)
    await siyu.until(lambda: not relation.tags)
    await siyu.until(siyu.idle)
    assert await source(siyu, relation, "中意向") is None
    assert ("wanted", "rule_ended") in await siyu.reasons("tag", relation)


async def test_a_tag_that_the_staff_has_set_stays_whatever_the_rule_says(siyu, silent):
    relation = siyu.add()
    await tagged(siyu, relation, silent["tag_id"])
    other = siyu.add(siyu.team[3])
    await tagged(siyu, other, silent["tag_id"])
    by_hand = siyu.tag_id("VIP")
    siyu.push(5)
    siyu.act(staff.tag, relation, put=[by_hand])
    await siyu.until(lambda: siyu.events("contact_edited"))
    await siyu.until(siyu.idle)
    rule = await siyu.post("tag-rules", {"name": "V", "tag_id": by_hand, "condition": {"replied": False}})
    await siyu.until(lambda: by_hand in other.tags)
    await siyu.until(siyu.idle)
    answer = await siyu.api.delete(f"{siyu.base}/api/v1/tag-rules/{rule['id']}")
    assert answer.status_code == 204
    await siyu.until(lambda: by_hand not in other.tags)
    await siyu.until(siyu.idle)
    assert by_hand in relation.tags
    assert await source(siyu, relation, "VIP") == "staff"


async def test_what_the_staff_takes_away_is_left_alone_until_the_rule_changes(siyu, silent):
    relation = siyu.add()
    await tagged(siyu, relation, silent["tag_id"])
    siyu.push(5)
    siyu.act(staff.tag, relation, take=[silent["tag_id"]])
    await siyu.until(lambda: siyu.events("contact_edited"))
    await siyu.until(siyu.idle)
    await siyu.api.post(f"{siyu.base}/api/v1/tag-rules/run")
    await siyu.until(lambda: finished(siyu, 2))
    assert relation.tags == {}
    assert ("skipped", "tag_taken") in await siyu.reasons("tag", relation)
    await siyu.api.patch(f"{siyu.base}/api/v1/tag-rules/{silent['id']}", json={"name": "未回复二"})
    await tagged(siyu, relation, silent["tag_id"])


async def finished(stage, least):
    jobs = (await stage.get("jobs", kind="tag_rules"))["items"]
    return len([job for job in jobs if job["status"] == "done"]) >= least and await stage.idle()


async def test_a_tag_for_some_days_goes_when_they_are_over(siyu):
    tag_id = siyu.tag_id("新客")
    body = {"name": "新", "tag_id": tag_id, "condition": {"replied": False}, "expires_days": 7}
    await siyu.post("tag-rules", body)
    relation = siyu.add()
    await tagged(siyu, relation, tag_id)
    siyu.push(7 * DAY + 5)
    await siyu.until(lambda: not relation.tags)
    await siyu.until(siyu.idle)
    assert ("wanted", "tag_expired") in await siyu.reasons("tag", relation)
    assert await source(siyu, relation, "新客") is None
    siyu.push(5)
    siyu.act(staff.note, relation, remark="老王")
    await siyu.until(lambda: siyu.events("contact_edited"))
    await siyu.until(siyu.idle)
    assert relation.tags == {}


async def test_each_night_time_alone_makes_rules_hold(siyu):
    tag_id = siyu.tag_id("流失预警")
    await siyu.post("tag-rules", {"name": "沉默", "tag_id": tag_id, "condition": {"silent_days": {"least": 30}}})
    relation = siyu.add()
    await siyu.until(siyu.idle)
    siyu.push(31 * DAY)
    await tagged(siyu, relation, tag_id)
    await reply(siyu, relation)
    await siyu.until(lambda: tag_id not in relation.tags)


async def test_a_rule_is_tried_before_it_is_made(siyu):
    relation = siyu.add()
    siyu.add(siyu.team[3])
    await siyu.until(lambda: siyu.events("contact_added"))
    await siyu.until(siyu.idle)
    shown = await siyu.post("tag-rules/preview", {"condition": {"staff": [relation.userid]}})
    assert (shown["checked"], shown["matching"], shown["complete"]) == (2, 1, True)
    (sample,) = shown["samples"]
    assert (sample["external_user_id"], sample["evidence"]) == (relation.external_userid, {"staff": relation.userid})
    assert siyu.calls(MARKING) == []


async def test_two_rules_share_a_tag_and_the_last_one_takes_it_off(siyu, silent):
    body = {"name": "刚来", "tag_id": silent["tag_id"], "condition": {"days_since_added": {"most": 30}}}
    second = await siyu.post("tag-rules", body)
    relation = siyu.add()
    await tagged(siyu, relation, silent["tag_id"])
    siyu.push(5)
    await reply(siyu, relation)
    await siyu.until(lambda: siyu.events("chat_started"))
    await siyu.until(siyu.idle)
    assert silent["tag_id"] in relation.tags
    assert (await siyu.api.delete(f"{siyu.base}/api/v1/tag-rules/{second['id']}")).status_code == 204
    await siyu.until(lambda: silent["tag_id"] not in relation.tags)
    removals = [read(call) for call in siyu.calls(MARKING) if "remove_tag" in read(call)]
    assert len(removals) == 1
