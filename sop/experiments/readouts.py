"""What may be said of an experiment by now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sop.experiments import statistics
from sop.limits import Violation

LEAST_EFFECT = 0.0001
SKEWED = 0.001  # a division this unlikely is no chance: something is wrong with the experiment
State = Literal["skewed", "small", "open", "decided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an experiment is to find out, fixed before it begins.

    `effect` is the least difference of rates that matters (0.02 is two percentage points). `least` is how many each arm
    must have; 0 works it out from the rate seen so far. `shares` are those of the arms, by default equal.
    """

    effect: float = 0.02
    alpha: float = 0.05
    power: float = 0.8
    least: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One arm: how many were exposed and converted, its rate, and the interval in which the true rate lies."""

    name: str
    exposed: int
    converted: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """How much better an arm is than the control, in rates; interval and p hold however often one looks.

    Of several arms each is judged more strictly, so that all of them together are wrong no more often.
    """

    arm: str
    difference: float
    low: float
    high: float
    relative: float | None  # to the control's rate; None where that is 0
    p: float
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """An experiment as it stands; the first arm is the control.

    skewed: the division is not what the shares say, so nothing else here may be believed. small: too few by now. open:
    enough, but no difference is sure. decided: one is. `best` is the arm with the highest rate.
    """

    state: State
    arms: tuple[Arm, ...]
    lifts: tuple[Lift, ...]
    ratio_p: float  # how likely so uneven a division is
    wanted: int  # subjects in each arm
    best: str

    @property
    def least(self) -> int:
        """How many the smallest arm has."""
        return min(arm.exposed for arm in self.arms)


def read(arms: Mapping[str, tuple[int, int]], plan: Plan | None = None) -> Readout:
    """Read an experiment: by arm how many were exposed, and how many of these converted. The control comes first."""
    plan = plan or Plan()
    if not arms:
        raise ValueError("an experiment without arms cannot be read")
    control, *others = arms
    seen = tuple(_arm(name, exposed, converted, plan) for name, (exposed, converted) in arms.items())
    lifts = tuple(_lift(name, arms[control], arms[name], plan, len(others)) for name in others)
    ratio_p = _ratio(arms, plan)
    wanted = plan.least or _wanted(arms, plan)
    return Readout(
        state=_state(ratio_p, min(arm.exposed for arm in seen) >= wanted, any(lift.sure for lift in lifts)),
        arms=seen,
        lifts=lifts,
        ratio_p=ratio_p,
        wanted=wanted,
        best=max(seen, key=lambda arm: arm.rate).name,
    )


def check(plan: Plan, field: str = "plan") -> list[Violation]:
    """Everything that is wrong with a plan as written."""
    found = []
    if not LEAST_EFFECT <= plan.effect < 1:
        found.append(
            Violation(
                f"{field}.effect",
                "最小差异在 0.0001 与 1 之间，0.02 即 2 个百分点",
                "the effect is a rate from 0.0001 to 1",
            )
        )
    if not 0 < plan.alpha <= 0.2 or not 0.5 <= plan.power < 1:  # noqa: PLR2004 - what is usual, widely meant
        found.append(
            Violation(
                f"{field}.alpha",
                "alpha 在 0 与 0.2 之间，power 在 0.5 与 1 之间",
                "alpha lies between 0 and 0.2, power between 0.5 and 1",
            )
        )
    if plan.least < 0:
        found.append(Violation(f"{field}.least", "最小样本不能为负", "the least number is not negative"))
    return found


def _state(ratio_p: float, enough: bool, sure: bool) -> State:  # noqa: FBT001 - three findings, in order
    if ratio_p < SKEWED:
        return "skewed"
    if not enough:
        return "small"
    return "decided" if sure else "open"


def _arm(name: str, exposed: int, converted: int, plan: Plan) -> Arm:
    low, high = statistics.wilson(converted, exposed, plan.alpha)
    rate = converted / exposed if exposed else 0.0
    return Arm(name=name, exposed=exposed, converted=converted, rate=rate, low=low, high=high)


def _lift(name: str, control: tuple[int, int], arm: tuple[int, int], plan: Plan, comparisons: int) -> Lift:
    p = min(1.0, statistics.always_valid(control, arm, plan.effect) * comparisons)
    low, high = statistics.confidence(control, arm, plan.effect, plan.alpha / comparisons)
    before, after = (converted / exposed if exposed else 0.0 for exposed, converted in (control, arm))
    return Lift(
        arm=name,
        difference=after - before,
        low=low,
        high=high,
        relative=(after - before) / before if before else None,
        p=p,
        sure=p <= plan.alpha,
    )


def _ratio(arms: Mapping[str, tuple[int, int]], plan: Plan) -> float:
    shares = [plan.shares.get(name, 0) for name in arms] if plan.shares else [1] * len(arms)
    total = sum(exposed for exposed, _ in arms.values())
    wanted = [total * share / (sum(shares) or 1) for share in shares]
    return statistics.chi_square([exposed for exposed, _ in arms.values()], wanted)


def _wanted(arms: Mapping[str, tuple[int, int]], plan: Plan) -> int:
    exposed = sum(each for each, _ in arms.values())
    rate = (sum(each for _, each in arms.values()) + 1) / (exposed + 2)
    alpha = plan.alpha / max(len(arms) - 1, 1)
    return statistics.sample(rate, plan.effect, alpha=alpha, power=plan.power)
