"""Variables are filled in once, and text is cut between characters."""

from hypothesis import given
from hypothesis import strategies as st

from sop import texts
from sop.texts import VARIABLES

anything = st.text(st.characters(codec=None))  # lone surrogates too


@given(anything, st.integers(-3, 60))
def test_a_clipped_text_is_a_beginning_that_fits_and_is_valid(text, most):
    clipped = texts.clip(text, most)
    plain = clipped.encode()
    assert len(plain) <= max(most, 0)
    assert text.encode(errors="ignore").startswith(plain)


@given(st.text(), st.integers(0, 60))
def test_no_more_is_clipped_than_one_character_too_many(text, most):
    clipped = texts.clip(text, most)
    if clipped != text and text[len(clipped)] not in "\u200d\ufe0f":
        assert len((clipped + text[len(clipped)]).encode()) > most


def test_a_cut_leaves_no_joiner_hanging():
    assert texts.clip("👩\u200d👧", 7) == "👩"


@given(anything)
def test_a_clean_name_is_one_line_of_valid_text(name):
    cleaned = texts.clean(name)
    assert cleaned.encode().decode() == cleaned
    assert len(cleaned.splitlines()) <= 1


def test_a_value_that_looks_like_a_variable_stays_what_it_is():
    assert (
        texts.fill("{customer}您好，我是{staff}", {"customer": "{staff}", "staff": "陈宇"}) == "{staff}您好，我是陈宇"
    )


def test_a_variable_that_does_not_exist_is_told_with_those_that_do():
    (violation,) = texts.check("text", "{customer} {nickname}")
    assert violation.field == "text"
    for message in (violation.message_zh, violation.message_en):
        assert "{nickname}" in message
        assert all(f"{{{name}}}" in message for name in VARIABLES)


def test_braces_around_nothing_are_refused():
    assert texts.check("text", "{}")
    assert texts.check("text", "{customer} } { {date}") == []


@given(st.lists(st.sampled_from([*("{" + name + "}" for name in VARIABLES), "您好", "x"])).map("".join))
def test_the_reserve_is_what_the_longest_values_need(text):
    values = {name: "x" * room for name, room in VARIABLES.items()}
    assert len(texts.fill(text, values).encode()) == len(text.encode()) + texts.reserve(text)
