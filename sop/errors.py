"""What can be wrong with what operators write.

RuleError
 └─ Invalid    a rule breaks limits or names what does not exist; carries everything wrong with it at once
"""

from collections.abc import Sequence

from sop.limits import Violation


class RuleError(Exception):
    """The root of this package's errors."""


class Invalid(RuleError):
    """A rule that must not be stored; `violations` tell the operator what to change, in both languages."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(violation.message_en for violation in violations))
        self.violations = tuple(violations)
