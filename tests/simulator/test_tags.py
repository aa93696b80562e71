"""Corp tags: names, owners, limits, and marking customers."""

import pytest

from simulator import Simulator
from simulator.actions import console
from simulator.actions.errors import Impossible
from simulator.world.contacts import Relation
from simulator.world.corp import App
from tests.simulator.caller import Caller


def pair(relation: Relation) -> dict[str, str]:
    return {"userid": relation.userid, "external_userid": relation.external_userid}


def tag_id(crm: Caller, group: str = "客户等级", name: str = "VIP") -> str:
    return crm.corp.tags.named(group).named(name).id


def test_a_new_group_is_made_with_its_tags(crm: Caller):
    body = {"group_name": "城市", "order": 3, "tag": [{"name": "上海", "order": 1}, {"name": "北京"}, {"name": "上海"}]}
    made = crm.post("externalcontact/add_corp_tag", body)["tag_group"]
    assert [tag["name"] for tag in made["tag"]] == ["上海", "北京"]
    listed = crm.post("externalcontact/get_corp_tag_list")["tag_group"]
    assert len(listed) == 5
    assert made in listed
    more = crm.post("externalcontact/add_corp_tag", group_name="城市", tag=[{"name": "广州"}])["tag_group"]
    assert more["group_id"] == made["group_id"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"tag": [{"name": "x"}]}, 40063),
        ({"group_name": "城市"}, 40063),
        ({"group_name": "城市", "tag": []}, 40063),
        ({"group_name": "城" * 31, "tag": [{"name": "x"}]}, 40072),
        ({"group_name": "城市", "tag": [{"name": "x" * 30}]}, 0),
        ({"group_name": "城市", "tag": [{"name": "x" * 31}]}, 40072),
        ({"group_name": "城市", "tag": [{"name": ""}]}, 40072),
        ({"group_name": "城市", "tag": [{"name": "x", "order": 2**32}]}, 40058),
        ({"group_name": "城市", "tag": [{"name": "x", "order": -1}]}, 40058),
        ({"group_id": "etUnknown", "tag": [{"name": "x"}]}, 40068),
        ({"group_name": "客户等级", "tag": [{"name": "新"}, {"name": "VIP"}]}, 40071),
        ({"group_name": "城市", "tag": [{"name": "x"}], "agentid": 1}, 301002),
    ],
)
def test_each_mistake_has_its_refusal_and_no_effect(crm: Caller, body: dict, code: int):
    before = crm.post("externalcontact/get_corp_tag_list")
    assert crm.post("externalcontact/add_corp_tag", body)["errcode"] == code
    assert (crm.post("externalcontact/get_corp_tag_list") == before) is (code != 0)


def test_a_corp_has_at_most_10000_tags(crm: Caller):
    add = "externalcontact/add_corp_tag"
    tags = [{"name": f"标签{number}"} for number in range(400)]
    for group in range(24):
        assert crm.post(add, group_name=f"组{group}", tag=tags)["errcode"] == 0
    room = 10_000 - len(crm.corp.tags.tags)
    assert crm.post(add, group_name="余", tag=tags[: room + 1])["errcode"] == 40126
    assert crm.post(add, group_name="余", tag=tags[:room])["errcode"] == 0


def test_names_stay_unique_when_edited(crm: Caller):
    edit = "externalcontact/edit_corp_tag"
    assert crm.post(edit, id=tag_id(crm), name="普通客户")["errcode"] == 40071
    assert crm.post(edit, id=tag_id(crm), name="VIP")["errcode"] == 0
    assert crm.post(edit, id=crm.corp.tags.named("客户等级").id, name="意向程度")["errcode"] == 40071
    assert crm.post(edit, id=tag_id(crm), name="贵宾", order=9)["errcode"] == 0
    assert crm.corp.tags.named("客户等级").named("贵宾").order == 9
    assert crm.post(edit, id="etUnknown", name="x")["errcode"] == 40068


def test_tags_of_others_cannot_be_touched(sim: Simulator, crm: Caller):
    by_hand = console.create_tag(sim.world, crm.corp, group="客户等级", name="手工")
    other = App(1_000_003, "other", "s" * 43)
    crm.corp.apps[other.agent_id] = other
    stranger = Caller(sim, crm.corp, other)
    assert crm.post("externalcontact/edit_corp_tag", id=by_hand.id, name="x")["errcode"] == 81011
    assert stranger.post("externalcontact/del_corp_tag", tag_id=[tag_id(crm)])["errcode"] == 81011


def test_the_last_tag_takes_its_group_along_and_customers_lose_it(crm: Caller):
    made = crm.post("externalcontact/add_corp_tag", group_name="城市", tag=[{"name": "上海"}])["tag_group"]
    [tag] = made["tag"]
    relation = crm.friend()
    crm.post("externalcontact/mark_tag", pair(relation), add_tag=[tag["id"]])
    assert crm.post("externalcontact/del_corp_tag", tag_id=[tag["id"]])["errcode"] == 0
    assert crm.corp.tags.named("城市") is None
    assert relation.tags == {}
    [shown] = crm.post("externalcontact/get_corp_tag_list", tag_id=[tag["id"]])["tag_group"]
    assert shown["deleted"] is True
    assert shown["tag"][0]["deleted"] is True


def test_a_deleted_group_is_gone_with_its_tags(crm: Caller):
    group = crm.corp.tags.named("客户等级")
    assert crm.post("externalcontact/del_corp_tag", group_id=[group.id])["errcode"] == 0
    assert len(crm.post("externalcontact/get_corp_tag_list")["tag_group"]) == 3
    assert crm.post("externalcontact/del_corp_tag", group_id=[group.id])["errcode"] == 40068
    assert crm.post("externalcontact/del_corp_tag")["errcode"] == 40063


def test_group_ids_win_over_tag_ids_in_a_query(crm: Caller):
    group = crm.corp.tags.named("意向程度")
    body = {"group_id": [group.id], "tag_id": [tag_id(crm)]}
    [shown] = crm.post("externalcontact/get_corp_tag_list", body)["tag_group"]
    assert shown["group_name"] == "意向程度"
    assert len(shown["tag"]) == 3


def test_tags_belong_to_one_member_s_view_of_a_customer(sim: Simulator, crm: Caller, inbox: list):
    relation = crm.friend("chen.yu")
    from simulator.actions.customers import add

    other = add(sim.world, crm.corp, userid="lin.qiao", external_userid=relation.external_userid)
    low = tag_id(crm, "意向程度", "低意向")
    mark = "externalcontact/mark_tag"
    assert crm.post(mark, pair(relation), add_tag=[tag_id(crm), low])["errcode"] == 0
    assert crm.post(mark, pair(relation), remove_tag=[low])["errcode"] == 0
    assert list(relation.tags) == [tag_id(crm)]
    assert other.tags == {}


async def test_marking_by_api_calls_nobody_back(sim: Simulator, crm: Caller, inbox: list):
    relation = crm.friend()
    await sim.settle()
    inbox.clear()
    crm.post("externalcontact/mark_tag", pair(relation), add_tag=[tag_id(crm)])
    await sim.settle()
    assert inbox == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userid": ""}, 41009),
        ({"userid": "nobody"}, 60111),
        ({"external_userid": None}, 41035),
        ({"external_userid": "wmUnknown"}, 40096),
        ({"userid": "lin.qiao"}, 84061),
        ({"add_tag": ["etUnknown"]}, 40068),
        ({"add_tag": []}, 40063),
        ({"add_tag": "etUnknown"}, 40058),
    ],
)
def test_marking_names_what_is_wrong(crm: Caller, change: dict, code: int):
    body = {**pair(crm.friend()), "add_tag": [tag_id(crm)], **change}
    assert crm.post("externalcontact/mark_tag", body)["errcode"] == code


def test_a_relation_carries_at_most_3000_tags(crm: Caller):
    ids = []
    for group in range(8):
        tags = [{"name": f"标签{number}"} for number in range(376)]
        made = crm.post("externalcontact/add_corp_tag", group_name=f"组{group}", tag=tags)["tag_group"]["tag"]
        ids += [tag["id"] for tag in made]
    ids = ids[:3001]
    relation = crm.friend()
    assert crm.post("externalcontact/mark_tag", pair(relation), add_tag=ids)["errcode"] == 40144
    assert crm.post("externalcontact/mark_tag", pair(relation), add_tag=ids[1:])["errcode"] == 0


def test_marking_the_same_customer_twice_at_once_conflicts(sim: Simulator, crm: Caller):
    import msgspec

    relation = crm.friend()
    body = msgspec.json.encode({**pair(relation), "add_tag": [tag_id(crm)]})
    request = crm.request("POST", "externalcontact/mark_tag", body, access_token=crm.token)
    first = sim.platform.open(request)
    assert crm.post("externalcontact/mark_tag", pair(relation), add_tag=[tag_id(crm)])["errcode"] == 45035
    sim.platform.close(first)
    assert crm.post("externalcontact/mark_tag", pair(relation), add_tag=[tag_id(crm)])["errcode"] == 0


def test_the_console_refuses_a_name_twice_too(sim: Simulator, crm: Caller):
    with pytest.raises(Impossible, match="40071"):
        console.create_tag(sim.world, crm.corp, group="客户等级", name="VIP")
    with pytest.raises(Impossible, match="40071"):
        console.rename_tag(sim.world, crm.corp, id=tag_id(crm), name="普通客户")


def test_tags_of_rule_groups_are_listed_and_marked_apart(sim: Simulator, crm: Caller):
    east = console.create_strategy_tag(sim.world, crm.corp, strategy_id=3, group="区域", name="华东")
    console.create_strategy_tag(sim.world, crm.corp, strategy_id=4, group="行业", name="餐饮")
    ask = "externalcontact/get_strategy_tag_list"
    assert {group["strategy_id"] for group in crm.post(ask)["tag_group"]} == {3, 4}
    [shown] = crm.post(ask, strategy_id=3)["tag_group"]
    assert (shown["group_name"], shown["tag"][0]["id"]) == ("区域", east.id)
    [named] = crm.post(ask, tag_id=[east.id])["tag_group"]
    assert named["tag"][0]["deleted"] is False
    assert "区域" not in str(crm.post("externalcontact/get_corp_tag_list"))
    assert crm.post("externalcontact/edit_corp_tag", id=east.id, name="x")["errcode"] == 40068
    relation = crm.friend()
    assert crm.post("externalcontact/mark_tag", pair(relation), add_tag=[east.id])["errcode"] == 0
    told = crm.get("externalcontact/get", external_userid=relation.external_userid)["follow_user"][0]["tags"]
    assert told == [{"group_name": "区域", "tag_name": "华东", "tag_id": east.id, "type": 3}]
