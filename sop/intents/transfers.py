"""What is done to hand customers and groups over."""

from dataclasses import dataclass

from sop.intents.base import Intent, Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCustomers(Intent):
    """Ask for up to 100 customers to be handed over.

    Asked a second time, WeCom says of each that it is being transferred already: the customer is the key.
    """

    kind = "transfer_customers"
    safety = Safety.KEYED

    transfer_id: int
    number: int  # of the call within the transfer and the taker
    handover: str
    taker: str
    customers: tuple[str, ...]
    message: str = ""
    resigned: bool = False

    @property
    def effect(self) -> str:
        """Each call once."""
        return f"transfer:{self.transfer_id}:{self.taker}:{self.number}"

    @property
    def lane(self) -> str:
        """WeCom refuses two calls at once for one taker (45035)."""
        return f"taker:{self.taker}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferGroups(Intent):
    """Give up to 100 groups a new owner; asked a second time, WeCom says that the new owner has them."""

    kind = "transfer_groups"
    safety = Safety.KEYED

    transfer_id: int
    number: int
    handover: str
    taker: str
    groups: tuple[str, ...]
    resigned: bool = False

    @property
    def effect(self) -> str:
        """Each call once."""
        return f"transfer:{self.transfer_id}:{self.taker}:{self.number}"

    @property
    def lane(self) -> str:
        """WeCom refuses two calls at once for one taker (45035)."""
        return f"taker:{self.taker}"
