"""Bulk tagging, and its undoing: a few relations at a time, counted as WeCom takes them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import cast

from handlers.contacts import explain
from handlers.jobs import walk
from handlers.router import Router
from sop import conditions, reasons
from sop.events import Outcome, Settled, StepDue
from sop.intents import MarkTags
from sop.jobs import Job, Part, Progress
from sop.relations import Status
from sop.tags import bulk as bulktags
from sop.tags import owners
from sop.tags.bulk import BULK_UNDONE, BULK_WANTED, Draft, Turn
from storage.facts import Known, Place
from storage.store import Store
from storage.tags import Binding, marking
from storage.tags.bulk import Change, News
from storage.values import decode, encode

router = Router()
BULK, UNDO = "bulk_tag", "undo_tag"
WINDOW = 100  # marks of a job that may be on their way at once
_PAUSE = 0.3  # seconds until the next look at how many are left
_SERVED = (Status.ACTIVE, Status.LOST)  # whom WeCom lets us mark
_END = "end"  # everybody has been asked for: what is on its way is waited for
Page = tuple[Sequence[tuple[Known, Turn]], str]  # what is to be done for whom, and where it goes on


@router.on(StepDue, of=BULK)
async def tag(event: StepDue, store: Store) -> None:
    """Mark the next relations of the list, or of those that meet the condition."""
    await walk(event, store, lambda job, part: _step(job, part, store, find=_find))


@router.on(StepDue, of=UNDO)
async def undo(event: StepDue, store: Store) -> None:
    """Take back what another job did to the next relations."""
    await walk(event, store, lambda job, part: _step(job, part, store, find=_find_changed))


@router.on(Settled, of=MarkTags)
async def tally(event: Settled, store: Store) -> None:
    """Note for a job whether WeCom has taken its mark."""
    intent = cast(MarkTags, event.intent)
    first, _, number = intent.rule.partition(":")
    if first != "job" or not number.isdigit():
        return
    refusal = explain(event, refused=reasons.TAGS_REFUSED, failed=reasons.TAGS_FAILED)
    reason = "" if event.outcome is Outcome.DONE else refusal
    store.tags.bulk.settle(int(number), intent.external_user_id, intent.user_id, code=event.code, reason=reason)


Find = Callable[[Job, Part, Store, int], Awaitable[Page]]


async def _step(job: Job, part: Part, store: Store, *, find: Find) -> Progress:
    """Ask for as many more as there is room for."""
    news = await store.tags.bulk.count(job.id)
    if part.cursor == _END and not news.waiting:
        return _progress(news, None)
    room = WINDOW - news.waiting
    if part.cursor == _END or room <= 0:
        return _progress(news, part.cursor, pause=_PAUSE)
    turns, cursor = await find(job, part, store, room)
    for known, turn in turns:
        await _mark(job, known, turn, store)
    found = part.done + part.failed + news.done + news.failed + news.waiting + len(turns)
    return _progress(news, cursor, total=None if "customers" in part.body else found)


def _progress(news: News, cursor: str | None, *, pause: float = 0, total: int | None = None) -> Progress:
    return Progress(cursor=cursor, done=news.done, failed=news.failed, pause=pause, total=total)


async def _find(job: Job, part: Part, store: Store, most: int) -> Page:
    """The next relations of a bulk job, with what is to be changed for each."""
    draft = _draft(job)
    if "customers" in part.body:
        place = int(part.cursor or 0)
        chosen = part.body["customers"][place : place + most]
        found = await store.tags.facts.of_customers(chosen, staff=draft.member)
        following = str(place + most) if place + most < len(part.body["customers"]) else _END
        _note_strangers(job, set(chosen).difference(_served(found)), store)
    else:
        after = Place(*decode(part.cursor or '["",""]'))
        staff = frozenset({draft.member}) if draft.member else None
        needs = conditions.needs(draft.condition)
        found = await store.tags.facts.page(after, most=most, staff=staff, needs=needs)
        following = encode(found[-1].place) if len(found) == most else _END
        meets = conditions.compile(draft.condition)
        found = [known for known in found if meets(known.facts, store.now)]
    coming = await marking.all_under_way(store, {known.place.external_user_id for known in found})
    turns = []
    for known in found:
        if known.relation.status not in _SERVED:
            continue
        tags = known.relation.tags
        turns.append(
            (known, bulktags.plan(draft, bound=tags, expected=owners.expect(tags, coming.get(known.place, ()))))
        )
    return turns, following


async def _find_changed(job: Job, part: Part, store: Store, most: int) -> Page:
    """The next relations that the other job has changed, with what takes it back."""
    after = Place(*decode(part.cursor or '["",""]'))
    changes = await store.tags.bulk.page(int(job.body["of"]), after, most=most)
    following = encode((changes[-1].external_user_id, changes[-1].user_id)) if len(changes) == most else _END
    people = {change.external_user_id for change in changes}
    known = {each.place: each for each in await store.tags.facts.of_customers(people)} if people else {}
    coming = await marking.all_under_way(store, people)
    turns = []
    for change in changes:
        each = known.get(Place(change.external_user_id, change.user_id))
        if each is not None and change.status in ("done", "same"):
            expected = owners.expect(each.relation.tags, coming.get(each.place, ()))
            name = f"job:{job.body['of']}"
            turns.append((each, bulktags.reverse(name, change.removed, owners=each.owners, expected=expected)))
    return turns, following


def _draft(job: Job) -> Draft:
    body = job.body
    condition, member = body.get("condition") or {}, body.get("member", "")
    return Draft(add=tuple(body["add"]), remove=tuple(body["remove"]), condition=condition, member=member)


def _source(job: Job) -> str:
    """By whom its tags are shown to be set: a list may come from elsewhere."""
    return str(job.body.get("source", "api"))


def _served(found: Sequence[Known]) -> set[str]:
    """The customers among whose relations is one that can be marked."""
    return {known.place.external_user_id for known in found if known.relation.status in _SERVED}


def _note_strangers(job: Job, strangers: set[str], store: Store) -> None:
    """Those of a list who are nobody's customers, or not the member's."""
    member = _draft(job).member
    for each in sorted(strangers):
        stranger = Change(
            external_user_id=each, user_id=member, status="failed", reason=reasons.NOT_RELATED, at=store.now
        )
        store.tags.bulk.note(job.id, stranger)


def _claim(job: Job, known: Known, turn: Turn, store: Store) -> None:
    """A job holds what is on already, too; one that is undone lets go of what others want."""
    if job.kind == BULK:
        rule, evidence = f"job:{job.id}", {"job": job.id}
        bindings = [
            Binding(tag_id=tag_id, source=_source(job), rule=rule, at=store.now, evidence=evidence)
            for tag_id in turn.claim
        ]
        store.tags.bind(*known.place, bindings=bindings)
        return
    name = f"job:{job.body['of']}"
    for tag_id in turn.claim:
        store.tags.forget_owner(*known.place, tag_id=tag_id, owner=name)
        if heir := owners.strongest(owners.without(known.owners.get(tag_id, ()), name)):
            store.tags.show(*known.place, tag_id=tag_id, owner=heir)


async def _mark(job: Job, known: Known, turn: Turn, store: Store) -> None:
    """Want the change of one relation, once, and note what was really changed."""
    _claim(job, known, turn, store)
    person, member = known.place
    change = Change(
        external_user_id=person, user_id=member, status="same", added=turn.add, removed=turn.remove, at=store.now
    )
    if not turn.add and not turn.remove:
        store.tags.bulk.note(job.id, change)
        return
    rule = f"job:{job.id}"
    marks = MarkTags(
        external_user_id=person,
        user_id=member,
        add=turn.add,
        remove=turn.remove,
        rule=rule,
        evidence={"job": job.id},
        source=_source(job),
        cause=rule,
    )
    if await marking.overflows(store, marks):
        store.tags.bulk.note(job.id, replace(change, status="failed", reason=owners.TAG_FULL))
        return
    intent_id = await marking.mark(store, marks)
    store.tags.bulk.note(job.id, replace(change, status="done" if intent_id is None else "open"))
    reason = BULK_UNDONE if job.kind == UNDO else BULK_WANTED
    about = {"external_user_id": person, "user_id": member, "rule": rule, "intent_id": intent_id}
    store.decide("tag", "wanted", reason, add=turn.add, remove=turn.remove, **about)
