"""What is told of a transfer: to the taker, to the giver's leads, and of those whom nobody looks after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sop.intents import Prompt
from sop.prompts import Voice
from sop.texts import clean
from sop.transfers import State

STORY = {  # what the timeline says
    State.WAITING: "transfer_asked",
    State.DONE: "transferred",
    State.REFUSED: "transfer_refused",
    State.LIMIT: "transfer_limit",
    State.FAILED: "transfer_failed",
    State.EXPIRED: "transfer_expired",
}
_TOLD = (State.DONE, State.REFUSED, State.LIMIT, State.FAILED, State.EXPIRED, State.LEFT_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """The transfer that is told of; `giver` is a name."""

    transfer_id: int
    what: str
    giver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many customers of a member who left are nobody's; `staff` is a name."""

    user_id: str
    staff: str
    count: int
    left_at: datetime


def tell_taker(tale: Tale, user_id: str, count: int, voice: Voice) -> Prompt:
    """So many are theirs now; when more have come, they are told the new number."""
    text = voice.say(f"takeover.{tale.what}", giver=clean(tale.giver), count=count)
    return Prompt(users=(user_id,), text=text, cause=f"takeover:{tale.transfer_id}:{user_id}:{count}")


def sum_up(tale: Tale, counts: Mapping[State, int], voice: Voice, *, users: tuple[str, ...]) -> Prompt:
    """How a transfer went."""
    lines = [voice.say("takeover.sum", giver=clean(tale.giver))]
    lines += [f"{voice.say(f'state.{state}')}：{counts[state]}" for state in _TOLD if counts.get(state)]
    return Prompt(users=users, text="\n".join(lines), cause=f"transfer:{tale.transfer_id}:summary")


def alert(waiting: Sequence[Waiting], voice: Voice, *, users: tuple[str, ...], at: datetime) -> Prompt:
    """One message a day with the numbers of all members whose customers wait."""
    day = f"{at.astimezone(voice.zone):%Y-%m-%d}"
    lines = [voice.say("unassigned.head")]
    for one in waiting:
        left = f"{one.left_at.astimezone(voice.zone):%Y-%m-%d}"
        lines.append(voice.say("unassigned.line", staff=clean(one.staff), count=one.count, date=left))
    return Prompt(users=users, text="\n".join(lines), cause=f"unassigned:{','.join(users)}:{day}")
