"""An operator works in the tag library; WeCom follows, and what it refuses is told."""

from simulator.actions import console, staff
from sop.events import DirectoryDue
from tests.stage import MARKING

ADDING = "externalcontact/add_corp_tag"


async def group(stage, name):
    """A group of the library as operators see it."""
    groups = (await stage.get("tags"))["groups"]
    return next((each for each in groups if each["name"] == name), None)


async def test_tags_made_renamed_moved_and_deleted_here_are_so_at_wecom(siyu):
    body = {"group": {"name": "预算", "position": 9}, "tags": [{"name": "十万", "position": 1}, {"name": "百万"}]}
    made = await siyu.post("tags", body, wait=10)
    assert [(tag["name"], tag["status"]) for tag in made["tags"]] == [("十万", "live"), ("百万", "live")]
    there = siyu.corp.tags.named("预算")
    assert (there.order, [tag.id for tag in there.tags.values()]) == (9, [tag["id"] for tag in made["tags"]])

    first, second = (f"{siyu.base}/api/v1/tags/{tag['id']}" for tag in made["tags"])
    answer = await siyu.api.patch(first, json={"name": "二十万", "position": 0})
    assert (answer.status_code, answer.json()["tags"][0]["status"]) == (202, "pending")
    await siyu.until(lambda: there.named("二十万"))
    await siyu.until(siyu.idle)
    shown = await group(siyu, "预算")
    assert {(tag["name"], tag["position"], tag["status"]) for tag in shown["tags"]} == {
        ("二十万", 0, "live"),
        ("百万", 0, "live"),
    }
    assert (await siyu.api.delete(second)).status_code == 202
    assert (await siyu.api.delete(f"{siyu.base}/api/v1/tag-groups/{made['id']}")).status_code == 202
    await siyu.until(lambda: siyu.corp.tags.named("预算") is None)
    await siyu.until(siyu.idle)
    assert await group(siyu, "预算") is None
    assert ("sent", "library_changed") in await siyu.reasons("library")


async def test_what_wecom_refuses_stands_on_the_tag_with_what_to_do(siyu):
    by_hand = console.create_tag(siyu.simulator.world, siyu.corp, group="客户等级", name="手工")
    await siyu.until(lambda: has(siyu, "客户等级", "手工"))
    await siyu.api.patch(f"{siyu.base}/api/v1/tags/{by_hand.id}", json={"name": "自动"})
    await siyu.until(lambda: refused(siyu, "客户等级", "手工"))
    (tag,) = [tag for tag in (await group(siyu, "客户等级"))["tags"] if tag["name"] == "手工"]
    assert (tag["code"], "其他应用" in tag["problem"]) == (81011, True)


async def has(stage, name, tag):
    found = await group(stage, name)
    return found and tag in [each["name"] for each in found["tags"]]


async def refused(stage, name, tag):
    return "refused" in [each["status"] for each in (await group(stage, name))["tags"] if each["name"] == tag]


async def test_a_lost_answer_makes_no_tag_twice(siyu):
    siyu.fail("reset_after", ADDING, count=1)
    made = await siyu.post("tags", {"group": {"name": "城市"}, "tags": [{"name": "上海"}]})
    assert made["status"] == "pending"
    await siyu.until(lambda: siyu.calls(ADDING))
    siyu.push(5)
    await siyu.until(siyu.idle)
    shown = await group(siyu, "城市")
    assert [(tag["name"], tag["status"]) for tag in shown["tags"]] == [("上海", "live")]
    assert len(siyu.corp.tags.named("城市").tags) == 1


async def test_a_tag_in_use_is_deleted_only_by_force(siyu):
    gone = siyu.tag_id("门店")
    await siyu.channel(tags=[gone], name="一店")
    path = f"{siyu.base}/api/v1/tags/{gone}"
    answer = await siyu.api.delete(path)
    assert (answer.status_code, "渠道“一店”" in answer.json()["detail"]) == (409, True)
    assert (await siyu.api.delete(path, params={"force": "true"})).status_code == 202
    await siyu.until(lambda: siyu.corp.tags.named("来源渠道").named("门店") is None)


async def test_an_internal_tag_is_put_on_customers_without_wecom(siyu):
    made = await siyu.post("tags", {"kind": "internal", "group": {"name": "风险"}, "tags": [{"name": "投诉过"}]})
    (tag,) = made["tags"]
    assert (made["kind"], tag["status"], tag["id"][:3]) == ("internal", "live", "in:")
    relation = siyu.scan(await siyu.channel(tags=[tag["id"], siyu.tag_id("新客")]))
    await siyu.until(lambda: relation.tags)
    await siyu.until(siyu.idle)
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    assert {(each["name"], each["source"]) for each in follower["tags"]} == {("投诉过", "channel"), ("新客", "channel")}
    assert all(tag["id"] not in str(call.sent) for call in siyu.calls(MARKING))
    siyu.push(3)
    siyu.act(staff.note, relation, remark="老王")
    await siyu.until(lambda: siyu.events("contact_edited"))
    await siyu.until(siyu.idle)
    (follower,) = (await siyu.get(f"customers/{relation.external_userid}"))["followers"]
    assert "投诉过" in [each["name"] for each in follower["tags"]]


async def test_tags_of_rule_groups_are_shown_and_not_changed(siyu):
    tag = console.create_strategy_tag(siyu.simulator.world, siyu.corp, strategy_id=3, group="区域", name="华东")
    await siyu.announce(DirectoryDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(lambda: group(siyu, "区域"))
    shown = await group(siyu, "区域")
    assert (shown["kind"], shown["strategy_id"]) == ("strategy", 3)
    answer = await siyu.api.patch(f"{siyu.base}/api/v1/tags/{tag.id}", json={"name": "华南"})
    assert answer.status_code == 409


async def test_a_template_is_taken_over_as_far_as_it_is_missing(siyu):
    templates = (await siyu.get("tag-templates"))["templates"]
    assert [each["key"] for each in templates] == ["source", "interaction", "preference", "lifecycle", "membership"]
    made = await siyu.post("tag-templates/preference/apply", {})
    assert {each["name"] for each in made["groups"]} == {"意向程度", "关注点", "联系偏好"}
    await siyu.until(siyu.idle)
    assert [tag.name for tag in siyu.corp.tags.named("意向程度").tags.values()][3:] == ["无意向"]
    assert siyu.corp.tags.named("关注点").named("价格").order > siyu.corp.tags.named("关注点").named("质量").order
    assert (await siyu.post("tag-templates/preference/apply", {}))["groups"] == []
    inner = await siyu.post("tag-templates/lifecycle/apply", {"kind": "internal"})
    assert {tag["status"] for each in inner["groups"] for tag in each["tags"]} == {"live"}
