"""Groups get another owner at once, but for those that cannot."""

import pytest

from simulator import Callback, Simulator
from simulator.actions import groups, staff
from tests.simulator.caller import Caller, read

DAY = 86_400
GIVER, TAKER = "chen.yu", "lin.qiao"


def found(crm: Caller, owner: str = GIVER) -> str:
    customer = crm.friend(owner).external_userid
    return groups.found_group(crm.sim.world, crm.corp, owner=owner, customers=[customer]).chat_id


def give(crm: Caller, *chat_ids: str, path: str = "onjob_transfer", owner: str = TAKER) -> list[int] | int:
    caller = Caller(crm.sim, crm.corp, crm.app)
    answer = caller.post(f"externalcontact/groupchat/{path}", chat_id_list=list(chat_ids), new_owner=owner)
    return [one["errcode"] for one in answer["failed_chat_list"]] if answer["errcode"] == 0 else answer["errcode"]


async def test_groups_have_another_owner_and_it_is_announced(sim: Simulator, crm: Caller, inbox: list[Callback]):
    chat_id = found(crm)
    await sim.advance(10)
    inbox.clear()
    assert give(crm, chat_id) == []
    await sim.advance(3)
    (told,) = map(read, inbox)
    assert (told["ChangeType"], told["UpdateDetail"], told["ChatId"]) == ("update", "change_owner", chat_id)
    shown = crm.post("externalcontact/groupchat/get", chat_id=chat_id)["group_chat"]
    assert shown["owner"] == TAKER
    assert TAKER in [one["userid"] for one in shown["member_list"]]


async def test_what_cannot_be_given_is_named(sim: Simulator, crm: Caller):
    mine, theirs, gone = found(crm), found(crm, TAKER), found(crm)
    groups.dismiss_group(sim.world, crm.corp, chat_id=gone)
    await sim.advance(10)
    assert give(crm, mine, "wrNobody", theirs, gone) == [40050, 90504, 49008]
    assert give(crm, mine, path="transfer", owner=GIVER) == [90500]
    staff.resign(sim.world, crm.corp, userid=TAKER)
    assert give(crm, mine, owner=GIVER) == [90502]
    assert give(crm, mine, path="transfer", owner=GIVER) == []


async def test_a_group_changes_hands_twice_in_ninety_days(sim: Simulator, crm: Caller):
    chat_id = found(crm)
    await sim.advance(10)
    assert [give(crm, chat_id), give(crm, chat_id, owner=GIVER), give(crm, chat_id)] == [[], [], [90508]]
    await sim.advance(90 * DAY)
    assert give(crm, chat_id) == []


async def test_one_person_gives_300_groups_a_day(sim: Simulator, crm: Caller):
    chat_ids = [found(crm) for _ in range(301)]
    await sim.advance(10)
    for start in range(0, 300, 100):
        assert give(crm, *chat_ids[start : start + 100]) == []
    assert give(crm, chat_ids[300]) == [45009]
    await sim.advance(DAY)
    assert give(crm, chat_ids[300]) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [("verified", 40098), ("banned", 40143), ("absent", 40205), ("customer_contact", 84074)],
)
async def test_who_cannot_own_a_group_refuses_the_call(sim: Simulator, crm: Caller, change: str, code: int):
    chat_id = found(crm)
    await sim.advance(10)
    taker = crm.corp.directory.find(TAKER)
    setattr(taker, change, not getattr(taker, change))
    assert give(crm, chat_id) == code


def test_groups_go_by_the_hundred(crm: Caller):
    assert give(crm, *["wr"] * 101) == 40058
    assert give(crm) == 40063
