from datetime import datetime

import pytest

from handlers.removals import count, fail, lose, mourn, remove, report, warn
from sop.events import RemovalRecorded
from sop.intents import Prompt
from sop.relations import Deed, Status
from sop.staff import Department, Member
from storage.tags import Binding, Tag, TagGroup
from tests.handlers.desk import PAIR, START, after
from wecom.events import ContactRemoved, StaffRemoved, TransferFailed

LATER = after(days=3, hours=2)
LOST = StaffRemoved(corp_id="ww1", at=LATER, **PAIR)
REMOVED = ContactRemoved(corp_id="ww1", at=LATER, **PAIR)


@pytest.fixture
async def team(desk):
    """Chen under a lead, a colleague under another, and a customer with a past."""
    store = desk.store()
    tree = (Department(id=1, leaders=("lead",)), Department(id=2, leaders=("boss",)))
    members = [Member(user_id="chen", name="陈宇", departments=(1,)), Member(user_id="lin", departments=(2,))]
    members += [Member(user_id="lead", departments=(1,)), Member(user_id="boss", departments=(2,))]
    await store.staff.replace(members, tree, at=START)
    vip = Tag(id="et1", name="VIP", group_id="g1")
    await store.tags.replace([TagGroup(id="g1", name="等级", tags=(vip,))], at=START)
    store.tags.bind("wm1", "chen", bindings=[Binding(tag_id="et1", source="staff", at=START)])
    await store.commit()
    channel = await desk.channel()
    await desk.know("小周")
    await desk.record(Deed.ADDED, state=channel.state, channel_id=channel.id)
    await desk.record(Deed.REPLIED, after(days=1))
    return desk


async def set_up(desk, **settings):
    store = desk.store()
    for name, value in settings.items():
        store.settings.put(name.replace("_", "."), value)
    await store.commit()


async def test_a_loss_is_recorded_with_what_may_explain_it(team):
    await team.run(lose, LOST)
    await team.run(lose, LOST)
    relation = await team.store().relations.find("wm1", "chen")
    assert (relation.status, relation.ended_at) == (Status.LOST, LATER)
    assert await team.timeline() == ["added", "replied", "lost"]
    (entry, *_) = await team.store().history.timeline("wm1")
    assert entry.facts == {
        "days": 3, "tags": ["et1"], "channel": relation.channel_id, "way": 0, "replied_at": after(days=1).isoformat(),
    }  # fmt: skip


async def test_a_loss_is_told_to_the_member_and_the_lead_once(team):
    await team.run(mourn, LOST)
    await team.run(mourn, LOST)
    (prompt,) = await team.intents(Prompt)
    assert prompt.users == ("chen", "lead")
    assert prompt.title == "客户流失：小周"
    assert {fact.name: fact.value for fact in prompt.facts} == {
        "员工": "陈宇", "来源": "上海门店", "添加天数": "3", "最后回复": "2025-10-10 16:00",
        "时间": "2025-10-12 18:00", "标签": "VIP",
    }  # fmt: skip
    assert (await team.decisions())[0] == ("alert", "sent", "alert_lost")


@pytest.mark.parametrize(("alert", "event"), [(mourn, LOST), (warn, REMOVED)])
async def test_a_customer_who_is_back_is_not_mourned(team, alert, event):
    await team.record(Deed.ADDED, after(days=5))
    await team.run(alert, event)
    assert await team.intents(Prompt) == []
    assert await team.decisions() == [("alert", "skipped", "readded")]


async def test_a_loss_of_somebody_unknown_is_told_too(desk):
    await desk.run(lose, LOST)
    await desk.run(mourn, LOST)
    (prompt,) = await desk.intents(Prompt)
    assert prompt.users == ("chen",)
    assert (await desk.store().relations.find("wm1", "chen")).status is Status.LOST


async def test_a_removal_is_recorded_and_told_to_the_lead(team):
    await team.run(remove, REMOVED)
    await team.run(warn, REMOVED)
    assert (await team.store().relations.find("wm1", "chen")).status is Status.REMOVED
    (prompt,) = await team.intents(Prompt)
    assert (prompt.users, prompt.title) == (("lead",), "员工删除客户：小周")
    (announced,) = await team.events("removal_recorded")
    assert announced["user_id"] == "chen"


async def test_a_handed_over_customer_is_moved_without_alarm(team):
    event = ContactRemoved(corp_id="ww1", at=LATER, by_transfer=True, **PAIR)
    await team.run(remove, event)
    await team.run(warn, event)
    assert (await team.store().relations.find("wm1", "chen")).status is Status.MOVED
    assert await team.intents(Prompt) == []
    assert await team.events("removal_recorded") == []
    assert await team.decisions() == [("alert", "skipped", "transferred")]


async def test_without_a_lead_the_receivers_of_alarms_are_told(desk):
    await desk.run(warn, REMOVED)
    assert await desk.decisions() == [("alert", "skipped", "no_lead")]
    await set_up(desk, alarm_receivers=["ops"])
    await desk.run(warn, REMOVED)
    assert (await desk.intents(Prompt))[0].users == ("ops",)


async def burst(desk, *moments: datetime) -> list[Prompt]:
    for number, at in enumerate(moments):
        await desk.record(Deed.REMOVED, at, external_user_id=f"wm-{at.timestamp()}-{number}")
    for at in moments:
        await desk.run(count, RemovalRecorded(corp_id="ww1", at=at, **PAIR))
    return [prompt for prompt in await desk.intents(Prompt) if prompt.cause.startswith("bulk:")]


async def test_ten_removals_in_ten_minutes_are_one_alarm(team):
    await set_up(team, alarm_receivers=["ops", "lead"])
    assert await burst(team, *[after(minutes=number) for number in range(9)]) == []
    (alarm,) = await burst(team, after(minutes=9), after(minutes=9.5))
    assert alarm.users == ("lead", "ops")
    assert "陈宇 在 10 分钟内删除了 11 位客户" in alarm.text
    assert ("alert", "skipped", "alerted_before") in await team.decisions()


async def test_a_later_burst_is_another_alarm(team):
    await set_up(team, removals_most=3)
    assert len(await burst(team, *[after(minutes=number) for number in range(4)])) == 1
    assert len(await burst(team, *[after(minutes=number) for number in range(40, 44)])) == 2


async def test_slow_removals_are_no_alarm(team):
    await set_up(team, removals_most=3, removals_minutes=5)
    assert await burst(team, *[after(minutes=3 * number) for number in range(6)]) == []


async def test_removals_by_others_do_not_count(team):
    await set_up(team, removals_most=3)
    for number in range(3):
        await team.record(Deed.REMOVED, after(seconds=number), user_id="lin", external_user_id=f"wm-{number}")
    assert await burst(team, after(seconds=9)) == []


async def test_an_alarm_that_reaches_nobody_has_a_reason(desk):
    await set_up(desk, removals_most=2)
    assert await burst(desk, START, after(seconds=1)) == []
    assert ("alert", "skipped", "no_lead") in await desk.decisions()


FAILED = TransferFailed(corp_id="ww1", at=LATER, user_id="lin", external_user_id="wm1", reason="customer_refused")


async def test_a_failed_transfer_is_told_to_the_lead_of_who_has_the_customer(team):
    await team.run(fail, FAILED)
    await team.run(report, FAILED)
    await team.run(report, FAILED)
    (prompt,) = await team.intents(Prompt)
    assert prompt.users == ("lead",)
    assert {fact.name: fact.value for fact in prompt.facts}["原因"] == "客户拒绝"
    entry = (await team.store().history.timeline("wm1"))[0]
    assert (entry.what, entry.user_id, entry.facts) == ("transfer_failed", "lin", {"reason": "customer_refused"})


async def test_a_failed_transfer_of_nobodys_customer_is_told_to_the_lead_of_the_taker(team):
    await team.record(Deed.REMOVED, after(days=1))
    await team.run(report, FAILED)
    assert (await team.intents(Prompt))[0].users == ("boss",)


async def test_a_failed_transfer_without_a_lead_has_a_reason(desk):
    await desk.run(report, FAILED)
    assert await desk.decisions() == [("alert", "skipped", "no_lead")]
