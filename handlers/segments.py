"""Segments: brought up to date each hour and when asked for, a stretch of customers at a time."""

from handlers.jobs import walk
from handlers.router import Router
from sop import segments as rules
from sop.events import JobEnded, SegmentDue, SegmentMoved, SegmentsDue, StepDue
from sop.jobs import Job, Part, Plan, Progress
from sop.segments import DROP, REFRESH, Segment
from storage.store import Store

router = Router()
STRETCH = 10_000  # customers that one step looks at
BITE = 5_000  # members that one step takes away


@router.on(SegmentsDue)
async def look(_: SegmentsDue, store: Store) -> None:
    """Have those brought up to date whose time has come; who rests on another follows it."""
    for segment in rules.due(await store.segments.all(), store.now):
        _ask(segment, store)


@router.on(SegmentDue)
async def begin(event: SegmentDue, store: Store) -> None:
    """Begin to refresh a segment; a refresh that is under way by the same condition is left to go on."""
    segment = await store.segments.get(event.segment_id)
    if segment is None:
        return
    job = await store.jobs.get(segment.job_id) if segment.job_id else None
    if job is not None and job.status in ("running", "paused", "partial"):
        if job.status != "partial" and job.body["version"] == segment.version:
            return
        store.jobs.end(job, "cancelled")
    body = {"segment": str(segment.id), "run": segment.run + 1, "version": segment.version}
    parts = [Plan(name="all", total=await store.segments.people())]
    store.segments.begin(segment, store.jobs.start(REFRESH, parts, name=segment.name, body=body))


@router.on(StepDue, of=REFRESH)
async def refresh(event: StepDue, store: Store) -> None:
    """See who of the next customers enters and who leaves."""
    await walk(event, store, lambda job, part: _compare(job, part, store))


@router.on(JobEnded, of=REFRESH)
async def tell(event: JobEnded, store: Store) -> None:
    """Tell whoever waits for it who came and who went, and let the segments follow that rest on this one."""
    job = await store.jobs.get(event.job_id)
    if job is None:
        return
    segment_id, number = int(job.body["segment"]), int(job.body["run"])
    store.segments.end(segment_id, number, job_id=job.id, status=event.status)
    run = await store.segments.run(segment_id, number)
    moved = run is not None and run.entered + run.left > 0
    if moved:
        store.announce(SegmentMoved(corp_id=event.corp_id, at=store.now, segment_id=segment_id, run=number))
    for follower in rules.resting(segment_id, await store.segments.all()):
        if follower.enabled and (moved or follower.is_old(store.now)):
            _ask(follower, store)


@router.on(StepDue, of=DROP)
async def drop(event: StepDue, store: Store) -> None:
    """Take the next members of a deleted segment away."""
    await walk(event, store, lambda job, _: _drop(job, store))


async def _compare(job: Job, part: Part, store: Store) -> Progress:
    segment = await store.segments.get(int(job.body["segment"]))
    if segment is None or segment.job_id != job.id:
        return Progress(cursor=None)
    after = part.cursor
    upto = await store.segments.stretch(after, STRETCH)
    matching = await store.segments.matching(segment, after=after, upto=upto)
    inside = await store.segments.inside(segment.id, after=after, upto=upto)
    entered, left = rules.compare(matching, inside)
    store.segments.move(segment.id, job.body["run"], entered=entered, left=left)
    rest = max((part.total or 0) - part.done, 0)
    return Progress(cursor=upto, done=STRETCH if upto else rest)


async def _drop(job: Job, store: Store) -> Progress:
    segment_id = int(job.body["segment"])
    if await store.segments.drop(segment_id, BITE):
        return Progress(cursor="more")
    store.segments.forget(segment_id)
    return Progress(cursor=None)


def _ask(segment: Segment, store: Store) -> None:
    store.announce(SegmentDue(corp_id=store.scope.corp_id, at=store.now, segment_id=segment.id))
