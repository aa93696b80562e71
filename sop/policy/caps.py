"""How often somebody may be written to: caps that operators set, and the quota that WeCom sets."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sop.deliveries import Origin
from sop.limits import Violation
from sop.slots import MIDNIGHT

Over = Literal["skip", "delay"]
Per = Literal["day", "week", "month", "none"]
MOST = 1000  # messages
LONGEST = 90  # days
_DAY = timedelta(days=1)
_WEEK = 7


class Past(NamedTuple):
    """A message that has gone out, or is going to, at a moment; transactional ones do not count towards caps."""

    at: datetime
    origin: Origin
    origin_id: int
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most so many in any so many consecutive days on the customer's clocks, and what becomes of more.

    A count of 0 is no cap. Delayed ones go out on the first day that has room.
    """

    count: int = 0
    days: int = 1
    over: Over = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many mass messages WeCom lets one customer, or one group, receive (page 92135); days are those of China.

    In a calendar month as many as it has days, unless the corp has chosen seven a week or one a day in WeCom's console.
    Where WeCom's week begins is not known, so any seven consecutive days are held to. `most` overrides the number,
    `reserve` of them are left to what members send by themselves, which counts too.
    """

    per: Per = "month"
    most: int = 0
    reserve: int = 0
    over: Over = "skip"

    def allowed(self, day: date) -> int:
        """How many may be received in the time that a day belongs to."""
        by_platform = {"day": 1, "week": _WEEK, "month": _length(day), "none": 0}[self.per]
        return max((self.most or by_platform) - self.reserve, 0)


def fits(days: Sequence[date], day: date, *, count: int, span: int) -> bool:
    """Whether one more on a day leaves every `span` consecutive days at `count` or fewer; `days` may lie ahead."""
    near = Counter(each for each in days if abs((each - day).days) < span)
    if near.total() < count:
        return True
    for end in {day, *(each for each in near if each > day)}:
        if sum(number for each, number in near.items() if end - span * _DAY < each <= end) >= count:
            return False
    return True


def room(cap: Cap, days: Sequence[date], day: date, *, until: date) -> date | None:
    """The first day from this one on that has room under a cap; None when that is later than `until`."""
    if not cap.count:
        return day
    return _first(lambda each: fits(days, each, count=cap.count, span=cap.days), day, until)


def allowance(quota: Quota, days: Sequence[date], day: date, *, until: date) -> date | None:
    """The first day from this one on on which WeCom would still deliver; None when that is later than `until`."""
    if quota.per == "none":
        return day

    def free(each: date) -> bool:
        most = quota.allowed(each)
        if quota.per == "month":
            return sum((one.year, one.month) == (each.year, each.month) for one in days) < most
        return most > 0 and fits(days, each, count=most, span=_WEEK if quota.per == "week" else 1)

    return _first(free, day, until)


def begin(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, MIDNIGHT, zone).astimezone(UTC)


def check(field: str, cap: Cap) -> list[Violation]:
    """What is wrong with a cap as written."""
    found = []
    if not 0 <= cap.count <= MOST:
        found.append(
            Violation(
                f"{field}.count",
                f"次数应为 0（不限）到 {MOST}",
                f"the count is 0, which is no cap, to {MOST}",
            )
        )
    if not 1 <= cap.days <= LONGEST:
        found.append(Violation(f"{field}.days", f"天数应为 1 到 {LONGEST}", f"the days are 1 to {LONGEST}"))
    return found


def _first(free: Callable[[date], bool], day: date, until: date) -> date | None:
    while day <= until:
        if free(day):
            return day
        day += _DAY
    return None


def _length(day: date) -> int:
    """The days of a day's month."""
    later = day.replace(day=28) + 4 * _DAY
    return (later - later.day * _DAY).day
