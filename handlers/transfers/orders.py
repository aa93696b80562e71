"""Transfers are carried out: planned page by page, asked for a hundred at a time, looked at until each has its end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from sop import transfers
from sop.events import JobEnded, Outcome, Settled, StepDue, TakeoverDue, TransferDue, TransferTold
from sop.intents import TransferCustomers, TransferGroups
from sop.jobs import Job, Part, Plan, Progress
from sop.reasons import CANCELLED
from sop.transfers import State
from sop.transfers.takers import Split
from storage.store import Store
from storage.transfers import Transfer
from wecom.errors import TryLater
from wecom.ids import ExternalUserId, UserId
from wecom.transfers import Fate

LOOK = "transfer_look"
_FATES = {Fate.DONE: State.DONE, Fate.REFUSED: State.REFUSED, Fate.FULL: State.LIMIT}
router = Router()


@router.on(StepDue, of=transfers.JOB)
async def step(event: StepDue, store: Store) -> None:
    """Find a place for the next few hundred, or ask for the next hundred of a taker."""
    await walk(event, store, lambda job, part: _turn(job, part, store))


@router.on(JobEnded, of=transfers.JOB)
async def conclude(event: JobEnded, store: Store) -> None:
    """Of a transfer that was given up nobody more is asked for; one that asked for nobody is told of at once."""
    job = await store.jobs.get(event.job_id)
    if job is None:
        return
    transfer_id = int(job.body["transfer_id"])
    if event.status == "cancelled":
        store.rides.give_up(transfer_id, reason=CANCELLED)
    elif not (await store.transfers.counts(transfer_id)).undecided:
        due = TakeoverDue(corp_id=event.corp_id, at=store.now, transfer_id=transfer_id, user_id="")
        store.schedule(due, name=f"takeover:{transfer_id}:", due_at=store.now)


@router.on(Settled, of=TransferCustomers)
async def answered(event: Settled, store: Store) -> None:
    """What WeCom has said of each customer is news to that customer; how they end is asked when their day is over.

    Of whom nothing is known (the call may or may not have come through) the results will tell.
    """
    intent = cast(TransferCustomers, event.intent)
    for customer in intent.customers:
        answer = _judge(event, customer, transfers.accepted)
        if answer:
            tell(store, intent.transfer_id, customer, state=answer[0], code=answer[1])
    due = TransferDue(
        corp_id=event.corp_id, at=event.at, handover=intent.handover, taker=intent.taker, resigned=intent.resigned
    )
    _look_later(store, due, at=transfers.next_look(event.at, event.at))


@router.on(Settled, of=TransferGroups)
async def owned(event: Settled, store: Store) -> None:
    """Groups change hands at once, but for those that WeCom names."""
    intent = cast(TransferGroups, event.intent)
    for group in intent.groups:
        answer = _judge(event, group, transfers.owned) or (State.FAILED, 0)
        tell(store, intent.transfer_id, group, what="groups", state=answer[0], code=answer[1])


@router.on(TransferDue)
async def look(event: TransferDue, store: Store) -> None:
    """Begin to ask how the customers between two members stand, unless all have their end."""
    pair = {"handover": event.handover, "taker": event.taker, "resigned": event.resigned}
    if await store.rides.open(event.handover, event.taker, resigned=event.resigned, most=1):
        store.jobs.start(LOOK, [Plan()], name=f"{event.handover} → {event.taker}", body=pair)


@router.on(StepDue, of=LOOK)
async def read(event: StepDue, store: Store, reader: Reader) -> None:
    """Read a page of results; what is news to a customer is told."""
    await walk(event, store, lambda job, part: _read(job, part, store, reader=reader))


@router.on(JobEnded, of=LOOK)
async def wait(event: JobEnded, store: Store) -> None:
    """Those who have no end yet are looked at again; after a week nobody waits any longer, even where looks failed."""
    job = await store.jobs.get(event.job_id)
    if job is None:
        return
    members: tuple[str, str] = (job.body["handover"], job.body["taker"])
    resigned = bool(job.body["resigned"])
    moments = await store.rides.asked(*members, resigned=resigned)
    over = {asked_at for asked_at in moments if transfers.is_over(asked_at, store.now)}
    after = ""
    while over and (rides := await store.rides.open(*members, resigned=resigned, after=after)):
        after = rides[-1].subject
        for ride in rides:
            if ride.asked_at in over:
                tell(store, ride.transfer_id, ride.subject, state=State.EXPIRED)
    looks = [transfers.next_look(asked_at, store.now) for asked_at in moments if asked_at not in over]
    if looks:
        due = TransferDue(corp_id=event.corp_id, at=store.now, handover=members[0], taker=members[1], resigned=resigned)
        _look_later(store, due, at=min(looks))


def tell(
    store: Store,
    transfer_id: int,
    subject: str,
    *,
    state: State,
    what: str = "customers",
    code: int = 0,
    at: datetime | None = None,
) -> None:
    """Let the news of one customer (or group) take its turn among all that happens to them."""
    store.announce(
        TransferTold(
            corp_id=store.scope.corp_id,
            at=at or store.now,
            transfer_id=transfer_id,
            what=what,
            external_user_id=subject,
            state=state.value,
            code=code,
        )
    )


async def _turn(job: Job, part: Part, store: Store) -> Progress:
    transfer = await store.transfers.get(int(job.body["transfer_id"]))
    if transfer is None:
        return Progress(cursor=None)
    return await (_ask(transfer, part, store) if part.name else _plan(transfer, part, store))


async def _plan(transfer: Transfer, part: Part, store: Store) -> Progress:
    """Store the place of each of the next few hundred."""
    counts = (await store.transfers.counts(transfer.id)).by_taker
    given = {taker: sum(each.values()) for taker, each in counts.items() if taker}
    takers = await store.candidates.takers(transfer, apart_from=transfer.id)
    split = Split(takers, transfer.mode, moves=None if transfer.resigned else transfers.MOST_MOVES, given=given)
    candidates, cursor = await store.candidates.turn(
        transfer, transfer.which, takers=[taker.user_id for taker in takers], cursor=part.cursor
    )
    store.rides.plan(transfer, split.place(candidates))
    return Progress(cursor=cursor, done=len(candidates))


async def _ask(transfer: Transfer, part: Part, store: Store) -> Progress:
    """Want the next hundred of a taker handed over."""
    most = transfers.AT_ONCE if transfer.what == "customers" else await _room(transfer, store)
    rides = await store.rides.page(transfer.id, taker=part.name, state=State.PLANNED, after=part.cursor, most=most)
    if not rides:
        return Progress(cursor=None)
    subjects = tuple(ride.subject for ride in rides)
    call: dict[str, Any] = {
        "transfer_id": transfer.id,
        "number": part.round,
        "handover": transfer.handover,
        "taker": part.name,
    }
    wanted: TransferGroups | TransferCustomers
    if transfer.what == "groups":
        wanted = TransferGroups(**call, groups=subjects, resigned=transfer.resigned)
    else:
        wanted = TransferCustomers(**call, customers=subjects, resigned=transfer.resigned, message=transfer.message)
    # Claimed, not begun at the commit: two transfers may want calls for one taker at the same moment.
    store.intend(wanted, due_at=store.now)
    store.rides.ask(transfer.id, subjects)
    return Progress(cursor=subjects[-1], done=len(subjects))


async def _room(transfer: Transfer, store: Store) -> int:
    """How many groups may be asked for now; raises `TryLater` until the corp's midnight when the day's are used up."""
    zone = (await store.settings.voice()).zone
    midnight = store.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    left = transfers.GROUPS_A_DAY - await store.rides.groups_today(transfer.handover, since=midnight)
    if left <= 0:
        pause = (midnight + timedelta(days=1, minutes=1) - store.now).total_seconds()
        raise TryLater("groupchat/transfer", f"{transfers.GROUPS_A_DAY} groups a day", after=pause)
    return min(left, transfers.AT_ONCE)


async def _read(job: Job, part: Part, store: Store, *, reader: Reader) -> Progress:
    """A result that is older than what was asked for belongs to an earlier transfer."""
    handover, taker, resigned = job.body["handover"], job.body["taker"], bool(job.body["resigned"])
    page = await reader.transfer_results(UserId(handover), UserId(taker), part.cursor, resigned=resigned)
    results = {one.external_user_id: one for one in page.items if one.fate in _FATES}
    for ride in await store.rides.open(handover, taker, resigned=resigned, among=[*results]):
        result = results[ExternalUserId(ride.subject)]
        stale = result.taken_at and ride.asked_at and result.taken_at < ride.asked_at
        if result.fate and not stale:
            tell(store, ride.transfer_id, ride.subject, state=_FATES[result.fate], at=result.taken_at)
    return Progress(cursor=page.cursor or None, done=len(page.items))


def _judge(event: Settled, subject: str, read: Callable[..., State]) -> tuple[State, int] | None:
    """How a customer or group stands after a call, and with which code; None when nobody knows."""
    doubtful = bool(event.result.get("doubtful"))
    codes = event.result.get("codes", {})
    if event.outcome is Outcome.DONE:
        return (read(codes[subject], doubtful=doubtful), codes[subject]) if subject in codes else None
    if event.outcome is Outcome.DEAD or doubtful:
        return None
    return (read(event.code, doubtful=False) if event.code else State.FAILED), event.code


def _look_later(store: Store, due: TransferDue, *, at: datetime) -> None:
    store.schedule(due, name=f"transfer:look:{due.handover}:{due.taker}:{due.resigned:d}", due_at=at)
