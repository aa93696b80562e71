"""Bring the contact ways at WeCom in step with what operators want and whom channels show, one call at a time each.

A channel is no twin (`handlers.twins`): a live one is looked at too, as whom it shows turns by itself, and what WeCom
refused counts per view, not per version. Twins would need a hook in every statement and every end of a call.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from handlers.router import Router
from sop import reasons
from sop.channels import turns
from sop.channels.turns import EXPIRED, TURNED, UNCHANGED, View
from sop.conclusions import CONCLUSION_WAITS, Conclusion
from sop.events import ChannelChanged, ChannelTurned, CustomerArrived, Outcome, Settled
from sop.intents import Attachment, CreateContactWay, DeleteContactWay, UpdateContactWay
from storage.channels import Channel, scenes
from storage.store import Store

Put = CreateContactWay | UpdateContactWay
Call = Put | DeleteContactWay

PAUSE = timedelta(minutes=1)  # until we look again whether the material of a conclusion is uploaded
router = Router()


@router.on(ChannelChanged, ChannelTurned, CustomerArrived)
async def converge(event: ChannelChanged | ChannelTurned | CustomerArrived, store: Store) -> None:
    """Compare what should be at WeCom now with what is, and take the next step, unless one is under way."""
    channel = await store.channels.get(event.channel_id)
    if channel is None or channel.asked or channel.status == "deleted":
        return
    if channel.status == "deleting":
        _take_away(channel, store)
    elif channel.expires_at and store.now >= channel.expires_at:
        if channel.status == "refused":
            return  # tried again at night: WeCom would refuse it now as it just did
        store.channels.remove(channel)
        store.decide("channel", "wanted", EXPIRED, **_name(channel))
    else:
        await _show(channel, store)


def _take_away(channel: Channel, store: Store) -> None:
    store.cancel(_timer(channel))
    if channel.config_id:
        _take(
            DeleteContactWay(channel_id=channel.id, version=channel.version, config_id=channel.config_id),
            channel,
            store,
            reason=reasons.CHANNEL_WANTED,
        )
    else:
        store.channels.bury(channel.id)
        store.decide("channel", "skipped", reasons.CHANNEL_DELETED, **_name(channel))


async def _show(channel: Channel, store: Store) -> None:
    """Tell WeCom whom to show, if that is not what it has already nor what it refused just so."""
    turn = turns.turn(channel, await scenes.read(store, channel, counting=channel.counts))
    store.channels.turn(channel.id, turn)
    store.cancel(_timer(channel))
    attachment, ready = await _attach(turn.view, store)
    if next_at := turn.next_at if ready or turn.view == channel.shown else store.now + PAUSE:
        look = ChannelTurned(corp_id=store.scope.corp_id, at=next_at, channel_id=channel.id)
        store.schedule(look, name=_timer(channel), due_at=next_at)
    if turn.view == channel.shown:
        if channel.status != "live":
            store.channels.see(channel.id, channel.version, config_id=channel.config_id)
            store.decide("channel", "skipped", UNCHANGED, **_name(channel))
        return
    if channel.status == "refused" and turn.view == channel.tried:
        return
    if not ready:
        store.decide("channel", "delayed", CONCLUSION_WAITS, **_name(channel))
        return
    reason = reasons.CHANNEL_WANTED if channel.seen < channel.version else TURNED
    why = {"mode": turn.assignment.mode, "why": turn.assignment.reasons}
    _take(_word(channel, turn.view, attachment), channel, store, reason=reason, **why)


def _take(step: Call, channel: Channel, store: Store, *, reason: str, **why: Any) -> None:
    intent_id = store.intend(step)
    store.channels.ask(channel.id, channel.version)
    store.decide("channel", "wanted", reason, intent_id=intent_id, **why, **_name(channel))


@router.on(Settled, of=CreateContactWay)
async def created(event: Settled, store: Store) -> None:
    """Keep the id and the picture: without the id the code could never be changed again."""
    way = cast(CreateContactWay, event.intent)
    if event.outcome is Outcome.DONE:
        config_id, qr_code = event.result["config_id"], event.result.get("qr_code", "")
        store.channels.see(way.channel_id, way.version, config_id=config_id, qr_code=qr_code, shown=_view(way))
    await _conclude(event, store, channel_id=way.channel_id, version=way.version)


@router.on(Settled, of=UpdateContactWay)
async def updated(event: Settled, store: Store) -> None:
    """Note that WeCom has the version; the picture stays the same."""
    way = cast(UpdateContactWay, event.intent)
    if event.outcome is Outcome.DONE:
        store.channels.see(way.channel_id, way.version, config_id=way.config_id, shown=_view(way))
    await _conclude(event, store, channel_id=way.channel_id, version=way.version)


@router.on(Settled, of=DeleteContactWay)
async def deleted(event: Settled, store: Store) -> None:
    """Note that the code is gone; the channel stays for those who still scan it, and for the history."""
    way = cast(DeleteContactWay, event.intent)
    if event.outcome is Outcome.DONE:
        store.channels.bury(way.channel_id)
    await _conclude(event, store, channel_id=way.channel_id, version=way.version)


async def _conclude(event: Settled, store: Store, *, channel_id: int, version: int) -> None:
    """Give the reason, and look again: what is wanted may have moved on meanwhile."""
    about = {"rule": f"channel:{channel_id}", "version": version, "intent_id": event.intent_id}
    if event.outcome is Outcome.DONE:
        gone = event.intent_kind == DeleteContactWay.kind
        store.decide("channel", "sent", reasons.CHANNEL_DELETED if gone else reasons.CHANNEL_LIVE, **about)
    else:
        refused = event.outcome is Outcome.REFUSED
        reason = reasons.CHANNEL_REFUSED if refused else reasons.CHANNEL_FAILED
        tried = None if isinstance(event.intent, DeleteContactWay) else _view(cast(Put, event.intent))
        store.channels.refuse(channel_id, version, reason=event.said, tried=tried)
        store.decide("channel", event.outcome.value, reason, code=event.code, said=event.reason, **about)
    store.channels.converge(channel_id, version)


async def _attach(view: View, store: Store) -> tuple[Attachment | None, bool]:
    """What the conclusion shows, with the media id of its material, and whether it has all it needs."""
    attachment = view.conclusion.attachment if view.conclusion else None
    if attachment is None or not attachment.material:
        return attachment, True
    media = await store.materials.media((int(attachment.material),), at=store.now + PAUSE)
    return replace(attachment, media_id=media.get(attachment.material, "")), attachment.material in media


def _word(channel: Channel, view: View, attachment: Attachment | None) -> Put:
    wanted: dict[str, Any] = {
        "channel_id": channel.id,
        "version": channel.version,
        "turn": channel.turn + 1,
        "state": channel.state,
        "users": view.users,
        "departments": view.departments,
        "remark": view.remark,
        "skip_verify": view.skip_verify,
        "session": view.session,
        "closing": view.conclusion.text if view.conclusion else "",
        "attachment": attachment,
    }
    if channel.config_id:
        return UpdateContactWay(config_id=channel.config_id, **wanted)
    return CreateContactWay(exclusive=channel.exclusive, temporary=channel.temporary, **wanted)


def _view(way: Put) -> View:
    shown = replace(way.attachment, media_id="") if way.attachment else None  # lent anew every three days
    return View(
        users=way.users,
        departments=way.departments,
        remark=way.remark,
        skip_verify=way.skip_verify,
        session=way.session,
        conclusion=Conclusion(text=way.closing, attachment=shown) if way.closing or shown else None,
    )


def _timer(channel: Channel) -> str:
    """One look ahead per channel."""
    return f"channel:{channel.id}:turn"


def _name(channel: Channel) -> dict[str, str | int]:
    return {"rule": f"channel:{channel.id}", "version": channel.version}
