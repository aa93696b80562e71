"""Customers of members who have left: found soon and then daily, and told to who can place them until that is done."""

from datetime import timedelta

from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from sop import reasons, transfers
from sop.events import DutyChanged, JobEnded, StepDue, UnassignedDue
from sop.jobs import Part, Plan, Progress
from sop.transfers import takeovers
from sop.transfers.takeovers import Waiting
from storage.store import Store
from storage.transfers.unassigned import Orphan

JOB = "unassigned"
RECEIVERS = "transfers.receivers"  # setting: user ids who are told of unassigned customers beside the leads
_ALARMS = "alarm.receivers"  # setting: told where there is nobody else
_PAUSE = timedelta(minutes=1)
router = Router()


@router.on(UnassignedDue)
async def begin(_: UnassignedDue, store: Store) -> None:
    """Look through WeCom's list; a look that is not through yet goes on instead, one that halted is tried again."""
    for status in ("running", "paused", "partial"):
        for job in await store.jobs.page(kind=JOB, status=status, most=1):
            if status == "partial":
                await store.jobs.resume(job)
            return
    store.jobs.start(JOB, [Plan()], alone=True)


@router.on(DutyChanged)
async def hurry(event: DutyChanged, store: Store) -> None:
    """Somebody has left: look soon, once for all who left at that moment, so that nobody waits for the next day."""
    member = await store.staff.find(event.user_id)
    if member is not None and not member.active:
        due = store.now + _PAUSE
        store.schedule(UnassignedDue(corp_id=store.scope.corp_id, at=due), name="unassigned:left", due_at=due)


@router.on(StepDue, of=JOB)
async def step(event: StepDue, store: Store, reader: Reader) -> None:
    """Store a page."""
    await walk(event, store, lambda _, part: _read(part, store, reader))


@router.on(JobEnded, of=JOB)
async def alert(event: JobEnded, store: Store) -> None:
    """Whom a whole look has not found is placed; for the others each lead gets one message a day, with numbers."""
    job = await store.jobs.get(event.job_id)
    if job is None or event.status != "done":
        return
    since = job.created_at
    store.unassigned.place(since=since)
    told: dict[tuple[str, ...], list[Waiting]] = {}
    for left in await store.unassigned.counts(since=since):
        member = await store.staff.find(left.handover)
        users = await _find_receivers(left.handover, store)
        if not users:
            store.decide("alert", "skipped", reasons.NO_LEAD, user_id=left.handover, count=left.count)
            continue
        name = (member.name if member else "") or left.handover
        one = Waiting(user_id=left.handover, staff=name, count=left.count, left_at=left.left_at)
        told.setdefault(users, []).append(one)
    voice = await store.settings.voice()
    for users, waiting in told.items():
        intent_id = store.intend(takeovers.alert(waiting, voice, users=users, at=store.now))
        for one in waiting:
            about = {"user_id": one.user_id, "count": one.count, "intent_id": intent_id}
            store.decide("alert", "sent", transfers.UNASSIGNED, **about)


async def _read(part: Part, store: Store, reader: Reader) -> Progress:
    page = await reader.unassigned(part.cursor)
    store.unassigned.see(
        Orphan(handover=one.handover, external_user_id=one.external_user_id, left_at=one.left_at, seen_at=store.now)
        for one in page.items
    )
    return Progress(cursor=page.cursor or None, done=len(page.items))


async def _find_receivers(user_id: str, store: Store) -> tuple[str, ...]:
    leads = await store.staff.leads(user_id)
    named = await store.settings.get(RECEIVERS, list[str]())
    return tuple(dict.fromkeys((*leads, *named))) or tuple(await store.settings.get(_ALARMS, list[str]()))
