"""What becomes due for, or was noted about, one customer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalRecorded(Own):
    """A member has removed a customer at `at`, and the history has it: look whether there are too many of them."""

    kind = "removal_recorded"

    user_id: str
    external_user_id: str

    @property
    def key(self) -> str:
        """The member: each removal is looked at with all before it."""
        return f"staff:{self.user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRead(Own):
    """A reading, asked for at `at`, shows a relation otherwise than it is held: to be judged in the customer's order.

    `added_at` is None where WeCom does not show it; the rest is what WeCom says of it.
    """

    kind = "relation_read"

    user_id: str
    external_user_id: str
    added_at: datetime | None
    remark: str = ""
    description: str = ""
    add_way: int = 0
    state: str = ""
    tag_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The customer."""
        return f"customer:{self.external_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened(Own):
    """Something happened to a customer at `at` that a flow may wait for; the history has it under `effect`.

    `name` is what the history calls it: added, lost, tagged …, or the name of an event that others send.
    """

    kind = "happened"

    name: str
    external_user_id: str
    user_id: str = ""
    effect: str
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The customer."""
        return f"customer:{self.external_user_id}"
