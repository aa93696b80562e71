"""A mailing of which no answer came is looked for at WeCom: found, provably not there, or still unclear.

WeCom's list shows content and moment of creation, not for whom a task is. So what looks the same, and is none of those
that are known as ours, is read: its members, and their customers, who must all be recipients of this mailing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from handlers.alerts import alert
from handlers.deliveries import steps
from handlers.deliveries.likeness import looks_like
from handlers.reader import Reader
from sop.deliveries import Status as Delivered
from sop.deliveries import mailings as rules
from sop.deliveries.mailings import MOST, Mailing, Pace, Status
from storage.deliveries.results import Result
from storage.store import Store
from wecom.broadcasts import Record
from wecom.ids import UserId

SLACK = timedelta(minutes=5)  # between WeCom's clock and ours
PAGES = 60  # of recipients that are compared
KNOWN = 20_000  # tasks whose members are remembered
SAMPLE = 50  # recipients by which a mailing is told from others like it
_SENDERS: dict[str, frozenset[UserId]] = {}


class Fit(Enum):
    """Whether a task at WeCom is this mailing."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A task that looks the same; `listed` are its recipients, all of them if `whole`."""

    record: Record
    fit: Fit
    listed: frozenset[str] = frozenset()
    whole: bool = False


async def find(mailing: Mailing, store: Store, reader: Reader, *, pace: Pace) -> None:
    """Adopt it, have it made anew, or look again later."""
    lost = replace(mailing, status=Status.UNKNOWN, looks=mailing.looks + 1)
    found: list[Candidate] = []
    for record in await _alike(lost, store, reader):
        found.append(await _examine(lost, record, store, reader))
        if found[-1].fit is Fit.YES:
            break
    fitting = [one for one in found if one.fit is Fit.YES and not await _is_anothers(lost, one, store)]
    if fitting:
        await _adopt(lost, min(fitting, key=lambda one: one.record.created_at), store)
    elif any(one.fit is not Fit.NO for one in found):
        await _wait(lost, store, pace, unclear=True)
    elif not rules.is_proof(lost, store.now, pace):
        await _wait(lost, store, pace, unclear=False)
    elif lost.ending:
        await steps.give_up(lost, store, status=Status.CANCELLED, reason=rules.STOPPED, said="")
    elif lost.tries >= rules.TRIES or store.now > lost.created_at + rules.MAKE:
        await steps.give_up(lost, store, status=Status.REFUSED, reason=rules.LATE, said="")
    else:
        steps.make_anew(lost, store, after=timedelta(0), reason=rules.ANEW)


async def _alike(mailing: Mailing, store: Store, reader: Reader) -> Sequence[Record]:
    """What WeCom lists of that time with this content, without what is known as ours."""
    content = await store.deliveries.mailings.content(mailing.content_id)
    span = (mailing.created_at - SLACK, mailing.asked_at + SLACK)
    records: dict[str, Record] = {}
    cursor = ""
    while True:
        page = await reader.broadcasts(mailing.kind, *span, cursor)
        records |= {record.msg_id: record for record in page.items if looks_like(content, record)}
        cursor = page.cursor
        if not cursor:
            break
    known = await store.deliveries.mailings.ours(sorted(records))
    rest = [record for msg_id, record in records.items() if msg_id not in known]
    first = mailing.id % len(rest) if rest else 0  # many look at once: each begins elsewhere, and learns of the others
    return rest[first:] + rest[:first]


async def _examine(mailing: Mailing, record: Record, store: Store, reader: Reader) -> Candidate:
    """Compare members and recipients."""
    users = await _senders(record.msg_id, reader)
    if not users:
        return Candidate(record, Fit.UNCLEAR)
    if mailing.user_id and users != {mailing.user_id}:
        return Candidate(record, Fit.NO)
    if mailing.kind == "group":  # groups are listed once they are sent
        return Candidate(record, Fit.YES)
    listed: set[str] = set()
    pages = 0
    for user_id in sorted(users):
        cursor = ""
        while pages < PAGES:
            results = await reader.broadcast_results(record.msg_id, user_id, cursor)
            names = {one.external_user_id for one in results.items}
            if names != await store.deliveries.results.theirs(mailing.id, sorted(names)):
                return Candidate(record, Fit.NO)
            listed |= names
            pages, cursor = pages + 1, results.cursor
            if not cursor:
                break
    fit = Fit.YES if listed else Fit.UNCLEAR
    return Candidate(record, fit, frozenset(listed), whole=pages < PAGES)


async def _senders(msg_id: str, reader: Reader) -> frozenset[UserId]:
    """The members of a task, who never change: asked once, however many mailings are looked for."""
    found = _SENDERS.get(msg_id)
    if found is None:
        users: set[UserId] = set()
        cursor = ""
        while True:
            page = await reader.broadcast_tasks(msg_id, cursor)
            users |= {task.user_id for task in page.items}
            cursor = page.cursor
            if not cursor:
                break
        found = frozenset(users)
        if found:
            if len(_SENDERS) >= KNOWN:
                del _SENDERS[next(iter(_SENDERS))]
            _SENDERS[msg_id] = found
    return found


async def _is_anothers(mailing: Mailing, found: Candidate, store: Store) -> bool:
    """Whether it may as well be another mailing with the same content of which nobody knows."""
    sample = sorted(found.listed)[:SAMPLE]
    for rival in await store.deliveries.mailings.rivals(mailing):
        if rival.user_id == mailing.user_id and rival.created_at - SLACK <= found.record.created_at:
            theirs = await store.deliveries.results.theirs(rival.id, sample)
            if len(theirs) == len(sample):
                return True
    return False


async def _adopt(mailing: Mailing, found: Candidate, store: Store) -> None:
    """It is there: whom WeCom does not list in it cannot be reached."""
    record, failed = found.record, list[Result]()
    if mailing.kind == "single" and found.whole:
        wanted = await store.deliveries.mailings.recipients(mailing.id, most=MOST[mailing.kind])
        fate = Delivered.FAILED.value
        refused = await store.policy.consents.refused(mailing.id)  # left out by ourselves, as far as can be told
        missing = sorted(set(wanted) - found.listed)
        gone = [one for one in missing if one in refused]
        dropped = [Result(one, Delivered.CANCELLED.value, refused[one], mailing.user_id, store.now) for one in gone]
        failed = [
            Result(one, fate, rules.UNREACHED, mailing.user_id, store.now) for one in missing if one not in refused
        ]
        store.deliveries.results.end(mailing.id, [*failed, *dropped])
    adopted = replace(mailing, msg_id=record.msg_id, failed=len(failed))
    store.decide("mailing", "sent", rules.ADOPTED, count=mailing.count, failed=len(failed), **steps.about(mailing))
    await steps.follow(adopted, store, made_at=record.created_at, changed=bool(failed))


async def _wait(mailing: Mailing, store: Store, pace: Pace, *, unclear: bool) -> None:
    """Look again later; what stays unclear is told once, and never made a second time."""
    if unclear and store.now >= rules.ends_at(mailing, pace):
        await steps.give_up(mailing, store, status=Status.UNKNOWN, reason=rules.UNKNOWN, said="")
        return
    if unclear and mailing.escalated_at is None and rules.is_proof(mailing, store.now, pace):
        cause = f"mailing:unknown:{mailing.id}"
        await alert(rules.UNCLEAR, store, cause=cause, reason=rules.UNKNOWN, count=mailing.count)
        mailing = replace(mailing, escalated_at=store.now)
    steps.look_at(mailing, store, due_at=rules.next_look(mailing, store.now, pace))
