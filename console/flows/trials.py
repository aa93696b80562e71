"""Trying a flow before it is published: who would get what and when, with made-up or real customers."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import structlog
from pydantic import Field

from console.api.call import Call
from console.api.problem import Problem
from console.api.roles import Permission
from console.api.routes import Routes
from console.api.shapes import Answer, Identity, Shape
from console.api.words import Words
from console.flows.shapes import ReasonOut, why
from console.flows.sheets import find_flow
from sop.errors import Invalid
from sop.flows import document
from storage.flows.checks import find_faults

routes = Routes()
log = structlog.get_logger()
_ALONE = Words("本服务不能试运行旅程。", "This service cannot try flows.")
_FAILED = Words(
    "试运行没有完成，请减少客户数或天数后再试。", "The trial did not come to its end: try fewer customers or days."
)


class TrialFailed(Exception):
    """A trial ended without a report."""


class TrialIn(Shape):
    """What is tried: the draft, for so many days, with so many customers.

    `synthetic` ones are made up, a `sample` are real ones as they are, `replay` has what happened to them happen again.
    """

    mode: Literal["synthetic", "sample", "replay"] = "synthetic"
    days: Annotated[int, Field(ge=1, le=92)] = 7
    customers: Annotated[int, Field(ge=1, le=20_000)] = 1000


class Count(Answer):
    """So many, for a reason."""

    reason: ReasonOut
    count: int


class Day(Answer):
    """What goes out on a day."""

    day: str
    messages: int
    tasks: int


class LoadOut(Answer):
    """What a member has to confirm on a day: so many mass messages, to so many customers."""

    user_id: str
    day: str
    mailings: int
    customers: int


class Line(Answer):
    """A message or a task of one customer; with a reason it was skipped."""

    subject: str
    user_id: str
    node: str
    what: str
    text: str
    at: datetime
    reason: ReasonOut | None


class TrialOut(Answer):
    """What it came to; plans are told of at most a thousand customers."""

    entered: int
    inside: int
    ended: tuple[Count, ...]
    skipped: tuple[Count, ...]
    delayed: tuple[Count, ...]
    days: tuple[Day, ...]
    load: tuple[LoadOut, ...]
    plans: tuple[Line, ...]


@routes.on("POST /flows/{flow_id}/trials", Permission.WRITE_RULES, "模拟或回放旅程", "Try a flow before publishing")
async def attempt(call: Call, flow_id: Identity, body: TrialIn) -> TrialOut:
    """Nothing of it reaches anybody; it takes some seconds. Real customers' names are not in the answer."""
    sheet = await find_flow(call, flow_id)
    faults = [fault for fault in await find_faults(call.store, document.parse(sheet.draft)) if fault.stops]
    if faults:
        raise Invalid([fault.violation for fault in faults])
    if call.console.trial is None:
        raise _problem(_ALONE)
    back = timedelta(days=body.days) if body.mode == "replay" else timedelta(0)
    wanted = {
        "document": sheet.draft,
        "start": call.now - back,
        "days": body.days,
        "customers": body.customers,
        "mode": body.mode,
        "corp_id": call.corp.id,
    }
    try:
        report = await call.console.trial(wanted)
    except TrialFailed as error:
        log.warning("trial_failed", flow=sheet.id, why=str(error))
        raise _problem(_FAILED) from error
    days = sorted({*report["sent"], *report["tasks"]})
    return TrialOut(
        entered=report["entered"],
        inside=report["ended"].pop("", 0),
        ended=_counts(report["ended"]),
        skipped=_counts(report["skipped"]),
        delayed=_counts(report["delayed"]),
        days=tuple(
            Day(day=day, messages=report["sent"].get(day, 0), tasks=report["tasks"].get(day, 0)) for day in days
        ),
        load=tuple(LoadOut(**one) for one in report["load"]),
        plans=tuple(
            Line(**{**one, "reason": why(one["reason"]) if one["reason"] else None}) for one in report["plans"]
        ),
    )


def _problem(reason: Words) -> Problem:
    return Problem("state", reason_zh=reason.zh, reason_en=reason.en)


def _counts(found: dict[str, int]) -> tuple[Count, ...]:
    return tuple(Count(reason=why(code), count=count) for code, count in sorted(found.items()))
