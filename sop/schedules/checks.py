"""What can be wrong with a schedule as operators write it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError

from sop.limits import Limit, Unit, Violation
from sop.schedules.moments import between
from sop.schedules.values import CUSTOMER, FAR, Cron, Dated, Once, Schedule

FIELD = Limit("日期字段", "the date's field", 60, Unit.CHARS, 1)
EXPRESSION = Limit("cron 表达式", "the cron expression", 100, Unit.CHARS, 1)
FIELDS = 5
MOST_DAYS = 3660
MOST_FIRST = 100
_FIRST_YEAR = 2000
_SOME = 200  # moments that are looked at to tell how close together they are
_START, _FAR = datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=366 * 50)
_WORDS = {
    "minute": "分钟（0-59）",
    "hour": "小时（0-23）",
    "day-of-month": "日（1-31、L、LW）",
    "month": "月（1-12）",
    "day-of-week": "星期（0-7，0 和 7 为周日）",
}


def check(schedule: Schedule, field: str = "schedule", *, least: timedelta = timedelta(0)) -> list[Violation]:
    """Everything that is wrong with a schedule; `least` is how far apart the moments of a cron must be."""
    found = [] if schedule.zone == CUSTOMER else check_zone(schedule.zone, f"{field}.zone")
    match schedule:
        case Once():
            found += _check_year(schedule, field)
            if schedule.at.tzinfo and schedule.zone:
                found.append(
                    Violation(
                        f"{field}.zone",
                        "时间已带时区偏移，请去掉偏移或不填时区",
                        "the time has an offset already: leave out the offset or the zone",
                    )
                )
        case Cron():
            found += _check_cron(schedule, field, least)
        case Dated():
            found += FIELD.check(f"{field}.field", schedule.field.strip())
            found += _check_numbers(schedule, field)
    return found


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # reads a folder


def check_zone(zone: str, field: str) -> list[Violation]:
    """Whether there is such a zone; none is right, too."""
    if not zone or zone in _zones():
        return []
    return [
        Violation(
            field,
            f"没有时区 {zone}；例如 Asia/Shanghai，或 customer 表示按客户所在时区",
            f"there is no zone {zone}; take one such as Asia/Shanghai, or customer for that of each customer",
        )
    ]


def _check_year(schedule: Once, field: str) -> Iterator[Violation]:
    if not _FIRST_YEAR <= schedule.at.year < FAR.year:
        yield Violation(
            f"{field}.at",
            f"年份应在 {_FIRST_YEAR} 与 {FAR.year - 1} 之间",
            f"the year lies between {_FIRST_YEAR} and {FAR.year - 1}",
        )


def _check_cron(schedule: Cron, field: str, least: timedelta) -> Iterator[Violation]:
    where = f"{field}.expression"
    if long := EXPRESSION.check(where, schedule.expression):
        yield from long
        return
    if len(schedule.expression.split()) != FIELDS:
        yield Violation(
            where,
            "cron 表达式恰好 5 段：分 时 日 月 星期，例如 0 9 * * 1-5",
            "a cron expression has 5 fields: minute hour day month weekday, such as 0 9 * * 1-5",
        )
        return
    try:
        CronSim(schedule.expression, _START)
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        yield Violation(where, f"cron 的{_WORDS.get(name, name)}不对", f"the {name} of the cron expression is wrong")
        return
    yield from _check_moments(Cron(expression=schedule.expression), where, least)


def _check_moments(schedule: Cron, where: str, least: timedelta) -> Iterator[Violation]:
    moments = list(islice(between(schedule, _START, _START + _FAR, zone=UTC), _SOME))
    if not moments:
        yield Violation(where, "这个 cron 表达式永远不会触发", "this cron expression never fires")
    elif any(later - earlier < least for earlier, later in pairwise(moments)):
        minutes = f"{least / timedelta(minutes=1):g}"
        yield Violation(
            where,
            f"太频繁：两次之间至少 {minutes} 分钟",
            f"too often: at least {minutes} minutes lie between two times",
        )


def _check_numbers(schedule: Dated, field: str) -> Iterator[Violation]:
    if abs(schedule.offset) > MOST_DAYS:
        yield Violation(f"{field}.offset", f"偏移不超过 {MOST_DAYS} 天", f"the offset is at most {MOST_DAYS} days")
    if not 0 <= schedule.first <= MOST_FIRST:
        yield Violation(f"{field}.first", f"起始次数为 0 到 {MOST_FIRST}", f"the first time is 0 to {MOST_FIRST}")
    if schedule.first and not schedule.every:
        yield Violation(
            f"{field}.first",
            "只有每月或每年重复时才有起始次数",
            "only what repeats each month or year has a first time",
        )
    if schedule.at.tzinfo:
        yield Violation(f"{field}.at", "时间不带时区偏移，时区写在 zone", "the time has no offset; the zone says where")
