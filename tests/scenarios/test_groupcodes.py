"""An operator makes a group code; it leads where there is room, and WeCom is told only when that changes."""

import pytest

from simulator.world.groups import SCAN_SEATS
from tests.scenarios.crowd import Crowd
from tests.stage import read

MAKING, UPDATING = "externalcontact/groupchat/add_join_way", "externalcontact/groupchat/update_join_way"


@pytest.fixture
def crowd(siyu):
    return Crowd(siyu)


async def made(crowd, number, **about):
    """So many groups that the service knows."""
    groups = [crowd.found(name=f"{count}群", **about) for count in range(1, number + 1)]
    await crowd.settle(*groups)
    return groups


async def create(siyu, groups, **about):
    code = await siyu.post("group-codes", {"name": "福利群", "groups": [one.chat_id for one in groups], **about})
    await siyu.until(lambda: live(siyu, code))
    await siyu.until(siyu.idle)
    return await siyu.get(f"group-codes/{code['id']}")


async def live(siyu, code):
    return (await siyu.get(f"group-codes/{code['id']}"))["status"] == "live"


def way(siyu):
    (found,) = siyu.corp.groups.ways.values()
    return found


async def test_a_group_code_is_made_changed_and_removed_at_wecom(siyu, crowd):
    groups = await made(crowd, 3)
    code = await create(siyu, groups[:2], city="上海")
    assert (code["config_id"], code["qr_code"], code["state"]) == (
        way(siyu).config_id,
        way(siyu).qr_code,
        way(siyu).state,
    )
    assert code["shown"] == [one.chat_id for one in groups[:2]] == way(siyu).chat_ids
    assert code["seats"] == 2 * (SCAN_SEATS - 1)
    path = f"{siyu.base}/api/v1/group-codes/{code['id']}"
    answer = await siyu.api.patch(path, json={"name": "新名", "groups": [groups[2].chat_id]})
    assert answer.json()["status"] == "pending"
    await siyu.until(lambda: way(siyu).chat_ids == [groups[2].chat_id])
    await siyu.until(siyu.idle)
    assert way(siyu).remark == "新名"
    assert (await siyu.api.delete(path)).status_code == 202
    await siyu.until(lambda: not siyu.corp.groups.ways)
    await siyu.until(siyu.idle)
    assert (await siyu.api.get(path)).json()["status"] == "deleted"


async def test_groups_are_filled_one_after_another_with_few_calls(siyu, crowd):
    groups = await made(crowd, 7)
    code = await create(siyu, groups, threshold=4)
    for group in groups[:3]:
        crowd.invite(group, 3)
        await crowd.settle(group)
    shown = await siyu.get(f"group-codes/{code['id']}")
    assert shown["shown"] == [one.chat_id for one in groups[3:7]] == way(siyu).chat_ids
    assert len(siyu.calls(UPDATING)) == 3
    crowd.do("kick", groups[0], ids=[list(groups[0].now.members)[-1]])
    crowd.invite(groups[4])
    await crowd.settle(groups[0], groups[4])
    assert len(siyu.calls(UPDATING)) == 3, "neither a seat in a full group nor a person in an empty one matters"


async def test_the_spare_group_takes_in_who_finds_all_others_full(siyu, crowd):
    one, spare = await made(crowd, 2)
    code = await create(siyu, [one], threshold=3, spare=spare.chat_id)
    for _ in range(3):
        crowd.join(code["state"])
        await crowd.settle(one, spare)
    assert (len(one.now.members), len(spare.now.members)) == (3, 2)
    assert way(siyu).chat_ids == [spare.chat_id]
    assert ("wanted", "code_spare") in await siyu.reasons("group_code")


async def test_a_dissolved_group_is_taken_out(siyu, crowd):
    one, two = await made(crowd, 2)
    await create(siyu, [one, two])
    crowd.do("dismiss_group", one)
    await crowd.settle(one)
    assert way(siyu).chat_ids == [two.chat_id]


async def test_a_group_that_wecom_made_for_a_code_becomes_its_own(siyu, crowd):
    (one,) = await made(crowd, 1)
    code = await create(siyu, [one], auto_create=True, base_name="福利")
    crowd.invite(one, SCAN_SEATS - len(one.now.members))
    await crowd.settle(one)
    new = crowd.join(code["state"])
    await crowd.settle(one, new)
    shown = await siyu.get(f"group-codes/{code['id']}")
    assert shown["groups"] == [one.chat_id, new.chat_id]
    assert way(siyu).chat_ids == [new.chat_id]
    assert new.now.name == "福利1"
    siyu.push(5)
    path = f"{siyu.base}/api/v1/group-codes/{code['id']}"
    assert (await siyu.api.patch(path, json={"groups": [one.chat_id]})).is_success
    crowd.invite(new)
    await crowd.settle(new)
    shown = await siyu.get(f"group-codes/{code['id']}")
    assert shown["groups"] == [one.chat_id], "what an operator has left out stays out"


async def test_what_a_code_brought_is_counted_by_its_state(siyu, crowd):
    one, two = await made(crowd, 2)
    code = await create(siyu, [one, two], threshold=3)
    for _ in range(3):
        crowd.join(code["state"])
        await crowd.settle(one, two)
    crowd.invite(one)
    leaver = next(each.id for each in one.now.members.values() if each.state)
    crowd.do("quit_group", one, external_userid=leaver)
    await crowd.settle(one, two)
    counted = await siyu.get(f"group-codes/{code['id']}/statistics", days=2)
    assert (sum(day["joined"] for day in counted["days"]), sum(day["left"] for day in counted["days"])) == (3, 1)
    inside = {each["chat_id"]: (each["joined"], each["inside"]) for each in counted["groups"]}
    assert inside == {one.chat_id: (2, 1), two.chat_id: (1, 1)}


async def test_a_code_of_which_nobody_knows_is_not_made_a_second_time_blindly(siyu, crowd):
    (one,) = await made(crowd, 1)
    siyu.fail("reset_after", MAKING, count=1)
    code = await siyu.post("group-codes", {"name": "福利群", "groups": [one.chat_id]})
    await siyu.until(lambda: refused(siyu, code))
    crowd.invite(one, 3)
    await crowd.settle(one)
    assert len(siyu.corp.groups.ways) == 1
    assert len(siyu.calls(MAKING)) == 1
    assert ("dead", "code_failed") in await siyu.reasons("group_code")
    await siyu.post(f"group-codes/{code['id']}/retry", {})
    await siyu.until(lambda: live(siyu, code))
    assert len(siyu.corp.groups.ways) == 2, "an operator has decided"


async def refused(siyu, code):
    return (await siyu.get(f"group-codes/{code['id']}"))["status"] == "refused"


async def test_the_id_is_kept_even_when_the_picture_cannot_be_had(siyu, crowd):
    (one,) = await made(crowd, 1)
    siyu.fail("refuse", "externalcontact/groupchat/get_join_way", code=-1, count=1)
    code = await create(siyu, [one])
    await siyu.until(lambda: pictured(siyu, code))
    assert code["config_id"] == way(siyu).config_id


async def pictured(siyu, code):
    return (await siyu.get(f"group-codes/{code['id']}"))["qr_code"] == way(siyu).qr_code


async def test_a_code_for_groups_nobody_knows_is_refused_at_once(siyu):
    body = {"name": "福利群", "groups": ["wr-nobody"], "threshold": 300}
    answer = await siyu.api.post(f"{siyu.base}/api/v1/group-codes", json=body)
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["errors"]} == {"groups", "threshold"}
    assert not siyu.calls(MAKING)


async def test_what_wecom_refuses_is_told(siyu, crowd):
    (one,) = await made(crowd, 1)
    siyu.fail("refuse", MAKING, code=41045)
    code = await siyu.post("group-codes", {"name": "福利群", "groups": [one.chat_id]})
    await siyu.until(lambda: refused(siyu, code))
    assert "41045" in (await siyu.get(f"group-codes/{code['id']}"))["reason"]
    assert read(siyu.calls(MAKING)[0])["remark"] == "福利群"
