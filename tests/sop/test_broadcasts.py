"""Broadcasts as rules: what may be written, who approves, who sends, when it goes out, what came of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.broadcasts import funnels
from sop.broadcasts.checks import check
from sop.broadcasts.document import Sender, dump, load, parse
from sop.broadcasts.forecasts import forecast
from sop.broadcasts.funnels import Followed, Funnel, Tally
from sop.broadcasts.plans import Load, Round, Target, Tie, loosen, pick
from sop.broadcasts.states import Act, Approval, Status, approvers, consent, may
from sop.broadcasts.turns import Turn, next_turn, overdue
from sop.errors import Invalid
from sop.policy import Cap, Delay, Past, Policy, Quota, Send, Standing
from sop.reasons import Skip

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)  # 10:00 in Shanghai
SHANGHAI, TOKYO, PARIS = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Paris")
NOTHING = Followed(replied={}, clicked={}, reached={})


def written(**about):
    return parse({"name": "n", "audience": {"everyone": True}, "contents": [{"text": "hello"}], **about})


def wrong(**about):
    return {violation.field for violation in check(written(**about), NOW)}


def a_round(broadcast, **about):
    about = {"run_id": 1, "number": 1, "now": NOW, "due_at": NOW, "zone": SHANGHAI, "policy": Policy(), **about}
    return Round(broadcast=broadcast, **about)


def tie(user_id, first=1, added=1, replied=0):
    return Tie(user_id, first, added, replied)


def test_a_document_is_stored_and_read_as_it_was_written():
    broadcast = written(once={"at": "2026-12-01T09:00:00", "zone": "customer"}, expires="P2D", sender={"by": "owner"})
    assert load(dump(broadcast)) == broadcast
    assert broadcast.zoned
    with pytest.raises(Invalid) as refused:
        parse({"name": "n", "audience": {"everyon": True}, "contents": []})
    assert refused.value.violations[0].field == "audience"


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"audience": {}}, "audience"),
        ({"audience": {"everyone": True, "tags": ["et1"]}}, "audience"),
        ({"audience": {"tags": ["et1"], "chats": {"city": "上海"}}}, "audience.chats"),
        ({"audience": {"condition": {"moon": "full"}}}, "audience.condition"),
        ({"audience": {"everyone": True, "exclude": {"broadcasts": ["x"]}}}, "audience.exclude.broadcasts"),
        ({"contents": []}, "contents"),
        ({"contents": [{"text": " "}]}, "contents.0.text"),
        ({"contents": [{"text": "字" * 1334}]}, "contents.0.text"),
        ({"contents": [{"text": "{staff}好"}]}, "contents.0.text"),
        ({"contents": [{"name": "a", "text": "1"}, {"name": "a", "text": "2"}]}, "contents"),
        ({"kind": "groups", "contents": [{"text": "{customer}"}]}, "contents.0.text"),
        ({"kind": "groups", "sender": {"by": "every"}}, "sender"),
        ({"sender": {"by": "owner", "rule": "members"}}, "sender.members"),
        ({"capacity": 5}, "capacity"),
        ({"days": 32}, "days"),
        ({"once": {"at": "2026-12-01T09:00:00+08:00", "zone": "customer"}}, "once.at"),
        ({"once": {"at": "2026-12-01T09:00:00"}, "cron": {"expression": "0 9 * * *"}}, "cron"),
        ({"cron": {"expression": "* * * * *"}}, "cron.expression"),
        ({"until": "2026-11-01T00:00:00Z"}, "until"),
        ({"expires": "P31D"}, "expires"),
        ({"trial": {"share": 10, "default": "a"}}, "trial"),
        ({"cap": {"count": -1}}, "cap.count"),
    ],
)
def test_what_is_wrong_is_named(about, field):
    assert field in wrong(**about)


def test_what_is_right_is_not_complained_about():
    assert wrong() == set()
    two = [{"name": "a", "text": "{customer}，{staff}"}, {"name": "b", "text": "b"}]
    assert wrong(contents=two, sender={"by": "every"}, trial={"share": 10, "default": "a"}, capacity=3) == set()
    assert wrong(kind="groups", audience={"tags": ["7"], "chats": {"city": "上海"}}) == set()


def test_who_wrote_it_does_not_approve_it_and_nobody_approves_twice():
    acts = [
        Act(what="created", who="lin", edition=1, at=NOW),
        Act(what="edited", who="wu", edition=2, at=NOW),
        Act(what="approved", who="han", edition=1, at=NOW),
    ]
    for who in ("lin", "wu"):
        with pytest.raises(Invalid):
            consent(acts, who=who, edition=2)
    consent(acts, who="han", edition=2)  # what they approved was another edition
    with pytest.raises(Invalid):
        consent(acts, who="han", edition=1)
    assert approvers(acts, 2) == frozenset()


def test_approval_is_needed_from_an_audience_of_a_size_on():
    assert Approval().needed(10**6) == 0
    assert [Approval(above=100, approvers=2).needed(size) for size in (99, 100)] == [0, 2]
    assert Approval(above=0).needed(0) == 1
    assert [one.field for one in Approval(above=-1, approvers=6).check()] == ["above", "approvers"]


def test_a_paused_broadcast_is_not_edited_and_a_scheduled_one_may_be():
    assert may("edit", Status.SCHEDULED)
    assert not may("edit", Status.PAUSED)
    assert not may("start", Status.WAITING)


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ({"by": "last_contact"}, ("",)),
        ({"by": "owner", "rule": "latest"}, ("wu",)),
        ({"by": "owner", "rule": "first"}, ("chen",)),
        ({"by": "owner", "rule": "members", "members": ["zhao", "li", "chen"]}, ("li",)),
        ({"by": "owner", "rule": "members", "members": ["zhao"]}, ()),
        ({"by": "every"}, ("chen", "li", "wu")),
    ],
)
def test_the_sender_is_chosen_by_the_rule(sender, expected):
    ties = (tie("chen", first=1, added=5), tie("wu", first=2, added=2, replied=9), tie("li", first=3, added=3))
    assert pick(written(sender=sender), ties) == expected


def test_only_the_members_of_the_audience_send():
    ties = (tie("chen"), tie("wu"))
    assert pick(written(audience={"staff": ["wu"]}, sender={"by": "every"}), ties) == ("wu",)
    assert Sender().by == "last_contact"


def test_every_follower_sends_once_and_the_cap_counts_each_of_them():
    broadcast = written(sender={"by": "every"})
    policy = Policy(caps=(Cap(count=2, days=1),))
    found = list(a_round(broadcast, policy=policy).plan(Target("anna", (tie("a"), tie("b"), tie("c"))), Standing()))
    assert [type(verdict) for _, verdict, _ in found] == [Send, Send, Skip]
    assert [ordinal for _, _, ordinal in found] == [1, 2, 3]
    assert len({message.effect for message, _, _ in found}) == 3


def test_runs_of_one_broadcast_share_its_cap():
    broadcast = written(cap={"count": 1, "days": 7})
    before = Standing(past=(Past(NOW - timedelta(days=1), "broadcast", 5),), ordinal=4)
    assert [verdict for _, verdict, _ in a_round(broadcast).plan(Target("anna"), before)] == [Send()]
    ((_, verdict, _),) = a_round(broadcast, series=frozenset({5})).plan(Target("anna"), before)
    assert verdict == Skip("flow_cap")


def test_those_over_a_cap_wait_or_are_left_out_as_the_broadcast_says():
    past = Standing(past=(Past(NOW, "flow", 1),))
    policy = Policy(caps=(Cap(count=1, days=1),), quota=Quota(per="none"))
    found = {
        over: next(iter(a_round(written(), policy=loosen(policy, over)).plan(Target("anna"), past)))[1]
        for over in ("policy", "skip", "delay")
    }
    assert found["policy"] == found["skip"] == Skip("global_cap")
    assert isinstance(found["delay"], Delay)


def test_a_run_is_spread_over_days_the_same_way_each_time():
    broadcast = written(days=3)
    first, again = (
        {
            subject: next(iter(a_round(broadcast).plan(Target(subject), Standing())))[0].due_at
            for subject in map(str, range(300))
        }
        for _ in range(2)
    )
    assert first == again
    assert {(due - NOW).days for due in first.values()} == {0, 1, 2}


def test_a_member_gets_no_more_confirmations_a_day_than_asked():
    broadcast = written(contents=[{"text": "{customer}"}], sender={"by": "owner"}, capacity=2)
    current = a_round(broadcast, loads={"chen": Load(open=1)})
    targets = [Target(f"wm{number}", (tie("chen"),), f"name{number}") for number in range(5)]
    dues = [message.due_at for each in targets for message, _, _ in current.plan(each, Standing())]
    assert [(due - NOW).days for due in dues] == [0, 1, 1, 2, 2]
    shared = a_round(written(sender={"by": "owner"}, capacity=1))
    assert {message.due_at for each in targets for message, _, _ in shared.plan(each, Standing())} == {NOW}


def test_each_customer_gets_it_when_the_clocks_around_them_show_the_time():
    broadcast = written(once={"at": "2026-11-26T09:00:00", "zone": "customer"})
    turn = next_turn(broadcast, NOW, zone=SHANGHAI, zones=[TOKYO, PARIS])
    assert turn == Turn(datetime(2026, 11, 26, 0, tzinfo=UTC), datetime.fromisoformat("2026-11-26T09:00"))
    current = a_round(broadcast, due_at=turn.at, wall=turn.wall)
    dues = [next(iter(current.plan(Target("anna"), Standing(zone=zone))))[0].due_at for zone in (TOKYO, None, PARIS)]
    assert [due.hour for due in dues] == [0, 1, 8]


def test_the_next_turn_by_customers_clocks_is_the_next_day_everywhere():
    broadcast = written(cron={"expression": "0 9 * * *", "zone": "customer"})
    first = next_turn(broadcast, NOW, zone=SHANGHAI, zones=[PARIS])
    assert first == Turn(datetime(2026, 11, 26, 1, tzinfo=UTC), datetime.fromisoformat("2026-11-26T09:00"))
    second = next_turn(broadcast, first.at, zone=SHANGHAI, zones=[PARIS])
    assert second == Turn(datetime(2026, 11, 27, 1, tzinfo=UTC), datetime.fromisoformat("2026-11-27T09:00"))


def test_one_time_is_taken_once_however_fine_it_is_written():
    broadcast = written(once={"at": "2026-11-25T03:00:00.059587Z"})
    turn = next_turn(broadcast, NOW, zone=SHANGHAI)
    assert turn == Turn(datetime(2026, 11, 25, 3, tzinfo=UTC))
    assert next_turn(broadcast, turn.at, zone=SHANGHAI) is None
    zoned = written(once={"at": "2026-11-25T11:00:00.059587", "zone": "customer"})
    assert next_turn(zoned, next_turn(zoned, NOW, zone=SHANGHAI).at, zone=SHANGHAI) is None


def test_of_several_missed_turns_the_latest_is_made_up_for_if_it_is_not_too_late():
    broadcast = written(cron={"expression": "0 9 * * *"}, late="PT3H")
    first = Turn(datetime(2026, 11, 23, 1, tzinfo=UTC))
    caught = overdue(broadcast, first, NOW, zone=SHANGHAI, zones=())
    assert caught.turn == Turn(datetime(2026, 11, 25, 1, tzinfo=UTC))
    assert [skip.reason for _, skip in caught.skipped] == ["overtaken", "overtaken"]
    late = overdue(broadcast, first, NOW + timedelta(hours=9), zone=SHANGHAI, zones=())
    assert (late.turn, {skip.reason for _, skip in late.skipped}) == (None, {"missed"})
    assert next_turn(written(once={"at": "2026-11-24T09:00:00"}), NOW, zone=SHANGHAI) is None
    assert (
        next_turn(written(cron={"expression": "0 9 * * *"}, until="2026-11-25T12:00:00Z"), NOW, zone=SHANGHAI) is None
    )


@given(st.sets(st.text(min_size=1, max_size=8), max_size=60), st.integers(1, 90))
def test_sample_and_rest_are_everybody_and_nobody_is_in_both(subjects, share):
    two = [{"name": "a", "text": "a"}, {"name": "b", "text": "b"}]
    broadcast = written(contents=two, trial={"share": share, "default": "a"})
    parts = {
        phase: [
            message.subject
            for subject in subjects
            for message, _, _ in a_round(broadcast, phase=phase, winner="b").plan(Target(subject), Standing())
        ]
        for phase in ("sample", "rest")
    }
    assert sorted(parts["sample"] + parts["rest"]) == sorted(subjects)


def test_the_rest_gets_the_winner_and_without_one_the_default():
    two = [{"name": "a", "text": "a"}, {"name": "b", "text": "b"}]
    broadcast = written(contents=two, trial={"share": 1, "default": "a"})
    for winner, expected in (("b", "b"), ("", "a")):
        current = a_round(broadcast, phase="rest", winner=winner)
        arms = {message.arm for each in map(str, range(50)) for message, _, _ in current.plan(Target(each), Standing())}
        assert arms == {expected}


def test_a_variant_wins_only_when_it_is_sure_or_by_the_rule_that_was_chosen():
    def decided(by, a, b):
        contents = [{"name": "a", "text": "a"}, {"name": "b", "text": "b"}]
        trial = written(contents=contents, trial={"share": 50, "default": "a", "by": by, "least": 50}).trial
        tallies = [Tally(arm=arm, status="sent", reason="", carried=True, count=1000) for arm in "ab"]
        return funnels.conclude(trial, funnels.readout(trial, tallies, {"a": a, "b": b}, {"a": 1, "b": 1}))

    assert (decided("sure", 50, 400).arm, decided("sure", 50, 400).reason) == ("b", "experiment_won")
    assert decided("sure", 50, 52).reason == "trial_default"
    assert decided("best", 50, 52).arm == "b"
    assert (decided("person", 50, 400).arm, decided("person", 50, 400).reason) == ("a", "trial_default")


def test_the_funnel_counts_how_far_messages_have_come():
    tallies = [
        Tally(arm="a", status="sent", reason="", carried=True, count=5),
        Tally(arm="a", status="failed", reason="not_a_friend", carried=True, count=2),
        Tally(arm="a", status="failed", reason="not_reached", carried=True, count=1),
        Tally(arm="b", status="tasked", reason="", carried=True, count=4),
        Tally(arm="b", status="planned", reason="quiet_hours", carried=False, count=3),
        Tally(arm="b", status="skipped", reason="opted_out", carried=False, count=6),
    ]
    followed = Followed(replied={"a": 2}, clicked={}, reached={"a": 1, "b": 0})
    whole = funnels.funnel(tallies, followed)
    assert whole == Funnel(targeted=21, planned=3, tasked=12, confirmed=7, delivered=5, replied=2, reached=1)
    assert funnels.funnel(tallies, NOTHING, arm="b").targeted == 13
    assert funnels.reasons(tallies)["skipped", "opted_out"] == 6


def test_a_forecast_reckons_up_from_those_it_has_looked_at():
    broadcast = written(sender={"by": "owner"})
    current = a_round(broadcast)
    judged = [one for number in range(10) for one in current.plan(Target(str(number), (tie("chen"),)), Standing())]
    judged += list(current.plan(Target("zoe"), Standing()))
    whole = forecast(judged, broadcast, size=110_000, looked=11, zone=SHANGHAI)
    assert (whole.messages, whole.mailings, whole.exact) == (100_000, 10, False)
    assert whole.skipped == {"no_sender": 10_000}
    assert whole.confirmations == {("chen", NOW.date()): 10}


def test_texts_of_their_own_are_as_many_tasks():
    broadcast = written(contents=[{"text": "{customer}"}], sender={"by": "owner"})
    current = a_round(broadcast)
    targets = [Target(str(number), (tie("chen"),), f"name{number % 3}") for number in range(30)]
    judged = [one for each in targets for one in current.plan(each, Standing())]
    assert forecast(judged, broadcast, size=30, looked=30, zone=SHANGHAI).mailings == 3
