"""Many channels at once: a step of the job makes those of its part that are not there yet."""

from handlers.jobs import walk
from handlers.router import Router
from sop.channels.tables import EXISTS, JOB, unpack
from sop.events import StepDue
from sop.jobs import Job, Part, Progress
from storage.channels.tables import taken
from storage.store import Store

router = Router()


@router.on(StepDue, of=JOB)
async def make(event: StepDue, store: Store) -> None:
    """Make the channels of a part, all in one transaction; WeCom makes their codes afterwards, at its own pace."""

    async def turn(_job: Job, part: Part) -> Progress:
        drafts = [unpack(values) for values in part.body["channels"]]
        there = await taken(store.scope, [draft.name for draft in drafts])
        for draft in drafts:
            if draft.name in there:
                store.decide("channel", "skipped", EXISTS, rule=f"channel:{there[draft.name]}")
            else:
                store.channels.add(draft)
        return Progress(cursor=None, done=len(drafts), total=len(drafts))

    await walk(event, store, turn)
