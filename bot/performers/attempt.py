"""What every performance is given: the tools of an app, and how much time this try has."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database
from wecom.calls import Pace
from wecom.client import Apis, Client

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a performance needs: the client of the app, and our own originals of what is uploaded."""

    client: Client
    database: Database
    inside: bool = False  # whether other systems may be on this machine: where WeCom itself is


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: since when the intent exists, how long it may take, whether it may have happened already."""

    now: datetime
    created_at: datetime
    within: float
    timeout: float
    urgent: bool
    doubtful: bool

    def apis(self, tools: Tools) -> Apis:
        """The platform's APIs at the pace of this try."""
        return tools.client.at(Pace(within=self.within, timeout=self.timeout, urgent=self.urgent))


Perform = Callable[[Any, Tools, Attempt], Awaitable[Result]]
