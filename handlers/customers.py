"""Customers and relations follow what happens at WeCom."""

from handlers.contacts import arrive, follow, look
from handlers.reader import Reader
from handlers.router import Router
from handlers.tags.marks import retag
from sop.relations import Deed, Fact, Status
from storage.customers import Customer
from storage.relations import Relation
from storage.store import Store
from wecom import customers as wecom
from wecom.events import ArchiveConsented, ChatStarted, ContactAdded, ContactEdited, ContactHalfAdded

router = Router()


@router.on(ContactAdded, ContactHalfAdded)
async def relate(event: ContactAdded | ContactHalfAdded, store: Store) -> None:
    """Store who came to whom by which channel; all of it stands in the event."""
    channel = await store.channels.by_state(event.state)
    fact = arrive(event, channel)
    store.customers.meet(event.external_user_id, at=event.at)
    await store.relations.record(event.external_user_id, event.user_id, fact=fact)


@router.on(ContactAdded, ContactHalfAdded, ContactEdited)
async def refresh(event: ContactAdded | ContactHalfAdded | ContactEdited, store: Store, reader: Reader) -> None:
    """Read the customer at WeCom and make ours the same; one whom WeCom no longer shows stays as they were."""
    profile = await look(event, reader)
    if profile is None:
        return
    store.customers.put(person(profile.customer, store))
    told = follow(profile, event)
    if told is None:
        return
    known = await store.relations.find(event.external_user_id, event.user_id)
    channel = await store.channels.by_state(told.state)
    found = known is None and isinstance(event, ContactEdited)  # from before our time
    store.relations.describe(relation(event.external_user_id, told, channel.id if channel else None), found=found)
    changes = await retag(event, told, store)
    if isinstance(event, ContactEdited):
        if known is None or known.remark != told.remark:
            changes["remark"] = told.remark
        store.history.append("edited", event.external_user_id, user_id=event.user_id, at=event.at, **changes)


@router.on(ArchiveConsented)
async def consent(event: ArchiveConsented, store: Store) -> None:
    """Note that the customer agrees to the archiving of the chat."""
    store.history.append("archive_consented", event.external_user_id, user_id=event.user_id, at=event.at)


@router.on(ChatStarted)
async def reply(event: ChatStarted, store: Store) -> None:
    """Note that the customer has written."""
    fact = Fact(deed=Deed.REPLIED, at=event.at)
    await store.relations.record(event.external_user_id, event.user_id, fact=fact)


def person(told: wecom.Customer, store: Store) -> Customer:
    """Who a customer is, as WeCom tells now."""
    return Customer(
        external_user_id=told.external_user_id,
        name=told.name,
        avatar=told.avatar,
        type=told.kind,
        gender=told.gender,
        unionid=told.union_id,
        corp_name=told.corp_name,
        created_at=store.now,
        changed_at=store.now,
    )


def relation(external_user_id: str, told: wecom.Follow, channel_id: int | None) -> Relation:
    """How a member follows a customer, as WeCom tells; whether they still do is another matter."""
    return Relation(
        external_user_id=external_user_id,
        user_id=told.user_id,
        status=Status.ACTIVE,
        remark=told.remark,
        description=told.description,
        add_way=told.add_way,
        state=told.state,
        channel_id=channel_id,
        adds=1,
        first_added_at=told.added_at,
        added_at=told.added_at,
        changed_at=told.added_at,
    )
