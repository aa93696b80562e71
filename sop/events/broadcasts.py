"""What becomes due of broadcasts."""

from dataclasses import dataclass
from typing import Literal

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastDue(Own):
    """It is time for the next run of a broadcast."""

    kind = "broadcast_due"

    broadcast_id: int

    @property
    def key(self) -> str:
        """One run is begun at a time."""
        return f"broadcast:{self.broadcast_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDue(Own):
    """Something is to be done with a run: its sample is judged, or what nobody has confirmed is called off."""

    kind = "run_due"

    run_id: int
    what: Literal["decide", "expire"]

    @property
    def key(self) -> str:
        """Where its deliveries tell of their ends, too."""
        return f"broadcast:{self.run_id}"
