"""Days as WeCom counts them: from midnight to midnight in China, told when they are over, for half a year."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
PAST = 179  # days before today that are asked for: WeCom tells of 180 (pages 92133, 97375), and midnight may pass
SPAN = 30  # days of one question
LATE = 3  # the last days are read anew: their numbers may come late
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCounts:
    """What WeCom counts of groups, staff among their members included; all but the new ones as they stood that day."""

    new_groups: int = 0
    groups: int = 0
    talking_groups: int = 0
    new_members: int = 0
    members: int = 0
    talking_members: int = 0
    messages: int = 0


def day_of(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(CHINA).date()


def midnight(day: date) -> datetime:
    """When a day begins in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)


def owed(last: date | None, now: datetime, *, began: date | None = None) -> tuple[date, date]:
    """The first and the last day to be read, `last` being the newest one that is known.

    Of what was never read it is all that WeCom still tells, or what there is since `began`, a month at least.
    """
    today = day_of(now)
    oldest = today - PAST * DAY
    if last is not None:
        return max(last - (LATE - 1) * DAY, oldest), today - DAY
    return max(min(began or oldest, today - SPAN * DAY), oldest), today - DAY


def total(days: Mapping[date, GroupCounts]) -> GroupCounts | None:
    """Several days together: what is new is summed up, the rest is as on the last of them; nothing of no days."""
    if not days:
        return None
    new_groups, new_members = (
        sum(one.new_groups for one in days.values()),
        sum(one.new_members for one in days.values()),
    )
    return replace(days[max(days)], new_groups=new_groups, new_members=new_members)
