"""How a broadcast stands, who may let it go out, and what may be done with it then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from sop.errors import Invalid
from sop.limits import Violation

Deed = Literal["edit", "remove", "submit", "approve", "reject", "start", "pause", "resume", "cancel"]


class Status(StrEnum):
    """How a broadcast stands."""

    DRAFT = "draft"
    WAITING = "waiting"  # for its approval
    APPROVED = "approved"
    REJECTED = "rejected"
    SCHEDULED = "scheduled"  # goes out at its time, or again
    RUNNING = "running"  # a run of it is under way
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class RunStatus(StrEnum):
    """How one run of a broadcast stands."""

    FREEZING = "freezing"  # its audience is being written down
    PLANNING = "planning"  # its messages are
    TRYING = "trying"  # the sample has them, the rest waits for the winner
    SENDING = "sending"  # all are planned; members confirm
    DONE = "done"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"  # its time was missed


OPEN = frozenset({RunStatus.FREEZING, RunStatus.PLANNING, RunStatus.TRYING, RunStatus.SENDING})
_FROM: Mapping[Deed, frozenset[Status]] = {
    "edit": frozenset({Status.DRAFT, Status.WAITING, Status.APPROVED, Status.REJECTED, Status.SCHEDULED}),
    "remove": frozenset({Status.DRAFT, Status.REJECTED}),
    "submit": frozenset({Status.DRAFT, Status.REJECTED, Status.APPROVED}),
    "approve": frozenset({Status.WAITING}),
    "reject": frozenset({Status.WAITING}),
    "start": frozenset({Status.DRAFT, Status.APPROVED}),
    "pause": frozenset({Status.SCHEDULED, Status.RUNNING}),
    "resume": frozenset({Status.PAUSED}),
    "cancel": frozenset({Status.WAITING, Status.APPROVED, Status.SCHEDULED, Status.RUNNING, Status.PAUSED}),
}
MOST_APPROVERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """When a broadcast needs approval: with an audience of `above` or more; None: never. By how many people."""

    above: int | None = None
    approvers: int = 1

    def needed(self, size: int) -> int:
        """How many have to approve one for so many."""
        return 0 if self.above is None or size < self.above else self.approvers

    def check(self) -> list[Violation]:
        """What is wrong with it as written."""
        found = []
        if self.above is not None and self.above < 0:
            found.append(Violation("above", "人数不能为负", "the size is not negative"))
        if not 1 <= self.approvers <= MOST_APPROVERS:
            found.append(
                Violation(
                    "approvers", f"审批人数应为 1 到 {MOST_APPROVERS}", f"the approvers are 1 to {MOST_APPROVERS}"
                )
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Somebody did something with a broadcast; `edition` is which edition of it they had before them."""

    what: str
    who: str
    note: str = ""
    edition: int
    at: datetime


def may(deed: Deed, status: Status) -> bool:
    """Whether something may be done with a broadcast that stands so."""
    return status in _FROM[deed]


def authors(acts: Sequence[Act]) -> frozenset[str]:
    """Everybody who has written it."""
    return frozenset(act.who for act in acts if act.what in ("created", "edited", "copied"))


def approvers(acts: Sequence[Act], edition: int) -> frozenset[str]:
    """Who has approved what it says now."""
    return frozenset(act.who for act in acts if act.what == "approved" and act.edition == edition)


def consent(acts: Sequence[Act], *, who: str, edition: int) -> None:
    """Raise `Invalid` unless this person may approve it: who wrote it may not, and nobody twice."""
    if who in authors(acts):
        raise _refusal("不能审批自己写的群发，请由他人审批", "who wrote a broadcast does not approve it: ask another")
    if who in approvers(acts, edition):
        raise _refusal("你已审批过，还需其他人审批", "you have approved it already: others have to")


def _refusal(zh: str, en: str) -> Invalid:
    return Invalid([Violation("approver", zh, en)])
