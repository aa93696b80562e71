"""Business events that wait for somebody to become a customer: they are the customer's as soon as there is one."""

from handlers.contacts import look
from handlers.reader import Reader
from handlers.router import Router
from sop.events import AdoptionDue
from sop.feed import KEPT
from storage.identities import ID, UNION, Key
from storage.store import Store
from wecom.events import ContactAdded, ContactHalfAdded

AT_ONCE = 2000

router = Router()


@router.on(ContactAdded, ContactHalfAdded)
async def meet(event: ContactAdded | ContactHalfAdded, store: Store, reader: Reader) -> None:
    """Give a new customer what was told of them before, such as an order."""
    if not await store.feed.parked.any():
        return
    keys = {Key(ID, event.external_user_id)}
    profile = await look(event, reader)
    if profile and profile.customer.union_id:
        keys.add(Key(UNION, profile.customer.union_id))
    await store.feed.adopt(keys, event.external_user_id)


@router.on(AdoptionDue)
async def adopt(_: AdoptionDue, store: Store) -> None:
    """Give what waits to those who are known by now, by a sync or by a field of theirs; forget what has waited long."""
    store.feed.parked.expire(store.now - KEPT)
    if await store.feed.adopt_all(most=AT_ONCE) >= AT_ONCE:
        store.announce(AdoptionDue(corp_id=store.scope.corp_id, at=store.now))
