"""Keep the media ids of materials alive, ahead of any welcome that needs them."""

from datetime import datetime, timedelta
from typing import cast

from handlers.removals import RECEIVERS
from handlers.router import Router
from sop import reasons
from sop.events import MaterialsDue, Outcome, Settled
from sop.intents import Prompt, UploadMaterial
from storage.materials import AGAIN, Material
from storage.store import Store

LIFETIME = timedelta(days=3)  # of a media id, from its upload

router = Router()


@router.on(MaterialsDue)
async def renew(_: MaterialsDue, store: Store) -> None:
    """Have everything uploaded whose media id is missing or will die soon."""
    for material in await store.materials.due():
        store.materials.ask(material.id)
        upload = UploadMaterial(material_id=material.id, round=_name_round(material))
        store.intend(upload, deadline=store.now + AGAIN)


@router.on(Settled, of=UploadMaterial)
async def settled(event: Settled, store: Store) -> None:
    """Store the media id; whoever looks after the service learns of an upload that failed."""
    material_id = cast(UploadMaterial, event.intent).material_id
    about = {"rule": f"material:{material_id}", "intent_id": event.intent_id}
    if event.outcome is Outcome.DONE and "media_id" in event.result:
        expires_at = _read_expiry(event)
        store.materials.lend(material_id, event.result["media_id"], expires_at=expires_at)
        store.decide("material", "sent", reasons.MATERIAL_UPLOADED, expires_at=expires_at, **about)
        return
    refused = event.outcome is Outcome.REFUSED
    reason = reasons.MATERIAL_REFUSED if refused else reasons.MATERIAL_FAILED
    store.decide("material", event.outcome.value, reason, code=event.code, said=event.reason, **about)
    material = await store.materials.get(material_id)
    if material:
        await _alarm(material, event, store)


async def _alarm(material: Material, event: Settled, store: Store) -> None:
    """Tell those who get alarms, once a day per material."""
    users = tuple(await store.settings.get(RECEIVERS, list[str]()))
    if not users:
        return
    voice = await store.settings.voice()
    store.intend(
        Prompt(
            users=users,
            title=voice.say("material.title", filename=material.filename),
            text=voice.say("material.text"),
            facts=(voice.fact("reason", event.reason),),
            cause=f"material:{material.id}:{event.at:%Y-%m-%d}",
        )
    )


def _name_round(material: Material) -> str:
    """Which upload of a material this is: another one when its media id dies, or when the last one failed."""
    expires_at, asked_at = (
        str(int(moment.timestamp())) if moment else "first" for moment in (material.expires_at, material.asked_at)
    )
    return f"{expires_at}:{asked_at}"


def _read_expiry(event: Settled) -> datetime:
    told = event.result.get("expires_at")
    return datetime.fromisoformat(told) if told else event.at + LIFETIME
