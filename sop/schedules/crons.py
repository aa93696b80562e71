"""Cron expressions as sentences."""

from collections.abc import Collection
from datetime import UTC, datetime

from cronsim import CronSim

from sop.phrases import Phrase

_MINUTES, _HOURS, _DAYS, _MONTHS = set(range(60)), set(range(24)), set(range(1, 32)), set(range(1, 13))
_MOST_TIMES = 6
_WORKDAYS = {1, 2, 3, 4, 5}
_NAMES = (
    Phrase("周日", "Sunday"),
    Phrase("周一", "Monday"),
    Phrase("周二", "Tuesday"),
    Phrase("周三", "Wednesday"),
    Phrase("周四", "Thursday"),
    Phrase("周五", "Friday"),
    Phrase("周六", "Saturday"),
)
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth")
_MONTH_NAMES = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                "November", "December")  # fmt: skip


def sentence(expression: str) -> Phrase:
    """A valid cron expression of five fields in words, such as “Monday at 07:00”."""
    parsed = CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC))
    day, time = _day(parsed), _time(parsed)
    months = _months(parsed.months)
    return Phrase(f"{months.zh}{day.zh} {time.zh}", f"{day.en}{months.en} {time.en}")


def _time(parsed: CronSim) -> Phrase:
    minutes, hours = parsed.minutes, parsed.hours
    if len(minutes) * len(hours) <= _MOST_TIMES:
        times = [f"{hour:02}:{minute:02}" for hour in sorted(hours) for minute in sorted(minutes)]
        return Phrase("、".join(times), f"at {_and(times)}")
    if hours == _HOURS and (step := _step(minutes, 60)):
        return Phrase(f"每 {step} 分钟", f"every {step} minutes") if step > 1 else Phrase("每分钟", "every minute")
    minute = Phrase(f"{_list(minutes, '、')} 分", f"at minute {_list(minutes, ', ')}")
    if hours == _HOURS:
        return Phrase(f"每小时 {minute.zh}", f"{minute.en} of every hour")
    return Phrase(f"{_list(hours, '、')} 点的 {minute.zh}", f"{minute.en} of hour {_list(hours, ', ')}")


def _day(parsed: CronSim) -> Phrase:
    weekly = {day % 7 if isinstance(day, int) else day for day in parsed.weekdays}
    any_day, any_weekday = parsed.days == _DAYS, weekly == set(range(7))
    if any_day and any_weekday:
        return Phrase("每天", "every day")
    of_month, of_week = _of_month(parsed), _of_week(weekly)
    if any_weekday:
        return of_month
    if any_day:
        return of_week
    if parsed.day_and:
        return Phrase(f"{of_month.zh}且{of_week.zh}", f"{of_month.en} that is {of_week.en}")
    return Phrase(f"{of_month.zh}或{of_week.zh}", f"{of_month.en} or {of_week.en}")


def _of_month(parsed: CronSim) -> Phrase:
    plain = sorted(day for day in parsed.days if day > 0)
    zh, en = [f" {day} 日" if day == plain[0] else f"{day} 日" for day in plain], []
    if plain:
        en.append(f"day {_and([str(day) for day in plain])}")
    if CronSim.LAST in parsed.days:
        zh.append("最后一天")
        en.append("the last day")
    if CronSim.LAST_WEEKDAY in parsed.days:
        zh.append("最后一个工作日（周一至周五）")
        en.append("the last day from Monday to Friday")
    return Phrase("每月" + "、".join(zh), f"on {_and(en)} of the month")


def _of_week(weekly: Collection[int | tuple[int, int]]) -> Phrase:
    if weekly == _WORKDAYS:
        return Phrase("周一至周五", "Monday to Friday")
    names = [_weekday(day) for day in sorted(weekly, key=_monday_first)]
    return Phrase("、".join(name.zh for name in names), _and([name.en for name in names]))


def _weekday(day: int | tuple[int, int]) -> Phrase:
    if isinstance(day, int):
        return _NAMES[day]
    name, nth = _NAMES[day[0] % 7], day[1]
    if nth == CronSim.LAST:
        return Phrase(f"每月最后一个{name.zh}", f"the last {name.en} of the month")
    return Phrase(f"每月第 {nth} 个{name.zh}", f"the {_ORDINALS[nth]} {name.en} of the month")


def _monday_first(day: int | tuple[int, int]) -> tuple[int, int]:
    weekday, nth = (day, 0) if isinstance(day, int) else day
    return nth, (weekday - 1) % 7


def _months(months: Collection[int]) -> Phrase:
    if months == _MONTHS:
        return Phrase("", "")
    names = [_MONTH_NAMES[month] for month in sorted(months)]
    return Phrase("、".join(f"{month} 月" for month in sorted(months)) + "的", f" in {_and(names)}")


def _step(values: Collection[int], whole: int) -> int:
    """Every how many it is, if it is evenly so."""
    step = whole // len(values)
    return step if set(values) == set(range(0, whole, step)) else 0


def _list(values: Collection[int], comma: str) -> str:
    ordered = sorted(values)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:  # noqa: PLR2004 - a run is from three on
        return f"{ordered[0]}-{ordered[-1]}"
    return comma.join(str(value) for value in ordered)


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
