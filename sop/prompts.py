"""The card that tells a member who has just added them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sop import sources
from sop.intents import Fact, Prompt
from sop.phrases import say
from sop.texts import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """In which language and time zone the corp's staff are spoken to."""

    language: str = "zh"
    zone: ZoneInfo

    def say(self, name: str, /, **values: object) -> str:
        """A phrase in the corp's language."""
        return say(name, self.language, **values)

    def fact(self, name: str, value: str) -> Fact:
        """A line of a card."""
        return Fact(name=self.say(name), value=value)

    def time(self, moment: datetime) -> str:
        """A moment by the corp's clocks, to the minute."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A customer as one member meets them; names, not ids."""

    customer: str = ""
    staff: str = ""
    channel: str = ""
    add_way: int = 0
    tags: tuple[str, ...] = ()
    returning: bool = False
    at: datetime


def compose(visit: Visit, voice: Voice, *, users: tuple[str, ...], url: str, cause: str) -> Prompt:
    """The card for a new or returning customer; a fact that nobody knows is left out."""
    customer = clean(visit.customer) or voice.say("somebody")
    kind = "returned" if visit.returning else "added"
    facts = [
        voice.fact("customer", customer),
        voice.fact("source", sources.describe(clean(visit.channel), visit.add_way, voice.language)),
        voice.fact("time", voice.time(visit.at)),
    ]
    if visit.tags:
        facts.append(voice.fact("tags", join(visit.tags, voice)))
    return Prompt(
        users=users,
        title=voice.say(f"{kind}.title", customer=customer),
        text=voice.say(f"{kind}.text"),
        facts=tuple(facts),
        url=url,
        cause=cause,
    )


def join(names: tuple[str, ...], voice: Voice) -> str:
    """A list as the language writes it."""
    return (", " if voice.language == "en" else "、").join(names)
