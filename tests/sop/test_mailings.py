"""When something is done about a mailing, and what its members are asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.deliveries import GATHER, gathered_at
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import MOST, Mailing, Pace, Status
from sop.deliveries.workload import forecast, tasks

MADE = datetime(2026, 11, 25, 2, tzinfo=UTC)  # ten o'clock in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")
PACE = Pace()
MAILING = Mailing(
    id=1, app="", kind="single", user_id="chen", content_id=1, origin="flow", origin_id=1, count=3,
    status=Status.MADE, created_at=MADE, asked_at=MADE, made_at=MADE,
)  # fmt: skip


def after(**span):
    return MADE + timedelta(**span)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=999)))
def test_what_is_due_is_gathered_a_moment_later_and_with_its_neighbours(later):
    due_at = MADE + later
    moment = gathered_at(due_at)
    assert GATHER < moment - due_at <= 2 * GATHER
    assert gathered_at(moment - 2 * GATHER) == moment


def test_results_are_read_soon_then_hourly_and_at_the_end_at_the_latest():
    pauses = [rules.next_poll(replace(MAILING, looks=looks), MADE, PACE) - MADE for looks in range(9)]
    assert [pause.total_seconds() / 60 for pause in pauses] == [1, 2, 5, 10, 20, 30, 60, 60, 60]
    late = replace(MAILING, looks=99)
    assert rules.next_poll(late, after(days=6, hours=23, minutes=30), PACE) == after(days=7)
    assert rules.next_poll(late, after(days=8), PACE) == after(days=8)


@pytest.mark.parametrize(
    ("reminders", "now", "wanted"),
    [
        (0, after(hours=3), False),
        (0, after(hours=4), True),
        (0, after(hours=11), False),  # at night
        (0, after(hours=23), True),  # at nine in the morning
        (1, after(hours=10), False),
        (1, after(hours=24), True),
        (3, after(days=6), False),  # as often as is set
    ],
)
def test_members_are_reminded_at_set_hours_and_by_day(reminders, now, wanted):
    mailing = replace(MAILING, reminders=reminders)
    assert rules.wants_reminder(mailing, now, PACE, zone=SHANGHAI) is wanted


def test_leads_are_told_once():
    assert not rules.wants_escalation(MAILING, after(hours=71), PACE)
    assert rules.wants_escalation(MAILING, after(hours=72), PACE)
    assert not rules.wants_escalation(replace(MAILING, escalated_at=MADE), after(hours=73), PACE)


def test_a_lost_answer_is_looked_for_more_and_more_rarely():
    moments = [MADE]
    for _ in range(8):
        moments.append(rules.next_look(MAILING, moments[-1], PACE))
    assert [(each - MADE).total_seconds() / 60 for each in moments[1:]] == [0.5, 2, 5, 10, 20, 40, 100, 160]
    assert not rules.is_proof(MAILING, after(minutes=9), PACE)
    assert rules.is_proof(MAILING, after(minutes=10), PACE)


def test_what_is_set_wrongly_stays_as_it_is_by_default():
    setting = {"end_days": "7", "remind_hours": [1, None], "escalate_hours": -1, "poll_minutes": [3], "other": 1}
    assert rules.read_pace(setting) == Pace(poll_minutes=(3,))
    assert rules.read_pace({"remind_from": True, "end_days": 2}) == Pace(end_days=2)


def test_every_refusal_has_a_reason():
    assert rules.judge(41048) == rules.NO_RECIPIENT
    assert rules.judge(40201) == rules.BLOCKED
    assert rules.judge(99999) == rules.REFUSED


@given(st.integers(min_value=0, max_value=100_000), st.sampled_from(["single", "group"]))
def test_a_message_needs_as_few_tasks_as_have_room_for_all(count, kind):
    needed = tasks(count, kind)
    assert needed * MOST[kind] >= count > (needed - 1) * MOST[kind] or needed == count == 0


def test_a_forecast_counts_confirmations_not_customers():
    assert forecast({"chen": 10_001, "li": 3, "wang": 0}, messages=2) == {"chen": 4, "li": 2}
