"""What becomes due for customer groups, and what was found out about them."""

from dataclasses import dataclass

from sop.events.base import Own
from sop.events.twins import TwinChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupStirred(Own):
    """WeCom has told of a change in a group, and shows it by now: read it. `tries` counts those that came too early."""

    kind = "group_stirred"

    chat_id: str
    tries: int = 0

    @property
    def key(self) -> str:
        """The group, as with WeCom's own events."""
        return f"group:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMoved(Own):
    """The ledger has a change of a group's members, its owner or its end; `came` are the customers who joined.

    `first`: until now we knew nothing of the group, so that nobody has come just now.
    """

    kind = "group_moved"

    chat_id: str
    came: tuple[str, ...] = ()
    went: int = 0
    first: bool = False

    @property
    def key(self) -> str:
        """The group."""
        return f"group:{self.chat_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCodeChanged(TwinChanged):
    """An operator changed a group code, one of its groups changed, or a call for it has ended: bring WeCom in step."""

    kind = "group_code_changed"
    subject = "groupcode"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWelcomeChanged(TwinChanged):
    """An operator changed a group welcome, or a call for it has ended: bring WeCom in step."""

    kind = "group_welcome_changed"
    subject = "groupwelcome"
