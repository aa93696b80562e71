"""Segments as operators write them: customers who meet a condition, kept as a list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Name, Page, Shape, Walk
from console.api.words import Words
from console.conditions.naming import check_condition
from console.conditions.trying import Condition, say
from console.uses import refuse_used
from sop import segments as rules
from sop.errors import Invalid
from sop.events import SegmentDue
from sop.jobs import Plan
from sop.limits import Violation
from sop.segments import DROP, LONGEST, MOST_SEGMENTS, Draft, Segment

routes = Routes()
_SEGMENT = Words("分群", "segment")
_Hours = Annotated[int, Field(ge=1, le=LONGEST, description="hours between two refreshes")]


class NewSegment(Shape):
    """A segment; switched off, it is refreshed only when asked for."""

    name: Name
    condition: Condition
    hours: _Hours = 24
    enabled: bool = True


class SegmentChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    condition: Condition | None = None
    hours: _Hours | None = None
    enabled: bool | None = None


class SegmentOut(Answer):
    """A segment; `count` is how many were in it at the last refresh, `job_id` the refresh that is under way."""

    id: Identity
    name: str
    condition: dict[str, Any]
    hours: int
    enabled: bool
    version: int
    count: int
    run: int
    job_id: Identity | None
    refreshed_at: datetime | None
    created_at: datetime


class SegmentDetail(SegmentOut):
    """A segment with its condition in words."""

    sentence: str


@routes.on("GET /segments", Permission.READ_RULES, "分群列表", "List segments, the newest first")
async def browse(call: Call, query: Walk) -> Page[SegmentOut]:
    """All segments, those that are switched off too."""
    found = await call.store.segments.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, lambda each: SegmentOut(**_values(each)), lambda each: (each.id,))


@routes.on("POST /segments", Permission.WRITE_RULES, "新建分群", "Create a segment", status=201)
async def create(call: Call, body: NewSegment) -> SegmentDetail:
    """Its members are found at once. POST /conditions/preview tells beforehand how many they will be."""
    draft = Draft(**body.model_dump())
    others = await call.store.segments.all()
    await _check(call, draft, others)
    segment = call.store.segments.add(draft)
    refresh_soon(call, segment)
    return await _show(call, segment)


@routes.on("GET /segments/{segment_id}", Permission.READ_RULES, "查看分群", "Show a segment")
async def show(call: Call, segment_id: Identity) -> SegmentDetail:
    """With its condition in words."""
    return await _show(call, await find(call, segment_id))


@routes.on("PATCH /segments/{segment_id}", Permission.WRITE_RULES, "修改分群", "Change a segment")
async def change(call: Call, segment_id: Identity, body: SegmentChange) -> SegmentDetail:
    """A new condition is applied at once: who leaves and who enters by it is told like in any other refresh."""
    segment = await find(call, segment_id)
    wanted = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    kept = {name: getattr(segment, name) for name in ("name", "condition", "hours", "enabled")}
    draft = Draft(**kept | wanted)
    if "condition" in wanted:
        await _check(call, draft, await call.store.segments.all(), own=segment)
    changed = call.store.segments.change(segment, draft)
    if changed.condition != segment.condition:
        refresh_soon(call, changed)
    return await _show(call, changed)


@routes.on("DELETE /segments/{segment_id}", Permission.WRITE_RULES, "删除分群", "Delete a segment", status=204)
async def remove(call: Call, segment_id: Identity) -> None:
    """Refused while a flow, broadcast, segment or tag rule asks for it; its members are taken away by a job."""
    segment = await find(call, segment_id)
    await refuse_used(call, "segment", segment.id)
    job = await call.store.jobs.get(segment.job_id) if segment.job_id else None
    if job is not None and job.status in ("running", "paused", "partial"):
        call.store.jobs.end(job, "cancelled")
    call.store.segments.remove(segment.id)
    call.store.jobs.start(DROP, [Plan(name="all")], name=segment.name, body={"segment": str(segment.id)})


@routes.on("POST /segments/{segment_id}/refresh", Permission.WRITE_RULES, "刷新分群", "Refresh a segment", status=204)
async def refresh(call: Call, segment_id: Identity) -> None:
    """As a job, unless one is under way."""
    refresh_soon(call, await find(call, segment_id))


async def find(call: Call, segment_id: int) -> Segment:
    """A segment of this id."""
    segment = await call.store.segments.get(segment_id)
    if segment is None:
        raise missing(_SEGMENT)
    return segment


def refresh_soon(call: Call, segment: Segment) -> None:
    """Have it brought up to date."""
    call.store.announce(SegmentDue(corp_id=call.corp.id, at=call.now, segment_id=segment.id))


async def _check(call: Call, draft: Draft, others: Sequence[Segment], *, own: Segment | None = None) -> None:
    found = await check_condition(call, draft.condition)
    if not found and own is not None:
        found = rules.circle(own.id, draft.condition, others)
    if own is None and len(others) >= MOST_SEGMENTS:
        zh, en = f"最多 {MOST_SEGMENTS} 个分群", f"there are {MOST_SEGMENTS} segments at most"
        found.append(Violation("name", zh, en))
    if found:
        raise Invalid(found)


def _values(segment: Segment) -> dict[str, Any]:
    values = {name: getattr(segment, name) for name in SegmentOut.model_fields}
    return values | {"job_id": segment.job_id or None}


async def _show(call: Call, segment: Segment) -> SegmentDetail:
    return SegmentDetail(**_values(segment), sentence=await say(call, segment.condition))
