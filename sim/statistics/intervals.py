"""What a few paired runs allow to say: estimates with intervals, and what they can detect.

All functions take arrays with one value per seed; intervals are at 95 percent. An interval of fewer runs than it needs,
or of runs without any spread, is NaN, never a guess.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import special

CONFIDENCE, POWER, TRIM = 0.95, 0.8, 0.2
DIGITS = 6  # of a noncentrality
FEWEST = 5  # pairs that an interval of a mean or a ratio needs


class Estimate(NamedTuple):
    """A value and the ends of its interval, in the unit of what was estimated."""

    value: float
    low: float
    high: float


NOTHING = Estimate(math.nan, math.nan, math.nan)


def agreed(value):
    """A value of a distribution to the twelve digits in which all versions of SciPy agree."""
    return float(f"{value:.12g}")


def t_quantile(degrees):
    """The t value with (1 - CONFIDENCE) / 2 above it."""
    return agreed(special.stdtrit(degrees, 0.5 + CONFIDENCE / 2))


def apart(errors, counts):
    """How far apart two means must be to be told from each other: Welch's t, of their standard `errors` (2,) and the
    numbers of values behind them, `counts` (2,). Few values need a wide gap; equal means without spread need none.
    """
    variance = np.square(errors)
    total = variance.sum()
    if total == 0.0:
        return 0.0
    degrees = total**2 / (variance**2 / (counts - 1)).sum()
    return t_quantile(degrees) * math.sqrt(total)


def mean(values, fewest=FEWEST):
    """Mean with Student's t-interval, which needs spread and `fewest` runs."""
    if not len(values):
        return NOTHING
    centre, error = values.mean(), standard_error(values, fewest)
    half = t_quantile(len(values) - 1) * error if error == error else math.nan
    return Estimate(centre, centre - half, centre + half)


def standard_error(values, fewest=FEWEST):
    """Of the mean; NaN for fewer than `fewest` values, or where all are the same."""
    if len(values) < max(fewest, 2) or values.min() == values.max():
        return math.nan
    return float(values.std(ddof=1) / math.sqrt(len(values)))


def p_value(values):
    """Of the two-sided t-test that the mean is zero; NaN where there is no standard error."""
    error = standard_error(values)
    return agreed(2 * special.stdtr(len(values) - 1, -abs(values.mean()) / error)) if error == error else math.nan


def median(values):
    """Median with the interval of the sign test: order statistics, true to its level under any distribution; needs
    six runs.
    """
    from scipy.stats import quantile_test

    if not len(values):
        return NOTHING
    low, high = quantile_test(values, p=0.5).confidence_interval(CONFIDENCE)
    return Estimate(float(np.median(values)), low, high)


def trimmed_mean(values):
    """Mean without the lowest and highest fifth, with the t-interval of Yuen (1974; winsorised variance); needs five
    runs.
    """
    n = len(values)
    cut = int(TRIM * n)
    kept = n - 2 * cut
    if n < 5:
        return NOTHING
    ordered = np.sort(values)
    winsorised = ordered.clip(ordered[cut], ordered[n - 1 - cut])
    error = math.sqrt((n - 1) * winsorised.var(ddof=1) / (kept * (kept - 1)))
    centre, half = ordered[cut : n - cut].mean(), t_quantile(kept - 1) * error
    return Estimate(centre, centre - half, centre + half)


def independent_runs(one, other):
    """Runs an arm that seeds of their own would need for the interval that these pairs give, n (var a + var b) /
    var (a - b); NaN where the arms do not differ.
    """
    if len(one) < 2 or not (spread := (one - other).var(ddof=1)):
        return math.nan
    return len(one) * (one.var(ddof=1) + other.var(ddof=1)) / spread


def detectable(differences, runs):
    """The smallest effect that a two-sided t-test at 5% on `runs` pairs finds with 80% power, at the spread of
    `differences`.
    """
    if len(differences) < 2:
        return math.nan
    # The noncentrality of the t-test, in digits that the searches of all versions of SciPy agree in.
    distance = round(float(special.nctdtrinc(runs - 1, 1 - POWER, t_quantile(runs - 1))), DIGITS)
    return distance * differences.std(ddof=1) / math.sqrt(runs)


def spread_factors(n):
    """(low, high): the interval of the true standard deviation over that of `n` normal values."""
    tail = (1 - CONFIDENCE) / 2
    return tuple(math.sqrt((n - 1) / special.chdtri(n - 1, p)) for p in (tail, 1 - tail))


def ratio(above, below):
    """Ratio of two means with the interval of Fieller (1954); its ends are NaN where the interval has no bounds, the
    mean below being near zero, and where there are fewer than FEWEST runs.
    """
    n = len(above)
    if not n or not below.mean():
        return NOTHING
    a, b = above.mean(), below.mean()
    if n < FEWEST:
        return Estimate(a / b, math.nan, math.nan)
    (var_a, both), (_, var_b) = np.cov(above, below) / n * t_quantile(n - 1) ** 2
    square, middle = b * b - var_b, a * b - both
    if square <= 0:
        return Estimate(a / b, math.nan, math.nan)
    half = math.sqrt(max(middle**2 - square * (a * a - var_a), 0.0))
    return Estimate(a / b, (middle - half) / square, (middle + half) / square)
