"""What the policy says of a message."""

from dataclasses import dataclass
from datetime import datetime

from sop.reasons import Skip


@dataclass(frozen=True, slots=True)
class Send:
    """It may go out; `reason` is why it may although something was against it, if anything was."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delay:
    """Not before then."""

    until: datetime
    reason: str


Verdict = Send | Delay | Skip
