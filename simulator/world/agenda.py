"""What is going to happen in the world by itself, in the order of its time."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Agenda:
    """Things due at a moment of the virtual clock; those of one moment happen in the order they were put down."""

    _due: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _count: int = 0

    @property
    def next_at(self) -> float:
        """When the next thing happens, in virtual Unix seconds; infinity for never."""
        return self._due[0][0] if self._due else float("inf")

    def put(self, at: float, act: Callable[[], object]) -> None:
        """Have something happen at a moment; whoever moves the clock past it lets it."""
        self._count += 1
        heapq.heappush(self._due, (at, self._count, act))

    def take(self) -> Callable[[], object]:
        """Take the next thing off the agenda; IndexError when nothing is on it."""
        return heapq.heappop(self._due)[2]
