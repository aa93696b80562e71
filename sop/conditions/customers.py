"""Tests of the customer: groups, fields, dates, segments."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sop.conditions import compare, forms
from sop.conditions.facts import Facts, Needs
from sop.conditions.leaf import Leaf, Speech, Test, within
from sop.fields import Value
from sop.schedules import Dated, origins

STAGE, SCORE = "stage", "score"  # fields that every customer may have
EPOCH = date(1970, 1, 1).toordinal()
_YEAR = 366  # days: a longer window has everybody's day in it
_YEARLY = Dated(field="", at=time(0), every="year")


@lru_cache(maxsize=512)
def endings(today: date, least: int, most: int) -> frozenset[str]:
    """Which days of the year, as MM-DD, come within so many days; 29 February is the 28th in common years."""
    days = [today + timedelta(days=number) for number in range(max(least, -_YEAR), min(most, _YEAR) + 1)]
    return frozenset(ending for day in days for ending in origins(_YEARLY, day).endings)


def window(wanted: Mapping[str, Any]) -> tuple[int, int]:
    """From how many days before or after today to how many; an end that is left out is today in each year."""
    open_ended = (0, 0) if wanted.get("yearly") else (-forms.FAR, forms.FAR)
    return wanted.get("least", open_ended[0]), wanted.get("most", open_ended[1])


def _date(wanted: Mapping[str, Any]) -> Test:
    name, (least, most) = wanted["name"], window(wanted)

    def holds(facts: Facts, now: datetime) -> bool:
        value = facts.fields.get(name)
        return (
            value is not None
            and value.number is not None
            and least <= value.number + EPOCH - facts.today(now).toordinal() <= most
        )

    def returns(facts: Facts, now: datetime) -> bool:
        value = facts.fields.get(name)
        return (
            value is not None and value.number is not None and value.text[5:] in endings(facts.today(now), least, most)
        )

    return returns if wanted.get("yearly") else holds


def _field(name: str, test: Callable[[Value], bool]) -> Test:
    def holds(facts: Facts, _: datetime) -> bool:
        value = facts.fields.get(name)
        return value is not None and test(value)

    return holds


def _look(name: str, facts: Facts) -> Any:
    value = facts.fields.get(name)
    if value is None:
        return None
    return value.text or value.number


def _overlaps(read: Callable[[Facts], frozenset[Any]], make: Callable[[str], Any]) -> Callable[[Any], Test]:
    def build(wanted: Any) -> Test:
        none = frozenset(map(make, wanted)).isdisjoint
        return lambda facts, _: not none(read(facts))

    return build


def _count(wanted: Mapping[str, int]) -> Test:
    fits = within(wanted)
    return lambda facts, _: fits(len(facts.groups))


def _say_groups(value: Any, speech: Speech) -> str:
    verb = speech.verb(("所在客户群", "所在客户群不是"), ("is in", "is not in"))
    return f"{verb} {speech.span(value, ' 个', ' customer groups')}"


def _say_field(value: Any, speech: Speech) -> str:
    name = speech.name("field", value["name"])
    comparison = {each: wanted for each, wanted in value.items() if each != "name"}
    if not comparison:
        return f"{name} " + speech.verb(("有值", "没有值"), ("is known", "is not known"))
    said = f"{name} {compare.say(comparison, speech)}"
    return said if not speech.negated else speech.pick(f"不满足（{said}）", f"not ({said})")


def _say_date(value: Any, speech: Speech) -> str:
    least, most = window(value)
    name = speech.name("field", value["name"])
    day = speech.pick("的周年日" if value.get("yearly") else "", " (every year)" if value.get("yearly") else "")
    verb = speech.verb(("在", "不在"), (" is ", " is not "))
    return f"{name}{day}{verb}{_between(least, most, speech)}"


def _between(least: int, most: int, speech: Speech) -> str:
    first, last = _end(least, speech), _end(most, speech)
    if least == most:
        return first
    if least == -forms.FAR:
        return speech.pick(f"{last}或更早", f"{last} or earlier")
    if most == forms.FAR:
        return speech.pick(f"{first}或更晚", f"{first} or later")
    return speech.pick(f"{first}到{last}之间", f"between {first} and {last}")


def _end(days: int, speech: Speech) -> str:
    if days == 0:
        return speech.pick("今天", "today")
    some = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    if days > 0:
        return speech.pick(f" {days} 天后", f"{some} from today")
    return speech.pick(f" {-days} 天前", f"{some} ago")


def _chosen(kind: str, zh: tuple[str, str], en: tuple[str, str]) -> Callable[[Any, Speech], str]:
    return lambda value, speech: f"{speech.verb(zh, en)} {speech.either(kind, value)}"


def _of_field(value: Any) -> Test:
    return _field(value["name"], compare.of_field({each: value[each] for each in value if each != "name"}))


CUSTOMERS: Mapping[str, Leaf] = {
    "groups": Leaf(
        form=forms.SPAN,
        needs=lambda _: Needs(groups=True),
        build=_count,
        look=lambda _, facts, __: len(facts.groups),
        say=_say_groups,
    ),
    "group": Leaf(
        form=forms.TEXTS,
        needs=lambda _: Needs(groups=True),
        build=_overlaps(lambda facts: facts.groups, str),
        look=lambda _, facts, __: sorted(facts.groups),
        say=_chosen("group", ("在客户群", "不在客户群"), ("is in the group", "is not in the group")),
    ),
    "group_tag": Leaf(
        form=forms.IDS,
        needs=lambda _: Needs(group_tags=True),
        build=_overlaps(lambda facts: facts.group_tags, int),
        look=lambda _, facts, __: sorted(map(str, facts.group_tags)),
        say=_chosen(
            "group_tag", ("所在群带有标签", "所在群没有标签"), ("is in a group tagged", "is in no group tagged")
        ),
    ),
    "field": Leaf(
        form=forms.FIELD,
        needs=lambda value: Needs(fields=frozenset({value["name"]})),
        build=_of_field,
        look=lambda value, facts, _: _look(value["name"], facts),
        say=_say_field,
    ),
    "stage": Leaf(
        form=forms.TEXTS,
        needs=lambda _: Needs(fields=frozenset({STAGE})),
        build=lambda value: _field(STAGE, compare.of_field({"in": value})),
        look=lambda _, facts, __: _look(STAGE, facts),
        say=_chosen(STAGE, ("客户阶段为", "客户阶段不是"), ("the stage is", "the stage is not")),
    ),
    "score": Leaf(
        form=forms.AMOUNTS,
        needs=lambda _: Needs(fields=frozenset({SCORE})),
        build=lambda value: _field(SCORE, compare.of_field(value)),
        look=lambda _, facts, __: _look(SCORE, facts),
        say=lambda value, speech: (
            f"{speech.verb(('客户评分为', '客户评分不是'), ('the score is', 'the score is not'))} {speech.span(value)}"
        ),
    ),
    "date": Leaf(
        form=forms.DATE,
        needs=lambda value: Needs(fields=frozenset({value["name"]}), today=True),
        build=_date,
        look=lambda value, facts, _: _look(value["name"], facts),
        say=_say_date,
    ),
    "segment": Leaf(
        form=forms.IDS,
        needs=lambda value: Needs(segments=frozenset(map(int, value))),
        build=_overlaps(lambda facts: facts.segments, int),
        look=lambda _, facts, __: sorted(map(str, facts.segments)),
        say=_chosen("segment", ("属于分群", "不属于分群"), ("is in the segment", "is not in the segment")),
    ),
}
