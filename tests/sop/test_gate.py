"""The one gate: its order, what delays, what skips, what transactional messages bypass, and that no cap is exceeded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.policy import (
    Asking,
    Cap,
    Delay,
    Holdout,
    Past,
    Policy,
    Quota,
    Send,
    Skip,
    Standing,
    Topic,
    causes,
    check,
    explain,
    judge,
    refuse,
)
from sop.policy.holidays import Days
from sop.policy.quiet import Quiet, QuietWindow, closed
from sop.slots import SHANGHAI

FLOW, BROADCAST = Asking(origin="flow", origin_id=1), Asking(origin="broadcast", origin_id=2)
NIGHT = Quiet(windows=(QuietWindow(start=time(22), end=time(8)),))
NEW_YORK = ZoneInfo("America/New_York")


def at(*when: int) -> datetime:
    return datetime(2026, *when, tzinfo=SHANGHAI).astimezone(UTC)


NOON = at(9, 24, 12)


def past(*moments: datetime, origin: str = "flow", origin_id: int = 1, counts: bool = True) -> tuple[Past, ...]:
    return tuple(Past(moment, origin, origin_id, counts) for moment in moments)  # type: ignore[arg-type]


EVERYTHING = Standing(
    active=False, blocked=True, opted_out=frozenset({"marketing"}), holdout=True, goal=True, past=past(*[NOON] * 30)
)
STRICT = Policy(quiet=Quiet(windows=(QuietWindow(),)), caps=(Cap(count=2),))
CAPPED = replace(FLOW, cap=Cap(count=1))


def test_nothing_against_it_means_that_it_goes_out():
    assert judge(FLOW, Standing(), Policy(), NOON) == Send()


def test_the_order_of_the_steps_is_the_contract():
    found = []
    standing, policy = EVERYTHING, STRICT
    for better in (
        {"opted_out": frozenset()},
        {"active": True},
        {"blocked": False},
        {"holdout": False},
        {"goal": False},
    ):
        found.append(judge(CAPPED, standing, policy, NOON))
        standing = replace(standing, **better)
    for asking, policy in (
        (CAPPED, STRICT),
        (CAPPED, replace(STRICT, quiet=Quiet())),
        (FLOW, replace(STRICT, quiet=Quiet())),
        (FLOW, replace(STRICT, quiet=Quiet(), caps=())),
        (FLOW, Policy(quota=Quota(per="none"))),
    ):
        found.append(judge(asking, standing, policy, NOON))
    assert found == [
        Skip(causes.OPTED_OUT),
        Skip(causes.GONE),
        Skip(causes.BLOCKED),
        Skip(causes.HOLDOUT),
        Skip(causes.GOAL_REACHED),
        Skip(causes.NEVER_OPEN),
        Skip(causes.FLOW_CAP),
        Skip(causes.GLOBAL_CAP),
        Skip(causes.QUOTA),
        Send(),
    ]


def test_an_opt_out_is_of_one_topic():
    standing = Standing(opted_out=frozenset({"marketing"}))
    assert judge(FLOW, standing, Policy(), NOON) == Skip(causes.OPTED_OUT)
    assert judge(replace(FLOW, topic="marketing"), standing, Policy(), NOON) == Skip(causes.OPTED_OUT)
    assert judge(replace(FLOW, topic="service"), standing, Policy(), NOON) == Send()


def test_a_topic_may_need_consent_first():
    policy = Policy(topics=(Topic(key="marketing", zh="营销", en="Marketing", consent="needed"),))
    assert judge(FLOW, Standing(), policy, NOON) == Skip(causes.NO_CONSENT)
    assert judge(FLOW, Standing(opted_in=frozenset({"marketing"})), policy, NOON) == Send()
    both = Standing(opted_in=frozenset({"marketing"}), opted_out=frozenset({"marketing"}))
    assert judge(FLOW, both, policy, NOON) == Skip(causes.OPTED_OUT)
    assert judge(replace(FLOW, kind="group"), Standing(), policy, NOON) == Send()


def test_quiet_hours_delay_to_the_next_open_moment_in_the_customers_zone():
    policy = Policy(quiet=NIGHT)
    assert judge(FLOW, Standing(), policy, at(9, 24, 23)) == Delay(at(9, 25, 8), causes.QUIET_HOURS)
    assert judge(FLOW, Standing(zone=NEW_YORK), policy, at(9, 24, 23)) == Send()  # eleven in the morning there
    night = judge(FLOW, Standing(zone=NEW_YORK), policy, NOON)  # midnight there
    assert night == Delay(datetime(2026, 9, 24, 12, tzinfo=UTC), causes.QUIET_HOURS)


@pytest.mark.parametrize("asking", [FLOW, BROADCAST])
def test_the_global_cap_holds_for_flows_and_for_broadcasts(asking):
    policy = Policy(caps=(Cap(count=2, days=7),))
    standing = Standing(past=past(NOON - timedelta(days=2)) + past(NOON, origin="broadcast", origin_id=9))
    assert judge(asking, standing, policy, NOON) == Skip(causes.GLOBAL_CAP)
    assert judge(asking, replace(standing, past=standing.past[:1]), policy, NOON) == Send()


def test_groups_have_a_cap_of_their_own():
    policy = Policy(caps=(Cap(count=1),), group_caps=(Cap(count=2),))
    once = Standing(past=past(NOON))
    assert judge(FLOW, once, policy, NOON) == Skip(causes.GLOBAL_CAP)
    assert judge(replace(FLOW, kind="group"), once, policy, NOON) == Send()
    twice = Standing(past=past(NOON, NOON))
    assert judge(replace(FLOW, kind="group"), twice, policy, NOON) == Skip(causes.GLOBAL_CAP)


def test_a_flows_cap_counts_its_own_messages_only():
    capped = replace(FLOW, cap=Cap(count=1, days=2))
    assert judge(capped, Standing(past=past(NOON, origin_id=7)), Policy(), NOON) == Send()
    assert judge(capped, Standing(past=past(NOON, origin="broadcast")), Policy(), NOON) == Send()
    assert judge(capped, Standing(past=past(NOON)), Policy(), NOON) == Skip(causes.FLOW_CAP)


@pytest.mark.parametrize("cap", [None, Cap(), Cap(count=0, days=30), Cap(count=0, over="delay")])
def test_a_cap_that_is_zero_or_missing_blocks_nobody(cap):
    policy = Policy(caps=(cap,) if cap else (), quota=Quota(per="none"))
    assert judge(replace(FLOW, cap=cap), Standing(past=past(*[NOON] * 50)), policy, NOON) == Send()


def test_a_cap_that_delays_waits_for_the_first_day_with_room():
    policy = Policy(caps=(Cap(count=1, days=3, over="delay"),))
    standing = Standing(past=past(NOON - timedelta(days=1)))
    assert judge(FLOW, standing, policy, NOON) == Delay(at(9, 26), causes.GLOBAL_CAP)


def test_a_day_with_room_that_begins_in_quiet_hours_is_waited_for_until_they_are_over():
    policy = Policy(quiet=NIGHT, caps=(Cap(count=1, over="delay"),))
    assert judge(FLOW, Standing(past=past(NOON)), policy, NOON) == Delay(at(9, 25, 8), causes.GLOBAL_CAP)
    both = Standing(past=past(NOON, at(9, 25, 9)))
    assert judge(FLOW, both, policy, NOON) == Delay(at(9, 26, 8), causes.GLOBAL_CAP)


def test_who_waits_for_the_morning_has_to_fit_under_the_caps_of_the_morning():
    policy = Policy(quiet=NIGHT, caps=(Cap(count=1),))
    planned = Standing(past=past(at(9, 25, 8)))
    assert judge(FLOW, planned, policy, at(9, 24, 23)) == Skip(causes.GLOBAL_CAP)
    assert judge(FLOW, planned, policy, NOON) == Send()


def test_of_several_caps_one_that_skips_wins():
    policy = Policy(caps=(Cap(count=1, over="delay"), Cap(count=2, days=7)))
    assert judge(FLOW, Standing(past=past(NOON, NOON)), policy, NOON) == Skip(causes.GLOBAL_CAP)
    assert judge(FLOW, Standing(past=past(NOON)), policy, NOON) == Delay(at(9, 25), causes.GLOBAL_CAP)


@pytest.mark.parametrize(("month", "most"), [(2, 28), (4, 30), (12, 31)])
def test_wecoms_quota_is_as_many_as_the_month_has_days(month, most):
    noon = at(month, 20, 12)
    received = past(*[at(month, 1, 9)] * (most - 1))
    assert judge(FLOW, Standing(past=received), Policy(), noon) == Send()
    assert judge(FLOW, Standing(past=received + past(noon)), Policy(), noon) == Skip(causes.QUOTA)


def test_wecoms_quota_is_counted_on_the_days_of_china():
    policy = Policy(quota=Quota(per="day", over="delay"), zone=NEW_YORK)
    evening = at(9, 24, 23)  # the morning of the same day in New York
    assert judge(FLOW, Standing(past=past(at(9, 24, 1))), policy, evening) == Delay(at(9, 25), causes.QUOTA)
    assert judge(FLOW, Standing(past=past(at(9, 24, 1))), policy, at(9, 25, 0)) == Send()


def test_no_message_waits_longer_than_the_policy_lets_it():
    policy = Policy(quota=Quota(over="delay"), patience=5)
    full = Standing(past=past(*[at(9, 1, 9)] * 30))
    assert judge(FLOW, full, policy, at(9, 24, 12)) == Skip(causes.QUOTA)
    assert judge(FLOW, full, policy, at(9, 27, 12)) == Delay(at(10, 1), causes.QUOTA)
    golden = Policy(quiet=Quiet(windows=(QuietWindow(on="rest"),)), patience=5)
    assert judge(FLOW, Standing(), golden, at(10, 1, 9)) == Skip(causes.NEVER_OPEN)
    assert judge(FLOW, Standing(), golden, at(10, 3, 9)) == Delay(at(10, 8), causes.QUIET_HOURS)


@pytest.mark.parametrize(
    ("standing", "policy", "asking", "reason"),
    [
        (Standing(), Policy(), FLOW, ""),
        (Standing(opted_out=frozenset({"marketing"})), Policy(), FLOW, causes.DESPITE_OPT_OUT),
        (Standing(holdout=True), Policy(), FLOW, causes.DESPITE_HOLDOUT),
        (Standing(), STRICT, FLOW, causes.DESPITE_QUIET_HOURS),
        (Standing(past=past(NOON)), Policy(), CAPPED, causes.DESPITE_FLOW_CAP),
        (Standing(past=past(NOON)), Policy(caps=(Cap(count=1, over="delay"),)), FLOW, causes.DESPITE_GLOBAL_CAP),
    ],
)
def test_a_transactional_message_bypasses_what_protects_from_marketing_and_says_so(standing, policy, asking, reason):
    assert judge(replace(asking, transactional=True), standing, policy, NOON) == Send(reason)


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (Standing(active=False), causes.GONE),
        (Standing(blocked=True), causes.BLOCKED),
        (Standing(goal=True), causes.GOAL_REACHED),
        (Standing(past=past(*[NOON] * 30)), causes.QUOTA),
    ],
)
def test_a_transactional_message_never_bypasses_a_goodbye_a_block_or_wecoms_quota(standing, reason):
    assert judge(replace(FLOW, transactional=True), standing, Policy(), NOON) == Skip(reason)


def test_transactional_messages_count_towards_wecoms_quota_but_towards_no_cap():
    policy = Policy(caps=(Cap(count=1),), quota=Quota(per="day"))
    standing = Standing(past=past(NOON, counts=False))
    assert judge(FLOW, standing, replace(policy, quota=Quota(per="none")), NOON) == Send()
    assert judge(FLOW, standing, policy, NOON) == Skip(causes.QUOTA)


def test_what_was_let_through_is_refused_later_only_for_what_time_does_not_heal():
    assert refuse(CAPPED, EVERYTHING, STRICT, NOON) == Skip(causes.OPTED_OUT)
    assert refuse(CAPPED, Standing(past=past(*[NOON] * 30)), STRICT, NOON) is None
    assert refuse(replace(FLOW, transactional=True), Standing(active=False), STRICT, NOON) == Skip(causes.GONE)


def test_every_step_is_explained_again_at_the_later_moment():
    policy = Policy(quiet=NIGHT, caps=(Cap(count=1, over="delay"),))
    steps = list(explain(FLOW, Standing(past=past(NOON)), policy, NOON))
    assert [(step.name, step.outcome) for step in steps] == [
        ("consent", "pass"),
        ("contact", "pass"),
        ("holdout", "pass"),
        ("goal", "pass"),
        ("quiet_hours", "pass"),
        ("flow_cap", "pass"),
        ("global_cap", "delay"),
        ("quiet_hours", "delay"),
        ("quiet_hours", "pass"),
        ("flow_cap", "pass"),
        ("global_cap", "pass"),
        ("quota", "pass"),
        ("send", "send"),
    ]
    assert steps[-1].at == at(9, 25, 8)


def test_the_holdout_group_is_drawn_by_its_salt_and_only_grows():
    people = [f"wm{number}" for number in range(4000)]
    five = {person for person in people if Holdout(share=500).holds(person)}
    ten = {person for person in people if Holdout(share=1000).holds(person)}
    other = {person for person in people if Holdout(share=500, salt="again").holds(person)}
    assert 140 < len(five) < 260
    assert five < ten
    assert five != other
    assert not any(Holdout().holds(person) for person in people)


def test_what_is_wrong_with_a_policy_is_told_by_field():
    wrong = Policy(
        topics=(Topic(key="News", zh="新闻", en=""), Topic(key="News", zh="新闻", en="News")),
        caps=(Cap(count=-1), Cap(count=5, days=1), Cap(count=3, days=7)),
        quota=Quota(reserve=28),
        holdout=Holdout(share=5001, salt=""),
        patience=0,
    )
    assert [each.field for each in check(wrong, NOON)] == [
        "topics.0.key",
        "topics.0.en",
        "topics.1.key",
        "topics.1.key",
        "topics",
        "caps.0.count",
        "caps.1",
        "quota.reserve",
        "holdout.salt",
        "holdout.share",
        "patience",
    ]
    assert check(Policy(), NOON) == []
    assert [each.field for each in check(STRICT, NOON)] == ["quiet.windows"]


CAPS = st.builds(Cap, count=st.integers(0, 3), days=st.integers(1, 8), over=st.sampled_from(["skip", "delay"]))
QUIETS = st.sampled_from(
    [
        Quiet(),
        NIGHT,
        Quiet(windows=(QuietWindow(on="rest"), *NIGHT.windows)),
        Quiet(windows=(QuietWindow(weekdays=(1, 3, 5)),), days=Days(calendar="weekends")),
    ]
)
POLICIES = st.builds(
    Policy,
    quiet=QUIETS,
    caps=st.lists(CAPS, max_size=2).map(tuple),
    quota=st.builds(
        Quota,
        per=st.sampled_from(["day", "week", "month", "none"]),
        reserve=st.sampled_from([0, 0, 27]),
        over=st.sampled_from(["skip", "delay"]),
    ),
    patience=st.integers(1, 20),
    zone=st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Europe/Berlin")]),
)
ASKINGS = st.builds(
    Asking, origin=st.sampled_from(["flow", "broadcast"]), origin_id=st.integers(1, 2), cap=st.none() | CAPS
)
WANTED = st.lists(st.tuples(ASKINGS, st.integers(0, 24 * 60)), max_size=25)  # minutes of a bit more than two weeks


def _fullest(moments: Sequence[datetime], span: int, zone: ZoneInfo) -> int:
    days = [moment.astimezone(zone).toordinal() for moment in moments]
    return max((sum(0 <= each - first < span for each in days) for first in days), default=0)


@settings(deadline=None)
@given(policy=POLICIES, cap=CAPS, wanted=WANTED)
def test_no_sequence_of_judged_messages_exceeds_a_cap(policy, cap, wanted):
    start, taken = at(10, 1, 0), ()
    for asking, tenths in wanted:  # asked for in any order: what comes later may be planned already
        now = start + timedelta(minutes=15 * tenths)
        verdict = judge(replace(asking, cap=cap), Standing(past=taken), policy, now)
        match verdict:
            case Skip():
                continue
            case Delay(until=until):
                assert now < until <= now + timedelta(days=policy.patience)
                goes = until
            case _:
                goes = now
        assert not closed(policy.quiet, goes, policy.zone)
        taken += (Past(goes, asking.origin, asking.origin_id),)
    for each in policy.caps:
        assert not each.count or _fullest([one.at for one in taken], each.days, policy.zone) <= each.count
    for own in {(one.origin, one.origin_id) for one in taken} if cap.count else ():
        mine = [one.at for one in taken if (one.origin, one.origin_id) == own]
        assert _fullest(mine, cap.days, policy.zone) <= cap.count
    _keeps_quota(policy.quota, [one.at.astimezone(SHANGHAI) for one in taken])


def _keeps_quota(quota: Quota, received: Sequence[datetime]) -> None:
    if quota.per == "month":
        for month, most in ((10, 31), (11, 30)):
            assert sum(one.month == month for one in received) <= most - quota.reserve
    elif quota.per != "none":
        span, most = (7, 7) if quota.per == "week" else (1, 1)
        assert _fullest(received, span, SHANGHAI) <= max(most - quota.reserve, 0)


@settings(deadline=None)
@given(policy=POLICIES, asking=ASKINGS, minutes=st.integers(0, 60 * 24 * 20), taken=st.lists(st.integers(-20, 20)))
def test_asked_again_at_the_moment_it_was_delayed_to_a_message_goes_out(policy, asking, minutes, taken):
    now = at(10, 1, 0) + timedelta(minutes=minutes)
    standing = Standing(past=past(*(now + timedelta(days=day) for day in taken)))
    verdict = judge(asking, standing, policy, now)
    if isinstance(verdict, Delay):
        assert judge(asking, standing, policy, verdict.until) == Send()
    assert judge(asking, standing, policy, now) == verdict
