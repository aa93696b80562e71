"""The documents of flows: drafts, what is wrong with them, and their schema."""

from typing import Any

from console.api.call import Call
from console.api.paging import read_before, turn
from console.api.problem import Problem, missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Line, Page, Walk
from console.api.words import Words
from console.flows.checks import show_faults
from console.flows.shapes import FlowChange, FlowIn, FlowLine, FlowOut, Linted
from sop.flows import document
from storage.flows import Sheet
from storage.flows.checks import find_faults

routes = Routes()
FLOW = Words("旅程", "flow")
MOST = 512 * 1024  # bytes of a document


class FlowQuery(Walk):
    """Flows of a status: draft, running, paused, ended."""

    status: Line = ""


class Schema(Answer):
    """A JSON schema."""

    document: dict[str, Any]


@routes.on("GET /flows", Permission.READ_RULES, "旅程列表", "List flows, the newest first")
async def browse(call: Call, query: FlowQuery) -> Page[FlowLine]:
    """All flows, or those of a status."""
    found = await call.store.flows.page(status=query.status, before=read_before(query.after), most=query.limit + 1)
    return turn(found, query.limit, FlowLine.model_validate, lambda sheet: (sheet.id,))


@routes.on("POST /flows", Permission.WRITE_RULES, "新建旅程", "Create a flow", status=201, limit=MOST)
async def create(call: Call, body: FlowIn) -> FlowOut:
    """It is a draft, and may have faults; nobody comes in before it is published."""
    flow = document.parse(body.document)
    return await show_sheet(call, call.store.flows.add(flow))


@routes.on("GET /flows/schema", Permission.READ_RULES, "旅程文档的 JSON Schema", "The JSON schema of flows")
async def schema(call: Call) -> Schema:  # noqa: ARG001
    """What a document may hold, for editors and for checks elsewhere."""
    return Schema(document=document.schema())


@routes.on("POST /flows/lint", Permission.READ_RULES, "检查旅程文档", "Check a document of a flow", limit=MOST)
async def lint(call: Call, body: FlowIn) -> Linted:
    """All that is wrong with it, with the node and what to do; nothing is stored."""
    return Linted(faults=show_faults(await find_faults(call.store, document.parse(body.document))))


@routes.on("GET /flows/{flow_id}", Permission.READ_RULES, "查看旅程", "Show a flow")
async def show(call: Call, flow_id: Identity) -> FlowOut:
    """Its draft with all that is wrong with it."""
    return await show_sheet(call, await find_flow(call, flow_id))


@routes.on("PUT /flows/{flow_id}", Permission.WRITE_RULES, "修改旅程草稿", "Change a flow's draft", limit=MOST)
async def change(call: Call, flow_id: Identity, body: FlowChange) -> FlowOut:
    """Those inside notice nothing before it is published."""
    sheet = await find_flow(call, flow_id, edition=body.edition)
    call.store.flows.edit(sheet, document.parse(body.document))
    return await _again(call, flow_id)


@routes.on("DELETE /flows/{flow_id}", Permission.WRITE_RULES, "删除旅程草稿", "Delete a flow", status=204)
async def remove(call: Call, flow_id: Identity) -> None:
    """Only one that was never published: of others the record stays, they are ended instead."""
    sheet = await find_flow(call, flow_id)
    if sheet.version:
        raise Problem("conflict")
    call.store.flows.remove(sheet)


async def find_flow(call: Call, flow_id: int, *, edition: int | None = None) -> Sheet:
    """A flow, in the edition that was read if one is named."""
    sheet = await call.store.flows.get(flow_id)
    if sheet is None:
        raise missing(FLOW)
    if edition is not None and edition != sheet.edition:
        raise Problem("conflict")
    return sheet


async def show_sheet(call: Call, sheet: Sheet) -> FlowOut:
    """A flow with the faults of its draft."""
    faults = await find_faults(call.store, document.parse(sheet.draft))
    return FlowOut(
        id=sheet.id,
        name=sheet.name,
        subject=sheet.subject,
        status=sheet.status,
        version=sheet.version,
        edition=sheet.edition,
        document=dict(sheet.draft),
        faults=show_faults(faults),
        created_at=sheet.created_at,
        changed_at=sheet.changed_at,
    )


async def _again(call: Call, flow_id: int) -> FlowOut:
    """The flow as it is after the commit."""

    async def look() -> FlowOut:
        return await show_sheet(call, await find_flow(call, flow_id))

    call.after = look
    return await look()
