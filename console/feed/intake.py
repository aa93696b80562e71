"""Taking business events: a batch is judged event by event, and what is taken is on disk before it is answered."""

from collections.abc import Sequence
from typing import get_args

from prometheus_client import Counter

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.feed.judging import Judge, Judged
from console.feed.shapes import BatchOutcome, EventBatch, EventFault, EventOutcome, Status
from sop.fields.tables import STRANGER
from sop.reasons import explain
from storage import identities
from storage.feed.told import Told

routes = Routes()
_BYTES = 8 * 2**20  # of a request
EVENTS = Counter("siyu_business_events_total", "Business events by what became of them", ("status",))


@routes.on("POST /events", Permission.SEND_EVENTS, "上报业务事件", "Tell of business events", limit=_BYTES)
async def take(call: Call, body: EventBatch) -> BatchOutcome:
    """Each counts like an event of the platform in entries, waits and conditions of flows; each once, by name and key.

    What is answered as taken, known or parked is on disk. One that happened more than two days ago counts, but begins
    no flow. One of somebody who is no customer waits 30 days for that, unless the settings refuse it.
    """
    store = call.store
    judge = Judge(
        types=await store.feed.types(),
        undeclared=await store.feed.takes_undeclared(),
        telling={name for name, field in (await store.fields.all()).items() if field.unique},
        now=call.now,
    )
    outcomes = await _write(call, [judge.judge(item) for item in body.events])
    said = [each.status for each in outcomes]
    counts = {status: said.count(status) for status in get_args(Status)}
    answer = BatchOutcome(**counts, events=tuple(outcomes))

    async def count() -> BatchOutcome:
        for status, number in counts.items():
            EVENTS.labels(status).inc(number)
        return answer

    call.after = count  # what was not committed does not count
    return answer


async def _write(call: Call, judged: Sequence[Judged]) -> list[EventOutcome]:
    """Have written what is new; what became of each. Of two of one name the first counts."""
    feed = call.store.feed
    new: dict[str, Told] = {}
    for each in judged:
        if each.told:
            new.setdefault(each.told.effect, each.told)
    known = await feed.told(new)
    for effect in known:
        del new[effect]
    customers = await identities.find(call.store.scope, {told.who for told in new.values()})
    parks = await feed.parks_strangers()
    strangers = [told for told in new.values() if told.who not in customers]
    feed.take([(told, customers[told.who]) for told in new.values() if told.who in customers])
    feed.parked.park(strangers if parks else ())
    fates: dict[str, Status] = dict.fromkeys(new, "taken")
    fates |= dict.fromkeys((told.effect for told in strangers), "parked" if parks else "refused")
    return [_outcome(each, fates) for each in judged]


def _outcome(each: Judged, fates: dict[str, Status]) -> EventOutcome:
    """What became of one; whoever comes with the same name after it was known."""
    if each.told is None:
        return EventOutcome(key=each.key, status="refused", errors=each.faults)
    fate = fates.get(each.told.effect, "known")
    if fate == "refused":
        zh, en = explain(STRANGER)
        return EventOutcome(key=each.key, status=fate, errors=(EventFault(field=each.told.who.by, zh=zh, en=en),))
    fates[each.told.effect] = "known"
    return EventOutcome(key=each.key, status=fate)
