from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop import tasks
from sop.errors import Invalid
from sop.prompts import Voice
from sop.tasks import GRACE, LONGEST, MOST_POSTPONED, Look, Status, Task, cards
from sop.tasks.cards import Press, Scene

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ZH, EN = Voice(zone=ZoneInfo("Asia/Shanghai")), Voice(language="en", zone=ZoneInfo("UTC"))


def task(**more) -> Task:
    about = {"id": 7, "user_id": "chen", "external_user_id": "wm1", "what": "call", "title": "回访", "text": "您好"}
    return Task(**{**about, "due_at": START + 3 * HOUR, "created_at": START, "look_at": START, **more})


def scene(given: Task, **more) -> Scene:
    return Scene(**{"task": given, "customer": "小周", "staff": "陈宇", "url": "http://siyu/c", **more})


def test_a_task_is_shown_then_overdue_then_the_leads():
    given = task(escalate_after=2 * HOUR)
    assert tasks.look(given, here=True) is Look.SHOW
    shown = tasks.show(given, now=START)
    assert (shown.status, shown.look_at, shown.cards) == (Status.OPEN, given.due_at, 1)
    assert tasks.look(shown, here=True) is Look.REMIND
    overdue = tasks.remind(shown, now=given.due_at)
    assert (overdue.status, overdue.look_at, overdue.cards) == (Status.OVERDUE, given.due_at + 2 * HOUR, 2)
    assert tasks.look(overdue, here=True) is Look.ESCALATE
    escalated = tasks.escalate(overdue)
    assert (escalated.status, escalated.look_at, escalated.ended) == (Status.ESCALATED, None, False)


def test_without_escalation_a_member_is_reminded_and_nobody_else_is_told():
    assert tasks.remind(tasks.show(task(), now=START), now=START + 3 * HOUR).look_at is None


def test_nobody_is_reminded_of_what_they_have_only_just_been_told():
    late = START + 5 * HOUR
    assert tasks.show(task(), now=late).look_at == late + GRACE
    given = task(escalate_after=timedelta(0))
    assert tasks.remind(given, now=late).look_at == late
    given = task(escalate_after=5 * HOUR)
    assert tasks.remind(given, now=late + 9 * HOUR).look_at == late + 9 * HOUR + GRACE


def test_the_task_of_who_has_left_is_the_leads_at_once():
    assert tasks.look(task(), here=False) is Look.ESCALATE


def test_what_is_put_off_comes_back_and_is_due_no_sooner():
    later = tasks.postpone(tasks.show(task(), now=START), START + 4 * HOUR, now=START)
    assert (later.status, later.look_at, later.due_at) == (Status.POSTPONED, START + 4 * HOUR, START + 4 * HOUR)
    assert tasks.look(later, here=True) is Look.SHOW
    assert tasks.show(later, now=START + 4 * HOUR).status is Status.OPEN
    assert tasks.postpone(task(), START + HOUR, now=START).due_at == START + 3 * HOUR


@pytest.mark.parametrize(
    ("given", "until", "words"),
    [
        (task(postponed=MOST_POSTPONED), START + HOUR, "3 times"),
        (task(status=Status.DONE), START + HOUR, "ended"),
        (task(), START, "choose a time"),
        (task(), START + LONGEST + HOUR, "choose a time"),
    ],
)
def test_a_task_cannot_be_put_off_for_ever(given, until, words):
    with pytest.raises(Invalid) as refused:
        tasks.postpone(given, until, now=START)
    assert words in refused.value.violations[0].message_en


def test_a_task_that_is_handed_on_is_new_to_who_gets_it():
    handed = tasks.hand(tasks.remind(tasks.show(task(), now=START), now=START), "lin", now=START + HOUR)
    assert (handed.user_id, handed.status, handed.look_at) == ("lin", Status.OPEN, START + HOUR)
    assert tasks.look(handed, here=True) is Look.SHOW


def test_the_buttons_of_a_card_say_which_task_they_are_about():
    card = cards.show(scene(tasks.show(task(), now=START)), ZH)
    assert [button.text for button in card.buttons] == ["完成", "1 小时后", "明早", "打开"]
    assert [cards.read(button.key) for button in card.buttons] == [
        Press(7, "done"), Press(7, "hour"), Press(7, "morning"), None,
    ]  # fmt: skip
    assert card.buttons[-1].url == "http://siyu/c"
    assert (card.users, card.title, card.text) == (("chen",), "回访", "您好")
    assert {fact.name: fact.value for fact in card.facts} == {"客户": "小周", "截止": "10-09 19:00"}


@pytest.mark.parametrize(
    "key", ["", "task", "task:7", "task:7:gone", "task:x:done", f"task:{'9' * 30}:done", "a:7:done"]
)
def test_the_keys_of_other_cards_say_nothing(key):
    assert cards.read(key) is None


def test_each_card_of_a_task_is_another_one():
    shown = tasks.show(task(), now=START)
    overdue = tasks.remind(shown, now=START)
    assert len({cards.show(scene(shown), ZH).effect, cards.remind(scene(overdue), ZH).effect}) == 2
    assert cards.remind(scene(overdue), EN).title == "Overdue: 回访"


def test_a_lead_is_told_whose_task_it_is_and_cannot_put_it_off():
    card = cards.escalate(scene(tasks.escalate(task())), EN, users=("boss", "chief"), gone=False)
    assert card.users == ("boss", "chief")
    assert card.title == "Not done by 陈宇: 回访"
    assert [button.text for button in card.buttons] == ["Done", "Open"]
    assert "has left" in cards.escalate(scene(task()), EN, users=("boss",), gone=True).title


def test_a_long_text_is_shortened_on_the_card():
    card = cards.show(scene(task(text="好" * 500, title="题" * 99)), ZH)
    assert (len(card.text), card.text[-1], len(card.title)) == (110, "…", 34)


def test_a_task_without_a_title_is_called_by_its_text_or_its_customer():
    assert scene(task(title="")).title(ZH) == "您好"
    assert scene(task(title="", text="")).title(EN) == "To do: 小周"


def test_tomorrow_is_the_next_morning_on_the_corps_clocks():
    night = datetime(2025, 10, 9, 17, tzinfo=UTC)  # 1 o'clock on the 10th in Shanghai
    assert cards.until("morning", ZH, now=night) == datetime(2025, 10, 11, 1, tzinfo=UTC)
    assert cards.until("hour", ZH, now=night) == night + HOUR


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (tasks.finish(task(), "chen", now=START), "已完成（10-09 16:00）"),
        (tasks.finish(task(), "boss", now=START), "已由 老板 完成（10-09 16:00）"),
        (tasks.cancel(task(), "x", now=START), "已取消：因为"),
        (tasks.postpone(task(), START + HOUR, now=START), "已推迟到 10-09 17:00，届时再提醒"),
        (task(user_id="lin"), "现由 lin 负责"),
    ],
)
def test_a_pressed_card_says_how_things_stand(given, words):
    assert cards.state(given, ZH, presser="chen", names={"boss": "老板"}, reason="因为") == words
