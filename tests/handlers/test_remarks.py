import pytest

from handlers.remarks import keep, name
from sop.events import Outcome
from sop.intents import SetRemark
from sop.relations import Deed
from sop.staff import Member
from tests.handlers.desk import PAIR, START
from wecom.events import ContactAdded


async def added(desk, remark: str = "{channel}-{customer}") -> ContactAdded:
    channel = await desk.channel(remark=remark)
    return ContactAdded(corp_id="ww1", at=START, state=channel.state, **PAIR)


async def test_a_new_customer_is_named_by_the_channel(desk):
    event = await added(desk)
    desk.world.show("小周", remark="小周")
    await desk.run(name, event)
    await desk.run(name, event)
    (intent,) = await desk.intents(SetRemark)
    assert (intent.remark, intent.user_id, intent.external_user_id) == ("上海门店-小周", "chen", "wm1")


async def test_staff_and_date_may_stand_in_a_remark(desk):
    store = desk.store()
    store.staff.put(Member(user_id="chen", name="陈宇"), at=START)
    await store.commit()
    event = await added(desk, "{date}{staff}{customer}")
    desk.world.show("小周")
    await desk.run(name, event)
    assert (await desk.intents(SetRemark))[0].remark == "2025-10-09陈宇小周"


async def test_a_remark_of_the_staff_is_kept(desk):
    event = await added(desk)
    desk.world.show("小周", remark="周女士")
    await desk.run(name, event)
    assert await desk.intents(SetRemark) == []
    assert await desk.decisions() == [("remark", "skipped", "remark_kept")]


async def test_a_remark_that_stands_already_is_not_set_again(desk):
    event = await added(desk)
    desk.world.show("小周", remark="上海门店-小周")
    await desk.run(name, event)
    assert await desk.intents(SetRemark) == []
    assert await desk.decisions() == []


async def test_whom_wecom_does_not_show_is_not_named(desk):
    await desk.run(name, await added(desk))
    assert await desk.decisions() == [("remark", "skipped", "not_related")]


async def test_without_a_template_nothing_is_asked(desk):
    desk.world.profiles["wm1"] = AssertionError("nobody should ask")
    await desk.run(name, await added(desk, ""))
    await desk.run(name, ContactAdded(corp_id="ww1", at=START, **PAIR))
    assert await desk.intents(SetRemark) == []


REMARK = SetRemark(**PAIR, remark="上海门店-小周", cause="added:1")


async def test_a_remark_that_was_set_is_ours_too(desk):
    await desk.record(Deed.ADDED)
    await desk.settle(keep, REMARK)
    assert (await desk.store().relations.find("wm1", "chen")).remark == "上海门店-小周"
    assert await desk.timeline() == ["added", "remarked"]
    assert await desk.decisions() == [("remark", "sent", "remark_set")]


@pytest.mark.parametrize(
    ("outcome", "code", "reason"),
    [
        (Outcome.REFUSED, 84061, "not_related"),
        (Outcome.REFUSED, 40096, "remark_refused"),
        (Outcome.LATE, 0, "remark_failed"),
        (Outcome.CANCELLED, 0, "cancelled"),
    ],
)
async def test_a_remark_that_was_not_set_has_a_reason(desk, outcome, code, reason):
    await desk.record(Deed.ADDED)
    await desk.settle(keep, REMARK, outcome=outcome, code=code)
    assert (await desk.store().relations.find("wm1", "chen")).remark == ""
    assert await desk.timeline() == ["added"]
    assert await desk.decisions() == [("remark", outcome.value, reason)]


async def test_a_description_is_written_beside_the_remark_unless_somebody_has_written_one(desk):
    channel = await desk.channel(remark="{channel}-{customer}", description="{date} 由 {channel} 添加")
    event = ContactAdded(corp_id="ww1", at=START, state=channel.state, **PAIR)
    desk.world.show("小周", remark="小周")
    await desk.run(name, event)
    (intent,) = await desk.intents(SetRemark)
    assert (intent.remark, intent.description) == ("上海门店-小周", "2025-10-09 由 上海门店 添加")
    await desk.record(Deed.ADDED)
    await desk.settle(keep, intent)
    relation = await desk.store().relations.find("wm1", "chen")
    assert (relation.remark, relation.description) == ("上海门店-小周", "2025-10-09 由 上海门店 添加")


async def test_a_description_of_the_staff_is_kept(desk):
    channel = await desk.channel(description="{channel}")
    desk.world.show("小周", description="老客户")
    await desk.run(name, ContactAdded(corp_id="ww1", at=START, state=channel.state, **PAIR))
    assert await desk.intents(SetRemark) == []
