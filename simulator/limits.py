"""How much the platform takes: calls per minute and hour, calls at once, wrong secrets (page 90312)."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from simulator.errors import Refusal

MINUTE: Final = 60.0
HOUR: Final = 3600.0
WRONG_SECRETS: Final = 2000  # an hour from one address, then it is banned for an hour


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls in so many seconds; the breach blocks for as long as the window is."""

    calls: int
    seconds: float


@dataclass(slots=True)
class _Window:
    began: float
    count: int = 0
    blocked_until: float = 0.0


@dataclass(slots=True)
class Limits:
    """The limits in force; tests set them lower to reach them."""

    per_path: tuple[Quota, ...] = (Quota(10_000, MINUTE), Quota(150_000, HOUR))
    per_ip: tuple[Quota, ...] = (Quota(20_000, MINUTE), Quota(600_000, HOUR))
    debug: tuple[Quota, ...] = (Quota(5, MINUTE),)
    own: dict[str, tuple[Quota, ...]] = field(
        default_factory=lambda: {
            "media/uploadimg": (Quota(1000, 86_400.0), Quota(3000, 30 * 86_400.0)),
            "media/upload": (Quota(5000, MINUTE),),
            "externalcontact/add_moment_task": (Quota(10, MINUTE),),
        }
    )
    at_once: int = 1000  # calls of one path by one corp
    _windows: dict[tuple[Hashable, Quota], _Window] = field(default_factory=dict)
    _busy: Counter[Hashable] = field(default_factory=Counter)

    def count(self, key: Hashable, quotas: tuple[Quota, ...], *, now: float) -> None:
        """Count one call against its quotas; 45009 from the breach until the block ends."""
        for quota in quotas:
            window = self._windows.get((key, quota))
            if window is None or now >= window.began + quota.seconds:
                blocked = window.blocked_until if window else 0.0
                window = self._windows[key, quota] = _Window(now, blocked_until=blocked)
            if now < window.blocked_until:
                raise Refusal(45009)
            window.count += 1
            if window.count > quota.calls:
                window.blocked_until = now + quota.seconds
                raise Refusal(45009)

    def blocked(self, key: Hashable, quotas: tuple[Quota, ...], *, now: float) -> bool:
        """Whether a block is in force, without counting."""
        windows = (self._windows.get((key, quota)) for quota in quotas)
        return any(window is not None and now < window.blocked_until for window in windows)

    def enter(self, key: Hashable, *, most: int = 1, code: int = 45035) -> None:
        """Mark something as under way, or refuse when enough of it is; `leave` ends it."""
        if self._busy[key] >= most:
            raise Refusal(code)
        self._busy[key] += 1

    def leave(self, key: Hashable) -> None:
        """Mark one of them as over."""
        self._busy[key] -= 1
        if not self._busy[key]:
            del self._busy[key]
