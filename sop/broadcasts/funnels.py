"""How far the messages of a run have come: targeted, in a task, confirmed, delivered, and what followed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sop.broadcasts.document import Trial
from sop.deliveries import Status
from sop.experiments import Plan, Readout, Winner, decide, read
from sop.reasons import Skip, define

TRIAL_DEFAULT = define(
    "trial_default", "没有胜出版本，其余按预设版本发送", "No variant has won: the rest gets the default"
)
TRIAL_PROMOTED = define("trial_promoted", "由人工选定版本", "A person has chosen the variant")
_REFUSED = frozenset({"not_reached", "no_recipient"})  # WeCom said so at once, before anybody confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many messages of a variant stand so; `carried`: they are in a task, or were."""

    arm: str
    status: str
    reason: str
    carried: bool
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How many have come how far. `replied`, `clicked` and `reached` (the goal) are of the delivered ones."""

    targeted: int = 0
    planned: int = 0
    tasked: int = 0
    confirmed: int = 0
    delivered: int = 0
    replied: int = 0
    clicked: int = 0
    reached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What followed, by variant: who replied, clicked, and reached the goal."""

    replied: Mapping[str, int]
    clicked: Mapping[str, int]
    reached: Mapping[str, int]


def funnel(tallies: Iterable[Tally], followed: Followed, *, arm: str | None = None) -> Funnel:
    """The funnel of a run, or of one of its variants."""
    counts: Counter[str] = Counter()
    for tally in tallies:
        if arm is None or tally.arm == arm:
            counts.update(dict.fromkeys(_stages(tally), tally.count))
    after = {
        name: sum(count for each, count in getattr(followed, name).items() if arm is None or each == arm)
        for name in ("replied", "clicked", "reached")
    }
    return Funnel(**counts, **after)


def reasons(tallies: Iterable[Tally]) -> Mapping[tuple[str, str], int]:
    """How many were not delivered, by how they stand and why."""
    found: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        if tally.status in (Status.SKIPPED, Status.FAILED, Status.UNSENT, Status.CANCELLED):
            found[tally.status, tally.reason] += tally.count
    return found


def readout(trial: Trial, tallies: Iterable[Tally], converted: Mapping[str, int], shares: Mapping[str, int]) -> Readout:
    """The sample of a trial by now: of those who got it, who did what was wanted; or of those in tasks, who got it."""
    exposed, delivered = Counter[str](), Counter[str]()
    for tally in tallies:
        if "tasked" in _stages(tally):
            exposed[tally.arm] += tally.count
        if tally.status == Status.SENT:
            delivered[tally.arm] += tally.count
    base, hits = (exposed, delivered) if trial.metric == "delivered" else (delivered, converted)
    arms = {arm: (base[arm], min(hits.get(arm, 0), base[arm])) for arm in shares}
    return read(arms, Plan(effect=trial.effect, least=trial.least, shares=dict(shares)))


def conclude(trial: Trial, found: Readout) -> Winner:
    """Which variant the rest gets, and why that one."""
    winner = decide(found, trial.by, over=True)
    return Winner(trial.default, TRIAL_DEFAULT) if isinstance(winner, Skip) else winner


def _stages(tally: Tally) -> tuple[str, ...]:
    """How far messages that stand so have come."""
    found = ["targeted"]
    if tally.status == Status.PLANNED:
        found.append("planned")
    if tally.carried:
        found.append("tasked")
    if tally.status == Status.SENT or (
        tally.status == Status.FAILED and tally.carried and tally.reason not in _REFUSED
    ):
        found.append("confirmed")
    if tally.status == Status.SENT:
        found.append("delivered")
    return tuple(found)
