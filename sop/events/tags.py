"""What becomes due for the tags of a customer, and for the rules that set them."""

from dataclasses import dataclass
from datetime import datetime

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class TagExpired(Own):
    """The time for which an owner wanted a tag on a customer is over."""

    kind = "tag_expired"

    user_id: str
    external_user_id: str
    tag_id: str
    owner: str
    expires_at: datetime

    @property
    def key(self) -> str:
        """The customer."""
        return f"customer:{self.external_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsChanged(Own):
    """Something that tag rules look at has changed between a member and a customer: judge them anew."""

    kind = "facts_changed"

    user_id: str
    external_user_id: str

    @property
    def key(self) -> str:
        """The customer."""
        return f"customer:{self.external_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRulesDue(Own):
    """Judge the tag rules of the corp for everyone: each night, and when an operator has changed one."""

    kind = "tag_rules_due"

    @property
    def key(self) -> str:
        """One round at a time."""
        return "tag_rules"
