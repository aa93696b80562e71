"""Bulk tagging a step at a time: how much is on its way at once, and that a step that happens again changes nothing."""

import pytest

from handlers.tags.bulk import WINDOW, tag, tally, undo
from handlers.tags.marks import keep
from sop.events import Outcome, StepDue
from sop.intents import MarkTags
from sop.jobs import Plan
from sop.relations import Deed, Fact
from storage.tags import Binding, Tag, TagGroup
from tests.handlers.desk import START

CROWD = 130
BODY = {"add": ["et1"], "remove": [], "condition": {"lost": False}, "member": ""}
LEVELS = TagGroup(id="g1", name="等级", tags=(Tag(id="et1", name="VIP", group_id="g1"),))


@pytest.fixture
async def crowd(desk):
    store = desk.store()
    store.tags.put(LEVELS, at=START)
    for number in range(CROWD):
        await store.relations.record(f"wm{number:03}", "chen", fact=Fact(deed=Deed.ADDED, at=START))
    await store.commit()
    return desk


async def begin(desk, kind="bulk_tag", **body) -> int:
    begun = []
    plans = [Plan(name="all")]
    await desk.apply(lambda store: begun.append(store.jobs.start(kind, plans, body={**BODY, **body})))
    return begun[0]


async def step(desk, job_id, handler=tag):
    part = await desk.store().jobs.part(job_id, 0)
    due = StepDue(corp_id="ww1", at=START, job="bulk_tag", job_id=job_id, part=0, lane=0, round=part.round)
    await desk.run(handler, due)
    return await desk.store().jobs.part(job_id, 0)


async def settle(desk, marks, **ending):
    for each in marks:
        await desk.settle(keep, each, **ending)
        await desk.settle(tally, each, **ending)


async def test_no_more_than_a_window_of_marks_is_on_its_way(crowd):
    job_id = await begin(crowd)
    await step(crowd, job_id)
    assert len(await crowd.intents(MarkTags)) == WINDOW
    await step(crowd, job_id)
    marks = await crowd.intents(MarkTags)
    assert len(marks) == WINDOW
    await settle(crowd, marks[:10])
    part = await step(crowd, job_id)
    assert (len(await crowd.intents(MarkTags)), part.done) == (WINDOW + 10, 10)


async def test_the_job_ends_when_the_last_mark_is_settled(crowd):
    job_id = await begin(crowd)
    await step(crowd, job_id)
    await settle(crowd, await crowd.intents(MarkTags))
    await step(crowd, job_id)
    part = await step(crowd, job_id)
    assert (part.status, part.cursor) == ("open", "end")
    await settle(crowd, (await crowd.intents(MarkTags))[WINDOW:], outcome=Outcome.REFUSED, code=40144)
    part = await step(crowd, job_id)
    assert (part.status, part.done, part.failed) == ("done", WINDOW, CROWD - WINDOW)
    failed = await crowd.store().tags.bulk.page(job_id, status="failed", most=CROWD)
    assert {(change.code, change.reason) for change in failed} == {(40144, "tags_refused")}


async def test_a_leftover_step_marks_nobody(crowd):
    job_id = await begin(crowd)
    await step(crowd, job_id)
    await crowd.run(tag, StepDue(corp_id="ww1", at=START, job="bulk_tag", job_id=job_id, part=0, lane=0, round=0))
    assert len(await crowd.intents(MarkTags)) == WINDOW


async def test_undoing_takes_nothing_that_others_want(crowd):
    mine = Binding(tag_id="et1", source="rule", rule="rule:9@1", at=START)
    await crowd.apply(lambda store: store.tags.bind("wm000", "chen", bindings=[mine]))
    job_id = await begin(crowd, condition={"staff": ["chen"]})
    await step(crowd, job_id)
    await settle(crowd, await crowd.intents(MarkTags))
    (shown,) = await crowd.store().tags.bindings("wm000", "chen")
    assert shown.source == "api"
    undoing = await begin(crowd, "undo_tag", of=str(job_id))
    await step(crowd, undoing, undo)
    removals = [each for each in await crowd.intents(MarkTags) if each.remove]
    assert len(removals) == WINDOW - 1
    assert "wm000" not in {each.external_user_id for each in removals}
    (shown,) = await crowd.store().tags.bindings("wm000", "chen")
    assert (shown.source, shown.rule) == ("rule", "rule:9@1")
