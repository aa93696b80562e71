"""What becomes of moments that passed while nobody was there to act on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop.reasons import Skip, define

MISSED = define(
    "missed", "错过时间太久，超过允许的延迟，未执行", "It was missed by more than the lateness that is allowed"
)
OVERTAKEN = define(
    "overtaken",
    "停机期间错过的多次只补执行最近一次，这一次略过",
    "Of several turns that were missed only the latest is made up for, which this one is not",
)


@dataclass(frozen=True, slots=True)
class Misfire:
    """How late something may still happen; None is however late."""

    late: timedelta | None = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Fire:
    """The verdict that it is to happen now, so late."""

    due: datetime
    late: timedelta


@dataclass(frozen=True, slots=True)
class Catchup:
    """What becomes of a recurring schedule's moments that have passed: at most one fires, the others say why not."""

    fire: Fire | None
    skipped: tuple[tuple[datetime, Skip], ...]


def judge(misfire: Misfire, due: datetime, now: datetime) -> Fire | Skip:
    """Whether what was due may still happen now."""
    late = max(now - due, timedelta(0))
    return Skip(MISSED) if misfire.late is not None and late > misfire.late else Fire(due, late)


def catch_up(misfire: Misfire, dues: Iterable[datetime], now: datetime) -> Catchup:
    """Judge all moments of one schedule that have passed: the latest fires unless it is too old by now, too."""
    ordered = sorted(dues)
    if not ordered:
        return Catchup(None, ())
    *before, latest = ordered
    match judge(misfire, latest, now):
        case Fire() as fire:
            return Catchup(fire, tuple((due, Skip(OVERTAKEN)) for due in before))
        case skip:
            return Catchup(None, tuple((due, skip) for due in ordered))
