"""Comparing values: what others sent with an event, each of its own kind, and what a field of the customer holds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sop.conditions.leaf import Speech, within
from sop.fields import Value

Comparison = Mapping[str, Any]
"""`{"equals": "VIP"}`, `{"in": [1, 2]}`, `{"contains": "金"}`, `{"least": 100, "most": 500}`; several hold together."""
Meets = Callable[[Mapping[str, Any]], bool]


def where(wanted: Mapping[str, Comparison]) -> Meets:
    """Whether data meets a comparison under each of these names; what is missing meets none."""
    tests = [(name, of_data(comparison)) for name, comparison in wanted.items()]

    def meets(data: Mapping[str, Any]) -> bool:
        for name, test in tests:  # noqa: SIM110 (twice as fast as all() with a generator)
            if not test(data.get(name)):
                return False
        return True

    return meets


def of_data(wanted: Comparison) -> Callable[[Any], bool]:
    """Whether a plain value meets a comparison: texts, numbers, true and false each equal only their own kind."""
    tests: list[Callable[[Any], bool]] = [_among(wanted[name]) for name in ("in",) if name in wanted]
    tests += [_among([wanted["equals"]])] if "equals" in wanted else []
    if "contains" in wanted:
        piece = wanted["contains"]
        tests.append(lambda actual: isinstance(actual, str) and piece in actual)
    if "least" in wanted or "most" in wanted:
        fits = within(wanted)
        tests.append(lambda actual: is_number(actual) and fits(actual))
    return _together(tests)


def of_field(wanted: Comparison) -> Callable[[Value], bool]:
    """Whether the value of a field meets a comparison: by its text, or by its number, as is asked for."""
    tests: list[Callable[[Value], bool]] = [_holding(wanted[name]) for name in ("in",) if name in wanted]
    tests += [_holding([wanted["equals"]])] if "equals" in wanted else []
    if "contains" in wanted:
        piece = wanted["contains"]
        tests.append(lambda value: piece in value.text)
    if "least" in wanted or "most" in wanted:
        fits = within(wanted)
        tests.append(lambda value: value.number is not None and fits(value.number))
    return _together(tests)


def sort_out(wanted: Collection[Any]) -> tuple[list[str], list[float]]:
    """The texts and the numbers among the values that a field may have; true and false are texts there."""
    texts = [str(each).lower() if isinstance(each, bool) else each for each in wanted if not is_number(each)]
    return sorted({text for text in texts if text}), sorted({float(each) for each in wanted if is_number(each)})


def is_number(value: object) -> bool:
    """A number that is not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def say(wanted: Comparison, speech: Speech) -> str:
    """What a comparison asks for, in words."""
    said = []
    if "equals" in wanted:
        said.append(f"{speech.pick('为', 'is')} {_plain(wanted['equals'], speech)}")
    if "in" in wanted:
        either = speech.pick("、", ", ").join(_plain(each, speech) for each in wanted["in"])
        said.append(f"{speech.pick('属于', 'is one of')} {either}")
    if "contains" in wanted:
        said.append(f"{speech.pick('包含', 'contains')} {_plain(wanted['contains'], speech)}")
    if "least" in wanted or "most" in wanted:
        said.append(f"{speech.pick('为', 'is')} {speech.span(wanted)}")
    return speech.pick("，且", " and ").join(said)


def _plain(value: Any, speech: Speech) -> str:
    if isinstance(value, bool):
        return speech.pick("是" if value else "否", "yes" if value else "no")
    return speech.name("value", value) if isinstance(value, str) else str(value)


def _together(tests: Sequence[Callable[[Any], bool]]) -> Callable[[Any], bool]:
    if len(tests) == 1:
        return tests[0]
    return lambda actual: all(test(actual) for test in tests)


def _among(wanted: Collection[Any]) -> Callable[[Any], bool]:
    flags = [value for value in wanted if isinstance(value, bool)]
    others = frozenset(value for value in wanted if not isinstance(value, bool))

    def test(actual: Any) -> bool:
        if isinstance(actual, bool):
            return actual in flags
        return isinstance(actual, str | int | float) and actual in others

    return test


def _holding(wanted: Collection[Any]) -> Callable[[Value], bool]:
    texts, numbers = sort_out(wanted)
    words, counts = frozenset(texts), frozenset(numbers)
    return lambda value: value.text in words or value.number in counts
