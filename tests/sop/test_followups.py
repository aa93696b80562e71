"""A follow-up is judged when it is due, on the facts of that moment."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.followups import Act, Action, Draft, Facts, Rule, Unless, Wait, check, concerns, judge
from sop.reasons import FOLLOWUP_GONE, READDED, RELATION_ENDED, REPLIED, TAGGED, Skip

ADDED = datetime(2026, 11, 20, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROMPT = Action(kind="prompt", text="请联系{customer}")
RULE = Rule(id=1, version=1, name="r", after=HOUR, unless=Unless(replied=True, tags=("vip",)), action=PROMPT)
QUIET = Facts(active=True, added_at=ADDED, replied_at=None, tags=frozenset({"new"}))


def facts(**change) -> Facts:
    return Facts(**{name: getattr(QUIET, name) for name in QUIET.__slots__} | change)


def test_an_active_silent_customer_is_followed_up():
    assert judge(RULE, QUIET, added_at=ADDED, now=ADDED + HOUR) == Act(PROMPT)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"active": False}, RELATION_ENDED),
        ({"added_at": ADDED + HOUR}, READDED),
        ({"replied_at": ADDED}, REPLIED),
        ({"tags": frozenset({"new", "vip"})}, TAGGED),
    ],
)
def test_what_makes_it_needless_has_its_reason(change, reason):
    assert judge(RULE, facts(**change), added_at=ADDED, now=ADDED + HOUR) == Skip(reason)


def test_a_reply_to_an_earlier_add_does_not_count():
    earlier = facts(replied_at=ADDED - timedelta(seconds=1))
    assert judge(RULE, earlier, added_at=ADDED, now=ADDED + HOUR) == Act(PROMPT)


def test_no_rule_is_no_follow_up():
    disabled = Rule(id=1, version=2, name="r", after=HOUR, action=PROMPT, enabled=False)
    for rule in (None, disabled):
        assert judge(rule, QUIET, added_at=ADDED, now=ADDED + HOUR) == Skip(FOLLOWUP_GONE)


@given(st.integers(-7200, 7200))
def test_it_acts_from_its_moment_on_and_waits_before(seconds):
    now = ADDED + HOUR + timedelta(seconds=seconds)
    verdict = judge(RULE, QUIET, added_at=ADDED, now=now)
    assert verdict == (Act(PROMPT) if seconds >= 0 else Wait(ADDED + HOUR))


@pytest.mark.parametrize(
    ("channels", "channel_id", "meant"),
    [((), None, True), ((), 7, True), ((7,), 7, True), ((7,), 8, False), ((7,), None, False)],
)
def test_a_rule_concerns_its_channels_or_everyone(channels, channel_id, meant):
    assert concerns(Rule(id=1, version=1, name="r", after=HOUR, action=PROMPT, channels=channels), channel_id) is meant


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (Draft(name="r", after=HOUR, action=PROMPT), []),
        (Draft(name="r", after=HOUR, action=Action(kind="tag", tags=("vip",))), []),
        (Draft(name="", after=timedelta(seconds=59), action=Action(kind="tag")), ["name", "after", "action.tags"]),
        (Draft(name="r", after=timedelta(days=366), action=Action(kind="alert")), ["after", "action.text"]),
        (Draft(name="r", after=HOUR, action=Action(kind="prompt", text="{colour}")), ["action.text"]),
    ],
)
def test_everything_wrong_with_a_follow_up_is_told_at_once(draft, fields):
    assert [violation.field for violation in check(draft)] == fields
