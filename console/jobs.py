"""Jobs: how far long work has come; pausing, going on, giving it up."""

from datetime import datetime
from typing import Any, Literal

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from sop import jobs

routes = Routes()
_JOB = Words("作业", "job")
Status = Literal["running", "paused", "partial", "done", "cancelled"]


class JobQuery(Walk):
    """Which jobs."""

    kind: Line = ""
    status: Status | None = None


class Job(Answer):
    """A job; `total` is null until it is known how much there is to do.

    `share` of it, 0 to 1, is behind it, and at its pace since it was begun or resumed it `ends_at`; null: nobody knows.
    """

    id: Identity
    kind: str
    name: str
    status: Status
    parts: int
    parts_done: int
    total: int | None
    done: int
    failed: int
    share: float | None = None
    ends_at: datetime | None = None
    body: dict[str, Any]
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None


class Part(Answer):
    """A part; `code` (WeCom's) and `reason` say why it halted at `cursor`, or why it waits."""

    number: int
    name: str
    status: Literal["open", "done", "partial"]
    cursor: str
    total: int | None
    done: int
    failed: int
    tries: int
    code: int
    reason: str


class JobDetail(Job):
    """A job with its parts."""

    pieces: tuple[Part, ...]


@routes.on("GET /jobs", Permission.READ_WORKINGS, "作业列表", "List jobs, the newest first")
async def browse(call: Call, query: JobQuery) -> Page[Job]:
    """Syncs, bulk work, transfers."""
    found = await call.store.jobs.page(
        kind=query.kind,
        status=query.status or "",
        before=read_before(query.after),
        most=query.limit + 1,
    )
    return turn(found, query.limit, lambda job: _view(job, call), lambda job: (job.id,))


@routes.on("GET /jobs/{job_id}", Permission.READ_WORKINGS, "查看作业", "Show a job with its parts")
async def show(call: Call, job_id: Identity) -> JobDetail:
    """How far each part has come."""
    job = await _find(call, job_id)
    pieces = tuple(Part.model_validate(part) for part in await call.store.jobs.parts(job_id))
    return JobDetail(**_view(job, call).model_dump(), pieces=pieces)


@routes.on("POST /jobs/{job_id}/pause", Permission.WRITE_WORKINGS, "暂停作业", "Pause a job")
async def pause(call: Call, job_id: Identity) -> Job:
    """What is under way is finished; nothing further is begun."""
    job = await _find(call, job_id, "running")
    call.store.jobs.pause(job)
    return _as(job, call, "paused")


@routes.on("POST /jobs/{job_id}/resume", Permission.WRITE_WORKINGS, "继续作业", "Go on with a job")
async def resume(call: Call, job_id: Identity) -> Job:
    """Every part goes on where it stands, those that halted too."""
    job = await _find(call, job_id, "paused", "partial")
    await call.store.jobs.resume(job)
    return _as(job, call, "running")


@routes.on("POST /jobs/{job_id}/cancel", Permission.WRITE_WORKINGS, "取消作业", "Give a job up")
async def cancel(call: Call, job_id: Identity) -> Job:
    """What it has done stays."""
    job = await _find(call, job_id, "running", "paused", "partial")
    call.store.jobs.end(job, "cancelled")
    return _as(job, call, "cancelled")


async def _find(call: Call, job_id: int, *statuses: str) -> jobs.Job:
    job = await call.store.jobs.get(job_id)
    if job is None:
        raise missing(_JOB)
    if statuses and job.status not in statuses:
        raise Problem("state", reason_zh=f"作业当前状态为 {job.status}。", reason_en=f"The job is {job.status}.")
    return job


def _view(job: jobs.Job, call: Call) -> Job:
    return Job.model_validate(job).model_copy(update={"ends_at": job.ends(call.now)})


def _as(job: jobs.Job, call: Call, status: Status) -> Job:
    return Job.model_validate(job).model_copy(update={"status": status, "changed_at": call.now})
