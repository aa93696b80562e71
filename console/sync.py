"""Syncs and drift: bring both sides in step or only compare them; what differed, and the proof that all are there."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import invalid, missing
from console.api.roles import VEIL, Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Shape, Walk
from console.api.words import Words
from sop import drift, sync
from sop.jobs import Job
from storage.values import from_ms

routes = Routes()
_REPORT = Words("同步报告", "report")
_KIND = Words("没有这种同步，可用：" + "、".join(sync.KINDS), "there is no such sync: " + ", ".join(sync.KINDS))
What = Literal["missing_here", "missing_there", "different"]


class SyncOrder(Shape):
    """What to compare; all kinds when none is named. Without `repair` only the report is written."""

    kinds: Annotated[tuple[Line, ...], Field(max_length=10)] = ()
    repair: bool = True


class Begun(Answer):
    """A sync that is under way, now or since before; `GET /jobs/{id}` tells how far it is."""

    kind: str
    job_id: Identity


class SyncBegun(Answer):
    """The syncs that were asked for."""

    jobs: tuple[Begun, ...]


class Sum(Answer):
    """How many differences of one kind there were, and whose word counts."""

    kind: str
    what: What
    count: int
    repaired: int
    owner: Literal["wecom", "ours"]
    repair: str


class Proof(Answer):
    """Customers counted for each member on both sides; `differing` is of how many members the counts were not equal."""

    members: int
    differing: int
    there: int
    here: int


class Report(Answer):
    """What a sync found: how many differences of each kind, and the proof."""

    job_id: Identity
    kind: str
    name: str
    status: Literal["running", "paused", "partial", "done", "cancelled"]
    repair: bool
    created_at: datetime
    finished_at: datetime | None
    drifts: tuple[Sum, ...]
    proof: Proof | None


class Reports(Answer):
    """The latest report of each kind."""

    reports: tuple[Report, ...]


class Difference(Answer):
    """One difference; `fields` holds pairs of ours and WeCom's."""

    kind: str
    key: str
    what: What
    fields: dict[str, Any]
    repaired: bool
    at: datetime


class MemberCount(Answer):
    """The customers of a member: as WeCom shows them, and as they are held."""

    user_id: str
    there: int
    here: int


@routes.on("POST /sync", Permission.WRITE_WORKINGS, "开始同步或对账", "Begin to sync, or to compare", status=202)
async def begin(call: Call, body: SyncOrder) -> SyncBegun:
    """What is under way stays so, what has halted goes on."""
    if not set(body.kinds) <= sync.KINDS.keys():
        raise invalid("kinds", _KIND)
    begun = await call.store.syncs.begin(repair=body.repair, kinds=body.kinds)
    return SyncBegun(jobs=tuple(Begun(kind=kind, job_id=job_id) for kind, job_id in begun.items()))


@routes.on("GET /drift", Permission.READ_WORKINGS, "最近的对账报告", "Show what the latest syncs found")
async def latest(call: Call) -> Reports:
    """One report for each kind that was ever compared."""
    found = [await call.store.jobs.page(kind=kind, most=1) for kind in sync.KINDS]
    return Reports(reports=tuple([await _report(call, job) for jobs in found for job in jobs]))


@routes.on("GET /drift/{job_id}", Permission.READ_WORKINGS, "查看对账报告", "Show what a sync found")
async def show(call: Call, job_id: Identity) -> Report:
    """Counts are exact; `/differences` lists the first thousand of each kind."""
    return await _report(call, await _find(call, job_id))


@routes.on(
    "GET /drift/{job_id}/differences",
    Permission.READ_WORKINGS,
    "对账差异明细",
    "List what a sync found to differ",
)
async def differences(call: Call, job_id: Identity, query: Walk) -> Page[Difference]:
    """By kind and key."""
    await _find(call, job_id)
    kind, key, what = map(str, read_place(query.after, str, str, str) or ("", "", ""))
    rows = await call.store.drifts.page(job_id, after=(kind, key, what), most=query.limit + 1)
    veiled = not call.principal.may(Permission.SEE_PEOPLE)

    def view(row: Any) -> Difference:
        fields = {name: VEIL if veiled else value for name, value in row["fields"].items()}
        return Difference(**{**row, "fields": fields, "at": from_ms(row["at"])})

    return turn(rows, query.limit, view, lambda row: (row["kind"], row["key"], row["what"]))


@routes.on(
    "GET /drift/{job_id}/members",
    Permission.READ_WORKINGS,
    "逐个员工的客户数对比",
    "Compare the members' customers",
)
async def members(call: Call, job_id: Identity, query: Walk) -> Page[MemberCount]:
    """The proof of completeness: how many customers each member has on both sides."""
    await _find(call, job_id)
    (after,) = map(str, read_place(query.after, str) or ("",))
    rows = await call.store.drifts.members(job_id, after=after, most=query.limit + 1)
    return turn(rows, query.limit, MemberCount.model_validate, lambda row: (row.user_id,))


async def _find(call: Call, job_id: int) -> Job:
    job = await call.store.jobs.get(job_id)
    if job is None or job.kind not in sync.KINDS:
        raise missing(_REPORT)
    return job


async def _report(call: Call, job: Job) -> Report:
    sums = []
    for row in await call.store.drifts.sums(job.id):
        truth = drift.TRUTHS[row["kind"]]
        sums.append(Sum(**row, owner=truth.owner, repair=getattr(truth.repair, call.language)))
    totals = await call.store.drifts.totals(job.id)
    return Report(
        job_id=job.id,
        kind=job.kind,
        name=getattr(sync.KINDS[job.kind], call.language),
        status=job.status,
        repair=job.body.get("repair", True),
        created_at=job.created_at,
        finished_at=job.finished_at,
        drifts=tuple(sums),
        proof=Proof(**totals) if totals["members"] else None,
    )
