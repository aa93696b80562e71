"""What becomes of links and rules that operators want, and of who writes by a link."""

from dataclasses import dataclass

from sop.events.base import Own
from sop.events.twins import TwinChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged(TwinChanged):
    """An operator created, changed or deleted an acquisition link: bring WeCom in step."""

    kind = "link_changed"
    subject = "acquisition_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterceptChanged(TwinChanged):
    """An operator created, changed or deleted an intercept rule: bring WeCom in step."""

    kind = "intercept_changed"
    subject = "intercept"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCustomerWrote(Own):
    """A customer of a link has sent `count` messages by now: who it was, WeCom told when asked."""

    kind = "link_customer_wrote"

    user_id: str
    external_user_id: str
    link_id: str
    state: str
    count: int

    @property
    def key(self) -> str:
        """The customer."""
        return f"customer:{self.external_user_id}"
