from collections.abc import Sequence
from datetime import timedelta

import pytest

from handlers import segments
from handlers.jobs import conclude
from sop.events import JobEnded, PartEnded, SegmentDue, SegmentMoved, SegmentsDue, StepDue
from sop.jobs import Plan
from sop.relations import Deed
from sop.segments import DROP, REFRESH, Draft
from tests.handlers.desk import START, after

TAGGED = {"lost": False}
MANY = f"""
    INSERT INTO customers (corp_id, external_user_id, created_at, changed_at)
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {segments.STRETCH})
    SELECT 'ww1', 'wm' || n, 0, 0 FROM n
"""
RUN = {SegmentDue: segments.begin, PartEnded: conclude}


@pytest.fixture
def work(desk):
    """Have everything done that was announced, in order; what was told on the way."""
    seen = 0

    async def go() -> Sequence[object]:
        nonlocal seen
        told = []
        while events := await desk.announced(seen):
            seen += len(events)
            for event in events:
                told.append(event)
                if isinstance(event, StepDue):
                    await desk.run(segments.drop if event.job == DROP else segments.refresh, event)
                elif isinstance(event, JobEnded) and event.job == REFRESH:
                    await desk.run(segments.tell, event)
                elif type(event) in RUN:
                    await desk.run(RUN[type(event)], event)
        return told

    return go


async def crowd(desk, count=3):
    for number in range(count):
        await desk.record(Deed.ADDED, external_user_id=f"wm{number}")
        await desk.know(f"客户{number}", f"wm{number}")


async def draw(desk, condition=None, **about):
    """A new segment, asked to be refreshed."""
    store = desk.store()
    segment = store.segments.add(Draft(name="在联", condition=condition or TAGGED, **about))
    await store.commit()
    await ask(desk, segment)
    return segment


async def ask(desk, segment):
    await desk.apply(lambda store: store.announce(SegmentDue(corp_id="ww1", at=store.now, segment_id=segment.id)))


async def delete(desk, segment):
    """As the API does it."""

    def begin(store):
        store.segments.remove(segment.id)
        store.jobs.start(DROP, [Plan()], body={"segment": str(segment.id)})

    await desk.apply(begin)


async def moves_of(desk, segment, run=1):
    return await desk.store().segments.moves(segment.id, run, most=99_999)


async def inside(desk, segment):
    return [member.external_user_id for member in await desk.store().segments.members(segment.id, most=99)]


async def moved(desk, segment, run):
    moves = desk.store().segments.moves
    return [
        [move.external_user_id for move in await moves(segment.id, run, entered=entered, most=99)]
        for entered in (True, False)
    ]


async def test_a_segment_holds_those_who_meet_its_condition(desk, work):
    await crowd(desk)
    segment = await draw(desk)
    told = await work()
    assert await inside(desk, segment) == ["wm0", "wm1", "wm2"]
    now = await desk.store().segments.get(segment.id)
    assert (now.count, now.run, now.job_id, now.refreshed_at) == (3, 1, 0, START)
    assert [(event.segment_id, event.run) for event in told if isinstance(event, SegmentMoved)] == [(segment.id, 1)]


async def test_who_came_and_who_went_is_told_for_each_run(desk, work):
    await crowd(desk)
    segment = await draw(desk)
    await work()
    await desk.record(Deed.LOST, at=after(minutes=1), external_user_id="wm1")
    await desk.record(Deed.ADDED, external_user_id="wm9")
    await desk.know("客户9", "wm9")
    await ask(desk, segment)
    await work()
    assert await moved(desk, segment, 1) == [["wm0", "wm1", "wm2"], []]
    assert await moved(desk, segment, 2) == [["wm9"], ["wm1"]]
    assert await inside(desk, segment) == ["wm0", "wm2", "wm9"]
    second, first = await desk.store().segments.runs(segment.id)
    assert (second.run, second.entered, second.left, second.count, second.status) == (2, 1, 1, 3, "done")
    assert (first.run, first.entered, first.left, first.count) == (1, 3, 0, 3)


async def test_a_run_that_moves_nobody_is_told_to_nobody(desk, work):
    await crowd(desk)
    segment = await draw(desk)
    await work()
    await ask(desk, segment)
    assert not [event for event in await work() if isinstance(event, SegmentMoved)]
    assert (await desk.store().segments.get(segment.id)).run == 2


async def test_many_customers_are_looked_at_a_stretch_at_a_time_and_deleted_in_bites(desk, work):
    await desk.sql(MANY)
    segment = await draw(desk, {"not": {"replied": True}})
    steps = [event for event in await work() if isinstance(event, StepDue)]
    assert len(steps) == 2
    now = await desk.store().segments.get(segment.id)
    assert (now.count, len(await moves_of(desk, segment))) == (segments.STRETCH + 1, segments.STRETCH + 1)
    await delete(desk, segment)
    steps = [event for event in await work() if isinstance(event, StepDue)]
    assert len(steps) == 4
    assert await inside(desk, segment) == []


async def test_a_refresh_under_way_is_left_to_go_on_unless_the_condition_has_changed(desk, work):
    await crowd(desk)
    segment = await draw(desk)
    due = SegmentDue(corp_id="ww1", at=START, segment_id=segment.id)
    await desk.run(segments.begin, due)
    await desk.run(segments.begin, due)
    assert (await desk.store().segments.get(segment.id)).run == 1
    store = desk.store()
    begun = await store.segments.get(segment.id)
    store.segments.change(begun, Draft(name="流失", condition={"lost": True}))
    await store.commit()
    await desk.run(segments.begin, due)
    await work()
    assert await inside(desk, segment) == []
    runs = await desk.store().segments.runs(segment.id)
    assert [(run.run, run.status) for run in runs] == [(2, "done"), (1, "cancelled")]


async def test_a_deleted_segment_loses_its_members_and_then_itself(desk, work):
    await crowd(desk)
    segment = await draw(desk)
    await work()
    await delete(desk, segment)
    assert await desk.store().segments.get(segment.id) is None
    await work()
    assert await inside(desk, segment) == []
    rows = await desk.store().segments.runs(segment.id)
    assert rows == ()


async def test_each_hour_those_are_refreshed_whose_time_has_come(desk, work):
    await crowd(desk)
    daily = await draw(desk)
    await work()
    hourly = await draw(desk, hours=1)
    off = await draw(desk, hours=1, enabled=False)
    await work()
    desk.now = after(hours=1)
    await desk.run(segments.look, SegmentsDue(corp_id="ww1", at=desk.now))
    await work()
    runs = {each.id: each.run for each in await desk.store().segments.all()}
    assert runs == {daily.id: 1, hourly.id: 2, off.id: 1}


async def test_a_segment_that_rests_on_another_follows_it(desk, work):
    await crowd(desk)
    first = await draw(desk)
    await work()
    second = await draw(desk, {"segment": [str(first.id)]})
    await work()
    assert await inside(desk, second) == ["wm0", "wm1", "wm2"]
    await desk.record(Deed.LOST, at=after(minutes=1), external_user_id="wm1")
    desk.now = START + timedelta(days=1)
    await desk.run(segments.look, SegmentsDue(corp_id="ww1", at=desk.now))
    await work()
    assert await inside(desk, second) == ["wm0", "wm2"]
    assert (await desk.store().segments.get(second.id)).run == 2
