"""Bulk tagging: thousands of customers by a list or a condition, with progress, and undone as a whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Download, Identity, Key, Line, Page, Shape, Walk
from console.api.sheets import CSV, wanted, write
from console.api.words import Words
from console.conditions.naming import check_condition
from console.conditions.trying import Condition
from console.jobs import Job
from console.names import check_staff, check_tags
from sop.errors import Invalid
from sop.jobs import Plan
from sop.reasons import explain
from sop.tags import advise
from sop.tags.bulk import CUSTOMERS, Draft, check
from storage.tags.bulk import Change as Stored

routes = Routes()
_JOB = Words("批量打标作业", "bulk tagging job")
_LARGE = 2 * 1024 * 1024  # bytes: 20,000 ids
_PART = 1000  # customers of a list that are one part of the job
_MOST_ROWS = 50_000  # of a table
_KINDS = ("bulk_tag", "undo_tag")
_HEADINGS = (
    Words("客户", "customer"),
    Words("员工", "member"),
    Words("结果", "result"),
    Words("已添加", "added"),
    Words("已移除", "removed"),
    Words("错误码", "code"),
    Words("原因", "reason"),
)
_Tags = Annotated[tuple[Key, ...], Field(max_length=200)]


class BulkTag(Shape):
    """Tags to put on, and off, the customers of a list or of a condition; `member`: only as this one sees them.

    `source` is what is shown as theirs: import where the list comes from another system.
    """

    add: _Tags = ()
    remove: _Tags = ()
    customers: Annotated[tuple[Key, ...], Field(max_length=CUSTOMERS.most)] = ()
    condition: Condition | None = None
    member: Key | None = None
    source: Literal["api", "import"] = "api"
    name: Line = ""


class ChangesQuery(Walk):
    """Which results; `format` csv gives all of them as a table."""

    status: Literal["open", "done", "failed", "same"] | None = None
    format: Literal["json", "csv"] | None = None


class BulkChange(Answer):
    """What a job did to one relation: `added` was not there before, `removed` was; same: there was nothing to do."""

    external_user_id: str
    user_id: str
    status: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    code: int
    reason: str
    at: datetime


@routes.on("POST /tags/bulk", Permission.WRITE_TAGS, "批量打标", "Tag in bulk", status=202, limit=_LARGE)
async def start(call: Call, body: BulkTag) -> Job:
    """A job: see /jobs for its progress, to pause it, go on, or give it up."""
    draft = Draft(
        add=body.add,
        remove=body.remove,
        customers=tuple(dict.fromkeys(body.customers)),
        condition=body.condition or {},
        member=body.member or "",
    )
    found = check(draft) + await check_tags(call, draft.add, field="add")
    found += await check_tags(call, draft.remove, field="remove")
    found += await check_staff(call, {"member": filter(None, [draft.member])}, must="exist")
    if draft.condition and not found:
        found = await check_condition(call, draft.condition)
    if found:
        raise Invalid(found)
    plans = [Plan(name="all")]
    if draft.customers:
        cuts = range(0, len(draft.customers), _PART)
        lists = [draft.customers[cut : cut + _PART] for cut in cuts]
        plans = [Plan(name=f"{at}", body={"customers": each}, total=len(each)) for at, each in enumerate(lists)]
    about = {"add": draft.add, "remove": draft.remove, "condition": draft.condition, "member": draft.member}
    about |= {"source": body.source}
    return _begin(call, "bulk_tag", plans, name=body.name, body=about)


@routes.on("POST /tags/bulk/{job_id}/undo", Permission.WRITE_TAGS, "撤销批量打标", "Undo bulk tagging", status=202)
async def undo(call: Call, job_id: Identity) -> Job:
    """The inverse job: what it really changed is taken back; what was there before, or others want, stays."""
    job = await _find(call, job_id)
    if job.status in ("running", "paused"):
        raise Problem(
            "state", reason_zh="请先取消该作业，或等它结束。", reason_en="Cancel the job, or wait for its end."
        )
    if (await call.store.tags.bulk.count(job_id)).waiting:
        raise Problem(
            "state", reason_zh="还有打标在途，请稍候。", reason_en="Some of its marks are still on their way."
        )
    return _begin(call, "undo_tag", [Plan(name="all")], name=job.name, body={"of": str(job_id)})


@routes.on(
    "GET /tags/bulk/{job_id}/changes", Permission.READ_WORKINGS, "批量打标结果", "What bulk tagging did", files=(CSV,)
)
async def browse(call: Call, job_id: Identity, query: ChangesQuery) -> Page[BulkChange] | Download:
    """Relation by relation, with the reason where it failed; as JSON, or as a table."""
    await _find(call, job_id)
    status = query.status or ""
    if wanted(call, query.format):
        rows = await call.store.tags.bulk.page(job_id, status=status, most=_MOST_ROWS)
        headings = [each.tell(call.language) for each in _HEADINGS]
        return write(f"bulk-{job_id}", headings, (_line(call, each) for each in rows))
    place = read_place(query.after, str, str)
    after = ("", "") if place is None else (str(place[0]), str(place[1]))
    found = await call.store.tags.bulk.page(job_id, after, status=status, most=query.limit + 1)
    return turn(found, query.limit, lambda row: _show(call, row), lambda row: (row.external_user_id, row.user_id))


def _begin(call: Call, kind: str, plans: list[Plan], *, name: str, body: Mapping[str, Any]) -> Job:
    job_id = call.store.jobs.start(kind, plans, name=name, body=body)
    known = [plan.total for plan in plans if plan.total is not None]
    return Job(
        id=job_id,
        kind=kind,
        name=name,
        status="running",
        parts=len(plans),
        parts_done=0,
        total=sum(known) if known else None,
        done=0,
        failed=0,
        body=dict(body),
        created_at=call.now,
        changed_at=call.now,
        finished_at=None,
    )


async def _find(call: Call, job_id: int) -> Any:
    job = await call.store.jobs.get(job_id)
    if job is None or job.kind not in _KINDS:
        raise missing(_JOB)
    return job


def _show(call: Call, row: Stored) -> BulkChange:
    return BulkChange.model_validate(row).model_copy(update={"reason": _reason(call, row)})


def _reason(call: Call, row: Stored) -> str:
    if not row.reason:
        return ""
    sentence = advise(row.code) if row.code else explain(row.reason)
    return sentence.en if call.language == "en" else sentence.zh


def _line(call: Call, row: Stored) -> tuple[object, ...]:
    added, removed = ",".join(row.added), ",".join(row.removed)
    return row.external_user_id, row.user_id, row.status, added, removed, row.code or None, _reason(call, row)
