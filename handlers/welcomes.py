"""Greet a new customer before the welcome code dies; where that fails, have the member do it by hand."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from handlers.contacts import is_brought
from handlers.groups import invitations
from handlers.links import Links
from handlers.reader import Reader
from handlers.router import Router
from sop import greeting, handover, reasons, texts, transfers
from sop.events import Outcome, Settled
from sop.flows import welcomes
from sop.greeting import Choice, Occasion, Rule, Scene
from sop.intents import SendWelcome
from sop.reasons import Skip
from sop.tasks import Give, cards
from storage.store import Store
from wecom.errors import WecomError
from wecom.events import ArchiveConsented, ContactAdded, ContactHalfAdded

WELCOME_CODE_LIFETIME = timedelta(seconds=20)
NAME_PATIENCE = timedelta(seconds=2)  # of the twenty; what the customer's name is worth
CONFIRMATION = timedelta(days=30)  # the welcome of a half add answers for the add that confirms it so much later
WECOM_USER = "wo"  # how the ids of contacts begin who use WeCom themselves

Meeting = ContactAdded | ContactHalfAdded | ArchiveConsented
router = Router()


@router.on(ContactAdded, ContactHalfAdded, ArchiveConsented, deadline=WELCOME_CODE_LIFETIME)
async def greet(event: Meeting, store: Store, reader: Reader, links: Links) -> None:
    """Send what the narrowest rule says while the code lives; tell the member where that cannot be."""
    who = {"user_id": event.user_id, "external_user_id": event.external_user_id}
    if not event.welcome_code:
        store.decide("welcome", "skipped", await _find_reason(event, store), **who)
        return
    if store.now >= event.at + WELCOME_CODE_LIFETIME:
        hindrance = reasons.TOO_LATE
        store.decide("welcome", "late", hindrance, **who)
    else:
        hindrance = await _welcome(event, store, reader, links=links)
    if hindrance not in ("", reasons.NO_RULE):
        await _hand_over(store, links, hindrance, code=event.welcome_code, **who)


@router.on(Settled, of=SendWelcome)
async def settled(event: Settled, store: Store, links: Links) -> None:
    """Note how the welcome ended; a customer who was not greeted is the member's to greet."""
    welcome = cast(SendWelcome, event.intent)
    who = {"user_id": welcome.user_id, "external_user_id": welcome.external_user_id}
    verdict, reason = _ENDS.get((event.outcome, event.code)) or _ENDS[event.outcome, 0]
    if event.result.get("doubtful"):
        reason = reasons.MAYBE_WELCOMED
    about: dict[str, Any] = {**who, "code": event.code, "said": event.reason}
    store.decide("welcome", verdict, reason, intent_id=event.intent_id, **about)
    if "left_out" in event.result:
        store.decide("attachment", "skipped", reasons.MEDIA_REFUSED, **event.result, **about)
    if event.outcome is Outcome.DONE:
        store.history.append("welcomed", **about, at=event.at, effect=f"welcomed:{event.intent_id}")
    elif reason != reasons.CONSENT_PENDING:
        await _hand_over(store, links, reason, code=welcome.code, **who)


# How a welcome ended, by outcome and WeCom's code; 0 stands for all other codes.
_ENDS: dict[tuple[Outcome, int], tuple[str, str]] = {
    (Outcome.DONE, 0): ("sent", reasons.WELCOMED),
    (Outcome.DONE, 41051): ("sent", reasons.CHATTING),
    (Outcome.REFUSED, 0): ("refused", reasons.WELCOME_REFUSED),
    (Outcome.REFUSED, 41050): ("refused", reasons.CODE_EXPIRED),
    (Outcome.REFUSED, 41053): ("delayed", reasons.CONSENT_PENDING),
    (Outcome.LATE, 0): ("late", reasons.TOO_LATE),
    (Outcome.DEAD, 0): ("dead", reasons.WELCOME_DEAD),
    (Outcome.CANCELLED, 0): ("cancelled", reasons.CANCELLED),
}


async def _welcome(event: Meeting, store: Store, reader: Reader, *, links: Links) -> str:
    """Want the welcome sent before the code dies; the reason where there is none to send, else empty."""
    who = {"user_id": event.user_id, "external_user_id": event.external_user_id}
    deadline = event.at + WELCOME_CODE_LIFETIME
    scene = await store.welcomes.scene(**who, state=await _find_state(event, store))
    choice = await _vary(event, scene, greeting.choose(scene, event.at), store)
    if isinstance(choice, Skip):
        store.decide("welcome", "skipped", choice.reason, **who)
        return choice.reason
    choice = await invitations.offer(event, scene, choice, store, links=links)
    media = await store.materials.media(choice.materials, at=deadline)
    name = await _ask_name(event, choice, reader, patience=min(NAME_PATIENCE, (deadline - store.now) / 4))
    rule = choice.flow or f"welcome:{choice.rule.id}"
    about = {**who, "rule": rule, "version": choice.rule.version, "slot": choice.slot}
    if left_out := greeting.missing(choice, media):
        store.decide("attachment", "skipped", reasons.MEDIA_MISSING, materials=left_out, **about)
    names = greeting.names(scene, event.at, customer=name)
    welcome = greeting.compose(choice, Occasion(code=event.welcome_code, names=names, **who), media=media)
    if isinstance(welcome, Skip):
        store.decide("welcome", "skipped", welcome.reason, **about)
        return welcome.reason
    intent_id = store.intend(welcome, deadline=deadline)
    store.decide("welcome", "wanted", choice.reason, intent_id=intent_id, **about)
    return ""


async def _vary(event: Meeting, scene: Scene, choice: Choice | Skip, store: Store) -> Choice | Skip:
    """The words of the first flow that has some for this customer, instead of the rule's."""
    listening = await store.flows.listens(welcomes.ADDED)
    for one in await store.flows.concerned(welcomes.ADDED) if listening else ():
        words = welcomes.greet(one.flow, one.id, event.external_user_id, channel_id=scene.channel_id)
        if words is not None and one.status == "running":
            rule = Rule(id=one.id, version=one.number, name=one.flow.name, scope_kind="corp")
            text, flow = words.text, f"flow:{one.id}"
            return Choice(rule=rule, slot=None, text=text, attachments=words.attachments, flow=flow)
    return choice


async def _find_reason(event: Meeting, store: Store) -> str:
    """Why WeCom gave no code, as far as we can know."""
    if event.external_user_id.startswith(WECOM_USER):
        return reasons.WECOM_CONTACT
    if not isinstance(event, ArchiveConsented) and await is_brought(event, store):
        return transfers.BROUGHT
    since = event.at - CONFIRMATION
    if await store.welcomes.greeted(event.user_id, event.external_user_id, since=since):
        return reasons.GREETED_BEFORE
    return reasons.NO_CODE


async def _find_state(event: Meeting, store: Store) -> str:
    """Where the customer came from; the consent does not say it, but the add before it did."""
    if not isinstance(event, ArchiveConsented):
        return event.state
    relation = await store.relations.find(event.external_user_id, event.user_id)
    return relation.state if relation else ""


async def _ask_name(event: Meeting, choice: Choice, reader: Reader, *, patience: timedelta) -> str:
    """The customer's name if the text wants it and WeCom tells it soon, else nothing."""
    if "customer" not in texts.variables(choice.text):
        return ""
    try:
        async with asyncio.timeout(patience.total_seconds()):
            return (await reader.customer(event.external_user_id)).customer.name
    except (WecomError, TimeoutError):
        return ""


async def _hand_over(
    store: Store, links: Links, reason: str, *, code: str, user_id: str, external_user_id: str
) -> None:
    """Have the member greet by hand, once per welcome code, which itself stays out of names."""
    customer = await store.customers.find(external_user_id)
    voice = await store.settings.voice()
    prompt = handover.compose(
        user_id,
        customer.name if customer else "",
        voice,
        reason=reason,
        url=links.customer(external_user_id),
        cause=f"greet:{hashlib.sha256(code.encode()).hexdigest()[:32]}",
    )
    who = {"user_id": user_id, "external_user_id": external_user_id}
    greet = Give(
        user_id=user_id,
        external_user_id=external_user_id,
        what="greet",
        title=prompt.title,
        text=prompt.text,
        effect=prompt.cause,
        due_at=store.now,
        carded=True,
    )
    task_id = store.tasks.give(greet)
    intent_id = store.intend(replace(prompt, buttons=cards.buttons(task_id, voice, url=prompt.url)))
    store.decide("prompt", "sent", reasons.PROMPT_GREET, intent_id=intent_id, **who)
