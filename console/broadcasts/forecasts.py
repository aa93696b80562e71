"""Before sending: whom it is for, what somebody would get, and what it would come to by day and by member."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, assert_never

from pydantic import Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Query
from console.broadcasts.sheets import find
from console.broadcasts.views import (
    DayCount,
    DayLoad,
    ForecastOut,
    LeftOut,
    Looked,
    PersonOut,
    PreviewOut,
    Previews,
    SampleOut,
    because,
    why,
)
from console.wording import show_attachments
from sop.broadcasts import forecasts
from sop.broadcasts.plans import Judged, Round
from sop.broadcasts.states import RunStatus
from sop.broadcasts.turns import Turn, next_turn
from sop.policy import Delay, Send
from sop.reasons import Skip
from storage.broadcasts import Card, planning
from storage.broadcasts.runs import Run

routes = Routes()
LOOK = 5_000  # of the audience that the gate is asked for
_MOST_LOADS = 1_000


class SampleQuery(Query):
    """How many."""

    limit: int = Field(default=20, ge=1, le=100)


@routes.on("GET /broadcasts/{broadcast_id}/sample", Permission.READ_BROADCASTS, "发送对象抽样", "Whom it would be for")
async def sample(call: Call, broadcast_id: Identity, query: SampleQuery) -> SampleOut:
    """How many there are now, and some of them; names are veiled for who may not see people."""
    broadcast = (await find(call, broadcast_id)).broadcast
    audiences = call.store.broadcasts.audiences
    found = await audiences.page(broadcast, "", most=query.limit)
    targets = await audiences.targets(broadcast, found, named=True)
    veil = call.principal.veil if broadcast.kind == "customers" else str
    people = tuple(PersonOut(subject=target.subject, name=veil(target.name)) for target in targets)
    return SampleOut(size=await audiences.count(broadcast), items=people)


@routes.on("GET /broadcasts/{broadcast_id}/forecast", Permission.READ_BROADCASTS, "群发预测", "What it would come to")
async def forecast(call: Call, broadcast_id: Identity) -> ForecastOut:
    """The gate is asked for each as of when it would go out, and nothing is written."""
    card = await find(call, broadcast_id)
    broadcast, audiences = card.broadcast, call.store.broadcasts.audiences
    looked = await audiences.page(broadcast, "", most=LOOK)
    size = len(looked) if len(looked) < LOOK else await audiences.count(broadcast)
    base = await _prepare(call, card)
    judged, _ = await planning.judge(call.store, base, looked)
    found = forecasts.forecast(judged, broadcast, size=size, looked=len(looked), zone=base.zone)
    members = {user_id for user_id, _ in found.confirmations if user_id}
    waiting = await call.store.deliveries.workload.open(staff=members)
    heaviest = sorted(found.confirmations.items(), key=lambda each: (each[0][1], -each[1], each[0][0]))
    return ForecastOut(
        size=found.size,
        looked=found.looked,
        exact=found.exact,
        messages=found.messages,
        mailings=found.mailings,
        bytes=found.bytes,
        days=tuple(DayCount(day=day, count=count) for day, count in found.days.items()),
        delayed=_counts(found.delayed),
        skipped=_counts(found.skipped),
        loads=tuple(
            DayLoad(user_id=user_id, day=day, confirmations=count, waiting=waiting.get(user_id, 0))
            for (user_id, day), count in heaviest[:_MOST_LOADS]
        ),
    )


@routes.on(
    "POST /broadcasts/{broadcast_id}/preview", Permission.READ_BROADCASTS, "预览群发内容", "What somebody would get"
)
async def preview(call: Call, broadcast_id: Identity, body: Looked) -> Previews:
    """From whom, with everything filled in, and whether the gate would let it go; names are veiled as elsewhere."""
    card = await find(call, broadcast_id)
    base = await _prepare(call, card)
    judged, _ = await planning.judge(call.store, base, [body.subject], veil=call.principal.veil)
    return Previews(items=tuple(map(_show, judged)))


async def _prepare(call: Call, card: Card) -> Round:
    """What a run of it would go by that began at its next time."""
    policy = await call.store.policy.current()
    zones = await call.store.broadcasts.audiences.zones() if card.broadcast.zoned else ()
    following = card.next or next_turn(card.broadcast, call.now, zone=policy.zone, zones=zones) or Turn(call.now)
    run = Run(
        id=0,
        broadcast_id=card.id,
        number=card.runs + 1,
        broadcast=card.broadcast,
        status=RunStatus.PLANNING,
        due_at=following.at,
        wall=following.wall,
        created_at=call.now,
    )
    return await planning.prepare(call.store, run)


def _counts(found: Mapping[str, int]) -> tuple[LeftOut, ...]:
    ordered = sorted(found.items(), key=lambda each: -each[1])
    return tuple(LeftOut(reason=because(reason), count=count) for reason, count in ordered)


def _show(judged: Judged) -> PreviewOut:
    message, verdict, _ = judged
    said: Literal["send", "delay", "skip"]
    at: datetime | None
    match verdict:
        case Send():
            said, at = "send", message.due_at
        case Delay():
            said, at = "delay", verdict.until
        case Skip():
            said, at = "skip", None
        case _ as unreachable:
            assert_never(unreachable)
    return PreviewOut(
        variant=message.arm,
        user_id=message.user_id,
        text=message.content.text,
        attachments=show_attachments(message.content.attachments),
        bytes=len(message.content.text.encode()),
        verdict=said,
        reason=why(verdict.reason),
        at=at,
    )
