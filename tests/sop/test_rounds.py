"""Rounds begin on the corp's clocks, one after another, through days of 23 and 25 hours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sop.events import DirectoryDue, MaterialsDue
from sop.rounds import Round

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-01-01"))
ROUNDS = st.sampled_from(
    [
        Round(MaterialsDue, timedelta(minutes=10)),
        Round(DirectoryDue, timedelta(days=1), start=timedelta(hours=3), spread=timedelta(hours=1)),
        Round(DirectoryDue, timedelta(hours=6)),
    ]
)


@given(MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC)), ROUNDS)
def test_now_lies_between_a_round_and_the_next(now, each):
    began, following = each.began(now, BERLIN, "ww1"), each.next(now, BERLIN, "ww1")
    assert began <= now
    assert began < following
    assert following - began <= each.every + timedelta(hours=1)
    assert each.began(began, BERLIN, "ww1") == began


def test_a_nightly_round_is_followed_by_that_of_the_next_night():
    nightly = Round(DirectoryDue, timedelta(days=1), start=timedelta(hours=3))
    now = datetime(2026, 5, 4, 12, 0, tzinfo=BERLIN)
    assert nightly.next(now, BERLIN) == datetime(2026, 5, 5, 3, 0, tzinfo=BERLIN)
