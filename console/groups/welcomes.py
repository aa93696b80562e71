"""Group welcomes (入群欢迎语素材): what newcomers of groups are told, wanted here and made at WeCom a moment later."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from console.api.call import Call
from console.api.paging import turn
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Name, Page, Shape, Text, Walk
from console.api.words import Words
from console.patience import Patience
from console.twins import find, find_open, find_refused, pend, settle, walk
from console.wording import AttachmentIn, AttachmentOut, read_attachments
from sop.errors import Invalid
from sop.groups.welcomes import Draft
from storage.groups.welcomes import GroupWelcome

routes = Routes()
_WELCOME = Words("入群欢迎语", "group welcome")


class NewGroupWelcome(Shape):
    """Text (with %NICKNAME%, which WeCom fills in) and at most one attachment; `notify` tells the group owners."""

    name: Name
    text: Text = ""
    attachment: AttachmentIn | None = None
    notify: bool = True


class GroupWelcomeChange(Shape):
    """What is to be different; what is left out stays. `attachment` given as null takes it away."""

    name: Name | None = None
    text: Text | None = None
    attachment: AttachmentIn | None = None


class GroupWelcomeOut(Answer):
    """A group welcome; group owners put it to use in their client once `template_id` is there."""

    id: Identity
    name: str
    text: str
    attachment: AttachmentOut | None
    notify: bool
    status: str
    reason: str
    template_id: str | None
    version: int
    created_at: datetime
    changed_at: datetime


@routes.on("GET /group-welcomes", Permission.READ_RULES, "入群欢迎语列表", "List group welcomes, the newest first")
async def browse(call: Call, query: Walk) -> Page[GroupWelcomeOut]:
    """Deleted ones too."""
    found = await walk(call.store.groupwelcomes, query)
    return turn(found, query.limit, _show, lambda one: (one.id,))


@routes.on("POST /group-welcomes", Permission.WRITE_RULES, "新建入群欢迎语", "Create a group welcome", status=201)
async def create(call: Call, body: NewGroupWelcome, query: Patience) -> GroupWelcomeOut:
    """At most 100 per corp; everything that is wrong with it is told at once."""
    draft = Draft(name=body.name, text=body.text, attachment=_attachment(body.attachment), notify=body.notify)
    await _check(call, draft, fresh=True)
    welcomes = call.store.groupwelcomes
    return settle(call, welcomes.add(draft), twins=welcomes, patience=query, show=_show)


@routes.on("GET /group-welcomes/{group_welcome_id}", Permission.READ_RULES, "查看入群欢迎语", "Show a group welcome")
async def show(call: Call, group_welcome_id: Identity) -> GroupWelcomeOut:
    """One group welcome, deleted ones too."""
    return _show(await find(call.store.groupwelcomes, group_welcome_id, _WELCOME))


@routes.on(
    "PATCH /group-welcomes/{group_welcome_id}", Permission.WRITE_RULES, "修改入群欢迎语", "Change a group welcome"
)
async def change(call: Call, group_welcome_id: Identity, body: GroupWelcomeChange) -> GroupWelcomeOut:
    """Groups that use it greet as before until WeCom has the change; only the app that made it can change it."""
    welcome = await find_open(call.store.groupwelcomes, group_welcome_id, _WELCOME)
    values: dict[str, Any] = {field.name: getattr(welcome, field.name) for field in fields(Draft)}
    values |= {name: value for name in ("name", "text") if (value := getattr(body, name)) is not None}
    if "attachment" in body.model_fields_set:
        values["attachment"] = _attachment(body.attachment)
    draft = Draft(**values)
    await _check(call, draft)
    call.store.groupwelcomes.change(welcome, draft)
    shown = {"name": draft.name, "text": draft.text, "attachment": _show_attachment(draft)}
    return _show(welcome).model_copy(update=shown | pend(welcome, call))


@routes.on(
    "POST /group-welcomes/{group_welcome_id}/retry", Permission.WRITE_RULES, "重试入群欢迎语", "Retry a group welcome"
)
async def retry(call: Call, group_welcome_id: Identity) -> GroupWelcomeOut:
    """For one that was refused, or of which nobody knows whether WeCom has made it: it may then be there twice."""
    welcome = await find_refused(call.store.groupwelcomes, group_welcome_id, _WELCOME)
    call.store.groupwelcomes.retry(welcome)
    return _show(welcome).model_copy(update=pend(welcome, call))


@routes.on(
    "DELETE /group-welcomes/{group_welcome_id}",
    Permission.WRITE_RULES,
    "删除入群欢迎语",
    "Delete a group welcome",
    status=202,
)
async def remove(call: Call, group_welcome_id: Identity) -> GroupWelcomeOut:
    """WeCom takes it away a moment later; groups that use it greet no more."""
    welcome = await find(call.store.groupwelcomes, group_welcome_id, _WELCOME)
    if welcome.ended:
        return _show(welcome)
    call.store.groupwelcomes.remove(welcome)
    return _show(welcome).model_copy(update=pend(welcome, call, "deleting"))


async def _check(call: Call, draft: Draft, *, fresh: bool = False) -> None:
    if found := await call.store.groupwelcomes.check(draft, fresh=fresh):
        raise Invalid(found)


def _attachment(given: AttachmentIn | None) -> Any:
    return read_attachments((given,))[0] if given else None


def _show_attachment(draft: Draft) -> AttachmentOut | None:
    return AttachmentOut.model_validate(draft.attachment) if draft.attachment else None


def _show(welcome: GroupWelcome) -> GroupWelcomeOut:
    names = GroupWelcomeOut.model_fields.keys() - {"attachment", "template_id"}
    values = {name: getattr(welcome, name) for name in names}
    return GroupWelcomeOut(**values, template_id=welcome.template_id or None, attachment=_show_attachment(welcome))
