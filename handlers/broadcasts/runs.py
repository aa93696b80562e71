"""A run is planned: its audience is written down page by page, then the gate is asked for each page of it.

Nothing goes out before all is planned, so that what belongs together becomes one task; a step that was not committed
is taken again, and the effect of each message keeps it from being there twice.
"""

from dataclasses import replace

from handlers.jobs import walk
from handlers.router import Router
from sop.broadcasts.states import RunStatus
from sop.events import StepDue
from sop.jobs import Job, Part, Progress
from storage.broadcasts import planning, steering
from storage.broadcasts.runs import Run
from storage.store import Store

router = Router()
PAGE = 4_000  # of the audience, whose messages are planned in one step
FROZEN = 5 * PAGE  # written down in one step


@router.on(StepDue, of=steering.JOB)
async def step(event: StepDue, store: Store) -> None:
    """Write down whom the run is for, or plan the messages to the next of them."""
    await walk(event, store, lambda job, part: _step(job, part, store))


async def _step(job: Job, part: Part, store: Store) -> Progress:
    run = await store.broadcasts.runs.get(int(job.body["run"]))
    if run is None or run.ended_at is not None:
        return Progress(cursor=None)
    return await (_plan(run, part, store) if "first" in part.body else _freeze(run, job, part, store))


async def _freeze(run: Run, job: Job, part: Part, store: Store) -> Progress:
    """Whoever comes into the audience from now on is not in this run."""
    found = await store.broadcasts.audiences.page(run.broadcast, part.cursor, most=FROZEN)
    for first in range(0, len(found), PAGE):
        store.broadcasts.runs.keep(run.id, (part.done + first) // PAGE, found[first : first + PAGE])
    if len(found) == FROZEN:
        return Progress(cursor=found[-1], done=len(found))
    size = part.done + len(found)
    after = replace(run, status=RunStatus.PLANNING, size=size, pages=-(-size // PAGE))
    store.broadcasts.runs.move(run, after)
    store.jobs.extend(job, steering.parts(after))
    return Progress(cursor=None, done=len(found), total=size)


async def _plan(run: Run, part: Part, store: Store) -> Progress:
    """The messages to one page of the audience; another that judged the same people meanwhile has it judged anew."""
    number = int(part.cursor or part.body["first"])
    subjects = await store.broadcasts.runs.read(run.id, number)
    judged, loads = await planning.judge(store, await planning.prepare(store, run), subjects)
    store.deliveries.plan(judged)
    store.broadcasts.runs.load(run.id, loads)
    store.broadcasts.runs.hold(run)
    following = number + int(part.body["step"])
    cursor = str(following) if following < run.pages else None
    return Progress(cursor=cursor, done=len(subjects))
