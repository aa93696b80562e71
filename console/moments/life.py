"""What becomes of a moment: submitted, approved or sent back, posted now, cancelled."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from console.api.call import Call
from console.api.problem import Problem
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Line, Shape
from console.moments.drafts import find
from console.moments.shapes import MomentOut, show
from sop import approvals
from sop.intents import CancelMoment
from sop.moments import AT_WECOM, CANCELLED, OVER, Status
from storage.moments import Moment

routes = Routes()


class Objection(Shape):
    """Why it is sent back."""

    why: Line = ""


@routes.on("POST /moments/{moment_id}/submit", Permission.WRITE_RULES, "提交朋友圈", "Submit a moment")
async def submit(call: Call, moment_id: Identity) -> MomentOut:
    """It goes out at its time; where the corp demands it (`approvals` in /settings) somebody else approves it first."""
    moment = await _find(call, moment_id, Status.DRAFT)
    demanded = await call.store.settings.get(approvals.SETTING, list[str]())
    if approvals.needed("moments", demanded):
        return _move(call, moment, Status.WAITING)
    return _release(call, moment)


@routes.on("POST /moments/{moment_id}/approve", Permission.APPROVE_BROADCASTS, "批准朋友圈", "Approve a moment")
async def approve(call: Call, moment_id: Identity) -> MomentOut:
    """By somebody else than its author."""
    moment = await _find(call, moment_id, Status.WAITING)
    if not approvals.may_approve(moment.author, call.principal.person):
        zh, en = "不能批准自己写的朋友圈，请换一个人批准。", "Its author cannot approve it: somebody else has to."
        raise Problem("state", reason_zh=zh, reason_en=en)
    return _release(call, moment, approver=call.principal.person)


@routes.on("POST /moments/{moment_id}/reject", Permission.APPROVE_BROADCASTS, "退回朋友圈", "Send a moment back")
async def reject(call: Call, moment_id: Identity, body: Objection) -> MomentOut:
    """It is a draft again."""
    moment = await _find(call, moment_id, Status.WAITING)
    return _move(call, moment, Status.DRAFT, said=body.why, approver="")


@routes.on("POST /moments/{moment_id}/publish", Permission.WRITE_RULES, "立即发布朋友圈", "Post a moment now")
async def publish(call: Call, moment_id: Identity) -> MomentOut:
    """An approved one before its time; one that was refused or did not go out once more; never an `unknown` one."""
    moment = await _find(call, moment_id, Status.APPROVED, Status.REFUSED, Status.FAILED)
    return _release(call, moment, due_at=None, code=0, said="", reason="")


@routes.on("POST /moments/{moment_id}/cancel", Permission.WRITE_RULES, "取消朋友圈", "Cancel a moment")
async def cancel(call: Call, moment_id: Identity) -> MomentOut:
    """Before its time nothing is posted; after it, who has not published cannot any more. What is published stays."""
    moment = await find(call, moment_id)
    if moment.status in OVER or moment.cancelling:
        return MomentOut(**show(moment))
    if moment.status not in AT_WECOM:
        call.store.cancel(f"moment:{moment.id}")
        return _move(call, moment, Status.CANCELLED, reason=CANCELLED, ended_at=call.now)
    if moment.status is Status.LIVE:
        call.store.intend(CancelMoment(row=moment.id, moment_id=moment.moment_id))
    return _move(call, moment, moment.status, cancelling=True)


async def _find(call: Call, moment_id: int, *statuses: Status) -> Moment:
    moment = await find(call, moment_id)
    if moment.status not in statuses:
        now = moment.status.value
        raise Problem("state", reason_zh=f"朋友圈的状态是 {now}，不能这样做。", reason_en=f"It is {now}.")
    return moment


def _release(call: Call, moment: Moment, *, due_at: datetime | str | None = "as is", **values: Any) -> MomentOut:
    """Let it go out at its time; one whose time has passed while it was waited for goes out now."""
    wanted = moment.due_at if isinstance(due_at, str) else due_at
    if wanted is not None and wanted < call.now:
        wanted = None
    call.store.cancel(f"moment:{moment.id}")
    call.store.moments.stir(moment.id)
    return _move(call, moment, Status.APPROVED, due_at=wanted, **values)


def _move(call: Call, moment: Moment, status: Status, **values: Any) -> MomentOut:
    call.store.moments.move(moment, status, **values)
    return MomentOut(**show(replace(moment, status=status, **values)))
