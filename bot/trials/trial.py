"""Running a trial: from one moment at which something is due to the next, until the time is over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.trials.report import Report, gather
from bot.trials.spec import Spec
from handlers.flows.changes import stir
from handlers.flows.entries import hear_all
from handlers.flows.schedules import enter
from handlers.flows.segments import follow
from handlers.flows.turns import take
from sop import relations
from sop.events import EntryDue, FlowChanged, FlowDue, Happened, MovesDue
from sop.flows import document
from sop.flows.document import OnEvent
from sop.flows.enrolments import Entrant
from storage.database import Database, connect
from storage.history import Fact
from storage.scope import Scope
from storage.store import Store
from storage.trials import Sandbox, past, people, scratch
from storage.trials.people import APP, CORP

_DEEDS = frozenset(deed.value for deed in relations.Deed)  # which change how a member and a customer stand
Progress = Callable[[float], None]


@dataclass(slots=True)
class _Trial:
    """One trial under way."""

    sandbox: Sandbox
    spec: Spec
    flow_id: int
    coming: list[Happened]  # what is still to happen, the next one last
    event_id: int = 0

    def store(self, now: datetime) -> Store:
        """A transaction at a moment; each is an event of its own, so that its effects are."""
        self.event_id += 1
        return Store(Scope(database=self.sandbox.database, corp_id=CORP, app=APP, now=now, event_id=self.event_id))


async def run_trial(spec: Spec, progress: Progress = lambda _: None) -> Report:
    """Try a flow; raises `sop.errors.Invalid` where it is none, `StorageError` where the source cannot be read."""
    flow = document.parse(spec.document)
    async with scratch() as database:
        if spec.mode == "synthetic":
            coming = _invite(
                flow, await people.invent(database, spec.start, customers=spec.customers, staff=spec.staff), spec
            )
        else:
            coming = await _remember(database, spec)
        sandbox = Sandbox(database)
        trial = _Trial(sandbox, spec, await _publish(database, flow, spec), coming[::-1])
        await _enter_by_hand(trial, flow)
        await _run(trial, progress)
        return await gather(sandbox, spec, trial.flow_id)


def _invite(flow: document.Flow, pairs: Sequence[tuple[str, str]], spec: Spec) -> list[Happened]:
    """What the made-up customers do: each comes in by the first entry by event, spread over the first day."""
    entry = next((one for one in flow.entries if isinstance(one, OnEvent)), None)
    if entry is None:
        return []
    step = timedelta(days=1) / max(len(pairs), 1)
    return [
        Happened(
            corp_id=CORP,
            at=spec.start + step * number,
            name=entry.event,
            external_user_id=customer,
            user_id=member,
            effect=f"trial:{number}",
            data={"state": "trial", "channel_id": next(iter(entry.channels), None)},
        )
        for number, (customer, member) in enumerate(pairs)
    ]


async def _remember(database: Database, spec: Spec) -> list[Happened]:
    """Real customers; with `replay` what happened to them in that time."""
    source = connect(spec.source)
    await source.open()
    try:
        which = people.Which(corp_id=spec.corp_id, start=spec.start, end=spec.end, most=spec.customers)
        chosen = set(await people.copy(database, source, which))
        happened = await past(source, spec.corp_id, spec.start, spec.end) if spec.mode == "replay" else []
    finally:
        await source.close()
    return [replace(one, corp_id=CORP) for one in happened if one.external_user_id in chosen]


async def _publish(database: Database, flow: document.Flow, spec: Spec) -> int:
    def store() -> Store:
        return Store(Scope(database=database, corp_id=CORP, app=APP, now=spec.start, event_id=0))

    first = store()
    sheet = first.flows.add(flow)
    await first.commit()
    second = store()
    second.flows.publish(sheet, mode="finish", by="trial")
    await stir(FlowChanged(corp_id=CORP, at=spec.start, flow_id=sheet.id, version=1), second)
    await second.commit()
    return sheet.id


async def _enter_by_hand(trial: _Trial, flow: document.Flow) -> None:
    """Where nothing else lets anybody in, everybody is put in at the start."""
    if flow.entries and not all(isinstance(one, document.ByHand) for one in flow.entries):
        return
    entry = next((one for one in flow.entries if isinstance(one, document.ByHand)), document.ByHand())
    store = trial.store(trial.spec.start)
    entrants = [
        Entrant(subject=customer, user_id=member, cause=f"trial:{customer}")
        for customer, member in await trial.sandbox.everybody()
    ]
    store.enrolments.enrol(trial.flow_id, entrants, version=1, start=flow.start, entry=entry)
    await store.commit()


async def _run(trial: _Trial, progress: Progress) -> None:
    spec, now = trial.spec, trial.spec.start
    while now <= spec.end:
        await _happen(trial, now)
        await _fire(trial, now)
        while await trial.sandbox.is_due(now):
            store = trial.store(now)
            await take(FlowDue(corp_id=CORP, at=now, flow_id=trial.flow_id), store)
            await store.hear()
            await store.commit()
            await _answer(trial, now)
        await trial.sandbox.confirm(now, after=timedelta(hours=spec.confirm))
        progress(min((now - spec.start) / (spec.end - spec.start), 1.0))
        following = await _following(trial, now)
        if following is None:
            break
        now = following
    progress(1.0)


async def _happen(trial: _Trial, now: datetime) -> None:
    """Everything up to a moment happens: it is in the history, and heard."""
    due: list[Happened] = []
    while trial.coming and trial.coming[-1].at <= now:
        due.append(trial.coming.pop())
    if not due:
        return
    store = trial.store(now)
    deeds = [one for one in due if one.name in _DEEDS] if trial.spec.mode == "replay" else []
    store.history.extend([_fact(one) for one in due if one not in deeds])
    for one in deeds:
        fact = relations.Fact(deed=relations.Deed(one.name), at=one.at)
        await store.relations.record(one.external_user_id, one.user_id, fact=fact)
    store.scope.happened.clear()  # they are heard here and now
    await store.commit()
    store = trial.store(now)
    await hear_all(due, store)
    await store.hear()
    await store.commit()
    await _answer(trial, now)


async def _fire(trial: _Trial, now: datetime) -> None:
    """Entries by the clock."""
    for event in await trial.sandbox.fire(now):
        await _enter(trial, event, now)
        await _answer(trial, now)


async def _answer(trial: _Trial, now: datetime) -> None:
    """What the handlers announced is handled, as far as flows are concerned; the rest goes nowhere."""
    while announced := await trial.sandbox.announced():
        for event in announced:
            if isinstance(event, EntryDue):
                await _enter(trial, event, now)
            elif isinstance(event, MovesDue):
                store = trial.store(now)
                await follow(event, store)
                await store.commit()
        store = trial.store(now)
        await hear_all([event for event in announced if isinstance(event, Happened)], store)
        await store.commit()


async def _enter(trial: _Trial, event: EntryDue, now: datetime) -> None:
    store = trial.store(now)
    await enter(event, store)
    await store.commit()


async def _following(trial: _Trial, now: datetime) -> datetime | None:
    """The next moment at which something is due, at the end of its beat; None when nothing is any more."""
    found = await trial.sandbox.following()
    moments = [] if found is None else [found]
    if trial.coming:
        moments.append(trial.coming[-1].at)
    if not moments:
        return None
    beat, due = trial.spec.beat, max(min(moments), now)
    seconds = -(-due.timestamp() // beat) * beat
    return max(datetime.fromtimestamp(seconds, UTC), now + timedelta(seconds=1))


def _fact(event: Happened) -> Fact:
    return Fact(
        what=event.name,
        external_user_id=event.external_user_id,
        user_id=event.user_id,
        effect=event.effect,
        facts=event.data,
        at=event.at,
    )
