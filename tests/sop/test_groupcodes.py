"""Which groups a code leads to: filled one after another, with as few changes as possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.groups import codes as groupcodes
from sop.groups.codes import SHOWN, Draft, Room, Rotation

NAMES = tuple("abcdefgh")


def draft(**about):
    return Draft(**{"name": "福利群", "groups": NAMES, "threshold": 180, **about})


def rooms(**members):
    """All groups have ten people, but these; None is a group that is gone."""
    known = dict.fromkeys((*NAMES, "z"), 10) | members
    return {one: Room(members=count or 0, alive=count is not None) for one, count in known.items()}


def test_the_first_five_are_shown():
    assert groupcodes.rotate(draft(), rooms(), ()) == Rotation(shown=NAMES[:5], reason=groupcodes.CODE_ROTATED)


def test_nothing_changes_while_all_that_is_shown_has_room():
    assert groupcodes.rotate(draft(), rooms(a=179), NAMES[:5]).reason == ""


@pytest.mark.parametrize("gone", [{"a": 180}, {"a": None}])
def test_a_full_or_dissolved_group_makes_room_for_the_next(gone):
    turn = groupcodes.rotate(draft(), rooms(**gone), NAMES[:5])
    assert turn == Rotation(shown=tuple("bcdef"), reason=groupcodes.CODE_ROTATED)


def test_one_who_leaves_does_not_turn_the_code_to_and_fro():
    shown = groupcodes.rotate(draft(), rooms(a=180), NAMES[:5]).shown
    assert groupcodes.rotate(draft(), rooms(a=179), shown).reason == ""
    full = rooms(**dict.fromkeys(NAMES, 180))
    shown = groupcodes.rotate(draft(spare="z"), full, NAMES[:5]).shown
    assert shown == ("z",)
    nearly = rooms(**dict.fromkeys(NAMES, 180) | {"c": 179})
    assert groupcodes.rotate(draft(spare="z"), nearly, shown).reason == ""
    emptier = rooms(**dict.fromkeys(NAMES, 180) | {"c": 150})
    assert groupcodes.rotate(draft(spare="z"), emptier, shown).shown == ("c",)


def test_when_all_are_full_the_spare_one_takes_people_in():
    full = dict.fromkeys(NAMES, 190)
    turn = groupcodes.rotate(draft(spare="z"), rooms(**full), NAMES[:5])
    assert turn == Rotation(shown=("z",), reason=groupcodes.CODE_SPARE)
    turn = groupcodes.rotate(draft(spare="z"), rooms(**full, z=200), ("z",))
    assert turn == Rotation(shown=NAMES[-5:], reason=groupcodes.CODE_FULL)
    assert groupcodes.rotate(draft(spare="z"), rooms(**full, z=200), NAMES[-5:]).reason == ""


def test_a_code_whose_groups_are_all_gone_stays_as_it_is():
    gone = dict.fromkeys(NAMES)
    assert groupcodes.rotate(draft(), rooms(**gone), ("a",)).shown == ("a",)
    assert groupcodes.rotate(draft(), {}, ()).shown == ()


def test_groups_that_are_no_longer_wanted_are_not_shown():
    assert groupcodes.rotate(draft(groups=("b", "c")), rooms(), ("a", "b")).shown == ("b", "c")


def test_free_seats_are_counted_to_the_threshold():
    assert groupcodes.free_seats(draft(spare="z"), rooms(a=170, b=190), ("a", "b", "z")) == 10 + 190


COUNTS = st.dictionaries(st.sampled_from((*NAMES, "z")), st.none() | st.integers(0, 200), min_size=9, max_size=9)


@given(counts=COUNTS, spare=st.sampled_from(["", "z"]), shown=st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
def test_a_turn_is_settled_and_leads_where_people_can_come_in(counts, spare, shown):
    wanted, here = draft(spare=spare), rooms(**counts)
    turn = groupcodes.rotate(wanted, here, shown)
    again = groupcodes.rotate(wanted, here, turn.shown)
    assert again.reason == "" or not turn.reason, "the same facts again change nothing"
    assert len(turn.shown) <= SHOWN
    if turn.reason == groupcodes.CODE_ROTATED:
        assert all(here[one].alive and here[one].members < 180 for one in turn.shown)
    if any(here[one].alive and here[one].members < 170 for one in NAMES):
        assert groupcodes.free_seats(wanted, here, turn.shown) > 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"groups": ()}, "groups"),
        ({"groups": ("a", "a")}, "groups"),
        ({"spare": "a"}, "spare"),
        ({"threshold": 201}, "threshold"),
        ({"base_name": "群" * 37}, "base_name"),
    ],
)
def test_what_is_wrong_with_a_code_is_told(wrong, field):
    assert groupcodes.check(draft()) == []
    assert {one.field for one in groupcodes.check(draft(**wrong))} == {field}


def test_a_state_is_ours_and_short():
    assert groupcodes.make_state(35) == "g-z"
    assert len(groupcodes.make_state(2**63)) <= 30
