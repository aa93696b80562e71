"""A task is a card with buttons, pressed on the phone; what is not done comes back, then goes to the lead."""

from datetime import timedelta
from typing import Any

import pytest

from simulator import Kind
from simulator.actions import staff
from simulator.actions.errors import Impossible
from sop.policy import Policy
from sop.policy.holidays import Days
from sop.policy.quiet import Quiet
from sop.slots import SHANGHAI
from sop.tasks import Give

UPDATING = "message/update_template_card"
HOUR = 3600


def cards(stage, userid: str) -> list[Any]:
    """The cards of tasks that a member has got, oldest first."""
    return [one for one in stage.corp.mail.of(userid) if "button_list" in one.content]


def button(card, text: str) -> str:
    """The key of a button by its words."""
    return next(one["key"] for one in card.content["button_list"] if one["text"] == text)


def press(stage, userid: str, card, text: str) -> None:
    key, app = button(card, text), stage.app.name
    staff.click(stage.simulator.world, stage.corp, userid=userid, app=app, task_id=card.task_id, key=key)


async def customer(stage) -> str:
    relation = stage.add(name="小周")
    await stage.until(lambda: stage.store().relations.find(relation.external_userid, relation.userid))
    return relation.external_userid


async def test_a_task_is_shown_put_off_and_done_on_the_card(siyu):
    external_userid = await customer(siyu)
    due = (siyu.now() + timedelta(hours=2)).isoformat()
    wanted = {"staff": siyu.rep, "customer": external_userid, "title": "回访小周", "text": "您好，方便通话吗？"}
    given = await siyu.post("tasks", {**wanted, "due_at": due})
    (card,) = await siyu.until(lambda: cards(siyu, siyu.rep))
    assert (card.content["main_title"]["title"], card.content["sub_title_text"]) == ("回访小周", wanted["text"])
    press(siyu, siyu.rep, card, "1 小时后")
    await siyu.until(lambda: siyu.calls(UPDATING, code=0))
    assert "已推迟到" in card.shown(siyu.rep)["sub_title_text"]
    with pytest.raises(Impossible):
        press(siyu, siyu.rep, card, "完成")
    siyu.push(HOUR)
    again = (await siyu.until(lambda: cards(siyu, siyu.rep)[1:]))[0]
    press(siyu, siyu.rep, again, "完成")
    await siyu.until(lambda: len(siyu.calls(UPDATING, code=0)) == 2)
    assert "已完成" in again.shown(siyu.rep)["sub_title_text"]
    done = await siyu.get(f"tasks/{given['id']}")
    assert (done["status"], done["ended_by"], done["postponed"]) == ("done", siyu.rep, 1)
    story = await siyu.get(f"customers/{external_userid}/timeline")
    assert "task_done" in {entry["what"] for entry in story["items"]}


async def test_what_is_not_done_goes_to_the_lead_who_sees_to_it(siyu):
    about = {"user_id": siyu.rep, "external_user_id": await customer(siyu), "what": "call", "title": "回访"}
    store = siyu.store()
    due_at, span = siyu.now() + timedelta(hours=2), timedelta(hours=1)
    task_id = store.tasks.give(Give(**about, effect="call", due_at=due_at, escalate_after=span, origin="flow"))
    await store.commit()
    await siyu.until(lambda: cards(siyu, siyu.rep))
    siyu.push(2 * HOUR)
    reminder = (await siyu.until(lambda: cards(siyu, siyu.rep)[1:]))[0]
    assert reminder.content["main_title"]["title"] == "已逾期：回访"
    siyu.push(HOUR)
    (alarm,) = await siyu.until(lambda: cards(siyu, siyu.lead))
    assert "逾期未处理" in alarm.content["main_title"]["title"]
    press(siyu, siyu.lead, alarm, "完成")
    await siyu.until(lambda: siyu.calls(UPDATING, code=0))
    press(siyu, siyu.rep, reminder, "完成")  # the member has not noticed
    await siyu.until(lambda: len(siyu.calls(UPDATING, code=0)) == 2)
    assert "已由" in reminder.shown(siyu.rep)["sub_title_text"]
    assert (await siyu.get(f"tasks/{task_id}"))["ended_by"] == siyu.lead
    ended = await siyu.until(lambda: siyu.events("task_ended"))
    assert len(ended) == 1
    verdicts = [verdict for verdict, _ in await siyu.reasons("task")]
    assert verdicts == ["sent", "sent", "sent", "done", "skipped"]


async def test_a_press_is_answered_once_though_wecom_keeps_silent(siyu):
    await siyu.post("tasks", {"staff": siyu.rep, "title": "盘点", "due_at": siyu.now().isoformat()})
    (card,) = await siyu.until(lambda: cards(siyu, siyu.rep))
    siyu.fail(Kind.SILENCE, UPDATING, count=1)
    press(siyu, siyu.rep, card, "完成")
    await siyu.until(lambda: "已完成" in str(card.shown(siyu.rep)))
    await siyu.until(siyu.idle, 40)
    (update,) = await siyu.intents("update_card")
    assert update.status == "done"


async def test_a_welcome_that_failed_becomes_a_card_with_buttons(siyu):
    channel = await siyu.channel(welcome={"text": "你好"})
    siyu.fail(Kind.REFUSE, "externalcontact/send_welcome_msg", code=41050)
    relation = siyu.scan(channel, name="小周")
    (card,) = await siyu.until(lambda: cards(siyu, relation.userid))
    assert card.content["main_title"]["title"].startswith("请手动问候")
    press(siyu, relation.userid, card, "完成")
    await siyu.until(lambda: "已完成" in str(card.shown(relation.userid)))
    page = await siyu.get("tasks", status="done")
    assert [task["what"] for task in page["items"]] == ["greet"]


async def test_a_morning_tells_a_member_what_it_brings_and_the_bot_says_the_same(siyu):
    await siyu.post("tasks", {"staff": siyu.rep, "title": "盘点样品", "due_at": siyu.now().isoformat()})
    await siyu.until(lambda: cards(siyu, siyu.rep))
    next_hour = siyu.now().astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    store = siyu.store()
    store.policy.put(Policy(quiet=Quiet(days=Days(work=(next_hour.date(),)))), by="test")
    await store.commit()
    answer = await siyu.api.patch(
        f"{siyu.base}/api/v1/settings", json={"digest_enabled": True, "digest_hour": next_hour.hour}
    )
    assert answer.is_success, answer.text
    siyu.push((next_hour - siyu.now()).total_seconds() + 1)
    (digest,) = await siyu.until(lambda: said(siyu, siyu.rep, "早上好"))
    assert "盘点样品" in digest
    assert [userid for userid in siyu.team if said(siyu, userid, "早上好")] == [siyu.rep]
    siyu.write(siyu.rep, "今日")
    (today,) = await siyu.until(lambda: said(siyu, siyu.rep, "今日概况"))
    assert digest.splitlines()[-2] in today
    siyu.push(HOUR)
    await siyu.until(siyu.idle)
    assert len(said(siyu, siyu.rep, "早上好")) == 1


def said(stage, userid: str, words: str) -> list[str]:
    """The texts that a member has got with some words in them."""
    return [str(one["content"]) for one in stage.inbox(userid) if words in str(one.get("content", ""))]
