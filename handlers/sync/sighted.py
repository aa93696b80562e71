"""What a reading shows otherwise than it is held, judged in order with the events of the customer."""

from typing import Any

from handlers.contacts import out_of_sight
from handlers.customers import person, relation
from handlers.reader import Reader
from handlers.router import Router
from handlers.tags.marks import retag
from sop import sync
from sop.events import RelationRead
from sop.relations import Deed, Sight, learn
from storage.relations import Relation
from storage.store import Store
from wecom.customers import Follow
from wecom.errors import Refused
from wecom.ids import ExternalUserId, TagId, UserId

router = Router()


@router.on(RelationRead)
async def judge(event: RelationRead, store: Store, reader: Reader) -> None:
    """Take over what WeCom shows, unless an event has told something newer."""
    asked = event.at if event.added_at else store.now
    told = _follow(event) if event.added_at else await _look(event, store, reader)
    known = await store.relations.find(event.external_user_id, event.user_id)
    if known is not None:
        await _stand(event, known, Sight(asked=asked, added_at=told.added_at if told else None), store)
    if told is None:
        return
    if known is None:
        _decide(event, store, sync.FOUND)
    channel = await store.channels.by_state(told.state)
    described = relation(event.external_user_id, told, channel.id if channel else None)
    store.relations.describe(described, found=known is None, at=asked)
    if asked >= await store.tags.read_at(event.external_user_id, event.user_id):
        changes = await retag(event, told, store, source="sync")
        if changes:
            store.history.append("edited", event.external_user_id, user_id=event.user_id, at=asked, **changes)


async def _stand(event: RelationRead, known: Relation, sight: Sight, store: Store) -> None:
    """Record that a relation has begun or ended, of which no event has told."""
    fact = learn(known.status, known.added_at, known.changed_at, sight=sight)
    if fact is None:
        return
    await store.relations.record(event.external_user_id, event.user_id, fact=fact, by="sync")
    _decide(event, store, sync.GONE if fact.deed is Deed.REMOVED else sync.FOUND, was=known.status.value)


def _follow(event: RelationRead) -> Follow:
    """What the page said, in the words of WeCom."""
    return Follow(
        user_id=UserId(event.user_id),
        remark=event.remark,
        description=event.description,
        added_at=event.added_at or event.at,
        marked=tuple(map(TagId, event.tag_ids)),
        add_way=event.add_way,
        state=event.state,
    )


async def _look(event: RelationRead, store: Store, reader: Reader) -> Follow | None:
    """Ask WeCom for the one customer: a page may have passed over them."""
    try:
        profile = await reader.customer(ExternalUserId(event.external_user_id))
    except Refused as error:
        if out_of_sight(error):
            return None
        raise
    store.customers.put(person(profile.customer, store))
    return next((each for each in profile.follows if each.user_id == event.user_id), None)


def _decide(event: RelationRead, store: Store, reason: str, **facts: Any) -> None:
    pair = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    store.decide("sync", "repaired", reason, **pair, **facts)
