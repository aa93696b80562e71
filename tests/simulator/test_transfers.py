"""Customers change hands a day after it was asked for, unless they refuse or the taker is full."""

import pytest

from simulator import Callback, Simulator
from simulator.actions import console, customers, staff
from simulator.actions.errors import Impossible
from simulator.world.contacts import Standing
from tests.simulator.caller import Caller, read

DAY = 86_400
GIVER, TAKER = "chen.yu", "lin.qiao"
PAIR = {"handover_userid": GIVER, "takeover_userid": TAKER}


def renew(crm: Caller) -> Caller:
    """The same app with a token that is good today."""
    return Caller(crm.sim, crm.corp, crm.app)


def ask(crm: Caller, *external: str, path: str = "transfer_customer", **fields: object) -> list[int] | int:
    answer = renew(crm).post(f"externalcontact/{path}", {**PAIR, "external_userid": list(external), **fields})
    return [one["errcode"] for one in answer["customer"]] if answer["errcode"] == 0 else answer["errcode"]


def results(crm: Caller, path: str = "transfer_result", **fields: object) -> list[tuple[int, int]]:
    answer = renew(crm).post(f"externalcontact/{path}", {**PAIR, **fields})
    assert answer["errcode"] == 0, answer
    return [(one["status"], one["takeover_time"]) for one in answer["customer"]]


async def test_a_customer_is_the_takers_after_a_day(sim: Simulator, crm: Caller, inbox: list[Callback]):
    relation = crm.friend(GIVER)
    relation.remark, relation.tags = "周女士", {"et1": 1.0}
    await sim.settle()
    inbox.clear()
    asked = int(sim.clock.now())
    assert ask(crm, relation.external_userid, transfer_success_msg="以后由我为您服务") == [0]
    assert results(crm) == [(2, asked + DAY)]
    await sim.advance(DAY - 1)
    assert inbox == []
    await sim.advance(2)
    assert results(crm) == [(1, asked + DAY)]
    told = [(read(one)["ChangeType"], read(one)["UserID"], read(one).get("Source")) for one in inbox]
    assert told == [("add_external_contact", TAKER, None), ("del_external_contact", GIVER, "DELETE_BY_TRANSFER")]
    assert "WelcomeCode" not in read(inbox[0])
    (follower,) = renew(crm).get("externalcontact/get", external_userid=relation.external_userid)["follow_user"]
    assert (follower["userid"], follower["add_way"], follower["tags"]) == (TAKER, 202, [])
    phone = crm.corp.contacts.customers[relation.external_userid].received
    assert phone[-1].content["text"] == "以后由我为您服务"


async def test_a_customer_who_refuses_stays(sim: Simulator, crm: Caller, inbox: list[Callback]):
    relation = crm.friend(GIVER)
    ask(crm, relation.external_userid)
    await sim.settle()
    inbox.clear()
    who = {"userid": TAKER, "external_userid": relation.external_userid}
    customers.decline(sim.world, crm.corp, **who)
    await sim.settle()
    (told,) = map(read, inbox)
    assert (told["ChangeType"], told["UserID"], told["FailReason"]) == ("transfer_fail", TAKER, "customer_refused")
    await sim.advance(2 * DAY)
    assert results(crm) == [(3, 0)]
    assert relation.standing is Standing.MUTUAL
    with pytest.raises(Impossible):
        customers.decline(sim.world, crm.corp, **who)
    assert ask(crm, relation.external_userid) == [0]


async def test_customers_refuse_by_habit(sim: Simulator, crm: Caller):
    sim.behaviour.habits.declines = 1.0
    ask(crm, crm.friend(GIVER).external_userid)
    await sim.advance(DAY)
    assert results(crm) == [(3, 0)]


async def test_a_taker_who_is_full_gets_no_more(sim: Simulator, crm: Caller, inbox: list[Callback]):
    crm.corp.directory.find(TAKER).most_customers = 1
    first, second = crm.friend(GIVER), crm.friend(GIVER)
    assert ask(crm, first.external_userid, second.external_userid) == [0, 0]
    await sim.advance(DAY)
    assert [status for status, _ in results(crm)] == [1, 4]
    assert read(inbox[-1])["FailReason"] == "customer_limit_exceed"
    assert ask(crm, second.external_userid) == [40099]


async def test_nothing_is_announced_of_who_is_a_friend_or_was_handed_over_before(
    sim: Simulator, crm: Caller, inbox: list[Callback]
):
    friend, gone = crm.friend(GIVER), crm.friend(TAKER)
    customers.add(sim.world, crm.corp, userid=TAKER, external_userid=friend.external_userid)
    back = {"handover_userid": TAKER, "takeover_userid": GIVER}
    assert ask(crm, gone.external_userid, **back) == [0]
    await sim.advance(DAY)
    inbox.clear()
    assert ask(crm, friend.external_userid, gone.external_userid) == [0, 0]
    await sim.advance(DAY)
    assert {read(one)["ChangeType"] for one in inbox} == {"del_external_contact"}
    assert crm.corp.contacts.between(TAKER, gone.external_userid).standing is Standing.MUTUAL


async def test_a_customer_is_handed_over_twice_in_ninety_days(sim: Simulator, crm: Caller):
    external = crm.friend(GIVER).external_userid
    back = {"handover_userid": TAKER, "takeover_userid": GIVER}
    for way in ({}, back):
        assert ask(crm, external, **way) == [0]
        await sim.advance(DAY)
    assert ask(crm, external) == [40128]
    await sim.advance(90 * DAY)
    assert ask(crm, external) == [0]


def test_each_customer_has_an_answer(sim: Simulator, crm: Caller):
    waiting, other = crm.friend(GIVER).external_userid, crm.friend(TAKER).external_userid
    assert ask(crm, waiting) == [0]
    assert ask(crm, waiting, "wmNobody", other) == [40100, 40096, 40131]
    shared = customers.add(sim.world, crm.corp, userid="xu.hao", external_userid=waiting)
    assert ask(crm, shared.external_userid, handover_userid="xu.hao") == [40129]


@pytest.mark.parametrize(
    ("change", "code"),
    [("verified", 40098), ("banned", 40143), ("absent", 40205), ("customer_contact", 84074)],
)
def test_a_member_who_cannot_take_over_refuses_the_call(crm: Caller, change: str, code: int):
    taker = crm.corp.directory.find(TAKER)
    setattr(taker, change, not getattr(taker, change))
    assert ask(crm, crm.friend(GIVER).external_userid) == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"takeover_userid": GIVER}, 40130),
        ({"takeover_userid": "nobody"}, 60111),
        ({"handover_userid": ""}, 40063),
        ({"external_userid": []}, 41035),
        ({"external_userid": ["wm"] * 101}, 40058),
        ({"transfer_success_msg": "长" * 201}, 40058),
    ],
)
def test_what_is_wrong_with_a_call_is_said(crm: Caller, fields: dict, code: int):
    assert ask(crm, "wm", **fields) == code


def test_two_calls_for_one_taker_at_once_are_45035(sim: Simulator, crm: Caller):
    first, second = crm.friend(GIVER).external_userid, crm.friend("xu.hao").external_userid
    body = b'{"handover_userid": "%s", "takeover_userid": "lin.qiao", "external_userid": ["%s"]}'
    request = crm.request(
        "POST",
        "externalcontact/transfer_customer",
        body % (GIVER.encode(), first.encode()),
        access_token=crm.token,
    )
    exchange = sim.platform.open(request)
    assert ask(crm, second, handover_userid="xu.hao") == 45035
    assert ask(crm, second, handover_userid="xu.hao", takeover_userid="zhou.jie") == [0]
    sim.platform.close(exchange)
    assert ask(crm, second, handover_userid="xu.hao") == [40100]


async def test_results_come_in_pages(sim: Simulator, crm: Caller):
    friends = [crm.friend(GIVER).external_userid for _ in range(1001)]
    for start in range(0, 1001, 100):
        ask(crm, *friends[start : start + 100])
    page = crm.post("externalcontact/transfer_result", PAIR)
    assert len(page["customer"]) == 1000
    assert len(results(crm, cursor=page["next_cursor"])) == 1
    assert crm.post("externalcontact/transfer_result", {**PAIR, "cursor": "?"})["errcode"] == 50100


async def test_customers_of_who_left_wait_until_somebody_takes_over(sim: Simulator, crm: Caller, inbox: list[Callback]):
    relation = crm.friend(GIVER)
    assert ask(crm, relation.external_userid, path="resigned/transfer_customer") == 40097
    left = int(sim.clock.now())
    staff.resign(sim.world, crm.corp, userid=GIVER)
    listed = crm.post("externalcontact/get_unassigned_list")
    row = {"handover_userid": GIVER, "external_userid": relation.external_userid, "dimission_time": left}
    assert (listed["info"], listed["is_last"], listed["next_cursor"]) == ([row], True, "")
    assert ask(crm, relation.external_userid) == 60111
    assert ask(crm, relation.external_userid, path="resigned/transfer_customer") == [0]
    assert crm.post("externalcontact/get_unassigned_list")["info"] == []
    await sim.settle()
    inbox.clear()
    await sim.advance(DAY)
    assert results(crm, "resigned/transfer_result") == [(1, left + DAY)]
    assert [read(one)["ChangeType"] for one in inbox] == ["add_external_contact"]


async def test_who_left_more_than_a_year_ago_cannot_be_followed_any_more(sim: Simulator, crm: Caller):
    relation = crm.friend(GIVER)
    staff.resign(sim.world, crm.corp, userid=GIVER)
    await sim.advance(365 * DAY)
    assert renew(crm).post("externalcontact/get_unassigned_list")["info"] == []
    assert ask(crm, relation.external_userid, path="resigned/transfer_customer") == 40205


def test_the_unassigned_come_in_pages(sim: Simulator, crm: Caller):
    for _ in range(3):
        crm.friend(GIVER)
    staff.resign(sim.world, crm.corp, userid=GIVER)
    first = crm.post("externalcontact/get_unassigned_list", page_size=2)
    assert (len(first["info"]), first["is_last"]) == (2, False)
    rest = crm.post("externalcontact/get_unassigned_list", page_size=2, cursor=first["next_cursor"])
    assert (len(rest["info"]), rest["is_last"]) == (1, True)


async def test_an_administrator_hands_over_in_the_console(sim: Simulator, crm: Caller, inbox: list[Callback]):
    relation, other = crm.friend(GIVER), crm.friend("xu.hao")
    staff.resign(sim.world, crm.corp, userid="xu.hao")
    for one in (relation, other):
        about = {"takeover_userid": TAKER, "external_userid": one.external_userid}
        console.assign(sim.world, crm.corp, handover_userid=one.userid, **about)
    with pytest.raises(Impossible):
        console.assign(sim.world, crm.corp, handover_userid=GIVER, **about)
    await sim.advance(DAY)
    assert len(crm.corp.contacts.of_member(TAKER)) == 2
    assert [read(one)["ChangeType"] for one in inbox[-3:]].count("add_external_contact") == 2
