"""A code follows whom it should show: one call where WeCom has something else, none where it has not."""

from datetime import timedelta

import pytest

from handlers.channels import duty as handlers
from handlers.channels.ways import converge, created, deleted, updated
from handlers.messages import answer
from sop.channels import Draft
from sop.channels.duty import Presence, Shift
from sop.events import ChannelTurned, DutyChanged, Outcome
from sop.intents import CreateContactWay, DeleteContactWay, Prompt, UpdateContactWay
from sop.slots import Window
from sop.staff import Member
from tests.handlers.desk import START, Desk
from wecom.events import StaffUpdated, TextReceived

MADE = {"config_id": "cfg", "qr_code": "https://qr"}


async def look(desk: Desk, channel) -> None:
    await desk.run(converge, ChannelTurned(corp_id="ww1", at=desk.now, channel_id=channel.id))


async def now(desk: Desk, channel):
    return await desk.store().channels.get(channel.id)


async def live(desk: Desk, **wanted):
    channel = await desk.channel(**{"staff": ("chen", "lin"), **wanted})
    await look(desk, channel)
    (call,) = await desk.intents(CreateContactWay)
    await desk.settle(created, call, result=MADE)
    return await now(desk, channel)


async def switch(desk: Desk, user_id: str, *, on: bool) -> None:
    await desk.apply(lambda store: store.duty.set(Presence(user_id=user_id, on=on, since=desk.now)))


async def updates(desk: Desk):
    return [call.users for call in await desk.intents(UpdateContactWay)]


async def test_looking_at_what_is_so_already_calls_nobody(desk):
    channel = await live(desk)
    await look(desk, channel)
    await look(desk, channel)
    assert await updates(desk) == []


async def test_going_off_and_on_duty_is_one_update_each_however_often_it_is_looked_at(desk):
    channel = await live(desk)
    await switch(desk, "lin", on=False)
    await look(desk, channel)
    await look(desk, channel)
    assert await updates(desk) == [("chen",)]
    (call,) = await desk.intents(UpdateContactWay)
    await desk.settle(updated, call)
    assert (await now(desk, channel)).status == "live"
    await switch(desk, "lin", on=True)
    await look(desk, channel)
    assert await updates(desk) == [("chen",), ("chen", "lin")]


async def test_who_is_back_before_wecom_was_told_costs_the_call_that_undoes_it_and_no_more(desk):
    channel = await live(desk)
    await switch(desk, "lin", on=False)
    await look(desk, channel)
    await switch(desk, "lin", on=True)
    await look(desk, channel)
    (call,) = await desk.intents(UpdateContactWay)
    await desk.settle(updated, call)
    await look(desk, channel)
    assert await updates(desk) == [("chen",), ("chen", "lin")]


async def test_what_was_refused_is_tried_again_only_when_it_would_be_something_else(desk):
    channel = await live(desk)
    await switch(desk, "lin", on=False)
    await look(desk, channel)
    (call,) = await desk.intents(UpdateContactWay)
    await desk.settle(updated, call, outcome=Outcome.REFUSED, code=41054, reason="not activated")
    await look(desk, channel)
    assert len(await updates(desk)) == 1
    assert (await now(desk, channel)).status == "refused"
    await switch(desk, "lin", on=True)
    await look(desk, channel)
    assert len(await updates(desk)) == 1, "WeCom still has what it had"
    assert (await now(desk, channel)).status == "live"


async def test_a_code_that_wecom_did_not_make_is_tried_again_with_others(desk):
    channel = await desk.channel(staff=("chen", "lin"))
    await look(desk, channel)
    (call,) = await desk.intents(CreateContactWay)
    await desk.settle(created, call, outcome=Outcome.REFUSED, code=41054, reason="not activated")
    await desk.apply(lambda store: store.staff.put(Member(user_id="lin", active=False), at=START))
    await look(desk, channel)
    assert [(call.users, call.effect.rpartition(":")[2]) for call in await desk.intents(CreateContactWay)] == [
        (("chen", "lin"), "1.1"), (("chen",), "1.2"),
    ]  # fmt: skip


async def test_a_change_that_wecom_would_not_see_is_live_at_once(desk):
    channel = await live(desk)
    draft = Draft(name="上海门店", staff=("chen", "lin"), tags=("et1",), remark="{channel}")
    await desk.apply(lambda store: store.channels.change(channel, draft))
    await look(desk, channel)
    changed = await now(desk, channel)
    assert (changed.status, changed.seen, changed.tags) == ("live", 2, ("et1",))
    assert await updates(desk) == []


async def test_one_timer_waits_for_the_next_edge_and_moves_with_the_rota(desk):
    local = START + timedelta(hours=8)  # 16:00 in Shanghai
    rota = (Shift(start=local.time(), end=(local + timedelta(hours=2)).time(), staff=("chen",)),)
    channel = await live(desk, rota=rota)
    name = f"channel:{channel.id}:turn"
    assert await desk.timers() == [(name, ChannelTurned.kind)]
    assert (await now(desk, channel)).shown.users == ("chen",)
    draft = Draft(name="上海门店", staff=("chen", "lin"))
    await desk.apply(lambda store: store.channels.change(channel, draft))
    await look(desk, channel)
    assert await desk.timers() == []


async def test_acceptance_and_set_are_one_update(desk):
    local = START + timedelta(hours=8)
    window = Window(start=local.time(), end=(local + timedelta(hours=2)).time())
    rota = (Shift(start=window.start, end=window.end, staff=("chen",)), Shift(start=window.end, end=window.start))
    channel = await live(desk, rota=rota, accept=(window,))
    desk.now = START + timedelta(hours=2)
    await look(desk, channel)
    (call,) = await desk.intents(UpdateContactWay)
    assert (call.users, call.skip_verify) == (("chen", "lin"), False)


async def test_a_channel_whose_time_is_over_is_deleted_at_wecom_and_waits_for_nothing(desk):
    channel = await live(desk, expires_at=START + timedelta(hours=1))
    desk.now = START + timedelta(hours=1)
    await look(desk, channel)
    await look(desk, channel)
    (call,) = await desk.intents(DeleteContactWay)
    await desk.settle(deleted, call)
    assert (await now(desk, channel)).status == "deleted"
    assert await desk.timers() == []
    await look(desk, channel)
    assert len(await desk.intents(DeleteContactWay)) == 1


async def test_the_channels_of_a_member_are_told_in_portions(desk):
    def open_shops(store):
        for _ in range(handlers.AT_ONCE + 1):
            store.channels.add(Draft(name="门店", staff=("chen",)))

    await desk.apply(open_shops)
    await desk.run(handlers.spread, DutyChanged(corp_id="ww1", at=START, user_id="chen"))
    assert len(await desk.events(ChannelTurned.kind)) == handlers.AT_ONCE
    (rest,) = await desk.events(DutyChanged.kind)
    await desk.run(handlers.spread, DutyChanged(corp_id="ww1", at=START, user_id="chen", after=rest["after"]))
    assert len({event["channel_id"] for event in await desk.events(ChannelTurned.kind)}) == handlers.AT_ONCE + 1


async def test_a_member_who_was_changed_is_looked_at_once_they_are_read(desk):
    event = StaffUpdated(corp_id="ww1", at=START, user_id="chen")
    await desk.run(handlers.follow, event)
    await desk.run(handlers.follow, event)
    assert await desk.timers() == [("duty:chen", DutyChanged.kind)]


@pytest.fixture
async def member(desk):
    await desk.apply(lambda store: store.staff.put(Member(user_id="chen", name="陈宇", contactable=True), at=START))
    return desk


async def ask(desk: Desk, words: str, msg_id: str = "1") -> str:
    event = TextReceived(corp_id="ww1", at=desk.now, user_id="chen", content=words, msg_id=msg_id)
    await desk.run(answer, event)
    return (await desk.intents(Prompt))[-1].text.rpartition("\n· ")[0]


async def test_the_bot_says_until_when_the_rota_has_a_member(member):
    assert "还没有渠道" in await ask(member, "上班")
    local = START + timedelta(hours=8)
    rota = (Shift(start=local.time(), end=(local + timedelta(hours=2)).time(), staff=("chen",)),)
    await member.channel(rota=rota)
    assert "until 2025-10-09 18:00" in await ask(member, "on duty", "2")
    member.now = START + timedelta(hours=3)
    assert "2025-10-10 16:00" in await ask(member, "上班", "3")
    await member.channel()
    assert "直到你发送“下班”" in await ask(member, "上班", "4")


async def test_who_says_twice_that_they_are_off_duty_is_off_since_the_first_time(member):
    await ask(member, "下班")
    member.now = START + timedelta(minutes=5)
    assert "已下班" in await ask(member, "下班", "2")
    assert (await member.store().duty.of(["chen"]))["chen"].since == START
    assert [(what, verdict) for what, verdict, _ in await member.decisions() if what == "duty"] == [("duty", "off")]
    await ask(member, "上班", "3")
    assert not (await member.store().duty.of(["chen"]))["chen"].off(member.now)
