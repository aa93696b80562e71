"""Who comes into flows because of what happens to a customer, who is woken by it, and who leaves."""

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
from sop.flows.nodes import Occurrence, Tree, Wait
from sop.policy import MARKETING
from storage.conditions import facts
from storage.minders import minders
from storage.store import Store

router = Router()
_COMING = frozenset({"added", "returned", "found"})  # which a transfer of ours tells of, too: then nobody is new


@router.on(Happened)
async def hear(event: Happened, store: Store) -> None:
    """Let the customer into the flows that begin with this, and wake or take out those who are in one."""
    found = await store.flows.concerned(event.name)
    if not found:
        return
    await _rouse(event, store)
    if event.name in _COMING and not event.data.get("state") and await is_ours(event, store):
        return
    minder = event.user_id or await _minder(store, event.external_user_id)
    for flow in found:
        for entry in flow.flow.entries:
            if isinstance(entry, OnEvent) and await _admits(entry, event, store, user_id=minder):
                entrant = Entrant(
                    subject=event.external_user_id,
                    user_id=minder,
                    key=document.fill_key(entry.key, event.data),
                    cause=event.effect,
                    data={**event.data, "event": event.name},
                    at=event.at,
                )
                store.enrolments.enrol(flow.id, [entrant], version=flow.number, start=flow.flow.start, entry=entry)


async def _admits(entry: OnEvent, event: Happened, store: Store, *, user_id: str) -> bool:
    """Whether this is the event that the entry means, and the customer one who may come in."""
    if entry.event != event.name or not matches(entry.where, event.data, store.now):
        return False
    if entry.channels and event.data.get("channel_id") not in entry.channels:
        return False
    if entry.condition is None:
        return True
    return await _holds(entry.condition, event, store, user_id=user_id)


async def _holds(tree: Tree, event: Happened, store: Store, *, user_id: str) -> bool:
    key = event.external_user_id, user_id
    known = await facts(store.scope, conditions.needs(tree), [key], store.now)
    return conditions.compile(tree)(known[key], store.now)


async def _rouse(event: Happened, store: Store) -> None:
    """Whatever the customer is in a flow as is looked at: this may end a wait, or the stay."""
    for one in await store.enrolments.of(event.external_user_id):
        versions = await store.flows.versions(one.flow_id)
        flow, placed, _ = place(one, {n: Published(each.flow, each.mode) for n, each in versions.items()}, store.now)
        reason = await _leaves(flow, one, event, store)
        if reason:
            store.enrolments.leave(one, reason)
            continue
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
