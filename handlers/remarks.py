"""Remarks: a channel's template names its customers for the member, unless the member has done so."""

from collections.abc import Mapping
from typing import cast

from handlers.contacts import cause, explain, follow, look
from handlers.reader import Reader
from handlers.router import Router
from sop import reasons, remarks
from sop.events import Outcome, Settled
from sop.intents import SetRemark
from storage.channels import Channel
from storage.store import Store
from wecom.customers import Follow
from wecom.events import ContactAdded

router = Router()


@router.on(ContactAdded)
async def name(event: ContactAdded, store: Store, reader: Reader) -> None:
    """Set remark and description by the channel's templates."""
    channel = await store.channels.by_state(event.state)
    if channel is None or not (channel.remark or channel.description):
        return
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    rule = {"rule": f"channel:{channel.id}@{channel.version}", "version": channel.version}
    profile = await look(event, reader)
    told = follow(profile, event)
    if profile is None or told is None:
        store.decide("remark", "skipped", reasons.NOT_RELATED, **about, **rule)
        return
    names = await _names(event, channel, profile.customer.name, store=store)
    remark, hindrance = _remark(channel.remark, told, names) if channel.remark else ("", "")
    if hindrance:
        store.decide("remark", "skipped", hindrance, **about, **rule)
    description = remarks.render(channel.description, names, limit=remarks.DESCRIPTION)
    if told.description:
        description = ""  # somebody has written one
    if remark or description:
        store.intend(SetRemark(remark=remark, description=description, cause=cause("added", event), **about))


def _remark(template: str, told: Follow, names: Mapping[str, str]) -> tuple[str, str]:
    """The remark to set, if any, else why not. A new customer's remark is the nickname until somebody writes one."""
    remark = remarks.render(template, names)
    if told.remark not in ("", names["customer"], remark):
        return "", reasons.REMARK_KEPT
    if not remark:
        return "", reasons.REMARK_EMPTY
    return remark if remark != told.remark else "", ""


@router.on(Settled, of=SetRemark)
async def keep(event: Settled, store: Store) -> None:
    """A remark that WeCom has taken is ours too, since it sends no callback for it."""
    intent = cast(SetRemark, event.intent)
    about = {"external_user_id": intent.external_user_id, "user_id": intent.user_id, "intent_id": event.intent_id}
    if event.outcome is Outcome.DONE:
        if intent.remark:
            store.relations.rename(intent.external_user_id, intent.user_id, remark=intent.remark)
        if intent.description:
            store.relations.note(intent.external_user_id, intent.user_id, description=intent.description)
        store.history.append(
            "remarked",
            intent.external_user_id,
            user_id=intent.user_id,
            at=event.at,
            effect=f"remarked:{event.intent_id}",
            **{name: text for name in ("remark", "description") if (text := getattr(intent, name))},
        )
        store.decide("remark", "sent", reasons.REMARK_SET, **about)
    else:
        reason = explain(event, refused=reasons.REMARK_REFUSED, failed=reasons.REMARK_FAILED)
        store.decide("remark", event.outcome.value, reason, code=event.code, said=event.reason, **about)


async def _names(event: ContactAdded, channel: Channel, customer: str, *, store: Store) -> dict[str, str]:
    names = {"channel": channel.name, "customer": customer}
    templates = channel.remark + channel.description
    if "{date}" in templates:
        voice = await store.settings.voice()
        names["date"] = f"{event.at.astimezone(voice.zone):%Y-%m-%d}"
    if "{staff}" in templates:
        member = await store.staff.find(event.user_id)
        names["staff"] = member.name if member else ""
    return names
