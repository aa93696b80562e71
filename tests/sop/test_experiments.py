"""Experiments divide evenly and stickily, and claim no more than the numbers bear, however often one looks."""

import random
from collections import Counter
from math import sqrt
from statistics import NormalDist

import pytest

from sop.experiments import (
    EXPERIMENT_BEST,
    EXPERIMENT_OPEN,
    EXPERIMENT_PERSON,
    EXPERIMENT_SKEWED,
    EXPERIMENT_SMALL,
    EXPERIMENT_WON,
    Plan,
    Winner,
    check,
    choose,
    decide,
    read,
    sentence,
)
from sop.experiments.statistics import always_valid, chi_square, confidence, sample, upper_gamma, wilson
from sop.reasons import Skip

HALVES = {"A": 50, "B": 50}
LOOKS, RUNS = 20, 600


def arms(salt: str, shares: dict[str, int], number: int = 20_000) -> list[str]:
    return [choose(salt, f"wm{subject}", shares) for subject in range(number)]


def test_an_arm_is_sticky():
    assert arms("s", HALVES, 500) == arms("s", HALVES, 500)
    assert [choose("salt", f"wm{number}", HALVES) for number in range(6)] == list("AAABAB")  # for ever


def test_arms_are_divided_in_proportion_to_their_shares():
    shares = {"holdout": 10, "A": 45, "B": 45, "C": 0}
    seen = Counter(arms("s", shares))
    assert seen["C"] == 0
    assert chi_square([seen[name] for name in shares], [20_000 * share / 100 for share in shares.values()]) > 0.001


def test_experiments_with_different_salts_divide_independently():
    pairs = Counter(zip(arms("one", HALVES), arms("two", HALVES), strict=True))
    assert chi_square([pairs[one, two] for one in "AB" for two in "AB"], [5000] * 4) > 0.001


def test_where_shares_grow_only_some_change_arms_and_none_of_those_who_had_it():
    before, after = arms("s", {"A": 20, "B": 80}), arms("s", {"A": 50, "B": 50})
    assert {(old, new) for old, new in zip(before, after, strict=True)} == {("A", "A"), ("B", "A"), ("B", "B")}


def test_an_experiment_without_shares_is_a_mistake():
    with pytest.raises(ValueError, match="no arms"):
        choose("s", "wm1", {"A": 0})


@pytest.mark.parametrize(  # of the tables of critical values
    ("degrees", "value", "p"),
    [(1, 3.841, 0.05), (1, 6.635, 0.01), (1, 10.828, 0.001), (2, 5.991, 0.05), (2, 13.816, 0.001), (3, 0.352, 0.95),
     (5, 11.070, 0.05), (10, 18.307, 0.05), (10, 29.588, 0.001), (30, 43.773, 0.05)],
)  # fmt: skip
def test_chi_square_agrees_with_the_published_table(degrees, value, p):
    assert upper_gamma(degrees / 2, value / 2) == pytest.approx(p, rel=0.003)


def test_the_test_of_a_division_agrees_with_the_published_one():
    assert chi_square([60, 40], [50, 50]) == pytest.approx(0.0455, abs=0.0001)  # 4 with one degree of freedom
    assert chi_square([30, 14, 34, 45, 57, 20], [20, 20, 30, 40, 60, 30]) == pytest.approx(0.0433, abs=0.0005)


@pytest.mark.parametrize(  # Newcombe 1998, table I, method 3
    ("converted", "exposed", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_rate_agrees_with_the_published_one(converted, exposed, low, high):
    assert wilson(converted, exposed, 0.05) == pytest.approx((low, high), abs=0.0001)


def test_the_sample_agrees_with_the_published_one():  # Fleiss, without correction
    assert sample(0.20, 0.05, alpha=0.05, power=0.80) == 1094
    assert sample(0.10, 0.10, alpha=0.05, power=0.80) == 199
    assert sample(1.0, 0.05, alpha=0.05, power=0.80) == 1


def peek(rng: random.Random, rate: float, more: float = 0.0, step: int = 100):
    """Two arms as they are seen at each of twenty looks."""
    one, two = [0, 0], [0, 0]
    for _ in range(LOOKS):
        for arm, true in ((one, rate), (two, rate + more)):
            arm[0] += step
            arm[1] += sum(rng.random() < true for _ in range(step))
        yield tuple(one), tuple(two)


def z_test(one, two) -> float:
    rate = (one[1] + two[1]) / (one[0] + two[0])
    variance = rate * (1 - rate) * (1 / one[0] + 1 / two[0])
    return 2 * (1 - NormalDist().cdf(abs(two[1] / two[0] - one[1] / one[0]) / sqrt(variance))) if variance else 1.0


def test_peeking_twenty_times_deceives_the_z_test_but_not_the_always_valid_one():
    rng, z, valid = random.Random(11), 0, 0
    for _ in range(RUNS):
        looks = list(peek(rng, 0.2))
        z += any(z_test(*look) <= 0.05 for look in looks)
        valid += any(always_valid(*look, effect=0.03) <= 0.05 for look in looks)
    assert 0.19 < z / RUNS < 0.30  # 0.248 in theory (Armitage, McPherson and Rowe 1969)
    assert valid / RUNS <= 0.05


def test_rare_conversions_and_small_steps_deceive_it_no_more():
    rng = random.Random(12)
    wrong = sum(any(always_valid(*look, effect=0.02) <= 0.05 for look in peek(rng, 0.02, step=20)) for _ in range(RUNS))
    assert wrong / RUNS <= 0.05


def test_a_difference_that_is_there_is_found():
    rng = random.Random(13)
    found = sum(
        any(always_valid(*look, effect=0.03) <= 0.05 for look in peek(rng, 0.2, 0.06, step=250)) for _ in range(60)
    )
    assert found / 60 > 0.9


def test_the_interval_holds_the_true_lift_at_every_look():
    rng = random.Random(14)
    missed = 0
    for _ in range(RUNS):
        spans = [confidence(*look, effect=0.03, alpha=0.05) for look in peek(rng, 0.2, 0.03, step=50)]
        missed += any(not low <= 0.03 <= high for low, high in spans)
    assert missed / RUNS <= 0.05


def test_interval_and_p_value_say_the_same():
    rng = random.Random(15)
    for _ in range(60):
        for look in peek(rng, 0.2, rng.choice([0, 0.05, 0.1])):
            low, high = confidence(*look, effect=0.03, alpha=0.05)
            assert (low <= 0 <= high) == (always_valid(*look, effect=0.03) > 0.05)


def test_too_few_are_no_decision_and_say_how_many_it_takes():
    readout = read({"A": (100, 20), "B": (101, 40)}, Plan(effect=0.05))
    assert readout.state == "small"
    assert readout.wanted == sample(61 / 203, 0.05, alpha=0.05, power=0.8)
    assert "No decision yet" in sentence(readout).en
    assert "尚无结论" in sentence(readout).zh
    assert decide(readout, "sure") == Skip(EXPERIMENT_SMALL)


def test_enough_without_a_sure_difference_is_no_decision_either():
    readout = read({"A": (5000, 500), "B": (5010, 520)}, Plan(effect=0.02))
    assert readout.state == "open"
    (lift,) = readout.lifts
    assert lift.low < 0 < lift.high
    assert sentence(readout).en.startswith("No decision yet: no difference is sure. B converts 0.38 percentage points")
    assert decide(readout, "sure", over=True) == Skip(EXPERIMENT_OPEN)


def test_a_sure_difference_wins_by_the_rule_and_not_without_one():
    readout = read({"A": (5000, 500), "B": (5010, 650)}, Plan(effect=0.02))
    assert readout.state == "decided"
    (lift,) = readout.lifts
    assert (lift.low > 0, lift.relative) == (True, pytest.approx(0.2974, abs=0.001))
    assert decide(readout, "person", over=True) == Skip(EXPERIMENT_PERSON)
    assert decide(readout, "sure") == Winner("B", EXPERIMENT_WON)
    assert sentence(readout).zh.startswith("B 的转化率比 A 高 2.97 个百分点")


def test_the_control_wins_where_all_others_are_surely_worse():
    worse = read({"A": (5000, 650), "B": (5000, 500), "C": (5000, 480)}, Plan(effect=0.02))
    assert decide(worse, "sure") == Winner("A", EXPERIMENT_WON)
    mixed = read({"A": (5000, 650), "B": (5000, 500), "C": (5000, 640)}, Plan(effect=0.02, least=1000))
    assert decide(mixed, "sure") == Skip(EXPERIMENT_OPEN)


def test_nobody_wins_while_another_may_be_better_still():
    plan = Plan(effect=0.02, least=200, shares={"A": 100, "B": 100, "C": 6})
    readout = read({"A": (5000, 250), "B": (5000, 400), "C": (300, 30)}, plan)
    assert (readout.state, readout.best) == ("decided", "C")
    assert decide(readout, "sure") == Skip(EXPERIMENT_OPEN)


def test_a_wrong_division_is_an_alarm_and_has_no_winner():
    readout = read({"A": (5000, 500), "B": (5600, 900)}, Plan(effect=0.02))
    assert readout.state == "skewed"
    assert readout.ratio_p < 0.001
    assert "do not believe" in sentence(readout).en
    assert decide(readout, "best", over=True) == Skip(EXPERIMENT_SKEWED)
    fair = read({"A": (5000, 500), "B": (5600, 560)}, Plan(effect=0.02, shares={"A": 100, "B": 112}))
    assert fair.state == "open"


def test_at_the_end_of_a_sample_the_best_takes_the_rest_by_rule():
    readout = read({"A": (200, 20), "B": (201, 26)})
    assert decide(readout, "best") == Skip(EXPERIMENT_SMALL)
    assert decide(readout, "best", over=True) == Winner("B", EXPERIMENT_BEST)
    assert decide(read({"A": (200, 20), "B": (200, 20)}), "best", over=True) == Winner("A", EXPERIMENT_BEST)
    assert decide(read({"A": (0, 0), "B": (0, 0)}), "best", over=True) == Skip(EXPERIMENT_SMALL)


def test_of_many_arms_each_is_judged_more_strictly():
    two = read({"A": (5000, 500), "B": (5000, 580)}, Plan(effect=0.02))
    six = read({"A": (5000, 500), "B": (5000, 580), **dict.fromkeys("CDEF", (5000, 500))}, Plan(effect=0.02))
    assert six.lifts[0].p == pytest.approx(min(1.0, 5 * two.lifts[0].p))
    assert six.lifts[0].high > two.lifts[0].high
    assert six.wanted > two.wanted


def test_one_arm_alone_and_arms_without_anybody_can_be_read():
    assert read({"A": (10, 1)}).lifts == ()
    empty = read({"A": (0, 0), "B": (10, 1)}, Plan(least=1))
    assert empty.lifts[0].p == 1.0
    assert (empty.lifts[0].low, empty.lifts[0].high) == (-1.0, 1.0)
    with pytest.raises(ValueError, match="without arms"):
        read({})


def test_an_arm_that_none_should_have_got_is_a_wrong_division():
    assert read({"A": (100, 1), "B": (1, 0)}, Plan(shares={"A": 1}, least=1)).state == "skewed"


@pytest.mark.parametrize(
    ("plan", "field"),
    [(Plan(effect=0), "plan.effect"), (Plan(alpha=0.5), "plan.alpha"), (Plan(power=0.1), "plan.alpha"),
     (Plan(least=-1), "plan.least")],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(plan, field):
    assert [violation.field for violation in check(plan)] == [field]
    assert check(Plan()) == []
