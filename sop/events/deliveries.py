"""What becomes due, or is known, of messages that members confirm."""

from dataclasses import dataclass

from sop.deliveries import Origin
from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class MailingsDue(Own):
    """Planned deliveries wait to be put into mailings."""

    kind = "mailings_due"

    @property
    def key(self) -> str:
        """One gathering at a time: two would make two tasks of what fits into one."""
        return "mailings"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesEnded(Own):
    """Deliveries of one mailing have come to their end: the rows say how."""

    kind = "deliveries_ended"

    origin: Origin
    origin_id: int
    mailing_id: int

    @property
    def key(self) -> str:
        """The flow or the broadcast."""
        return f"{self.origin}:{self.origin_id}"
