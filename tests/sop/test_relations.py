from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.relations import ENDING, OPENING, Deed, Fact, Status, fold, visits

START = datetime(2025, 10, 9, 8, tzinfo=UTC)


def fact(deed: Deed, second: int, state: str = "", channel_id: int | None = None) -> Fact:
    return Fact(deed=deed, at=START + timedelta(seconds=second), state=state, channel_id=channel_id)


facts = st.lists(
    st.builds(fact, st.sampled_from(Deed), st.integers(0, 20), st.sampled_from(["", "a", "b"])), min_size=1, max_size=12
)


@given(facts, st.randoms())
def test_any_order_and_repetition_tells_the_same_story(told, chance):
    again = [*told, *chance.sample(told, chance.randint(0, len(told)))]
    chance.shuffle(again)
    assert fold(again) == fold(told)


@given(facts)
def test_the_newest_fact_says_how_they_stand(told):
    decisive = [each for each in told if each.deed is not Deed.REPLIED]
    standing = fold(told)
    if not decisive:
        assert (standing.status, standing.adds) == (Status.ACTIVE, 0)
        return
    newest = max(each.at for each in decisive)
    allowed = {(OPENING | ENDING)[each.deed] for each in decisive if each.at == newest}
    assert standing.status in allowed
    assert standing.changed_at == newest
    assert standing.first_added_at <= standing.added_at


@given(facts)
def test_there_are_never_more_visits_than_adds(told):
    adds = {each.at for each in told if each.deed in OPENING}
    assert bool(adds) <= fold(told).adds <= len([each for each in set(told) if each.deed in OPENING])


def test_a_half_add_and_its_add_are_one_visit():
    standing = fold([fact(Deed.HALF_ADDED, 0, "shop", 7), fact(Deed.ADDED, 60)])
    assert (standing.status, standing.adds, standing.state, standing.channel_id) == (Status.ACTIVE, 1, "shop", 7)
    assert standing.first_added_at == START
    assert standing.added_at == START + timedelta(seconds=60)


def test_a_return_is_counted_and_comes_from_where_it_comes_from():
    standing = fold([fact(Deed.ADDED, 0, "shop", 7), fact(Deed.LOST, 10), fact(Deed.ADDED, 20)])
    assert (standing.status, standing.adds, standing.state, standing.channel_id) == (Status.ACTIVE, 2, "", None)
    assert standing.ended_at is None
    assert standing.first_added_at == START


def test_a_return_by_half_add_is_one_visit_too():
    told = [fact(Deed.ADDED, 0), fact(Deed.LOST, 10), fact(Deed.HALF_ADDED, 20), fact(Deed.ADDED, 30)]
    assert fold(told).adds == 2


def test_a_half_add_that_ended_is_not_confirmed_by_a_later_add():
    assert fold([fact(Deed.HALF_ADDED, 0), fact(Deed.LOST, 5), fact(Deed.ADDED, 9)]).adds == 2


def test_one_add_told_in_two_ways_is_one_visit():
    standing = fold([fact(Deed.ADDED, 0), fact(Deed.RETURNED, 0, "shop")])
    assert (standing.adds, standing.state) == (1, "shop")


def test_a_second_add_without_a_known_end_is_a_return():
    assert fold([fact(Deed.ADDED, 0), fact(Deed.ADDED, 500)]).adds == 2


def test_what_was_found_is_confirmed_by_a_late_add():
    assert fold([fact(Deed.FOUND, 0), fact(Deed.ADDED, 1, "shop")]).adds == 1


def test_what_was_found_and_an_add_long_after_are_two_visits():
    assert fold([fact(Deed.FOUND, 0), fact(Deed.ADDED, 86_400)]).adds == 2


def test_when_wecom_says_it_began_is_the_visit_that_its_event_told_of():
    standing = fold([fact(Deed.ADDED, 0, "shop"), fact(Deed.FOUND, 2)])
    assert (standing.adds, standing.state, standing.added_at) == (1, "shop", START)


def test_an_end_without_a_known_add_is_an_ended_relation():
    standing = fold([fact(Deed.LOST, 5)])
    assert (standing.status, standing.adds, standing.ended_at) == (Status.LOST, 0, START + timedelta(seconds=5))


def test_the_first_of_two_ends_is_when_it_ended():
    standing = fold([fact(Deed.ADDED, 0), fact(Deed.LOST, 5), fact(Deed.REMOVED, 9)])
    assert (standing.status, standing.ended_at) == (Status.REMOVED, START + timedelta(seconds=5))


def test_the_last_reply_is_kept():
    standing = fold([fact(Deed.REPLIED, 8), fact(Deed.ADDED, 0), fact(Deed.REPLIED, 3)])
    assert standing.replied_at == START + timedelta(seconds=8)
    assert (standing.status, standing.adds) == (Status.ACTIVE, 1)


def test_nothing_is_no_relation():
    with pytest.raises(ValueError, match="does not exist"):
        fold([])


def test_a_visit_begins_with_its_first_add_and_has_the_channel_that_any_of_its_adds_tells():
    begun = Fact(deed=Deed.HALF_ADDED, at=START)
    confirmed = Fact(deed=Deed.ADDED, at=START + timedelta(days=1), state="s-1", channel_id=5)
    gone = Fact(deed=Deed.LOST, at=START + timedelta(days=2))
    back = Fact(deed=Deed.ADDED, at=START + timedelta(days=3), channel_id=6)
    found = [(visit.at, visit.channel_id) for visit in visits([back, gone, confirmed, begun, confirmed])]
    assert found == [(begun.at, 5), (back.at, 6)]
    assert visits([gone]) == ()


@given(facts, st.randoms())
def test_any_order_and_repetition_gives_the_same_visits(told, chance):
    again = [*told, *chance.sample(told, chance.randint(0, len(told)))]
    chance.shuffle(again)
    assert visits(again) == visits(told)
    assert len(visits(told)) == fold(told).adds
