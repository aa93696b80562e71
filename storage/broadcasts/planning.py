"""The messages of a run, a page of its audience at a time: read at once, judged in memory, not written yet."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from sop import texts
from sop.broadcasts.plans import Judged, Load, Round, kind, loosen
from sop.policy import Standing
from storage.broadcasts.runs import Run
from storage.store import Store

_GONE = Standing(active=False)


async def prepare(store: Store, run: Run) -> Round:
    """What is the same for all pages of a run."""
    policy = await store.policy.current()
    since = store.now - timedelta(days=policy.span)
    capped = run.broadcast.cap.count > 0 and run.number > 1
    return Round(
        run_id=run.id,
        number=run.number,
        broadcast=run.broadcast,
        phase=run.phase,
        winner=run.winner,
        now=store.now,
        due_at=run.due_at,
        wall=None if run.phase == "rest" else run.wall,
        zone=policy.zone,
        policy=loosen(policy, run.broadcast.over),
        series=await store.broadcasts.runs.series(run, since) if capped else frozenset(),
    )


async def judge(
    store: Store, base: Round, subjects: Sequence[str], *, veil: Callable[[str], str] | None = None
) -> tuple[list[Judged], dict[str, Load]]:
    """The messages to some of the audience with what the gate says of each, and what members have to confirm then.

    `veil` is what is shown of customers' names to who may not see them.
    """
    broadcast = base.broadcast
    said = frozenset().union(*(texts.variables(each.text) for each in broadcast.contents))
    targets = await store.broadcasts.audiences.targets(broadcast, subjects, named="customer" in said)
    if veil:
        targets = [target._replace(name=veil(target.name)) for target in targets]
    asked = [(subject, "") for subject in subjects]
    standings = await store.policy.standings(kind(broadcast), asked, base.policy)
    members = {tie.user_id for target in targets for tie in target.ties}
    current = replace(
        base,
        staff=await store.staff.names(members) if "staff" in said else {},
        loads=await _loads(store, base, members) if broadcast.capacity else {},
    )
    judged = [one for each in targets for one in current.plan(each, standings.get((each.subject, ""), _GONE))]
    return judged, current.loads


async def _loads(store: Store, base: Round, members: set[str]) -> dict[str, Load]:
    """What they have to confirm already: of this run, or for whom it is the first time, of everything else."""
    known = {**await store.broadcasts.runs.loads(base.run_id, members), **base.loads}
    fresh = sorted(members - known.keys())
    waiting = await store.deliveries.workload.open(staff=fresh) if fresh else {}
    return known | {each: Load(waiting.get(each, 0)) for each in fresh}
