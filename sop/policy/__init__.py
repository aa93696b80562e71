"""The contact policy: the one gate that every message to customers and groups passes."""

from sop.policy.asking import Asking, Standing, Step
from sop.policy.caps import Cap, Past, Quota
from sop.policy.gate import explain, judge, refuse
from sop.policy.rules import ANY_CONTACT, MARKETING, OPTED_IN, OPTED_OUT, Holdout, Policy, Topic, check
from sop.policy.verdicts import Delay, Send, Verdict
from sop.reasons import Skip

__all__ = [
    "ANY_CONTACT",
    "MARKETING",
    "OPTED_IN",
    "OPTED_OUT",
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
