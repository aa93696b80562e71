"""Jobs and their parts are kept, counted and moved alike on both stores."""

from datetime import UTC, datetime

import pytest

from sop.jobs import Plan, Progress
from storage.errors import Conflict, LostLease
from storage.joblists import unfinished
from storage.scope import Scope
from storage.store import Store

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)


@pytest.fixture
def store(database):
    return lambda corp_id="ww1": Store(Scope(database=database, corp_id=corp_id, app="crm", now=NOW))


async def start(store, parts=3, **how):
    mine = store()
    job_id = mine.jobs.start("count", [Plan(name=f"p{n}", body={"n": n}, total=10) for n in range(parts)], **how)
    await mine.commit()
    return job_id


async def move(store, job_id, number, **progress):
    mine = store()
    await mine.jobs.advance(await mine.jobs.get(job_id), await mine.jobs.part(job_id, number), Progress(**progress))
    await mine.commit()


async def test_a_job_is_found_with_the_sums_of_its_parts(store, database):
    job_id = await start(store, name="Count", body={"why": "test"}, width=2)
    await move(store, job_id, 0, cursor="a", done=4, failed=1)
    await move(store, job_id, 1, cursor=None, done=10)
    job = await store().jobs.get(job_id)
    assert (job.kind, job.name, job.body, job.status, job.width) == ("count", "Count", {"why": "test"}, "running", 2)
    assert (job.parts, job.parts_done, job.total, job.done, job.failed) == (3, 1, 30, 14, 1)
    assert await store().jobs.left(job_id) == (2, 0)
    assert [part.cursor for part in await store().jobs.parts(job_id)] == ["a", "", ""]
    assert await unfinished(database) == (job,)
    assert await store("ww2").jobs.get(job_id) is None


async def test_what_is_behind_a_job_is_counted_in_what_its_parts_pass(store):
    mine = store()
    job_id = mine.jobs.start("count", [Plan(size=100), Plan(size=50), Plan(size=50)])
    await mine.commit()
    await move(store, job_id, 0, cursor="a", done=4000, passed=30)
    await move(store, job_id, 1, cursor=None, done=70)
    job = await store().jobs.get(job_id)
    assert (job.total, job.size, job.passed, job.share) == (None, 200, 80, 0.4)
    mine = store()
    mine.jobs.pause(job)
    await mine.commit()
    mine = store()
    await mine.jobs.resume(await mine.jobs.get(job_id))
    await mine.commit()
    await move(store, job_id, 0, cursor="b", passed=50)
    job = await store().jobs.get(job_id)
    assert (job.passed_then, job.passed) == (80, 100)


async def test_a_total_counts_no_more_than_it_is(store):
    job_id = await start(store)
    await move(store, job_id, 0, cursor="a", done=14)
    await move(store, job_id, 1, cursor=None, done=3)
    job = await store().jobs.get(job_id)
    assert (job.size, job.passed) == (30, 20)


async def test_jobs_are_listed_newest_first_by_kind_and_status(store):
    first, second = await start(store), await start(store, parts=0)
    assert [job.id for job in await store().jobs.page()] == [second, first]
    assert [job.id for job in await store().jobs.page(before=second)] == [first]
    assert await store().jobs.page(kind="other") == ()
    assert await store().jobs.page(status="done") == ()
    assert len(await store().jobs.page(kind="count", status="running")) == 2


async def test_two_steps_of_one_round_are_one(store):
    job_id = await start(store)
    job, part = await store().jobs.get(job_id), await store().jobs.part(job_id, 0)
    one, other = store(), store()
    await one.jobs.advance(job, part, Progress(cursor="a", done=1))
    await other.jobs.advance(job, part, Progress(cursor="b", done=1))
    await one.commit()
    with pytest.raises(LostLease):
        await other.commit()
    assert (await store().jobs.part(job_id, 0)).cursor == "a"


async def test_a_halted_part_is_opened_again_where_it_stood(store):
    job_id = await start(store)
    await move(store, job_id, 0, cursor="a", code=45009, reason="too often")
    part = await store().jobs.part(job_id, 0)
    assert (part.status, part.cursor, part.code, part.reason) == ("partial", "a", 45009, "too often")
    mine = store()
    mine.jobs.end(await mine.jobs.get(job_id), "partial")
    await mine.commit()
    mine = store()
    await mine.jobs.resume(await mine.jobs.get(job_id))
    await mine.commit()
    part = await store().jobs.part(job_id, 0)
    assert (part.status, part.cursor, part.code, part.reason) == ("open", "a", 0, "")


async def test_only_one_of_a_kind_may_be_open_when_it_is_to_be_alone(store):
    job_id = await start(store, alone=True)
    with pytest.raises(Conflict):
        await start(store, alone=True)
    mine = store()
    mine.jobs.end(await mine.jobs.get(job_id), "done")
    await mine.commit()
    assert (await store().jobs.get(job_id)).finished_at == NOW
    assert await start(store, alone=True)
