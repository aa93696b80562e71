"""The statistics of experiments, of the standard library: published formulas, tested against published numbers.

Conversions are counted per subject, so each arm is a number of trials with two outcomes.
"""

from collections.abc import Sequence
from math import ceil, exp, inf, lgamma, log, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY, _TERMS = 1e-300, 500


def chi_square(observed: Sequence[float], expected: Sequence[float]) -> float:
    """The p-value of Pearson's goodness-of-fit test: how likely so uneven a division is by chance alone."""
    pairs = [(seen, wanted) for seen, wanted in zip(observed, expected, strict=True) if wanted > 0]
    if any(seen for seen, wanted in zip(observed, expected, strict=True) if wanted <= 0):
        return 0.0
    statistic = sum((seen - wanted) ** 2 / wanted for seen, wanted in pairs)
    return upper_gamma((len(pairs) - 1) / 2, statistic / 2) if len(pairs) > 1 else 1.0


def upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x): series below a + 1, continued fraction above."""
    if x <= 0:
        return 1.0
    scale = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for count in range(1, _TERMS):
            term *= x / (a + count)
            total += term
        return 1 - scale * total
    b, c = x + 1 - a, 1 / _TINY
    d = fraction = 1 / b
    for count in range(1, _TERMS):
        step = count * (a - count)
        b += 2
        d = 1 / _away(step * d + b)
        c = _away(b + step / c)
        fraction *= d * c
    return scale * fraction


def wilson(converted: int, exposed: int, alpha: float) -> tuple[float, float]:
    """Wilson's score interval of a rate."""
    if not exposed:
        return 0.0, 1.0
    z, rate = _NORMAL.inv_cdf(1 - alpha / 2), converted / exposed
    middle = rate + z * z / (2 * exposed)
    half = z * sqrt(rate * (1 - rate) / exposed + z * z / (4 * exposed * exposed))
    return max(0.0, (middle - half) / (1 + z * z / exposed)), min(1.0, (middle + half) / (1 + z * z / exposed))


def sample(rate: float, effect: float, *, alpha: float, power: float) -> int:
    """How many subjects each of two arms needs for a difference of `effect` to be seen: Fleiss, no correction."""
    better = min(rate + effect, 1.0)
    mean = (rate + better) / 2
    chance = _NORMAL.inv_cdf(1 - alpha / 2) * sqrt(2 * mean * (1 - mean))
    seen = _NORMAL.inv_cdf(power) * sqrt(rate * (1 - rate) + better * (1 - better))
    return ceil(((chance + seen) / (better - rate)) ** 2) if better > rate else 1


def always_valid(one: tuple[int, int], two: tuple[int, int], effect: float) -> float:
    """A p-value that may be looked at as often as one likes, and the test stopped whenever it is small.

    The mixture sequential probability ratio test (Robbins 1970; Johari, Pekelis and Walsh 2015), normal with the
    expected `effect` as the standard deviation of the mixture.
    """
    variance, spread = _variance(one) + _variance(two), effect * effect
    if variance == inf:
        return 1.0
    gain = spread * _difference(one, two) ** 2 / (2 * variance * (variance + spread))
    return min(1.0, exp(-gain) * sqrt((variance + spread) / variance))


def confidence(one: tuple[int, int], two: tuple[int, int], effect: float, alpha: float) -> tuple[float, float]:
    """The interval of the difference of two rates, valid at every look: the differences that the test would allow."""
    variance, spread = _variance(one) + _variance(two), effect * effect
    if variance == inf:
        return -1.0, 1.0
    room = 2 * variance * (variance + spread) / spread * log(sqrt((variance + spread) / variance) / alpha)
    difference, half = _difference(one, two), sqrt(room)
    return max(-1.0, difference - half), min(1.0, difference + half)


def _difference(one: tuple[int, int], two: tuple[int, int]) -> float:
    return two[1] / two[0] - one[1] / one[0]


def _variance(arm: tuple[int, int]) -> float:
    """That of a rate, with one success and one failure more, so that it is never 0."""
    exposed, converted = arm
    rate = (converted + 1) / (exposed + 2)
    return rate * (1 - rate) / exposed if exposed else inf


def _away(value: float) -> float:
    """A value that can be divided by."""
    return value if abs(value) > _TINY else _TINY
