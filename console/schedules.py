"""Schedules before they are used: what one says, what is wrong with it, and when it fires."""

from datetime import date, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from console.api.call import Call
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Line, Shape
from sop import schedules
from sop.errors import Invalid

routes = Routes()


class Question(Shape):
    """A schedule, such as {"cron": {"expression": "0 9 * * 1-5", "zone": "customer"}}, and for whom it is asked.

    `zone` is where the schedule names none, by default the corp's; `day` is the customer's date that a dated one goes
    by; `after` is by default now.
    """

    schedule: dict[str, Any]
    zone: Line = ""
    day: date | None = None
    after: AwareDatetime | None = None
    count: int = Field(default=5, ge=1, le=50)


class Moments(Answer):
    """The schedule in words, and the next moments at which it fires; fewer than asked for when it ends before."""

    schedule: dict[str, Any]
    sentence: str
    moments: tuple[datetime, ...]


@routes.on("POST /schedules/preview", Permission.READ_RULES, "预览时间计划", "When a schedule fires")
async def preview(call: Call, body: Question) -> Moments:
    """Nothing is stored."""
    schedule = schedules.parse(body.schedule)
    if found := [*schedules.check(schedule), *schedules.check_zone(body.zone, "zone")]:
        raise Invalid(found)
    said = schedules.describe(schedule)
    moments = schedules.between(
        schedule,
        body.after or call.now,
        schedules.FAR,
        zone=ZoneInfo(body.zone) if body.zone else call.corp.zone,
        day=body.day,
    )
    return Moments(
        schedule=schedules.plain(schedule),
        sentence=said.en if call.language == "en" else said.zh,
        moments=tuple(islice(moments, body.count)),
    )
