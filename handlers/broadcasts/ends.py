"""What follows when a run is planned, when its sample is judged, when time is over, when all has its result."""

from dataclasses import replace
from datetime import timedelta

from handlers.router import Router
from sop.broadcasts import funnels
from sop.broadcasts.document import Trial
from sop.broadcasts.states import RunStatus, Status
from sop.events import DeliveriesEnded, JobEnded, MailingDue, RunDue
from sop.experiments import Readout
from storage.broadcasts import steering
from storage.broadcasts.runs import Run
from storage.store import Store

router = Router()
MAILINGS = 300  # called off at once
_SOON = timedelta(hours=1)


@router.on(JobEnded, of=steering.JOB)
async def release(event: JobEnded, store: Store) -> None:
    """All is planned: let it be put into tasks, unless somebody has paused it."""
    job = await store.jobs.get(event.job_id)
    run = await store.broadcasts.runs.get(int(job.body["run"])) if job else None
    if run is None or event.status != "done" or run.status is not RunStatus.PLANNING or run.job_id != event.job_id:
        return
    trial, at = run.broadcast.trial, max(run.due_at, store.now)
    if trial is not None and run.phase == "sample":
        after = replace(run, status=RunStatus.TRYING, decide_at=at + timedelta(hours=trial.hours))
        steering.remind(store, run, "decide", at + timedelta(hours=trial.hours))
    else:
        after = replace(run, status=RunStatus.SENDING)
    if run.broadcast.expires is not None:
        after = replace(after, expires_at=at + run.broadcast.expires)
        steering.remind(store, run, "expire", at + run.broadcast.expires)
    store.broadcasts.runs.move(run, after)
    card = await store.broadcasts.get(run.broadcast_id)
    if card is not None and card.status is not Status.PAUSED:
        store.deliveries.release("broadcast", run.id)
    await steering.finish(store, after)


@router.on(RunDue)
async def decide(event: RunDue, store: Store) -> None:
    """The time of the sample is over: the rest gets what has won, or what was said beforehand."""
    run = await store.broadcasts.runs.get(event.run_id)
    if event.what != "decide" or run is None or run.status is not RunStatus.TRYING or run.broadcast.trial is None:
        return
    card = await store.broadcasts.get(run.broadcast_id)
    if card is None or card.status is Status.PAUSED:
        return  # resuming tells of it again
    readout = await _read(run, run.broadcast.trial, store)
    winner = funnels.conclude(run.broadcast.trial, readout)
    steering.rest(store, run, winner)
    rates = {arm.name: [arm.exposed, arm.converted] for arm in readout.arms}
    about = {"rule": f"broadcast:{run.broadcast_id}", "run": run.number, "state": readout.state}
    store.decide("broadcast_trial", winner.arm, winner.reason, arms=rates, **about)


@router.on(RunDue)
async def expire(event: RunDue, store: Store) -> None:
    """What has waited for its confirmation for too long is called off, task by task."""
    run = await store.broadcasts.runs.get(event.run_id)
    if event.what != "expire" or run is None or run.ended_at is not None or run.broadcast.expires is None:
        return
    waited = run.broadcast.expires
    found = await store.deliveries.mailings.open_of("broadcast", run.id, most=MAILINGS)
    for mailing in found:
        if (mailing.made_at or mailing.created_at) + waited <= store.now:
            store.deliveries.mailings.want_end(mailing.id, "unsent")
            store.announce(MailingDue(corp_id=event.corp_id, at=store.now, mailing_id=mailing.id))
    ends = [moment for each in found if (moment := (each.made_at or each.created_at) + waited) > store.now]
    steering.remind(store, run, "expire", min(ends, default=store.now + _SOON))


@router.on(DeliveriesEnded)
async def follow(event: DeliveriesEnded, store: Store) -> None:
    """More of a run have their result: maybe it was the last."""
    run = await store.broadcasts.runs.get(event.origin_id) if event.origin == "broadcast" else None
    if run is not None:
        await steering.finish(store, run)


async def _read(run: Run, trial: Trial, store: Store) -> Readout:
    results = store.broadcasts.results
    if trial.metric == "event":
        converted = await results.happened(run.id, trial.event, run.broadcast.window)
    else:
        converted = await results.replied(run.id) if trial.metric == "replied" else {}
    return funnels.readout(trial, await results.tally(run.id), converted, run.broadcast.arms)
