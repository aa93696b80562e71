"""The days of a date that repeats, and which dates have their turn on a day."""

from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from sop.schedules.values import FAR, Dated, Leap, Origins

_MONTHS = 12


def days_of(schedule: Dated, origin: date, since: date) -> Iterator[date]:
    """The days on which something falls due for a customer's date, in order, from a day on."""
    shift = timedelta(days=schedule.offset)
    for anchor in _anchors(schedule, origin, since - shift):
        yield anchor + shift


def origins_of(schedule: Dated, day: date) -> Origins:
    """Which customers' dates fall due on a day: the inverse of `days_of`, for a database to look up."""
    anchor = day - timedelta(days=schedule.offset)
    match schedule.every:
        case "":
            return Origins((anchor.isoformat(),), anchor)
        case "month":
            last = monthrange(anchor.year, anchor.month)[1]
            latest = anchor.day if anchor.day < last else 31
            until = _month(anchor.year, anchor.month - schedule.first)
            return Origins(tuple(f"{number:02}" for number in range(anchor.day, latest + 1)), _last(until))
        case "year":
            endings = [f"{anchor:%m-%d}"]
            if not isleap(anchor.year) and endings[0] == f"{_celebrated(anchor.year, schedule.leap):%m-%d}":
                endings.append("02-29")
            return Origins(tuple(endings), date(anchor.year - schedule.first, 12, 31))


def _anchors(schedule: Dated, origin: date, since: date) -> Iterator[date]:
    match schedule.every:
        case "":
            if since <= origin < FAR.date():
                yield origin
        case "month":
            passed = (since.year - origin.year) * _MONTHS + since.month - origin.month
            count = max(schedule.first, passed)
            while (first := _month(origin.year, origin.month + count)).year < FAR.year:
                anchor = first.replace(day=min(origin.day, _last(first).day))
                if anchor >= since:
                    yield anchor
                count += 1
        case "year":
            for year in range(max(origin.year + schedule.first, since.year), FAR.year):
                anchor = _in_year(origin, year, schedule.leap)
                if anchor >= since:
                    yield anchor


def _in_year(origin: date, year: int, leap: Leap) -> date:
    if (origin.month, origin.day) == (2, 29) and not isleap(year):
        return _celebrated(year, leap)
    return origin.replace(year=year)


def _celebrated(year: int, leap: Leap) -> date:
    return date(year, 2, 28) if leap == "feb28" else date(year, 3, 1)


def _month(year: int, month: int) -> date:
    """The first day of a month, counted on past the ends of the year."""
    return date(year + (month - 1) // _MONTHS, (month - 1) % _MONTHS + 1, 1)


def _last(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
