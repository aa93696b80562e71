"""Segments: customers who meet a condition, kept as a list that is brought up to date, with who came and who went."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sop import conditions
from sop.limits import RULE_NAME, Violation

REFRESH = "refresh_segment"  # the job that brings one up to date
DROP = "drop_segment"  # the job that takes its members away
MOST_SEGMENTS = 500  # of a corp
LONGEST = 168  # hours between two refreshes
_EARLY = timedelta(minutes=5)  # rounds are not rung to the second


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A segment as an operator writes it; `hours` between two refreshes, none while it is switched off."""

    name: str
    condition: Mapping[str, Any] = field(default_factory=dict)
    hours: int = 24
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Draft):
    """A segment as it is stored. `run` numbers its refreshes, `job_id` is the one that is under way, 0 when none is."""

    id: int
    version: int  # of the condition
    count: int  # members
    run: int
    job_id: int
    refreshed_at: datetime | None
    created_at: datetime

    def is_old(self, now: datetime) -> bool:
        """Whether its hours have passed since the last refresh."""
        return self.refreshed_at is None or now - self.refreshed_at >= timedelta(hours=self.hours) - _EARLY


def references(condition: Mapping[str, Any]) -> frozenset[int]:
    """The segments that a checked condition asks for."""
    return frozenset(map(int, conditions.named(condition, "segment")))


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a segment as written."""
    found = RULE_NAME.check("name", draft.name.strip()) + conditions.check(draft.condition)
    if not 1 <= draft.hours <= LONGEST:
        found.append(
            Violation("hours", f"刷新间隔为 1 到 {LONGEST} 小时", f"it is refreshed every 1 to {LONGEST} hours")
        )
    return found


def circle(own: int, condition: Mapping[str, Any], others: Iterable[Segment]) -> list[Violation]:
    """Whether a segment would rest on itself, directly or by way of others."""
    rests = {other.id: references(other.condition) for other in others}
    seen: set[int] = set()
    waiting = list(references(condition))
    while waiting:
        at = waiting.pop()
        if at == own:
            zh, en = "分群不能直接或间接引用自己", "a segment must not ask for itself, nor by way of another"
            return [Violation("condition", zh, en)]
        if at not in seen:
            seen.add(at)
            waiting += rests.get(at, ())
    return []


def due(segments: Collection[Segment], now: datetime) -> tuple[Segment, ...]:
    """Which segments are to be brought up to date in this round; those that rest on others follow them."""
    kept = {each.id for each in segments if each.enabled}
    return tuple(
        each
        for each in segments
        if each.id in kept and each.is_old(now) and kept.isdisjoint(references(each.condition))
    )


def resting(on: int, segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """The segments that ask for one."""
    return tuple(each for each in segments if on in references(each.condition))


def compare(matching: Collection[str], members: Collection[str]) -> tuple[list[str], list[str]]:
    """Who enters and who leaves, each in order."""
    now, before = set(matching), set(members)
    return sorted(now - before), sorted(before - now)
