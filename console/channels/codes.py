"""Channels: codes to scan, wanted here and made at WeCom a moment later."""

from dataclasses import fields, replace
from typing import Any

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Line, Name, Page, Shape, Walk
from console.api.words import Words
from console.channels.shapes import (
    Channel,
    ChannelChange,
    ChannelWelcome,
    NewChannel,
    read_change,
    read_draft,
    show_channel,
)
from console.names import check_departments, check_material, check_staff, check_tags, fresh
from console.patience import Patience, patiently
from console.wording import read_attachments, read_slots
from sop import channels as rules
from sop import greeting
from sop.channels import Draft
from sop.errors import Invalid
from sop.limits import CHANNEL_NAME, Violation
from storage import channels
from storage.numbers import Numbers

routes = Routes()
_CHANNEL = Words("渠道", "channel")
_COPY = " 副本"


class ChannelWalk(Walk):
    """Which channels: those of a folder, archived (deleted) or not, with `words` in the name."""

    words: Line = ""
    folder: Identity | None = None
    archived: bool | None = None


class Copy(Shape):
    """What the copy is called; it comes into the same folder unless another is named."""

    name: Name | None = None
    folder: Identity | None = None


@routes.on("GET /channels", Permission.READ_RULES, "渠道列表", "List channels, the newest first")
async def browse(call: Call, query: ChannelWalk) -> Page[Channel]:
    """Deleted ones too: their printed codes live on. Each with how many came through it."""
    found = await call.store.channels.page(
        before=read_before(query.after),
        most=query.limit + 1,
        folder_id=query.folder,
        archived=query.archived,
        words=query.words,
    )
    counts = await Numbers(call.store.scope).channels([channel.id for channel in found])
    site = call.console.public_url
    return turn(
        found, query.limit, lambda channel: show_channel(channel, counts, site=site), lambda channel: (channel.id,)
    )


@routes.on("POST /channels", Permission.WRITE_RULES, "新建渠道活码", "Create a channel", status=201)
async def create(call: Call, body: NewChannel, query: Patience) -> Channel:
    """WeCom makes the code after this is stored; everything that is wrong with it is told at once."""
    draft = read_draft(body)
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
    shown = show_channel(channel, {}, site=call.console.public_url)
    call.after = patiently(query, shown, lambda: _made(call, channel.id))
    return shown


@routes.on("GET /channels/{channel_id}", Permission.READ_RULES, "查看渠道", "Show a channel")
async def show(call: Call, channel_id: Identity) -> Channel:
    """One channel, deleted ones too."""
    return await _tell(call, await _find(call, channel_id))


@routes.on("PATCH /channels/{channel_id}", Permission.WRITE_RULES, "修改渠道", "Change a channel")
async def change(call: Call, channel_id: Identity, body: ChannelChange) -> Channel:
    """The printed code stays the same and works as before until WeCom has the change."""
    channel = await _find(call, channel_id)
    if channel.ended:
        raise Problem("state", reason_zh="渠道已删除。", reason_en="The channel is deleted.")
    draft = read_change(body, channel)
    if found := rules.check_change(channel, draft) + await _check(call, draft, before=channel):
        raise Invalid(found)
    call.store.channels.change(channel, draft)
    written: dict[str, Any] = {field.name: getattr(draft, field.name) for field in fields(Draft)}
    written |= {"version": channel.version + 1, "status": "pending", "reason": "", "changed_at": call.now}
    return await _tell(call, replace(channel, **written))


@routes.on("POST /channels/{channel_id}/copy", Permission.WRITE_RULES, "复制渠道", "Copy a channel", status=201)
async def copy(call: Call, channel_id: Identity, body: Copy, query: Patience) -> Channel:
    """A new code with the same settings and welcomes, of deleted ones too; flows of the old one do not know it."""
    channel = await _find(call, channel_id)
    values: dict[str, Any] = {field.name: getattr(channel, field.name) for field in fields(Draft)}
    values["name"] = body.name or f"{channel.name[: CHANNEL_NAME.most - len(_COPY)]}{_COPY}"
    values["folder_id"] = body.folder or channel.folder_id
    if channel.temporary or (channel.expires_at and channel.expires_at <= call.now):
        values["expires_at"] = None
    draft = Draft(**values)
    if found := await _check(call, draft):
        raise Invalid(found)
    made = call.store.channels.add(draft)
    for welcome in await call.store.welcomes.of_channel(channel.id):
        call.store.welcomes.add(replace(welcome, scope_id=str(made.id)))
    shown = show_channel(made, {}, site=call.console.public_url)
    call.after = patiently(query, shown, lambda: _made(call, made.id))
    return shown


@routes.on("DELETE /channels/{channel_id}", Permission.WRITE_RULES, "删除渠道", "Delete a channel", status=202)
async def remove(call: Call, channel_id: Identity) -> Channel:
    """WeCom takes the code away a moment later; deleting it again changes nothing."""
    channel = await _find(call, channel_id)
    if channel.ended:
        return await _tell(call, channel)
    call.store.channels.remove(channel)
    return (await _tell(call, channel)).model_copy(update={"status": "deleting", "changed_at": call.now})


async def _check(call: Call, draft: Draft, *, before: Draft | None = None) -> list[Violation]:
    """What is wrong with a channel; of what it has already, nothing is looked up again."""
    old = before or Draft(name="")
    found = rules.check(draft)
    people = {field: fresh(getattr(draft, field), getattr(old, field)) for field in ("staff", "backup")}
    found += await check_staff(call, people)
    found += await check_departments(call, fresh(draft.departments, old.departments))
    found += await check_tags(call, fresh(draft.tags, old.tags))
    if draft.conclusion and draft.conclusion != old.conclusion:
        found += await check_material(call, draft.conclusion.attachment, field="conclusion.attachment")
    if draft.folder_id and await call.store.folders.get(draft.folder_id) is None:
        found.append(Violation("folder", "没有这个分组", "there is no such folder"))
    kept = before is not None and before.expires_at == draft.expires_at
    if draft.expires_at and draft.expires_at <= call.now and not kept:
        found.append(Violation("expires_at", "到期时间已过", "this moment is past"))
    return found


def _welcome(given: ChannelWelcome, name: str) -> greeting.Draft:
    return greeting.Draft(
        name=name,
        scope_kind="channel",
        scope_id="0",
        text=given.text,
        attachments=read_attachments(given.attachments),
        slots=read_slots(given.slots),
    )


async def _made(call: Call, channel_id: int) -> Channel | None:
    """The channel once WeCom has made its code, or refused to."""
    channel = await _find(call, channel_id)
    return None if channel.status == "pending" else show_channel(channel, {}, site=call.console.public_url)


async def _find(call: Call, channel_id: int) -> channels.Channel:
    channel = await call.store.channels.get(channel_id)
    if channel is None:
        raise missing(_CHANNEL)
    return channel


async def _tell(call: Call, channel: channels.Channel) -> Channel:
    counts = await Numbers(call.store.scope).channels([channel.id])
    return show_channel(channel, counts, site=call.console.public_url)
