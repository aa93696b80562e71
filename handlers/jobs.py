"""Jobs: how a step is taken, whatever the work is, and how the end of the whole is noticed.

@router.on(StepDue, of="sync_tags")
async def step(event: StepDue, store: Store, reader: Reader) -> None:
await walk(event, store, lambda job, part: read_page(part, store, reader))
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from handlers.router import Router
from sop.events import PartEnded, StepDue
from sop.jobs import Job, Part, Plan, Progress
from storage.store import Store
from wecom.errors import OverLimit, Refused, TryLater

router = Router()
Turn = Callable[[Job, Part], Awaitable[Progress]]
_PAUSES = (1, 2, 5, 15, 60, 300, 900, 1800)  # seconds before the next try of a step that WeCom has put off


async def walk(event: StepDue, store: Store, turn: Turn) -> None:
    """Take one step of a part: what `turn` writes and how far it comes are committed together.

    What WeCom puts off is tried again later, what it refuses halts the part where it stands: nothing of such a step
    is written. A turn that has come part of the way says so itself, by `Progress.reason`.
    """
    job, part = await store.jobs.get(event.job_id), await store.jobs.part(event.job_id, event.part)
    if job is None or part is None or job.status != "running" or part.round != event.round:
        return  # paused, cancelled, or a leftover
    if part.status != "open":
        await store.jobs.pass_on(job, part)
        return
    mark = len(store.scope.unit.steps)
    try:
        progress = await turn(job, part)
    except (TryLater, Refused, OverLimit) as error:
        del store.scope.unit.steps[mark:]
        code, reason = (0, str(error)) if isinstance(error, OverLimit) else (error.code, error.message)
        if isinstance(error, TryLater) and part.tries < len(_PAUSES):
            pause = timedelta(seconds=max(_PAUSES[part.tries], error.after))
            store.jobs.postpone(job, part, due_at=store.now + pause, code=code, reason=reason[:200])
            return
        progress = Progress(cursor=part.cursor, code=code, reason=reason[:200] or "refused")
    await store.jobs.advance(job, part, progress)


async def renew(store: Store, kind: str, parts: Sequence[Plan], *, width: int = 1) -> int | None:
    """Begin a recurring job anew; the one of before is given up if it halted, and let go on if it is under way."""
    last = next(iter(await store.jobs.page(kind=kind, most=1)), None)
    if last is not None and last.status in ("running", "paused"):
        return None
    if last is not None and last.status == "partial":
        store.jobs.end(last, "cancelled")
    return store.jobs.start(kind, parts, width=width, alone=True)


@router.on(PartEnded)
async def conclude(event: PartEnded, store: Store) -> None:
    """A job is through when all its parts are; with parts that halted it is partial, and can be resumed."""
    job = await store.jobs.get(event.job_id)
    if job is None or job.status != "running":
        return
    still_open, halted = await store.jobs.left(job.id)
    if not still_open:
        store.jobs.end(job, "partial" if halted else "done")
