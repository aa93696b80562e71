"""Acquisition links: they are made at WeCom as operators want them; who comes by one is known by link and source."""

from datetime import timedelta
from typing import Any, cast

from handlers import twins
from handlers.alerts import alert
from handlers.reader import Reader
from handlers.router import Router
from handlers.tags.marks import give
from sop import acquisition
from sop.events import LinkChanged, LinkCustomerWrote, Outcome, Settled
from sop.intents import CreateLink, DeleteLink, UpdateLink
from sop.relations import Deed, Fact
from storage.acquisition import Link
from storage.store import Store
from wecom.errors import Refused
from wecom.events import (
    ChatStarted,
    ContactAdded,
    ContactHalfAdded,
    CustomerMessaged,
    FriendRequested,
    LinkContactLost,
    LinkDeleted,
    LinkUnavailable,
    ProfileOpened,
)

KEY_LIFE = timedelta(minutes=30)  # of a chat key
WORDS = twins.Words(
    what="link",
    wanted=acquisition.LINK_WANTED,
    live=acquisition.LINK_LIVE,
    deleted=acquisition.LINK_DELETED,
    refused=acquisition.LINK_REFUSED,
    failed=acquisition.LINK_FAILED,
)
router = Router()


@router.on(LinkChanged)
async def converge(event: LinkChanged, store: Store) -> None:
    """Take the next step towards what is wanted."""
    twins.advance(await store.links.get(event.row), store.links, store, step=_step, words=WORDS)


@router.on(Settled, of=CreateLink)
@router.on(Settled, of=UpdateLink)
@router.on(Settled, of=DeleteLink)
async def settled(event: Settled, store: Store) -> None:
    """Keep id and address of a new link; a link with members anew is available again."""
    twins.conclude(event, store.links, store, words=WORDS)
    if event.intent_kind == UpdateLink.kind and event.outcome is Outcome.DONE:
        store.links.mark(cast(UpdateLink, event.intent).row, available=True)


@router.on(ContactAdded, ContactHalfAdded)
async def relate(event: ContactAdded | ContactHalfAdded, store: Store) -> None:
    """Store by which link, and from which of its sources, the customer came."""
    origin, link = acquisition.read_state(event.state), await store.links.by_state(event.state)
    if origin is None or link is None:
        return
    store.newcomers.come(event.external_user_id, event.user_id, link=link.id, source=origin.source, at=event.at)
    store.decide(
        "link",
        "came",
        acquisition.CAME_BY_LINK,
        external_user_id=event.external_user_id,
        user_id=event.user_id,
        rule=f"link:{link.id}",
        version=link.version,
        source=origin.source,
    )


@router.on(ProfileOpened, FriendRequested)
async def count(event: ProfileOpened | FriendRequested, store: Store) -> None:
    """Count who has opened an address, or asked for contact by it: WeCom does not say who it was."""
    link, origin = await store.links.by_made(event.link_id), acquisition.read_state(event.state)
    if link is not None:
        source = origin.source if origin else ""
        day = (await store.settings.voice()).time(event.at)[:10]
        opened = isinstance(event, ProfileOpened)
        store.newcomers.visit(link.id, source, day=day, opened=int(opened), requested=int(not opened))


@router.on(ContactAdded)
async def mark(event: ContactAdded, store: Store) -> None:
    """Put the link's tags on who came by it."""
    link = await store.links.by_state(event.state)
    if link is not None and link.tags:
        await give(event, store, tags=link.tags, rule=f"link:{link.id}", version=link.version)


@router.on(ChatStarted)
async def start(event: ChatStarted, store: Store) -> None:
    """Note that the customer of a link has written."""
    store.newcomers.write(event.external_user_id, event.user_id, count=1, at=event.at)


@router.on(CustomerMessaged, deadline=KEY_LIFE)
async def ask(event: CustomerMessaged, store: Store, reader: Reader) -> None:
    """Ask WeCom who has written, while the key lives; what follows waits for its turn with the customer."""
    try:
        chat = await reader.link_chat(event.chat_key)
    except Refused as error:
        store.decide("link", "skipped", acquisition.CHAT_UNKNOWN, code=error.code, link_id=event.link_id)
        return
    wrote = LinkCustomerWrote(
        corp_id=event.corp_id,
        at=event.at,
        user_id=chat.user_id,
        external_user_id=chat.external_user_id,
        link_id=chat.link_id or event.link_id,
        state=chat.state,
        count=chat.count,
    )
    store.announce(wrote)


@router.on(LinkCustomerWrote)
async def hear(event: LinkCustomerWrote, store: Store) -> None:
    """Note that the customer has written, and by which link they came, should that be news."""
    fact = Fact(deed=Deed.REPLIED, at=event.at)
    await store.relations.record(event.external_user_id, event.user_id, fact=fact)
    link, origin = await store.links.by_made(event.link_id), acquisition.read_state(event.state)
    if link is not None:
        source = origin.source if origin else ""
        store.newcomers.meet(event.external_user_id, event.user_id, link=link.id, source=source, chat=1)
    store.newcomers.write(event.external_user_id, event.user_id, count=event.count, at=event.at)


@router.on(LinkContactLost)
async def lose(event: LinkContactLost, store: Store) -> None:
    """Note on the link that the customer has removed the member; the relation hears it from its own event."""
    store.newcomers.leave(event.external_user_id, event.user_id, at=event.at)


@router.on(LinkDeleted)
async def bury(event: LinkDeleted, store: Store) -> None:
    """A link was deleted in the console: its addresses are dead, and somebody has to know."""
    link = await store.links.by_made(event.link_id)
    if link is None or link.ended:
        return
    store.links.bury(link.id, reason=acquisition.LINK_LOST)
    store.decide("link", "lost", acquisition.LINK_LOST, rule=f"link:{link.id}", version=link.version)
    cause = f"link:{link.id}:lost"
    await alert(acquisition.LOST, store, cause=cause, reason=acquisition.LINK_LOST, staff=link.staff, name=link.name)


@router.on(LinkUnavailable)
async def warn(event: LinkUnavailable, store: Store) -> None:
    """Nobody can be added by a link any more: it needs other members."""
    link = await store.links.by_made(event.link_id)
    if link is None or link.ended or not link.available:
        return
    store.links.mark(link.id, available=False)
    store.decide("link", "down", acquisition.LINK_DOWN, rule=f"link:{link.id}", version=link.version)
    cause = f"link:{link.id}:down:{int(event.at.timestamp())}"
    await alert(acquisition.DOWN, store, cause=cause, reason=acquisition.LINK_DOWN, staff=link.staff, name=link.name)


def _step(link: Link) -> CreateLink | UpdateLink | DeleteLink | None:
    if link.status == "deleting":
        return DeleteLink(row=link.id, version=link.version, link_id=link.link_id) if link.link_id else None
    wanted: dict[str, Any] = {
        "row": link.id,
        "version": link.version,
        "label": acquisition.label(link.name, link.id),
        "users": link.staff,
        "departments": link.departments,
        "skip_verify": link.skip_verify,
        "priority": link.priority,
        "priority_users": link.priority_staff,
    }
    return UpdateLink(link_id=link.link_id, **wanted) if link.link_id else CreateLink(**wanted)
