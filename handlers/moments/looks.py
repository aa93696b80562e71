"""Moments are looked at: who has published, who sees it, who liked or commented; members who have not are reminded."""

import asyncio

from handlers.jobs import walk
from handlers.moments.telling import explain, ring
from handlers.reader import Reader
from handlers.router import Router
from sop import moments
from sop.events import JobEnded, StepDue
from sop.jobs import Job, Progress
from sop.jobs import Part as JobPart
from sop.moments import Part, Status, telling
from storage.moments import Moment
from storage.moments.parts import MemberPart
from storage.moments.reactions import Reaction
from storage.store import Store
from wecom.errors import Refused
from wecom.ids import MomentId, UserId
from wecom.moments import Reaction as Told

MEMBERS, REACTIONS = "members", "reactions"  # the parts of a look
AT_ONCE = 20  # members whose reactions one step reads
GONE = 41060  # WeCom's code for a moment that is not, or no longer, there
_PAGE = 1000
router = Router()


@router.on(StepDue, of=moments.LOOK)
async def step(event: StepDue, store: Store, reader: Reader) -> None:
    """Read a page of members, or what a few of them have got."""
    await walk(event, store, lambda job, part: _turn(job, part, store, reader=reader))


@router.on(JobEnded, of=moments.LOOK)
async def conclude(event: JobEnded, store: Store) -> None:
    """Remind who has not published, and look again later, until the time is over or the moment is deleted."""
    job = await store.jobs.get(event.job_id)
    moment = await store.moments.get(int(job.body["row"])) if job else None
    if job is None or moment is None or moment.look_id != job.id or moment.ended_at:
        return
    gone = any(part.code == GONE for part in await store.jobs.parts(job.id))
    if event.status == "partial":
        store.jobs.end(job, "cancelled")
    again = None if gone else moments.next_look(moment.posted_at or moment.changed_at, store.now)
    if again is None:
        _end(moment, store, moments.DELETED if gone else moments.ENDED)
        return
    if moment.status is Status.LIVE and not moment.cancelling:
        await _remind(moment, store)
    ring(moment, store, at=again)


async def _turn(job: Job, part: JobPart, store: Store, *, reader: Reader) -> Progress:
    moment = await store.moments.get(int(job.body["row"]))
    if moment is None or not moment.moment_id:
        return Progress(cursor=None)
    read = _read_members if part.name == MEMBERS else _read_reactions
    return await read(moment, part.cursor, store, reader=reader)


async def _read_members(moment: Moment, cursor: str, store: Store, *, reader: Reader) -> Progress:
    """Who has published; at the end, whoever we named and WeCom does not know of is left out."""
    page = await reader.publishers(MomentId(moment.moment_id), cursor)
    states = {str(one.user_id): Part.PUBLISHED if one.published else Part.ASKED for one in page.items}
    if moment.status is Status.CANCELLED:
        states = {user_id: state for user_id, state in states.items() if state is Part.PUBLISHED}
    store.moments.parts.tell(moment.id, states)
    if not page.cursor:
        store.moments.parts.leave_out(moment.id)
    return Progress(cursor=page.cursor or None, done=len(page.items))


async def _read_reactions(moment: Moment, cursor: str, store: Store, *, reader: Reader) -> Progress:
    """Likes and comments of the next few who have published; who sees it is counted once."""
    parts = await store.moments.parts.after(moment.id, Part.PUBLISHED, after=cursor, most=AT_ONCE)
    read = await asyncio.gather(*(_read_part(moment, part, store, reader=reader) for part in parts))
    following = parts[-1].user_id if len(parts) == AT_ONCE else None
    return Progress(cursor=following, done=sum(read), failed=len(read) - sum(read))


async def _read_part(moment: Moment, part: MemberPart, store: Store, *, reader: Reader) -> bool:
    """What one member has got; False where WeCom would not tell, as of somebody who has left."""
    moment_id, user_id = MomentId(moment.moment_id), UserId(part.user_id)
    try:
        told = await reader.reactions(moment_id, user_id)
        audience = await reader.audience(moment_id, user_id) if part.audience is None else None
    except Refused as refused:
        if refused.code == GONE:
            raise
        return False
    heard = [_hear(part, "liked", one) for one in told.likes] + [_hear(part, "commented", one) for one in told.comments]
    await store.moments.reactions.hear(moment.id, part.user_id, heard, name=moment.name)
    if audience is not None or (part.likes, part.comments) != (len(told.likes), len(told.comments)):
        counts = {"likes": len(told.likes), "comments": len(told.comments)}
        store.moments.parts.count(part, audience=audience, **counts)
    return True


def _hear(part: MemberPart, what: str, told: Told) -> Reaction:
    return Reaction(
        user_id=part.user_id,
        what="liked" if what == "liked" else "commented",
        by_id=told.external_user_id or told.user_id,
        at=told.at,
        staff=not told.external_user_id,
    )


def _end(moment: Moment, store: Store, reason: str) -> None:
    """Nobody looks any more; who has not published has missed it."""
    store.moments.parts.end(moment.id, Part.MISSED)
    status = Status.CANCELLED if moment.status is Status.CANCELLED else Status.ENDED
    store.moments.move(moment, status, reason=reason, ended_at=store.now)
    explain(moment, store, status.value, reason)


async def _remind(moment: Moment, store: Store) -> None:
    """Ask those who had not published when the look began, so often as it was time for by then."""
    number = moments.reminders(moment.posted_at or moment.changed_at, moment.looked_at or store.now)
    if number <= moment.reminders:
        return
    users: list[str] = []
    after = ""
    while parts := await store.moments.parts.after(moment.id, Part.ASKED, after=after, most=_PAGE):
        users += [part.user_id for part in parts]
        after = parts[-1].user_id
    store.moments.move(moment, reminders=number)
    if users:
        voice = await store.settings.voice()
        for prompt in telling.remind(moment.id, moment.name, users, voice, number=number):
            store.intend(prompt)
        explain(moment, store, "sent", moments.REMINDED, members=len(users), number=number)
