"""Drift: where WeCom and we differ, whose word counts then, and how it is put into words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from sop.reasons import Sentence

What = Literal["missing_here", "missing_there", "different"]
Owner = Literal["wecom", "ours"]
LISTED: Final = 1_000  # differences of one kind that a report lists; all are counted


@dataclass(frozen=True, slots=True)
class Truth:
    """Who owns the truth of a kind, and what that means for a repair."""

    owner: Owner
    repair: Sentence


_TAKEN = Sentence("以企业微信为准，更新本地", "WeCom is right: ours is changed")
TRUTHS: Final[Mapping[str, Truth]] = MappingProxyType(
    {
        "staff": Truth("wecom", _TAKEN),
        "department": Truth("wecom", _TAKEN),
        "tag_group": Truth("wecom", _TAKEN),
        "tag": Truth("wecom", _TAKEN),
        "customer": Truth("wecom", Sentence("客户资料以企业微信为准", "WeCom knows who a customer is")),
        "relation": Truth(
            "wecom",
            Sentence(
                "好友关系、备注、标签以企业微信为准；时间更新的回调优先",
                "WeCom knows who follows whom, remarks and tags; an event that is newer than the reading wins",
            ),
        ),
        "group": Truth("wecom", _TAKEN),
        "way": Truth(
            "ours",
            Sentence(
                "渠道活码以本系统设置为准，重新推送；不认识的联系我只报告，不改动",
                "A channel is as operators want it, and is brought there again; ways unknown here are only reported",
            ),
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference: of what kind, about whom or what; `fields` holds pairs of ours and WeCom's."""

    kind: str
    key: str
    what: What
    fields: Mapping[str, Any] = field(default_factory=dict)


def differing(held: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields that WeCom tells otherwise, as pairs of ours and WeCom's."""
    return {name: (held[name], value) for name, value in told.items() if held[name] != value}


def tally(found: Iterable[Drift]) -> Counter[tuple[str, What]]:
    """How many differences there are of each kind."""
    return Counter((each.kind, each.what) for each in found)


def align(kind: str, held: Mapping[str, Mapping[str, Any]], told: Mapping[str, Mapping[str, Any]]) -> list[Drift]:
    """What differs between two collections, each by its keys."""
    found = [Drift(kind=kind, key=key, what="missing_here") for key in told if key not in held]
    found += [Drift(kind=kind, key=key, what="missing_there") for key in held if key not in told]
    for key in held.keys() & told.keys():
        if fields := differing(held[key], told[key]):
            found.append(Drift(kind=kind, key=key, what="different", fields=fields))
    return sorted(found, key=lambda each: (each.what, each.key))
