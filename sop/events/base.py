"""What every event of our own is."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


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

    @property
    def route(self) -> str:
        """What handlers are found by: the kind, or the kind and what it is about."""
        return self.kind
