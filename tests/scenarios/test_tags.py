"""What is done to tags in WeCom's console or on a phone is soon so here, too."""

from simulator.actions import console, staff


async def library(stage):
    groups = (await stage.get("tags"))["groups"]
    return {group["name"]: [tag["name"] for tag in group["tags"]] for group in groups}


async def same(stage):
    """Whether our library is the one at WeCom."""
    there = {group.name: {tag.name for tag in group.tags.values()} for group in stage.corp.tags.groups.values()}
    return {name: set(tags) for name, tags in (await library(stage)).items()} == there


async def test_corp_tags_edited_in_the_console_converge(siyu):
    world, corp = siyu.simulator.world, siyu.corp
    assert await same(siyu)
    tag = console.create_tag(world, corp, group="预算", name="十万以上")
    await siyu.until(lambda: has(siyu, "预算", "十万以上"))
    console.rename_tag(world, corp, id=tag.id, name="二十万以上")
    await siyu.until(lambda: has(siyu, "预算", "二十万以上"))
    console.delete_tag(world, corp, id=siyu.tag_id("VIP"))
    console.shuffle_tags(world, corp)
    await siyu.until(lambda: same(siyu))
    assert "VIP" not in str(await library(siyu))


async def has(stage, group, name):
    return name in (await library(stage)).get(group, [])


async def test_a_deleted_group_takes_its_tags_along(siyu):
    (group,) = [one for one in siyu.corp.tags.groups.values() if one.name == "客户等级"]
    console.delete_tag(siyu.simulator.world, siyu.corp, id=group.id)
    await siyu.until(lambda: same(siyu))
    assert "客户等级" not in await library(siyu)


async def test_tags_and_remarks_set_by_hand_are_known_with_who_set_them(siyu):
    relation = siyu.scan(await siyu.channel(welcome={"text": "你好"}))
    await siyu.until(lambda: siyu.greetings(relation))
    await siyu.until(siyu.idle)
    siyu.push(5)
    siyu.act(staff.tag, relation, put=[siyu.tag_id("高意向")])
    siyu.push(5)
    siyu.act(staff.note, relation, remark="老王")
    await siyu.until(lambda: noted(siyu, relation))
    await siyu.until(siyu.idle)
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    (tag,) = follower["tags"]
    assert (tag["name"], tag["source"]) == ("高意向", "staff")


async def noted(stage, relation):
    (follower,) = (await stage.get(f"customers/{relation.external_userid}"))["followers"]
    return follower["remark"] == "老王"


async def test_a_tag_that_was_deleted_is_left_out_and_the_rest_is_set(siyu):
    gone, left = siyu.tag_id("门店"), siyu.tag_id("新客")
    channel = await siyu.channel(tags=[gone, left], welcome={"text": "你好"})
    console.delete_tag(siyu.simulator.world, siyu.corp, id=gone)
    await siyu.until(lambda: same(siyu))
    relation = siyu.scan(channel)
    await siyu.until(lambda: list(relation.tags) == [left])
    await siyu.until(siyu.idle)
    assert ("skipped", "tag_deleted") in await siyu.reasons("tag", relation)
