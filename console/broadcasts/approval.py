"""Approval: who wrote a broadcast does not let it go out, where the corp wants it so."""

from dataclasses import replace

from console.api.call import Call
from console.api.problem import Problem
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity
from console.broadcasts.shapes import ApprovalOut, ApprovalShape, BroadcastOut, Decided, Noted
from console.broadcasts.sheets import again, find
from sop.broadcasts.checks import check
from sop.broadcasts.states import Approval, Status, approvers, consent
from sop.errors import Invalid

routes = Routes()
SETTING = "broadcasts.approval"


@routes.on("GET /broadcasts/approval", Permission.READ_BROADCASTS, "查看群发审批设置", "When broadcasts need approval")
async def show_rule(call: Call) -> ApprovalOut:
    """By default never."""
    return ApprovalOut.model_validate(await rule(call))


@routes.on(
    "PUT /broadcasts/approval", Permission.MANAGE_TOKENS, "修改群发审批设置", "Set when broadcasts need approval"
)
async def put_rule(call: Call, body: ApprovalShape) -> ApprovalOut:
    """In force for what is submitted or started from now on; only who gives out tokens may change it."""
    call.store.settings.put(SETTING, {"above": body.above, "approvers": body.approvers})
    return ApprovalOut(above=body.above, approvers=body.approvers)


@routes.on("POST /broadcasts/{broadcast_id}/submit", Permission.WRITE_BROADCASTS, "提交审批", "Submit a broadcast")
async def submit(call: Call, broadcast_id: Identity, body: Noted | None = None) -> BroadcastOut:
    """Its audience is counted; one that needs nobody's approval is approved at once."""
    card = await find(call, broadcast_id, "submit")
    if found := check(card.broadcast, call.now):
        raise Invalid(found)
    size = await call.store.broadcasts.audiences.count(card.broadcast)
    needed = (await rule(call)).needed(size)
    approved = len(approvers(await call.store.broadcasts.acts(card.id), card.edition))
    status = Status.WAITING if approved < needed else Status.APPROVED
    call.store.broadcasts.turn(card, replace(card, status=status, size=size, approvers=needed))
    call.store.broadcasts.note(card, "submitted", call.principal.person, body.note if body else "")
    return await again(call, broadcast_id)


@routes.on("POST /broadcasts/{broadcast_id}/approve", Permission.APPROVE_BROADCASTS, "审批通过", "Approve a broadcast")
async def approve(call: Call, broadcast_id: Identity, body: Decided) -> BroadcastOut:
    """Not who wrote any of it, and nobody twice; of a recurring one all runs are approved by this."""
    card = await find(call, broadcast_id, "approve", edition=body.edition)
    acts, who = await call.store.broadcasts.acts(card.id), call.principal.person
    consent(acts, who=who, edition=card.edition)
    enough = len(approvers(acts, card.edition) | {who}) >= card.approvers
    call.store.broadcasts.turn(card, replace(card, status=Status.APPROVED if enough else Status.WAITING))
    call.store.broadcasts.note(card, "approved", who, body.note)
    return await again(call, broadcast_id)


@routes.on("POST /broadcasts/{broadcast_id}/reject", Permission.APPROVE_BROADCASTS, "驳回群发", "Reject a broadcast")
async def reject(call: Call, broadcast_id: Identity, body: Decided) -> BroadcastOut:
    """With a note of what is to be different; changed or not, it can be submitted again."""
    card = await find(call, broadcast_id, "reject", edition=body.edition)
    call.store.broadcasts.turn(card, replace(card, status=Status.REJECTED))
    call.store.broadcasts.note(card, "rejected", call.principal.person, body.note)
    return await again(call, broadcast_id)


async def rule(call: Call) -> Approval:
    """When approval is needed."""
    setting = await call.store.settings.get(SETTING, dict[str, int | None]())
    return Approval(above=setting.get("above"), approvers=setting.get("approvers") or 1)


async def permit(call: Call, broadcast_id: int) -> int:
    """Raise a problem unless a broadcast has as many approvals as it needs for those whom it is for now; how many."""
    card = await find(call, broadcast_id)
    size = await call.store.broadcasts.audiences.count(card.broadcast)
    needed = (await rule(call)).needed(size)
    approved = approvers(await call.store.broadcasts.acts(card.id), card.edition)
    if len(approved) < needed:
        zh = f"发送对象 {size}，需要 {needed} 人审批，已有 {len(approved)} 人：请先提交审批。"
        en = f"An audience of {size} needs {needed} approvals and has {len(approved)}: submit it first."
        raise Problem("state", reason_zh=zh, reason_en=en)
    return size
