"""Limits are noticed before anything is sent, and told in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecom import limits
from wecom.errors import OverLimit, WecomError
from wecom.limits import Limit, Unit


def test_bytes_are_counted_in_utf_8():
    limits.check_bytes("text", "你好", 6)
    with pytest.raises(OverLimit) as caught:
        limits.check_bytes("text", "你好", 5)
    assert (caught.value.field, caught.value.limit, caught.value.actual) == ("text", 5, 6)


def test_characters_are_counted_as_characters():
    limits.check_chars("remark", "渠道" * 10, 20)
    with pytest.raises(OverLimit):
        limits.check_chars("remark", "渠" * 21, 20)


def test_the_message_says_what_to_do_in_chinese_and_english():
    with pytest.raises(OverLimit) as caught:
        limits.REMARK.check("渠" * 21)
    assert "最多 20 个字" in caught.value.zh
    assert "at most 20 characters" in caught.value.en
    assert caught.value.zh in str(caught.value)


def test_a_field_that_must_not_be_empty_says_so():
    with pytest.raises(OverLimit, match="不能为空"):
        limits.require("sender", "", ())
    limits.require("sender", "", "chen.yu")


def test_over_limit_is_also_a_value_error():
    assert issubclass(OverLimit, ValueError)
    assert issubclass(OverLimit, WecomError)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_fits_its_own_length_and_no_less(text):
    size = len(text.encode())
    Limit("x", size, Unit.BYTES).check(text)
    if size:
        with pytest.raises(OverLimit):
            Limit("x", size - 1, Unit.BYTES).check(text)
