"""Prompts: a member is told who has just added them."""

from handlers.contacts import cause, follow, is_brought, look
from handlers.links import Links
from handlers.reader import Reader
from handlers.router import Router
from sop import prompts, reasons, transfers
from sop.prompts import Visit
from storage.acquisition import Link
from storage.channels import Channel
from storage.store import Store
from wecom.customers import Profile
from wecom.errors import Refused
from wecom.events import ContactAdded

router = Router()


@router.on(ContactAdded)
async def introduce(event: ContactAdded, store: Store, reader: Reader, links: Links) -> None:
    """Send the member a card with the customer's name, source and tags."""
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    if await is_brought(event, store):
        store.decide("prompt", "skipped", transfers.BROUGHT, **about)
        return
    try:
        profile = await look(event, reader)
    except Refused:
        profile = None  # a card that knows less is better than none
    prompt = prompts.compose(
        await _visit(event, profile, store),
        await store.settings.voice(),
        users=(event.user_id,),
        url=links.customer(event.external_user_id),
        cause=cause("added", event),
    )
    intent_id = store.intend(prompt)
    store.decide("prompt", "sent", reasons.PROMPT_ADDED, intent_id=intent_id, **about)


async def _visit(event: ContactAdded, profile: Profile | None, store: Store) -> Visit:
    told = follow(profile, event)
    state = event.state or (told.state if told else "")
    channel, link = await store.channels.by_state(state), await store.links.by_state(state)
    customer = profile.customer.name if profile else ""
    if not customer:
        known = await store.customers.find(event.external_user_id)
        customer = known.name if known else ""
    relation = await store.relations.find(event.external_user_id, event.user_id)
    marked = tuple(mark.name for mark in told.marks) if told else ()
    return Visit(
        customer=customer,
        channel=channel.name if channel else await store.links.describe(state),
        add_way=told.add_way if told else 0,
        tags=tuple(dict.fromkeys((*marked, *await _promised(channel or link, store)))),
        returning=relation is not None and (relation.adds > 1 or relation.ended_at is not None),
        at=event.at,
    )


async def _promised(channel: Channel | Link | None, store: Store) -> tuple[str, ...]:
    """The names of the tags that the channel or the link is about to set."""
    wanted = channel.tags if channel else ()
    known = await store.tags.find(wanted)
    return tuple(known[tag_id].name for tag_id in wanted if tag_id in known and not known[tag_id].deleted)
