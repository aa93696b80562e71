"""The table of reactions: which function reacts to which event, and which collaborators it is given.

A decorator writes a row and nothing else. Signatures are read once, at start: the event comes first, every other
parameter is a collaborator found by its type; one that nobody provides stops the start.
"""

import inspect
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

from handlers.reader import Reader
from sop.events import Own
from sop.intents import Intent
from wecom.events import Event

Fact = Event | Own
Handler = Callable[..., Awaitable[None]]
DEFAULT_DEADLINE = timedelta(hours=1)


class WiringError(Exception):
    """A handler asks for something that nobody provides."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One row: a handler, the kind of event it reacts to, and the types of its collaborators in order."""

    name: str
    kind: str
    deadline: timedelta | None
    run: Handler
    needs: tuple[type, ...]

    @property
    def asks(self) -> bool:
        """Whether it may wait for WeCom."""
        return Reader in self.needs


class Router:
    """Collects reactions, then answers which of them an event concerns."""

    def __init__(self) -> None:
        self._rows: list[Reaction] = []
        self._by_kind: dict[str, tuple[Reaction, ...]] = {}

    def on(
        self, *facts: type[Fact], deadline: timedelta | None = None, of: type[Intent] | str = ""
    ) -> Callable[[Handler], Handler]:
        """React to events of these types, within `deadline` of their moment if it matters.

        `of` narrows `Settled` to one kind of intent, `StepDue` and `JobEnded` to one kind of job. Every matching
        reaction runs; none knows of the others.
        """

        def register(function: Handler) -> Handler:
            name = f"{function.__module__.partition('.')[2]}.{function.__name__}"
            needs = _needs(name, function)
            for fact in facts:
                kind = f"{fact.kind}:{of if isinstance(of, str) else of.kind}" if of else fact.kind
                self._rows.append(Reaction(name, kind, deadline, function, needs))
                self._by_kind[kind] = (*self._by_kind.get(kind, ()), self._rows[-1])
            return function

        return register

    def include(self, *subjects: ModuleType) -> None:
        """Take over the rows of subjects, each a module with its `router`."""
        for row in (row for subject in subjects for row in subject.router._rows):  # noqa: SLF001
            self._rows.append(row)
            self._by_kind[row.kind] = (*self._by_kind.get(row.kind, ()), row)

    def check(self, provided: Iterable[type]) -> None:
        """Refuse to start when a collaborator is missing, naming handler and type, or when a name stands twice."""
        known = set(provided)
        for row in self._rows:
            for need in row.needs:
                if need not in known:
                    raise WiringError(f"handler {row.name} asks for {need.__name__}, which nobody provides")
        pairs = [(row.name, row.kind) for row in self._rows]
        for pair in pairs:
            if pairs.count(pair) > 1:
                raise WiringError(f"handler {pair[0]} is registered twice for {pair[1]}")

    def reactions(self, kind: str) -> tuple[Reaction, ...]:
        """The reactions that an event of this kind concerns."""
        return self._by_kind.get(kind, ())

    def deadline(self, kind: str) -> timedelta:
        """How soon after its moment an event of this kind must have been handled."""
        return min((row.deadline for row in self.reactions(kind) if row.deadline), default=DEFAULT_DEADLINE)

    @property
    def table(self) -> Mapping[str, tuple[Reaction, ...]]:
        """All rows by kind, for inspection."""
        return self._by_kind


def _needs(name: str, function: Handler) -> tuple[type, ...]:
    hints = typing.get_type_hints(function)
    parameters: list[Any] = list(inspect.signature(function).parameters)
    if not parameters:
        raise WiringError(f"handler {name} takes no event")
    missing = [parameter for parameter in parameters if parameter not in hints]
    if missing:
        raise WiringError(f"handler {name}: parameter {missing[0]} has no type")
    return tuple(hints[parameter] for parameter in parameters[1:])
