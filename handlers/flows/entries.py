"""Who comes into flows because of what happens to a customer, who is woken by it, and who leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from handlers.contacts import is_ours
from handlers.flows.sights import matches, means
from handlers.router import Router
from sop import conditions
from sop.events import Happened
from sop.flows import document, enrolments
from sop.flows.document import Flow, OnEvent
from sop.flows.edits import Published, place
from sop.flows.enrolments import Enrolment, Entrant, Signal
from sop.flows.nodes import Occurrence, Wait
from sop.policy import MARKETING
from storage.conditions import facts
from storage.minders import minders
from storage.store import Store

router = Router()
_COMING = frozenset({"added", "returned", "found"})  # which a transfer of ours tells of, too: then nobody is new


@router.on(Happened)
async def hear(event: Happened, store: Store) -> None:
    """Let the customer into the flows that begin with this, and wake or take out those who are in one."""
    await hear_all([event], store)


async def hear_all(events: Sequence[Happened], store: Store) -> None:
    """The same for many events, oldest first, in a few statements for all of them."""
    concerned = {name: await store.flows.concerned(name) for name in dict.fromkeys(one.name for one in events)}
    heard = [event for event in events if concerned[event.name]]
    if not heard:
        return
    await _rouse(heard, store)
    coming = [event for event in heard if not await _is_brought(event, store)]
    owners = await minders(store.scope, [one.external_user_id for one in coming if not one.user_id])
    flows = {flow.id: flow for found in concerned.values() for flow in found}
    for flow in flows.values():
        for entry in flow.flow.entries:
            if isinstance(entry, OnEvent):
                entrants = await _admit(entry, coming, store, owners=owners)
                store.enrolments.enrol(flow.id, entrants, version=flow.number, start=flow.flow.start, entry=entry)


async def _is_brought(event: Happened, store: Store) -> bool:
    """Whether an add is the work of a transfer of ours: then the customer is not new."""
    return event.name in _COMING and not event.data.get("state") and await is_ours(event, store)


async def _admit(
    entry: OnEvent, events: Sequence[Happened], store: Store, *, owners: Mapping[str, str]
) -> list[Entrant]:
    """Those of whom this is the event that the entry means, and who may come in."""
    meant = [(one, one.user_id or owners.get(one.external_user_id, "")) for one in events if _means(entry, one)]
    if entry.condition is not None and meant:
        keys = [(one.external_user_id, member) for one, member in meant]
        known = await facts(store.scope, conditions.needs(entry.condition), keys, store.now)
        test = conditions.compile(entry.condition)
        meant = [
            (one, member)
            for one, member in meant
            if test(replace(known[one.external_user_id, member], event=one.data), store.now)
        ]
    return [
        Entrant(
            subject=one.external_user_id,
            user_id=member,
            key=document.fill_key(entry.key, one.data),
            cause=one.effect,
            data={**one.data, "event": one.name},
            at=one.at,
        )
        for one, member in meant
    ]


def _means(entry: OnEvent, event: Happened) -> bool:
    if entry.event != event.name or (entry.channels and event.data.get("channel_id") not in entry.channels):
        return False
    return matches(entry.where, event.data, event.at)


async def _rouse(events: Sequence[Happened], store: Store) -> None:
    """Whatever the customers are in a flow as is looked at: this may end a wait, or the stay."""
    inside = await store.enrolments.of_all({event.external_user_id for event in events})
    flows = {one.flow_id for found in inside.values() for one in found}
    versions = {
        flow: {number: Published(one.flow, one.mode) for number, one in (await store.flows.versions(flow)).items()}
        for flow in sorted(flows)
    }
    for event in events:
        for one in inside.get(event.external_user_id, ()):
            await _touch(event, one, store, versions=versions[one.flow_id])


async def _touch(event: Happened, one: Enrolment, store: Store, *, versions: Mapping[int, Published]) -> None:
    flow, placed, _ = place(one, versions, store.now)
    reason = await _leaves(flow, one, event, store)
    if reason:
        store.enrolments.leave(one, reason)
        return
    node = flow.nodes.get(placed.node)
    if isinstance(node, Wait) and node.condition is not None:
        store.enrolments.wake(one, None)
    elif isinstance(node, Wait) and node.event is not None and _is(node.event, event, one, since=one.node_at):
        store.enrolments.wake(one, Signal(name=event.name, at=event.at, data=event.data))


async def _leaves(flow: Flow, one: Enrolment, event: Happened, store: Store) -> str:
    """Why somebody leaves the flow now, or nothing."""
    own = one.user_id in ("", event.user_id)
    if flow.exits.goal and flow.goal is not None and _is(flow.goal, event, one, since=one.entered_at):
        return enrolments.GOAL
    if flow.exits.gone and event.name in document.GONE and own:
        still = one.user_id == "" and await _minder(store, event.external_user_id)
        return "" if still else enrolments.GONE
    if flow.exits.replied and event.name == document.REPLIED and own and event.at >= one.entered_at:
        return enrolments.REPLIED
    if flow.exits.opted_out and event.name == document.OPTED_OUT:
        topic = event.data.get("topic", "")
        return enrolments.OPTED_OUT if topic in ("", "*", flow.topic or MARKETING) else ""
    return ""


def _is(wanted: Occurrence, event: Happened, one: Enrolment, *, since: datetime) -> bool:
    """Whether this is what somebody waits for, and not what they began with."""
    late = wanted.event == event.name and event.at >= since and event.effect != one.cause
    return late and means(wanted, event.data, one.context, event.at)


async def _minder(store: Store, external_user_id: str) -> str:
    """The member who looks after a customer, if anybody still does."""
    return (await minders(store.scope, [external_user_id])).get(external_user_id, "")
