"""All quotas of the platform in one place: used, limit, and when they will be used up."""

from datetime import datetime
from typing import Any, Literal

from console.call import Call
from console.roles import Permission
from console.routes import Routes
from console.shapes import Answer
from sop.quotas import NAMES, Reading, Verdict, judge

routes = Routes()


class Quota(Answer):
    """A quota. `limit` is null where the platform names none; `runs_out` is the forecast at the pace of a week.

    `source` is `here` for what is counted here and `wecom` for what was asked there, when `at` says; `daily` quotas
    begin anew at midnight. `facts` of the quota of links say which part expires when.
    """

    name: str
    name_zh: str
    name_en: str
    used: int
    limit: int | None
    daily: bool
    pace: float
    runs_out: datetime | None
    level: Literal["ok", "warn", "critical"]
    source: Literal["here", "wecom"]
    at: datetime
    facts: dict[str, Any]


class Quotas(Answer):
    """The quotas, the most pressing first."""

    items: tuple[Quota, ...]


@routes.on("GET /quotas", Permission.READ_NUMBERS, "平台额度", "The quotas of the platform")
async def show(call: Call) -> Quotas:
    """What our own tables say is counted now; the quota of links is what WeCom said last."""
    readings = [*await call.store.quotas.read(call.midnight)]
    if told := await call.store.quotas.told():
        readings.append(told)
    judged = [(each, judge(each, await call.store.quotas.samples(each.name))) for each in readings]
    judged.sort(key=lambda pair: -pair[1].level)
    return Quotas(items=tuple(_show(reading, verdict) for reading, verdict in judged))


def _show(reading: Reading, verdict: Verdict) -> Quota:
    words = NAMES[reading.name]
    return Quota(
        name=reading.name,
        name_zh=words.zh,
        name_en=words.en,
        used=reading.used,
        limit=reading.most,
        daily=reading.daily,
        pace=round(verdict.pace, 2),
        runs_out=verdict.runs_out,
        level=verdict.level.name.lower(),  # type: ignore[arg-type]
        source=reading.source,
        at=reading.at,
        facts=dict(reading.facts),
    )
