"""Who wants a tag on a customer, and the policy where they disagree: hand-set wins over rules.

A tag has owners: the staff, an operator through the API or in bulk, an import, a channel, a follow-up, a tag rule. It
stays while one of them holds it. What is shown as its source is the strongest of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sop.intents import MarkTags
from sop.phrases import Phrase
from sop.reasons import define

Status = Literal["held", "suppressed", "expired"]
RULE = "rule:"
BY_HAND = ("staff", "import", "api", "sync")  # the strongest first; sync: it was there when we first read it
_STRENGTH = {source: place for place, source in enumerate((*BY_HAND, "channel", "rule"))}
_SOURCES = {"channel": "channel", "link": "channel", "job": "api"}  # of an owner's first word; any other one is a rule

RULE_HOLDS = define("rule_holds", "标签规则的条件成立", "The condition of the tag rule holds")
RULE_ENDED = define("rule_ended", "标签规则的条件不再成立", "The condition of the tag rule no longer holds")
RULE_GONE = define("rule_gone", "标签规则已停用或删除", "The tag rule is switched off or gone")
TAG_EXPIRED = define("tag_expired", "标签已到期", "The time of the tag is over")
TAG_SHARED = define(
    "tag_shared",
    "规则不再需要该标签，但还有其他来源，保留",
    "The rule lets go of the tag, but others want it",
)
TAG_TAKEN = define(
    "tag_taken",
    "员工手动移除了规则打的标签，规则修改前不再自动打上",
    "The staff took the tag of a rule away: the rule leaves it until it is changed",
)
TAG_FULL = define(
    "tag_full",
    "该客户在该员工名下的标签将超过 3,000 个，未打上",
    "The member would have more than 3,000 tags on the customer: not tagged",
)
BY_API = define("by_api", "通过接口打标", "Tagged through the API")
TAG_INTERNAL = define("tag_internal", "内部标签，只记录在本系统", "An internal tag, kept here only")

POLICY: Mapping[str, Phrase] = {
    "hand_wins": Phrase(
        "员工手动打的标签（以及接口、导入、首次同步带来的）优先于规则：规则不会移除它们",
        "What was set by hand (or by the API, an import, the first sync) wins over rules: no rule removes it",
    ),
    "rules_clean_up": Phrase(
        "规则打的标签在条件不再成立、规则停用或删除后自动移除",
        "What a rule has set goes when its condition no longer holds, or the rule is switched off or deleted",
    ),
    "removal_counts": Phrase(
        "员工移除规则打的标签后，该规则不再给这位客户打这个标签，直到规则被修改",
        "Where the staff removes the tag of a rule, the rule leaves that customer alone until it is changed",
    ),
    "last_owner": Phrase(
        "同一标签可有多个来源，只要还有一个需要它就保留；显示的是最优先的来源",
        "A tag may have several owners and stays while one of them wants it; the strongest is shown",
    ),
    "expiry": Phrase(
        "有期限的标签到期后移除；规则在条件先不成立再成立之后才会重新打上",
        "A tag with an expiry goes when it is over; its rule sets it again only after the condition has failed once",
    ),
    "channels_stay": Phrase(
        "渠道活码和跟进打的标签说明客户的来历，不会自动移除",
        "What channels and follow-ups have set says how a customer came, and is not removed by itself",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Someone who wants, or wanted, a tag on a customer; `evidence` says why."""

    owner: str
    source: str
    status: Status = "held"
    version: int = 0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    event_id: int | None = None
    at: datetime
    expires_at: datetime | None = None


def name(rule: str, source: str = "") -> tuple[str, str, int]:
    """Owner, source and version of what marks a customer, such as channel:7@2; without a rule an operator did."""
    owner, _, version = rule.partition("@")
    owner = owner or source or "api"
    first, number = owner.partition(":")[0], int(version) if version.isdigit() else 0
    return owner, source or (owner if owner in BY_HAND else _SOURCES.get(first, "rule")), number


def strongest(owners: Iterable[Owner]) -> Owner | None:
    """The owner that is shown: by hand before rules, of one kind the oldest."""
    holding = [owner for owner in owners if owner.status == "held"]
    return min(holding, key=lambda owner: (_STRENGTH.get(owner.source, 0), owner.at, owner.owner), default=None)


def without(owners: Iterable[Owner], owner: str) -> tuple[Owner, ...]:
    """Who else holds the tag."""
    return tuple(each for each in owners if each.owner != owner and each.status == "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a reading of a customer's tags at WeCom says beside what we hold."""

    put: tuple[str, ...] = ()  # by the staff
    taken: tuple[str, ...] = ()  # by the staff
    arrived: Mapping[str, MarkTags] = field(default_factory=dict)  # by our own marks whose end is not written yet
    let_go: tuple[str, ...] = ()  # likewise


def compare(told: Iterable[str], bound: Iterable[str], under_way: Sequence[MarkTags]) -> Difference:
    """Who has made the difference between WeCom and us: the staff, or marks of ours that are under way."""
    there, here = dict.fromkeys(told), dict.fromkeys(bound)
    adding = {tag_id: mark for mark in under_way for tag_id in mark.add}
    removing = {tag_id for mark in under_way for tag_id in mark.remove}
    new, gone = [tag for tag in there if tag not in here], [tag for tag in here if tag not in there]
    return Difference(
        put=tuple(tag for tag in new if tag not in adding),
        taken=tuple(tag for tag in gone if tag not in removing),
        arrived={tag: adding[tag] for tag in new if tag in adding},
        let_go=tuple(tag for tag in gone if tag in removing),
    )


def expect(bound: Iterable[str], under_way: Iterable[MarkTags]) -> set[str]:
    """The tags that will be on a customer once what is under way is done."""
    tags = set(bound)
    for mark in under_way:
        tags = (tags - set(mark.remove)) | set(mark.add)
    return tags
