"""What codes bring, in numbers: the counts of a channel, a member or a day, and how quarters of an hour become days."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta, tzinfo

QUARTER = timedelta(minutes=15)  # every time zone is whole quarters of an hour away from UTC
MOST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many; every number follows from the facts as they stand and none is ever added up beside them.

    `repeat_adds`: adds of a customer whom the same member had before. `half_adds`: not confirmed by the member to this
    day. `lost_24h` and `lost_7d`: adds after which the customer removed the member so soon (of young adds more may
    follow). `conversations`: adds whose customer is still there and has written since, as far as WeCom tells us of it.
    """

    visits: int = 0
    visitors: int = 0
    adds: int = 0
    repeat_adds: int = 0
    half_adds: int = 0
    lost_24h: int = 0
    lost_7d: int = 0
    conversations: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        names = [field.name for field in fields(self)]
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in names})


def span(since: date, until: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When the first day begins on the clocks of a zone, and when the last one has ended."""
    return _midnight(since, zone), _midnight(until + timedelta(days=1), zone)


def days(since: date, until: date) -> tuple[date, ...]:
    """All days from one to the other."""
    return tuple(since + timedelta(days=count) for count in range((until - since).days + 1))


def by_day(quarters: Iterable[tuple[int, Counts]], zone: tzinfo) -> dict[date, Counts]:
    """Counts per quarter of an hour (numbered since 1970 UTC) as counts per day of a zone."""
    found: dict[date, Counts] = defaultdict(Counts)
    for quarter, counts in quarters:
        moment = datetime.fromtimestamp(quarter * QUARTER.total_seconds(), UTC)
        found[moment.astimezone(zone).date()] += counts
    return dict(found)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
