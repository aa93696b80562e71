"""The next run of a broadcast is due: it is begun, and what was missed before it is noted."""

from dataclasses import replace

from handlers.router import Router
from sop.broadcasts.states import RunStatus, Status
from sop.broadcasts.turns import AHEAD, Turn, next_turn, overdue
from sop.events import BroadcastDue
from storage.broadcasts import steering
from storage.store import Store

router = Router()
_NOTED = 10  # turns that were missed in a row; of more the latest


@router.on(BroadcastDue)
async def begin(event: BroadcastDue, store: Store) -> None:
    """Begin the run, once, and look when the next one is."""
    card = await store.broadcasts.get(event.broadcast_id)
    if card is None or card.status not in (Status.SCHEDULED, Status.RUNNING) or card.next is None:
        return
    if card.next.at - AHEAD > store.now:
        return
    broadcast, number = card.broadcast, card.runs
    zone = (await store.policy.current()).zone
    zones = await store.broadcasts.audiences.zones() if broadcast.zoned else ()
    caught = overdue(broadcast, card.next, store.now, zone=zone, zones=zones)
    for turn, skip in caught.skipped[-_NOTED:]:
        number += 1
        about = {"number": number, "status": RunStatus.SKIPPED, "reason": skip.reason, "ended_at": store.now}
        store.broadcasts.runs.add(card.id, broadcast, turn, **about)
        store.decide("broadcast", "skipped", skip.reason, rule=f"broadcast:{card.id}", due=turn.at.isoformat())
    last: Turn = caught.turn or caught.skipped[-1][0]
    if caught.turn is not None:
        number += 1
        steering.begin(store, card, caught.turn, number=number)
    following = next_turn(broadcast, last.at, zone=zone, zones=zones)
    open_runs = caught.turn is not None or await store.broadcasts.runs.open(card.id)
    status = Status.RUNNING if open_runs else Status.SCHEDULED if following else Status.DONE
    store.broadcasts.turn(card, replace(card, status=status, runs=number, next=following))
