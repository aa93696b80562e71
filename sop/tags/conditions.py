"""Conditions on a relation: a tree of named tests over what we hold about a member and a customer.

    {"all": [{"channel": ["42"]}, {"days_since_added": {"least": 7}}, {"not": {"replied": true}}]}

`all`, `any` and `not` join; everything else is a test of `TESTS`. A judgement comes with the facts it rests on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sop.limits import Violation
from sop.relations import Status

MOST_TESTS = 50
MOST_VALUES = 1000  # of one test
LONGEST = 200  # characters of one of them
_JOINTS = ("all", "any", "not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How a member and a customer stand; `departments` are the member's with all above them."""

    external_user_id: str
    user_id: str
    status: Status
    add_way: int = 0
    state: str = ""
    channel_id: int | None = None
    adds: int = 1
    added_at: datetime
    replied_at: datetime | None = None
    departments: frozenset[int] = frozenset()
    groups: int = 0  # how many customer groups the customer is in
    tags: frozenset[str] = frozenset()


class Finding(NamedTuple):
    """Whether a condition holds, and the facts that were looked at."""

    holds: bool
    evidence: dict[str, Any]


def judge(condition: Mapping[str, Any], facts: Facts, now: datetime) -> Finding:
    """Whether a checked condition holds; an empty one holds for nobody."""
    evidence: dict[str, Any] = {}
    return Finding(_holds(condition, facts, now, evidence), evidence)


def check(condition: object, field: str = "condition") -> list[Violation]:
    """Everything that is wrong with a condition as written."""
    found, tests = _check(condition, field, depth=0)
    if not found and not 1 <= tests <= MOST_TESTS:
        found.append(Violation(field, f"条件为 1 到 {MOST_TESTS} 项", f"a condition has 1 to {MOST_TESTS} tests"))
    return found


def named(condition: Mapping[str, Any], test: str) -> set[Any]:
    """What a checked condition names in all tests of a kind: its tags, its channels, its members."""
    found = set(condition.get(test, ()))
    for part in _parts(condition):
        found |= named(part, test)
    return found


def _parts(condition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    parts = [*condition.get("all", ()), *condition.get("any", ())]
    return [*parts, condition["not"]] if "not" in condition else parts


def _holds(condition: Mapping[str, Any], facts: Facts, now: datetime, evidence: dict[str, Any]) -> bool:
    for name, value in condition.items():
        match name:
            case "all":
                return all(_holds(part, facts, now, evidence) for part in value)
            case "any":
                return any(_holds(part, facts, now, evidence) for part in value)
            case "not":
                return not _holds(value, facts, now, evidence)
            case _:
                test = TESTS[name]
                evidence[name] = actual = test.look(facts, now)
                return test.meets(actual, value)
    return False


def _check(condition: object, where: str, *, depth: int) -> tuple[list[Violation], int]:
    if not isinstance(condition, Mapping) or len(condition) != 1 or depth > len(_JOINTS) * 2:
        return [Violation(where, "每个条件恰好一项，嵌套不超过 6 层", "each condition is one test, at most 6 deep")], 0
    ((name, value),) = condition.items()
    if name in ("all", "any"):
        if not isinstance(value, list | tuple) or not value:
            return [Violation(f"{where}.{name}", "请列出至少一个条件", "list at least one condition")], 0
        checked = [_check(part, f"{where}.{name}.{at}", depth=depth + 1) for at, part in enumerate(value)]
        return [violation for found, _ in checked for violation in found], sum(count for _, count in checked)
    if name == "not":
        return _check(value, f"{where}.not", depth=depth + 1)
    return _check_test(name, value, where), 1


def _check_test(name: str, value: object, where: str) -> list[Violation]:
    if name not in TESTS:
        known = "、".join(TESTS)
        return [Violation(where, f"没有条件 {name}；可用：{known}", f"there is no test {name}; there are {known}")]
    form = TESTS[name].form
    return [] if form.fits(value) else [Violation(f"{where}.{name}", f"应为{form.zh}", f"takes {form.en}")]


@dataclass(frozen=True, slots=True)
class Form:
    """What a test is compared with."""

    zh: str
    en: str
    fits: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Test:
    """One test: what it looks at, what it is compared with, and how."""

    __test__ = False  # no test of pytest's

    look: Callable[[Facts, datetime], Any]
    form: Form
    meets: Callable[[Any, Any], bool] = field(repr=False)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and 1 <= len(value) <= MOST_VALUES


def _is_texts(value: object) -> bool:
    return _is_list(value) and all(map(_is_text, value))  # type: ignore[call-overload]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and "\0" not in value


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_numbers(value: object) -> bool:
    return _is_list(value) and all(map(_is_number, value))  # type: ignore[call-overload]


def _is_span(value: object) -> bool:
    ends = isinstance(value, Mapping) and bool(value) and value.keys() <= {"least", "most"}
    return ends and all(map(_is_number, value.values()))  # type: ignore[attr-defined]


def _within(actual: int, span: Mapping[str, int]) -> bool:
    return span.get("least", 0) <= actual <= span.get("most", 2**53)


def _replied(facts: Facts, _: datetime) -> bool:
    return facts.replied_at is not None and facts.replied_at >= facts.added_at


def _silent(facts: Facts, now: datetime) -> int:
    return (now - max(facts.added_at, facts.replied_at or facts.added_at)).days


_TEXTS = Form(f"文字列表，最多 {MOST_VALUES} 项", f"a list of texts, {MOST_VALUES} at most", _is_texts)
_NUMBERS = Form(f"数字列表，最多 {MOST_VALUES} 项", f"a list of numbers, {MOST_VALUES} at most", _is_numbers)
_SPAN = Form("范围 {least, most}", "a span {least, most}", _is_span)
_FLAG = Form("true 或 false", "true or false", lambda value: isinstance(value, bool))
_STATUSES = Form(
    "状态列表：" + "、".join(Status),
    "a list of " + ", ".join(Status),
    lambda value: _is_texts(value) and set(value) <= set(Status),  # type: ignore[call-overload]
)
_ONE = lambda actual, wanted: actual in wanted  # noqa: E731
_SOME = lambda actual, wanted: not set(wanted).isdisjoint(actual)  # noqa: E731
_SAME = lambda actual, wanted: actual is wanted  # noqa: E731

TESTS: Mapping[str, Test] = {
    # source
    "channel": Test(lambda facts, _: str(facts.channel_id or ""), _TEXTS, _ONE),
    "state": Test(lambda facts, _: facts.state, _TEXTS, _ONE),
    "way": Test(lambda facts, _: facts.add_way, _NUMBERS, _ONE),
    # lifecycle
    "status": Test(lambda facts, _: facts.status.value, _STATUSES, _ONE),
    "lost": Test(lambda facts, _: facts.status is Status.LOST, _FLAG, _SAME),
    "returned": Test(lambda facts, _: facts.adds > 1, _FLAG, _SAME),
    "days_since_added": Test(lambda facts, now: (now - facts.added_at).days, _SPAN, _within),
    # interaction
    "replied": Test(_replied, _FLAG, _SAME),
    "silent_days": Test(_silent, _SPAN, _within),
    "groups": Test(lambda facts, _: facts.groups, _SPAN, _within),
    # who looks after the customer, and what is known already
    "staff": Test(lambda facts, _: facts.user_id, _TEXTS, _ONE),
    "department": Test(lambda facts, _: sorted(facts.departments), _NUMBERS, _SOME),
    "tag": Test(lambda facts, _: sorted(facts.tags), _TEXTS, _SOME),
}
