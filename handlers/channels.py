"""Bring the contact ways at WeCom in step with the channels that operators want, one call at a time per channel."""

from typing import Any, cast

from handlers.router import Router
from sop import reasons
from sop.events import ChannelChanged, Outcome, Settled
from sop.intents import CreateContactWay, DeleteContactWay, UpdateContactWay
from storage.channels import Channel
from storage.store import Store

NAME = 30  # characters of a contact way's remark, which administrators read
Call = CreateContactWay | UpdateContactWay | DeleteContactWay

router = Router()


@router.on(ChannelChanged)
async def converge(event: ChannelChanged, store: Store) -> None:
    """Compare what is wanted with what WeCom has, and take the next step, unless one is under way."""
    channel = await store.channels.get(event.channel_id)
    if channel is None or channel.asked or channel.status not in ("pending", "deleting"):
        return
    if channel.status == "deleting" and not channel.config_id:
        store.channels.bury(channel.id)
        store.decide("channel", "skipped", reasons.CHANNEL_DELETED, **_name(channel))
        return
    intent_id = store.intend(_take_step(channel))
    store.channels.ask(channel)
    store.decide("channel", "wanted", reasons.CHANNEL_WANTED, intent_id=intent_id, **_name(channel))


@router.on(Settled, of=CreateContactWay)
async def created(event: Settled, store: Store) -> None:
    """Keep the id and the picture: without the id the code could never be changed again."""
    way = cast(CreateContactWay, event.intent)
    if event.outcome is Outcome.DONE:
        config_id, qr_code = event.result["config_id"], event.result.get("qr_code", "")
        store.channels.see(way.channel_id, way.version, config_id=config_id, qr_code=qr_code)
    await _conclude(event, store, channel_id=way.channel_id, version=way.version)


@router.on(Settled, of=UpdateContactWay)
async def updated(event: Settled, store: Store) -> None:
    """Note that WeCom has the version; the picture stays the same."""
    way = cast(UpdateContactWay, event.intent)
    if event.outcome is Outcome.DONE:
        store.channels.see(way.channel_id, way.version, config_id=way.config_id)
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
        store.channels.refuse(
            channel_id, version, reason=f"{event.code} {event.reason}" if event.code else event.reason
        )
        store.decide("channel", event.outcome.value, reason, code=event.code, said=event.reason, **about)
    store.channels.converge(channel_id, version)


def _take_step(channel: Channel) -> Call:
    if channel.status == "deleting":
        return DeleteContactWay(channel_id=channel.id, config_id=channel.config_id, version=channel.version)
    wanted: dict[str, Any] = {
        "channel_id": channel.id,
        "version": channel.version,
        "state": channel.state,
        "users": channel.staff,
        "departments": channel.departments,
        "remark": channel.name[:NAME],
        "skip_verify": channel.skip_verify,
    }
    if channel.config_id:
        return UpdateContactWay(config_id=channel.config_id, **wanted)
    return CreateContactWay(**wanted)


def _name(channel: Channel) -> dict[str, str | int]:
    return {"rule": f"channel:{channel.id}", "version": channel.version}
