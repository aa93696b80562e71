"""Retention: of those who joined on a day, how many are still there so many days later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

AFTER = (1, 3, 7, 30)  # days

Span = tuple[datetime, datetime | None]
"""When somebody joined, and when they left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day by the corp's clocks; `kept` counts those of its joiners who stayed so many days, None while unknown."""

    day: date
    joined: int = 0
    left: int = 0
    kept: tuple[int | None, ...] = (None,) * len(AFTER)


def count(spans: Iterable[Span], *, since: date, until: date, now: datetime, zone: ZoneInfo) -> tuple[Day, ...]:
    """Every day from `since` to `until`, both included. A day's joiners are judged once the last of them could be."""
    number = (until - since).days + 1
    joined, left = [0] * number, [0] * number
    kept = [[0] * len(AFTER) for _ in range(number)]
    for came, went in spans:
        row = (came.astimezone(zone).date() - since).days
        if 0 <= row < number:
            joined[row] += 1
            for column, days in enumerate(AFTER):
                kept[row][column] += went is None or went - came >= timedelta(days=days)
        if went is not None and 0 <= (row := (went.astimezone(zone).date() - since).days) < number:
            left[row] += 1
    today = now.astimezone(zone).date()
    return tuple(
        Day(
            day=(day := since + timedelta(days=row)),
            joined=joined[row],
            left=left[row],
            kept=tuple(
                kept[row][column] if day + timedelta(days=days) < today else None for column, days in enumerate(AFTER)
            ),
        )
        for row in range(number)
    )
