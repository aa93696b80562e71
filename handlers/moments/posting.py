"""Moments are posted: uploads first, then one call that is never made twice, then the job that it began."""

from datetime import datetime, timedelta
from typing import cast

from handlers.moments import looks
from handlers.moments.telling import explain, ring
from handlers.reader import Reader
from handlers.router import Router
from sop import moments
from sop.events import MomentDue, Outcome, Settled
from sop.intents import CancelMoment, PostMoment, UploadForMoment
from sop.jobs import Plan
from sop.moments import Part, Seen, Status
from storage.moments import Moment
from storage.store import Store
from wecom.broadcasts import CORP
from wecom.errors import Refused, TryLater
from wecom.moments import Record

LIFETIME = timedelta(days=3)  # of a media id, from its upload
_MOST = 200  # moments that wait for one upload
router = Router()


@router.on(MomentDue)
async def advance(event: MomentDue, store: Store, reader: Reader) -> None:
    """Take the next step, whatever has rung; one whose time has not come waits for it."""
    moment = await store.moments.get(event.moment_id)
    if moment is None:
        return
    try:
        match moment.status:
            case Status.APPROVED:
                await _post(moment, store)
            case Status.MAKING:
                await _follow(moment, store, reader)
            case Status.UNKNOWN:
                await _search(moment, store, reader)
            case Status.LIVE | Status.CANCELLED:
                await _watch(moment, store)
    except TryLater as error:
        ring(moment, store, at=store.now + timedelta(seconds=max(error.after, 60.0)))


@router.on(Settled, of=UploadForMoment)
async def uploaded(event: Settled, store: Store) -> None:
    """Keep the media id; what waits for it looks again by itself, and is given up where WeCom would not have it."""
    material_id = cast(UploadForMoment, event.intent).material_id
    if event.outcome is Outcome.DONE and "media_id" in event.result:
        told = event.result.get("expires_at")
        expires_at = datetime.fromisoformat(told) if told else event.at + LIFETIME
        store.moments.media.lend(material_id, event.result["media_id"], expires_at=expires_at)
        return
    about = {"code": event.code, "said": event.said[:500]}
    for moment in await store.moments.page(statuses=(Status.APPROVED,), most=_MOST):
        due = (moment.due_at or moment.changed_at) <= store.now
        if due and any(attachment.material == str(material_id) for attachment in moment.attachments):
            store.moments.move(moment, Status.FAILED, reason=moments.NO_UPLOAD, **about)
            explain(moment, store, "failed", moments.NO_UPLOAD, intent_id=event.intent_id, **about)


@router.on(Settled, of=PostMoment)
async def posted(event: Settled, store: Store) -> None:
    """Keep the job's id at once. What may have been performed is looked for at WeCom, and never wanted again."""
    intent = cast(PostMoment, event.intent)
    moment = await store.moments.get(intent.row)
    if moment is None or moment.status is not Status.POSTING or moment.attempt != intent.attempt:
        return
    said = {"code": event.code, "said": event.said[:500]}
    if event.outcome is Outcome.DONE:
        status, reason = Status.MAKING, moments.POSTED
        store.moments.move(moment, status, job_id=event.result["job_id"], code=0, said="", reason=reason)
    elif event.outcome in (Outcome.DEAD, Outcome.UNKNOWN) or event.result.get("doubtful"):
        status, reason = Status.UNKNOWN, moments.UNKNOWN
        store.moments.move(moment, status, reason=reason, **said)
    else:
        status = Status.REFUSED if event.outcome is Outcome.REFUSED else Status.FAILED
        reason = moments.REFUSED if status is Status.REFUSED else moments.FAILED
        store.moments.move(moment, status, reason=reason, cancelling=False, **said)
    explain(moment, store, status.value, reason, intent_id=event.intent_id, **said)
    if status in moments.AT_WECOM:
        store.moments.stir(moment.id)


@router.on(Settled, of=CancelMoment)
async def cancelled(event: Settled, store: Store) -> None:
    """Who has not published cannot any more; where WeCom would not have it, it goes on being watched."""
    intent = cast(CancelMoment, event.intent)
    moment = await store.moments.get(intent.row)
    if moment is None or moment.status is not Status.LIVE:
        return
    if event.outcome is Outcome.DONE:
        store.moments.parts.end(moment.id, Part.CANCELLED)
        store.moments.move(moment, Status.CANCELLED, reason=moments.CANCELLED)
        store.moments.stir(moment.id)  # somebody may have published just before
        explain(moment, store, "cancelled", moments.CANCELLED, intent_id=event.intent_id)
        return
    store.moments.move(moment, cancelling=False, code=event.code, said=event.said[:500])
    explain(moment, store, event.outcome.value, moments.FAILED, intent_id=event.intent_id, said=event.said)


async def _post(moment: Moment, store: Store) -> None:
    """Post it when its time has come and everything is uploaded."""
    due_at = moment.due_at or moment.changed_at
    if due_at > store.now:
        ring(moment, store, at=due_at)
    elif store.now >= due_at + moments.LATE:
        _give_up(moment, store, moments.TOO_LATE)
    elif missing := await _materials(moment, store):
        if "" in missing:
            _give_up(moment, store, moments.NO_MATERIAL)
        else:
            ring(moment, store, at=store.now + moments.UPLOAD / 6)
    else:
        attempt = moment.attempt + 1
        post = PostMoment(row=moment.id, attempt=attempt)
        store.intend(post, deadline=max(due_at + moments.LATE, store.now + moments.UPLOAD))
        store.moments.move(moment, Status.POSTING, attempt=attempt, asked_at=store.now, job_id="", moment_id="")


def _give_up(moment: Moment, store: Store, reason: str) -> None:
    store.moments.move(moment, Status.FAILED, reason=reason)
    explain(moment, store, "skipped", reason)


async def _materials(moment: Moment, store: Store) -> list[str]:
    """The materials that WeCom has not got yet, whose uploads are asked for; "" stands for one that is gone."""
    wanted = [attachment.material for attachment in moment.attachments if attachment.material]
    loans = await store.moments.media.of(wanted)
    missing = []
    for material in dict.fromkeys(wanted):
        loan = loans.get(material)
        if loan is None or not loan.good(store.now + moments.MARGIN):
            missing.append(material if loan else "")
        if loan is None or loan.good(store.now + moments.MARGIN):
            continue
        if loan.asked_at is None or loan.asked_at <= store.now - moments.MARGIN:
            store.moments.media.ask(loan.material_id)
            upload = UploadForMoment(material_id=loan.material_id, round=f"{store.now.timestamp():.0f}")
            store.intend(upload, deadline=store.now + moments.MARGIN)
    return missing


async def _follow(moment: Moment, store: Store, reader: Reader) -> None:
    """Ask how the job stands; one that WeCom has forgotten is looked for like one that was never answered."""
    asked_at = moment.asked_at or store.now
    try:
        job = await reader.moment_job(moment.job_id)
    except Refused as refused:
        store.moments.move(moment, Status.UNKNOWN, code=refused.code, reason=moments.UNKNOWN)
        explain(moment, store, "unknown", moments.UNKNOWN, code=refused.code, said=refused.message)
        store.moments.stir(moment.id)
        return
    if not job.finished:
        ring(moment, store, at=moments.ask_again(asked_at, store.now))
    elif job.moment_id:
        invalid = {"users": job.invalid.users, "departments": job.invalid.departments, "tags": job.invalid.tags}
        left_out = {name: list(those) for name, those in invalid.items() if those}
        store.moments.parts.tell(moment.id, dict.fromkeys(map(str, job.invalid.users), Part.LEFT_OUT))
        _begin(moment, store, job.moment_id, at=store.now, reason=moments.MADE, invalid=left_out)
        if left_out:
            explain(moment, store, "partial", moments.LEFT_OUT, **left_out)
    else:
        store.moments.move(
            moment, Status.REFUSED, code=job.code, said=job.message[:500], reason=moments.REFUSED, cancelling=False
        )
        explain(moment, store, "refused", moments.REFUSED, code=job.code, said=job.message)


def _begin(
    moment: Moment, store: Store, moment_id: str, *, at: datetime, reason: str, invalid: dict[str, list[object]]
) -> None:
    """It is at WeCom: from now on it is looked at, or taken back at once where somebody has cancelled it meanwhile."""
    store.moments.move(
        moment, Status.LIVE, moment_id=moment_id, posted_at=at, reason=reason, code=0, said="", invalid=invalid
    )
    explain(moment, store, "sent", reason, moment_id=moment_id)
    if moment.cancelling:
        store.intend(CancelMoment(row=moment.id, moment_id=moment_id))
    store.moments.stir(moment.id)


async def _search(moment: Moment, store: Store, reader: Reader) -> None:
    """Look whether WeCom has it: by content and time, among those that are none of our others."""
    asked_at = moment.asked_at or moment.changed_at
    draft = await store.moments.draft(moment.id) or moment
    found: list[Seen] = []
    start, end = moments.span(asked_at, store.now)
    cursor = ""
    while True:
        try:
            page = await reader.moments(start, end, cursor)
        except Refused as refused:  # nobody knows more than before, so that it stays unknown
            explain(moment, store, "unknown", moments.UNKNOWN, code=refused.code, said=refused.message)
            ring(moment, store, at=store.now + moments.LOST)
            return
        found += [seen for record in page.items if record.origin == CORP and moments.same(draft, seen := _see(record))]
        if not (cursor := page.cursor):
            break
    taken = await store.moments.known([seen.moment_id for seen in found])
    free = sorted((seen for seen in found if seen.moment_id not in taken), key=lambda seen: seen.at)
    if free:
        _begin(moment, store, free[0].moment_id, at=free[0].at, reason=moments.FOUND, invalid={})
    elif (again := moments.search_again(asked_at, store.now)) is not None:
        ring(moment, store, at=again)
    else:
        store.moments.move(moment, Status.FAILED, reason=moments.ABSENT, cancelling=False)
        explain(moment, store, "failed", moments.ABSENT)


async def _watch(moment: Moment, store: Store) -> None:
    """Begin a look at members and reactions, unless one is under way; what was cancelled is looked at, too."""
    last = await store.jobs.get(moment.look_id) if moment.look_id else None
    if moment.moment_id and (last is None or last.status not in ("running", "paused")):
        parts = [Plan(name=looks.MEMBERS), Plan(name=looks.REACTIONS)]
        look_id = store.jobs.start(moments.LOOK, parts, name=moment.name, body={"row": str(moment.id)})
        store.moments.move(moment, look_id=look_id, looked_at=store.now)


def _see(record: Record) -> Seen:
    return Seen(
        moment_id=record.moment_id,
        at=record.created_at,
        text=record.text.content,
        pictures=len(record.image),
        videos=int(record.video is not None),
        url=record.link.url if record.link else "",
        partial=not record.visible,
    )
