"""What becomes of things that are wanted here and made at WeCom."""

from dataclasses import dataclass
from typing import ClassVar

from sop.events.base import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinChanged(Own):
    """The base: `row` is wanted otherwise, or a call for it has ended: bring WeCom in step."""

    subject: ClassVar[str] = ""  # what it is

    row: int
    version: int

    @property
    def key(self) -> str:
        """The thing, as its calls."""
        return f"{self.subject}:{self.row}"
