"""Who takes over whom: customers (or groups) are split over takers one by one, each in exactly one place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sop.reasons import define

MOST_TAKERS = 100
Mode = Literal["even", "weighted", "capacity"]

LIMIT_90_DAYS = define(
    "limit_90_days", "90 天内已转接两次，暂不能再转", "Handed over twice within 90 days: not yet again"
)
IN_TRANSFER = define("in_transfer", "正在转接中", "A transfer is under way already")
NOT_FOLLOWER = define("not_follower", "不属于该员工", "Not with this member")
TAKER_FULL = define("taker_full", "接替员工都已达到接收上限", "None of the takers can take any more")
NO_OTHER_TAKER = define(
    "no_other_taker", "这些接替员工都已转接失败", "It has come to nothing with each of these takers"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Who may take over: `weight` in the split by weight, `capacity` how many more at most (None: no limit known)."""

    user_id: str
    weight: int = 1
    capacity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Who is to be handed over, and what stands for or against it."""

    subject: str  # the customer, or the group
    related: bool = True
    waiting: bool = False  # a transfer is under way
    moves: int = 0  # finished transfers within the last 90 days
    known: frozenset[str] = frozenset()  # takers who look after the customer already
    tried: frozenset[str] = frozenset()  # takers with whom it has come to nothing


@dataclass(frozen=True, slots=True)
class Given:
    """Who is handed over to whom."""

    subject: str
    taker: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Who is not handed over, and why."""

    subject: str
    reason: str


@dataclass(slots=True)
class Split:
    """The split so far: `given` counts whom each taker has got; `moves` is how often one may move, None for ever."""

    takers: Sequence[Taker]
    mode: Mode = "even"
    moves: int | None = None
    given: dict[str, int] = field(default_factory=dict)

    def place(self, candidates: Iterable[Candidate]) -> Iterator[Given | LeftOut]:
        """Find a place for each: with a taker who knows the customer, else with who has the least of their share."""
        for one in candidates:
            if reason := self._hindrance(one):
                yield LeftOut(one.subject, reason)
                continue
            open_to = [taker for taker in self.takers if taker.user_id not in one.tried]
            free = [taker for taker in open_to if self._has_room(taker)]
            if not free:
                yield LeftOut(one.subject, TAKER_FULL if open_to else NO_OTHER_TAKER)
                continue
            chosen = min([taker for taker in free if taker.user_id in one.known] or free, key=self._load)
            self.given[chosen.user_id] = self.given.get(chosen.user_id, 0) + 1
            yield Given(one.subject, chosen.user_id)

    def _hindrance(self, one: Candidate) -> str:
        hindrances: Mapping[str, bool] = {
            NOT_FOLLOWER: not one.related,
            IN_TRANSFER: one.waiting,
            LIMIT_90_DAYS: self.moves is not None and one.moves >= self.moves,
        }
        return next((reason for reason, holds in hindrances.items() if holds), "")

    def _has_room(self, taker: Taker) -> bool:
        return taker.capacity is None or self.given.get(taker.user_id, 0) < taker.capacity

    def _load(self, taker: Taker) -> float:
        """How much of the share a taker would have with one more; of equals the first is taken."""
        share = {"even": 1, "weighted": taker.weight, "capacity": taker.capacity or 1}[self.mode]
        return (self.given.get(taker.user_id, 0) + 1) / share
