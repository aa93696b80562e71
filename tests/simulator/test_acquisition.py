"""Acquisition links: what is refused, who came by them, what apps are told, and how the quota is used up."""

import pytest

from simulator.actions import acquisition, customers, staff
from simulator.actions.errors import Impossible
from tests.simulator.caller import read

PATH = "externalcontact/customer_acquisition/"
GOOD = {"link_name": "海报", "range": {"user_list": ["chen.yu"]}}
DAY = 86_400


def make(crm, **fields):
    answer = crm.post(PATH + "create_link", {**GOOD, **fields})
    assert answer["errcode"] == 0, answer
    return answer["link"]["link_id"]


def come(crm, link_id, **how):
    return acquisition.come(crm.sim.world, crm.corp, link_id=link_id, **how)


async def told(sim, inbox):
    await sim.settle()
    return [(one["ChangeType"], one) for one in map(read, inbox) if one.get("Event") == "customer_acquisition"]


def test_a_link_comes_back_as_it_was_made_changed_and_gone(crm):
    link_id = make(crm, skip_verify=False, priority_option={"priority_type": 2, "priority_userid_list": ["chen.yu"]})
    shown = crm.post(PATH + "get", link_id=link_id)
    assert (shown["link"]["link_name"], shown["link"]["skip_verify"]) == ("海报", False)
    assert shown["link"]["url"].startswith("https://work.weixin.qq.com/ca/")
    assert shown["priority_option"] == {"priority_type": 2, "priority_userid_list": ["chen.yu"]}
    crm.post(PATH + "update_link", link_id=link_id, link_name="展会", range={"department_list": [5]})
    changed = crm.post(PATH + "get", link_id=link_id)
    assert changed["link"]["link_name"] == "展会"
    assert changed["range"] == {"user_list": [], "department_list": [5]}, "the range is replaced"
    assert crm.post(PATH + "delete_link", link_id=link_id)["errcode"] == 0
    assert crm.post(PATH + "get", link_id=link_id)["errcode"] == 40058


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"link_name": ""}, 40063),
        ({"link_name": "名" * 31}, 40058),
        ({"range": None}, 40063),
        ({"range": {"user_list": []}}, 40063),
        ({"range": {"user_list": ["nobody"]}}, 40031),
        ({"range": {"user_list": ["chen.yu"] * 501}}, 40058),
        ({"range": {"department_list": [99]}}, 40066),
        ({"priority_option": {"priority_type": 2}}, 40063),
        ({"priority_option": {"priority_type": 3}}, 40058),
    ],
)
def test_a_wrong_link_is_refused(crm, change, code):
    assert crm.post(PATH + "create_link", {**GOOD, **change})["errcode"] == code
    assert not crm.corp.acquisition.links


def test_priorities_and_the_number_of_links_have_their_own_refusals(crm):
    crm.corp.acquisition.prioritises = False
    assert crm.post(PATH + "create_link", GOOD, priority_option={"priority_type": 1})["errcode"] == 41200
    crm.corp.acquisition.most_links = 1
    make(crm)
    assert crm.post(PATH + "create_link", GOOD)["errcode"] == 41095


def test_links_of_others_are_not_there_and_lists_come_in_pages(crm):
    mine = [make(crm) for _ in range(3)]
    crm.corp.acquisition.links[mine[0]].agent_id = 7
    page = crm.post(PATH + "list_link", limit=1)
    rest = crm.post(PATH + "list_link", limit=1, cursor=page["next_cursor"])
    assert page["link_id_list"] + rest["link_id_list"] == mine[1:]
    assert rest["next_cursor"] == ""
    assert crm.post(PATH + "get", link_id=mine[0])["errcode"] == 40058
    assert crm.post(PATH + "list_link", limit=101)["errcode"] == 40058


async def test_who_comes_by_a_link_is_announced_with_its_channel(crm, sim, inbox):
    link_id = make(crm)
    relation = come(crm, link_id, channel="海报" * 20)
    assert (relation.add_way, len(relation.state.encode())) == (16, 63)
    events = await told(sim, inbox)
    assert [change for change, _ in events] == ["open_profile", "friend_request"]
    (added,) = [one for one in map(read, inbox) if one["ChangeType"] == "add_external_contact"]
    assert added["State"] == relation.state
    listed = crm.post(PATH + "customer", link_id=link_id)["customer_list"]
    assert [(one["userid"], one["chat_status"], one["state"]) for one in listed] == [("chen.yu", 0, relation.state)]


async def test_the_first_third_fifth_and_tenth_message_are_told_and_the_key_says_who(crm, sim, inbox):
    link_id = make(crm)
    relation = come(crm, link_id, channel="poster")
    pair = {"userid": relation.userid, "external_userid": relation.external_userid}
    for _ in range(11):
        customers.reply(sim.world, crm.corp, **pair)
    events = await told(sim, inbox)
    kinds = [change for change, _ in events if change.endswith("chat") or change.startswith("message")]
    assert kinds == ["customer_start_chat", *["message_from_customer"] * 3]
    message = events[-1][1]
    assert "ExternalUserID" not in message
    told_ = crm.post(PATH + "get_chat_info", chat_key=message["ChatKey"])
    assert (told_["external_userid"], told_["chat_info"]["state"]) == (relation.external_userid, "poster")
    assert crm.post(PATH + "customer", link_id=link_id)["customer_list"][0]["chat_status"] == 1
    sim.clock.advance(1800)
    assert crm.post(PATH + "get_chat_info", chat_key=message["ChatKey"])["errcode"] == 41201


async def test_a_customer_of_a_link_who_leaves_is_told_twice(crm, sim, inbox):
    relation = come(crm, make(crm), channel="poster")
    customers.leave(sim.world, crm.corp, userid=relation.userid, external_userid=relation.external_userid)
    events = await told(sim, inbox)
    assert (events[-1][0], events[-1][1]["State"]) == ("del_follow_user", "poster")
    assert sum(read(one)["ChangeType"] == "del_follow_user" for one in inbox) == 2


async def test_a_link_whose_members_have_all_left_is_unavailable_once(crm, sim, inbox):
    make(crm)
    staff.resign(sim.world, crm.corp, userid="chen.yu")
    staff.resign(sim.world, crm.corp, userid=next(iter(crm.corp.directory)).userid)
    events = await told(sim, inbox)
    assert [change for change, _ in events] == ["link_unavailable"]


async def test_the_quota_is_used_up_warned_of_and_filled(crm, sim, inbox):
    link_id = make(crm)
    crm.corp.acquisition.set_balance(20)
    come(crm, link_id)
    crm.corp.acquisition.set_balance(1)
    come(crm, link_id)
    with pytest.raises(Impossible):
        come(crm, link_id)
    acquisition.buy_quota(sim.world, crm.corp, amount=30, days=15)
    quota = crm.get("externalcontact/customer_acquisition_quota")
    assert (quota["total"], quota["balance"]) == (1030, 30)
    assert quota["quota_list"] == [{"expire_date": int(sim.clock.now()) + 15 * DAY, "balance": 30}]
    await sim.advance(2 * DAY)
    events = await told(sim, inbox)
    kinds = [change for change, _ in events if change.startswith(("balance", "quota"))]
    assert kinds == ["balance_low", "balance_exhausted", "balance_increased", "quota_expire_soon"]
    assert events[-1][1]["ExpireQuotaNum"] == "30"
    await sim.advance(14 * DAY)
    assert crm.corp.acquisition.balance == 0


def test_a_statistic_counts_whole_days(crm, sim):
    link_id = make(crm)
    come(crm, link_id)
    acquisition.open_link(sim.world, crm.corp, link_id=link_id)
    now = int(sim.clock.now())
    told_ = crm.post(PATH + "statistic", link_id=link_id, start_time=now, end_time=now)
    assert (told_["click_link_customer_cnt"], told_["new_customer_cnt"]) == (2, 1)
    assert crm.post(PATH + "statistic", link_id=link_id, start_time=now - 31 * DAY, end_time=now)["errcode"] == 40058
    assert crm.post(PATH + "statistic", link_id=link_id, start_time=now, end_time=now + DAY)["errcode"] == 40058


async def test_a_link_deleted_in_the_console_is_told_one_deleted_by_api_is_not(crm, sim, inbox):
    crm.post(PATH + "delete_link", link_id=make(crm))
    acquisition.delete_link(sim.world, crm.corp, link_id=make(crm))
    assert [change for change, _ in await told(sim, inbox)] == ["delete_link"]
