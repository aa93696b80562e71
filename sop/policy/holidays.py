"""Which days are days of rest: weekends, Chinese public holidays and the working days that make up for them.

The government publishes a year's holidays in the November before. In a year that the `chinesecalendar` package does not
know, plain weekends count: `known` says so, and operators can name the days themselves.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import chinese_calendar

Calendar = Literal["china", "weekends"]
_SATURDAY = 6
_CHINESE: dict[str, str] = {each.value: each.chinese for each in chinese_calendar.Holiday}


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """What counts as a day of rest: by the calendar, unless the day is named as one of rest or of work."""

    calendar: Calendar = "china"
    rest: tuple[date, ...] = ()
    work: tuple[date, ...] = ()

    def rests(self, day: date) -> bool:
        """Whether a day is one of rest."""
        if day in self.rest:
            return True
        return day not in self.work and (_rests(day) if self.calendar == "china" else _weekend(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A day of a public holiday, or one of work that makes up for it, with the holiday's names."""

    day: date
    rest: bool
    zh: str
    en: str


def known(year: int) -> bool:
    """Whether the public holidays of a year are known; else its plain weekends count."""
    return _details(date(year, 1, 1)) is not None


def of_year(year: int) -> tuple[Holiday, ...]:
    """The public holidays of a year and the weekend days on which people work; none where the year is unknown."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    details = ((day, _details(day)) for day in days)
    return tuple(
        Holiday(day=day, rest=found[0], zh=_CHINESE.get(found[1], found[1]), en=found[1])
        for day, found in details
        if found is not None and found[1]
    )


def _rests(day: date) -> bool:
    found = _details(day)
    return _weekend(day) if found is None else found[0]


def _weekend(day: date) -> bool:
    return day.isoweekday() >= _SATURDAY


@lru_cache(maxsize=4096)
def _details(day: date) -> tuple[bool, str] | None:
    """Whether a day is one of rest, and the name of the holiday it belongs to; None in an unknown year."""
    try:
        rest, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return bool(rest), str(name or "")
