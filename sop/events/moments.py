"""What becomes due of moments."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentDue(Own):
    """A moment may take its next step: be posted, be asked for, be looked at."""

    kind = "moment_due"

    moment_id: int

    @property
    def key(self) -> str:
        """One step at a time."""
        return f"moment:{self.moment_id}"
