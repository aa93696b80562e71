"""Addresses of links carry who they are and where they hang; what operators write is checked."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop import acquisition, digits, intercepts
from sop.acquisition import Draft, Origin

IDS = st.integers(0, 2**63 - 1)
SOURCES = st.text(max_size=48).filter(lambda text: not acquisition.check_source(text) and text.isprintable())
GOOD = Draft(name="海报", staff=("chen",))
RULE = intercepts.Draft(name="竞品", words=("对手",), staff=("chen",))


@given(IDS)
def test_a_number_is_read_as_it_was_written(number):
    assert digits.read(digits.write(number)) == number


@given(IDS, SOURCES)
def test_a_channel_names_link_and_source_within_what_wecom_keeps(number, source):
    origin = Origin(number, source)
    state = acquisition.make_state(origin)
    assert len(state.encode()) <= 64
    assert acquisition.read_state(state) == origin


@pytest.mark.parametrize("state", ["", "s-1", "a-", "a-!", "a-.x", "a-zzzzzzzzzzzzzz", "store_01"])
def test_other_states_are_none_of_ours(state):
    assert acquisition.read_state(state) is None


@given(st.text(min_size=1, max_size=30), IDS)
def test_a_name_at_wecom_fits_and_gives_ours_back(name, number):
    label = acquisition.label(name, number)
    assert len(label) <= 30
    assert label.endswith(acquisition.mark(number))
    assert acquisition.unlabel(label, number, name) == name
    assert acquisition.unlabel("别的", number, name) == "别的" or name.strip()[:23] == "别的"


def test_an_address_is_one_that_browsers_and_wechat_take():
    address = acquisition.address("https://l/1", Origin(36, "海报 A"))
    assert address == "https://l/1?customer_channel=a-10.%E6%B5%B7%E6%8A%A5%20A"
    assert acquisition.scheme(address).startswith(
        "weixin://biz/ww/profile/https%3A%2F%2Fl%2F1%3Fcustomer_channel%3Da-10"
    )
    assert acquisition.address("", Origin(1, "")) == acquisition.scheme("") == ""


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 31}, "name"),
        ({"staff": ()}, "staff"),
        ({"staff": ("a", "a")}, "staff"),
        ({"staff": tuple(map(str, range(501)))}, "staff"),
        ({"priority": "listed"}, "priority_staff"),
        ({"priority_staff": ("a",)}, "priority_staff"),
        ({"tags": ("a", "a")}, "tags"),
    ],
)
def test_a_wrong_link_is_named_by_field(change, field):
    assert acquisition.check(GOOD) == []
    assert [one.field for one in acquisition.check(replace(GOOD, **change))] == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "名" * 21}, "name"),
        ({"words": ()}, "words"),
        ({"words": tuple(map(str, range(301)))}, "words"),
        ({"words": ("好", "词" * 33)}, "words.1"),
        ({"words": (" ",)}, "words.0"),
        ({"staff": ()}, "staff"),
        ({"semantics": ("phone", "phone")}, "semantics"),
    ],
)
def test_a_wrong_rule_is_named_by_field(change, field):
    assert intercepts.check(RULE) == []
    assert [one.field for one in intercepts.check(replace(RULE, **change))] == [field]
    assert "对手" not in repr(RULE)
