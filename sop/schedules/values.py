"""What schedules there are."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

CUSTOMER = "customer"  # as a zone: the same time on the wall of each customer
FAR = datetime(2999, 1, 1, tzinfo=UTC)  # beyond which nothing is scheduled
Every = Literal["", "month", "year"]
Leap = Literal["feb28", "mar1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """At one moment, or, without an offset, when the clocks of the zone show it."""

    at: datetime
    zone: str = ""  # IANA; empty: the corp's; CUSTOMER: each customer's


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Whenever the clocks of the zone match: minute, hour, day of the month, month, weekday (0 and 7 are Sunday).

    As in Debian's cron: with a day of the month and a weekday, either will do. `L` is the last day of the month, `LW`
    its last workday from Monday to Friday, `5L` its last Friday, `1#2` its second Monday.
    """

    expression: str
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Some days before or after a date of the customer, such as a birthday, a renewal or the day of the add.

    `every` repeats the date each month or year, from the date itself on, or without its first `first` times: 1 is for
    anniversaries, which the day of the add is not. A month that is too short has it on its last day; for 29 February in
    a common year `leap` says on which day it is celebrated.
    """

    field: str
    offset: int = 0  # days; before the date where negative
    at: time
    every: Every = ""
    first: int = 0
    leap: Leap = "feb28"
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Origins:
    """Whose turn a day is: those whose date, as YYYY-MM-DD, ends in one of `endings` and is not after `until`."""

    endings: tuple[str, ...]
    until: date


Schedule = Once | Cron | Dated


def clocks(schedule: Schedule, zone: tzinfo) -> tzinfo:
    """On whose clocks a schedule runs; `zone` is the corp's or the customer's, whichever it leaves open."""
    return zone if schedule.zone in ("", CUSTOMER) else ZoneInfo(schedule.zone)
