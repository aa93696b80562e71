"""Who comes into flows by the clock, or because a segment has moved: people and groups, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.router import Router
from sop import conditions
from sop.events import EntryDue
from sop.flows.document import Entry, Flow, OnDate, OnGroups, OnSchedule, schedule
from sop.flows.enrolments import Entrant
from sop.flows.nodes import Tree
from sop.reasons import Skip
from sop.schedules import Misfire, judge, next_after, origins
from storage.conditions import facts
from storage.flows import Version, audiences
from storage.minders import minders
from storage.store import Store
from storage.values import to_ms

router = Router()
PAGE = 2000
ADDED = "added_at"  # the date that every relation has
EVERYBODY: Tree = {"status": ["active"]}


def wind(store: Store, flow_id: int, version: int, flow: Flow, *, after: datetime, zone: ZoneInfo) -> None:
    """Set the next moment of every entry that lets people in by the clock."""
    for number, entry in enumerate(flow.entries):
        _wind(store, EntryDue(corp_id=store.scope.corp_id, at=after, flow_id=flow_id, version=version, number=number),
              entry, zone=zone)  # fmt: skip


@router.on(EntryDue)
async def enter(event: EntryDue, store: Store) -> None:
    """Let a page of them in, and see that the next page or the next moment comes."""
    sheet = await store.flows.get(event.flow_id)
    if sheet is None or sheet.status == "ended":
        return
    versions = await store.flows.versions(sheet.id)
    number = _find(event, versions, sheet.version)
    if number is None:
        return
    flow = versions[sheet.version].flow
    entry = flow.entries[number]
    zone = (await store.settings.voice()).zone
    if not event.after:
        if event.version == sheet.version:
            _wind(store, event, entry, zone=zone)
        verdict = judge(Misfire(flow.late), event.at, store.now)
        if isinstance(verdict, Skip):
            store.decide(
                "flow", "skipped", verdict.reason, rule=f"flow:{sheet.id}", version=sheet.version, due=event.at
            )
            return
    found = await _page(store, entry, event, zone=zone)
    cause = f"entry:{sheet.id}:{event.number}:{to_ms(event.at)}"
    entrants = [
        Entrant(subject=subject, user_id=user_id, cause=f"{cause}:{subject}", data={"entry": str(event.number)})
        for subject, user_id in await _admitted(store, entry, found)
    ]
    store.enrolments.enrol(sheet.id, entrants, version=sheet.version, start=flow.start, entry=entry)
    if len(found) == PAGE:
        store.announce(replace(event, after=found[-1][0]))


def _find(event: EntryDue, versions: Mapping[int, Version], newest: int) -> int | None:
    """Which entry of the newest version is meant.

    An older version has no say, but for what was due before the next one was out: that is not lost, if the entry is
    still there.
    """
    if event.version == newest:
        return event.number
    entry, entries = versions[event.version].flow.entries[event.number], versions[newest].flow.entries
    was_due = event.at <= versions[event.version + 1].published_at
    return entries.index(entry) if was_due and entry in entries else None


def _wind(store: Store, event: EntryDue, entry: Entry, *, zone: ZoneInfo) -> None:
    """Set the next moment, of those to come: what was missed while nobody was there is not made up for twice."""
    planned = schedule(entry)
    due_at = next_after(planned, max(event.at, store.now), zone=zone) if planned else None
    if due_at is not None:
        name = f"entry:{event.flow_id}:{event.version}:{event.number}:{to_ms(due_at)}"
        store.schedule(replace(event, at=due_at, after=""), name=name, due_at=due_at)


async def _page(store: Store, entry: Entry, event: EntryDue, *, zone: ZoneInfo) -> list[tuple[str, str]]:
    """A page of those whom an entry means, with the members who look after them."""
    scope, after = store.scope, event.after
    today = event.at.astimezone(zone).date()
    if isinstance(entry, OnGroups):
        return await audiences.groups(scope, entry, today, zone, after=after, most=PAGE)
    if isinstance(entry, OnDate):
        turn = origins(entry.date, today)
        if entry.date.field == ADDED:
            found = await audiences.added(scope, turn, zone, after=after, most=PAGE)
        else:
            found = await audiences.dated(scope, entry.date.field, turn, after=after, most=PAGE)
    else:
        found = await audiences.meeting(scope, _tree(entry), store.now, after=after, most=PAGE)
    known = await minders(scope, found)
    return [(one, known.get(one, "")) for one in found]


def _tree(entry: Entry) -> Tree:
    """Whom an entry by schedule means: the members of its segment, of whom its condition holds."""
    parts: list[Any] = [] if entry.condition is None else [entry.condition]
    if isinstance(entry, OnSchedule) and entry.segment:
        parts.append({"segment": [entry.segment]})
    return {"all": parts} if parts else EVERYBODY


async def _admitted(store: Store, entry: Entry, found: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of a page of whom the condition of an entry by date holds; the others were picked by theirs."""
    tree = entry.condition if isinstance(entry, OnDate) else None
    if tree is None:
        return list(found)
    known = await facts(store.scope, conditions.needs(tree), found, store.now)
    test = conditions.compile(tree)
    return [one for one in found if test(known[one], store.now)]
