"""The contact policy: the one gate that every message to customers and groups passes."""

from sop.policy.asking import Asking, Standing, Step
from sop.policy.caps import Cap, Past, Quota
from sop.policy.gate import explain, judge, refuse
from sop.policy.rules import MARKETING, Holdout, Policy, Topic, check
from sop.policy.verdicts import Delay, Send, Verdict
from sop.reasons import Skip

__all__ = [
    "MARKETING",
    "Asking",
    "Cap",
    "Delay",
    "Holdout",
    "Past",
    "Policy",
    "Quota",
    "Send",
    "Skip",
    "Standing",
    "Step",
    "Topic",
    "Verdict",
    "check",
    "explain",
    "judge",
    "refuse",
]
