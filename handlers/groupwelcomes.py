"""Group welcomes at WeCom are brought in step with what operators want, one call at a time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from handlers.mirrors import Ends, conclude
from handlers.router import Router
from sop import groupwelcomes
from sop.events import GroupWelcomeChanged, Outcome, Settled
from sop.intents import AddGroupWelcome, Attachment, DeleteGroupWelcome, EditGroupWelcome
from storage.groupwelcomes import GroupWelcome
from storage.store import Store

router = Router()
WHAT = "group_welcome"
PAUSE = timedelta(minutes=1)  # until we look again whether the material is uploaded
Call = AddGroupWelcome | EditGroupWelcome | DeleteGroupWelcome
_ENDS = Ends(
    what=WHAT,
    live=groupwelcomes.GROUP_WELCOME_LIVE,
    deleted=groupwelcomes.GROUP_WELCOME_DELETED,
    refused=groupwelcomes.GROUP_WELCOME_REFUSED,
    failed=groupwelcomes.GROUP_WELCOME_FAILED,
)


@router.on(GroupWelcomeChanged)
async def converge(event: GroupWelcomeChanged, store: Store) -> None:
    """Compare what is wanted with what WeCom has, and take the next step, unless one is under way."""
    welcome = await store.groupwelcomes.get(event.welcome_id)
    if welcome is None or welcome.asked or welcome.status not in ("pending", "deleting"):
        return
    if welcome.status == "deleting" and not welcome.template_id:
        store.groupwelcomes.bury(welcome.id)
        store.decide(WHAT, "skipped", groupwelcomes.GROUP_WELCOME_DELETED, **_name(welcome))
        return
    attachment, ready = await _attach(welcome, store)
    if not ready and welcome.status != "deleting":
        _wait(event, store)
        store.decide(WHAT, "delayed", groupwelcomes.GROUP_WELCOME_WAITS, **_name(welcome))
        return
    intent_id = store.intend(_take_step(welcome, attachment))
    store.groupwelcomes.ask(welcome.id, welcome.version)
    store.decide(WHAT, "wanted", groupwelcomes.GROUP_WELCOME_WANTED, intent_id=intent_id, **_name(welcome))


@router.on(Settled, of=AddGroupWelcome)
async def added(event: Settled, store: Store) -> None:
    """Keep the id at once: without it the welcome could never be changed or found again."""
    call = cast(AddGroupWelcome, event.intent)
    if event.outcome is Outcome.DONE:
        store.groupwelcomes.see(call.welcome_id, call.version, key=event.result["template_id"])
    _conclude(event, store, call)


@router.on(Settled, of=EditGroupWelcome)
async def edited(event: Settled, store: Store) -> None:
    """Note that WeCom has the version."""
    call = cast(EditGroupWelcome, event.intent)
    if event.outcome is Outcome.DONE:
        store.groupwelcomes.see(call.welcome_id, call.version, key=call.template_id)
    _conclude(event, store, call)


@router.on(Settled, of=DeleteGroupWelcome)
async def deleted(event: Settled, store: Store) -> None:
    """Note that it is gone."""
    _conclude(event, store, cast(DeleteGroupWelcome, event.intent), gone=True)


def _conclude(event: Settled, store: Store, call: Call, *, gone: bool = False) -> None:
    about: dict[str, Any] = {"identity": call.welcome_id, "version": call.version, "gone": gone}
    conclude(event, store, store.groupwelcomes, _ENDS, **about)
    store.groupwelcomes.converge(call.welcome_id, call.version)


async def _attach(welcome: GroupWelcome, store: Store) -> tuple[Attachment | None, bool]:
    """The attachment with the media id of its material, and whether it has all it needs."""
    attachment = welcome.attachment
    if attachment is None or not attachment.material:
        return attachment, True
    media = await store.materials.media((int(attachment.material),), at=store.now + PAUSE)
    return replace(attachment, media_id=media.get(attachment.material, "")), attachment.material in media


def _wait(event: GroupWelcomeChanged, store: Store) -> None:
    due = store.now + PAUSE
    store.schedule(replace(event, at=due), name=f"groupwelcome:{event.welcome_id}", due_at=due)


def _take_step(welcome: GroupWelcome, attachment: Attachment | None) -> Call:
    about: dict[str, Any] = {"welcome_id": welcome.id, "version": welcome.version}
    if welcome.status == "deleting":
        return DeleteGroupWelcome(template_id=welcome.template_id, **about)
    wanted: dict[str, Any] = {**about, "text": welcome.text, "attachment": attachment}
    if welcome.template_id:
        return EditGroupWelcome(template_id=welcome.template_id, **wanted)
    return AddGroupWelcome(notify=welcome.notify, **wanted)


def _name(welcome: GroupWelcome) -> dict[str, Any]:
    return {"rule": f"{WHAT}:{welcome.id}", "version": welcome.version}
