"""Customer groups: what callbacks say at once and the API two seconds later, who may see what, and group codes."""

import pytest

from simulator import Simulator
from simulator.actions import groups, staff
from simulator.actions.errors import Impossible
from simulator.world.corp import App
from simulator.world.groups import SCAN_SEATS, Group
from simulator.world.people import Member, Scope
from tests.simulator.caller import Caller

OWNER = "chen.yu"
LIST, GET = "externalcontact/groupchat/list", "externalcontact/groupchat/get"


class People:
    """Does things in the company's groups."""

    def __init__(self, sim: Simulator, corp) -> None:
        self.sim, self.corp = sim, corp

    def __getattr__(self, name: str):
        return lambda **about: getattr(groups, name)(self.sim.world, self.corp, **about)


@pytest.fixture
def people(sim: Simulator, company) -> People:
    return People(sim, company.corp)


@pytest.fixture
def group(people: People, sim: Simulator) -> Group:
    """A group with its owner and a customer, which the API knows already."""
    group = people.found_group(owner=OWNER, name="福利群")
    people.invite(chat_id=group.chat_id, userid=OWNER, customers=[""])
    sim.clock.advance(10)
    return group


def customers(group: Group) -> list[str]:
    return [one for one in group.now.members if one.startswith("wm")]


def shown(crm: Caller, group: Group) -> dict:
    answer = crm.post(GET, chat_id=group.chat_id, need_name=1)
    assert answer["errcode"] == 0, answer
    return answer["group_chat"]


def fill(people: People, group: Group, seats: int = SCAN_SEATS) -> None:
    people.invite(chat_id=group.chat_id, userid=OWNER, customers=[""] * (seats - len(group.now.members)))


def way(crm: Caller, *chosen: Group, **about: object) -> str:
    body = {"scene": 2, "state": "grp", "chat_id_list": [one.chat_id for one in chosen], **about}
    answer = crm.post("externalcontact/groupchat/add_join_way", body)
    assert answer["errcode"] == 0, answer
    return answer["config_id"]


def test_a_group_comes_with_how_each_came_into_it(crm: Caller, people: People, group: Group, sim: Simulator):
    people.invite(chat_id=group.chat_id, userid=OWNER, members=["lin.qiao"], link=True)
    config_id = way(crm, group)
    people.join_group(config_id=config_id, name="小周")
    people.appoint(chat_id=group.chat_id, admins=["lin.qiao"])
    people.post_notice(chat_id=group.chat_id, notice="周三会员日")
    sim.clock.advance(2)
    seen = shown(crm, group)
    owner, first, colleague, scanner = seen["member_list"]
    assert (owner["type"], owner["name"]) == (1, "陈宇")
    assert (first["type"], first["join_scene"], first["invitor"]) == (2, 1, {"userid": OWNER})
    assert (colleague["type"], colleague["join_scene"]) == (1, 2)
    assert (scanner["join_scene"], scanner["state"], scanner["name"]) == (3, "grp", "小周")
    assert "invitor" not in scanner
    assert (seen["admin_list"], seen["notice"]) == ([{"userid": "lin.qiao"}], "周三会员日")
    assert "name" not in crm.post(GET, chat_id=group.chat_id)["group_chat"]["member_list"][0]


def test_the_api_shows_a_change_two_seconds_late(crm: Caller, people: People, group: Group, sim: Simulator):
    before = shown(crm, group)
    people.rename_group(chat_id=group.chat_id, name="新名")
    sim.clock.advance(1)
    people.invite(chat_id=group.chat_id, userid=OWNER, customers=["", ""])
    assert shown(crm, group) == before
    sim.clock.advance(1)
    assert (shown(crm, group)["name"], len(shown(crm, group)["member_list"])) == ("新名", 2)
    sim.clock.advance(1)
    assert shown(crm, group)["member_version"] == group.now.version
    assert len(shown(crm, group)["member_list"]) == 4
    assert len(group.past) <= 4


async def test_callbacks_tell_members_and_versions_at_once(people: People, group: Group, sim: Simulator, inbox):
    await sim.settle()
    inbox.clear()
    before = group.now.version
    people.invite(chat_id=group.chat_id, userid=OWNER, customers=[""])
    newcomer = customers(group)[-1]
    people.kick(chat_id=group.chat_id, ids=[newcomer])
    people.pass_group(chat_id=group.chat_id, owner="lin.qiao")
    people.dismiss_group(chat_id=group.chat_id)
    await sim.settle()
    joined, left, passed, gone = (callback.plain.decode() for callback in inbox)
    for told in (f"<Item><![CDATA[{newcomer}]]></Item>", f"<LastMemVer><![CDATA[{before}]]>", "<JoinScene>0<"):
        assert told in joined
    assert "<QuitScene>1<" in left
    assert "change_owner" in passed
    assert "dismiss" in gone


def test_a_dismissed_group_is_neither_listed_nor_shown(crm: Caller, people: People, group: Group, sim: Simulator):
    people.dismiss_group(chat_id=group.chat_id)
    assert shown(crm, group)["name"] == "福利群"
    sim.clock.advance(2)
    assert crm.post(GET, chat_id=group.chat_id)["errcode"] == 49008
    assert crm.post(LIST, limit=10)["group_chat_list"] == []
    with pytest.raises(Impossible):
        people.rename_group(chat_id=group.chat_id, name="x")


@pytest.mark.parametrize(("chat_id", "code"), [("", 40063), ("wr-nobody", 40050)])
def test_a_group_nobody_knows_is_refused(crm: Caller, chat_id: str, code: int):
    assert crm.post(GET, chat_id=chat_id)["errcode"] == code


def test_an_internal_group_is_no_customer_group(crm: Caller, group: Group):
    group.internal = True
    assert crm.post(GET, chat_id=group.chat_id)["errcode"] == 90501
    assert crm.post(LIST, limit=10)["group_chat_list"] == []


def test_groups_are_listed_page_by_page(crm: Caller, people: People, sim: Simulator):
    made = [people.found_group(owner=OWNER).chat_id for _ in range(3)]
    assert crm.post(LIST, limit=2)["group_chat_list"] == [], "not within two seconds"
    sim.clock.advance(2)
    first = crm.post(LIST, limit=2)
    rest = crm.post(LIST, limit=2, cursor=first["next_cursor"])
    assert [one["chat_id"] for one in first["group_chat_list"] + rest["group_chat_list"]] == made
    assert rest["next_cursor"] == ""
    assert crm.post(LIST)["errcode"] == 40063
    assert crm.post(LIST, limit=1001)["errcode"] == 40058


def test_groups_of_who_has_left_are_told_only_by_owner(crm: Caller, people: People, group: Group, sim: Simulator):
    staff.resign(sim.world, crm.corp, userid=OWNER)
    assert crm.post(LIST, limit=10)["group_chat_list"] == []
    found = crm.post(LIST, limit=10, owner_filter={"userid_list": [OWNER]})
    assert found["group_chat_list"] == [{"chat_id": group.chat_id, "status": 1}]
    normal = crm.post(LIST, limit=10, status_filter=2, owner_filter={"userid_list": [OWNER]})
    assert normal["group_chat_list"] == []
    assert shown(crm, group)["owner"] == OWNER


def test_with_more_than_1000_members_the_list_needs_an_owner(crm: Caller, group: Group):
    for number in range(1000):
        crm.corp.directory.add(Member(f"u{number}", "某人", [5]))
    assert crm.post(LIST, limit=10)["errcode"] == 81017
    found = crm.post(LIST, limit=10, owner_filter={"userid_list": [OWNER]})
    assert [one["chat_id"] for one in found["group_chat_list"]] == [group.chat_id]
    many = {"userid_list": [f"u{number}" for number in range(101)]}
    assert crm.post(LIST, limit=10, owner_filter=many)["errcode"] == 40032
    assert crm.post(LIST, limit=10, owner_filter={"userid_list": ["nobody"]})["errcode"] == 40031


def test_an_app_sees_the_groups_of_the_members_it_sees(sim: Simulator, crm: Caller, group: Group):
    crm.app.scope = Scope(users=frozenset({"lin.qiao"}), departments=frozenset())
    assert crm.post(LIST, limit=10)["group_chat_list"] == []
    assert crm.post(GET, chat_id=group.chat_id)["errcode"] == 60011


def test_a_code_fills_its_groups_one_after_another(crm: Caller, people: People, sim: Simulator):
    one, two = people.found_group(owner=OWNER), people.found_group(owner=OWNER)
    sim.clock.advance(2)
    config_id = way(crm, one, two, auto_create_room=0)
    fill(people, one, SCAN_SEATS - 1)
    assert people.join_group(config_id=config_id) is one
    last = list(one.now.members)[-1]
    assert people.join_group(config_id=config_id) is two
    assert people.join_group(config_id=config_id, external_userid=last) is one, "who is in one is shown that one"
    fill(people, two)
    with pytest.raises(Impossible, match="full"):
        people.join_group(config_id=config_id)


def test_a_code_makes_a_new_group_when_all_are_full(crm: Caller, people: People, group: Group):
    config_id = way(crm, group, room_base_name="福利", room_base_id=7)
    fill(people, group)
    new = people.join_group(config_id=config_id)
    assert (new.now.name, new.now.owner) == ("福利7", OWNER)
    found = crm.post("externalcontact/groupchat/get_join_way", config_id=config_id)["join_way"]
    assert found["chat_id_list"] == [group.chat_id, new.chat_id]
    assert (found["room_base_id"], found["state"], found["qr_code"][:8]) == (8, "grp", "https://")


def test_a_group_takes_500_people_and_no_more(people: People, group: Group):
    fill(people, group, 500)
    with pytest.raises(Impossible, match="full"):
        people.invite(chat_id=group.chat_id, userid=OWNER, customers=[""])


def test_updating_a_code_replaces_everything(crm: Caller, group: Group):
    config_id = way(crm, group, remark="注" * 40, auto_create_room=0)
    path = "externalcontact/groupchat/{}_join_way"
    before = crm.post(path.format("get"), config_id=config_id)["join_way"]
    assert before["remark"] == "注" * 30, "cut, not refused"
    body = {"config_id": config_id, "scene": 2, "chat_id_list": [group.chat_id]}
    assert crm.post(path.format("update"), body)["errcode"] == 0
    after = crm.post(path.format("get"), config_id=config_id)["join_way"]
    assert (after["state"], after["remark"], after["auto_create_room"]) == ("", "", 1)
    assert after["qr_code"] == before["qr_code"]
    assert crm.post(path.format("del"), config_id=config_id)["errcode"] == 0
    assert crm.post(path.format("get"), config_id=config_id)["errcode"] == 41044


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scene": None}, 41038),
        ({"scene": 3}, 41040),
        ({"chat_id_list": []}, 40063),
        ({"chat_id_list": [str(number) for number in range(6)]}, 41091),
        ({"chat_id_list": ["wr-nobody"]}, 40050),
        ({"state": "s" * 31}, 40058),
        ({"room_base_name": "群" * 41}, 40058),
        ({"auto_create_room": 2}, 40058),
    ],
)
def test_each_field_of_a_code_has_its_refusal(crm: Caller, group: Group, change: dict, code: int):
    body = {"scene": 2, "chat_id_list": [group.chat_id], **change}
    assert crm.post("externalcontact/groupchat/add_join_way", body)["errcode"] == code


def test_the_quota_is_shared_with_contact_ways(crm: Caller, group: Group):
    made = crm.corp.ways[crm.way()]
    crm.corp.ways.update({str(number): made for number in range(499_998)})
    way(crm, group)
    body = {"scene": 2, "chat_id_list": [group.chat_id]}
    assert crm.post("externalcontact/groupchat/add_join_way", body)["errcode"] == 41045
    contact_way = {"type": 2, "scene": 2, "user": [OWNER]}
    assert crm.post("externalcontact/add_contact_way", contact_way)["errcode"] == 41045


def test_another_apps_codes_and_welcomes_are_out_of_reach(sim: Simulator, crm: Caller, group: Group):
    config_id = way(crm, group)
    made = crm.post("externalcontact/group_welcome_template/add", text={"content": "你好"})
    crm.corp.apps[9] = App(9, "other", "x" * 43, scope=crm.app.scope)
    other = Caller(sim, crm.corp, crm.corp.apps[9])
    assert other.post("externalcontact/groupchat/get_join_way", config_id=config_id)["errcode"] == 41044
    template = {"template_id": made["template_id"], "text": {"content": "x"}}
    assert other.post("externalcontact/group_welcome_template/edit", template)["errcode"] == 41058
    assert other.post("externalcontact/group_welcome_template/del", template)["errcode"] == 41058
    assert other.post("externalcontact/group_welcome_template/get", template)["text"] == {"content": "你好"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({}, 40063),
        ({"text": {"content": "字" * 1000}}, 0),
        ({"text": {"content": "字" * 1001}}, 40058),
        ({"link": {"title": "礼", "url": "https://example.com"}, "image": {"media_id": "gone"}}, 40007),
        ({"link": {"title": "礼", "url": "ftp://example.com"}}, 40058),
        ({"text": {"content": "你好"}, "notify": 2}, 40058),
    ],
)
def test_a_group_welcome_is_text_and_one_attachment(crm: Caller, content: dict, code: int):
    assert crm.post("externalcontact/group_welcome_template/add", content)["errcode"] == code


def test_a_corp_has_at_most_100_group_welcomes(crm: Caller):
    path = "externalcontact/group_welcome_template/"
    made = [crm.post(path + "add", text={"content": "你好"}) for _ in range(100)]
    assert crm.post(path + "add", text={"content": "你好"})["errcode"] == 41055
    assert crm.post(path + "del", template_id=made[0]["template_id"])["errcode"] == 0
    assert crm.post(path + "add", text={"content": "你好"})["errcode"] == 0
    assert crm.post(path + "edit", template_id=made[0]["template_id"], text={"content": "x"})["errcode"] == 40058


def test_groups_are_counted_up_to_yesterday(crm: Caller, people: People, group: Group, sim: Simulator):
    begin = int(sim.clock.now())
    query = {"day_begin_time": begin, "owner_filter": {"userid_list": [OWNER]}}
    assert crm.post("externalcontact/groupchat/statistic", query)["errcode"] == 40058, "today is not counted yet"
    sim.clock.advance(86_400)
    crm = Caller(sim, crm.corp, crm.app)  # the token has died
    (row,) = crm.post("externalcontact/groupchat/statistic", query)["items"]
    assert (row["owner"], row["data"]["new_chat_cnt"], row["data"]["new_member_cnt"]) == (OWNER, 1, 1)
    days = crm.post("externalcontact/groupchat/statistic_group_by_day", query)["items"]
    assert [day["data"]["member_total"] for day in days] == [2]
    assert crm.post("externalcontact/groupchat/statistic", day_begin_time=begin)["errcode"] == 40063
    long = {**query, "day_begin_time": begin - 30 * 86_400, "day_end_time": begin}
    assert crm.post("externalcontact/groupchat/statistic", long)["errcode"] == 40058


def test_a_mini_programs_group_is_found(crm: Caller, group: Group):
    path = "externalcontact/opengid_to_chatid"
    assert crm.post(path, opengid=f"og{group.chat_id}")["chat_id"] == group.chat_id
    assert crm.post(path, opengid="og")["errcode"] == 90511
