"""A customer scans the code of a channel."""

from simulator.actions import customers
from tests.stage import GREETING


async def test_a_scan_is_greeted_tagged_named_and_the_member_is_prompted(siyu):
    channel = await siyu.channel(
        tags=[siyu.tag_id("门店"), siyu.tag_id("新客")],
        remark="{channel}-{customer}",
        welcome={"text": "{customer} 您好，我是{staff}，欢迎来到{channel}"},
    )
    relation = siyu.scan(channel, name="王小明")
    await siyu.until(lambda: siyu.greetings(relation))
    (entry,) = siyu.calls(GREETING)
    assert entry.at - relation.created_at < 1
    (greeting,) = siyu.greetings(relation)
    staff = siyu.corp.directory.find(relation.userid).name
    assert greeting["text"]["content"] == f"王小明 您好，我是{staff}，欢迎来到上海门店"

    await siyu.until(siyu.idle)
    assert set(relation.tags) == {siyu.tag_id("门店"), siyu.tag_id("新客")}
    assert relation.remark == "上海门店-王小明"
    (card,) = siyu.inbox(relation.userid)
    assert "王小明" in card["main_title"]["title"]
    lines = {line["keyname"]: line["value"] for line in card["horizontal_content_list"]}
    assert (lines["来源"], lines["标签"]) == ("上海门店", "门店、新客")
    assert card["card_action"]["url"].endswith(relation.external_userid)

    shown = await siyu.get(f"customers/{relation.external_userid}")
    assert shown["name"] == "王小明"
    (follower,) = shown["followers"]
    assert (follower["user_id"], follower["remark"], follower["adds"]) == (relation.userid, "上海门店-王小明", 1)
    assert {tag["name"] for tag in follower["tags"]} == {"门店", "新客"}


async def test_members_behind_a_channel_take_turns(siyu):
    channel = await siyu.channel(staff=siyu.team[:3], welcome={"text": "你好"})
    relations = [siyu.scan(channel) for _ in range(6)]
    await siyu.until(lambda: all(map(siyu.greetings, relations)))
    await siyu.until(siyu.idle)
    assert [len(siyu.inbox(userid)) for userid in siyu.team[:3]] == [2, 2, 2]


async def test_a_customer_with_two_members_has_two_relations(siyu):
    channel = await siyu.channel(staff=siyu.team[:2], welcome={"text": "你好"})
    first = siyu.scan(channel)
    second = siyu.scan(channel, external_userid=first.external_userid)
    await siyu.until(lambda: siyu.greetings(first) and siyu.greetings(second))
    await siyu.until(siyu.idle)
    shown = await siyu.get(f"customers/{first.external_userid}")
    assert {one["user_id"] for one in shown["followers"]} == set(siyu.team[:2])


async def test_who_comes_back_is_counted_and_greeted_again(siyu):
    channel = await siyu.channel(welcome={"text": "你好"})
    first = siyu.scan(channel)
    await siyu.until(lambda: siyu.greetings(first))
    siyu.push(60)
    siyu.act(customers.leave, first)
    await siyu.until(lambda: siyu.events("staff_removed"))
    siyu.push(60)
    again = siyu.scan(channel, external_userid=first.external_userid)
    await siyu.until(lambda: len(siyu.greetings(again)) == 2)
    await siyu.until(siyu.idle)
    (follower,) = (await siyu.get(f"customers/{first.external_userid}"))["followers"]
    assert (follower["adds"], follower["status"]) == (2, "active")


async def test_who_confirms_later_is_greeted_once(siyu):
    channel = await siyu.channel(tags=[siyu.tag_id("门店")], welcome={"text": "你好"})
    relation = siyu.scan(channel, half=True)
    await siyu.until(lambda: siyu.greetings(relation))
    siyu.push(5)
    siyu.act(customers.accept, relation)
    await siyu.until(lambda: siyu.events("contact_added"))
    await siyu.until(siyu.idle)
    assert len(siyu.greetings(relation)) == 1
    assert len(siyu.calls(GREETING)) == 1
    assert list(relation.tags) == [siyu.tag_id("门店")]
    assert len(siyu.inbox(relation.userid)) == 1
