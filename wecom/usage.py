"""How near a corp is to the platform's limits (page 90312): of calls by API, and of messages by member."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from wecom import limits
from wecom.budget import Budget, Spent
from wecom.ids import CorpId
from wecom.limits import Rate
from wecom.messages import SEND


@dataclass(frozen=True, slots=True)
class Window:
    """So many calls of the `limit` in the last `period` seconds."""

    period: float
    used: int
    limit: int

    @property
    def share(self) -> float:
        """The part of the limit that is used."""
        return self.used / self.limit


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls of a path, or the messages to a member; `blocked`: seconds until the platform takes any again."""

    of: str
    windows: tuple[Window, ...]
    blocked: float = 0.0

    @property
    def share(self) -> float:
        """How near it is to the nearest of its limits."""
        return max(window.share for window in self.windows)


@dataclass(frozen=True, slots=True)
class CorpUsage:
    """What a corp has called of late, the nearest to its limit first; what was not called is not in it.

    `shared`: by all processes, else by this one. `members` are user ids in lower case, as the platform compares them.
    """

    shared: bool
    paths: tuple[Usage, ...]
    members: tuple[Usage, ...]


async def look(budget: Budget, corp_id: CorpId) -> CorpUsage:
    """Read what the budget has counted for a corp, without taking anything."""
    prefix = f"{corp_id}:"
    account = await budget.account(prefix)
    paths: dict[str, list[Spent]] = defaultdict(list)
    members: dict[str, list[Spent]] = defaultdict(list)
    for one in account.spent:
        name = one.key.removeprefix(prefix)
        _, mark, member = name.partition(f":{SEND}:")
        if mark:
            members[member].append(one)
        else:
            paths[name].append(one)
    of_paths = [_measure(path, spent, limits.RATES.get(path, limits.BASIC)) for path, spent in paths.items()]
    of_members = [_measure(member, spent, limits.TO_MEMBER) for member, spent in members.items()]
    return CorpUsage(account.shared, _sort(of_paths), _sort(of_members))


def _measure(of: str, spent: Sequence[Spent], rates: Sequence[Rate]) -> Usage | None:
    """Nothing when nothing was called of late; of several apps the one that has sent most."""
    windows = [
        Window(rate.period, max(one.used for one in spent if one.period == rate.period), rate.count)
        for rate in rates
        if any(one.period == rate.period for one in spent)
    ]
    blocked = max(one.blocked for one in spent)
    return Usage(of, tuple(windows), blocked) if blocked or any(window.used for window in windows) else None


def _sort(found: Sequence[Usage | None]) -> tuple[Usage, ...]:
    used = [one for one in found if one and one.windows]
    return tuple(sorted(used, key=lambda one: (-one.blocked, -one.share, one.of)))
