"""What is shown of broadcasts before they go out and after: forecasts, samples, previews, runs, results."""

from datetime import date, datetime
from typing import Literal

from console.api.shapes import Answer, Identity, Key, Shape
from console.decisions import Reason
from console.wording import AttachmentOut
from sop.reasons import explain


class FunnelOut(Answer):
    """How many have come how far; `replied`, `clicked` and `reached` (the goal) are among the delivered."""

    targeted: int
    planned: int
    tasked: int
    confirmed: int
    delivered: int
    replied: int
    clicked: int
    reached: int


class LeftOut(Answer):
    """So many stand so, for this reason."""

    status: str = ""
    reason: Reason
    count: int


class VariantOut(Answer):
    """A variant of a run."""

    name: str
    funnel: FunnelOut


class TrialArm(Answer):
    """A variant in the sample: of how many, how many did what was wanted, and where the true rate lies."""

    name: str
    exposed: int
    converted: int
    rate: float
    low: float
    high: float


class BroadcastTrialOut(Answer):
    """What may be said of the sample by now."""

    state: Literal["skewed", "small", "open", "decided"]
    sentence: str
    wanted: int
    best: str
    arms: tuple[TrialArm, ...]


class RunLine(Answer):
    """One time that a broadcast went, or was to go, out."""

    id: Identity
    number: int
    status: str
    reason: Reason | None
    phase: str
    due_at: datetime
    size: int
    winner: str
    won_by: Reason | None
    decide_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    ended_at: datetime | None


class BroadcastRunOut(RunLine):
    """A run with its numbers, as far as the caller's data scope goes; `trial` is whole, or not there."""

    funnel: FunnelOut
    variants: tuple[VariantOut, ...]
    left_out: tuple[LeftOut, ...]
    trial: BroadcastTrialOut | None


class MessageOut(Answer):
    """One message of a run; without a member WeCom gives it to whoever chatted last."""

    id: Identity
    subject: str
    user_id: str
    variant: str
    status: str
    reason: Reason | None
    mailing_id: Identity | None
    due_at: datetime
    ended_at: datetime | None


class SentByMember(Answer):
    """How one member's part stands."""

    user_id: str
    name: str
    targeted: int
    planned: int
    tasked: int
    sent: int
    failed: int
    unsent: int
    cancelled: int
    skipped: int


class DayLoad(Answer):
    """Confirmations of a member on a day, beside those that wait already; without a member WeCom chooses who."""

    user_id: str
    day: date
    confirmations: int
    waiting: int


class DayCount(Answer):
    """Messages of a day."""

    day: date
    count: int


class ForecastOut(Answer):
    """What it would come to if it began at its next time; reckoned up where not everybody was looked at (`exact`)."""

    size: int
    looked: int
    exact: bool
    messages: int
    mailings: int
    bytes: int
    days: tuple[DayCount, ...]
    delayed: tuple[LeftOut, ...]
    skipped: tuple[LeftOut, ...]
    loads: tuple[DayLoad, ...]


class PersonOut(Answer):
    """Somebody of the audience."""

    subject: str
    name: str


class SampleOut(Answer):
    """How many there are, and some of them."""

    size: int
    items: tuple[PersonOut, ...]


class Looked(Shape):
    """For whom it is tried: a customer, or a group."""

    subject: Key


class PreviewOut(Answer):
    """What somebody would get from whom, and what the gate says of it: send, delay or skip."""

    variant: str
    user_id: str
    text: str
    attachments: tuple[AttachmentOut, ...]
    bytes: int
    verdict: Literal["send", "delay", "skip"]
    reason: Reason | None
    at: datetime | None


class Previews(Answer):
    """One for each message that they would get."""

    items: tuple[PreviewOut, ...]


class Reminded(Answer):
    """Of how many tasks members are reminded; WeCom allows three reminders in 24 hours."""

    mailings: int


def why(code: str) -> Reason | None:
    """A reason with its sentences, where there is one."""
    return because(code) if code else None


def because(code: str) -> Reason:
    """A reason with its sentences."""
    return Reason(code=code, **explain(code)._asdict())
