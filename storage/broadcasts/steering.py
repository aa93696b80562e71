"""Steering broadcasts and their runs: begin, pause, go on, call off, give the rest to a variant, end."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from sop.broadcasts.states import RunStatus, Status
from sop.broadcasts.turns import Turn, next_turn
from sop.deliveries import Origin
from sop.events import RunDue
from sop.experiments import Winner
from sop.jobs import Plan
from storage.broadcasts import Card
from storage.broadcasts.runs import Run
from storage.store import Store

JOB = "broadcast"
LANES = 2
_ORIGIN: Origin = "broadcast"


async def schedule(store: Store, card: Card) -> Card:
    """Let it go out when it is to: the broadcast as it stands then; without a next time where all have passed."""
    after = replace(card, status=Status.SCHEDULED, next=await _first(store, card))
    if after.next is None:
        return after
    store.broadcasts.turn(card, after)
    if after.next.at <= store.now:
        store.broadcasts.ring(after)
    return after


async def pause(store: Store, card: Card) -> Card:
    """Nothing more is begun, planned or made of it; what members have to confirm already stays with them."""
    for run in await store.broadcasts.runs.open(card.id):
        store.deliveries.hold(_ORIGIN, run.id)
        job = await store.jobs.get(run.job_id) if run.job_id else None
        if job is not None and job.status == "running":
            store.jobs.pause(job)
    after = replace(card, status=Status.PAUSED)
    store.broadcasts.turn(card, after)
    return after


async def resume(store: Store, card: Card) -> Card:
    """Go on where it stands."""
    runs = await store.broadcasts.runs.open(card.id)
    for run in runs:
        job = await store.jobs.get(run.job_id) if run.job_id else None
        if job is not None and job.status in ("paused", "partial"):
            await store.jobs.resume(job)
        elif run.status in (RunStatus.TRYING, RunStatus.SENDING):
            store.deliveries.release(_ORIGIN, run.id)
        if run.status is RunStatus.TRYING and run.decide_at is not None:
            remind(store, run, "decide", run.decide_at)
    status = Status.RUNNING if runs else Status.SCHEDULED if card.next else Status.DONE
    after = replace(card, status=status)
    store.broadcasts.turn(card, after)
    return after


async def cancel(store: Store, card: Card) -> Card:
    """Call off what is not sent yet, and everything that was still to come."""
    for run in await store.broadcasts.runs.open(card.id):
        job = await store.jobs.get(run.job_id) if run.job_id else None
        if job is not None and job.status in ("running", "paused", "partial"):
            store.jobs.end(job, "cancelled")
        store.deliveries.release(_ORIGIN, run.id)
        store.deliveries.cancel(_ORIGIN, run.id)
        ended = replace(run, status=RunStatus.CANCELLED, ended_at=store.now)
        store.broadcasts.runs.move(run, ended)
    after = replace(card, status=Status.CANCELLED, next=None)
    store.broadcasts.turn(card, after)
    return after


def begin(store: Store, card: Card, turn: Turn, *, number: int) -> Run:
    """Begin a run: its audience is written down first, then its messages are planned, and nothing goes out before."""
    phase = "sample" if card.broadcast.trial else "all"
    run = store.broadcasts.runs.add(
        card.id, card.broadcast, turn, number=number, status=RunStatus.FREEZING, phase=phase
    )
    job_id = store.jobs.start(
        JOB, [Plan(name="audience")], name=card.broadcast.name, body={"run": str(run.id)}, width=LANES
    )
    begun = replace(run, job_id=job_id)
    store.broadcasts.runs.move(run, begun)
    store.deliveries.hold(_ORIGIN, run.id)
    return begun


def parts(run: Run) -> list[Plan]:
    """What is to be planned, page by page: in two lanes, unless the days of members are counted over all of them."""
    lanes = min(1 if run.broadcast.capacity else LANES, run.pages)
    return [Plan(name="messages", body={"first": lane, "step": lanes}) for lane in range(lanes)]


def rest(store: Store, run: Run, winner: Winner) -> Run:
    """Let the rest of the audience have a variant, from now on."""
    job_id = store.jobs.start(JOB, parts(run), name=run.broadcast.name, body={"run": str(run.id)}, width=LANES)
    after = replace(
        run,
        status=RunStatus.PLANNING,
        phase="rest",
        winner=winner.arm,
        won_by=winner.reason,
        job_id=job_id,
        due_at=store.now,
        decide_at=None,
    )
    store.broadcasts.runs.move(run, after)
    store.deliveries.hold(_ORIGIN, run.id)
    return after


async def finish(store: Store, run: Run) -> None:
    """A run of which nothing is to come any more has ended, and maybe the broadcast with it."""
    if run.status is not RunStatus.SENDING or await store.broadcasts.results.left(run.id):
        return
    store.broadcasts.runs.move(run, replace(run, status=RunStatus.DONE, ended_at=store.now))
    card = await store.broadcasts.get(run.broadcast_id)
    if card is None or card.status not in (Status.RUNNING, Status.PAUSED):
        return
    others = [each for each in await store.broadcasts.runs.open(card.id) if each.id != run.id]
    if others or (card.next and card.status is Status.PAUSED):
        return
    store.broadcasts.turn(card, replace(card, status=Status.SCHEDULED if card.next else Status.DONE))


def remind(store: Store, run: Run, what: Literal["decide", "expire"], due_at: datetime) -> None:
    """Have something done with a run then."""
    event = RunDue(corp_id=store.scope.corp_id, at=due_at, run_id=run.id, what=what)
    store.schedule(event, name=f"broadcast:{run.id}:{what}:{due_at:%Y%m%d%H%M%S}", due_at=due_at)


async def _first(store: Store, card: Card) -> Turn | None:
    if card.broadcast.schedule is None:
        return Turn(store.now)
    zone = (await store.policy.current()).zone
    zones = await store.broadcasts.audiences.zones() if card.broadcast.zoned else ()
    return next_turn(card.broadcast, store.now, zone=zone, zones=zones)
