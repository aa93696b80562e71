"""What becomes of those inside when a flow changes: whoever stands at a changed node is looked at anew."""

from dataclasses import replace

from handlers.flows.schedules import wind
from handlers.router import Router
from sop.events import FlowChanged
from sop.flows.edits import touched
from storage.store import Store

router = Router()
BATCH = 20_000


@router.on(FlowChanged)
async def stir(event: FlowChanged, store: Store) -> None:
    """Stir a batch of them, in the flow's own lane: nobody takes a turn meanwhile. Entries by the clock are wound."""
    versions = await store.flows.versions(event.flow_id)
    new, old = versions.get(event.version), versions.get(event.version - 1)
    if new is not None and not event.after:
        zone = (await store.settings.voice()).zone
        wind(store, event.flow_id, event.version, new.flow, after=event.at, zone=zone)
    if new is None or old is None or new.mode != "follow":
        return
    nodes = touched(old.flow, new.flow)
    last = await store.enrolments.follow(event.flow_id, nodes, after=event.after, most=BATCH) if nodes else None
    if last is not None:
        store.announce(replace(event, at=store.now, after=last))
