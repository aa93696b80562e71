"""Facts of our own, beside the platform's: a timer is due, an intent is settled, an operator changed something."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from sop import intents
from sop.intents import Intent


class Outcome(StrEnum):
    """How an intent ended."""

    DONE = "done"
    REFUSED = "refused"  # WeCom said no
    LATE = "late"  # the deadline passed first: parked
    DEAD = "dead"  # tried too often, or unknown and not to be tried again
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The base, of the same shape as a platform event."""

    kind: ClassVar[str] = ""

    corp_id: str
    at: datetime

    @property
    def key(self) -> str:
        """The subject whose events run in order."""
        return "corp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Own):
    """An intent has ended; a handler names the intent it waits for: `router.on(Settled, of=MarkTags)`."""

    kind = "settled"

    intent_id: int
    intent_kind: str
    body: str
    outcome: Outcome
    code: int = 0
    reason: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    lane: str = ""

    @property
    def key(self) -> str:
        """The lane of the intent."""
        return self.lane

    @property
    def intent(self) -> Intent:
        """The intent itself."""
        value: Intent = intents.load(self.intent_kind, self.body)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowupDue(Own):
    """The waiting time of a follow-up is over: look again whether it still applies."""

    kind = "followup_due"

    followup_id: int
    version: int
    user_id: str
    external_user_id: str
    added_at: datetime

    @property
    def key(self) -> str:
        """The customer."""
        return f"customer:{self.external_user_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanged(Own):
    """An operator created, changed or deleted a channel: bring WeCom in step."""

    kind = "channel_changed"

    channel_id: int
    version: int

    @property
    def key(self) -> str:
        """The channel."""
        return f"channel:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialsDue(Own):
    """Look for materials whose media id is missing or will die soon, and upload them."""

    kind = "materials_due"

    @property
    def key(self) -> str:
        """One look at a time."""
        return "materials"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryDue(Own):
    """Read staff and departments, and the tag library, anew."""

    kind = "directory_due"

    @property
    def key(self) -> str:
        """One reading at a time."""
        return "directory"


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


OWN: dict[str, type[Own]] = {
    event.kind: event for event in (Settled, FollowupDue, ChannelChanged, MaterialsDue, DirectoryDue, RemovalRecorded)
}


def dump(event: Own) -> str:
    """The stored form of an event."""
    return msgspec.json.encode(event).decode()


def load(kind: str, body: str) -> Own:
    """The event of its stored form; KeyError for a kind this program doesn't know."""
    return msgspec.json.decode(body, type=OWN[kind])
