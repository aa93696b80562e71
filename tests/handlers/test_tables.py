"""The job that makes channels from a table: each once, however often the table comes and wherever it is killed."""

from handlers.channels import tables as handler
from sop.channels import Draft
from sop.channels.tables import AT_ONCE, EXISTS
from sop.events import StepDue
from storage.channels import tables


async def begin(desk, names):
    store = desk.store()
    table = await tables.plan(store, "name,staff\n" + "".join(f"{name},chen.yu\n" for name in names))
    job_id = tables.begin(store, table)
    await store.commit()
    return job_id


async def run(desk, seen=0, *, most=1000):
    """Take the steps that were announced, and those that follow."""
    for _ in range(most):
        steps = [event for event in await desk.announced(0) if isinstance(event, StepDue)][seen:]
        if not steps:
            return seen
        for event in steps:
            await desk.run(handler.make, event)
            seen += 1
    return seen


async def names(desk):
    return sorted(channel.name for channel in await desk.store().channels.page(most=5000))


async def test_each_line_becomes_a_channel_in_steps(desk):
    wanted = [f"店{number:03}" for number in range(2 * AT_ONCE + 5)]
    job_id = await begin(desk, wanted)
    assert await run(desk) == 3
    assert await names(desk) == wanted
    job = await desk.store().jobs.get(job_id)
    assert (job.done, job.total, job.parts_done) == (len(wanted), len(wanted), 3)


async def test_a_step_told_twice_makes_nothing_twice(desk):
    await begin(desk, ["一店", "二店"])
    await run(desk)
    (step,) = [event for event in await desk.announced(0) if isinstance(event, StepDue)]
    await desk.run(handler.make, step)
    assert await names(desk) == ["一店", "二店"]


async def test_what_was_made_meanwhile_is_left_alone_and_said(desk):
    await begin(desk, ["一店", "二店"])
    store = desk.store()
    store.channels.add(Draft(name="一店", staff=("li.na",)))
    await store.commit()
    await run(desk)
    assert await names(desk) == ["一店", "二店"]
    assert ("channel", "skipped", EXISTS) in [tuple(one)[:3] for one in await desk.decisions()]


async def test_the_same_table_again_makes_what_is_missing(desk):
    await begin(desk, ["一店", "二店"])
    await run(desk)
    table = await tables.plan(desk.store(), "name,staff\n一店,chen.yu\n二店,chen.yu\n三店,chen.yu\n")
    assert [line.verdict for line in table.lines] == ["exists", "exists", "make"]
