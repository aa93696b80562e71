"""When somebody leaves: what is told to whom, and when many removals are an alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sop import sources
from sop.intents import Fact, Prompt
from sop.prompts import Visit, Voice, join
from sop.reasons import NO_LEAD, READDED, TRANSFERRED
from sop.texts import clean

MOST, MINUTES = 10, 10  # so many removals by one member within so many minutes are an alarm, unless set otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """A relation at its end: the visit that ends (its `at` is when it began), and how it went."""

    visit: Visit
    ended_at: datetime
    replied_at: datetime | None = None

    @property
    def days(self) -> int:
        """Whole days since the customer was added; 0 where the end is all we know."""
        return max(0, (self.ended_at - self.visit.at).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Where a prompt goes, where it leads, and what makes it unique."""

    users: tuple[str, ...]
    url: str = ""
    cause: str


def silence(users: Sequence[str], *, moved: bool = False, back: bool = False) -> str:
    """Why nobody is told, empty when somebody is: handed over, the customer is back already, or nobody to tell."""
    if moved:
        return TRANSFERRED
    if back:
        return READDED
    return "" if users else NO_LEAD


def tell_lost(parting: Parting, voice: Voice, notice: Notice) -> Prompt:
    """The customer has removed the member."""
    return _card("lost", parting.visit, voice, notice=notice, facts=_review(parting, voice))


def tell_removed(parting: Parting, voice: Voice, notice: Notice) -> Prompt:
    """The member has removed the customer."""
    return _card("removed", parting.visit, voice, notice=notice, facts=_review(parting, voice))


def tell_failed(visit: Visit, reason: str, voice: Voice, *, notice: Notice) -> Prompt:
    """The customer was not handed over to the member; `reason` is WeCom's word."""
    known = reason in ("customer_refused", "customer_limit_exceed")
    why = voice.say(reason) if known else reason or voice.say("unknown")
    facts = (voice.fact("reason", why), voice.fact("time", voice.time(visit.at)))
    return _card("transfer", visit, voice, notice=notice, facts=facts)


def tell_bulk(staff: str, count: int, within: timedelta, voice: Voice, *, notice: Notice) -> Prompt:
    """The member has removed many customers in a short time."""
    name = clean(staff)
    minutes = int(within.total_seconds() // 60)
    return Prompt(
        users=notice.users,
        title=voice.say("bulk.title", staff=name),
        text=voice.say("bulk.text", staff=name, count=count, minutes=minutes),
        facts=(voice.fact("staff", name), voice.fact("count", str(count))),
        url=notice.url,
        cause=notice.cause,
    )


def burst(moments: Sequence[datetime], at: datetime, *, most: int, within: timedelta) -> int:
    """The most removals in any window of this length around `at`, or 0 when that is fewer than `most`.

    `moments` are sorted; around, because callbacks come in any order.
    """
    largest = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > within:
            first += 1
        if moments[first] <= at <= moment:
            largest = max(largest, last - first + 1)
    return largest if largest >= most else 0


def _card(kind: str, visit: Visit, voice: Voice, *, notice: Notice, facts: tuple[Fact, ...]) -> Prompt:
    customer, staff = clean(visit.customer) or voice.say("somebody"), clean(visit.staff)
    return Prompt(
        users=notice.users,
        title=voice.say(f"{kind}.title", customer=customer),
        text=voice.say(f"{kind}.text", staff=staff),
        facts=(voice.fact("staff", staff), *facts),
        url=notice.url,
        cause=notice.cause,
    )


def _review(parting: Parting, voice: Voice) -> tuple[Fact, ...]:
    visit = parting.visit
    replied = voice.time(parting.replied_at) if parting.replied_at else voice.say("never")
    facts = [
        voice.fact("source", sources.describe(clean(visit.channel), visit.add_way, voice.language)),
        voice.fact("days", str(parting.days)),
        voice.fact("replied", replied),
        voice.fact("time", voice.time(parting.ended_at)),
    ]
    if visit.tags:
        facts.append(voice.fact("tags", join(visit.tags, voice)))
    return tuple(facts)
