"""Fields: what may be defined, and how values are read, shown and compared."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop import fields
from sop.fields import BUILT_IN, LARGEST, Choice, Field, Value, check, digest, flatten, read

TEXT, NUMBER, DAY, FLAG = (Field(name="f", kind=kind) for kind in ("text", "number", "date", "flag"))
SIZE = Field(name="size", kind="choice", choices=(Choice(value="s", zh="小", en="small"), Choice(value="m", zh="小")))


@pytest.mark.parametrize(
    ("field", "given", "held", "plain"),
    [
        (TEXT, " 上海 ", Value("上海"), "上海"),
        (NUMBER, "99.5", Value("", 99.5), 99.5),
        (NUMBER, 2**53, Value("", LARGEST), 2**53),
        (NUMBER, "-0", Value("", 0.0), 0),
        (DAY, "1990/2/28", Value("1990-02-28", 7363.0), "1990-02-28"),
        (DAY, "1969-12-31", Value("1969-12-31", -1.0), "1969-12-31"),
        (FLAG, True, Value("true", 1.0), True),
        (FLAG, "否", Value("false", 0.0), False),
        (SIZE, "m", Value("m"), "m"),
        (SIZE, "small", Value("s"), "s"),
    ],
)
def test_a_value_is_held_as_text_and_number_and_shown_as_it_was_meant(field, given, held, plain):
    assert read(field, given) == (held, [])
    assert held.plain(field.kind) == plain
    assert type(held.plain(field.kind)) is type(plain)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        (TEXT, ""), (TEXT, "a\nb"), (TEXT, "x" * 501), (TEXT, 7), (TEXT, None),
        (NUMBER, "many"), (NUMBER, True), (NUMBER, "nan"), (NUMBER, "1e400"), (NUMBER, 2**53 + 2), (NUMBER, [1]),
        (NUMBER, 10**400),
        (DAY, "1990-02-30"), (DAY, "2026"), (DAY, 5),
        (FLAG, "perhaps"), (FLAG, 1),
        (SIZE, "小"), (SIZE, "l"), (SIZE, ""), (SIZE, ["s"]),
    ],
)  # fmt: skip
def test_what_is_no_value_of_the_kind_is_refused_with_a_word_in_both_languages(field, given):
    _, (wrong,) = read(field, given, "value.f")
    assert wrong.field == "value.f"
    assert wrong.message_zh.isascii() is False
    assert wrong.message_en.isascii()


@given(st.dates())
def test_a_day_and_its_number_are_one(day: date):
    assert fields.day(fields.days(day)) == day
    assert read(DAY, day.isoformat())[0] == Value(day.isoformat(), float(fields.days(day)))


@pytest.mark.parametrize(
    ("text", "flat"),
    [
        ("+86 138-0013-8000", "13800138000"), ("008613800138000", "13800138000"), ("(020) 8888 0000", "02088880000"),
        (" Wang@Example.com", "wang@example.com"), ("A-7", "a-7"),
    ],
)  # fmt: skip
def test_a_value_that_tells_who_is_meant_has_one_way_of_writing(text, flat):
    assert flatten(text) == flat
    assert digest(text) == digest(flat)
    assert len(digest(text)) == 64


@pytest.mark.parametrize(
    ("field", "at"),
    [
        (Field(name="Birthday", kind="date"), "name"),
        (Field(name="", kind="date"), "name"),
        (Field(name="7up", kind="text"), "name"),
        (Field(name="x", kind="choice"), "choices"),
        (Field(name="x", kind="text", choices=(Choice(value="a"),)), "choices"),
        (Field(name="x", kind="choice", choices=(Choice(value="a"), Choice(value="a"))), "choices.1.value"),
        (Field(name="x", kind="number", unique=True), "unique"),
        (Field(name="stage", kind="text"), "kind"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(field, at):
    assert [wrong.field for wrong in check(field)] == [at]


def test_the_built_in_fields_make_sense():
    assert not [wrong for field in BUILT_IN.values() for wrong in check(field)]
