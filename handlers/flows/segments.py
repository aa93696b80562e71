"""What flows make of a segment that has moved: those who came in or went enter, or leave, a page at a time."""

from collections.abc import Sequence
from dataclasses import replace

from handlers.router import Router
from sop import conditions
from sop.events import MovesDue, SegmentMoved
from sop.flows.document import OnSegment, segment_ear
from sop.flows.enrolments import SEGMENT_LEFT, Entrant
from storage.conditions import facts
from storage.minders import minders
from storage.store import Store

router = Router()
PAGE = 2000


@router.on(SegmentMoved)
async def notice(event: SegmentMoved, store: Store) -> None:
    """Have every flow that is about the segment look at who came and who went."""
    for flow in await store.flows.concerned(segment_ear(event.segment_id)):
        for entered in (True, False):
            due = MovesDue(
                corp_id=event.corp_id,
                at=event.at,
                flow_id=flow.id,
                segment_id=event.segment_id,
                run=event.run,
                entered=entered,
            )
            store.announce(due)


@router.on(MovesDue)
async def follow(event: MovesDue, store: Store) -> None:
    """Let a page of them in, or out."""
    sheet = await store.flows.get(event.flow_id)
    if sheet is None or sheet.status == "ended":
        return
    flow = (await store.flows.versions(sheet.id))[sheet.version].flow
    moved = await store.segments.moves(event.segment_id, event.run, entered=event.entered, after=event.after, most=PAGE)
    people = [one.external_user_id for one in moved]
    wanted = "enter" if event.entered else "leave"
    for number, entry in enumerate(flow.entries):
        if isinstance(entry, OnSegment) and (entry.segment, entry.moves) == (event.segment_id, wanted):
            cause = f"segment:{event.segment_id}:{event.run}:{wanted}:{number}"
            entrants = await _admit(store, entry, people, cause=cause)
            store.enrolments.enrol(sheet.id, entrants, version=sheet.version, start=flow.start, entry=entry)
    if not event.entered and flow.exits.segment == event.segment_id:
        store.enrolments.leave_all(sheet.id, people, SEGMENT_LEFT)
    if len(people) == PAGE:
        store.announce(replace(event, after=people[-1]))


async def _admit(store: Store, entry: OnSegment, people: Sequence[str], *, cause: str) -> list[Entrant]:
    """Those of a page who meet the condition of the entry."""
    owners = await minders(store.scope, people)
    pairs = [(one, owners.get(one, "")) for one in people]
    if entry.condition is not None:
        known = await facts(store.scope, conditions.needs(entry.condition), pairs, store.now)
        test = conditions.compile(entry.condition)
        pairs = [pair for pair in pairs if test(known[pair], store.now)]
    return [Entrant(subject=one, user_id=member, cause=f"{cause}:{one}") for one, member in pairs]
