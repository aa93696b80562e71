"""Takeovers: what is known of one customer's transfer becomes certain, and what belongs to the customer goes along."""

from datetime import datetime, timedelta
from typing import Any

from handlers.contacts import follow, look
from handlers.reader import Reader
from handlers.router import Router
from sop import reasons, tasks, transfers
from sop.events import GroupStirred, TakeoverDue, TransferTold
from sop.groups import LAG
from sop.intents import MarkTags, SetRemark
from sop.relations import Deed, Fact, Status
from sop.transfers import AWAITED, UNDECIDED, State, takeovers
from storage.relations import Relation
from storage.store import Store
from storage.tags import marking
from storage.transfers.rides import Ride
from wecom.errors import Refused
from wecom.events import ContactAdded, ContactRemoved, TransferFailed

BY_ADMINISTRATOR = 202  # add_way: assigned, not met (page 92114)
_PAUSE = timedelta(minutes=10)  # ends of one transfer come together, and are told together
router = Router()


@router.on(TransferTold)
async def learn(event: TransferTold, store: Store) -> None:
    """What WeCom has answered to a call, or to the question how it ended."""
    for ride in await store.rides.of_subject(event.external_user_id, until=store.now):
        if ride.transfer_id == event.transfer_id:
            await _note(ride, State(event.state), store, at=event.at, code=event.code)


@router.on(ContactAdded)
async def join(event: ContactAdded, store: Store, reader: Reader) -> None:
    """The taker has a customer who was being handed over: if WeCom says so, and not a scan of their own."""
    if event.state or event.welcome_code:
        return
    for ride in await store.rides.of_subject(event.external_user_id, until=event.at):
        if ride.taker == event.user_id and ride.state in AWAITED and await _is_assigned(event, reader):
            await _note(ride, State.DONE, store, at=event.at, by_add=True)


@router.on(ContactRemoved)
async def part(event: ContactRemoved, store: Store) -> None:
    """The giver has lost the customer by transfer: it is done."""
    if event.by_transfer:
        for ride in await store.rides.of_subject(event.external_user_id, until=event.at):
            if ride.handover == event.user_id and ride.state in AWAITED:
                await _note(ride, State.DONE, store, at=event.at)


@router.on(TransferFailed)
async def miss(event: TransferFailed, store: Store) -> None:
    """The customer refused, or the taker is full."""
    for ride in await store.rides.of_subject(event.external_user_id, until=event.at):
        if ride.taker == event.user_id and ride.state in AWAITED:
            await _note(ride, transfers.failed(event.reason), store, at=event.at)


@router.on(TakeoverDue)
async def report(event: TakeoverDue, store: Store) -> None:
    """Tell the taker how many customers are theirs now, and the giver's leads how it went when all have an end."""
    transfer = await store.transfers.get(event.transfer_id)
    if transfer is None:
        return
    counts = await store.transfers.counts(event.transfer_id)
    giver = await store.staff.find(transfer.handover)
    voice = await store.settings.voice()
    about = {"rule": f"transfer:{transfer.id}", "handover": transfer.handover}
    tale = takeovers.Tale(transfer_id=transfer.id, what=transfer.what, giver=giver.name if giver else transfer.handover)
    taken = counts.by_taker.get(event.user_id, {}).get(State.DONE, 0)
    if taken:
        prompt = takeovers.tell_taker(tale, event.user_id, taken, voice)
        store.decide("prompt", "sent", transfers.TAKEN, user_id=event.user_id, intent_id=store.intend(prompt), **about)
    if counts.undecided:
        return
    receivers = await store.settings.get("alarm.receivers", list[str]())
    users = tuple(dict.fromkeys((*await store.staff.leads(transfer.handover), *receivers)))
    if not users:
        store.decide("alert", "skipped", reasons.NO_LEAD, user_id=transfer.handover, **about)
        return
    summary = takeovers.sum_up(tale, counts.states, voice, users=users)
    store.decide("alert", "sent", transfers.CONCLUDED, intent_id=store.intend(summary), **about)


async def _note(ride: Ride, told: State, store: Store, *, at: datetime, code: int = 0, by_add: bool = False) -> None:
    """Store what is certain now, once, with its reason, its place on the timeline and what follows from it."""
    state = transfers.fold(ride.state, [told])
    if state is ride.state or ride.state is State.LEFT_OUT:
        return
    store.rides.move(ride, state, code=code, at=at)
    customer = ride.subject if ride.what == "customers" else ""
    about: dict[str, Any] = {"handover": ride.handover, "code": code} | ({} if customer else {"group": ride.subject})
    store.decide(
        "transfer",
        state.value,
        transfers.REASONS[state],
        external_user_id=customer,
        user_id=ride.taker,
        rule=f"transfer:{ride.transfer_id}",
        **about,
    )
    if customer:
        what = takeovers.STORY[state]
        effect = f"{what}:{ride.transfer_id}:{ride.subject}"
        store.history.append(what, customer, user_id=ride.taker, at=at, effect=effect, **about)
    if state is State.DONE and customer:
        await _hand_on(ride, store, at=at, by_add=by_add)
    elif state is State.DONE:  # the callback of the change may be lost: look at the group anyway
        stirred = GroupStirred(corp_id=store.scope.corp_id, at=store.now + LAG, chat_id=ride.subject)
        store.schedule(stirred, name=stirred.key, due_at=stirred.at)
    if state not in UNDECIDED:
        due = TakeoverDue(corp_id=store.scope.corp_id, at=store.now, transfer_id=ride.transfer_id, user_id=ride.taker)
        store.schedule(due, name=f"takeover:{ride.transfer_id}:{ride.taker}", due_at=store.now + _PAUSE)


async def _hand_on(ride: Ride, store: Store, *, at: datetime, by_add: bool) -> None:
    """The relation ends here and stands there, told by WeCom or not; tags, remark, flows and tasks go along."""
    pair = (ride.subject, ride.handover), (ride.subject, ride.taker)
    given, taken = await store.relations.find(*pair[0]), await store.relations.find(*pair[1])
    if given is not None and given.status not in (Status.REMOVED, Status.MOVED):  # who has left can be handed on, too
        await store.relations.record(*pair[0], fact=Fact(deed=Deed.MOVED, at=at))
    if not by_add and (taken is None or taken.ended_at is not None):
        await store.relations.record(*pair[1], fact=Fact(deed=Deed.FOUND, at=at))
        store.relations.describe(_assigned(ride, at=at))
    if ride.resigned:
        store.unassigned.place_one(ride.handover, ride.subject)
    await _retag(ride, store)
    await _move_tasks(ride, store)
    if given is not None:
        await _rename(ride, store, given=given, taken=taken)
        await _move_flows(ride, store)


async def _retag(ride: Ride, store: Store) -> None:
    """The giver's tags become the taker's, wanted by whom they were wanted and for as long; rule groups keep theirs."""
    had = {binding.tag_id for binding in await store.tags.bindings(ride.subject, ride.taker)}
    given = [each for each in await store.tags.bindings(ride.subject, ride.handover) if each.tag_id not in had]
    known = await store.tags.find([each.tag_id for each in given])
    wanted: dict[tuple[str, str, datetime | None], list[str]] = {}
    for each in given:
        tag = known.get(each.tag_id)
        if tag and not tag.deleted and tag.kind != "strategy" and (each.expires_at or store.now) >= store.now:
            wanted.setdefault((each.rule, each.source, each.expires_at), []).append(each.tag_id)
    for number, ((rule, source, expires_at), tags) in enumerate(wanted.items()):
        marks = MarkTags(
            add=tuple(tags),
            rule=rule,
            source=source,
            expires_at=expires_at,
            evidence={"transfer_id": str(ride.transfer_id), "handover": ride.handover},
            cause=f"{_name(ride)}:{number}",
            **_whose(ride),
        )
        await marking.mark(store, marks)


async def _rename(ride: Ride, store: Store, *, given: Relation, taken: Relation | None) -> None:
    """The giver's remark and description become the taker's, unless the taker has written some."""
    customer = await store.customers.find(ride.subject)
    nothing = {"", customer.name if customer else ""}
    remark = given.remark if taken is None or taken.remark in nothing else ""
    description = given.description if taken is None or not taken.description else ""
    if remark in nothing:
        remark = ""
    if remark or description:
        store.intend(SetRemark(remark=remark, description=description, cause=_name(ride), **_whose(ride)))


async def _move_flows(ride: Ride, store: Store) -> None:
    """The flows that the customer is in with the giver go on where they are, with the taker."""
    inside = [one for one in await store.enrolments.of(ride.subject) if one.user_id == ride.handover]
    store.enrolments.hand_over(ride.subject, giver=ride.handover, taker=ride.taker)
    for one in inside:
        about = {"rule": f"flow:{one.flow_id}", "version": one.version, "handover": ride.handover}
        store.decide("flow", "moved", transfers.FOLLOWUP_MOVED, **_whose(ride), **about)


async def _move_tasks(ride: Ride, store: Store) -> None:
    """What the giver was to do about the customer is the taker's to do."""
    for task in await store.tasks.about(ride.handover, ride.subject):
        store.tasks.change(tasks.hand(task, ride.taker, now=store.now))
        store.decide("task", "moved", transfers.TASK_MOVED, handover=ride.handover, task_id=task.id, **_whose(ride))


async def _is_assigned(event: ContactAdded, reader: Reader) -> bool:
    """Whether WeCom says that the member was assigned to the customer; else the results will tell."""
    try:
        told = follow(await look(event, reader), event)
    except Refused:
        return False
    return told is not None and told.add_way == BY_ADMINISTRATOR


def _assigned(ride: Ride, *, at: datetime) -> Relation:
    return Relation(
        external_user_id=ride.subject,
        user_id=ride.taker,
        status=Status.ACTIVE,
        add_way=BY_ADMINISTRATOR,
        adds=1,
        first_added_at=at,
        added_at=at,
        changed_at=at,
    )


def _whose(ride: Ride) -> dict[str, Any]:
    return {"user_id": ride.taker, "external_user_id": ride.subject}


def _name(ride: Ride) -> str:
    return f"transfer:{ride.transfer_id}"
