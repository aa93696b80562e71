"""What is to be tried: which flow, for how long, with whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

MOST_CUSTOMERS = 100_000
MOST_DAYS = 92


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A trial of a flow's document over `days` from `start` on.

    `synthetic` customers are made up and come in evenly over the first day; `source` takes real ones, at most
    `customers` of them, from a database; with `replay` what happened to them in that time happens again.
    """

    document: Mapping[str, Any]
    start: datetime
    days: int = 7
    customers: int = 1000
    staff: int = 20
    mode: Literal["synthetic", "sample", "replay"] = "synthetic"
    source: str = ""  # URL of the database
    corp_id: str = ""  # there
    confirm: float = 2.0  # hours until a member confirms a mass message
    beat: int = 300  # seconds: what is due within one is done together

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(days=self.days)
