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
class MailingDue(Own):
    """It is time to ask WeCom how a mailing stands, from a member and a page on where that takes several turns."""

    kind = "mailing_due"

    mailing_id: int
    user_id: str = ""
    cursor: str = ""
    whole: bool = True  # whether all of the member's recipients up to the cursor are known
    changed: bool = False  # whether an earlier turn has found something new
    final: bool = False  # WeCom sends nothing more of it: what is not sent now never will be
    remind: bool = False  # somebody wants members reminded now

    @property
    def key(self) -> str:
        """Everything about a mailing in its order."""
        return f"mailing:{self.mailing_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelDue(Own):
    """What is planned or under way for a flow or a broadcast is called off, a batch at a time."""

    kind = "cancel_due"

    origin: Origin
    origin_id: int

    @property
    def key(self) -> str:
        """The flow or the broadcast."""
        return f"cancel:{self.origin}:{self.origin_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesEnded(Own):
    """Deliveries of one mailing have come to their end: the rows say how.

    Told again when more of them have; `mailing_id` 0 is what was called off before it was in any.
    """

    kind = "deliveries_ended"

    origin: Origin
    origin_id: int
    mailing_id: int

    @property
    def key(self) -> str:
        """The flow or the broadcast."""
        return f"{self.origin}:{self.origin_id}"
