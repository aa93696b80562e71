"""What is wanted here and made at WeCom under an id of its own: it is created, changed, taken away."""

from dataclasses import dataclass
from typing import ClassVar

from sop.intents.base import Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinIntent(Intent):
    """The base: `row` is our id of it, `version` what is wanted."""

    subject: ClassVar[str] = ""  # what it is
    deed: ClassVar[str] = ""  # create, update or delete

    row: int
    version: int

    @property
    def effect(self) -> str:
        """Once per wanted version."""
        return f"{self.subject}:{self.row}:{self.deed}:{self.version}"

    @property
    def lane(self) -> str:
        """The calls for one thing go one after another."""
        return f"{self.subject}:{self.row}"
