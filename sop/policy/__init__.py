"""The contact policy: the one gate that every message to customers and groups passes."""

from sop.policy.verdicts import Delay, Send, Verdict
from sop.reasons import Skip

__all__ = ["Delay", "Send", "Skip", "Verdict"]
