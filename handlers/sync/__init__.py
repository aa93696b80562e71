"""Syncs: all that WeCom has is read, compared with ours, and brought in step, every night and on demand."""

from datetime import timedelta

from handlers.router import Router
from handlers.sync import contacts, library, sighted, staff, ways
from sop.events import SyncDue
from storage.store import Store

router = Router()
router.include(staff, library, contacts, sighted, ways)

LATE = timedelta(minutes=30)  # a night that was missed by more is made up for, unless there was a sync within `AGE`
AGE = timedelta(hours=26)


@router.on(SyncDue)
async def begin(event: SyncDue, store: Store) -> None:
    """Begin what is not under way, and go on with what has halted; a corp that has just come is read at once."""
    if store.now - event.at > LATE:
        last = await store.syncs.latest()
        if last is not None and store.now - last < AGE:
            return
    await store.syncs.begin(repair=True)
