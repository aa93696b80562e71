"""The documents of broadcasts: written, changed, copied; what they name must exist."""

from typing import Any, Literal

import msgspec

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Page, Walk
from console.api.words import Words
from console.broadcasts.naming import check_names
from console.broadcasts.shapes import (
    ActOut,
    BroadcastChange,
    BroadcastIn,
    BroadcastLine,
    BroadcastOut,
    BroadcastSchema,
    Copying,
    Document,
)
from sop import schedules
from sop.broadcasts import document
from sop.broadcasts.checks import check
from sop.broadcasts.document import Broadcast
from sop.broadcasts.states import Deed, Status, approvers, may
from sop.errors import Invalid
from storage.broadcasts import Card

routes = Routes()
BROADCAST = Words("群发", "broadcast")
MOST = 1024 * 1024  # bytes of a document
_NOW = Words("立即", "at once")
_Status = Literal["", "draft", "waiting", "approved", "rejected", "scheduled", "running", "paused", "done", "cancelled"]


class BroadcastQuery(Walk):
    """Which broadcasts: of a status, to customers or to groups."""

    status: _Status = ""
    kind: Literal["", "customers", "groups"] = ""


@routes.on("GET /broadcasts", Permission.READ_BROADCASTS, "群发列表", "List broadcasts, the newest first")
async def browse(call: Call, query: BroadcastQuery) -> Page[BroadcastLine]:
    """All of them, or those of a status."""
    found = await call.store.broadcasts.page(
        status=query.status, kind=query.kind, before=read_before(query.after), most=query.limit + 1
    )
    return turn(found, query.limit, show_line, lambda card: (card.id,))


@routes.on("POST /broadcasts", Permission.WRITE_BROADCASTS, "新建群发", "Write a broadcast", status=201, limit=MOST)
async def create(call: Call, body: BroadcastIn) -> BroadcastOut:
    """It is a draft: nothing is sent before it is started."""
    broadcast = await read_document(call, body.document)
    return await show_card(call, call.store.broadcasts.add(broadcast, call.principal.person), fresh=True)


@routes.on("GET /broadcasts/schema", Permission.READ_BROADCASTS, "群发文档的 JSON Schema", "The schema of broadcasts")
async def schema(call: Call) -> BroadcastSchema:  # noqa: ARG001
    """What a document may hold."""
    return BroadcastSchema(document=document.schema())


@routes.on("GET /broadcasts/{broadcast_id}", Permission.READ_BROADCASTS, "查看群发", "Show a broadcast")
async def show(call: Call, broadcast_id: Identity) -> BroadcastOut:
    """With who did what with it."""
    return await show_card(call, await find(call, broadcast_id))


@routes.on("PUT /broadcasts/{broadcast_id}", Permission.WRITE_BROADCASTS, "修改群发", "Change a broadcast", limit=MOST)
async def change(call: Call, broadcast_id: Identity, body: BroadcastChange) -> BroadcastOut:
    """It is a draft again: what was approved was another edition. One that is under way stays as it is."""
    card = await find(call, broadcast_id, "edit", edition=body.edition)
    broadcast = await read_document(call, body.document)
    call.store.broadcasts.edit(card, broadcast, call.principal.person)
    return await again(call, broadcast_id)


@routes.on(
    "DELETE /broadcasts/{broadcast_id}", Permission.WRITE_BROADCASTS, "删除群发草稿", "Delete a broadcast", status=204
)
async def remove(call: Call, broadcast_id: Identity) -> None:
    """Only one that never went out: of others the record stays."""
    card = await find(call, broadcast_id, "remove")
    if card.runs:
        raise unfit(card)
    call.store.broadcasts.remove(card)


@routes.on(
    "POST /broadcasts/{broadcast_id}/copy", Permission.WRITE_BROADCASTS, "复制群发", "Copy a broadcast", status=201
)
async def copy(call: Call, broadcast_id: Identity, body: Copying | None = None) -> BroadcastOut:
    """A draft that says the same; a time that has passed is left out, so that it would go out at once."""
    broadcast = (await find(call, broadcast_id)).broadcast
    renamed = msgspec.structs.replace(broadcast, name=(body and body.name) or broadcast.name)
    fields = {violation.field for violation in check(renamed, call.now)}
    kept = msgspec.structs.replace(renamed, until=None if "until" in fields else renamed.until)
    made = call.store.broadcasts.add(kept, call.principal.person, what="copied", note=str(broadcast_id))
    return await show_card(call, made, fresh=True)


async def find(call: Call, broadcast_id: int, deed: Deed | None = None, *, edition: int | None = None) -> Card:
    """A broadcast, with which this may be done now, in the edition that was read if one is named."""
    card = await call.store.broadcasts.get(broadcast_id)
    if card is None:
        raise missing(BROADCAST)
    if edition is not None and edition != card.edition:
        raise Problem("conflict")
    if deed is not None and not may(deed, card.status):
        raise unfit(card)
    return card


def unfit(card: Card) -> Problem:
    """What was asked for does not go with how it stands."""
    status = card.status.value
    return Problem("state", reason_zh=f"群发当前状态为 {status}。", reason_en=f"The broadcast is {status}.")


async def read_document(call: Call, written: Document) -> Broadcast:
    """A broadcast of what was written; raises `Invalid` with all that is wrong with it."""
    broadcast = document.parse(written)
    found = check(broadcast, call.now)
    if found := found or await check_names(call, broadcast):
        raise Invalid(found)
    return broadcast


def show_line(card: Card) -> BroadcastLine:
    """A broadcast in a list."""
    return BroadcastLine(**_line(card))


async def show_card(call: Call, card: Card, *, fresh: bool = False) -> BroadcastOut:
    """A broadcast with all that was done with it; one that was only just written has no past that could be read."""
    acts = () if fresh else await call.store.broadcasts.acts(card.id)
    schedule = card.broadcast.schedule
    said = schedules.describe(schedule) if schedule else _NOW
    return BroadcastOut(
        **_line(card),
        document=msgspec.json.decode(document.dump(card.broadcast)),
        sentence=said.en if call.language == "en" else said.zh,
        approvers=card.approvers,
        approved=0 if card.status is Status.DRAFT else len(approvers(acts, card.edition)),
        acts=tuple(map(ActOut.model_validate, acts)),
    )


async def again(call: Call, broadcast_id: int) -> BroadcastOut:
    """The broadcast as it stands after the commit."""

    async def look() -> BroadcastOut:
        return await show_card(call, await find(call, broadcast_id))

    call.after = look
    return await look()


def _line(card: Card) -> dict[str, Any]:
    names = ("id", "status", "edition", "size", "runs", "created_at", "changed_at")
    values = {name: getattr(card, name) for name in names}
    broadcast, at = card.broadcast, card.next.at if card.next else None
    return values | {"name": broadcast.name, "kind": broadcast.kind, "next_at": at}
