from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sop.prompts import Visit, Voice
from sop.removals import Notice, Parting, burst, tell_bulk, tell_failed, tell_lost

START = datetime(2025, 10, 9, 8, tzinfo=UTC)
WITHIN = timedelta(minutes=10)
ZH, EN = Voice(zone=ZoneInfo("Asia/Shanghai")), Voice(language="en", zone=ZoneInfo("UTC"))
NOTICE = Notice(users=("chen", "lead"), url="http://siyu/c", cause="lost:1")


def minutes(*numbers: float) -> list[datetime]:
    return [START + timedelta(minutes=number) for number in numbers]


def test_enough_removals_in_the_window_are_a_burst():
    moments = minutes(0, 5, 10)
    assert burst(moments, moments[-1], most=3, within=WITHIN) == 3
    assert burst(moments, moments[-1], most=4, within=WITHIN) == 0
    assert burst(minutes(0, 5, 10.5), moments[-1], most=3, within=WITHIN) == 0


def test_a_burst_elsewhere_is_not_about_this_removal():
    moments = minutes(0, 1, 2, 30)
    assert burst(moments, moments[-1], most=3, within=WITHIN) == 0
    assert burst(moments, moments[0], most=3, within=WITHIN) == 3


@given(st.lists(st.floats(0, 60), min_size=1, max_size=20), st.data())
def test_a_burst_is_the_fullest_window_around_a_removal(numbers, data):
    moments = sorted(minutes(*numbers))
    at = data.draw(st.sampled_from(moments))
    windows = [[each for each in moments if first <= each <= first + WITHIN] for first in moments]
    fullest = max(len(window) for window in windows if window[0] <= at <= window[-1])
    assert burst(moments, at, most=1, within=WITHIN) == fullest


VISIT = Visit(customer="小周", staff="陈宇", channel="上海门店", tags=("VIP", "新客"), at=START)


def test_a_loss_is_told_with_what_may_explain_it():
    parting = Parting(visit=VISIT, ended_at=START + timedelta(days=3, hours=1))
    prompt = tell_lost(parting, ZH, NOTICE)
    assert (prompt.title, prompt.users, prompt.url) == ("客户流失：小周", ("chen", "lead"), "http://siyu/c")
    assert {fact.name: fact.value for fact in prompt.facts} == {
        "员工": "陈宇", "来源": "上海门店", "添加天数": "3", "最后回复": "从未",
        "时间": "2025-10-12 17:00", "标签": "VIP、新客",
    }  # fmt: skip
    assert len(prompt.facts) <= 6
    assert "陈宇" in prompt.text


def test_a_loss_without_a_known_add_is_told_too():
    parting = Parting(visit=Visit(at=START + timedelta(days=1)), ended_at=START, replied_at=START)
    prompt = tell_lost(parting, EN, NOTICE)
    assert prompt.title == "Customer lost: Unknown customer"
    assert {fact.name: fact.value for fact in prompt.facts} == {
        "Staff": "", "From": "Unknown", "Days": "0", "Reply": "2025-10-09 08:00", "Time": "2025-10-09 08:00",
    }  # fmt: skip


def test_a_failed_transfer_says_why():
    facts = {fact.name: fact.value for fact in tell_failed(VISIT, "customer_refused", ZH, notice=NOTICE).facts}
    assert facts["原因"] == "客户拒绝"
    facts = {fact.name: fact.value for fact in tell_failed(VISIT, "something_new", ZH, notice=NOTICE).facts}
    assert facts["原因"] == "something_new"


def test_a_bulk_alarm_says_how_many_in_how_long():
    prompt = tell_bulk("陈宇", 12, WITHIN, ZH, notice=NOTICE)
    assert "陈宇 在 10 分钟内删除了 12 位客户" in prompt.text
