from datetime import datetime

import pytest

from handlers.messages import answer
from sop import tasks
from sop.intents import Prompt
from sop.relations import Deed, Status
from sop.staff import Department, Member
from sop.tasks import Give
from storage.relations import Relation
from tests.handlers.desk import START, after
from wecom.events import TextReceived


@pytest.fixture
async def member(desk):
    store = desk.store()
    store.staff.put(Member(user_id="chen", name="陈宇"), at=START)
    store.staff.put(Member(user_id="zhao", active=False), at=START)
    await store.commit()
    return desk


async def ask(desk, content: str, *, user_id: str = "chen", msg_id: str = "7", at: datetime = START) -> str:
    event = TextReceived(corp_id="ww1", at=at, user_id=user_id, content=content, msg_id=msg_id)
    await desk.run(answer, event)
    prompt = (await desk.intents(Prompt))[-1]
    assert prompt.users == (user_id,)
    assert not prompt.title
    assert len(prompt.text.encode()) <= 2048
    text, _, moment = prompt.text.rpartition("\n· ")
    assert len(moment) == len("14:03:22")
    return text


async def test_two_answers_never_have_the_same_words(member):
    await ask(member, "帮助")
    await ask(member, "帮助", msg_id="8", at=after(seconds=20))
    first, second = await member.intents(Prompt)
    assert first.text != second.text


async def test_help_says_what_there_is_in_the_language_of_the_question(member):
    assert "客户 <姓名>" in await ask(member, "帮助")
    assert "customer <name>" in await ask(member, "help", msg_id="8")


async def test_a_message_told_twice_is_answered_once(member):
    await ask(member, "帮助")
    await ask(member, "帮助")
    assert len(await member.intents(Prompt)) == 1


async def test_messages_without_an_id_are_told_apart_by_their_second(member):
    await ask(member, "帮助", msg_id="")
    await ask(member, "帮助", msg_id="", at=after(seconds=1))
    assert len(await member.intents(Prompt)) == 2


async def test_anything_else_points_to_help(member):
    text = await ask(member, "今日新增\n客户{0}")
    assert "没看懂“今日新增 客户{0}”" in text
    assert "帮助" in text


@pytest.mark.parametrize("user_id", ["nobody", "zhao"])
async def test_who_is_not_in_the_directory_is_told_so_and_nothing_else(member, user_id):
    await member.record(Deed.ADDED, user_id=user_id)
    assert "通讯录" in await ask(member, "客户 小", user_id=user_id)


async def test_today_begins_at_midnight_of_the_corp(member):
    midnight = datetime.fromisoformat("2025-10-09T00:00:00+08:00")
    await member.record(Deed.ADDED, midnight, external_user_id="wm1")
    await member.record(Deed.ADDED, after(hours=-17), external_user_id="wm2")  # yesterday at 23:00
    await member.record(Deed.LOST, START, external_user_id="wm2")
    await member.record(Deed.ADDED, START, external_user_id="wm3", user_id="lin")
    text = await ask(member, "今日")
    assert text == "10-09 今日概况\n新增客户：1\n流失客户：1\n删除客户：0\n昨日新增客户：1\n待办：0"


async def test_today_lists_the_most_pressing_tasks(member):
    store = member.store()
    for number in range(10):
        task = Give(
            what="greet", user_id="chen", title=f"问候客户{number}", effect=str(number), due_at=after(hours=number - 9)
        )
        store.tasks.give(task)
    store.tasks.give(Give(what="greet", user_id="chen", text="明天", effect="tomorrow", due_at=after(hours=20)))
    store.tasks.give(Give(what="greet", user_id="lin", text="别人的", effect="other", due_at=START))
    await store.commit()
    first = (await member.store().tasks.open("chen"))[0]
    await member.apply(lambda store: store.tasks.change(tasks.remind(first, now=START)))
    text = await ask(member, "today")
    assert "Tasks: 10 (1 overdue)" in text
    assert "· [overdue] 问候客户0 (10-09 07:00)\n" in text
    assert "问候客户8" not in text
    assert text.endswith('… and 2 more\n<a href="http://siyu/sidebar/tasks">Open your tasks</a>')
    assert "明天" not in text


async def test_who_asks_for_tasks_gets_the_cards_of_the_most_pressing_ones(member):
    assert await ask(member, "待办") == "没有待办。"
    await member.know("小周")
    store = member.store()
    for number in range(6):
        about = {"user_id": "chen", "what": "call", "title": f"回访{number}", "due_at": after(hours=number)}
        store.tasks.give(Give(**about, effect=str(number), external_user_id="wm1" if number else ""))
    await store.commit()
    first, second, *_ = await member.store().tasks.open("chen")
    await member.apply(lambda store: store.tasks.change(tasks.remind(first, now=START)))
    await member.apply(lambda store: store.tasks.change(tasks.postpone(second, after(hours=2), now=START)))
    assert await ask(member, "tasks", msg_id="8") == "6 tasks; the 5 most pressing:"
    await ask(member, "tasks", msg_id="8")
    shown = [prompt for prompt in await member.intents(Prompt) if prompt.buttons]
    assert [card.title for card in shown] == ["Overdue: 回访0", "回访1", "回访2", "回访3", "回访4"]
    assert shown[0].url == "http://siyu/sidebar/tasks"
    assert [button.text for button in shown[1].buttons] == ["Done", "In an hour", "Tomorrow", "Open"]
    assert "回访1（推迟到 10-09 18:00）" in await ask(member, "今日", msg_id="9")


async def test_a_lead_gets_the_cards_of_what_has_come_to_them(member):
    store = member.store()
    store.staff.put(Member(user_id="chen", name="陈宇", departments=(2,)), at=START)
    store.staff.put(Member(user_id="boss", name="韩总"), at=START)
    await store.staff.plant([Department(id=2, name="门店", leaders=("boss",))], at=START)
    for title in ("回访", "盘点"):
        store.tasks.give(Give(user_id="chen", what="call", title=title, effect=title, due_at=START))
    await store.commit()
    first, _ = await member.store().tasks.open("chen")
    await member.apply(lambda store: store.tasks.change(tasks.escalate(first)))
    assert await ask(member, "待办", user_id="boss") == "团队逾期未处理的 1 项："
    (card,) = [prompt for prompt in await member.intents(Prompt) if prompt.buttons]
    assert (card.users, card.title) == (("boss",), f"陈宇 逾期未处理：{first.title}")
    assert [button.text for button in card.buttons] == ["完成", "打开"]


async def test_a_member_finds_their_own_customers(member):
    channel = await member.channel()
    for external_user_id, name, user_id in [("wm1", "小周", "chen"), ("wm2", "周<a>", "chen"), ("wm3", "周三", "lin")]:
        await member.know(name, external_user_id)
        await member.record(
            Deed.ADDED, external_user_id=external_user_id, user_id=user_id, state=channel.state, channel_id=channel.id
        )
    await member.record(Deed.LOST, after(hours=1), external_user_id="wm2")
    lines = (await ask(member, "客户 周")).splitlines()
    assert lines == [
        '周＜a＞｜客户已删除你｜上海门店｜2025-10-09 添加｜<a href="http://siyu/sidebar/customers/wm2">查看</a>',
        '小周｜好友｜上海门店｜2025-10-09 添加｜<a href="http://siyu/sidebar/customers/wm1">查看</a>',
    ]
    assert "周三" in await ask(member, "客户 周三", msg_id="8")


async def test_a_customer_is_found_by_the_remark(member):
    await member.know("Zhou Min")
    store = member.store()
    told = {"first_added_at": START, "added_at": START, "changed_at": START, "adds": 1}
    store.relations.describe(
        Relation(external_user_id="wm1", user_id="chen", status=Status.ACTIVE, remark="门店-小周", add_way=4, **told)
    )
    await store.commit()
    assert (await ask(member, "customer 小周")).startswith("Zhou Min/门店-小周 | in contact | Group chat")


async def test_customers_of_others_are_not_shown(member):
    await member.know("小周")
    await member.record(Deed.ADDED, user_id="lin")
    assert await ask(member, "客户 小周") == "在你的客户中没有找到“小周”。"


async def test_many_matches_fit_into_a_message(member):
    for number in range(7):
        external_user_id = f"wmQx7LdAAAk3Tz9VbN2cRfPjWs8EyHg{number}"
        await member.know("周" * 40, external_user_id)
        await member.record(Deed.ADDED, after(seconds=number), external_user_id=external_user_id)
    lines = (await ask(member, "客户 周")).splitlines()
    assert len(lines) == 6
    assert "还有更多" in lines[-1]


async def test_a_search_without_a_name_asks_for_one(member):
    assert "客户 小周" in await ask(member, "客户")
