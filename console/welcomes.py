"""Welcome rules: how new customers are greeted, and trying out which rule would win."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Key, Name, Page, Shape, Text, Walk
from console.api.words import Words
from console.wording import (
    AttachmentIn,
    AttachmentOut,
    SlotIn,
    SlotOut,
    read_attachments,
    read_slots,
    show_attachments,
    show_slots,
)
from sop.errors import Invalid
from sop.greeting import Draft, ScopeKind
from storage.welcomes import Stored

routes = Routes()
_WELCOME = Words("欢迎语", "welcome")
_Attachments = Annotated[tuple[AttachmentIn, ...], Field(max_length=100)]
_Slots = Annotated[tuple[SlotIn, ...], Field(max_length=100)]


class WelcomeScope(Shape):
    """For whom a rule is: everyone, or whoever is added by a department, a member, or through a channel."""

    kind: ScopeKind
    id: Key | Annotated[int, Field(ge=0, le=2**53)] | None = None


class NewWelcome(Shape):
    """A rule: its text may use {customer}, {staff}, {channel} and {date}; the first open slot speaks instead."""

    name: Name
    scope: WelcomeScope
    text: Text = ""
    attachments: _Attachments = ()
    slots: _Slots = ()
    enabled: bool = True


class WelcomeChange(Shape):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    scope: WelcomeScope | None = None
    text: Text | None = None
    attachments: _Attachments | None = None
    slots: _Slots | None = None
    enabled: bool | None = None


class ScopeOut(Answer):
    """For whom a rule is."""

    kind: str
    id: str | None


class Welcome(Answer):
    """A welcome rule. Narrower scopes win: channel, staff, department, corp; then the newer rule."""

    id: Identity
    name: str
    scope: ScopeOut
    text: str
    attachments: tuple[AttachmentOut, ...]
    slots: tuple[SlotOut, ...]
    enabled: bool
    version: int
    created_at: datetime
    changed_at: datetime


@routes.on("GET /welcomes", Permission.READ_RULES, "欢迎语列表", "List welcome rules, the newest first")
async def browse(call: Call, query: Walk) -> Page[Welcome]:
    """All rules, those that are switched off too."""
    found = await call.store.welcomes.page(before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, show, lambda rule: (rule.id,))


@routes.on("POST /welcomes", Permission.WRITE_RULES, "新建欢迎语", "Create a welcome rule", status=201)
async def create(call: Call, body: NewWelcome) -> Welcome:
    """Everything that is wrong with it is told at once."""
    draft = Draft(
        name=body.name,
        scope_kind=body.scope.kind,
        scope_id=_scope_id(body.scope),
        text=body.text,
        attachments=read_attachments(body.attachments),
        slots=read_slots(body.slots),
        enabled=body.enabled,
    )
    await _check(call, draft)
    return show(call.store.welcomes.add(draft))


@routes.on("GET /welcomes/{welcome_id}", Permission.READ_RULES, "查看欢迎语", "Show a welcome rule")
async def read(call: Call, welcome_id: Identity) -> Welcome:
    """One rule."""
    return show(await _find(call, welcome_id))


@routes.on("PATCH /welcomes/{welcome_id}", Permission.WRITE_RULES, "修改欢迎语", "Change a welcome rule")
async def change(call: Call, welcome_id: Identity, body: WelcomeChange) -> Welcome:
    """Makes the next version of the rule; what was sent by earlier ones keeps their number."""
    rule = await _find(call, welcome_id)
    values: dict[str, Any] = {field.name: getattr(rule, field.name) for field in fields(Draft)}
    for name in ("name", "text", "enabled"):
        if (value := getattr(body, name)) is not None:
            values[name] = value
    if body.scope is not None:
        values |= {"scope_kind": body.scope.kind, "scope_id": _scope_id(body.scope)}
    if body.attachments is not None:
        values["attachments"] = read_attachments(body.attachments)
    if body.slots is not None:
        values["slots"] = read_slots(body.slots)
    draft = Draft(**values)
    await _check(call, draft)
    return show(call.store.welcomes.change(rule, draft))


@routes.on("DELETE /welcomes/{welcome_id}", Permission.WRITE_RULES, "删除欢迎语", "Delete a welcome rule", status=204)
async def remove(call: Call, welcome_id: Identity) -> None:
    """What was decided by it keeps its name and version."""
    rule = await _find(call, welcome_id)
    call.store.welcomes.remove(rule.id)


def show(rule: Stored) -> Welcome:
    """A rule as it stands in JSON."""
    return Welcome(
        id=rule.id,
        name=rule.name,
        scope=ScopeOut(kind=rule.scope_kind, id=rule.scope_id or None),
        text=rule.text,
        attachments=show_attachments(rule.attachments),
        slots=show_slots(rule.slots),
        enabled=rule.enabled,
        version=rule.version,
        created_at=rule.created_at,
        changed_at=rule.changed_at,
    )


async def _check(call: Call, draft: Draft) -> None:
    if found := await call.store.welcomes.check(draft):
        raise Invalid(found)


async def _find(call: Call, welcome_id: int) -> Stored:
    rule = await call.store.welcomes.get(welcome_id)
    if rule is None:
        raise missing(_WELCOME)
    return rule


def _scope_id(scope: WelcomeScope) -> str:
    return "" if scope.id is None else str(scope.id)
