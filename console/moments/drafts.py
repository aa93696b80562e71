"""Moments are written and changed, as long as they are not on their way."""

from dataclasses import fields, replace
from typing import Annotated

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Page, Walk
from console.api.words import Words
from console.moments.shapes import MomentChange, MomentDetail, MomentIn, MomentOut, count, merge, read_draft, show
from console.names import check_departments, check_staff, check_tags, fresh
from sop.errors import Invalid
from sop.limits import Violation
from sop.moments import WRITABLE, Draft, Status
from sop.moments.limits import COVERS, check
from storage.moments import Moment

routes = Routes()
MOMENT = Words("朋友圈", "moment")
LARGE = 8 * 2**20  # bytes of a request: a hundred thousand members may be named


class MomentQuery(Walk):
    """Which moments: those in one of these states, separated by commas."""

    status: Annotated[str, Field(max_length=200, pattern=r"^[a-z,]*$")] = ""


@routes.on("GET /moments", Permission.READ_RULES, "朋友圈列表", "List moments, the newest first")
async def browse(call: Call, query: MomentQuery) -> Page[MomentOut]:
    """Without their numbers."""
    wanted = [status for status in Status if status.value in query.status.split(",")]
    if query.status and not wanted:
        return Page(items=())
    found = await call.store.moments.page(statuses=wanted, before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, lambda one: MomentOut(**show(one)), lambda one: (one.id,))


@routes.on("POST /moments", Permission.WRITE_RULES, "新建朋友圈", "Write a moment", status=201, limit=LARGE)
async def create(call: Call, body: MomentIn) -> MomentOut:
    """A draft: POST /moments/{id}/submit lets it go out. Everything that is wrong with it is told at once."""
    draft = read_draft(body)
    await _check(call, draft)
    return MomentOut(**show(call.store.moments.add(draft, author=call.principal.person)))


@routes.on("GET /moments/{moment_id}", Permission.READ_RULES, "查看朋友圈", "Show a moment")
async def look(call: Call, moment_id: Identity) -> MomentDetail:
    """With how many members have published it, and what customers make of it."""
    moment = await find(call, moment_id)
    return MomentDetail(**show(moment), counts=count(await call.store.moments.parts.numbers(moment.id)))


@routes.on("PATCH /moments/{moment_id}", Permission.WRITE_RULES, "修改朋友圈", "Change a moment", limit=LARGE)
async def change(call: Call, moment_id: Identity, body: MomentChange) -> MomentOut:
    """It is a draft again, to be submitted and approved anew; refused once it is on its way to WeCom."""
    moment = await call.store.moments.draft(moment_id)
    if moment is None:
        raise missing(MOMENT)
    if moment.status not in WRITABLE:
        raise Problem("state", reason_zh="朋友圈已发往企业微信，不能再修改。", reason_en="It is at WeCom already.")
    draft = merge(moment, body)
    await _check(call, draft, before=moment)
    author = call.principal.person
    await call.store.moments.rewrite(moment, draft, author=author)
    written = {each.name: getattr(draft, each.name) for each in fields(Draft)}
    changed = replace(moment, **written, status=Status.DRAFT, author=author, approver="", version=moment.version + 1)
    return MomentOut(**show(replace(changed, reason="", said="", code=0)))


@routes.on("DELETE /moments/{moment_id}", Permission.WRITE_RULES, "删除朋友圈草稿", "Delete a draft", status=204)
async def remove(call: Call, moment_id: Identity) -> None:
    """Only a draft; what was submitted is cancelled instead, and stays to be asked about."""
    moment = await find(call, moment_id)
    if moment.status is not Status.DRAFT:
        raise Problem("state", reason_zh="只能删除草稿，请改用取消。", reason_en="Only drafts: cancel it instead.")
    call.store.moments.remove(moment)


async def find(call: Call, moment_id: int) -> Moment:
    """A moment, or the problem that there is none."""
    moment = await call.store.moments.get(moment_id)
    if moment is None:
        raise missing(MOMENT)
    return moment


async def _check(call: Call, draft: Draft, before: Draft | None = None) -> None:
    """Limits, and whatever it names anew must be there."""
    found = check(draft)
    old_users, old_departments, old_tags = (before.users, before.departments, before.tags) if before else ((), (), ())
    found += await check_staff(call, {"users": fresh(draft.users, old_users)})
    found += await check_departments(call, fresh(draft.departments, old_departments))
    found += await check_tags(call, fresh(draft.tags, old_tags))
    if found := found + await _check_materials(call, draft):
        raise Invalid(found)


async def _check_materials(call: Call, draft: Draft) -> list[Violation]:
    found = []
    for number, attachment in enumerate(draft.attachments):
        kind = COVERS.get(attachment.kind)
        if kind is None or not attachment.material.isdigit():
            continue
        material = await call.store.materials.get(int(attachment.material))
        if material is None or material.kind != kind:
            zh, en = f"没有这个 {kind} 素材", f"there is no such material of kind {kind}"
            found.append(Violation(f"attachments.{number}.material", zh, en))
    return found
