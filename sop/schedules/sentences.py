"""Schedules as sentences that people read, in Chinese and English."""

from collections.abc import Mapping
from datetime import datetime

from sop.phrases import Phrase
from sop.schedules.crons import sentence
from sop.schedules.values import CUSTOMER, Cron, Dated, Once, Schedule

_EVERY = {"": Phrase("", ""), "month": Phrase("每月", "each month, "), "year": Phrase("每年", "each year, ")}


def describe(schedule: Schedule, names: Mapping[str, Phrase] | None = None) -> Phrase:
    """A checked schedule in words; `names` are those of the date fields."""
    match schedule:
        case Once():
            said = Phrase(f"{_wall(schedule.at)} 一次", f"once, at {_wall(schedule.at)}")
        case Cron():
            said = sentence(schedule.expression)
        case Dated():
            said = _dated(schedule, names or {})
    zone = _zone(schedule)
    return Phrase(said.zh + zone.zh, said.en + zone.en)


def _wall(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}" + (f" (UTC{at:%z})" if at.tzinfo else "")


def _zone(schedule: Schedule) -> Phrase:
    if schedule.zone == CUSTOMER:
        return Phrase("（客户当地时间）", " (on each customer's clocks)")
    return Phrase(f"（{schedule.zone}）", f" ({schedule.zone})") if schedule.zone else Phrase("", "")


def _dated(schedule: Dated, names: Mapping[str, Phrase]) -> Phrase:
    name = names.get(schedule.field, Phrase(schedule.field, schedule.field))
    days, every = abs(schedule.offset), _EVERY[schedule.every]
    side = Phrase("前", "before") if schedule.offset < 0 else Phrase("后", "after")
    apart = (
        Phrase(f"{side.zh} {days} 天", f"{days} day{'s' if days > 1 else ''} {side.en} ")
        if days
        else Phrase("当天", "on ")
    )
    first = (
        Phrase(f"，从第 {schedule.first} 次起", f", from time {schedule.first} on")
        if schedule.first
        else Phrase("", "")
    )
    return Phrase(
        f"{every.zh}{name.zh}{apart.zh} {schedule.at:%H:%M}{first.zh}",
        f"{every.en}{apart.en}{name.en} at {schedule.at:%H:%M}{first.en}",
    )
