"""Arrivals: each add by a channel is counted and has its reason; where the count matters, the code is looked at."""

from handlers.contacts import arrive
from handlers.router import Router
from sop.channels import assignment, turns
from sop.events import CustomerArrived
from storage.channels import Channel
from storage.store import Store
from wecom.events import ContactAdded, ContactHalfAdded

router = Router()


@router.on(ContactAdded, ContactHalfAdded)
async def count(event: ContactAdded | ContactHalfAdded, store: Store) -> None:
    """Count an add together with what the relation becomes by it; told twice, or confirmed later, it counts once."""
    channel = await store.channels.by_state(event.state)
    if channel is None:
        return
    known = await store.relations.facts(event.external_user_id, event.user_id)
    facts = (*known, arrive(event, channel))
    for visit in await store.arrivals.record(event.external_user_id, event.user_id, facts=facts):
        arrival = CustomerArrived(
            corp_id=event.corp_id,
            at=visit.at,
            channel_id=visit.channel_id or channel.id,
            user_id=event.user_id,
            external_user_id=event.external_user_id,
        )
        if channel.counts:
            store.announce(arrival)
        else:
            _explain(arrival, channel, store, before=0, cap=0)


@router.on(CustomerArrived)
async def explain(event: CustomerArrived, store: Store) -> None:
    """Say why WeCom could give the customer to this member, or that it was beyond the day's cap."""
    channel = await store.channels.get(event.channel_id)
    if channel is None:
        return
    own = next((each.cap for each in channel.roster if each.user_id == event.user_id), 0)
    midnight = turns.begin_day(event.at, (await store.settings.voice()).zone)
    before = await store.arrivals.before(event, since=midnight)
    _explain(event, channel, store, before=before, cap=own or channel.member_cap)


def _explain(event: CustomerArrived, channel: Channel, store: Store, *, before: int, cap: int) -> None:
    shown = channel.shown
    over = 0 < cap <= before
    reason = assignment.explain(
        event.user_id, mode=channel.mode, shown=shown.users if shown and not shown.departments else None, over=over
    )
    store.decide(
        "assignment",
        "over" if over else "assigned",
        reason,
        external_user_id=event.external_user_id,
        user_id=event.user_id,
        rule=f"channel:{channel.id}",
        version=channel.version,
        strategy=channel.strategy,
        before=before,
        cap=cap,
    )
