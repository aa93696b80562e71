"""Removals: who left whom is recorded with what may be the reason, and told to those who can act."""

from datetime import timedelta
from typing import Any

from handlers.contacts import cause, is_ours
from handlers.links import Links
from handlers.router import Router
from sop import reasons, removals, transfers
from sop.events import RemovalRecorded
from sop.prompts import Visit
from sop.relations import Deed, Fact
from sop.removals import Notice, Parting
from storage.relations import Relation
from storage.store import Store
from wecom.events import ContactRemoved, StaffRemoved, TransferFailed
from wecom.events.customers import ContactEvent

router = Router()
RECEIVERS = "alarm.receivers"  # setting: user ids who get alarms beside the leads


@router.on(StaffRemoved)
async def lose(event: StaffRemoved, store: Store) -> None:
    """Record that the customer has removed the member, and how it stood."""
    relation = await store.relations.find(event.external_user_id, event.user_id)
    await _record(event, Deed.LOST, store, circumstances=await _circumstances(event, relation, store))


@router.on(ContactRemoved)
async def remove(event: ContactRemoved, store: Store) -> None:
    """Record that the member has removed the customer, or that WeCom did to hand the customer over."""
    relation = await store.relations.find(event.external_user_id, event.user_id)
    circumstances = await _circumstances(event, relation, store)
    await _record(event, Deed.MOVED if event.by_transfer else Deed.REMOVED, store, circumstances=circumstances)
    if not event.by_transfer:
        about = {"user_id": event.user_id, "external_user_id": event.external_user_id}
        store.announce(RemovalRecorded(corp_id=event.corp_id, at=event.at, **about))


@router.on(TransferFailed)
async def fail(event: TransferFailed, store: Store) -> None:
    """Record that the customer was not handed over to the member; a transfer of ours does so itself."""
    if await is_ours(event, store):
        return
    store.history.append(
        "transfer_failed", event.external_user_id, user_id=event.user_id, at=event.at, reason=event.reason
    )


@router.on(StaffRemoved)
async def mourn(event: StaffRemoved, store: Store, links: Links) -> None:
    """Tell the member and the lead that the customer has left, unless the customer is back already."""
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    relation = await store.relations.find(event.external_user_id, event.user_id)
    users = tuple(dict.fromkeys((event.user_id, *await store.staff.leads(event.user_id))))
    silence = removals.silence(users, back=_back(event, relation))
    if silence:
        store.decide("alert", "skipped", silence, **about)
        return
    notice = Notice(users=users, url=links.customer(event.external_user_id), cause=cause("lost", event))
    prompt = removals.tell_lost(await _parting(event, relation, store), await store.settings.voice(), notice)
    store.decide("alert", "sent", reasons.ALERT_LOST, intent_id=store.intend(prompt), **about)


@router.on(ContactRemoved)
async def warn(event: ContactRemoved, store: Store, links: Links) -> None:
    """Tell the lead that the member has removed the customer."""
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    users = await store.staff.leads(event.user_id) or await _receivers(store)
    relation = await store.relations.find(event.external_user_id, event.user_id)
    silence = removals.silence(users, moved=event.by_transfer, back=_back(event, relation))
    if silence:
        store.decide("alert", "skipped", silence, **about)
        return
    notice = Notice(users=users, url=links.customer(event.external_user_id), cause=cause("removed", event))
    prompt = removals.tell_removed(await _parting(event, relation, store), await store.settings.voice(), notice)
    store.decide("alert", "sent", reasons.ALERT_REMOVED, intent_id=store.intend(prompt), **about)


@router.on(RemovalRecorded)
async def count(event: RemovalRecorded, store: Store) -> None:
    """Give the alarm when a member removes many customers in a short time, once in that time."""
    most = await store.settings.get("removals.most", removals.MOST)
    minutes = await store.settings.get("removals.minutes", removals.MINUTES)
    within = timedelta(minutes=minutes)
    span = {"since": event.at - within, "until": event.at + within}
    moments = await store.history.moments(Deed.REMOVED, event.user_id, **span)
    number = removals.burst(moments, event.at, most=most, within=within)
    if not number:
        return
    about = {"user_id": event.user_id, "removed": number}
    if await store.history.moments("bulk_removal", event.user_id, **span):
        store.decide("alert", "skipped", reasons.ALERTED_BEFORE, **about)
        return
    users = tuple(dict.fromkeys((*await store.staff.leads(event.user_id), *await _receivers(store))))
    if not users:
        store.decide("alert", "skipped", reasons.NO_LEAD, **about)
        return
    store.history.append("bulk_removal", "", user_id=event.user_id, at=event.at, removed=number)
    notice = Notice(users=users, cause=f"bulk:{event.user_id}:{int(event.at.timestamp())}")
    staff = await _staff(event.user_id, store)
    prompt = removals.tell_bulk(staff, number, within, await store.settings.voice(), notice=notice)
    store.decide("alert", "sent", reasons.ALERT_BULK, intent_id=store.intend(prompt), **about)


@router.on(TransferFailed)
async def report(event: TransferFailed, store: Store, links: Links) -> None:
    """Tell the lead of who still has the customer; where nobody has, the lead of who was to take over."""
    about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
    if await is_ours(event, store):
        store.decide("alert", "skipped", transfers.SUMMED_UP, **about)
        return
    relations = await store.relations.of_customer(event.external_user_id)
    holders = [each.user_id for each in relations if each.ended_at is None and each.user_id != event.user_id]
    leads: list[str] = []
    for user_id in holders or [event.user_id]:
        leads += await store.staff.leads(user_id)
    users = tuple(dict.fromkeys(leads)) or await _receivers(store)
    if not users:
        store.decide("alert", "skipped", reasons.NO_LEAD, **about)
        return
    notice = Notice(users=users, url=links.customer(event.external_user_id), cause=cause("transfer_failed", event))
    customer = await store.customers.find(event.external_user_id)
    staff = await _staff(event.user_id, store)
    visit = Visit(customer=customer.name if customer else "", staff=staff, at=event.at)
    prompt = removals.tell_failed(visit, event.reason, await store.settings.voice(), notice=notice)
    store.decide("alert", "sent", reasons.ALERT_TRANSFER, intent_id=store.intend(prompt), **about)


def _back(event: ContactEvent, relation: Relation | None) -> bool:
    return relation is not None and relation.added_at > event.at


async def _record(event: ContactEvent, deed: Deed, store: Store, *, circumstances: dict[str, Any]) -> None:
    fact = Fact(deed=deed, at=event.at)
    await store.relations.record(event.external_user_id, event.user_id, fact=fact, **circumstances)


async def _circumstances(event: ContactEvent, relation: Relation | None, store: Store) -> dict[str, Any]:
    """What may explain the end, as it stood: to be counted and compared later."""
    bindings = await store.tags.bindings(event.external_user_id, event.user_id)
    circumstances: dict[str, Any] = {"tags": [binding.tag_id for binding in bindings]}
    if relation:
        circumstances |= {
            "days": max(0, (event.at - relation.added_at).days),
            "channel": relation.channel_id,
            "way": relation.add_way,
            "replied_at": relation.replied_at.isoformat() if relation.replied_at else None,
        }
    return circumstances


async def _parting(event: ContactEvent, relation: Relation | None, store: Store) -> Parting:
    customer = await store.customers.find(event.external_user_id)
    channel = await store.channels.get(relation.channel_id) if relation and relation.channel_id else None
    bindings = await store.tags.bindings(event.external_user_id, event.user_id)
    visit = Visit(
        customer=customer.name if customer else "",
        staff=await _staff(event.user_id, store),
        channel=channel.name if channel else await store.links.describe(relation.state if relation else ""),
        add_way=relation.add_way if relation else 0,
        tags=tuple(binding.name for binding in bindings if binding.name),
        at=relation.added_at if relation else event.at,
    )
    return Parting(visit=visit, ended_at=event.at, replied_at=relation.replied_at if relation else None)


async def _staff(user_id: str, store: Store) -> str:
    member = await store.staff.find(user_id)
    return (member.name if member else "") or user_id


async def _receivers(store: Store) -> tuple[str, ...]:
    return tuple(await store.settings.get(RECEIVERS, list[str]()))
