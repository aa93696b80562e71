"""All customer groups with their members, as a job that can be killed and goes on where it stood.

    job_id = await groupsync.start(store)

Parts of up to 100 owners list their groups, a page at a time, and read every one of them; what was read and the cursor
are committed together. The last part reads the groups that no list has shown: they are dismissed, or out of sight.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from handlers.groups import observe
from handlers.jobs import walk
from handlers.reader import Reader
from handlers.router import Router
from sop.events import StepDue
from sop.groups import Status
from sop.jobs import Job, Part, Plan, Progress
from storage.store import Store
from wecom.groups import Listed
from wecom.ids import UserId

router = Router()
KIND = "sync_groups"
OWNERS = 100  # of one list
GROUPS = 20  # read side by side in one step
_STATUSES: tuple[Status, ...] = ("normal", "resigned", "transferring", "transferred")


async def start(store: Store) -> int:
    """Begin the sync of all groups, one at a time per corp; the job's id. At commit a `Conflict` while one is open."""
    owners = await store.groups.owners()
    batches = [owners[first : first + OWNERS] for first in range(0, len(owners), OWNERS)]
    parts = [Plan(name=f"{batch[0]}…", body={"owners": batch}) for batch in batches]
    return store.jobs.start(KIND, [*parts, Plan(name="unseen")], name="customer groups", alone=True)


@router.on(StepDue, of=KIND)
async def step(event: StepDue, store: Store, reader: Reader) -> None:
    """Read the next groups of some owners, or the next that nobody has listed."""

    async def turn(job: Job, part: Part) -> Progress:
        owners: Sequence[str] = part.body.get("owners", ())
        return await (_list(part, owners, store, reader=reader) if owners else _verify(job, part, store, reader=reader))

    await walk(event, store, turn)


async def _list(part: Part, owners: Sequence[str], store: Store, *, reader: Reader) -> Progress:
    page = await reader.groups(tuple(map(UserId, owners)), cursor=part.cursor, most=GROUPS)
    seen = await _all([_read(listed, store, reader) for listed in page.items])
    return Progress(cursor=page.cursor or None, done=len(seen), failed=seen.count(False))


async def _verify(job: Job, part: Part, store: Store, *, reader: Reader) -> Progress:
    """What has not been shown since the job began is asked for by name: absence alone proves nothing."""
    chat_ids = await store.groups.unseen(before=job.created_at, after=part.cursor, most=GROUPS)
    await _all([observe(chat_id, store, reader) for chat_id in chat_ids])
    more = len(chat_ids) == GROUPS
    return Progress(cursor=chat_ids[-1] if more else None, done=len(chat_ids))


async def _read(listed: Listed, store: Store, reader: Reader) -> bool:
    status = _STATUSES[listed.status] if listed.status < len(_STATUSES) else None
    return await observe(listed.chat_id, store, reader, status=status)


async def _all(looks: Sequence[Coroutine[Any, Any, bool]]) -> list[bool]:
    """Side by side; the first failure counts once all have ended, so that nothing is written after it."""
    seen = await asyncio.gather(*looks, return_exceptions=True)
    for one in seen:
        if isinstance(one, BaseException):
            raise one
    return [one for one in seen if isinstance(one, bool)]
