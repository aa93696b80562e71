"""Follow-ups: what is to be done some time after an add, unless the customer has replied or been tagged."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sop import limits, texts
from sop.limits import Violation
from sop.reasons import FOLLOWUP_GONE, FOLLOWUP_LATER, READDED, RELATION_ENDED, REPLIED, TAGGED, Skip

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unless:
    """What makes a follow-up needless."""

    replied: bool = False  # since the add
    tags: tuple[str, ...] = ()  # any of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is done: prompt the member, put tags on the customer, or alert the member's lead."""

    kind: Literal["prompt", "tag", "alert"]
    text: str = ""  # of a prompt or an alert, with variables
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A follow-up as an operator writes it."""

    name: str
    after: timedelta
    channels: tuple[int, ...] = ()  # customers who came by one of these; empty means everyone
    unless: Unless = Unless()
    action: Action
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Draft):
    """A follow-up as it is stored."""

    id: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How member and customer stand when the follow-up is due."""

    active: bool
    added_at: datetime | None  # the latest add
    replied_at: datetime | None
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Act:
    """The verdict that the action is to be done."""

    action: Action


@dataclass(frozen=True, slots=True)
class Wait:
    """The verdict that it is too early: the rule now waits longer than when the timer was set."""

    until: datetime
    reason: str = FOLLOWUP_LATER


def concerns(rule: Rule, channel_id: int | None) -> bool:
    """Whether a rule is about customers who came by this channel."""
    return rule.enabled and (not rule.channels or channel_id in rule.channels)


def name(followup_id: int, user_id: str, external_user_id: str, *, added_at: datetime) -> str:
    """The name of one follow-up of one add, however often WeCom tells of it."""
    return f"followup:{followup_id}:{user_id}:{external_user_id}:{int(added_at.timestamp())}"


def judge(
    rule: Rule | None, facts: Facts, *, added_at: datetime, now: datetime, since: datetime | None = None
) -> Act | Wait | Skip:
    """Look again, by the rule as it is now, whether the follow-up of the add at `added_at` is called for.

    `since` is when the member took over a customer who was handed over; an add after that makes it needless.
    """
    if rule is None or not rule.enabled:
        return Skip(FOLLOWUP_GONE)
    hindrances = {
        RELATION_ENDED: not facts.active,
        READDED: facts.added_at is not None and facts.added_at > (since or added_at),
        REPLIED: rule.unless.replied and facts.replied_at is not None and facts.replied_at >= added_at,
        TAGGED: bool(facts.tags.intersection(rule.unless.tags)),
    }
    for reason, holds in hindrances.items():
        if holds:
            return Skip(reason)
    due_at = added_at + rule.after
    return Wait(due_at) if now < due_at else Act(rule.action)


def check(draft: Draft) -> list[Violation]:
    """Everything that is wrong with a follow-up as written."""
    found = limits.RULE_NAME.check("name", draft.name.strip())
    if not SHORTEST <= draft.after <= LONGEST:
        found.append(Violation("after", "等待时间为 1 分钟到 365 天", "the waiting time is 1 minute to 365 days"))
    action = draft.action
    if action.kind == "tag":
        return found + limits.FOLLOWUP_TAGS.check("action.tags", action.tags)
    found += limits.FOLLOWUP_TEXT.check("action.text", action.text.strip())
    return found + texts.check("action.text", action.text)
