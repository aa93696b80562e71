"""What drives transfers: news of one customer, a time to ask how they stand, a time to tell the taker."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferTold(Own):
    """WeCom has told how one customer's (or group's) transfer stands; `state` is of `sop.transfers.State`."""

    kind = "transfer_told"

    transfer_id: int
    what: str
    external_user_id: str  # or the group
    state: str
    code: int = 0

    @property
    def key(self) -> str:
        """The customer, or the group."""
        return f"{'customer' if self.what == 'customers' else 'group'}:{self.external_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDue(Own):
    """It is time to ask WeCom how the customers of a giver and a taker stand."""

    kind = "transfer_due"

    handover: str
    taker: str
    resigned: bool

    @property
    def key(self) -> str:
        """The pair."""
        return f"transfer:{self.handover}:{self.taker}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeoverDue(Own):
    """Customers of a transfer have got their ends: tell those whom it concerns, all at once."""

    kind = "takeover_due"

    transfer_id: int
    user_id: str  # the taker

    @property
    def key(self) -> str:
        """The transfer."""
        return f"transfer:{self.transfer_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnassignedDue(Own):
    """Look which customers of members who have left are nobody's."""

    kind = "unassigned_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "unassigned"
