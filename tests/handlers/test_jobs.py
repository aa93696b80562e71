"""Jobs go on step by step, stop where they are told or refused, and end when all their parts have."""

from datetime import timedelta

import pytest

from handlers import jobs
from sop.events import JobEnded, PartEnded, StepDue
from sop.jobs import Plan, Progress
from wecom.errors import Refused, TryLater

KIND = "count"


class Counter:
    """A job that counts to a total, `pace` at a time; `trouble` is raised at that number."""

    def __init__(self, desk, total=3, *, pace=1):
        self.desk = desk
        self.total = total
        self.pace = pace
        self.trouble = {}
        self.counted = []

    async def turn(self, job, part):
        at = int(part.cursor or 0)
        if error := self.trouble.get(at):
            raise error
        self.counted.append((part.number, at))
        following = at + self.pace
        return Progress(cursor=None if following >= self.total else str(following), done=self.pace, total=self.total)

    async def start(self, parts=1, width=1, **how):
        store = self.desk.store()
        job_id = store.jobs.start(KIND, [Plan(name=f"p{n}") for n in range(parts)], width=width, **how)
        await store.commit()
        return job_id

    async def run(self, seen=0):
        """Handle every step and end that was announced, in order, until nothing is left; how many there were."""
        while True:
            rows = await self.desk.announced(seen)
            if not rows:
                return seen
            for event in rows:
                seen += 1
                if isinstance(event, StepDue):
                    await self.desk.apply(lambda store, event=event: jobs.walk(event, store, self.turn))
                elif isinstance(event, PartEnded):
                    await self.desk.run(jobs.conclude, event)

    async def job(self, job_id):
        return await self.desk.store().jobs.get(job_id)


@pytest.fixture
def counter(desk):
    return Counter(desk)


async def test_a_job_runs_all_its_parts_and_ends(desk, counter):
    job_id = await counter.start(parts=5, width=2)
    await counter.run()
    job = await counter.job(job_id)
    assert (job.status, job.parts_done, job.done, job.total) == ("done", 5, 15, 15)
    assert job.finished_at is not None
    assert sorted(counter.counted) == [(part, at) for part in range(5) for at in range(3)]
    assert [event["status"] for event in await desk.events(f"{JobEnded.kind}:{KIND}")] == ["done"]


async def test_a_job_without_parts_is_done(counter):
    job_id = await counter.start(parts=0)
    await counter.run()
    assert (await counter.job(job_id)).status == "done"


async def test_what_is_refused_halts_its_part_and_leaves_the_job_partial(desk, counter):
    counter.trouble[1] = Refused("some/path", "no", code=40058)
    job_id = await counter.start(parts=1)
    seen = await counter.run()
    part = (await desk.store().jobs.parts(job_id))[0]
    assert (part.status, part.cursor, part.done, part.code, part.reason) == ("partial", "1", 1, 40058, "no")
    assert (await counter.job(job_id)).status == "partial"

    counter.trouble.clear()
    await desk.apply(lambda store: resume(store, job_id))
    await counter.run(seen)
    assert (await counter.job(job_id)).status == "done"
    assert counter.counted == [(0, 0), (0, 1), (0, 2)]


async def test_what_a_refused_step_wanted_written_is_not_written(desk, counter):
    async def turn(job, part):
        desk_store.settings.put("half", 1)
        raise Refused("some/path", "no", code=40058)

    job_id = await counter.start()
    (step,) = await desk.announced(0)
    desk_store = desk.store()
    await jobs.walk(step, desk_store, turn)
    await desk_store.commit()
    assert await desk.store().settings.get("half", 0) == 0
    assert (await desk.store().jobs.parts(job_id))[0].status == "partial"


async def test_what_is_put_off_is_tried_again_later_and_then_halts(desk, counter):
    counter.trouble[1] = TryLater("some/path", "busy", code=-1, after=40.0)
    job_id = await counter.start()
    seen = await counter.run()
    ((name, kind),) = await desk.timers()
    assert (name, kind) == (f"job:{job_id}:0:1", f"{StepDue.kind}:{KIND}")
    for round_ in range(2, 12):
        part = (await desk.store().jobs.parts(job_id))[0]
        if part.status != "open":
            break
        step = StepDue(corp_id="ww1", at=desk.now, job=KIND, job_id=job_id, part=0, lane=0, round=round_)
        await desk.apply(lambda store, step=step: jobs.walk(step, store, counter.turn))
    assert (part.status, part.code, part.cursor) == ("partial", -1, "1")
    await counter.run(seen)
    assert (await counter.job(job_id)).status == "partial"


async def test_a_paused_job_finishes_what_is_under_way_and_no_more(desk, counter):
    job_id = await counter.start(parts=2)
    (step,) = await desk.announced(0)
    store = desk.store()
    await jobs.walk(step, store, counter.turn)  # under way when it is paused
    await desk.apply(lambda other: pause(other, job_id))
    await store.commit()
    seen = await counter.run(1)
    assert counter.counted == [(0, 0)]
    assert (await counter.job(job_id)).done == 1
    await desk.apply(lambda other: resume(other, job_id))
    await counter.run(seen)
    assert counter.counted == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert (await counter.job(job_id)).status == "done"


async def test_a_leftover_step_does_nothing(desk, counter):
    job_id = await counter.start()
    (step,) = await desk.announced(0)
    await desk.apply(lambda store: jobs.walk(step, store, counter.turn))
    await desk.apply(lambda store: jobs.walk(step, store, counter.turn))
    assert counter.counted == [(0, 0)]
    assert (await counter.job(job_id)).done == 1


async def test_a_cancelled_job_goes_no_further(desk, counter):
    job_id = await counter.start()
    job = await counter.job(job_id)
    await desk.apply(lambda store: store.jobs.end(job, "cancelled"))
    await counter.run()
    assert counter.counted == []
    assert (await counter.job(job_id)).status == "cancelled"


async def test_an_ended_job_lets_another_of_its_kind_begin(counter, desk):
    from storage.errors import Conflict

    await counter.start(alone=True)
    with pytest.raises(Conflict):
        await counter.start(alone=True)
    await counter.run()
    desk.now += timedelta(seconds=1)
    assert await counter.start(alone=True)


async def pause(store, job_id):
    store.jobs.pause(await store.jobs.get(job_id))


async def resume(store, job_id):
    await store.jobs.resume(await store.jobs.get(job_id))
