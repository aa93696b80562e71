"""Group welcomes at WeCom are brought in step with what operators want, one call at a time."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from handlers import twins
from handlers.router import Router
from sop.events import GroupWelcomeChanged, Settled
from sop.groups import welcomes as groupwelcomes
from sop.intents import AddGroupWelcome, Attachment, DeleteGroupWelcome, EditGroupWelcome
from storage.groups.welcomes import GroupWelcome
from storage.store import Store

router = Router()
WHAT = "group_welcome"
PAUSE = timedelta(minutes=1)  # until we look again whether the material is uploaded
WORDS = twins.Words(
    what=WHAT,
    wanted=groupwelcomes.GROUP_WELCOME_WANTED,
    live=groupwelcomes.GROUP_WELCOME_LIVE,
    deleted=groupwelcomes.GROUP_WELCOME_DELETED,
    refused=groupwelcomes.GROUP_WELCOME_REFUSED,
    failed=groupwelcomes.GROUP_WELCOME_FAILED,
)


@router.on(GroupWelcomeChanged)
async def converge(event: GroupWelcomeChanged, store: Store) -> None:
    """Compare what is wanted with what WeCom has, and take the next step, unless one is under way."""
    welcome = await store.groupwelcomes.get(event.row)
    if welcome is None or not welcome.due:
        return
    attachment, ready = await _attach(welcome, store)
    if ready or welcome.ended:
        step = partial(_step, attachment=attachment)
        twins.advance(welcome, store.groupwelcomes, store, step=step, words=WORDS)
        return
    due = store.now + PAUSE
    store.schedule(replace(event, at=due), name=f"groupwelcome:{welcome.id}", due_at=due)
    about = {"rule": f"{WHAT}:{welcome.id}", "version": welcome.version}
    store.decide(WHAT, "delayed", groupwelcomes.GROUP_WELCOME_WAITS, **about)


@router.on(Settled, of=AddGroupWelcome)
@router.on(Settled, of=EditGroupWelcome)
@router.on(Settled, of=DeleteGroupWelcome)
async def settled(event: Settled, store: Store) -> None:
    """Keep the id of a new welcome at once: without it the welcome could never be changed or found again."""
    twins.conclude(event, store.groupwelcomes, store, words=WORDS)


async def _attach(welcome: GroupWelcome, store: Store) -> tuple[Attachment | None, bool]:
    """The attachment with the media id of its material, and whether it has all it needs."""
    attachment = welcome.attachment
    if attachment is None or not attachment.material:
        return attachment, True
    media = await store.materials.media((int(attachment.material),), at=store.now + PAUSE)
    return replace(attachment, media_id=media.get(attachment.material, "")), attachment.material in media


def _step(
    welcome: GroupWelcome, *, attachment: Attachment | None
) -> AddGroupWelcome | EditGroupWelcome | DeleteGroupWelcome | None:
    about: dict[str, Any] = {"row": welcome.id, "version": welcome.version}
    if welcome.status == "deleting":
        return DeleteGroupWelcome(template_id=welcome.template_id, **about) if welcome.template_id else None
    wanted: dict[str, Any] = {**about, "text": welcome.text, "attachment": attachment}
    if welcome.template_id:
        return EditGroupWelcome(template_id=welcome.template_id, **wanted)
    return AddGroupWelcome(notify=welcome.notify, **wanted)
