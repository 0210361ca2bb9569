"""Regression discontinuity: the jump of an outcome where a running variable passes zero.

Local linear fits on both sides with a triangular kernel, the bandwidth that minimises the mean squared error, and the
robust bias-corrected interval (Calonico, Cattaneo, Titiunik 2014), by the library diff-diff; margins beyond `FAR`
standard deviations are left out beforehand. Beside it the fit of papers on ranked competitions: a few ranks on each
side with an effect of every competition. The density test (Cattaneo, Jansson, Ma 2020) tells whether applicants
gathered on the better side.
"""

import math
import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.statistics import fixed_effects
from sim.statistics.intervals import NOTHING, Estimate, t_quantile

FAR = 3.0  # standard deviations of the running variable: what lies beyond them tells nothing of the cut-off
FEWEST = 25  # observations on each side, below which the bandwidth means nothing


class Jump(NamedTuple):
    """The jump with its standard error and robust interval, the limit from the left, half the width of the window, and
    observations in it on each side.
    """

    value: float
    error: float
    low: float
    high: float
    left: float
    bandwidth: float
    n_left: int
    n_right: int

    @property
    def estimate(self):
        """The value with its interval."""
        return Estimate(self.value, self.low, self.high)


def jump(margins, values):
    """The Jump of `values` where `margins` reach zero; NaN where there are too few, or all are the same."""
    import diff_diff

    near, y = _near(margins, values)
    sides = (int((near < 0).sum()), int((near >= 0).sum()))
    if min(sides) < FEWEST or y.min() == y.max():
        return Jump(*[math.nan] * 6, *sides)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = diff_diff.RDD().fit(pd.DataFrame({"x": near, "y": y}), outcome="y", running="x")
        except (ValueError, np.linalg.LinAlgError):
            return Jump(*[math.nan] * 6, *sides)
    left = float(np.ravel(fit.beta_p_left)[0])
    numbers = (fit.att_conventional, fit.se_conventional, *fit.conf_int, left, fit.h_left)
    return Jump(*map(float, numbers), int(fit.n_h_left), int(fit.n_h_right))


def within(margins, values, width):
    """The jump as an Estimate from local linear fits within a given `width`, without a library; its robust interval is
    that of local quadratic fits, which is what the correction of the bias amounts to at one width (Calonico and others
    2014). NaN where a side has no more observations than its fit has terms.
    """
    margins, values = np.asarray(margins, float), np.asarray(values, float)
    near = np.isfinite(values) & (np.abs(margins) < width)
    x, y = margins[near] / width, values[near]
    ends = []
    for degree in (1, 2):
        limits = [_limit(x[side], y[side], degree) for side in (x < 0, x >= 0)]
        if None in limits:
            return NOTHING
        (left, left_variance), (right, right_variance) = limits
        ends.append((right - left, math.sqrt(left_variance + right_variance)))
    (value, _), (centre, error) = ends
    half = t_quantile(max(len(x) - 6, 1)) * error
    return Estimate(value, centre - half, centre + half)


def _limit(x, y, degree):
    """(the limit of y at zero, its variance robust to unequal spread), triangular weights; None of too few."""
    if len(np.unique(x)) <= degree + 1:
        return None
    weights, terms = 1 - np.abs(x), np.vander(x, degree + 1, increasing=True)
    inverse = np.linalg.pinv((terms * weights[:, None]).T @ terms)
    slopes = inverse @ (terms * weights[:, None]).T
    rest = y - terms @ (slopes @ y)
    variance = (slopes[0] ** 2 * rest**2).sum() * len(x) / (len(x) - degree - 1)
    return float(slopes[0] @ y), float(variance)


def ratio(jump):
    """(left + jump) / left and its standard error by the delta method, the limits of both sides being independent and
    of like precision; the interval is that of the jump over the left limit.
    """
    if not jump.left > 0:
        return NOTHING, math.nan
    value = 1 + jump.value / jump.left
    error = jump.error * math.sqrt((1 + value**2) / 2) / jump.left
    stretch = error * jump.left / jump.error if jump.error else 1.0
    low, high = (1 + (jump.value + stretch * (end - jump.value)) / jump.left for end in (jump.low, jump.high))
    return Estimate(value, low, high), error


def by_rank(values, admitted, competitions, clusters):
    """The difference between the admitted and the refused of one competition, an `Effect`, of a few ranks each side."""
    panel = fixed_effects.Panel((np.asarray(competitions),), np.asarray(clusters))
    return panel.effect(np.asarray(values, float), np.asarray(admitted, float))


def density(margins):
    """p of the test that as many stand just above the cut-off as just below; NaN where there are too few."""
    import diff_diff

    near, _ = _near(margins, margins)
    if min((near < 0).sum(), (near >= 0).sum()) < FEWEST:
        return math.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(diff_diff.RDDensityTest().fit(pd.DataFrame({"x": near}), running="x").p_value)
        except (ValueError, np.linalg.LinAlgError):
            return math.nan


def _near(margins, values):
    margins, values = np.asarray(margins, float), np.asarray(values, float)
    kept = np.isfinite(margins) & np.isfinite(values)
    margins, values = margins[kept], values[kept]
    kept = np.abs(margins) <= FAR * (margins.std() if len(margins) else 0.0)
    return margins[kept], values[kept]
