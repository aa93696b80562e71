"""Contact ways: what is refused, what comes back, and that updating changes all or nothing."""

import pytest

from simulator import Simulator
from simulator.actions.customers import add, meet, scan
from simulator.actions.errors import Impossible
from simulator.world.people import Member, Status
from simulator.world.ways import MOST_TEMPORARY, MOST_WAYS
from tests.simulator.caller import Caller

GOOD = {"type": 2, "scene": 2, "user": ["chen.yu"]}


def test_a_way_comes_back_as_it_was_made(crm: Caller):
    body = {"type": 2, "scene": 2, "state": "store_sh_01", "remark": "上海一店", "user": ["chen.yu"], "party": [5]}
    made = crm.post("externalcontact/add_contact_way", body)
    assert made["qr_code"].startswith("https://")
    way = crm.post("externalcontact/get_contact_way", config_id=made["config_id"])["contact_way"]
    assert body.items() <= way.items()
    assert way["qr_code"] == made["qr_code"]
    assert way["skip_verify"] is True


def test_only_scene_2_has_a_picture(crm: Caller):
    made = crm.post("externalcontact/add_contact_way", {**GOOD, "scene": 1, "style": 2})
    assert "qr_code" not in made
    assert crm.post("externalcontact/get_contact_way", config_id=made["config_id"])["contact_way"]["style"] == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": None}, 41037),
        ({"type": 3}, 41039),
        ({"type": "2"}, 40058),
        ({"scene": None}, 41038),
        ({"scene": 0}, 41040),
        ({"scene": 1, "style": 3}, 41042),
        ({"state": "s" * 30}, 0),
        ({"state": "s" * 31}, 40058),
        ({"remark": "注" * 31}, 40058),
        ({"user": ["nobody"]}, 40031),
        ({"user": []}, 40063),
        ({"user": "chen.yu"}, 40058),
        ({"party": [99]}, 40066),
        ({"type": 1, "party": [5]}, 40058),
        ({"type": 1, "user": []}, 40063),
        ({"type": 1, "user": ["chen.yu", "lin.qiao"]}, 41041),
        ({"expires_in": 60}, 40058),
        ({"type": 1, "is_temp": True, "expires_in": 14 * 86_400}, 0),
        ({"type": 1, "is_temp": True, "expires_in": 14 * 86_400 + 1}, 40058),
        ({"is_temp": True}, 41039),
        ({"skip_verify": 1}, 40058),
    ],
)
def test_each_field_has_its_refusal(crm: Caller, change: dict, code: int):
    assert crm.post("externalcontact/add_contact_way", {**GOOD, **change})["errcode"] == code


def test_users_must_be_activated(crm: Caller):
    crm.corp.directory.find("chen.yu").status = Status.INACTIVE
    assert crm.post("externalcontact/add_contact_way", GOOD)["errcode"] == 41054


def test_a_way_has_at_most_100_users_with_departments_expanded(crm: Caller):
    for number in range(100):
        crm.corp.directory.add(Member(f"user{number}", "某人", [5]))
    assert crm.post("externalcontact/add_contact_way", {**GOOD, "party": [5]})["errcode"] == 41041
    users = [f"user{number}" for number in range(100)]
    assert crm.post("externalcontact/add_contact_way", {**GOOD, "user": users})["errcode"] == 0


def test_users_are_replaced_and_the_picture_stays(crm: Caller):
    config_id = crm.way("chen.yu")
    before = crm.post("externalcontact/get_contact_way", config_id=config_id)["contact_way"]
    assert crm.post("externalcontact/update_contact_way", config_id=config_id, user=["lin.qiao"])["errcode"] == 0
    after = crm.post("externalcontact/get_contact_way", config_id=config_id)["contact_way"]
    assert after["user"] == ["lin.qiao"]
    assert after["qr_code"] == before["qr_code"]
    assert after["state"] == before["state"]


def test_a_refused_update_changes_nothing(crm: Caller):
    config_id = crm.way("chen.yu", remark="old")
    answer = crm.post("externalcontact/update_contact_way", config_id=config_id, remark="new", user=["nobody"])
    assert answer["errcode"] == 40031
    assert crm.corp.ways[config_id].remark == "old"


def test_a_deleted_or_unknown_way_is_named(crm: Caller):
    config_id = crm.way()
    assert crm.post("externalcontact/del_contact_way", config_id=config_id)["errcode"] == 0
    for path in ("get", "update", "del"):
        assert crm.post(f"externalcontact/{path}_contact_way", config_id=config_id)["errcode"] == 41044
        assert crm.post(f"externalcontact/{path}_contact_way")["errcode"] == 41043


def test_ways_are_listed_by_time_without_temporary_ones(sim: Simulator, crm: Caller):
    early = crm.way(state="early")
    sim.clock.advance(3600)
    late = [crm.way(state=f"late{number}") for number in range(2)]
    crm.post("externalcontact/add_contact_way", type=1, scene=2, user=["chen.yu"], is_temp=True)
    token = crm.post("externalcontact/list_contact_way", limit=2)
    assert [one["config_id"] for one in token["contact_way"]] == [early, late[0]]
    rest = crm.post("externalcontact/list_contact_way", limit=2, cursor=token["next_cursor"])
    assert [one["config_id"] for one in rest["contact_way"]] == [late[1]]
    recent = crm.post("externalcontact/list_contact_way", start_time=int(sim.clock.now()) - 60)
    assert [one["config_id"] for one in recent["contact_way"]] == late


def test_a_temporary_way_cannot_be_edited_once_expired(sim: Simulator, crm: Caller):
    body = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True, "expires_in": 60}
    config_id = crm.post("externalcontact/add_contact_way", body)["config_id"]
    assert crm.post("externalcontact/update_contact_way", config_id=config_id, remark="x")["errcode"] == 0
    sim.clock.advance(60)
    assert crm.post("externalcontact/update_contact_way", config_id=config_id, remark="y")["errcode"] == 41044


def test_a_corp_has_at_most_500000_ways(crm: Caller):
    way = crm.corp.ways[crm.way()]
    crm.corp.ways.update({str(number): way for number in range(499_998)})
    assert crm.post("externalcontact/add_contact_way", GOOD)["errcode"] == 0
    assert crm.post("externalcontact/add_contact_way", GOOD)["errcode"] == 41045
    temporary = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True}
    assert crm.post("externalcontact/add_contact_way", temporary)["errcode"] == 0


def test_temporary_ways_have_a_quota_of_their_own(crm: Caller):
    brief = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True}
    made = crm.corp.ways[crm.post("externalcontact/add_contact_way", brief)["config_id"]]
    crm.corp.ways.update({f"temporary {number}": made for number in range(MOST_TEMPORARY - 1)})
    assert crm.post("externalcontact/add_contact_way", brief)["errcode"] == 41045
    lasting = crm.corp.ways[crm.post("externalcontact/add_contact_way", GOOD)["config_id"]]
    crm.corp.ways.update({f"lasting {number}": lasting for number in range(MOST_WAYS - 1)})
    assert crm.post("externalcontact/add_contact_way", GOOD)["errcode"] == 41045
    made.created_at -= 86_400  # all of them are of yesterday
    assert crm.post("externalcontact/add_contact_way", brief)["errcode"] == 0


def test_an_expired_temporary_way_is_neither_scanned_nor_edited(sim: Simulator, crm: Caller):
    body = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True, "expires_in": 60}
    made = crm.post("externalcontact/add_contact_way", body)
    scan(sim.world, crm.corp, config_id=made["config_id"])
    sim.clock.advance(60)
    with pytest.raises(Impossible):
        scan(sim.world, crm.corp, config_id=made["config_id"])
    update = {"config_id": made["config_id"], "remark": "x"}
    assert crm.post("externalcontact/update_contact_way", update)["errcode"] == 41044


def test_a_temporary_session_is_closed_once_with_its_conclusion(sim: Simulator, crm: Caller):
    body = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True, "conclusions": {"text": {"content": "再见"}}}
    made = crm.post("externalcontact/add_contact_way", body)
    relation = scan(sim.world, crm.corp, config_id=made["config_id"])
    pair = {"userid": "chen.yu", "external_userid": relation.external_userid}
    assert crm.post("externalcontact/close_temp_chat", pair)["errcode"] == 0
    assert crm.post("externalcontact/close_temp_chat", pair)["errcode"] == 84061
    received = crm.corp.contacts.customers[relation.external_userid].received
    assert [one.content for one in received if one.kind == "conclusion"] == [{"text": {"content": "再见"}}]
    friend = add(sim.world, crm.corp, userid="chen.yu")
    pair = {"userid": "chen.yu", "external_userid": friend.external_userid}
    assert crm.post("externalcontact/close_temp_chat", pair)["errcode"] == 84061


async def test_a_temporary_session_ends_by_itself_with_its_conclusion(sim: Simulator, crm: Caller):
    said = {"link": {"title": "复诊", "url": "https://example.com/again"}}
    body = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True, "chat_expires_in": 60, "conclusions": said}
    made = crm.post("externalcontact/add_contact_way", body)
    relation = scan(sim.world, crm.corp, config_id=made["config_id"])
    received = crm.corp.contacts.customers[relation.external_userid].received
    await sim.advance(59)
    assert [one for one in received if one.kind == "conclusion"] == []
    await sim.advance(2)
    assert [one.content for one in received if one.kind == "conclusion"] == [said]


@pytest.mark.parametrize(
    ("conclusions", "code"),
    [
        ({"text": {"content": ""}}, 40063),
        ({"text": {"content": "好" * 1334}}, 40058),
        ({"image": {"media_id": "nothing"}}, 40007),
        ({"link": {"title": "题" * 43, "url": "https://example.com"}}, 40058),
        ({"link": {"title": "题"}}, 41010),
    ],
)
def test_a_conclusion_has_its_refusals(crm: Caller, conclusions: dict, code: int):
    body = {"type": 1, "scene": 2, "user": ["chen.yu"], "is_temp": True, "conclusions": conclusions}
    assert crm.post("externalcontact/add_contact_way", body)["errcode"] == code


def test_an_exclusive_way_keeps_customers_of_one_corp_together(sim: Simulator, crm: Caller):
    body = {"type": 2, "scene": 2, "user": ["chen.yu", "lin.qiao"], "is_exclusive": True}
    made = crm.post("externalcontact/add_contact_way", body)
    people = [meet(sim.world, crm.corp) for _ in range(3)]
    for person in people:
        person.corp_name = "外部公司"
    ids = [person.external_userid for person in people]
    found = [scan(sim.world, crm.corp, config_id=made["config_id"], external_userid=one) for one in ids]
    assert len({relation.userid for relation in found}) == 1
