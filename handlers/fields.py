"""Fields of customers: many noted from a table, and all values of a field taken away that was given up."""

from handlers.jobs import walk
from handlers.router import Router
from sop.events import StepDue
from sop.fields import DROP
from sop.fields.tables import JOB, unpack
from sop.jobs import Job, Part, Progress
from storage.store import Store

AT_ONCE = 2000  # values taken away in one step

router = Router()


@router.on(StepDue, of=JOB)
async def note(event: StepDue, store: Store) -> None:
    """Note what the lines of a part say; a value that another customer has is refused by itself, with the reason."""

    async def turn(job: Job, part: Part) -> Progress:
        lines = part.body["lines"]
        changes = [change for line in lines for change in unpack(line)]
        refused = await store.fields.put(changes, source="import", cause=f"job:{job.id}")
        for change, reason in refused:
            about = {"external_user_id": change.external_user_id, "rule": f"job:{job.id}"}
            store.decide("field", "refused", reason, **about, field=change.name)
        failed = len({change.external_user_id for change, _ in refused})
        return Progress(cursor=None, done=len(lines) - failed, failed=failed, total=len(lines))

    await walk(event, store, turn)


@router.on(StepDue, of=DROP)
async def drop(event: StepDue, store: Store) -> None:
    """Take the next values of a field away; at the end the field itself is gone, and its name is free again."""

    async def turn(job: Job, _: Part) -> Progress:
        name = job.body["field"]
        holders = await store.fields.holders(name, most=AT_ONCE)
        store.fields.drop(name, holders)
        if len(holders) == AT_ONCE:
            return Progress(cursor="", done=len(holders))
        store.fields.forget(name)
        return Progress(cursor=None, done=len(holders))

    await walk(event, store, turn)
