"""How often each API may be called: counted in rolling windows, blocked when the platform says so."""

import collections
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from wecom.limits import HOUR_BLOCK, MINUTE, MINUTE_BLOCK, Rate

SHARE = 0.9  # of a documented rate, for whoever is urgent; the rest is for other programs of the corp
PATIENT_SHARE = 0.6  # for background work, so that urgent calls of the same path still find room
BULK_SHARE = 0.96  # of a path that only background work calls: it has nobody to leave room for
ASSUMED = 0.98  # of what bulk work may use in a minute: as much is taken for used up when a process begins
SLICES = 60  # a window moves on in this many steps
SWEEP = 4096  # counters kept before those at rest are thrown away


@dataclass(frozen=True, slots=True)
class Charge:
    """One thing that a call uses up: `key` names the counter, `rates` hold for it together.

    `bulk`: nobody but background work uses it.
    """

    key: str
    rates: tuple[Rate, ...]
    bulk: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What a counter has given out in one of its running windows of `period` seconds."""

    key: str
    period: float
    used: int
    blocked: float = 0.0  # seconds until calls pass again


@dataclass(frozen=True, slots=True)
class Account:
    """What counters have given out; `shared`: to all processes together, else to this one since it began."""

    shared: bool
    spent: tuple[Spent, ...] = ()


def share_of(charge: Charge, *, urgent: bool) -> float:
    """The part of a documented rate that a caller may use."""
    if charge.bulk:
        return BULK_SHARE
    return SHARE if urgent else PATIENT_SHARE


class Budget(Protocol):
    """The calls a corp has left, shared by all that call for it."""

    async def reserve(self, charges: Iterable[Charge], *, urgent: bool) -> float:
        """Take one call from every counter and return 0.

        Or take nothing, and return the seconds after which asking again makes sense. Never sleeps.
        """
        ...

    async def block(self, key: str) -> float:
        """45009 came for this counter: nobody passes for 60 s, for 60 min if it comes again at once.

        Returns the length in seconds.
        """
        ...

    async def account(self, prefix: str) -> Account:
        """What the counters have given out whose keys begin so; takes nothing, and holds nobody up."""
        ...


class MemoryBudget:
    """The budget of one process; `share` is the part of each documented rate that it may use.

    A corp with a raised quota gives a share above 1. What a process before this one has used is not known: bulk work
    begins as if that had been all, evenly, and so goes on at an even pace, however often it is killed.
    """

    def __init__(self, *, share: float = SHARE, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._raised = share / SHARE
        self._monotonic = monotonic
        self._windows: dict[str, tuple[_Window, ...]] = {}
        self._sweep = SWEEP
        self._blocks: dict[str, tuple[float, float]] = {}  # key: its end, its length

    async def reserve(self, charges: Iterable[Charge], *, urgent: bool) -> float:
        """As the protocol says."""
        now = self._monotonic()
        windows: list[_Window] = []
        wait = 0.0
        for charge in charges:
            if charge.key in self._blocks:
                wait = max(wait, self._blocks[charge.key][0] - now)
            share = share_of(charge, urgent=urgent) * self._raised
            found = self._of(charge, now)
            wait = max(wait, *(window.wait(now, share) for window in found), 0.0)
            windows += found
        if wait > 0:
            return wait
        for window in windows:
            window.count(now)
        return 0.0

    async def block(self, key: str) -> float:
        """As the protocol says."""
        now = self._monotonic()
        end, length = self._blocks.get(key, (0.0, 0.0))
        if now < end:  # a call that was under way when the block began
            return end - now
        again = length and now < end + MINUTE_BLOCK
        length = HOUR_BLOCK if again else MINUTE_BLOCK
        self._blocks[key] = (now + length, length)
        return length

    async def account(self, prefix: str) -> Account:
        """As the protocol says."""
        now = self._monotonic()
        found = []
        for key, windows in self._windows.items():
            if key.startswith(prefix):
                blocked = max(0.0, self._blocks.get(key, (0.0, 0.0))[0] - now)
                found += [Spent(key, window.period, window.used(now), blocked) for window in windows]
        return Account(shared=False, spent=tuple(found))

    def _of(self, charge: Charge, now: float) -> "tuple[_Window, ...]":
        windows = self._windows.get(charge.key)
        if windows is None:
            if len(self._windows) >= self._sweep:
                self._forget(now)
            windows = self._windows[charge.key] = tuple(self._window(rate, charge, now) for rate in charge.rates)
        return windows

    def _window(self, rate: Rate, charge: Charge, now: float) -> "_Window":
        if not charge.bulk or rate.period > MINUTE:
            return _Window(rate, now)
        return _Window(rate, now, before=int(rate.count * share_of(charge, urgent=False) * self._raised * ASSUMED))

    def _forget(self, now: float) -> None:
        """Drop the counters of those not called lately; look again when they have doubled."""
        self._windows = {
            key: windows for key, windows in self._windows.items() if not all(window.rests(now) for window in windows)
        }
        self._sweep = max(SWEEP, 2 * len(self._windows))


class _Window:
    """The calls of the last period, in slices; whole slices leave it as time goes on.

    `before`: how many are assumed in the period before the first moment, evenly.
    """

    __slots__ = ("_first", "_rate", "_slices", "_step", "_total")

    def __init__(self, rate: Rate, now: float, *, before: int = 0) -> None:
        self._rate = rate
        self._step = rate.period / SLICES
        self._first = int(now / self._step)
        self._slices: collections.deque[list[int]] = collections.deque()  # number of the slice, calls in it
        if before:
            self._slices.extend([number, before // SLICES] for number in range(self._first - SLICES, self._first))
        self._total = before // SLICES * SLICES

    def wait(self, now: float, share: float) -> float:
        """Seconds until one more call fits into `share` of the rate."""
        self._forget(now)
        surplus = self._total + 1 - max(1, int(self._rate.count * share))
        for number, calls in self._slices:
            if surplus <= 0:
                break
            surplus -= calls
            if surplus <= 0:
                return (number + SLICES + 1) * self._step - now
        return 0.0

    def count(self, now: float) -> None:
        """One call now."""
        number = int(now / self._step)
        if not self._slices or self._slices[-1][0] != number:
            self._slices.append([number, 0])
        self._slices[-1][1] += 1
        self._total += 1

    @property
    def period(self) -> float:
        """How many seconds the window looks back."""
        return self._rate.period

    def used(self, now: float) -> int:
        """How many calls are in the window, without those that are assumed."""
        self._forget(now)
        return sum(calls for number, calls in self._slices if number >= self._first)

    def rests(self, now: float) -> bool:
        """Whether no call is left in the window."""
        return not self.used(now)

    def _forget(self, now: float) -> None:
        oldest = int(now / self._step) - SLICES
        while self._slices and self._slices[0][0] < oldest:
            self._total -= self._slices.popleft()[1]
