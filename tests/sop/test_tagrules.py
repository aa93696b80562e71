from datetime import UTC, datetime

import pytest

from sop.tags.owners import Owner, strongest, without
from sop.tags.rules import Draft, Rule, Standing, Verdict, check, decide

NOW = datetime(2025, 10, 9, 8, tzinfo=UTC)
RULE = Rule(id=9, version=2, name="沉默", tag_id="et1", condition={"lost": True})


def own(status="held", version=2) -> Owner:
    return Owner(owner="rule:9", source="rule", status=status, version=version, at=NOW)


ON, OFF = {"bound": True, "expected": True}, {"bound": False, "expected": False}


@pytest.mark.parametrize(
    ("holds", "standing", "verdict"),
    [
        (True, Standing(own=None, **OFF), Verdict.ADD),
        (True, Standing(own=None, **ON), Verdict.CLAIM),
        (True, Standing(own=None, bound=False, expected=True, coming=True), Verdict.LEAVE),
        (True, Standing(own=own(), **ON), Verdict.LEAVE),
        (True, Standing(own=own(version=1), **ON), Verdict.CLAIM),
        (True, Standing(own=own(), bound=True, expected=False), Verdict.ADD),
        (True, Standing(own=own("suppressed"), **OFF), Verdict.LEAVE),
        (True, Standing(own=own("suppressed", version=1), **OFF), Verdict.ADD),
        (True, Standing(own=own("expired"), **OFF), Verdict.LEAVE),
        (False, Standing(own=None, **ON), Verdict.LEAVE),
        (False, Standing(own=None, bound=False, expected=True, coming=True), Verdict.RELEASE),
        (False, Standing(own=own(), **ON), Verdict.RELEASE),
        (False, Standing(own=own(), bound=True, expected=False), Verdict.LEAVE),
        (False, Standing(own=own("suppressed"), **OFF), Verdict.LEAVE),
        (False, Standing(own=own("suppressed", version=1), **OFF), Verdict.FORGET),
        (False, Standing(own=own("expired"), **OFF), Verdict.FORGET),
        (False, Standing(own=own(), **OFF), Verdict.FORGET),
        (False, Standing(own=own("suppressed"), **ON), Verdict.LEAVE),
    ],
)
def test_what_follows_for_a_tag(holds, standing, verdict):
    assert decide(RULE, standing, holds=holds) is verdict


def test_a_rule_must_not_ask_for_its_own_tag():
    (violation,) = check(Draft(name="a", tag_id="et1", condition={"not": {"tag": ["et2", "et1"]}}))
    assert violation.field == "condition"
    assert check(Draft(name="a", tag_id="et1", condition={"tag": ["et2"]})) == []
    assert {each.field for each in check(Draft(name=" ", tag_id="et1", expires_days=0))} == {
        "name",
        "condition",
        "expires_days",
    }


def test_hand_set_is_stronger_than_a_rule_and_a_suppressed_rule_is_nobody():
    staff = Owner(owner="staff", source="staff", at=NOW)
    assert strongest([own(), staff]) == staff
    assert strongest([own("suppressed")]) is None
    assert without([own(), staff, own("expired")], "rule:9") == (staff,)
