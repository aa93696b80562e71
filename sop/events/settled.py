"""The end of an intent."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sop import intents
from sop.events.base import Own
from sop.intents import Intent


class Outcome(StrEnum):
    """How an intent ended."""

    DONE = "done"
    REFUSED = "refused"  # WeCom said no
    LATE = "late"  # the deadline passed first: parked
    DEAD = "dead"  # tried too often, or unknown and not to be tried again
    UNKNOWN = "unknown"  # not to be tried again: WeCom is asked what has become of it
    CANCELLED = "cancelled"


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

    @property
    def said(self) -> str:
        """What WeCom, or we, had against it: the code, if there was one, and the words."""
        return f"{self.code} {self.reason}" if self.code else self.reason

    @property
    def route(self) -> str:
        """Handlers name the intent whose end they wait for."""
        return f"{self.kind}:{self.intent_kind}"
