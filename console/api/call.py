"""What an endpoint is given: the transaction, the caller, the corp, and a way to look again after the commit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from console.api.roles import Principal
from console.api.shapes import Answer
from console.api.words import Language
from storage.database import Database
from storage.store import Store
from wecom.budget import Budget, MemoryBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class Corp:
    """A corp that the API works for; `app` is the one whose secret writes go out with."""

    id: str
    name: str
    app: str
    zone: ZoneInfo


def _ring_nobody() -> None:
    """Nothing waits in this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What the API stands on. `wake` is called after each commit; `reactions` tells handlers by kind of event."""

    database: Database
    corps: Sequence[Corp]
    clock: Callable[[], datetime]
    wake: Callable[[], None] = _ring_nobody
    reactions: Mapping[str, Sequence[str]]
    public_url: str = ""  # under which customers reach us, without a slash at the end
    font: Path | None = None  # of captions on pictures
    inside: bool = False  # WeCom itself is on this machine, as in tests: then its pictures may be, too
    trial: Callable[[Mapping[str, Any]], Awaitable[Any]] | None = None  # how a flow is tried, in its own process
    budget: Budget = field(default_factory=MemoryBudget)  # what this process, or all together, have called at WeCom


@dataclass(slots=True, kw_only=True)
class Call:
    """One request that was let in."""

    console: Console
    store: Store
    principal: Principal
    corp: Corp
    language: Language
    accept: str = ""  # the media types that the caller would like
    after: Callable[[], Awaitable[Answer]] | None = None  # runs after the commit; what it returns is answered instead

    @property
    def now(self) -> datetime:
        """The moment this request works at."""
        return self.store.now

    @property
    def midnight(self) -> datetime:
        """When today began on the corp's clocks."""
        return self.now.astimezone(self.corp.zone).replace(hour=0, minute=0, second=0, microsecond=0)
