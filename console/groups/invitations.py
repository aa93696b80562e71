"""Invitations into groups: by which welcomes offer one, and customers with a tag as tasks of their members."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Line, Name, Page, Shape, Text, Walk
from console.api.words import Words
from console.names import check_channels, check_tags, fresh
from sop.errors import Invalid
from sop.groups import invitations as rules
from sop.groups.invitations import Draft
from sop.jobs import Plan
from sop.limits import Violation
from storage.groups.invitations import Invitation

routes = Routes()
_INVITATION = Words("进群邀请", "invitation")
_CODE = Words("群活码", "group code")
_MOST = 200
_Ids = Annotated[tuple[Identity, ...], Field(max_length=_MOST)]
_Tags = Annotated[tuple[Key, ...], Field(max_length=_MOST)]


class NewInvitation(Shape):
    """Who is added through one of `channels` (or any) with one of `tags` (or none) is offered one of `codes`.

    The first of them with at least so many free seats is taken; `by_city`: only one of the customer's city.
    """

    name: Name
    codes: _Ids
    channels: _Ids = ()
    tags: _Tags = ()
    by_city: bool = False
    least_seats: Annotated[int, Field(ge=1, le=1000)] = 1
    title: Line = ""
    description: Text = ""
    enabled: bool = True


class InvitationChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    codes: _Ids | None = None
    channels: _Ids | None = None
    tags: _Tags | None = None
    by_city: bool | None = None
    least_seats: Annotated[int, Field(ge=1, le=1000)] | None = None
    title: Line | None = None
    description: Text | None = None
    enabled: bool | None = None


class InvitationOut(Answer):
    """An invitation; of two that apply the older comes first."""

    id: Identity
    name: str
    codes: tuple[Identity, ...]
    channels: tuple[Identity, ...]
    tags: tuple[str, ...]
    by_city: bool
    least_seats: int
    title: str
    description: str
    enabled: bool
    version: int
    created_at: datetime
    changed_at: datetime


class Tagged(Shape):
    """Customers who carry one of these tags, and are in none of the code's groups."""

    tags: Annotated[tuple[Key, ...], Field(min_length=1, max_length=100)]


class Begun(Answer):
    """The job that gives the tasks out, at /jobs."""

    job_id: Identity
    customers: int


@routes.on("GET /group-invitations", Permission.READ_RULES, "进群邀请列表", "List invitations, the newest first")
async def browse(call: Call, query: Walk) -> Page[InvitationOut]:
    """All of them, those that are switched off too."""
    found = await call.store.invitations.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, InvitationOut.model_validate, lambda rule: (rule.id,))


@routes.on("POST /group-invitations", Permission.WRITE_RULES, "新建进群邀请", "Create an invitation", status=201)
async def create(call: Call, body: NewInvitation) -> InvitationOut:
    """Everything that is wrong with it is told at once."""
    draft = Draft(**dict(body))
    await _check(call, draft)
    return InvitationOut.model_validate(call.store.invitations.add(draft))


@routes.on("GET /group-invitations/{group_invitation_id}", Permission.READ_RULES, "查看进群邀请", "Show an invitation")
async def show(call: Call, group_invitation_id: Identity) -> InvitationOut:
    """One invitation."""
    return InvitationOut.model_validate(await _find(call, group_invitation_id))


@routes.on(
    "PATCH /group-invitations/{group_invitation_id}", Permission.WRITE_RULES, "修改进群邀请", "Change an invitation"
)
async def change(call: Call, group_invitation_id: Identity, body: InvitationChange) -> InvitationOut:
    """For whoever is added from now on."""
    rule = await _find(call, group_invitation_id)
    values: dict[str, Any] = {field.name: getattr(rule, field.name) for field in fields(Draft)}
    wanted = {name: value for name, value in body if value is not None}
    draft = Draft(**values | wanted)
    await _check(call, draft, before=rule)
    call.store.invitations.change(rule, draft)
    moved = {"version": rule.version + 1, "changed_at": call.now}
    return InvitationOut.model_validate(rule).model_copy(update=wanted | moved)


@routes.on(
    "DELETE /group-invitations/{group_invitation_id}",
    Permission.WRITE_RULES,
    "删除进群邀请",
    "Delete an invitation",
    status=204,
)
async def remove(call: Call, group_invitation_id: Identity) -> None:
    """What was decided by it keeps its name and version."""
    call.store.invitations.remove((await _find(call, group_invitation_id)).id)


@routes.on(
    "POST /group-codes/{group_code_id}/invite",
    Permission.WRITE_RULES,
    "按标签邀请客户进群",
    "Have customers with a tag invited",
    status=202,
)
async def invite(call: Call, group_code_id: Identity, body: Tagged) -> Begun:
    """Each customer becomes a task of each member who looks after them; a member is told once, of all together."""
    code = await call.store.groupcodes.get(group_code_id)
    if code is None:
        raise missing(_CODE)
    if code.ended or not code.config_id:
        raise Problem("state", reason_zh="群活码还不能使用。", reason_en="The group code is not there yet.")
    if found := await check_tags(call, body.tags):
        raise Invalid(found)
    tags, total = list(body.tags), await call.store.invitations.count_tagged(body.tags, groups=code.groups)
    about = {"code": code.id, "tags": tags}
    job_id = call.store.jobs.start(rules.JOB, [Plan(body=about, total=total)], name=code.name, body=about)
    return Begun(job_id=job_id, customers=total)


async def _check(call: Call, draft: Draft, *, before: Draft | None = None) -> None:
    """What is wrong with an invitation; what it names must exist."""
    found = rules.check(draft)
    known = await call.store.groupcodes.some(draft.codes)
    for code in draft.codes:
        if code not in known or known[code].ended:
            found.append(Violation("codes", f"没有群活码 {code}", f"there is no group code {code}"))
    found += await check_channels(call, draft.channels)
    found += await check_tags(call, fresh(draft.tags, before.tags if before else ()))
    if found:
        raise Invalid(found)


async def _find(call: Call, group_invitation_id: int) -> Invitation:
    rule = await call.store.invitations.get(group_invitation_id)
    if rule is None:
        raise missing(_INVITATION)
    return rule
