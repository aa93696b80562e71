"""Fields of customers: many noted from a table, phone numbers as members note them at WeCom, fields given up."""

from handlers.contacts import follow, look
from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from sop.events import StepDue
from sop.fields import DROP, PHONE, Change, read
from sop.fields.tables import JOB, unpack
from sop.jobs import Job, Part, Progress
from storage.store import Store
from wecom.events import ContactAdded, ContactEdited

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


@router.on(ContactAdded, ContactEdited)
async def learn(event: ContactAdded | ContactEdited, store: Store, reader: Reader) -> None:
    """Where the corp has a unique field `phone`, note the number that a member has noted at WeCom, if there is none."""
    field = (await store.fields.all()).get(PHONE)
    if field is None or not field.unique or PHONE in await store.fields.of(event.external_user_id):
        return
    told = follow(await look(event, reader), event)
    value, wrong = read(field, told.mobiles[0]) if told and told.mobiles else (None, [])
    if value is None or wrong:
        return
    change = Change(external_user_id=event.external_user_id, name=PHONE, value=value)
    for _, reason in await store.fields.put([change], user_id=event.user_id, source="wecom"):
        about = {"external_user_id": event.external_user_id, "user_id": event.user_id}
        store.decide("field", "refused", reason, **about, field=PHONE)


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
