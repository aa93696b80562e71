"""A channel leads to somebody, and its state is its own."""

from hypothesis import given
from hypothesis import strategies as st

from sop import limits
from sop.channels import Draft, check, make_state

GOOD = Draft(name="门店", staff=("chen",), tags=("et1",), remark="{channel}-{nickname}")


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_states_fit_and_differ_as_ids_do(one, other):
    assert limits.CHANNEL_STATE.check("state", make_state(one)) == []
    assert make_state(one).isascii()
    assert (make_state(one) == make_state(other)) == (one == other)


def test_a_good_channel_has_nothing_wrong():
    assert check(GOOD) == []
    assert check(Draft(name="门店", departments=(3,))) == []


def test_everything_wrong_with_a_channel_is_told_at_once():
    found = check(
        Draft(name="长" * 31, staff=("a",) * 101, departments=(1, 1), tags=("t",) * 101, remark="{colour}" + "x" * 100)
    )
    assert [violation.field for violation in found] == [
        "name",
        "staff",
        "tags",
        "remark",
        "remark",
        "staff",
        "departments",
        "tags",
    ]
    assert all(violation.message_zh and violation.message_en for violation in found)


def test_a_channel_leads_to_somebody():
    assert [violation.field for violation in check(Draft(name="门店"))] == ["staff"]
