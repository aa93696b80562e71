"""What becomes of links and rules that operators want, and of who writes by a link."""

from dataclasses import dataclass

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChanged(Own):
    """An operator created, changed or deleted an acquisition link: bring WeCom in step."""

    kind = "link_changed"

    row: int
    version: int

    @property
    def key(self) -> str:
        """The link."""
        return f"acquisition_link:{self.row}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterceptChanged(Own):
    """An operator created, changed or deleted an intercept rule: bring WeCom in step."""

    kind = "intercept_changed"

    row: int
    version: int

    @property
    def key(self) -> str:
        """The rule."""
        return f"intercept:{self.row}"


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
