"""Who wins: never by itself, only by a rule that was written down before."""

from dataclasses import dataclass
from typing import Literal

from sop.experiments.readouts import Readout
from sop.reasons import Skip, define

EXPERIMENT_PERSON = define("experiment_person", "胜出版本由人工决定", "A person decides which arm is promoted")
EXPERIMENT_SKEWED = define(
    "experiment_skewed",
    "分组比例异常，结果不可信，请先排查",
    "The division is not what the shares say, so the result cannot be believed",
)
EXPERIMENT_SMALL = define("experiment_small", "样本不足，尚无结论", "Too few subjects so far: no decision yet")
EXPERIMENT_OPEN = define("experiment_open", "差异不显著，尚无结论", "No difference is sure so far: no decision yet")
EXPERIMENT_WON = define("experiment_won", "差异显著，按规则胜出", "The difference is sure: wins by the rule")
EXPERIMENT_BEST = define(
    "experiment_best", "到期时转化率最高，按规则胜出", "Has the highest rate at the end of the sample: wins by the rule"
)
By = Literal["person", "sure", "best"]


@dataclass(frozen=True, slots=True)
class Winner:
    """The verdict that an arm is to be promoted."""

    arm: str
    reason: str


def decide(readout: Readout, by: By, *, over: bool = False) -> Winner | Skip:
    """Which arm wins by the rule, or why none does (yet).

    person: none, ever. sure: an arm that is surely better than the control and no worse than any other; the control,
    where the others are surely worse. best: at the end of the sample (`over`) the sure one, else that with the highest
    rate; of equals the first. A skewed division has no winner.
    """
    if by == "person":
        return Skip(EXPERIMENT_PERSON)
    if readout.state == "skewed":
        return Skip(EXPERIMENT_SKEWED)
    sure = _sure(readout) if readout.state == "decided" else ""
    if sure:
        return Winner(sure, EXPERIMENT_WON)
    if by == "best" and over and readout.least:
        return Winner(readout.best, EXPERIMENT_BEST)
    return Skip(EXPERIMENT_SMALL if readout.state == "small" else EXPERIMENT_OPEN)


def _sure(readout: Readout) -> str:
    """The arm that has won for sure: nobody is better, and everybody who could be is surely worse."""
    better = [lift for lift in readout.lifts if lift.sure and lift.difference > 0]
    if better:
        return max(better, key=lambda lift: lift.difference).arm if readout.best in {one.arm for one in better} else ""
    worse = [lift for lift in readout.lifts if lift.sure and lift.difference < 0]
    return readout.arms[0].name if len(worse) == len(readout.lifts) else ""
