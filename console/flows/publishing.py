"""Publishing flows: what it means for those inside, pausing, resuming, ending, and the versions that were."""

from console.api.call import Call
from console.api.problem import Problem
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity
from console.flows.shapes import OutlookOut, Outlooks, Published, Publishing, VersionOut, VersionsOut
from console.flows.sheets import find_flow
from sop.errors import Invalid
from sop.events import FlowChanged
from sop.flows import document, edits
from storage.flows import Status
from storage.flows.checks import find_faults
from storage.values import decode

routes = Routes()
_TURNS: dict[Status, tuple[Status, ...]] = {
    "paused": ("running",), "running": ("paused",), "ended": ("running", "paused"),
}  # fmt: skip


@routes.on(
    "GET /flows/{flow_id}/outlook", Permission.READ_RULES, "发布影响预览", "What publishing means for those inside"
)
async def look(call: Call, flow_id: Identity) -> Outlooks:
    """How many are at each node of the published version, and what becomes of them if they follow the draft."""
    sheet = await find_flow(call, flow_id)
    versions = await call.store.flows.versions(flow_id)
    if not sheet.version:
        return Outlooks(inside=0, items=())
    old, new = versions[sheet.version].flow, document.parse(sheet.draft)
    counts: dict[str, int] = {}
    modes = {number: edits.Published(one.flow, one.mode) for number, one in versions.items()}
    for (version, node), count in (await call.store.flownumbers.parked(flow_id)).items():
        if edits.newest(version, modes) == sheet.version:  # who finishes an older one is not concerned
            counts[node] = counts.get(node, 0) + count
    items = [
        OutlookOut(node=one.node, title=old.nodes[one.node].title, count=one.count, fate=one.fate, to=one.to)
        for one in edits.outlook(old, new, counts)
    ]
    return Outlooks(inside=sum(counts.values()), items=tuple(items))


@routes.on("POST /flows/{flow_id}/publish", Permission.WRITE_RULES, "发布旅程", "Publish a flow")
async def publish(call: Call, flow_id: Identity, body: Publishing) -> Published:
    """The draft becomes the next version and runs. Those inside follow it, or finish theirs."""
    sheet = await find_flow(call, flow_id, edition=body.edition)
    flow = document.parse(sheet.draft)
    stopping = [fault.violation for fault in await find_faults(call.store, flow) if fault.stops]
    if stopping:
        raise Invalid(stopping)
    number = call.store.flows.publish(sheet, mode=body.mode, by=f"token:{call.principal.token_id}")
    call.store.announce(FlowChanged(corp_id=call.corp.id, at=call.now, flow_id=sheet.id, version=number))
    return Published(version=number)


@routes.on("POST /flows/{flow_id}/pause", Permission.WRITE_RULES, "暂停旅程", "Pause a flow", status=204)
async def pause(call: Call, flow_id: Identity) -> None:
    """Everybody stays where they are, and what is planned waits; who comes in meanwhile waits at the start."""
    await _turn(call, flow_id, "paused")


@routes.on("POST /flows/{flow_id}/resume", Permission.WRITE_RULES, "恢复旅程", "Resume a flow", status=204)
async def resume(call: Call, flow_id: Identity) -> None:
    """What was missed is made up for in order; messages that are too late by now are skipped with the reason."""
    await _turn(call, flow_id, "running")


@routes.on("POST /flows/{flow_id}/end", Permission.WRITE_RULES, "结束旅程", "End a flow", status=204)
async def end(call: Call, flow_id: Identity) -> None:
    """Nobody comes in any more, nothing more is done for those inside, and what is not confirmed is called off."""
    await _turn(call, flow_id, "ended")


@routes.on("GET /flows/{flow_id}/versions", Permission.READ_RULES, "旅程的历史版本", "The versions of a flow")
async def versions(call: Call, flow_id: Identity) -> VersionsOut:
    """All that were published, the newest first."""
    sheet = await find_flow(call, flow_id)
    found = await call.store.flows.versions(sheet.id)
    shown = [
        VersionOut(
            number=one.number,
            document=decode(document.dump(one.flow)),
            digest=one.digest,
            mode=one.mode,
            by=one.by,
            published_at=one.published_at,
        )
        for one in found.values()
    ]
    return VersionsOut(items=tuple(reversed(shown)))


async def _turn(call: Call, flow_id: int, status: Status) -> None:
    sheet = await find_flow(call, flow_id)
    if sheet.status == status:
        return
    if sheet.status not in _TURNS[status]:
        raise Problem("conflict")
    call.store.flows.turn(sheet, status)
    deliveries = call.store.deliveries
    act = {"paused": deliveries.hold, "running": deliveries.release, "ended": deliveries.cancel}[status]
    act("flow", sheet.id)
