"""All quotas of the platform in one place: used, limit, when they will be used up; and how near calls are to theirs."""

from datetime import datetime, timedelta
from typing import Any, Literal

from console.api.call import Call
from console.api.roles import Permission, Principal
from console.api.routes import Routes
from console.api.shapes import Answer
from sop.quotas import NAMES, Reading, Verdict, judge
from wecom.ids import CorpId
from wecom.usage import Usage, look

routes = Routes()
_MOST_PATHS, _MOST_MEMBERS = 30, 10  # that are shown, the nearest to their limits


class Quota(Answer):
    """A quota. `limit` is null where the platform names none; `runs_out` is the forecast at the pace of a week.

    `source` is `here` for what is counted here and `wecom` for what was asked there, when `at` says; `daily` quotas
    begin anew at midnight. `facts` say which app or member it is about where each has its own, which part of the quota
    of links expires when, and who has most tags (where the caller may see it) and how many come near to so many.
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


class Window(Answer):
    """So many calls in the last so many seconds, and how many WeCom takes."""

    seconds: int
    used: int
    limit: int


class PathUsage(Answer):
    """The calls of an API; `share` is the part of its nearest limit, and until `blocked_until` WeCom takes none."""

    path: str
    share: float
    windows: tuple[Window, ...]
    blocked_until: datetime | None


class MemberUsage(Answer):
    """The messages of an app to a member; `user_id` is in lower case."""

    user_id: str
    share: float
    windows: tuple[Window, ...]


class Calls(Answer):
    """What was called of late, the nearest to its limit first: APIs, and messages to the members in the data scope.

    `counted` is `all` where the processes share a Redis that can be reached, else `process`: what the process that
    answers has called itself since it began.
    """

    counted: Literal["all", "process"]
    paths: tuple[PathUsage, ...]
    members: tuple[MemberUsage, ...]


class Quotas(Answer):
    """The quotas, the most pressing first, and the rates of calls."""

    items: tuple[Quota, ...]
    calls: Calls


@routes.on("GET /quotas", Permission.READ_NUMBERS, "平台额度", "The quotas of the platform")
async def show(call: Call) -> Quotas:
    """Counted now in our own tables; the quota of links is what WeCom said last, tags were counted this morning."""
    readings = (*await call.store.quotas.read(call.midnight), *await call.store.quotas.kept())
    seen = [one for one in readings if one.name != "group_transfers" or call.principal.sees(one.user_id)]
    judged = [(each, judge(each, await call.store.quotas.samples(each.key))) for each in seen]
    judged.sort(key=lambda pair: -pair[1].level)
    items = tuple(_show(reading, verdict, call.principal) for reading, verdict in judged)
    return Quotas(items=items, calls=await _count(call))


async def _count(call: Call) -> Calls:
    """Reading takes none of the calls."""
    usage = await look(call.console.budget, CorpId(call.corp.id))
    staff = call.principal.staff
    seen = None if staff is None else {user_id.lower() for user_id in staff}
    members = [one for one in usage.members if seen is None or one.of in seen]
    return Calls(
        counted="all" if usage.shared else "process",
        paths=tuple(
            PathUsage(
                path=one.of,
                share=round(one.share, 4),
                windows=_windows(one),
                blocked_until=call.now + timedelta(seconds=one.blocked) if one.blocked else None,
            )
            for one in usage.paths[:_MOST_PATHS]
        ),
        members=tuple(
            MemberUsage(user_id=one.of, share=round(one.share, 4), windows=_windows(one))
            for one in members[:_MOST_MEMBERS]
        ),
    )


def _windows(usage: Usage) -> tuple[Window, ...]:
    return tuple(Window(seconds=int(one.period), used=one.used, limit=one.limit) for one in usage.windows)


def _show(reading: Reading, verdict: Verdict, principal: Principal) -> Quota:
    words, facts = NAMES[reading.name], dict(reading.facts)
    if not principal.sees(reading.user_id):
        facts = {name: value for name, value in facts.items() if name not in ("user_id", "external_user_id")}
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
        facts=facts,
    )
