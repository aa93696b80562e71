from datetime import timedelta

import pytest

from handlers.tasks.due import BATCH, look
from handlers.tasks.endings import drop, leave
from handlers.tasks.handing import join, part, rename
from handlers.tasks.presses import press
from sop import tasks
from sop.events import DutyChanged, TasksDue
from sop.intents import Prompt, UpdateCard
from sop.relations import Deed
from sop.staff import Department, Member
from sop.tasks import Give, Status
from storage.customers import Customer
from tests.handlers.desk import PAIR, START, Desk, after
from wecom.events import CardClicked, ContactAdded, ContactRemoved, StaffRemoved, StaffUpdated

DUE = after(hours=3)


@pytest.fixture
async def team(desk: Desk) -> Desk:
    store = desk.store()
    for user_id, name in (("chen", "陈宇"), ("lin", "林乔"), ("boss", "韩总")):
        store.staff.put(Member(user_id=user_id, name=name, departments=(2,)), at=START)
    await store.staff.plant([Department(id=2, name="门店", leaders=("boss",))], at=START)
    store.customers.put(Customer(external_user_id="wm1", name="小周", created_at=START, changed_at=START))
    await store.commit()
    return desk


def wanted(effect: str = "a", **more) -> Give:
    about = {
        **PAIR,
        "what": "call",
        "title": "回访",
        "text": "您好",
        "due_at": DUE,
        "escalate_after": timedelta(hours=1),
    }
    return Give(**{**about, "effect": effect, **more})


async def give(team: Desk, *many: Give) -> list[int]:
    store = team.store()
    ids = [store.tasks.give(each) for each in many]
    await store.commit()
    return ids


async def tick(team: Desk, at=None):
    team.now = at or team.now
    await team.run(look, TasksDue(corp_id="ww1", at=team.now))


async def click(team: Desk, task_id: int, action: str, by: str = "chen", **more):
    code = more.pop("response_code", f"code-{by}-{action}-{task_id}")
    key = more.pop("key", f"task:{task_id}:{action}")
    await team.run(
        press,
        CardClicked(corp_id="ww1", at=team.now, user_id=by, event_key=key, task_id="t", response_code=code, **more),
    )


async def task(team: Desk, task_id: int):
    return await team.store().tasks.get(task_id)


async def cards(team: Desk) -> list[tuple[tuple[str, ...], str]]:
    return [(prompt.users, prompt.title) for prompt in await team.intents(Prompt)]


async def reasons(team: Desk) -> list[str]:
    return [reason for what, _, reason in await team.decisions() if what == "task"]


async def test_a_member_is_told_reminded_once_and_then_the_lead(team):
    (task_id,) = await give(team, wanted())
    await tick(team)
    (card,) = await team.intents(Prompt)
    assert (card.users, card.title, card.text, card.url) == (
        ("chen",), "回访", "您好", "http://siyu/sidebar/customers/wm1",
    )  # fmt: skip
    await tick(team, after(hours=2))
    assert len(await cards(team)) == 1
    await tick(team, DUE)
    await tick(team, DUE)
    assert (await cards(team))[1:] == [(("chen",), "已逾期：回访")]
    assert (await task(team, task_id)).status is Status.OVERDUE
    await tick(team, DUE + timedelta(hours=1))
    await tick(team, DUE + timedelta(hours=9))
    assert (await cards(team))[2:] == [(("boss",), "陈宇 逾期未处理：回访")]
    assert (await task(team, task_id)).status is Status.ESCALATED
    assert await reasons(team) == [tasks.SHOWN, tasks.REMINDED, tasks.ESCALATED]


async def test_who_has_no_lead_is_the_business_of_who_hears_alarms_or_of_nobody(team):
    await give(team, wanted("a", user_id="boss", external_user_id="", show_at=None))
    for hours in (0, 3, 4):
        await tick(team, after(hours=hours))
    assert ("task", "skipped", "no_lead") in await team.decisions()
    await team.apply(lambda store: store.settings.put("alarm.receivers", ["chief"]))
    await give(team, wanted("b", user_id="boss", external_user_id="", due_at=after(hours=5)))
    for hours in (4, 5, 6):
        await tick(team, after(hours=hours))
    assert (await cards(team))[-1][0] == ("chief",)


async def test_a_card_that_went_out_otherwise_is_not_sent_again(team):
    await give(team, wanted(carded=True))
    await tick(team)
    assert await cards(team) == []
    await tick(team, DUE)
    assert await cards(team) == [(("chen",), "已逾期：回访")]


async def test_many_for_one_member_are_one_message(team):
    await give(team, *(wanted(str(number), title=f"回访{number}") for number in range(6)), wanted("x", user_id="lin"))
    await tick(team)
    assert sorted(await cards(team)) == [(("chen",), "6 项待办等你处理"), (("lin",), "回访")]
    (bundle,) = [prompt for prompt in await team.intents(Prompt) if prompt.users == ("chen",)]
    assert bundle.text.startswith("回访0 · 回访1")
    assert not bundle.buttons
    assert bundle.url == "http://siyu/sidebar/tasks"
    open_ones = await team.store().tasks.open("chen")
    assert all(each.status is Status.OPEN and each.shown_at for each in open_ones)
    await tick(team, DUE)
    assert (("chen",), "6 项待办已逾期") in await cards(team)
    await tick(team, DUE + timedelta(hours=1))
    alarm = (await team.intents(Prompt))[-1]
    assert (alarm.users, alarm.title) == (("boss",), "7 项待办逾期未处理，请跟进")
    assert ("发送" in bundle.text, "发送" in alarm.text) == (True, False)


async def test_more_than_a_batch_is_gone_on_with_at_once(team):
    store = team.store()
    store.tasks.give_all(wanted(str(number)) for number in range(BATCH + 1))
    await store.commit()
    await tick(team)
    assert len(await team.events("tasks_due")) == 1
    assert len(await team.store().tasks.due(most=9)) == 1
    await tick(team)
    assert len(await team.events("tasks_due")) == 1
    assert await team.store().tasks.due(most=9) == ()


async def test_done_is_done_and_the_card_says_so(team):
    (task_id,) = await give(team, wanted(origin="flow", origin_id=7))
    await tick(team)
    await click(team, task_id, "done")
    done = await task(team, task_id)
    assert (done.status, done.ended_by) == (Status.DONE, "chen")
    (update,) = await team.intents(UpdateCard)
    assert (update.users, update.response_code, update.title) == (("chen",), f"code-chen-done-{task_id}", "回访")
    assert update.text.startswith("已完成")
    assert [event["status"] for event in await team.events("task_ended")] == ["done"]
    assert "task_done" in await team.timeline()
    await tick(team, DUE)
    assert len(await cards(team)) == 1


async def test_a_press_told_twice_does_one_thing(team):
    (task_id,) = await give(team, wanted())
    await click(team, task_id, "done")
    await click(team, task_id, "done")
    assert len(await team.intents(UpdateCard)) == 1
    assert (await task(team, task_id)).moves == 1


async def test_a_card_pressed_again_says_how_it_went(team):
    (task_id,) = await give(team, wanted())
    await click(team, task_id, "done", by="boss")
    await click(team, task_id, "hour", by="chen")
    update = (await team.intents(UpdateCard))[-1]
    assert update.users == ("chen",)
    assert update.text.startswith("已由 韩总 完成")
    assert (await reasons(team))[-1] == tasks.ENDED_BEFORE


async def test_somebody_elses_press_changes_nothing_and_is_told_whose_it_is(team):
    (task_id,) = await give(team, wanted())
    await click(team, task_id, "done", by="lin")
    assert (await task(team, task_id)).status is Status.OPEN
    (update,) = await team.intents(UpdateCard)
    assert (update.users, update.text) == (("lin",), "现由 陈宇 负责")
    assert await reasons(team) == [tasks.NOT_THEIRS]


async def test_what_is_put_off_is_shown_again_at_its_time(team):
    (task_id,) = await give(team, wanted())
    await tick(team)
    await click(team, task_id, "hour")
    await click(team, task_id, "hour", response_code="second")  # both before the card was updated
    later = await task(team, task_id)
    assert (later.status, later.postponed, later.look_at) == (Status.POSTPONED, 1, after(hours=1))
    assert {update.text for update in await team.intents(UpdateCard)} == {"已推迟到 10-09 17:00，届时再提醒"}
    await tick(team, after(minutes=59))
    assert len(await cards(team)) == 1
    await tick(team, after(hours=1))
    assert await cards(team) == [(("chen",), "回访")] * 2


async def test_a_task_is_not_put_off_for_ever(team):
    (task_id,) = await give(team, wanted())
    for number in range(4):
        await click(team, task_id, "hour", response_code=str(number))
        await tick(team, team.now + timedelta(hours=1))
    assert (await task(team, task_id)).postponed == 3
    answer = (await team.intents(Prompt))[-2:]
    assert any("不能推迟" in prompt.text for prompt in answer)
    assert len(await team.intents(UpdateCard)) == 3
    await click(team, task_id, "done", response_code="end")
    assert (await task(team, task_id)).status is Status.DONE


@pytest.mark.parametrize("key", ["", "approve:7", "task:x:done"])
async def test_buttons_of_other_cards_are_none_of_this(team, key):
    await click(team, 7, "done", key=key)
    assert await team.intents(UpdateCard) == await team.intents(Prompt) == []


async def test_a_task_that_is_no_longer_there_is_answered(team):
    await click(team, 7, "done")
    assert [prompt.text for prompt in await team.intents(Prompt)] == ["这项待办已不存在"]


async def test_without_a_code_the_answer_is_a_message(team):
    (task_id,) = await give(team, wanted())
    await click(team, task_id, "done", response_code="")
    assert await team.intents(UpdateCard) == []
    assert (await team.intents(Prompt))[-1].text.startswith("已完成")


@pytest.mark.parametrize("kind", [ContactRemoved, StaffRemoved])
async def test_who_has_left_needs_no_call(team, kind):
    mine, others = await give(team, wanted("a"), wanted("b", user_id="lin"))
    await team.run(drop, kind(corp_id="ww1", at=after(minutes=5), **PAIR))
    gone = await task(team, mine)
    assert (gone.status, gone.reason) == (Status.CANCELLED, tasks.CUSTOMER_LEFT)
    assert (await task(team, others)).status is Status.OPEN
    assert await reasons(team) == [tasks.CUSTOMER_LEFT]


async def test_what_was_given_after_the_customer_left_stays(team):
    team.now = after(hours=1)
    (task_id,) = await give(team, wanted())
    await team.run(drop, StaffRemoved(corp_id="ww1", at=START, **PAIR))
    await team.run(drop, ContactRemoved(corp_id="ww1", at=after(hours=2), by_transfer=True, **PAIR))
    assert (await task(team, task_id)).status is Status.OPEN


async def test_the_tasks_of_a_member_who_left_are_the_leads_to_see_to(team):
    shown, _ = await give(team, wanted("a"), wanted("b", show_at=after(hours=2)))
    await tick(team)
    store = team.store()
    store.staff.leave("chen")
    await store.commit()
    assert await team.events("duty_changed")
    await team.run(leave, DutyChanged(corp_id="ww1", at=START, user_id="chen"))
    await tick(team)
    assert (await cards(team))[1:] == [(("boss",), "陈宇 已离职，请处理：回访")] * 2
    await click(team, shown, "done", by="boss")
    assert (await task(team, shown)).ended_by == "boss"
    assert (await reasons(team)).count(tasks.MEMBER_LEFT) == 2


async def test_who_is_only_off_duty_keeps_their_tasks(team):
    await give(team, wanted(show_at=after(hours=2)))
    await team.run(leave, DutyChanged(corp_id="ww1", at=START, user_id="chen"))
    await tick(team)
    assert await cards(team) == []


async def test_tasks_go_to_who_has_the_customer_now_in_whatever_order_wecom_tells(team):
    first, done = await give(team, wanted("a"), wanted("b"))
    await click(team, done, "done")
    await team.record(Deed.ADDED)
    added = ContactAdded(corp_id="ww1", at=after(minutes=1), user_id="lin", external_user_id="wm1")
    moved = ContactRemoved(corp_id="ww1", at=after(minutes=1), by_transfer=True, **PAIR)
    await team.run(join, added)  # chen has the customer still, as far as we know
    await team.run(part, moved)
    assert (await task(team, first)).user_id == "chen"
    await team.record(Deed.MOVED, after(minutes=1))
    await team.run(join, added)
    assert (await task(team, first)).user_id == "lin"
    assert (await task(team, done)).user_id == "chen"
    (second,) = await give(team, wanted("c"))
    await team.record(Deed.ADDED, after(minutes=1), user_id="lin")
    await team.run(part, moved)
    assert (await task(team, second)).user_id == "lin"
    assert (await reasons(team)).count("task_moved") == 2
    await tick(team)
    assert [users for users, _ in await cards(team)] == [("lin",), ("lin",)]


async def test_a_member_with_a_new_user_id_keeps_their_tasks(team):
    (task_id,) = await give(team, wanted())
    await team.run(rename, StaffUpdated(corp_id="ww1", at=START, user_id="chen", new_user_id="chen.yu"))
    assert (await task(team, task_id)).user_id == "chen.yu"
    await team.run(rename, StaffUpdated(corp_id="ww1", at=START, user_id="chen.yu"))
    assert (await task(team, task_id)).user_id == "chen.yu"
