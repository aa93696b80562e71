"""Whom a code shows at WeCom follows rota, caps, shares and duty, with as few updates as possible."""

from datetime import timedelta

from simulator.actions import customers, staff
from sop.events import DirectoryDue
from sop.slots import SHANGHAI

UPDATING = "externalcontact/update_contact_way"


def way(stage, channel):
    """The channel's contact way as WeCom has it now."""
    return stage.corp.ways[channel["config_id"]]


def hours(stage, ahead: int) -> str:
    """The clock of the corp at a full hour so many hours ahead."""
    return f"{stage.now().astimezone(SHANGHAI) + timedelta(hours=ahead):%H}:00"


def to_the_hour(stage) -> float:
    """Seconds to the next full hour and one more."""
    return 3601 - stage.now().timestamp() % 3600


async def shown(stage, channel) -> list[str]:
    """Whom WeCom shows once nothing is left to do."""
    await stage.until(stage.idle)
    return way(stage, channel).users


async def test_a_cap_that_is_reached_shows_the_backup_until_midnight(siyu):
    first, second, spare = siyu.team[:3]
    channel = await siyu.channel(staff=[first, second], member_cap=1, backup=[spare])
    one = siyu.scan(channel)
    assert one.userid == first
    await siyu.until(lambda: way(siyu, channel).users == [second])
    siyu.scan(channel)
    await siyu.until(lambda: way(siyu, channel).users == [spare])
    third = siyu.scan(channel)
    await siyu.until(siyu.idle)
    assert await siyu.reasons("assignment", one) == [("assigned", "given")]
    assert await siyu.reasons("assignment", third) == [("assigned", "given_backup")]
    assert [(why.facts["before"], why.facts["cap"]) for why in await siyu.decisions("assignment", "assigned")] == [
        (0, 1), (0, 1), (0, 1),
    ]  # fmt: skip
    assert len(siyu.calls(UPDATING)) == 2, "the backup has a cap too, but nobody is left to be shown instead"
    state = await siyu.get(f"channels/{channel['id']}/assignment")
    assert {each["user_id"]: each["reason"]["code"] for each in state["candidates"]}[first] == "capped"
    siyu.push(24 * 3600)
    await siyu.until(lambda: way(siyu, channel).users == [first, second])


async def test_the_cap_of_the_code_leads_to_the_backup_and_without_one_nothing_changes(siyu):
    first, spare = siyu.team[:2]
    channel = await siyu.channel(staff=[first], cap=2, backup=[spare])
    alone = await siyu.channel(staff=[first], cap=1)
    for code in (channel, channel, alone):
        siyu.scan(code)
    await siyu.until(lambda: way(siyu, channel).users == [spare])
    assert await shown(siyu, alone) == [first]
    state = await siyu.get(f"channels/{alone['id']}/assignment")
    assert (state["mode"], state["candidates"][0]["reason"]["code"]) == ("last", "last")


async def test_what_wecom_gave_before_our_update_is_told_as_overshoot(siyu):
    first, second = siyu.team[:2]
    channel = await siyu.channel(staff=[first, second], member_cap=1)
    siyu.simulator.platform.latency = 0.3
    relations = [siyu.scan(channel) for _ in range(4)]
    await siyu.until(lambda: siyu.decisions("assignment", "over"))
    await siyu.until(siyu.idle)
    counts = [sum(one.userid == name for one in relations) for name in (first, second)]
    state = await siyu.get(f"channels/{channel['id']}/assignment")
    assert [each["today"] for each in state["candidates"]] == counts == [2, 2]
    assert [each["over"] for each in state["candidates"]] == [1, 1]


async def test_a_half_add_and_its_confirmation_are_one_add(siyu):
    channel = await siyu.channel(staff=siyu.team[:2], member_cap=2)
    relation = siyu.scan(channel, half=True)
    siyu.push(5)
    siyu.act(customers.accept, relation)
    await siyu.until(lambda: siyu.events("contact_added"))
    await siyu.until(siyu.idle)
    state = await siyu.get(f"channels/{channel['id']}/assignment")
    assert [each["today"] for each in state["candidates"]] == [1, 0]
    assert len(await siyu.reasons("assignment", relation)) == 1


async def test_the_rota_changes_the_code_at_the_edge_of_a_slot(siyu):
    early, late = siyu.team[:2]
    rota = [
        {"from": hours(siyu, -11), "to": hours(siyu, 1), "staff": [early]},
        {"from": hours(siyu, 1), "to": hours(siyu, -11), "staff": [late]},
    ]
    accept = [{"from": hours(siyu, -11), "to": hours(siyu, 1)}]
    channel = await siyu.channel(staff=[early, late], rota=rota, accept=accept)
    assert (way(siyu, channel).users, way(siyu, channel).skip_verify) == ([early], True)
    siyu.push(to_the_hour(siyu))
    await siyu.until(lambda: way(siyu, channel).users == [late])
    assert way(siyu, channel).skip_verify is False
    await siyu.until(siyu.idle)
    assert len(siyu.calls(UPDATING)) == 1, "one call for both"
    siyu.push(12 * 3600)
    await siyu.until(lambda: way(siyu, channel).users == [early])


async def test_an_edge_at_which_nothing_changes_is_not_told_to_wecom(siyu):
    rota = [
        {"from": hours(siyu, -11), "to": hours(siyu, 1), "staff": [siyu.rep]},
        {"from": hours(siyu, 1), "to": hours(siyu, -11), "staff": [siyu.rep]},
    ]
    channel = await siyu.channel(staff=[siyu.rep], rota=rota)
    siyu.push(to_the_hour(siyu))
    assert await shown(siyu, channel) == [siyu.rep]
    assert siyu.calls(UPDATING) == []


async def test_a_member_goes_off_duty_by_message_and_on_again(siyu):
    first, second = siyu.team[:2]
    channel = await siyu.channel(staff=[first, second], rota=[{"from": "00:00", "to": "24:00"}])
    other = await siyu.channel(staff=[first])
    siyu.write(first, "下班")
    await siyu.until(lambda: way(siyu, channel).users == [second])
    await siyu.until(siyu.idle)
    assert "下班" in siyu.inbox(first)[-1]["content"]
    assert way(siyu, other).users == [first], "a code cannot have nobody"
    assert (await siyu.get(f"channels/{other['id']}/assignment"))["mode"] == "last"
    siyu.push(2)
    siyu.write(first, "on duty")
    await siyu.until(lambda: way(siyu, channel).users == [first, second])
    await siyu.until(siyu.idle)
    assert "on duty until" in siyu.inbox(first)[-1]["content"]
    assert [one.verdict for one in await siyu.decisions("duty", "")][::-1] == ["off", "on"]


async def test_whoever_answers_the_bot_is_told_until_when_the_rota_has_them(siyu):
    end = hours(siyu, 3)
    await siyu.channel(staff=[siyu.rep], rota=[{"from": hours(siyu, -3), "to": end, "staff": [siyu.rep]}])
    siyu.write(siyu.rep, "上班")
    await siyu.until(lambda: siyu.inbox(siyu.rep))
    assert f"{end}" in siyu.inbox(siyu.rep)[-1]["content"]


async def test_an_operator_sends_a_member_on_leave_who_is_back_by_themself(siyu):
    first, second = siyu.team[:2]
    channel = await siyu.channel(staff=[first, second])
    until = (siyu.now() + timedelta(hours=2)).isoformat()
    path = f"{siyu.base}/api/v1/staff/{first}/duty"
    assert (await siyu.api.put(path, json={"on": False, "until": until})).is_success
    await siyu.until(lambda: way(siyu, channel).users == [second])
    siyu.push(2 * 3600 + 1)
    await siyu.until(lambda: way(siyu, channel).users == [first, second])


async def test_departments_stay_whole_until_somebody_of_them_is_off_duty(siyu):
    member = siyu.corp.directory.find(siyu.rep)
    department = member.departments[0]
    everyone = [each.userid for each in siyu.corp.directory.staff(department, deep=True) if each.serves]
    channel = await siyu.channel(staff=[], departments=[department])
    assert (way(siyu, channel).users, way(siyu, channel).departments) == ([], [department])
    siyu.write(siyu.rep, "下班")
    await siyu.until(lambda: way(siyu, channel).users)
    assert set(way(siyu, channel).users) == set(everyone) - {siyu.rep}
    assert way(siyu, channel).departments == []
    siyu.push(2)
    siyu.write(siyu.rep, "上班")
    await siyu.until(lambda: way(siyu, channel).departments == [department])


async def decided(stage, adds: int) -> bool:
    """Whether so many adds have their reason, and WeCom has been told what follows from them.

    Not whether all is done: a member is told of at most thirty customers a minute.
    """
    explained = await stage.decisions("assignment", "assigned")
    waiting = [
        event for event in await stage.events() if event.open and event.kind.startswith(("channel", "customer_"))
    ]
    return len(explained) == adds and not waiting and not await stage.intents("update_contact_way", "open")


async def test_weights_are_kept_in_proportion(siyu):
    heavy, light = siyu.team[:2]
    channel = await siyu.channel(staff=[heavy, light], strategy="weighted", roster=[{"user_id": heavy, "weight": 3}])
    relations = []
    for _ in range(40):
        relations.append(siyu.scan(channel))
        await siyu.until(lambda: decided(siyu, len(relations)))
    share = sum(one.userid == heavy for one in relations) / 40
    assert 0.68 <= share <= 0.82
    assert len(siyu.calls(UPDATING)) <= 8
    state = await siyu.get(f"channels/{channel['id']}/assignment")
    wanted = {each["user_id"]: (each["wanted"], each["had"]) for each in state["candidates"]}
    assert wanted[heavy][0] == 0.75
    assert wanted[heavy][1] == round(share, 4)


async def test_who_has_resigned_is_shown_no_more(siyu):
    first, second = siyu.team[:2]
    channel = await siyu.channel(staff=[first, second])
    siyu.app.contact_events = True
    staff.resign(siyu.simulator.world, siyu.corp, userid=first)
    await siyu.until(lambda: way(siyu, channel).users == [second])


async def test_who_has_left_without_a_callback_is_found_when_the_directory_is_read(siyu):
    first, second = siyu.team[:2]
    channel = await siyu.channel(staff=[first, second])
    staff.resign(siyu.simulator.world, siyu.corp, userid=first)
    await siyu.announce(DirectoryDue(corp_id=siyu.corp.id, at=siyu.now()))
    await siyu.until(lambda: way(siyu, channel).users == [second])
