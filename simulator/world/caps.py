"""How many mass messages a customer or group takes: as many a month as it has days, or what the corp chose (92135)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

CHINA = timezone(timedelta(hours=8))


class Cap(StrEnum):
    """The rule of the corp (接收上限), set in the console."""

    MONTH = "month"  # as many in a calendar month as it has days
    WEEK = "week"  # seven in a calendar week
    DAY = "day"  # one a day


def month_of(now: float) -> tuple[int, int]:
    """The calendar month in China: year and number."""
    today = datetime.fromtimestamp(now, UTC).astimezone(CHINA)
    return today.year, today.month


@dataclass(slots=True)
class Intake:
    """What came in, by customer or group; those of the corp and of members themselves count together."""

    cap: Cap = Cap.MONTH
    _days: dict[str, list[int]] = field(default_factory=dict)  # ordinals of days, this month's and this week's

    def begin(self, now: float) -> "Window":
        """Return what counts at this moment."""
        today = datetime.fromtimestamp(now, UTC).astimezone(CHINA).date()
        month, week = today.replace(day=1), today - timedelta(days=today.weekday())
        first, most = {
            Cap.MONTH: (month, ((month + timedelta(days=31)).replace(day=1) - month).days),
            Cap.WEEK: (week, 7),
            Cap.DAY: (today, 1),
        }[self.cap]
        return Window(self._days, (today.toordinal(), first.toordinal(), min(month, week).toordinal()), most)


@dataclass(slots=True)
class Window:
    """The caps of one moment, asked for each of many."""

    _days: dict[str, list[int]]
    _span: tuple[int, int, int]  # today, the first day that counts, the first that is kept
    _most: int

    def take(self, subject: str) -> bool:
        """Count one more for a customer or group, unless that is over the cap."""
        today, first, kept = self._span
        days = self._days.get(subject)
        if days is None:
            self._days[subject] = [today]
            return True
        if days[0] < kept:
            days[:] = [one for one in days if one >= kept]
        if sum(one >= first for one in days) >= self._most:
            return False
        days.append(today)
        return True
