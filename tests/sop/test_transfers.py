"""A transfer comes to one end whatever order it is told in; it is looked at around its day, then daily."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.transfers import EXPIRY, MISSED, WAIT, Draft, State, accepted, check, failed, fold, is_over, next_look, owned
from sop.transfers.takers import Taker

NOW = datetime(2026, 5, 4, 2, 30, tzinfo=UTC)
told = st.lists(st.sampled_from([state for state in State if state not in (State.LEFT_OUT, State.PLANNED)]))


@given(told, st.randoms())
def test_any_order_and_repetition_comes_to_the_same_end(states, chance):
    again = [*states, *chance.sample(states, chance.randint(0, len(states)))]
    chance.shuffle(again)
    step = State.ASKED
    for each in again:
        step = fold(step, [each])
    assert step == fold(State.ASKED, states)


@given(told)
def test_a_customer_who_has_moved_has_moved(states):
    assert fold(State.ASKED, [*states, State.DONE]) is State.DONE


@pytest.mark.parametrize(
    ("code", "doubtful", "state"),
    [
        (0, False, State.WAITING), (40099, False, State.LIMIT), (40128, False, State.FAILED),
        (40100, False, State.FAILED), (40100, True, State.WAITING), (40129, True, State.WAITING),
    ],
)  # fmt: skip
def test_what_is_said_of_a_customer_means(code, doubtful, state):
    assert accepted(code, doubtful=doubtful) is state


@pytest.mark.parametrize(
    ("code", "doubtful", "state"),
    [(0, False, State.DONE), (90504, False, State.FAILED), (90504, True, State.DONE), (90501, True, State.FAILED)],
)
def test_what_is_said_of_a_group_means(code, doubtful, state):
    assert owned(code, doubtful=doubtful) is state


def test_the_platforms_words_for_failures_are_known():
    assert failed("customer_refused") is State.REFUSED
    assert failed("customer_limit_exceed") is State.LIMIT
    assert failed("something_new") in MISSED


def test_looks_are_dense_around_the_day_and_end_after_a_week():
    looks, at = [], NOW
    while not is_over(NOW, at):
        at = next_look(NOW, at)
        looks.append(at - NOW)
    assert looks[0] > WAIT
    assert sum(look < WAIT + timedelta(hours=7) for look in looks) == 4
    assert len(looks) == 10
    assert looks[-1] >= EXPIRY
    assert next_look(NOW, NOW + timedelta(days=30)) > NOW + timedelta(days=30)


def test_everything_wrong_with_a_transfer_is_told_at_once():
    takers = (Taker(user_id="chen"), Taker(user_id="lin"), Taker(user_id="lin"))
    draft = Draft(handover="chen", takers=takers, mode="capacity", resigned=True, message="长" * 201)
    assert [each.field for each in check(draft)] == [
        "message", "message", "takers.0", "takers.0.capacity", "takers.1.capacity", "takers.2", "takers.2.capacity",
    ]  # fmt: skip
    assert [each.field for each in check(Draft(handover="chen", takers=()))] == ["takers"]
    assert check(Draft(handover="chen", takers=(Taker(user_id="lin"),), message="以后由我为您服务")) == []
