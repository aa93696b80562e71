"""Who comes into flows by the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.flows.changes import stir
from handlers.flows.schedules import enter
from handlers.flows.segments import follow, notice
from sop.events import EntryDue, FlowChanged, MovesDue, SegmentMoved
from sop.fields import Change, Field, Value
from sop.flows import enrolments
from sop.groups import Changes, Group
from sop.relations import Deed
from sop.schedules import MISSED
from storage.engine.sql import Statement
from storage.values import from_ms
from tests.handlers.desk import START, Desk
from tests.handlers.flowing import DAY, HOUR, draft, inside, publish, turn

WAIT = {"day": {"kind": "wait", "for": "P1D"}}
TIMERS = Statement("SELECT due_at FROM timers WHERE corp_id = :corp_id AND kind = 'entry_due' ORDER BY due_at")


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request) -> str:
    return request.param


@pytest.fixture
async def four(desk: Desk) -> Desk:
    """A desk with four customers of chen's."""
    for number in range(4):
        await desk.know("王", f"wm{number}")
        await desk.record(Deed.ADDED, external_user_id=f"wm{number}")
    return desk


async def wound(desk: Desk) -> list[datetime]:
    """When entries are due."""
    return [from_ms(row["due_at"]) for row in await desk.store().scope.fetch(TIMERS)]


async def publish_and_wind(desk: Desk, flow, version: int = 1) -> int:
    identity = await publish(desk, flow)
    await desk.run(stir, FlowChanged(corp_id="ww1", at=desk.now, flow_id=identity, version=version))
    return identity


def due(flow: int, at: datetime, **rest) -> EntryDue:
    return EntryDue(corp_id="ww1", at=at, flow_id=flow, **{"version": 1, "number": 0, **rest})


async def test_a_cron_lets_everybody_in_each_time(four):
    nine = {"kind": "schedule", "cron": {"expression": "0 9 * * *"}, "again": "always"}
    flow = await publish_and_wind(four, draft(WAIT, entries=[nine]))
    (first,) = await wound(four)
    assert first == datetime(2025, 10, 10, 1, 0, tzinfo=UTC)
    four.now = first
    await four.run(enter, due(flow, first))
    await four.run(enter, due(flow, first))
    assert sorted(one["subject"] for one in await inside(four)) == ["wm0", "wm1", "wm2", "wm3"]
    assert (await wound(four))[-1] == first + DAY
    four.now = first + DAY
    await four.run(enter, due(flow, first + DAY))
    assert len(await inside(four)) == 8


async def test_only_those_of_whom_the_condition_holds(four):
    await four.record(Deed.LOST, START, external_user_id="wm2")
    once = {"kind": "schedule", "once": {"at": "2025-10-09T20:00:00"}, "if": {"status": ["active"]}}
    flow = await publish_and_wind(four, draft(WAIT, entries=[once]))
    (at,) = await wound(four)
    four.now = at
    await four.run(enter, due(flow, at))
    assert sorted(one["subject"] for one in await inside(four)) == ["wm0", "wm1", "wm3"]
    assert {one["user_id"] for one in await inside(four)} == {"chen"}
    assert await wound(four) == [at]  # of the timer that has fired nothing is left in life; there is no next


async def test_only_the_members_of_the_segment(four):
    await four.apply(lambda store: store.segments.move(5, 1, entered=["wm1", "wm3"], left=[]))
    once = {"kind": "schedule", "once": {"at": "2025-10-09T20:00:00"}, "segment": 5}
    flow = await publish_and_wind(four, draft(WAIT, entries=[once]))
    (at,) = await wound(four)
    four.now = at
    await four.run(enter, due(flow, at))
    assert sorted(one["subject"] for one in await inside(four)) == ["wm1", "wm3"]


async def test_a_turn_that_was_missed_for_too_long_is_skipped_with_the_reason(four):
    nine = {"kind": "schedule", "cron": {"expression": "0 9 * * *"}}
    flow = await publish_and_wind(four, draft(WAIT, entries=[nine], late="PT2H"))
    (first,) = await wound(four)
    four.now = first + 3 * DAY + 3 * HOUR
    await four.run(enter, due(flow, first))
    assert await inside(four) == []
    assert ("flow", "skipped", MISSED) in await four.decisions()
    assert (await wound(four))[-1] == first + 4 * DAY


async def test_birthdays_come_in_three_days_before_and_those_of_the_29th_on_the_28th(four):
    await four.apply(lambda store: store.fields.define(Field(name="birthday", kind="date")))
    days = {"wm0": "1990-03-03", "wm1": "1992-02-29", "wm2": "1990-03-04", "wm3": "2000-02-28"}
    changes = [Change(external_user_id=one, name="birthday", value=Value(day, 0)) for one, day in days.items()]
    await four.apply(lambda store: store.fields.put(changes))
    birthday = {"field": "birthday", "offset": -3, "at": "09:00:00", "every": "year"}
    flow = await publish_and_wind(four, draft(WAIT, entries=[{"kind": "date", "date": birthday, "again": "always"}]))
    for day, expected in (("02-25", {"wm1", "wm3"}), ("02-28", {"wm0"}), ("03-01", {"wm2"}), ("03-02", set())):
        before = {one["subject"] for one in await inside(four)}
        four.now = datetime.fromisoformat(f"2026-{day}T01:00:00+00:00")
        await four.run(enter, due(flow, four.now))
        assert {one["subject"] for one in await inside(four)} - before == expected, day


async def test_a_week_after_the_add_each_comes_in_on_their_own_day(four):
    await four.record(Deed.ADDED, START + 2 * DAY, external_user_id="wm9")
    week = {"field": "added_at", "offset": 7, "at": "09:00:00"}
    flow = await publish_and_wind(four, draft(WAIT, entries=[{"kind": "date", "date": week}]))
    four.now = START + 9 * DAY - 7 * HOUR  # nine in the morning in Shanghai
    await four.run(enter, due(flow, four.now))
    assert [one["subject"] for one in await inside(four)] == ["wm9"]


async def found(desk: Desk, chat_id: str, *, owner: str = "chen", at: datetime = START) -> None:
    group = Group(chat_id=chat_id, name=chat_id, owner=owner, created_at=at, version="1")
    await desk.apply(lambda store: store.groups.put(None, group, Changes(), status="normal"))


async def test_groups_come_in_by_their_age_and_their_owners_do_the_work(desk):
    await found(desk, "wr1")
    await found(desk, "wr2", at=START - 3 * DAY)
    entry = {"kind": "groups", "cron": {"expression": "0 9 * * *"}, "age": {"least": 1, "most": 1}}
    flow = await publish_and_wind(desk, draft(WAIT, entries=[entry], subject="group"))
    (at,) = await wound(desk)
    desk.now = at
    await desk.run(enter, due(flow, at))
    assert [(one["subject"], one["user_id"]) for one in await inside(desk)] == [("wr1", "chen")]


async def test_an_older_version_lets_nobody_in(four):
    nine = {"kind": "schedule", "cron": {"expression": "0 9 * * *"}}
    flow = await publish_and_wind(four, draft(WAIT, entries=[nine]))
    await publish_and_wind(four, draft(WAIT, entries=[{"kind": "list"}]), version=2)
    four.now = START + timedelta(days=1)
    await four.run(enter, due(flow, four.now))
    assert await inside(four) == []


@pytest.mark.parametrize(("entry", "expected"), [("same", 4), ("another", 0)])
async def test_what_was_due_before_a_new_version_came_is_not_lost_if_that_has_the_entry_too(four, entry, expected):
    once = {"kind": "schedule", "once": {"at": "2025-10-09T20:00:00"}}
    flow = await publish_and_wind(four, draft(WAIT, entries=[once]))
    (at,) = await wound(four)
    four.now = at + HOUR  # nobody was there at that time
    entries = [{"kind": "list"}, {**once, **({} if entry == "same" else {"if": {"status": ["active"]}})}]
    await publish_and_wind(four, draft(WAIT, entries=entries), version=2)
    await four.run(enter, due(flow, at))
    assert [one["version"] for one in await inside(four)] == [2] * expected


async def test_a_moment_that_both_versions_have_before_them_lets_in_once(four):
    nine = {"kind": "schedule", "cron": {"expression": "0 9 * * *"}, "again": "always"}
    flow = await publish_and_wind(four, draft(WAIT, entries=[nine]))
    await publish_and_wind(four, draft(WAIT, entries=[{"kind": "list"}, nine]), version=2)
    four.now = (await wound(four))[0]
    await four.run(enter, due(flow, four.now))
    assert await inside(four) == []
    await four.run(enter, due(flow, four.now, version=2, number=1))
    assert len(await inside(four)) == 4


async def test_who_enters_a_segment_comes_in_and_who_leaves_it_leaves(four):
    entry = {"kind": "segment", "segment": 5}
    flow = await publish(four, draft(WAIT, entries=[entry], exits={"segment": 5}))
    await four.apply(lambda store: store.segments.move(5, 1, entered=["wm0", "wm1"], left=[]))
    await moved(four, run=1)
    assert [one["subject"] for one in await inside(four)] == ["wm0", "wm1"]
    four.now = START + HOUR
    await four.apply(lambda store: store.segments.move(5, 2, entered=["wm2"], left=["wm1"]))
    await moved(four, run=2)
    await turn(four, flow)
    assert {one["subject"]: (one["status"], one["reason"]) for one in await inside(four)} == {
        "wm0": ("parked", ""),
        "wm1": ("exited", enrolments.SEGMENT_LEFT),
        "wm2": ("parked", ""),
    }


async def moved(desk: Desk, *, run: int) -> None:
    """A segment has moved, and flows have looked."""
    await desk.run(notice, SegmentMoved(corp_id="ww1", at=desk.now, segment_id=5, run=run))
    for event in await desk.announced(0):
        if isinstance(event, MovesDue) and event.run == run:
            await desk.run(follow, event)
