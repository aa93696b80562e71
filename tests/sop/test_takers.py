"""Customers are split over takers: each in exactly one place, nobody over their limit, shares kept."""

from hypothesis import given
from hypothesis import strategies as st

from sop.transfers.takers import (
    IN_TRANSFER,
    LIMIT_90_DAYS,
    NO_OTHER_TAKER,
    NOT_FOLLOWER,
    TAKER_FULL,
    Candidate,
    Given,
    LeftOut,
    Split,
    Taker,
)

names = st.sampled_from(["a", "b", "c", "d"])
takers = st.lists(
    st.builds(Taker, user_id=names, weight=st.integers(1, 5), capacity=st.none() | st.integers(0, 6)),
    min_size=1,
    unique_by=lambda taker: taker.user_id,
)
some = st.frozensets(names, max_size=2)
candidates = st.lists(
    st.builds(
        Candidate,
        subject=st.integers(0, 99).map(str),
        related=st.booleans(),
        waiting=st.booleans(),
        moves=st.integers(0, 3),
        known=some,
        tried=some,
    ),
    max_size=40,
    unique_by=lambda one: one.subject,
)
modes = st.sampled_from(["even", "weighted", "capacity"])


@given(candidates, takers, modes)
def test_each_is_in_exactly_one_place_and_no_limit_is_passed(who, whom, mode):
    placed = list(Split(whom, mode, moves=2).place(who))
    assert [each.subject for each in placed] == [each.subject for each in who]
    assert placed == list(Split(whom, mode, moves=2).place(who))
    limits = {taker.user_id: taker.capacity for taker in whom}
    for name, most in limits.items():
        got = sum(isinstance(each, Given) and each.taker == name for each in placed)
        assert most is None or got <= most
    for one, each in zip(who, placed, strict=True):
        hindered = not one.related or one.waiting or one.moves >= 2
        if isinstance(each, Given):
            assert not hindered
            assert each.taker not in one.tried
        elif hindered:
            assert each.reason in (NOT_FOLLOWER, IN_TRANSFER, LIMIT_90_DAYS)
        else:
            assert each.reason in (TAKER_FULL, NO_OTHER_TAKER)


@given(candidates, takers, modes, st.integers(0, 40))
def test_a_split_that_goes_on_later_is_the_same(who, whom, mode, cut):
    whole = list(Split(whom, mode, moves=2).place(who))
    first = Split(whom, mode, moves=2)
    begun = list(first.place(who[:cut]))
    later = Split(whom, mode, moves=2, given=dict(first.given))
    assert begun + list(later.place(who[cut:])) == whole


@given(st.integers(0, 200), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_nobody_gets_less_than_the_share_allows(count, weights):
    whom = [Taker(user_id=str(number), weight=weight) for number, weight in enumerate(weights)]
    split = Split(whom, "weighted")
    list(split.place(Candidate(subject=str(number)) for number in range(count)))
    for taker in whom:
        assert split.given.get(taker.user_id, 0) >= count * taker.weight // sum(weights)


@given(st.integers(0, 100), st.integers(1, 7))
def test_an_even_split_differs_by_one_at_most(count, number):
    split = Split([Taker(user_id=str(each), weight=each + 1) for each in range(number)])
    list(split.place(Candidate(subject=str(each)) for each in range(count)))
    got = [split.given.get(str(each), 0) for each in range(number)]
    assert sum(got) == count
    assert max(got) - min(got) <= 1


def test_a_taker_who_knows_the_customer_is_preferred():
    whom = [Taker(user_id="a"), Taker(user_id="b")]
    who = [Candidate(subject=str(each), known=frozenset("b")) for each in range(3)]
    assert {each.taker for each in Split(whom).place(who)} == {"b"}


def test_those_with_whom_it_came_to_nothing_are_passed_by():
    whom = [Taker(user_id="a"), Taker(user_id="b")]
    who = [Candidate(subject="1", tried=frozenset("a")), Candidate(subject="2", tried=frozenset("ab"))]
    assert list(Split(whom).place(who)) == [Given("1", "b"), LeftOut("2", NO_OTHER_TAKER)]


def test_who_resigned_has_no_limit_of_moves():
    assert list(Split([Taker(user_id="a")]).place([Candidate(subject="1", moves=9)])) == [Given("1", "a")]
