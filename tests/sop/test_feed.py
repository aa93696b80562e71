"""Business events: which names may be told, and what data a kind takes."""

import re
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop import feed
from sop.feed import KINDS, RESERVED, STANDARD, EventType, Slot, check
from sop.feed.types import LARGEST, weigh

ROOT = Path(__file__).parents[2]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_the_standard_kinds_make_sense():
    assert not [wrong for kind in STANDARD.values() for wrong in check(kind)]
    for kind in STANDARD.values():
        jsonschema_rs.validator_for(kind.schema())


def test_nobody_can_say_that_something_of_the_platform_happened():
    """Whatever the program itself writes into histories is taken."""
    written = set()
    for package in ("handlers", "storage", "sop"):
        for path in (ROOT / package).rglob("*.py"):
            written |= set(re.findall(r'history\.append\(\s*"(\w+)"', path.read_text(encoding="utf-8")))
            written |= set(re.findall(r'\bwhat="(\w+)",\s*external_user_id', path.read_text(encoding="utf-8")))
    assert {"welcomed", "edited"} <= written
    assert written <= RESERVED, f"add them to RESERVED: {written - RESERVED}"


@pytest.mark.parametrize(
    ("kind", "at"),
    [
        (EventType(name="added"), "name"),
        (EventType(name="transferred"), "name"),
        (EventType(name="OrderPaid"), "name"),
        (EventType(name=""), "name"),
        (EventType(name="x" * 65), "name"),
        (EventType(name="x", fields=(Slot(name="a", kind="text"), Slot(name="a", kind="flag"))), "fields.1.name"),
        (EventType(name="x", fields=(Slot(name=" ", kind="text"),)), "fields.0.name"),
    ],
)
def test_a_kind_that_makes_no_sense_is_refused(kind, at):
    assert [wrong.field for wrong in check(kind)] == [at]


@given(st.sampled_from(KINDS), st.booleans(), ANY)
def test_the_check_and_the_published_schema_are_one(kind, needed, value):
    slot = EventType(name="x", fields=(Slot(name="a", kind=kind, needed=needed),))
    schema = jsonschema_rs.validator_for(slot.schema(), validate_formats=True)
    if value is None and kind == "any" and needed:
        return  # the schema cannot tell null from something
    assert schema.is_valid({"a": value}) is (not slot.judge({"a": value}))
    assert schema.is_valid({}) is (not slot.judge({}))


@given(ANY)
def test_what_is_light_can_be_kept(value):
    assert (weigh({"a": value}) <= LARGEST) or "\0" in str(value) or "\\x00" in repr(value)


@pytest.mark.parametrize(
    "value", ["a\0", "\ud800", float("nan"), float("inf"), 2**54, [[[[[[[1]]]]]]], {"a": ["x" * LARGEST]}, object()]
)
def test_what_cannot_be_kept_weighs_too_much(value):
    assert weigh({"a": value}) > LARGEST


def test_an_effect_names_the_event_and_its_key():
    assert feed.effect("order_paid", "o:1") == "own:order_paid:o:1"
