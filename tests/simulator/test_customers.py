"""Customers and what members note about them."""

import pytest

from simulator import Simulator, giant
from simulator.actions import customers, staff
from simulator.world.contacts import WECOM, Relation, Standing
from simulator.world.corp import App
from simulator.world.people import Member, Scope
from tests.simulator.caller import Caller


def pair(relation: Relation) -> dict[str, str]:
    return {"userid": relation.userid, "external_userid": relation.external_userid}


def test_followers_are_those_who_can_serve(crm: Caller):
    crm.corp.directory.find("lin.qiao").customer_contact = False
    followers = crm.get("externalcontact/get_follow_user_list")["follow_user"]
    assert len(followers) == 29
    assert "lin.qiao" not in followers


def test_a_member_without_customers_is_84061(crm: Caller):
    assert crm.get("externalcontact/list", userid="chen.yu")["errcode"] == 84061
    relation = crm.friend()
    assert crm.get("externalcontact/list", userid="chen.yu")["external_userid"] == [relation.external_userid]
    assert crm.get("externalcontact/list", userid="nobody")["errcode"] == 60111
    assert crm.get("externalcontact/list")["errcode"] == 41009


def test_a_customer_is_shown_with_followers_and_tags(sim: Simulator, crm: Caller):
    crm.way(state="store_sh_01")
    relation = customers.scan(sim.world, crm.corp, state="store_sh_01", name="小周")
    group = crm.corp.tags.named("客户等级")
    vip = group.named("VIP")
    crm.post("externalcontact/mark_tag", pair(relation), add_tag=[vip.id])
    staff.tag(sim.world, crm.corp, **pair(relation), personal=["老乡"])
    shown = crm.get("externalcontact/get", external_userid=relation.external_userid)
    assert shown["external_contact"]["name"] == "小周"
    [follower] = shown["follow_user"]
    assert follower["state"] == "store_sh_01"
    assert follower["add_way"] == 1
    assert follower["createtime"] == int(sim.clock.now())
    assert follower["tags"] == [
        {"group_name": "客户等级", "tag_name": "VIP", "tag_id": vip.id, "type": 1},
        {"group_name": "个人", "tag_name": "老乡", "type": 2},
    ]
    assert "next_cursor" not in shown


def test_pages_of_several_members_pass_over_nobody_whoever_comes_or_goes(sim: Simulator, crm: Caller):
    team = ["chen.yu", "lin.qiao", "zhou.jie"]
    first = [crm.friend(userid=userid) for userid in team for _ in range(3)]
    body = {"userid_list": team, "limit": 2}
    page = crm.post("externalcontact/batch/get_by_user", body)
    staff.remove(sim.world, crm.corp, **pair(first[0]))
    late = crm.friend(userid="chen.yu")
    shown = [row["external_contact"]["external_userid"] for row in page["external_contact_list"]]
    while page["next_cursor"]:
        page = crm.post("externalcontact/batch/get_by_user", body, cursor=page["next_cursor"])
        assert page["errcode"] == 0
        shown += [row["external_contact"]["external_userid"] for row in page["external_contact_list"]]
    came = [relation.external_userid for relation in first]
    assert shown == [*came[:3], late.external_userid, *came[3:]]
    assert crm.post("externalcontact/batch/get_by_user", body, cursor="nonsense")["errcode"] == 50100


def test_a_giant_company_is_the_same_for_the_same_seed():
    def made() -> list[Relation]:
        sim = Simulator(seed=3)
        corp = sim.found_company().corp
        assert len(giant.grow(sim.world, corp, staff=120, customers=2_000)) == 120
        return list(corp.contacts)

    one, two = made(), made()
    assert [(each.userid, each.external_userid, each.tags.keys()) for each in one] == [
        (each.userid, each.external_userid, each.tags.keys()) for each in two
    ]
    assert len(one) == 2_000
    assert len({each.external_userid for each in one}) == 1_901


def test_an_unknown_customer_is_40096_and_a_lost_one_84061(sim: Simulator, crm: Caller):
    relation = crm.friend()
    assert crm.get("externalcontact/get", external_userid="wmNobody")["errcode"] == 40096
    assert crm.get("externalcontact/get")["errcode"] == 41035
    staff.remove(sim.world, crm.corp, **pair(relation))
    assert crm.get("externalcontact/get", external_userid=relation.external_userid)["errcode"] == 84061
    assert crm.post("externalcontact/remark", pair(relation), remark="x")["errcode"] == 84061


def test_a_customer_who_left_can_still_be_read_and_noted(sim: Simulator, crm: Caller):
    relation = crm.friend()
    customers.leave(sim.world, crm.corp, **pair(relation))
    assert relation.standing is Standing.LEFT
    assert crm.get("externalcontact/list", userid="chen.yu")["errcode"] == 0
    assert crm.post("externalcontact/remark", pair(relation), remark="x")["errcode"] == 0


def test_a_half_added_customer_is_not_related_yet(sim: Simulator, crm: Caller):
    relation = customers.add(sim.world, crm.corp, userid="chen.yu", half=True)
    assert crm.post("externalcontact/remark", pair(relation), remark="x")["errcode"] == 84061
    customers.accept(sim.world, crm.corp, **pair(relation))
    assert crm.post("externalcontact/remark", pair(relation), remark="x")["errcode"] == 0


def test_followers_beyond_500_come_on_the_next_page(sim: Simulator, crm: Caller):
    relation = crm.friend()
    for number in range(510):
        member = crm.corp.directory.add(Member(f"user{number}", "某人", [5]))
        customers.add(sim.world, crm.corp, userid=member.userid, external_userid=relation.external_userid)
    first = crm.get("externalcontact/get", external_userid=relation.external_userid)
    assert len(first["follow_user"]) == 500
    cursor = first["next_cursor"]
    rest = crm.get("externalcontact/get", external_userid=relation.external_userid, cursor=cursor)
    assert len(rest["follow_user"]) == 11
    bad = crm.get("externalcontact/get", external_userid=relation.external_userid, cursor="?")
    assert bad["errcode"] == 50100


def test_followers_outside_the_range_are_not_shown(sim: Simulator, crm: Caller):
    relation = crm.friend("chen.yu")
    east = App(1_000_003, "east", "s" * 43, Scope(frozenset(), frozenset({5})))
    crm.corp.apps[east.agent_id] = east
    caller = Caller(sim, crm.corp, east)
    assert caller.get("externalcontact/get", external_userid=relation.external_userid)["errcode"] == 84061
    assert caller.get("externalcontact/list", userid="chen.yu")["errcode"] == 60011


def test_a_batch_has_one_row_for_each_pair(sim: Simulator, crm: Caller):
    relations = [crm.friend("chen.yu"), crm.friend("chen.yu"), crm.friend("lin.qiao")]
    shared = relations[0].external_userid
    customers.add(sim.world, crm.corp, userid="lin.qiao", external_userid=shared)
    rows, cursor = [], ""
    while True:
        body = {"userid_list": ["chen.yu", "lin.qiao"], "limit": 3, "cursor": cursor}
        page = crm.post("externalcontact/batch/get_by_user", body)
        rows += page["external_contact_list"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert len(rows) == 4
    assert sum(row["external_contact"]["external_userid"] == shared for row in rows) == 2
    assert all(row["follow_info"]["tag_id"] == [] for row in rows)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40063),
        ({"userid_list": "chen.yu"}, 40058),
        ({"userid_list": [1]}, 40058),
        ({"userid_list": ["u"] * 101}, 40032),
        ({"userid_list": ["nobody"]}, 40031),
        ({"userid_list": ["chen.yu"]}, 84061),
        ({"userid_list": ["lin.qiao"], "cursor": "bad"}, 50100),
    ],
)
def test_a_batch_names_what_is_wrong(crm: Caller, body: dict, code: int):
    crm.friend("lin.qiao")
    assert crm.post("externalcontact/batch/get_by_user", body)["errcode"] == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"remark": "二" * 20}, 0),
        ({"remark": "二" * 21}, 40058),
        ({"description": "二" * 150}, 0),
        ({"description": "二" * 151}, 40058),
        ({"remark_company": "二" * 21}, 40058),
        ({"remark_mobiles": ["13900000002"]}, 0),
        ({"remark_mobiles": "13900000002"}, 40058),
        ({"remark": 3}, 40058),
        ({"remark_pic_mediaid": "nope"}, 40007),
        ({}, 40063),
    ],
)
def test_remarks_are_checked(crm: Caller, fields: dict, code: int):
    assert crm.post("externalcontact/remark", pair(crm.friend()), **fields)["errcode"] == code


def test_a_refused_remark_changes_nothing(crm: Caller):
    relation = crm.friend()
    crm.post("externalcontact/remark", pair(relation), remark="good", description="x" * 151)
    assert relation.remark == ""
    crm.post("externalcontact/remark", pair(relation), remark="good")
    crm.post("externalcontact/remark", pair(relation), remark_mobiles=[""])
    assert (relation.remark, relation.remark_mobiles) == ("good", [])


def test_the_company_of_a_wecom_user_cannot_be_noted(sim: Simulator, crm: Caller):
    person = customers.meet(sim.world, crm.corp, kind=WECOM)
    relation = customers.add(sim.world, crm.corp, userid="chen.yu", external_userid=person.external_userid)
    assert relation.external_userid.startswith("wo")
    assert crm.post("externalcontact/remark", pair(relation), remark_company="x")["errcode"] == 40058


def test_members_without_the_function_have_no_customers_to_note(crm: Caller):
    relation = crm.friend()
    crm.corp.directory.find("chen.yu").customer_contact = False
    assert crm.post("externalcontact/remark", pair(relation), remark="x")["errcode"] == 84074
