"""The sync of staff: some departments a step; who was in none has left, and the tree is put right at the end."""

import asyncio
from collections.abc import Sequence
from typing import Any

from handlers.directory import member, tree
from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from sop import drift, sync
from sop.drift import Drift
from sop.events import StepDue
from sop.jobs import Job, Part, Plan, Progress
from sop.staff import Department, Member
from storage.store import Store
from storage.sync.drifts import Place
from wecom.ids import DepartmentId

router = Router()
DEPARTMENTS = 20  # read side by side in one step


@router.on(StepDue, of=sync.DIRECTORY)
async def visit(event: StepDue, store: Store, reader: Reader) -> None:
    """Plan, read the next departments, or conclude."""

    async def turn(job: Job, part: Part) -> Progress:
        place = Place(job_id=job.id, part=part.number, repair=job.body.get("repair", True))
        if "departments" in part.body:
            return await _read(part.body["departments"], store, reader, place=place)
        return await (_conclude(store, reader, place) if part.body.get("last") else _plan(job, store, reader))

    await walk(event, store, turn)


async def _plan(job: Job, store: Store, reader: Reader) -> Progress:
    ids = [department.id for department in await reader.departments()]
    batches = [ids[first : first + DEPARTMENTS] for first in range(0, len(ids), DEPARTMENTS)]
    parts = [Plan(name=f"{batch[0]}…", body={"departments": batch}, total=len(batch)) for batch in batches]
    store.jobs.extend(job, [*parts, Plan(name="departments", body={"last": True}, total=0)])
    return Progress(cursor=None)


async def _read(departments: Sequence[int], store: Store, reader: Reader, *, place: Place) -> Progress:
    contactable = set(await reader.follow_users())
    pages = await asyncio.gather(*(reader.colleagues(DepartmentId(number)) for number in departments))
    told = {str(each.user_id): member(each, contactable=each.user_id in contactable) for page in pages for each in page}
    seen = await store.drifts.sighted(place.job_id, "staff")
    known = {each.user_id: each for each in await store.staff.members()}
    fresh = {name: each for name, each in told.items() if name not in seen}
    held = {name: _plain(known[name]) for name in fresh if name in known}
    found = drift.align("staff", held, {name: _plain(each) for name, each in fresh.items()})
    await store.drifts.note(place, found)
    store.drifts.sight(place.job_id, "staff", fresh)
    if place.repair:
        for each in found:
            store.staff.put(told[each.key], at=store.now)
            if each.what == "different":
                store.duty.turn(each.key)  # their codes may have to lead elsewhere
    return Progress(cursor=None, done=len(departments))


async def _conclude(store: Store, reader: Reader, place: Place) -> Progress:
    """Who was shown in no department has left; an app that sees nobody says nothing about that."""
    seen = await store.drifts.sighted(place.job_id, "staff")
    members = await store.staff.members()
    gone = [each.user_id for each in members if each.active and each.user_id not in seen] if seen else []
    told = list(tree(await reader.departments(), [each for each in members if each.user_id not in gone]))
    held = {str(number): _plain(each) for number, each in (await store.staff.departments()).items()}
    found = [Drift(kind="staff", key=user_id, what="missing_there") for user_id in gone]
    found += drift.align("department", held, {str(each.id): _plain(each) for each in told}) if told else []
    await store.drifts.note(place, found)
    store.drifts.unsight(place.job_id)
    if place.repair:
        for user_id in gone:
            store.staff.leave(user_id)
        if told:
            await store.staff.plant(told, at=store.now)
    return Progress(cursor=None)


def _plain(thing: Member | Department) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in thing.__slots__ if name not in ("user_id", "id")}
