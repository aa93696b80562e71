"""Tag rules: a tag for everyone of whom a condition holds, and what follows when it no longer does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sop import conditions, limits
from sop.limits import Violation
from sop.tags.owners import RULE, Owner

LONGEST = 3650  # days that a tag may be kept
MOST_RULES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule as an operator writes it."""

    name: str
    tag_id: str
    condition: Mapping[str, Any] = field(default_factory=dict)
    expires_days: int | None = None  # the tag goes so long after it was set, whatever the condition says
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Draft):
    """A rule as it is stored."""

    id: int
    version: int

    @property
    def owner(self) -> str:
        """Under which name it owns tags."""
        return f"{RULE}{self.id}"


class Verdict(Enum):
    """What a rule wants of one relation."""

    ADD = "add"  # put the tag on
    CLAIM = "claim"  # it is on already: own it too
    RELEASE = "release"  # want it no longer
    FORGET = "forget"  # the condition has failed since the tag expired, or was taken away under an older version
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the tag of a rule stands on one relation."""

    own: Owner | None  # what is noted of the rule itself
    bound: bool  # the tag is on the customer
    expected: bool  # it will be, once what is under way is done
    coming: bool = False  # the rule itself is just putting it on


def decide(rule: Rule, standing: Standing, *, holds: bool) -> Verdict:
    """What follows for one relation from whether the condition holds; hand-set tags are never taken away."""
    own = standing.own
    if not holds:
        return _withdraw(rule, standing)
    if own is not None and own.status != "held" and own.version == rule.version:
        return Verdict.LEAVE
    if not standing.expected:
        return Verdict.ADD
    if not standing.bound:
        return Verdict.LEAVE
    held = own is not None and own.status == "held" and own.version == rule.version
    return Verdict.LEAVE if held else Verdict.CLAIM


def _withdraw(rule: Rule, standing: Standing) -> Verdict:
    own = standing.own
    if standing.coming or (own is not None and own.status == "held" and standing.bound and standing.expected):
        return Verdict.RELEASE
    if own is None or (standing.bound and own.status == "held"):
        return Verdict.LEAVE
    lifted = own.status == "suppressed" and own.version == rule.version
    return Verdict.LEAVE if lifted else Verdict.FORGET


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a rule as written."""
    found = limits.RULE_NAME.check("name", draft.name.strip()) + conditions.check(draft.condition)
    if draft.expires_days is not None and not 1 <= draft.expires_days <= LONGEST:
        found.append(Violation("expires_days", f"有效期为 1 到 {LONGEST} 天", f"a tag lasts 1 to {LONGEST} days"))
    if not found and draft.tag_id in conditions.named(draft.condition, "tag"):
        found.append(
            Violation("condition", "条件不能引用规则自己的标签", "the condition must not ask for the rule's own tag")
        )
    return found
