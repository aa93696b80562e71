"""What is told to other systems."""

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sop.intents.base import Intent, Safety

_LANES = 8  # requests to one system at a time: one that hangs must not keep everybody else waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWebhook(Intent):
    """Tell another system of something; its request carries the effect, by which the system knows a repetition."""

    kind = "call_webhook"
    safety = Safety.KEYED

    webhook_id: int
    event: str  # what it is told of
    external_user_id: str = ""
    user_id: str = ""
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    at: datetime  # when it happened
    cause: str  # unique: told once for the same cause

    @property
    def effect(self) -> str:
        """One request per webhook and cause."""
        return f"webhook:{self.webhook_id}:{self.cause}"

    @property
    def lane(self) -> str:
        """A few requests to one system at a time."""
        return f"webhook:{self.webhook_id}:{zlib.crc32(self.cause.encode()) % _LANES}"
