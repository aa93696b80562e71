"""Tests of how a member and the customer stand: where from, since when, looked after by whom, with which tags."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sop.conditions import forms
from sop.conditions.facts import Needs, Relation
from sop.conditions.leaf import Leaf, Speech, TieTest, tie, within
from sop.relations import Status
from sop.sources import WAYS

STATUS_NAMES: Mapping[str, tuple[str, str]] = {
    Status.ACTIVE: ("正常", "active"),
    Status.HALF: ("单向添加", "half added"),
    Status.LOST: ("已流失", "lost"),
    Status.REMOVED: ("已删除", "removed"),
    Status.MOVED: ("已转接", "moved"),
}


def _one_of(read: Callable[[Relation], Any]) -> Callable[[Any], TieTest]:
    def build(wanted: Any) -> TieTest:
        meant = frozenset(wanted)
        return lambda relation, _: read(relation) in meant

    return build


def _flag(read: Callable[[Relation], bool]) -> Callable[[Any], TieTest]:
    return lambda wanted: lambda relation, _: read(relation) is wanted


def _days(read: Callable[[Relation], datetime]) -> Callable[[Any], TieTest]:
    def build(wanted: Any) -> TieTest:
        fits = within(wanted)
        return lambda relation, now: fits((now - read(relation)).days)

    return build


def _replied(relation: Relation) -> bool:
    return relation.replied_at is not None and relation.replied_at >= relation.added_at


def _last(relation: Relation) -> datetime:
    """When the customer was last heard of since the latest add."""
    replied_at = relation.replied_at
    return relation.added_at if replied_at is None or replied_at < relation.added_at else replied_at


def _channel(relation: Relation) -> str:
    return str(relation.channel_id or "")


def _tagged(wanted: Any) -> TieTest:
    none = frozenset(wanted).isdisjoint
    return lambda relation, _: not none(relation.tags)


def _housed(wanted: Any) -> TieTest:
    none = frozenset(wanted).isdisjoint
    return lambda relation, _: not none(relation.departments)


def _status(value: Any, speech: Speech) -> str:
    named = [speech.pick(*STATUS_NAMES[each]) for each in value]
    verb = speech.verb(("客户关系为", "客户关系不是"), ("the relation is", "the relation is not"))
    return f"{verb} " + speech.pick("或", " or ").join(named)


def _chosen(kind: str, zh: tuple[str, str], en: tuple[str, str]) -> Callable[[Any, Speech], str]:
    return lambda value, speech: f"{speech.verb(zh, en)} {speech.either(kind, value)}"


def _either(zh: tuple[str, str], en: tuple[str, str]) -> Callable[[Any, Speech], str]:
    """What is said of a flag: `zh` and `en` are its words when it is up and when it is not."""

    def say(value: Any, speech: Speech) -> str:
        up = bool(value) is not speech.negated
        return speech.pick(zh[not up], en[not up])

    return say


def _spanning(zh: tuple[str, str], en: tuple[str, str], after: str = "") -> Callable[[Any, Speech], str]:
    return lambda value, speech: f"{speech.verb(zh, en)} {speech.span(value, ' 天', f' days{after}')}"


def _say_ways(value: Any, speech: Speech) -> str:
    named = [speech.pick(*WAYS[way]) if way in WAYS else str(way) for way in value]
    verb = speech.verb(("添加方式为", "添加方式不是"), ("was added by", "was not added by"))
    return f"{verb} " + speech.pick("或", " or ").join(named)


TIES: Mapping[str, Leaf] = {
    # source
    "channel": tie(
        forms.TEXTS,
        look=lambda relation, _: _channel(relation),
        build=_one_of(_channel),
        say=_chosen("channel", ("来自渠道", "不是来自渠道"), ("came by channel", "did not come by channel")),
    ),
    "state": tie(
        forms.TEXTS,
        look=lambda relation, _: relation.state,
        build=_one_of(lambda relation: relation.state),
        say=_chosen("state", ("来源参数为", "来源参数不是"), ("the state is", "the state is not")),
    ),
    "way": tie(
        forms.NUMBERS,
        look=lambda relation, _: relation.add_way,
        build=_one_of(lambda relation: relation.add_way),
        say=_say_ways,
    ),
    # lifecycle
    "status": tie(
        forms.STATUSES,
        look=lambda relation, _: relation.status.value,
        build=_one_of(lambda relation: relation.status),
        say=_status,
    ),
    "lost": tie(
        forms.FLAG,
        look=lambda relation, _: relation.status is Status.LOST,
        build=_flag(lambda relation: relation.status is Status.LOST),
        say=_either(("已流失", "未流失"), ("is lost", "is not lost")),
    ),
    "returned": tie(
        forms.FLAG,
        look=lambda relation, _: relation.adds > 1,
        build=_flag(lambda relation: relation.adds > 1),
        say=_either(("曾再次添加", "没有再次添加"), ("has come back", "has not come back")),
    ),
    "days_since_added": tie(
        forms.SPAN,
        look=lambda relation, now: (now - relation.added_at).days,
        build=_days(lambda relation: relation.added_at),
        say=_spanning(("添加至今", "添加至今不是"), ("was added", "was not added"), " ago"),
    ),
    # interaction
    "replied": tie(
        forms.FLAG,
        look=lambda relation, _: _replied(relation),
        build=_flag(_replied),
        say=_either(("添加后回复过", "添加后没有回复"), ("has replied", "has not replied")),
    ),
    "silent_days": tie(
        forms.SPAN,
        look=lambda relation, now: (now - _last(relation)).days,
        build=_days(_last),
        say=_spanning(("沉默", "沉默不是"), ("has been silent for", "has not been silent for")),
    ),
    # who looks after the customer, and what is known already
    "staff": tie(
        forms.TEXTS,
        look=lambda relation, _: relation.user_id,
        build=_one_of(lambda relation: relation.user_id),
        say=_chosen("staff", ("员工是", "员工不是"), ("is looked after by", "is not looked after by")),
    ),
    "department": tie(
        forms.NUMBERS,
        look=lambda relation, _: sorted(relation.departments),
        build=_housed,
        say=_chosen("department", ("员工属于部门", "员工不属于部门"), ("the member is of", "the member is not of")),
        needs=Needs(departments=True),
    ),
    "tag": tie(
        forms.TEXTS,
        look=lambda relation, _: sorted(relation.tags),
        build=_tagged,
        say=_chosen("tag", ("带有标签", "没有标签"), ("has the tag", "does not have the tag")),
        needs=Needs(tags=True),
    ),
}
