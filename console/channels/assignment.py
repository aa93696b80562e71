"""Assignment: whom a channel's code shows now, why, and how fairly its adds are shared out."""

from datetime import datetime

from console.api.call import Call
from console.api.problem import missing
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity
from console.api.words import Words
from console.decisions import Reason
from sop.channels import assignment, turns
from sop.channels.turns import Turn, View
from sop.reasons import explain
from storage.channels import Channel, scenes

routes = Routes()
_CHANNEL = Words("渠道", "channel")


class Candidate(Answer):
    """A member who may stand behind the code. `cap` is 0 for none; `over` are adds beyond it, which WeCom gave.

    `wanted` is the part of the adds that the member is to have, `had` the part so far, since `balanced_at`.
    """

    user_id: str
    name: str
    shown: bool
    reason: Reason
    backup: bool
    weight: int
    cap: int
    today: int
    over: int
    wanted: float | None
    had: float | None


class Way(Answer):
    """What a contact way at WeCom is made of; departments stand for all their members."""

    users: tuple[str, ...]
    departments: tuple[int, ...]
    skip_verify: bool


class Assignment(Answer):
    """Whom the code should show now (`desired`), whom WeCom shows as far as we know, and when it is looked at next."""

    strategy: str
    mode: str
    cap: int
    today: int
    desired: Way
    observed: Way | None
    underway: bool
    candidates: tuple[Candidate, ...]
    balanced_at: datetime | None
    next_at: datetime | None


@routes.on(
    "GET /channels/{channel_id}/assignment", Permission.READ_RULES, "查看分配", "Show whom a channel leads to and why"
)
async def show(call: Call, channel_id: Identity) -> Assignment:
    """As it is at this moment, worked out anew; nothing is changed by looking."""
    channel = await call.store.channels.get(channel_id)
    if channel is None:
        raise missing(_CHANNEL)
    scene = await scenes.read(call.store, channel, counting=True)
    turn = turns.turn(channel, scene)
    names = {user_id: member.name for user_id, member in scene.members.items()}
    balanced = channel.strategy != "any" and turn.balance.crew
    return Assignment(
        strategy=channel.strategy,
        mode=turn.assignment.mode,
        cap=channel.cap,
        today=sum(each.today for each in scene.adds.values()),
        desired=_way(turn.view),
        observed=_way(channel.shown) if channel.shown else None,
        underway=channel.asked > 0,
        candidates=_candidates(channel, turn, {name: call.principal.veil(names[name]) for name in names}),
        balanced_at=turn.balance.since if balanced else None,
        next_at=turn.next_at,
    )


def _candidates(channel: Channel, turn: Turn, names: dict[str, str]) -> tuple[Candidate, ...]:
    ready = [one for one in turn.candidates if one.user_id in turn.balance.crew]
    balanced = channel.strategy != "any"
    wanted = assignment.shares(ready, channel.strategy) if balanced and ready else {}
    total = sum(one.lately for one in ready)
    shown = set(turn.assignment.users)
    return tuple(
        Candidate(
            user_id=one.user_id,
            name=names.get(one.user_id, ""),
            shown=one.user_id in shown,
            reason=_reason(turn.assignment.reasons[one.user_id]),
            backup=one.backup,
            weight=one.weight,
            cap=one.cap,
            today=one.today,
            over=max(one.today - one.cap, 0) if one.cap else 0,
            wanted=round(wanted[one.user_id], 4) if one.user_id in wanted else None,
            had=round(one.lately / total, 4) if one.user_id in wanted and total else None,
        )
        for one in turn.candidates
    )


def _reason(code: str) -> Reason:
    words = explain(code)
    return Reason(code=code, zh=words.zh, en=words.en)


def _way(view: View) -> Way:
    return Way(users=view.users, departments=view.departments, skip_verify=view.skip_verify)
