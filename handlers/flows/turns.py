"""Turns: a batch of those who are due in one flow takes its next steps, decided, written and wanted in one transaction.

The event's own fence is that of the whole batch: whoever lost it writes nothing. A message takes the next ordinal of
its customer, so that two batches that judge the same customer at once cannot both be written.
"""

from dataclasses import replace

from handlers.flows import acts
from handlers.flows.sights import Ground, look
from handlers.router import Router
from sop.events import FlowDue
from sop.flows.document import Flow
from sop.flows.edits import Published, place
from sop.flows.engine import advance
from sop.flows.enrolments import Enrolment, Step, Turn
from storage.flows import turns
from storage.store import Store

router = Router()
BATCH = 1000


@router.on(FlowDue)
async def take(event: FlowDue, store: Store) -> None:
    """Take the turns of a batch; another follows while there may be more. A paused flow keeps everybody parked."""
    sheet = await store.flows.get(event.flow_id)
    if sheet is None or sheet.status != "running":
        return
    due = await store.enrolments.due(sheet.id, most=BATCH)
    if not due:
        return
    versions = {number: Published(one.flow, one.mode) for number, one in (await store.flows.versions(sheet.id)).items()}
    placed = [place(one, versions, store.now) for one in due]
    ground = await look(store, sheet.id, [(flow, one) for flow, one, _ in placed])
    taken = [_take(flow, one, step, ground) for flow, one, step in placed]
    turns.write(store.scope, sheet.id, taken)
    store.deliveries.plan([(asked.message, asked.verdict, asked.ordinal) for turn in taken for asked in turn.asked])
    _explain(store, taken)
    await acts.perform(store, taken, [one.flow for one in versions.values()], ground)
    if len(due) == BATCH or any(turn.after.status == "parked" and turn.after.due_at <= store.now for turn in taken):
        store.announce(replace(event, at=store.now))


def _take(flow: Flow, one: Enrolment, step: Step | None, ground: Ground) -> Turn:
    turn = advance(flow, one, ground.sight(flow, one))
    if step is not None:
        turn.steps.insert(0, step)
    return turn


def _explain(store: Store, taken: list[Turn]) -> None:
    """What was put off has its reason, too; what was sent or skipped has it in its own row."""
    for turn in taken:
        if turn.delayed is not None:
            one = turn.after
            store.decide(
                "flow",
                "delayed",
                turn.delayed.reason,
                external_user_id=one.subject,
                user_id=one.user_id,
                rule=f"flow:{one.flow_id}",
                version=one.version,
                node=one.node,
                until=turn.delayed.until,
            )
