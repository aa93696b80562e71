"""A visit: one event with its handlers, what each is given, and how it fared."""

import asyncio
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from bot import metrics
from handlers.router import Fact, Reaction
from storage import reactions
from storage.engine.sql import Unit
from storage.inbox import Claim
from storage.store import Scope, Store
from wecom.errors import Misconfigured, Refused, TryLater

Equipment = Mapping[type, Callable[[Store], Any]]
Equip = Callable[[str, str], Equipment]  # of a corp and an app
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
    equipment: Equipment
    whole: bool  # whether all its handlers run now, not only those that press
    asked: dict[Hashable, asyncio.Future[Any]] = field(default_factory=dict)
    ended: list[Result] = field(default_factory=list)
    closed: bool = False

    @property
    def failed(self) -> list[Result]:
        """Those that will be tried again or given up."""
        return [result for result in self.ended if result.error]


async def deliver(reaction: Reaction, fact: Fact, equipment: Equipment, scope: Scope) -> Result:
    """The delivery of a fact to a handler: whatever it raises is its own failure and nobody else's."""
    store = Store(scope)
    try:
        with metrics.of(metrics.HANDLING, reaction.name).time():
            await reaction.run(fact, *[equipment[need](store) for need in reaction.needs])
            await store.hear()
    except TryLater as error:
        return Result(reaction, scope.unit, f"TryLater {error.code}", error.after)
    except Refused as error:
        final = not isinstance(error, Misconfigured)
        return Result(reaction, scope.unit, f"Refused {error.code}: {error.message}"[:500], final=final)
    except Exception as error:  # noqa: BLE001
        return fail(reaction, error, unit=scope.unit, event_id=scope.event_id)
    return Result(reaction, scope.unit)


def fail(reaction: Reaction, error: Exception, *, unit: Unit, event_id: int | None) -> Result:
    """What became of a handler that raised; told in one line, and where it is kept."""
    name = type(error).__name__
    log.warning("handler_failed", handler=reaction.name, event_id=event_id, error=name)
    return Result(reaction, unit, f"{name}: {error}"[:500])


def outcome(handler: str, status: str, claim: Claim, *, reason: str, at: datetime) -> reactions.Reaction:
    """How a handler fared, for keeping."""
    return reactions.Reaction(handler=handler, status=status, attempt=claim.attempt, reason=reason, at=at)
