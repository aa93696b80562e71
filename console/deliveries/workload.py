"""Workload: how many confirmations each member has to make, day by day, and with one message more."""

from datetime import date
from typing import Annotated

from pydantic import Field

from console.api.call import Call
from console.api.problem import Problem
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Key, Line, Query, Shape
from sop.deliveries import Kind
from sop.deliveries import workload as rules
from storage.deliveries.workload import Load

routes = Routes()
_MOST = 5000  # members in one forecast


class WorkloadQuery(Query):
    """How many days from today on, and of which member."""

    days: int = Field(default=7, ge=1, le=62)
    staff: Line = ""


class Day(Answer):
    """What is planned for one day: confirmations at least so many, for so many recipients."""

    day: date
    confirmations: int
    recipients: int


class MemberLoad(Answer):
    """A member's work: tasks that wait to be confirmed, those confirmed today, and what is planned.

    `user_id` is empty for what WeCom gives to whoever chatted last.
    """

    user_id: str
    waiting: int
    confirmed_today: int
    planned: tuple[Day, ...]


class Workload(Answer):
    """Who has to confirm how much; members without any are left out."""

    items: tuple[MemberLoad, ...]


class Audience(Shape):
    """A message that may be sent: how many recipients each member would have, and how many messages to each."""

    kind: Kind = "single"
    messages: Annotated[int, Field(ge=1, le=100)] = 1
    day: date | None = None
    recipients: Annotated[dict[Key, Annotated[int, Field(ge=1, le=10_000_000)]], Field(max_length=_MOST)]


class ForecastLine(Answer):
    """A member's confirmations on that day: what waits or is planned already, and what would be added."""

    user_id: str
    before: int
    added: int


class Forecast(Answer):
    """What a message would ask of each member, the fullest days first."""

    day: date
    items: tuple[ForecastLine, ...]


@routes.on("GET /workload", Permission.READ_MESSAGES, "员工群发工作量", "What members have to confirm")
async def read(call: Call, query: WorkloadQuery) -> Workload:
    """What waits, what was confirmed today, and what is planned for the days to come."""
    staff, work = call.principal.within(query.staff), call.store.deliveries.workload
    zone = (await call.store.settings.voice()).zone
    midnight = call.store.now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    waiting, confirmed = await work.open(staff), await work.confirmed(midnight, staff)
    planned: dict[str, list[Load]] = {}
    for load in await work.planned(query.days, zone, staff):
        planned.setdefault(load.user_id, []).append(load)
    return Workload(
        items=tuple(
            MemberLoad(
                user_id=user_id,
                waiting=waiting.get(user_id, 0),
                confirmed_today=confirmed.get(user_id, 0),
                planned=tuple(map(Day.model_validate, planned.get(user_id, ()))),
            )
            for user_id in sorted({*waiting, *confirmed, *planned})
        )
    )


@routes.on("POST /workload/preview", Permission.READ_MESSAGES, "预估群发工作量", "What a message would ask of members")
async def preview(call: Call, body: Audience) -> Forecast:
    """Nothing is sent or planned."""
    strangers = [user_id for user_id in body.recipients if not call.principal.sees(user_id)]
    if strangers:
        raise Problem("out-of-scope", staff=strangers[0])
    zone, work = (await call.store.settings.voice()).zone, call.store.deliveries.workload
    today = call.store.now.astimezone(zone).date()
    day = max(body.day or today, today)
    waiting = await work.open(call.principal.staff) if day == today else {}
    before: dict[str, int] = dict(waiting)
    for load in await work.planned((day - today).days + 1, zone, call.principal.staff):
        if load.day == day:
            before[load.user_id] = before.get(load.user_id, 0) + load.confirmations
    added = rules.forecast(body.recipients, kind=body.kind, messages=body.messages)
    lines = [ForecastLine(user_id=each, before=before.get(each, 0), added=added[each]) for each in added]
    return Forecast(day=day, items=tuple(sorted(lines, key=lambda line: (-line.before - line.added, line.user_id))))
