"""Experiments: who gets which arm, and what may be said of the arms, however often one looks.

    choose("flow 42:split", customer, {"A": 50, "B": 50})
    readout = read({"A": (4210, 380), "B": (4188, 455)}, Plan(effect=0.02))
    decide(readout, "sure")

A test that is right when looked at once finds differences that are not there in a quarter of all cases when looked at
twenty times. So p-values and intervals here are always valid, and nothing is promoted but by a person or a rule.
"""

from sop.experiments.arms import choose
from sop.experiments.readouts import SKEWED, Arm, Lift, Plan, Readout, State, check, read
from sop.experiments.sentences import sentence
from sop.experiments.winners import (
    EXPERIMENT_BEST,
    EXPERIMENT_OPEN,
    EXPERIMENT_PERSON,
    EXPERIMENT_SKEWED,
    EXPERIMENT_SMALL,
    EXPERIMENT_WON,
    By,
    Winner,
    decide,
)

__all__ = [
    "EXPERIMENT_BEST",
    "EXPERIMENT_OPEN",
    "EXPERIMENT_PERSON",
    "EXPERIMENT_SKEWED",
    "EXPERIMENT_SMALL",
    "EXPERIMENT_WON",
    "SKEWED",
    "Arm",
    "By",
    "Lift",
    "Plan",
    "Readout",
    "State",
    "Winner",
    "check",
    "choose",
    "decide",
    "read",
    "sentence",
]
