"""Results: how far each run has come, variant by variant, member by member, message by message."""

from typing import Any, Literal

from console.api.call import Call
from console.api.paging import read_place, turn
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Identity, Line, Page, Walk
from console.api.words import Words
from console.broadcasts.shapes import RunNumber
from console.broadcasts.sheets import find
from console.broadcasts.views import (
    BroadcastRunOut,
    BroadcastTrialOut,
    FunnelOut,
    LeftOut,
    MessageOut,
    RunLine,
    SentByMember,
    TrialArm,
    VariantOut,
    because,
    why,
)
from sop import experiments
from sop.broadcasts import funnels
from sop.broadcasts.document import Trial
from sop.broadcasts.funnels import Followed, Tally
from storage.broadcasts.results import Member, Outcome
from storage.broadcasts.runs import Run
from storage.sight import Staff
from storage.values import FOREVER

routes = Routes()
_RUN = Words("群发批次", "run")
CLICKED = "clicked"  # the event by which others tell of clicks


class MessageQuery(Walk):
    """Which messages: those that stand so, for this reason, of this variant."""

    status: Literal["", "planned", "tasked", "sent", "failed", "unsent", "cancelled", "skipped"] = ""
    reason: Line = ""
    variant: Line = ""


@routes.on("GET /broadcasts/{broadcast_id}/runs", Permission.READ_BROADCASTS, "群发批次列表", "The runs of a broadcast")
async def browse(call: Call, broadcast_id: Identity, query: Walk) -> Page[RunLine]:
    """The newest first, those that were missed too."""
    card = await find(call, broadcast_id)
    place = read_place(query.after, int)
    before = FOREVER if place is None else int(place[0])
    found = await call.store.broadcasts.runs.page(card.id, before=before, most=query.limit + 1)
    return turn(found, query.limit, lambda run: RunLine(**_line(run)), lambda run: (run.number,))


@routes.on("GET /broadcasts/{broadcast_id}/runs/{number}", Permission.READ_NUMBERS, "群发批次数据", "How a run stands")
async def show(call: Call, broadcast_id: Identity, number: RunNumber) -> BroadcastRunOut:
    """The funnel, whole and by variant, and who was left out or not reached and why; of a leader's departments."""
    run = await _find(call, broadcast_id, number)
    staff, results = call.principal.staff, call.store.broadcasts.results
    tallies = await results.tally(run.id, staff=staff)
    followed = await _followed(call, run, staff)
    left_out = sorted(funnels.reasons(tallies).items(), key=lambda each: -each[1])
    return BroadcastRunOut(
        **_line(run),
        funnel=FunnelOut.model_validate(funnels.funnel(tallies, followed)),
        variants=tuple(
            VariantOut(name=arm, funnel=FunnelOut.model_validate(funnels.funnel(tallies, followed, arm=arm)))
            for arm in run.broadcast.arms
        ),
        left_out=tuple(
            LeftOut(status=status, reason=because(reason), count=count) for (status, reason), count in left_out
        ),
        trial=await _trial(call, run, run.broadcast.trial, tallies) if run.broadcast.trial and staff is None else None,
    )


@routes.on(
    "GET /broadcasts/{broadcast_id}/runs/{number}/messages",
    Permission.READ_CUSTOMERS,
    "群发明细",
    "The messages of a run",
)
async def messages(call: Call, broadcast_id: Identity, number: RunNumber, query: MessageQuery) -> Page[MessageOut]:
    """Each with how it stands and why; a rep sees those they send."""
    run = await _find(call, broadcast_id, number)
    place = read_place(query.after, int)
    found = await call.store.broadcasts.results.page(
        run.id,
        after=0 if place is None else int(place[0]),
        most=query.limit + 1,
        status=query.status,
        reason=query.reason,
        arm=query.variant,
        staff=call.principal.staff,
    )
    return turn(found, query.limit, _show_message, lambda one: (one.id,))


@routes.on(
    "GET /broadcasts/{broadcast_id}/runs/{number}/members", Permission.READ_NUMBERS, "群发员工进度", "A run by member"
)
async def members(call: Call, broadcast_id: Identity, number: RunNumber, query: Walk) -> Page[SentByMember]:
    """What each has to confirm and has sent; first, without a member, what WeCom gives to whoever chatted last."""
    run = await _find(call, broadcast_id, number)
    place = read_place(query.after, str)
    found = await call.store.broadcasts.results.members(
        run.id,
        after=None if place is None else str(place[0]),
        most=query.limit + 1,
        staff=call.principal.staff,
    )
    names = await call.store.staff.names({one.user_id for one in found})
    return turn(
        found, query.limit, lambda one: _show_member(one, names.get(one.user_id, "")), lambda one: (one.user_id,)
    )


async def _find(call: Call, broadcast_id: int, number: int) -> Run:
    card = await find(call, broadcast_id)
    run = await call.store.broadcasts.runs.numbered(card.id, number)
    if run is None:
        raise missing(_RUN)
    return run


async def _followed(call: Call, run: Run, staff: Staff) -> Followed:
    results, window, goal = call.store.broadcasts.results, run.broadcast.window, run.broadcast.goal
    return Followed(
        replied=await results.replied(run.id, staff=staff),
        clicked=await results.happened(run.id, CLICKED, window, staff=staff),
        reached=await results.happened(run.id, goal, window, staff=staff) if goal else {},
    )


async def _trial(call: Call, run: Run, trial: Trial, tallies: tuple[Tally, ...]) -> BroadcastTrialOut | None:
    if run.phase != "sample":
        return None  # the winner's numbers are those of the rest, too
    results = call.store.broadcasts.results
    if trial.metric == "event":
        converted = await results.happened(run.id, trial.event, run.broadcast.window)
    else:
        converted = await results.replied(run.id)
    found = funnels.readout(trial, tallies, converted, run.broadcast.arms)
    said = experiments.sentence(found)
    return BroadcastTrialOut(
        state=found.state,
        sentence=said.en if call.language == "en" else said.zh,
        wanted=found.wanted,
        best=found.best,
        arms=tuple(map(TrialArm.model_validate, found.arms)),
    )


def _line(run: Run) -> dict[str, Any]:
    names = ("id", "number", "status", "phase", "due_at", "size", "winner", "decide_at", "expires_at", "created_at",
             "ended_at")  # fmt: skip
    values = {name: getattr(run, name) for name in names}
    return values | {"reason": why(run.reason), "won_by": why(run.won_by)}


def _show_message(one: Outcome) -> MessageOut:
    names = ("id", "subject", "user_id", "status", "mailing_id", "due_at", "ended_at")
    return MessageOut(**{name: getattr(one, name) for name in names}, variant=one.arm, reason=why(one.reason))


def _show_member(one: Member, name: str) -> SentByMember:
    return SentByMember(**{each: getattr(one, each) for each in Member.__slots__}, name=name)
