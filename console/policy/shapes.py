"""The contact policy as it stands in JSON."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from console.api.shapes import Answer, Key, Line, Name, Shape
from console.windows import WindowIn, WindowOut, read_window, show_window
from sop.policy import Cap, Holdout, Policy, Quota, Topic, holidays
from sop.policy.caps import Over, Per
from sop.policy.holidays import Calendar, Days
from sop.policy.quiet import Quiet, QuietWindow
from storage.policy import Edition

_MOST = 500  # of anything in a list; the limits of the rules are below
_HUNDREDTHS = 100
_Count = Annotated[int, Field(ge=0, le=100_000)]
_Dates = Annotated[tuple[date, ...], Field(max_length=_MOST)]
On = Literal["all", "work", "rest"]


class TopicIn(Shape):
    """What customers can opt out of; where consent is `needed`, nothing is sent before they have opted in."""

    key: Key
    zh: Name
    en: Name
    consent: Literal["assumed", "needed"] = "assumed"


class QuietIn(WindowIn):
    """Hours without messages, on the customer's clocks: on all days, or on days of work or of rest only."""

    on: On = "all"


class DaysIn(Shape):
    """What counts as a day of rest: weekends, with `china` its public holidays and make-up workdays, and named days."""

    calendar: Calendar = "china"
    rest: _Dates = ()
    work: _Dates = ()


class CapIn(Shape):
    """At most `count` in any `days` consecutive days, 0 for any number; what is over is skipped or delayed."""

    count: _Count
    days: Annotated[int, Field(ge=1, le=365)] = 1
    over: Over = "skip"


class QuotaIn(Shape):
    """What WeCom lets one customer or group receive: as set in its console. `most` overrides the number.

    `reserve` of them are left to what members send by themselves.
    """

    per: Per = "month"
    most: _Count = 0
    reserve: _Count = 0
    over: Over = "skip"


class HoldoutIn(Shape):
    """The share of customers who get nothing but transactional messages; a new salt draws them anew."""

    percent: Annotated[float, Field(ge=0, le=100)] = 0
    salt: Line = "holdout"


class PolicyIn(Shape):
    """The whole policy; `patience_days` is how long a message is held back at most, rather than not go out."""

    topics: Annotated[tuple[TopicIn, ...], Field(max_length=_MOST)]
    quiet: Annotated[tuple[QuietIn, ...], Field(max_length=_MOST)] = ()
    days: DaysIn = DaysIn()
    caps: Annotated[tuple[CapIn, ...], Field(max_length=_MOST)] = ()
    group_caps: Annotated[tuple[CapIn, ...], Field(max_length=_MOST)] = ()
    quota: QuotaIn = QuotaIn()
    holdout: HoldoutIn = HoldoutIn()
    patience_days: Annotated[int, Field(ge=1, le=365)] = 14


class NewPolicy(PolicyIn):
    """The policy that is to hold, in place of the version that was read."""

    version: Annotated[int, Field(ge=0, le=2**31)]


class TopicOut(Answer):
    """A topic."""

    key: str
    zh: str
    en: str
    consent: str


class QuietOut(WindowOut):
    """Hours without messages."""

    on: On


class DaysOut(Answer):
    """What counts as a day of rest. In `unknown_years`, of this and the next, plain weekends and named days count."""

    calendar: Calendar
    rest: tuple[date, ...]
    work: tuple[date, ...]
    unknown_years: tuple[int, ...]


class CapOut(Answer):
    """A cap."""

    count: int
    days: int
    over: str


class QuotaOut(Answer):
    """WeCom's quota."""

    per: str
    most: int
    reserve: int
    over: str


class HoldoutOut(Answer):
    """The holdout group."""

    percent: float
    salt: str


class PolicyOut(Answer):
    """The policy; version 0 is the one from before anybody wrote one. `zone` is the corp's, from its configuration."""

    version: int
    by: str
    at: datetime | None
    zone: str
    topics: tuple[TopicOut, ...]
    quiet: tuple[QuietOut, ...]
    days: DaysOut
    caps: tuple[CapOut, ...]
    group_caps: tuple[CapOut, ...]
    quota: QuotaOut
    holdout: HoldoutOut
    patience_days: int


def read_cap(given: CapIn) -> Cap:
    """A cap as the rules take it."""
    return Cap(**given.model_dump())


def read_policy(given: PolicyIn, *, version: int, zone: ZoneInfo) -> Policy:
    """A policy as the rules take it."""
    windows = tuple(QuietWindow(**read_window(each), on=each.on) for each in given.quiet)
    return Policy(
        version=version,
        zone=zone,
        topics=tuple(Topic(**each.model_dump()) for each in given.topics),
        quiet=Quiet(windows=windows, days=Days(**given.days.model_dump())),
        caps=tuple(map(read_cap, given.caps)),
        group_caps=tuple(map(read_cap, given.group_caps)),
        quota=Quota(**given.quota.model_dump()),
        holdout=Holdout(share=round(given.holdout.percent * _HUNDREDTHS), salt=given.holdout.salt),
        patience=given.patience_days,
    )


def show_policy(policy: Policy, now: datetime, edition: Edition | None = None) -> PolicyOut:
    """A policy as it is shown."""
    days, year = policy.quiet.days, now.astimezone(policy.zone).year
    unknown = () if days.calendar == "weekends" else (each for each in (year, year + 1) if not holidays.known(each))
    return PolicyOut(
        version=policy.version,
        by=edition.by if edition else "",
        at=edition.at if edition else None,
        zone=policy.zone.key,
        topics=_all(TopicOut, policy.topics),
        quiet=tuple(QuietOut(**show_window(each), on=each.on) for each in policy.quiet.windows),
        days=DaysOut(calendar=days.calendar, rest=days.rest, work=days.work, unknown_years=tuple(unknown)),
        caps=_all(CapOut, policy.caps),
        group_caps=_all(CapOut, policy.group_caps),
        quota=QuotaOut.model_validate(policy.quota),
        holdout=HoldoutOut(percent=policy.holdout.share / _HUNDREDTHS, salt=policy.holdout.salt),
        patience_days=policy.patience,
    )


def _all(shape: Any, values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(shape.model_validate(each) for each in values)
