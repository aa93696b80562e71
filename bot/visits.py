"""A visit: one event with its handlers, and how each of them fared."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from handlers.router import Fact, Reaction
from storage import reactions
from storage.inbox import Claim
from storage.sql import Unit
from storage.store import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Result:
    """How one handler fared: what it wants written, or why it failed and how long to wait with the next try."""

    reaction: Reaction
    unit: Unit
    error: str = ""
    after: float = 0.0  # seconds asked for by whoever refused for now
    final: bool = False  # WeCom will refuse again


@dataclass(slots=True)
class Visit:
    """One event with its handlers: what they share, and how those that have ended fared."""

    claim: Claim
    fact: Fact
    equipment: Mapping[type, Callable[[Store], Any]]
    asked: dict[Hashable, asyncio.Future[Any]] = field(default_factory=dict)
    ended: list[Result] = field(default_factory=list)
    closed: bool = False

    @property
    def failed(self) -> list[Result]:
        """Those that will be tried again or given up."""
        return [result for result in self.ended if result.error]


def fail(reaction: Reaction, error: Exception, *, unit: Unit, event_id: int | None) -> Result:
    """What became of a handler that raised; told in one line, and where it is kept."""
    name = type(error).__name__
    log.warning("handler_failed", handler=reaction.name, event_id=event_id, error=name)
    return Result(reaction, unit, f"{name}: {error}"[:500])


def outcome(handler: str, status: str, claim: Claim, *, reason: str, at: datetime) -> reactions.Reaction:
    """How a handler fared, for keeping."""
    return reactions.Reaction(handler=handler, status=status, attempt=claim.attempt, reason=reason, at=at)
