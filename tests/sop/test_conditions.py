from datetime import UTC, datetime, timedelta

import pytest

from sop import conditions
from sop.conditions import LEAVES, Facts, Relation, check, judge, named
from sop.relations import Status

NOW = datetime(2025, 10, 9, 8, tzinfo=UTC)


def facts(**about) -> Facts:
    """A customer with one relation; what is not of the relation is of the customer."""
    relation = {name: about.pop(name) for name in tuple(about) if name in Relation.__dataclass_fields__}
    usual = {"user_id": "chen", "status": Status.ACTIVE, "added_at": NOW - timedelta(days=9)}
    return Facts(external_user_id="wm1", relations=(Relation(**usual | relation),), **about)


HOLDING = [
    ({"channel": ["7", "8"]}, {"channel_id": 7}, {"channel_id": 9}),
    ({"state": ["s-1"]}, {"state": "s-1"}, {"state": ""}),
    ({"way": [1, 16]}, {"add_way": 16}, {"add_way": 2}),
    ({"status": ["active", "half"]}, {}, {"status": Status.LOST}),
    ({"lost": True}, {"status": Status.LOST}, {}),
    ({"lost": False}, {}, {"status": Status.LOST}),
    ({"returned": True}, {"adds": 2}, {"adds": 1}),
    ({"days_since_added": {"least": 7, "most": 9}}, {}, {"added_at": NOW - timedelta(days=10)}),
    ({"days_since_added": {"least": 7}}, {}, {"added_at": NOW - timedelta(days=6, hours=23)}),
    ({"replied": True}, {"replied_at": NOW}, {"replied_at": NOW - timedelta(days=10)}),
    ({"replied": False}, {}, {"replied_at": NOW - timedelta(days=9)}),
    ({"silent_days": {"least": 5}}, {"replied_at": NOW - timedelta(days=5)}, {"replied_at": NOW - timedelta(days=4)}),
    ({"silent_days": {"least": 9}}, {}, {"added_at": NOW - timedelta(days=8)}),
    ({"groups": {"least": 2}}, {"groups": frozenset("ab")}, {"groups": frozenset("a")}),
    ({"groups": {"most": 0}}, {}, {"groups": frozenset("a")}),
    ({"staff": ["chen"]}, {}, {"user_id": "lin"}),
    ({"department": [2, 9]}, {"departments": frozenset({1, 2})}, {"departments": frozenset({1})}),
    ({"tag": ["et1", "et2"]}, {"tags": frozenset({"et2"})}, {"tags": frozenset({"et3"})}),
    ({"all": [{"way": [1]}, {"replied": False}]}, {"add_way": 1}, {"add_way": 1, "replied_at": NOW}),
    ({"any": [{"way": [1]}, {"replied": True}]}, {"replied_at": NOW}, {"add_way": 2}),
    ({"not": {"way": [1]}}, {"add_way": 2}, {"add_way": 1}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), HOLDING)
def test_each_test_tells_those_it_means_from_the_others(condition, yes, no):
    assert check(condition) == []
    assert judge(condition, facts(**yes), NOW).holds
    assert not judge(condition, facts(**no), NOW).holds
    assert conditions.compile(condition)(facts(**yes), NOW)
    assert not conditions.compile(condition)(facts(**no), NOW)


def test_every_test_is_tested():
    assert {name for condition, _, _ in HOLDING for name in condition} - {"all", "any", "not"} == set(LEAVES)


def test_a_judgement_comes_with_the_facts_it_rests_on():
    finding = judge({"all": [{"days_since_added": {"least": 7}}, {"not": {"replied": True}}]}, facts(), NOW)
    assert finding == (True, {"days_since_added": 9, "replied": False})


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        ({}, "condition"),
        ([], "condition"),
        ({"replied": True, "lost": True}, "condition"),
        ({"age": 3}, "condition"),
        ({"replied": 1}, "condition.replied"),
        ({"way": ["1"]}, "condition.way"),
        ({"way": []}, "condition.way"),
        ({"status": ["gone"]}, "condition.status"),
        ({"groups": {"more": 1}}, "condition.groups.more"),
        ({"groups": {"least": -1}}, "condition.groups.least"),
        ({"groups": {}}, "condition.groups"),
        ({"all": []}, "condition.all"),
        ({"all": {"replied": True}}, "condition.all"),
        ({"any": [{"replied": True}, {"tag": [1]}]}, "condition.any.1.tag"),
        ({"not": {"not": {"not": {"not": {"not": {"not": {"not": {"lost": True}}}}}}}}, "condition" + ".not" * 7),
        ({"any": [{"lost": True}] * 51}, "condition"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_with_its_place(condition, where):
    assert [violation.field for violation in check(condition)] == [where]


def test_what_a_condition_speaks_of_is_found_at_any_depth():
    condition = {"all": [{"not": {"any": [{"tag": ["et1"]}, {"tag": ["et2"]}]}}, {"lost": False}]}
    assert named(condition, "tag") == {"et1", "et2"}
