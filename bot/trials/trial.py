"""Running a trial: from one moment at which something is due to the next, until the time is over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.trials import scratch
from bot.trials.report import Report, gather
from bot.trials.spec import APP, CORP, Spec
from handlers.flows.changes import stir
from handlers.flows.entries import hear_all
from handlers.flows.schedules import enter
from handlers.flows.segments import follow
from handlers.flows.turns import take
from sop import events as own
from sop import relations
from sop.events import EntryDue, FlowChanged, FlowDue, Happened, MovesDue
from sop.flows import document
from sop.flows.document import OnEvent
from sop.flows.enrolments import Entrant
from storage.database import Database, connect
from storage.engine.sql import Statement, Unit
from storage.history import Fact
from storage.scope import Scope
from storage.store import Store
from storage.values import decode, from_ms, to_ms

_DEEDS = frozenset(deed.value for deed in relations.Deed)  # which change how a member and a customer stand
Progress = Callable[[float], None]
_NEXT = Statement("""
    SELECT (SELECT MIN(due_at) FROM enrolments WHERE status = 'parked') AS turn,
           (SELECT MIN(due_at) FROM timers WHERE kind = 'entry_due') AS entry,
           (SELECT MIN(due_at) FROM deliveries WHERE status = 'planned') AS planned
""")
_EVERYBODY = Statement("SELECT external_user_id, user_id FROM relations WHERE status = 'active'")
_DUE = Statement("SELECT 1 FROM enrolments WHERE status = 'parked' AND due_at <= :now LIMIT 1")
_OPEN = Statement("SELECT id, kind, body FROM events WHERE open AND kind IN ('happened', 'entry_due', 'moves_due')")
_CLOSE = Statement("UPDATE events SET open = FALSE WHERE open")
_TIMERS = Statement("SELECT id, body, due_at FROM timers WHERE kind = 'entry_due' AND due_at <= :now")
_FIRED = Statement("DELETE FROM timers WHERE kind = 'entry_due' AND due_at <= :now")
# The members confirm so long after a message was planned; what is sent then counts from then on.
_CONFIRM = Statement("""
    UPDATE deliveries SET status = 'sent', ended_at = due_at + :after
    WHERE status = 'planned' AND due_at + :after <= :now
""")
_PAST = Statement("""
    SELECT external_user_id, user_id, what, effect, facts, at FROM history
    WHERE corp_id = :corp_id AND at >= :start AND at < :end ORDER BY at, id
""")


@dataclass(slots=True)
class _Trial:
    """One trial under way."""

    database: Database
    spec: Spec
    flow_id: int
    coming: list[Happened]  # what is still to happen, the next one last
    event_id: int = 0

    def store(self, now: datetime) -> Store:
        """A transaction at a moment; each is an event of its own, so that its effects are."""
        self.event_id += 1
        return Store(Scope(database=self.database, corp_id=CORP, app=APP, now=now, event_id=self.event_id))


async def run_trial(spec: Spec, progress: Progress = lambda _: None) -> Report:
    """Try a flow; raises `sop.errors.Invalid` where it is none, `StorageError` where the source cannot be read."""
    flow = document.parse(spec.document)
    async with scratch.scratch() as database:
        if spec.mode == "synthetic":
            coming = _invite(flow, await scratch.invent(database, spec), spec)
        else:
            coming = await _remember(database, spec)
        trial = _Trial(database, spec, await _publish(database, flow, spec), coming[::-1])
        await _enter_by_hand(trial, flow)
        await _run(trial, progress)
        return await gather(database, spec, trial.flow_id)


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
        chosen = set(await scratch.copy(database, source, spec))
        if spec.mode != "replay":
            return []
        span = {"corp_id": spec.corp_id, "start": to_ms(spec.start), "end": to_ms(spec.end)}
        rows = await source.fetch(_PAST, span)
    finally:
        await source.close()
    return [
        Happened(
            corp_id=CORP,
            at=from_ms(row["at"]),
            name=row["what"],
            external_user_id=row["external_user_id"],
            user_id=row["user_id"],
            effect=row["effect"],
            data=decode(row["facts"]),
        )
        for row in rows
        if row["external_user_id"] in chosen
    ]


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
        Entrant(subject=row["external_user_id"], user_id=row["user_id"], cause=f"trial:{row['external_user_id']}")
        for row in await trial.database.fetch(_EVERYBODY)
    ]
    store.enrolments.enrol(trial.flow_id, entrants, version=1, start=flow.start, entry=entry)
    await store.commit()


async def _run(trial: _Trial, progress: Progress) -> None:
    spec, now = trial.spec, trial.spec.start
    while now <= spec.end:
        await _happen(trial, now)
        await _fire(trial, now)
        while await trial.database.fetch(_DUE, now=to_ms(now)):
            store = trial.store(now)
            await take(FlowDue(corp_id=CORP, at=now, flow_id=trial.flow_id), store)
            await store.hear()
            await store.commit()
            await _answer(trial, now)
        await _confirm(trial, now)
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
    rows = await trial.database.fetch(_TIMERS, now=to_ms(now))
    if not rows:
        return
    unit = Unit()
    unit.add(_FIRED, now=to_ms(now))
    await trial.database.commit(unit)
    for row in rows:
        event = own.load(EntryDue.kind, row["body"])
        if isinstance(event, EntryDue):
            await _enter(trial, event, now)


async def _answer(trial: _Trial, now: datetime) -> None:
    """What the handlers announced is handled, as far as flows are concerned; the rest goes nowhere."""
    while rows := await trial.database.fetch(_OPEN):
        unit = Unit()
        unit.add(_CLOSE)
        await trial.database.commit(unit)
        heard = []
        for row in rows:
            event = own.load(row["kind"], row["body"])
            match event:
                case Happened():
                    heard.append(event)
                case EntryDue():
                    await _enter(trial, event, now)
                case MovesDue():
                    store = trial.store(now)
                    await follow(event, store)
                    await store.commit()
                case _:
                    pass
        store = trial.store(now)
        await hear_all(heard, store)
        await store.commit()


async def _enter(trial: _Trial, event: EntryDue, now: datetime) -> None:
    store = trial.store(now)
    await enter(event, store)
    await store.commit()


async def _confirm(trial: _Trial, now: datetime) -> None:
    unit = Unit()
    unit.add(_CONFIRM, after=int(trial.spec.confirm * 3_600_000), now=to_ms(now))
    await trial.database.commit(unit)


async def _following(trial: _Trial, now: datetime) -> datetime | None:
    """The next moment at which something is due, at the end of its beat; None when nothing is any more."""
    (row,) = await trial.database.fetch(_NEXT)
    moments = [from_ms(row[name]) for name in ("turn", "entry") if row[name] is not None]
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
