"""Arrivals: each add by a channel is counted and has its reason; where the count matters, the code is looked at."""

from handlers.contacts import arrive
from handlers.router import Router
from sop import assignment, turns
from sop.relations import visits
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
    store.arrivals.record(event.external_user_id, event.user_id, facts=facts)
    if any(visit.at == event.at for visit in visits(facts)):
        await _explain(event, channel, store)
    if channel.counts:
        store.channels.revisit(channel.id)


async def _explain(event: ContactAdded | ContactHalfAdded, channel: Channel, store: Store) -> None:
    """Say why WeCom could give the customer to this member."""
    cap = next((each.cap for each in channel.roster if each.user_id == event.user_id), 0) or channel.member_cap
    today = 0
    if cap:
        midnight = turns.begin_day(event.at, (await store.settings.voice()).zone)
        adds = await store.arrivals.count(channel.id, today=midnight, lately=midnight)
        today = adds[event.user_id].today if event.user_id in adds else 0
    store.decide(
        "assignment",
        "over" if 0 < cap <= today else "assigned",
        assignment.explain(
            event.user_id,
            mode=channel.mode,
            shown=channel.shown.users if channel.shown and not channel.shown.departments else None,
            over=0 < cap <= today,
        ),
        external_user_id=event.external_user_id,
        user_id=event.user_id,
        rule=f"channel:{channel.id}",
        version=channel.version,
        strategy=channel.strategy,
        before=today,
        cap=cap,
    )
