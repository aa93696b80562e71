"""Intercept rules (敏感词): wanted here and made at WeCom a moment later; those written elsewhere are shown."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from console.api.call import Call
from console.api.paging import turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, DepartmentNumber, Identity, Key, Line, Name, Page, Shape, Walk
from console.api.words import Words
from console.names import check_departments, check_staff, fresh
from console.patience import Patience
from console.twins import find, find_open, pend, read_change, require_open, settle, walk
from sop import intercepts as rules
from sop.errors import Invalid
from sop.intercepts import Draft

routes = Routes()
_RULE = Words("敏感词规则", "intercept rule")
_MOST = 1000  # of anything in a list; the limits of the rules are below
_Words = Annotated[tuple[Line, ...], Field(max_length=_MOST)]
_Semantics = Annotated[tuple[Literal["phone", "mail", "red_packet"], ...], Field(max_length=_MOST)]
_Staff = Annotated[tuple[Key, ...], Field(max_length=2 * _MOST)]
_Departments = Annotated[tuple[DepartmentNumber, ...], Field(max_length=2 * _MOST)]
Kind = Literal["block", "warn"]


class NewIntercept(Shape):
    """What members may not write to customers: words, and kinds of content; blocked, or only warned of."""

    name: Name
    words: _Words
    semantics: _Semantics = ()
    kind: Kind = "block"
    staff: _Staff = ()
    departments: _Departments = ()


class InterceptChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    words: _Words | None = None
    semantics: _Semantics | None = None
    kind: Kind | None = None
    staff: _Staff | None = None
    departments: _Departments | None = None


class InterceptOut(Answer):
    """A rule; the status `foreign` says that it was written elsewhere and can only be changed there."""

    id: Identity
    name: str
    words: tuple[str, ...]
    semantics: tuple[str, ...]
    kind: str
    staff: tuple[str, ...]
    departments: tuple[int, ...]
    status: str
    reason: str
    rule_id: str
    version: int
    created_at: datetime
    changed_at: datetime


@routes.on("GET /intercept-rules", Permission.READ_RULES, "敏感词规则列表", "List intercept rules, the newest first")
async def browse(call: Call, query: Walk) -> Page[InterceptOut]:
    """Deleted ones and those of others too."""
    found = await walk(call.store.intercepts, query)
    return turn(found, query.limit, InterceptOut.model_validate, lambda rule: (rule.id,))


@routes.on("POST /intercept-rules", Permission.WRITE_RULES, "新建敏感词规则", "Create an intercept rule", status=201)
async def create(call: Call, body: NewIntercept, query: Patience) -> InterceptOut:
    """WeCom makes it after this is stored; everything that is wrong with it is told at once."""
    draft = Draft(**dict(body))
    await _check(call, draft)
    intercepts = call.store.intercepts
    return settle(call, intercepts.add(draft), twins=intercepts, patience=query, show=InterceptOut.model_validate)


@routes.on("GET /intercept-rules/{row}", Permission.READ_RULES, "查看敏感词规则", "Show an intercept rule")
async def show(call: Call, row: Identity) -> InterceptOut:
    """One rule, deleted ones too."""
    return InterceptOut.model_validate(await find(call.store.intercepts, row, _RULE))


@routes.on("PATCH /intercept-rules/{row}", Permission.WRITE_RULES, "修改敏感词规则", "Change an intercept rule")
async def change(call: Call, row: Identity, body: InterceptChange) -> InterceptOut:
    """The rule holds as it was until WeCom has the change."""
    rule = await find_open(call.store.intercepts, row, _RULE)
    wanted = read_change(body)
    draft = Draft(**{field.name: getattr(rule, field.name) for field in fields(Draft)} | wanted)
    await _check(call, draft, before=rule)
    call.store.intercepts.change(rule, draft)
    return InterceptOut.model_validate(rule).model_copy(update=wanted | pend(rule, call))


@routes.on(
    "DELETE /intercept-rules/{row}", Permission.WRITE_RULES, "删除敏感词规则", "Delete an intercept rule", status=202
)
async def remove(call: Call, row: Identity) -> InterceptOut:
    """WeCom takes it away a moment later; deleting it again changes nothing."""
    rule = await find(call.store.intercepts, row, _RULE)
    if rule.ended:
        return InterceptOut.model_validate(rule)
    require_open(rule, _RULE)
    call.store.intercepts.remove(rule)
    return InterceptOut.model_validate(rule).model_copy(update=pend(rule, call, "deleting"))


async def _check(call: Call, draft: Draft, *, before: Draft | None = None) -> None:
    old = before or Draft(name="")
    found = rules.check(draft)
    found += await check_staff(call, {"staff": fresh(draft.staff, old.staff)}, must="work")
    if found := found + await check_departments(call, fresh(draft.departments, old.departments)):
        raise Invalid(found)
