"""The nightly review: every code is compared with what it should show, whatever was missed during the day."""

from handlers.jobs import walk
from handlers.router import Router
from sop.channels import turns
from sop.events import ReviewDue, StepDue
from sop.jobs import Job, Part, Plan, Progress
from storage.channels import scenes
from storage.store import Store
from storage.values import FOREVER

router = Router()
JOB = "review_channels"
PAGE = 100  # channels that one step looks at


@router.on(ReviewDue)
async def begin(_: ReviewDue, store: Store) -> None:
    """Go through all channels, unless a review is under way or there are none."""
    for status in ("running", "paused", "partial"):
        if await store.jobs.page(kind=JOB, status=status, most=1):
            return
    if await store.channels.page(archived=False, most=1):
        store.jobs.start(JOB, [Plan(name="all")], alone=True)


@router.on(StepDue, of=JOB)
async def step(event: StepDue, store: Store) -> None:
    """Look at the next page of channels."""
    await walk(event, store, lambda job, part: _turn(job, part, store))


async def _turn(_: Job, part: Part, store: Store) -> Progress:
    """Have those looked at that differ; what WeCom did not take is tried once more a night. Newest first."""
    before = int(part.cursor) if part.cursor else FOREVER
    page = await store.channels.page(archived=False, most=PAGE, before=before)
    for channel in page:
        if channel.expires_at and channel.expires_at <= store.now and not channel.asked:
            store.channels.remove(channel)
            continue
        turn = turns.turn(channel, await scenes.read(store, channel, counting=channel.counts))
        if not channel.asked and turn.view != channel.shown:
            store.channels.forgive(channel.id)
            store.channels.revisit(channel.id)
    return Progress(cursor=str(page[-1].id) if len(page) == PAGE else None, done=len(page))
