"""The flow engine, one turn at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sop.flows import enrolments
from sop.flows.lint import MOST_NODES
from sop.flows.waits import NEVER, RECHECK
from sop.policy import Delay, Skip
from tests.sop.flowing import DAY, HOUR, MONDAY, World, enter, flow, said, say, story, wait, woken


def test_who_comes_in_is_told_and_waits():
    made = flow({"hello": say("你好"), "day": wait("P1D"), "tip": say("小贴士")})
    turn = World().turn(made, enter(made))
    assert said([turn]) == ["你好"]
    assert (turn.after.node, turn.after.due_at, turn.after.status) == ("day", MONDAY + DAY, "parked")
    assert story([turn]) == [("hello", "done", enrolments.PASSED, "next")]


def test_the_whole_way_is_gone_once():
    made = flow({"hello": say("1"), "day": wait("P1D"), "tip": say("2"), "more": wait("P3D"), "end": say("3")})
    turns = World().run(made, enter(made), until=MONDAY + 10 * DAY)
    assert said(turns) == ["1", "2", "3"]
    assert (turns[-1].after.status, turns[-1].after.reason) == ("done", enrolments.FINISHED)
    assert turns[-1].after.due_at == NEVER


def test_who_is_late_by_a_minute_waits_no_minute_longer_at_the_next_node():
    made = flow({"one": wait("P1D"), "two": wait("P1D")})
    world = World(now=MONDAY + DAY + timedelta(minutes=1))
    turn = world.turn(made, enter(made, at=MONDAY))
    assert (turn.after.node, turn.after.due_at) == ("two", MONDAY + 2 * DAY)


def test_after_a_long_stop_what_is_too_late_is_skipped_and_the_rest_goes_on():
    made = flow({"one": wait("P1D"), "old": say("old"), "two": wait("P2D"), "fresh": say("fresh")}, late="PT12H")
    world = World(now=MONDAY + 3 * DAY + HOUR)
    turns = world.run(made, enter(made), until=world.now)
    assert said(turns) == ["fresh"]
    assert story(turns)[1] == ("old", "skipped", enrolments.LATE, "next")


def test_a_transactional_message_is_sent_however_late():
    made = flow({"one": wait("P1D"), "bill": say("bill", transactional=True)})
    assert said([World(now=MONDAY + 9 * DAY).turn(made, enter(made))]) == ["bill"]


def test_a_message_that_the_policy_puts_off_keeps_its_place_and_is_sent_later():
    made = flow({"hello": say("你好"), "end": {"kind": "exit"}})
    world = World(verdicts={"你好": Delay(MONDAY + 5 * HOUR, "quiet_hours")})
    first = world.turn(made, enter(made))
    assert (first.after.node, first.after.visit, first.after.due_at) == ("hello", 1, MONDAY + 5 * HOUR)
    assert first.steps == []
    assert first.asked == []
    assert first.delayed.reason == "quiet_hours"
    world.verdicts.clear()
    world.now = MONDAY + 5 * HOUR
    assert said([world.turn(made, first.after)]) == ["你好"]


def test_a_message_that_the_policy_skips_leads_aside_where_the_flow_says_so():
    made = flow({"hello": say("你好", skipped="call", next="end"), "end": {"kind": "exit"}, "call": {"kind": "goal"}})
    turn = World(verdicts={"你好": Skip("global_cap")}).turn(made, enter(made))
    assert story([turn])[0] == ("hello", "skipped", "global_cap", "skipped")
    assert turn.acts[0].name == "call"
    assert [each.verdict for each in turn.asked] == [Skip("global_cap")]


def test_a_branch_goes_the_first_way_that_holds_and_else_on():
    vip, new = {"tag": ["vip"]}, {"tag": ["new"]}
    cases = [{"name": "vip", "if": vip, "next": "v"}, {"name": "new", "if": new, "next": "n"}]
    nodes = {"b": {"kind": "branch", "cases": cases, "next": "e"}, "v": say("v", next=""), "n": say("n", next=""),
             "e": say("e", next="")}  # fmt: skip
    made = flow(nodes)
    assert said([World(true=[vip, new]).turn(made, enter(made))]) == ["v"]
    assert said([World(true=[new]).turn(made, enter(made))]) == ["n"]
    assert said([World().turn(made, enter(made))]) == ["e"]


EVENT = {"kind": "wait", "event": {"event": "order_paid"}, "within": "P3D", "timeout": "late", "next": "thanks"}


def test_a_wait_for_an_event_goes_on_as_soon_as_it_happens():
    made = flow({"paid": EVENT, "thanks": say("thanks", next=""), "late": say("late", next="")})
    world = World()
    parked = world.turn(made, enter(made)).after
    assert parked.due_at == MONDAY + 3 * DAY
    world.now = MONDAY + HOUR
    turn = world.turn(made, woken(parked, "order_paid", world.now))
    assert said([turn]) == ["thanks"]
    assert story([turn])[0] == ("paid", "done", enrolments.HAPPENED, "next")


def test_a_wait_for_an_event_ends_when_its_time_is_over():
    made = flow({"paid": EVENT, "thanks": say("thanks", next=""), "late": say("late", next="")})
    turns = World().run(made, enter(made), until=MONDAY + 4 * DAY)
    assert said(turns) == ["late"]
    assert story(turns)[0] == ("paid", "done", enrolments.TIMEOUT, "timeout")


def test_an_event_that_nobody_was_woken_by_counts_before_the_time_is_called_over():
    made = flow({"paid": EVENT, "thanks": say("thanks", next=""), "late": say("late", next="")})
    past = [enrolments.Signal(name="order_paid", at=MONDAY + DAY)]
    assert said(World(past=past).run(made, enter(made), until=MONDAY + 4 * DAY)) == ["thanks"]


def test_an_event_from_before_the_wait_does_not_count():
    made = flow({"paid": EVENT, "thanks": say("thanks", next=""), "late": say("late", next="")})
    one = woken(enter(made), "order_paid", MONDAY - HOUR)
    assert World().turn(made, one).after.node == "paid"


def test_another_event_wakes_nobody():
    made = flow({"paid": EVENT, "thanks": say("thanks", next=""), "late": say("late", next="")})
    turn = World(now=MONDAY + HOUR).turn(made, woken(enter(made), "order_viewed", MONDAY + HOUR))
    assert (turn.after.node, turn.after.due_at, turn.after.signal) == ("paid", MONDAY + 3 * DAY, None)


def test_a_wait_for_a_condition_looks_again_by_and_by():
    tree = {"tag": ["paid"]}
    made = flow({"w": {"kind": "wait", "condition": tree, "within": "P2D"}, "go": say("go")})
    world = World()
    parked = world.turn(made, enter(made)).after
    assert parked.due_at == MONDAY + RECHECK
    world.true.append(tree)
    world.now = parked.due_at
    assert said([world.turn(made, parked)]) == ["go"]


@pytest.mark.parametrize(
    ("at", "weekdays", "days", "expected"),
    [
        ("10:00:00", [], 0, datetime(2026, 11, 23, 2, 0, tzinfo=UTC)),  # an hour later
        ("08:00:00", [], 0, datetime(2026, 11, 24, 0, 0, tzinfo=UTC)),  # over for today
        ("07:00:00", [1], 0, datetime(2026, 11, 29, 23, 0, tzinfo=UTC)),  # Monday by Shanghai, Sunday by UTC
        ("10:00:00", [], 3, datetime(2026, 11, 26, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_wall_time_is_of_the_zone_and_so_is_its_weekday(at, weekdays, days, expected):
    made = flow({"w": {"kind": "wait", "until": {"at": at, "weekdays": weekdays, "days": days}}})
    assert World().turn(made, enter(made)).after.due_at == expected


def test_a_wall_time_has_the_offset_of_its_own_day():
    made = flow({"w": {"kind": "wait", "until": {"at": "09:00:00", "days": 3}}})
    friday = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)  # Berlin leaves summer time on the 25th
    world = World(now=friday, zone=ZoneInfo("Europe/Berlin"))
    assert world.turn(made, enter(made, at=friday)).after.due_at == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)


def test_a_birthday_on_the_29th_of_february_is_kept_on_the_28th():
    date_of = {"field": "birthday", "offset": -1, "at": "09:00:00", "every": "year"}
    made = flow({"w": {"kind": "wait", "date": date_of}})
    world = World(days={"birthday": date(2004, 2, 29)})
    assert world.turn(made, enter(made)).after.due_at == datetime(2027, 2, 27, 1, 0, tzinfo=UTC)


def test_who_has_no_such_date_goes_on_with_the_reason():
    made = flow({"w": {"kind": "wait", "date": {"field": "birthday", "at": "09:00:00"}}, "go": say("go")})
    turn = World().turn(made, enter(made))
    assert said([turn]) == ["go"]
    assert story([turn])[0] == ("w", "skipped", enrolments.UNDATED, "next")


def test_a_jump_goes_back_as_often_as_it_may():
    made = flow(
        {"ask": say("?"), "day": wait("P1D"), "back": {"kind": "jump", "to": "ask", "most": 2}, "end": say("!")}
    )
    turns = World().run(made, enter(made), until=MONDAY + 30 * DAY)
    assert said(turns) == ["?", "?", "?", "!"]
    visits = [(step.node, step.visit) for turn in turns for step in turn.steps]
    assert len(visits) == len(set(visits))


def test_a_circle_without_a_wait_leads_out():
    made = flow({"a": {"kind": "goal", "next": "b"}, "b": {"kind": "goal", "next": "a"}})
    after = World().turn(made, enter(made)).after
    assert (after.status, after.reason) == ("exited", enrolments.LOST_WAY)


def test_the_longest_flow_without_a_wait_is_gone_through_in_one_turn():
    names = [f"n{number}" for number in range(MOST_NODES)]
    following = [*names[1:], ""]
    made = flow({name: {"kind": "goal", "next": to} for name, to in zip(names, following, strict=True)})
    after = World().turn(made, enter(made)).after
    assert (after.status, after.reason) == ("done", enrolments.FINISHED)


ARMS = [{"name": "a", "share": 1, "next": "x"}, {"name": "b", "share": 1, "next": "y"},
        {"name": "none", "share": 1, "holdout": True}]  # fmt: skip


def test_a_split_is_the_same_for_somebody_each_time_and_divides_everybody():
    made = flow({"s": {"kind": "split", "arms": ARMS}, "x": say("x", next=""), "y": say("y", next="")})
    first = {n: World().turn(made, enter(made, subject=f"wm{n}")) for n in range(300)}
    again = {n: World().turn(made, enter(made, subject=f"wm{n}")) for n in range(300)}
    assert {n: turn.arms for n, turn in first.items()} == {n: turn.arms for n, turn in again.items()}
    counts = {arm: sum(turn.arms == [("s", arm)] for turn in first.values()) for arm in ("a", "b", "none")}
    assert all(70 < count < 130 for count in counts.values()), counts
    held = next(turn for turn in first.values() if turn.arms == [("s", "none")])
    assert (held.after.status, held.after.reason, held.asked) == ("exited", enrolments.HOLDOUT, [])


def test_a_promoted_arm_takes_everybody_and_exposes_nobody():
    split = {"kind": "split", "arms": ARMS, "promoted": "b"}
    made = flow({"s": split, "x": say("x", next=""), "y": say("y", next="")})
    turns = [World().turn(made, enter(made, subject=f"wm{n}")) for n in range(20)]
    assert said(turns) == ["y"] * 20
    assert not any(turn.arms for turn in turns)


def test_who_is_to_leave_leaves_before_anything_else_happens():
    made = flow({"hello": say("你好")})
    turn = World().turn(made, enter(made, leaving=enrolments.GOAL))
    assert (turn.after.status, turn.after.reason, turn.asked) == ("exited", enrolments.GOAL, [])


def test_at_a_node_that_is_not_there_nothing_happens_but_the_exit():
    made = flow({"hello": say("你好")})
    after = World().turn(made, replace(enter(made), node="gone")).after
    assert (after.status, after.reason) == ("exited", enrolments.NODE_GONE)


def test_tasks_are_left_out_when_they_come_too_late_and_tags_are_not():
    task = {"kind": "task", "name": "打电话"}
    made = flow({"w": wait("P1D"), "call": task, "mark": {"kind": "tag", "add": ["t"]}}, late="PT2H")
    turn = World(now=MONDAY + 2 * DAY).turn(made, enter(made))
    assert [act.name for act in turn.acts] == ["mark"]
    assert ("call", "skipped", enrolments.LATE, "next") in story([turn])
