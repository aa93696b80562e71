"""The morning's message: every member is told once a day what it brings, a few at a time; who has nothing is not."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from handlers.jobs import walk
from handlers.links import Links
from handlers.router import Router
from sop.events import DigestDue, StepDue
from sop.jobs import Job, Part, Plan, Progress
from sop.prompts import Voice
from sop.tasks import agenda
from sop.tasks.agenda import Agenda
from storage.listing import Listing, StaffFilter
from storage.store import Store

router = Router()
BATCH = 50  # members at once
PAUSE = 5.0  # seconds until the next ones, so that a thousand are told within two minutes and not in one second
PATIENCE = timedelta(hours=agenda.LATEST)


@router.on(DigestDue)
async def begin(_: DigestDue, store: Store) -> None:
    """When it is morning on a working day, and nobody has been told today, begin with the first."""
    if not await store.settings.get(agenda.ENABLED, False):
        return
    voice = await store.settings.voice()
    day = agenda.due(store.now, voice, hour=await store.settings.get(agenda.AT, agenda.HOUR))
    if day is None or (await store.policy.current()).quiet.days.rests(day):
        return
    last = next(iter(await store.jobs.page(kind=agenda.JOB, most=1)), None)
    if last is not None and (last.name == day.isoformat() or last.status in ("running", "paused")):
        return
    if last is not None and last.status == "partial":
        store.jobs.end(last, "cancelled")
    store.jobs.start(agenda.JOB, [Plan(name="all")], name=day.isoformat(), alone=True)


@router.on(StepDue, of=agenda.JOB)
async def step(event: StepDue, store: Store, links: Links) -> None:
    """Tell the next members."""

    async def turn(job: Job, part: Part) -> Progress:
        voice = await store.settings.voice()
        day = date.fromisoformat(job.name)
        members = await Listing(store.scope).staff(StaffFilter(active=True), limit=BATCH, after=part.cursor)
        found = await look(store, [member.user_id for member in members], store.now, voice)
        told = 0
        for user_id, one in found.items():
            if not one.empty:
                told += 1
                prompt = agenda.digest(user_id, one, voice, day=day, url=links.tasks())
                intent_id = store.intend(prompt, deadline=store.now + PATIENCE)
                store.decide("digest", "sent", agenda.TOLD, user_id=user_id, intent_id=intent_id, pending=one.pending)
        through = len(members) < BATCH
        return Progress(cursor=None if through else members[-1].user_id, done=told, pause=PAUSE)

    await walk(event, store, turn)


async def look(store: Store, users: list[str], at: datetime, voice: Voice) -> dict[str, Agenda]:
    """What the day of a moment holds for members."""
    today = agenda.begins(at, voice)
    pending = await store.tasks.agendas(users, before=agenda.ends(at, voice), most=agenda.SHOWN)
    yesterday = agenda.begins(today - timedelta(hours=12), voice)
    newcomers = await store.history.newcomers(users, since=yesterday, until=today)
    return {user_id: replace(pending.get(user_id, Agenda()), newcomers=newcomers.get(user_id, 0)) for user_id in users}
