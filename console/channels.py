"""Channels: codes to scan, wanted here and made at WeCom a moment later."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from console.call import Call
from console.paging import read_id, turn
from console.problem import Problem, missing
from console.roles import Permission
from console.routes import Routes
from console.shapes import Answer, DepartmentNumber, Identity, Key, Line, Name, Page, Query, Shape, Text, Walk
from console.wording import AttachmentIn, read_attachments
from console.words import Words
from sop import channels as rules
from sop import greeting
from sop.channels import Draft
from sop.errors import Invalid
from sop.limits import Violation
from storage import channels
from storage.errors import Unavailable
from storage.numbers import Numbers
from storage.values import FOREVER

routes = Routes()
_CHANNEL = Words("渠道", "channel")
_LOOK_SECONDS = 0.1  # between two looks at whether WeCom has made it
_MOST = 200  # of anything in a list; the limits of the rules are below
_Staff = Annotated[tuple[Key, ...], Field(max_length=_MOST)]
_Departments = Annotated[tuple[DepartmentNumber, ...], Field(max_length=_MOST)]


class ChannelWelcome(Shape):
    """What customers who come through the channel are told; becomes a welcome rule of its own."""

    text: Text = ""
    attachments: Annotated[tuple[AttachmentIn, ...], Field(max_length=_MOST)] = ()


class NewChannel(Shape):
    """Whom a scan leads to, and what is done with those who come. The remark may use {channel} and {customer}."""

    name: Name
    staff: _Staff = ()
    departments: _Departments = ()
    tags: _Staff = ()
    remark: Line = ""
    skip_verify: bool = True
    welcome: ChannelWelcome | None = None


class ChannelChange(Shape):
    """What is to be different; what is left out stays. Its welcome is changed at /welcomes."""

    name: Name | None = None
    staff: _Staff | None = None
    departments: _Departments | None = None
    tags: _Staff | None = None
    remark: Line | None = None
    skip_verify: bool | None = None


class Patience(Query):
    """How many seconds to wait for WeCom to make the code before answering; by default the answer is immediate."""

    wait: float = Field(default=0, ge=0, le=10)


class Channel(Answer):
    """A channel. `config_id` and `qr_code` are null until WeCom has made the code; `reason` says why it did not."""

    id: Identity
    name: str
    state: str
    status: str
    reason: str
    config_id: str | None
    qr_code: str | None
    staff: tuple[str, ...]
    departments: tuple[int, ...]
    tags: tuple[str, ...]
    remark: str
    skip_verify: bool
    version: int
    customers: int
    adds: int
    created_at: datetime
    changed_at: datetime


@routes.on("GET /channels", Permission.READ_RULES, "渠道列表", "List channels, the newest first")
async def browse(call: Call, query: Walk) -> Page[Channel]:
    """Deleted ones too: their printed codes live on. Each with how many came through it."""
    before = read_id(query.after)
    found = await call.store.channels.page(before=FOREVER if before is None else before, most=query.limit + 1)
    counts = await Numbers(call.store.scope).channels([channel.id for channel in found])
    return turn(found, query.limit, lambda channel: _show(channel, counts), lambda channel: (channel.id,))


@routes.on("POST /channels", Permission.WRITE_RULES, "新建渠道活码", "Create a channel", status=201)
async def create(call: Call, body: NewChannel, query: Patience) -> Channel:
    """WeCom makes the code after this is stored; everything that is wrong with it is told at once."""
    draft = Draft(
        name=body.name,
        staff=body.staff,
        departments=body.departments,
        tags=body.tags,
        remark=body.remark,
        skip_verify=body.skip_verify,
    )
    found = await _check(call, draft)
    welcome = None if body.welcome is None else _welcome(body.welcome, body.name)
    if welcome is not None:
        wrong = await call.store.welcomes.check(welcome)
        found += [replace(each, field=f"welcome.{each.field}") for each in wrong if each.field != "scope.id"]
    if found:
        raise Invalid(found)
    channel = call.store.channels.add(draft)
    if welcome is not None:
        call.store.welcomes.add(replace(welcome, scope_id=str(channel.id)))
    if query.wait:
        call.after = _await_code(call, channel, query.wait)
    return _show(channel, {})


@routes.on("GET /channels/{channel_id}", Permission.READ_RULES, "查看渠道", "Show a channel")
async def show(call: Call, channel_id: Identity) -> Channel:
    """One channel, deleted ones too."""
    return await _tell(call, await _find(call, channel_id))


@routes.on("PATCH /channels/{channel_id}", Permission.WRITE_RULES, "修改渠道", "Change a channel")
async def change(call: Call, channel_id: Identity, body: ChannelChange) -> Channel:
    """The printed code stays the same and works as before until WeCom has the change."""
    channel = await _find(call, channel_id)
    if channel.status in {"deleting", "deleted"}:
        raise Problem("state", reason_zh="渠道已删除。", reason_en="The channel is deleted.")
    values: dict[str, Any] = {field.name: getattr(channel, field.name) for field in fields(Draft)}
    wanted = {name: value for name, value in body if value is not None}
    draft = Draft(**values | wanted)
    if found := await _check(call, draft):
        raise Invalid(found)
    call.store.channels.change(channel, draft)
    pending = {"version": channel.version + 1, "status": "pending", "reason": "", "changed_at": call.now}
    return (await _tell(call, channel)).model_copy(update=wanted | pending)


@routes.on("DELETE /channels/{channel_id}", Permission.WRITE_RULES, "删除渠道", "Delete a channel", status=202)
async def remove(call: Call, channel_id: Identity) -> Channel:
    """WeCom takes the code away a moment later; deleting it again changes nothing."""
    channel = await _find(call, channel_id)
    if channel.status in {"deleting", "deleted"}:
        return await _tell(call, channel)
    call.store.channels.remove(channel)
    return (await _tell(call, channel)).model_copy(update={"status": "deleting", "changed_at": call.now})


async def _check(call: Call, draft: Draft) -> list[Violation]:
    """What is wrong with a channel; names are looked up once the directory and the tag library have been read."""
    members = {member.user_id for member in await call.store.staff.members()}
    library = {tag.id for group in await call.store.tags.library() for tag in group.tags}
    found = rules.check(draft)
    for field, known, zh, en in (("staff", members, "员工", "member of staff"), ("tags", library, "标签", "tag")):
        strange = sorted(set(getattr(draft, field)) - known) if known else []
        found += [Violation(field, f"没有{zh} {each}", f"there is no {en} {each}") for each in strange]
    return found


def _welcome(given: ChannelWelcome, name: str) -> greeting.Draft:
    attachments = read_attachments(given.attachments)
    return greeting.Draft(name=name, scope_kind="channel", scope_id="0", text=given.text, attachments=attachments)


def _await_code(call: Call, channel: channels.Channel, seconds: float) -> Callable[[], Awaitable[Channel]]:
    async def look() -> Channel:
        shown = channel
        with suppress(Unavailable):  # it is stored: that we cannot see more of it now is no failure
            for _ in range(int(seconds / _LOOK_SECONDS)):
                await asyncio.sleep(_LOOK_SECONDS)
                shown = await _find(call, channel.id)
                if shown.status != "pending":
                    break
        return _show(shown, {})

    return look


async def _find(call: Call, channel_id: int) -> channels.Channel:
    channel = await call.store.channels.get(channel_id)
    if channel is None:
        raise missing(_CHANNEL)
    return channel


async def _tell(call: Call, channel: channels.Channel) -> Channel:
    return _show(channel, await Numbers(call.store.scope).channels([channel.id]))


def _show(channel: channels.Channel, counts: dict[int, tuple[int, int]]) -> Channel:
    customers, adds = counts.get(channel.id, (0, 0))
    values = {name: getattr(channel, name) for name in Channel.model_fields if name not in {"customers", "adds"}}
    made = {"config_id": channel.config_id or None, "qr_code": channel.qr_code or None}
    return Channel(**values | made, customers=customers, adds=adds)
