"""What is done for mailings: the task is made of what is stored, members are reminded, the task is called off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.performers.attempt import Attempt, Perform, Result, Tools
from bot.performers.customers import attach
from sop.deliveries import Content
from sop.deliveries.mailings import MEDIA, MOST, Mailing, Status
from sop.intents import CancelMailing, Intent, MakeMailing, RemindMailing
from storage.scope import Scope
from storage.store import Store
from wecom.broadcasts import Broadcast
from wecom.calls import Pace
from wecom.errors import TryLater
from wecom.ids import ChatId, ExternalUserId, UserId

_TIMEOUT = 15.0  # seconds: a lost answer costs more than patience, as nobody knows then what WeCom has


async def _make(intent: MakeMailing, tools: Tools, attempt: Attempt) -> Result:
    client = tools.client
    store = Store(Scope(database=tools.database, corp_id=client.corp_id, app=client.app.name, now=attempt.now))
    mailings = store.deliveries.mailings
    mailing = await mailings.get(intent.mailing_id)
    if mailing is None or mailing.ending:
        return {"nothing": "called off"}
    if mailing.status is not Status.MAKING or mailing.tries != intent.turn:
        return {"nothing": "over"}  # tried by hand once more, when it has gone another way since
    recipients = await mailings.recipients(mailing.id, most=MOST[mailing.kind])
    if not recipients:
        return {"nothing": "nobody"}
    refused = await store.policy.consents.refused(mailing.id)
    recipients = tuple(one for one in recipients if one not in refused)
    if not recipients:
        return {"nothing": "refused", "refused": refused}
    content, left_out = await _equip(await mailings.content(mailing.content_id), store)
    if not content.text and not content.attachments:
        return {"nothing": "empty", "count": len(recipients), "left_out": left_out}
    pace = Pace(within=attempt.within, timeout=_TIMEOUT, urgent=attempt.urgent)
    created = await client.at(pace).broadcasts.create(_broadcast(mailing, content, recipients))
    return {
        "msg_id": created.msg_id,
        "failed": created.left_out,
        "count": len(recipients),
        "left_out": left_out,
        "refused": refused,
    }


async def _remind(intent: RemindMailing, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).broadcasts.remind(intent.msg_id)
    return {}


async def _cancel(intent: CancelMailing, tools: Tools, attempt: Attempt) -> Result:
    await attempt.apis(tools).broadcasts.cancel(intent.msg_id)
    return {}


async def _equip(content: Content, store: Store) -> tuple[Content, list[str]]:
    """With the media ids of its materials, and the materials that are gone; those not uploaded yet are waited for."""
    wanted = list(dict.fromkeys(int(one.material) for one in content.attachments if one.material))
    media = await store.materials.media(wanted, at=store.now + MEDIA + timedelta(seconds=_TIMEOUT))
    missing = [number for number in wanted if str(number) not in media]
    gone = [str(number) for number in missing if await store.materials.get(number) is None]
    if len(gone) < len(missing):
        raise TryLater("media/upload", "its media are not uploaded yet", after=MEDIA.total_seconds())
    kept = tuple(
        replace(one, media_id=media.get(one.material, one.media_id))
        for one in content.attachments
        if one.material not in gone
    )
    return replace(content, attachments=kept), gone


def _broadcast(mailing: Mailing, content: Content, recipients: tuple[str, ...]) -> Broadcast:
    groups = mailing.kind == "group"
    return Broadcast(
        text=content.text,
        attachments=tuple(map(attach, content.attachments)),
        audience=mailing.kind,
        sender=UserId(mailing.user_id),
        customers=() if groups else tuple(map(ExternalUserId, recipients)),
        groups=tuple(map(ChatId, recipients)) if groups else (),
    )


PERFORMERS: Mapping[type[Intent], Perform] = {
    MakeMailing: _make,
    RemindMailing: _remind,
    CancelMailing: _cancel,
}
