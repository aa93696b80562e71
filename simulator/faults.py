"""What goes wrong on purpose: switched on by path, with a probability or for a number of times."""

import random
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count as counting


class Kind(StrEnum):
    """The ways in which the platform can fail its callers."""

    LATENCY = "latency"  # the answer takes `seconds` longer (of real time)
    REFUSE = "refuse"  # not performed; answers `code`: -1, 45009, 45033, 60020 …
    TOKEN_DEATH = "token_death"  # noqa: S105 - not performed; the caller's token dies, answers 42001
    SILENCE = "silence"  # performed, but the answer never comes
    UNREACHABLE = "unreachable"  # no connection, nothing performed
    RESET_BEFORE = "reset_before"  # the connection breaks, nothing performed
    RESET_AFTER = "reset_after"  # performed, then the connection breaks
    GATEWAY = "gateway"  # not performed; HTTP status `code` and no JSON
    DUPLICATE = "duplicate"  # a callback is delivered twice
    DELAY = "delay"  # a callback comes `seconds` late (of virtual time)
    REORDER = "reorder"  # a callback comes up to `seconds` late, so that others pass it
    LOSE = "lose"  # a callback never comes


CALLBACK_KINDS = frozenset({Kind.DUPLICATE, Kind.DELAY, Kind.REORDER, Kind.LOSE})


@dataclass(slots=True)
class Fault:
    """One fault; `path` is an API path without /cgi-bin/, or a callback's name, and may end in `*`."""

    kind: Kind
    path: str = "*"
    app: str = ""  # only calls of, or callbacks to, the app of this name
    probability: float = 1.0
    count: int | None = None  # how many more times; None: until removed
    seconds: float = 0.0
    code: int = -1
    id: int = 0
    hits: int = 0

    def strikes(self, path: str, app: str, chance: random.Random) -> bool:
        """Whether it strikes here and now; counts when it does."""
        if self.count == 0 or (self.app and self.app != app):
            return False
        if not (path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path):
            return False
        if self.probability < 1.0 and chance.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        self.hits += 1
        return True


@dataclass(slots=True)
class Faults:
    """The faults that are switched on, in the order they were."""

    chance: random.Random
    active: dict[int, Fault] = field(default_factory=dict)
    _ids: "counting[int]" = field(default_factory=lambda: counting(1))

    def add(self, fault: Fault) -> Fault:
        """Switch a fault on, and number it."""
        fault.id = next(self._ids)
        self.active[fault.id] = fault
        return fault

    def clear(self) -> None:
        """Switch all faults off."""
        self.active.clear()

    def of_call(self, path: str, app: str) -> list[Fault]:
        """Return the faults that strike this API call."""
        return self._struck(path, app, callbacks=False)

    def of_callback(self, name: str, app: str) -> list[Fault]:
        """Return the faults that strike this callback."""
        return self._struck(name, app, callbacks=True)

    def _struck(self, path: str, app: str, *, callbacks: bool) -> list[Fault]:
        if not self.active:
            return []
        return [
            fault
            for fault in self.active.values()
            if (fault.kind in CALLBACK_KINDS) is callbacks and fault.strikes(path, app, self.chance)
        ]
