"""How far a job has come, and when it will have ended."""

from datetime import UTC, datetime, timedelta

import pytest

from sop.jobs import Job

BEGUN = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
MINUTE = BEGUN + timedelta(minutes=1)


def job(**about):
    facts = {"status": "running", "parts": 1, "parts_done": 0, "total": None, "done": 0, "size": 100, **about}
    return Job(
        id=1, kind="count", name="", body={}, width=1, failed=0, created_at=BEGUN, finished_at=None,
        **{"changed_at": BEGUN, **facts},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("about", "share"),
    [
        ({"passed": 25}, 0.25),
        ({"passed": 100}, 0.99),
        ({"passed": 25, "status": "done"}, 1.0),
        ({"size": 0, "parts": 4, "parts_done": 1}, 0.25),
        ({"size": 0}, None),
    ],
)
def test_what_is_behind_a_job_is_told_as_far_as_it_is_known(about, share):
    assert job(**about).share == share


def test_a_job_ends_when_the_rest_has_gone_by_at_its_pace():
    assert job(passed=25).ends(MINUTE) == BEGUN + timedelta(minutes=4)


def test_a_job_that_was_resumed_has_the_pace_that_it_had_since():
    resumed = BEGUN + timedelta(hours=8)
    halted = job(passed=60, passed_then=40, changed_at=resumed)
    assert halted.ends(resumed + timedelta(minutes=1)) == resumed + timedelta(minutes=3)


@pytest.mark.parametrize(
    "about", [{"passed": 0}, {"passed": 25, "status": "paused"}, {"passed": 25, "passed_then": 25}]
)
def test_nobody_knows_when_a_job_ends_that_does_not_get_on(about):
    assert job(**about).ends(MINUTE) is None


def test_a_pace_is_not_judged_by_its_first_moment():
    assert job(passed=25).ends(BEGUN + timedelta(seconds=1)) is None
