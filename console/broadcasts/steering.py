"""Steering: a broadcast is started, paused, resumed, called off; members are reminded; a variant is promoted."""

from dataclasses import replace

from console.api.call import Call
from console.api.problem import Problem, invalid
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity
from console.api.words import Words
from console.broadcasts.approval import permit
from console.broadcasts.shapes import BroadcastOut, Chosen, Noted, RunNumber
from console.broadcasts.sheets import again, find, read_document, unfit
from console.broadcasts.views import Reminded
from sop.broadcasts import document
from sop.broadcasts.funnels import TRIAL_PROMOTED
from sop.broadcasts.states import RunStatus, Status
from sop.events import MailingDue
from sop.experiments import Winner
from storage.broadcasts import steering
from storage.values import decode

routes = Routes()
MAILINGS = 300  # of which members are reminded at once
_PASSED = Words("发送时间已过，请修改时间。", "Its time has passed: choose another.")
_NO_VARIANT = Words("没有这个版本", "there is no such variant")
_NO_TRIAL = Words("这次发送没有在试发。", "This run is not trying anything out.")


@routes.on("POST /broadcasts/{broadcast_id}/start", Permission.WRITE_BROADCASTS, "开始群发", "Start a broadcast")
async def start(call: Call, broadcast_id: Identity, body: Noted | None = None) -> BroadcastOut:
    """Now, or when its schedule says; for whom, is told when each run begins."""
    card = await find(call, broadcast_id, "start")
    await read_document(call, decode(document.dump(card.broadcast)))
    size = await permit(call, card.id)
    begun = await steering.schedule(call.store, replace(card, size=size))
    if begun.next is None:
        raise Problem("state", reason_zh=_PASSED.zh, reason_en=_PASSED.en)
    call.store.broadcasts.note(card, "started", call.principal.person, _note(body))
    return await again(call, broadcast_id)


@routes.on("POST /broadcasts/{broadcast_id}/pause", Permission.WRITE_BROADCASTS, "暂停群发", "Pause a broadcast")
async def pause(call: Call, broadcast_id: Identity, body: Noted | None = None) -> BroadcastOut:
    """No further task is made at WeCom; what members have to confirm already stays with them until it is called off."""
    card = await find(call, broadcast_id, "pause")
    await steering.pause(call.store, card)
    call.store.broadcasts.note(card, "paused", call.principal.person, _note(body))
    return await again(call, broadcast_id)


@routes.on("POST /broadcasts/{broadcast_id}/resume", Permission.WRITE_BROADCASTS, "继续群发", "Go on with a broadcast")
async def resume(call: Call, broadcast_id: Identity, body: Noted | None = None) -> BroadcastOut:
    """Where it stood; of the times of a schedule that have passed the latest is made up for, if it is not too late."""
    card = await find(call, broadcast_id, "resume")
    await steering.resume(call.store, card)
    call.store.broadcasts.note(card, "resumed", call.principal.person, _note(body))
    return await again(call, broadcast_id)


@routes.on("POST /broadcasts/{broadcast_id}/cancel", Permission.WRITE_BROADCASTS, "取消群发", "Call a broadcast off")
async def cancel(call: Call, broadcast_id: Identity, body: Noted | None = None) -> BroadcastOut:
    """What is not confirmed yet is stopped at WeCom too; what customers have got stays with them."""
    card = await find(call, broadcast_id, "cancel")
    await steering.cancel(call.store, card)
    call.store.broadcasts.note(card, "cancelled", call.principal.person, _note(body))
    return await again(call, broadcast_id)


@routes.on("POST /broadcasts/{broadcast_id}/remind", Permission.WRITE_BROADCASTS, "提醒员工确认", "Remind members")
async def remind(call: Call, broadcast_id: Identity, body: Noted | None = None) -> Reminded:
    """Those who have not confirmed, of each task; WeCom takes three reminders of one in 24 hours."""
    card = await find(call, broadcast_id)
    count = 0
    for run in await call.store.broadcasts.runs.open(card.id):
        for mailing in await call.store.deliveries.mailings.open_of("broadcast", run.id, most=MAILINGS):
            due = MailingDue(corp_id=call.corp.id, at=call.now, mailing_id=mailing.id, remind=True)
            call.store.announce(due)
            count += 1
    call.store.broadcasts.note(card, "reminded", call.principal.person, _note(body))
    return Reminded(mailings=count)


@routes.on(
    "POST /broadcasts/{broadcast_id}/runs/{number}/promote",
    Permission.WRITE_BROADCASTS,
    "选定版本发给其余客户",
    "Give the rest of a run a variant",
)
async def promote(call: Call, broadcast_id: Identity, number: RunNumber, body: Chosen) -> BroadcastOut:
    """At once, whatever the sample has shown by now."""
    card = await find(call, broadcast_id)
    run = await call.store.broadcasts.runs.numbered(card.id, number)
    if run is None or run.status is not RunStatus.TRYING:
        raise Problem("state", reason_zh=_NO_TRIAL.zh, reason_en=_NO_TRIAL.en)
    if card.status is not Status.RUNNING:
        raise unfit(card)
    if body.variant not in run.broadcast.arms:
        raise invalid("variant", _NO_VARIANT)
    steering.rest(call.store, run, Winner(body.variant, TRIAL_PROMOTED))
    about = {"rule": f"broadcast:{card.id}", "run": run.number, "by": call.principal.person}
    call.store.decide("broadcast_trial", body.variant, TRIAL_PROMOTED, **about)
    call.store.broadcasts.note(card, "promoted", call.principal.person, body.variant)
    return await again(call, broadcast_id)


def _note(body: Noted | None) -> str:
    return body.note if body else ""
