"""Differences in differences: one effect within units and periods, with errors clustered; by instruments as well.

A Panel sweeps the means of its groups out of a column and then fits by least squares, `y = b x`, or by an instrument,
`b = z'y / z'x`. Errors are clustered (Liang and Zeger 1986, with the correction for few clusters), intervals are
Student's t with one degree of freedom less than there are clusters. The interval of Anderson and Rubin (1949) holds
however little the instrument moves x: the b at which z no longer explains y - b x; it may have no bounds. Amounts
with many zeros go by Poisson. A test holds least squares and Poisson against the library pyfixest.
"""

import math
from typing import NamedTuple

import numpy as np

from sim.statistics import intervals
from sim.statistics.intervals import Estimate

ROUNDS, EXACT = 2_000, 1e-9  # of sweeping: at most, and until nothing moves by more than this share of the spread
STEPS, SAME, MOST, TINY = 100, 1e-7, 50.0, 1e-12  # of Poisson: steps, when done, largest exponent, least mean
TALL = 10.0  # log points beyond which a percentage says nothing


class Effect(NamedTuple):
    """A coefficient with its standard error and interval, from so many observations and clusters."""

    value: float
    error: float
    low: float
    high: float
    n: int
    clusters: int

    @property
    def estimate(self):
        """The value with its interval."""
        return Estimate(self.value, self.low, self.high)

    def times(self, factor):
        """The Effect in another unit."""
        low, high = sorted((self.low * factor, self.high * factor))
        return self._replace(value=self.value * factor, error=self.error * abs(factor), low=low, high=high)

    def percent(self):
        """The Effect on a logarithm in percent; its error by the delta method. None where it is beyond all sense."""
        if not abs(self.value) < TALL:
            return NO_EFFECT._replace(n=self.n, clusters=self.clusters)
        value, low, high = (100 * math.expm1(min(x, MOST)) for x in (self.value, self.low, self.high))
        return self._replace(value=value, error=100 * self.error * math.exp(self.value), low=low, high=high)


NO_EFFECT = Effect(math.nan, math.nan, math.nan, math.nan, 0, 0)


class Panel:
    """Observations in `groups`, arrays of labels whose means are swept out, and in so `many` clusters of joint luck."""

    def __init__(self, groups, clusters):
        self.groups = [np.unique(group, return_inverse=True)[1] for group in groups]
        labels, self.clusters = np.unique(clusters, return_inverse=True)
        self.many = len(labels)
        self.sizes = [np.bincount(group) for group in self.groups]

    def within(self, values, weights=None):
        """`values` without the means of all groups, where `weights` are given by these."""
        values = np.array(values, float)
        spread = values.std() or 1.0
        sizes = self.sizes if weights is None else [np.bincount(group, weights) for group in self.groups]
        for _ in range(ROUNDS):
            before = values.copy()
            for group, size in zip(self.groups, sizes, strict=True):
                parts = values if weights is None else values * weights
                values -= (np.bincount(group, parts) / size)[group]
            if len(self.groups) == 1 or np.abs(values - before).max() <= EXACT * spread:
                break
        return values

    def effect(self, y, x):
        """The Effect of x on y by least squares."""
        if not len(y):
            return NO_EFFECT
        x = self.within(x)
        return self._effect(self.within(y), x, x)

    def instrumented(self, y, x, z):
        """(the Effect of x on y by the instrument z, F of the first stage, the interval of Anderson and Rubin)."""
        y, x, z = self.within(y), self.within(x), self.within(z)
        first = self._effect(x, z, z)
        strength = (first.value / first.error) ** 2 if first.error else math.nan
        return self._effect(y, x, z), strength, self._anderson_rubin(y, x, z)

    def _effect(self, y, x, z):
        n, crossed = len(y), float(z @ x)
        if self.many < 2 or abs(crossed) < EXACT * n:
            return NO_EFFECT._replace(n=n, clusters=self.many)
        value = float(z @ y) / crossed
        return self.coefficient(value, z * (y - value * x), crossed)

    def coefficient(self, value, scores, crossed):
        """The Effect of this value from the `scores` of the observations and what they are divided by."""
        error = math.sqrt(self._variance(scores)) / abs(crossed)
        half = intervals.t_quantile(self.many - 1) * error
        return Effect(value, error, value - half, value + half, len(scores), self.many)

    def _variance(self, scores, others=None):
        """Of the sum of scores, clusters being independent; with `others` the covariance of both."""
        sums = np.bincount(self.clusters, scores)
        others = sums if others is None else np.bincount(self.clusters, others)
        free = len(scores) - 1 - sum(len(size) - 1 for size in self.sizes if not self._nested(size))
        return float(sums @ others) * self.many / (self.many - 1) * (len(scores) - 1) / max(free, 1)

    def _nested(self, size):
        """Whether these groups are as many as the clusters: their effects cost no degrees of freedom beyond them."""
        return len(size) >= self.many

    def _anderson_rubin(self, y, x, z):
        """The b with (z'(y - b x))^2 <= t^2 var(z'(y - b x)): a quadratic in b."""
        if self.many < 2:
            return (math.nan, math.nan)
        t = intervals.t_quantile(self.many - 1) ** 2
        zy, zx = float(z @ y), float(z @ x)
        yy, xx, xy = (self._variance(z * a, z * b) for a, b in ((y, y), (x, x), (x, y)))
        square, middle, rest = zx**2 - t * xx, zx * zy - t * xy, zy**2 - t * yy
        root = middle**2 - square * rest
        if square <= 0:  # open on both sides, or everything
            return (-math.inf, math.inf)
        return ((middle - math.sqrt(max(root, 0.0))) / square, (middle + math.sqrt(max(root, 0.0))) / square)


def least_squares(frame, y, x, effects, cluster):
    """The Effect of the column `x` on `y` of a long frame, the columns `effects` swept out."""
    if len(frame) < 2 or frame[x].nunique() < 2:
        return NO_EFFECT._replace(n=len(frame))
    panel = Panel([frame[name].to_numpy() for name in effects], frame[cluster].to_numpy())
    return panel.effect(frame[y].to_numpy(float), frame[x].to_numpy(float))


def poisson(frame, y, x, effects, cluster):
    """The same by Poisson pseudo likelihood: the Effect on the logarithm of the mean, zeros and all (Santos Silva and
    Tenreyro 2006), by weighted least squares again and again (Correia, Guimaraes, Zylkin 2020). Groups in which y is
    always zero say nothing and are left out.
    """
    kept = frame
    while len(kept) and any((kept.groupby(name)[y].transform("sum") == 0).any() for name in effects):
        for name in effects:
            kept = kept[kept.groupby(name)[y].transform("sum") > 0]
    if len(kept) < 2 or kept[x].nunique() < 2 or kept[cluster].nunique() < 2:
        return NO_EFFECT._replace(n=len(kept))
    panel = Panel([kept[name].to_numpy() for name in effects], kept[cluster].to_numpy())
    values, inside = kept[y].to_numpy(float), kept[x].to_numpy(float)
    mean, slope = (values + values.mean()) / 2, math.nan
    for _ in range(STEPS):
        worked = np.log(mean) + (values - mean) / mean
        swept, left = panel.within(inside, mean), panel.within(worked, mean)
        crossed = float((mean * swept) @ swept)
        if crossed < EXACT * float(mean.sum()):
            break
        before, slope = slope, float((mean * swept) @ left) / crossed
        if not abs(slope) < MOST:
            break
        mean = np.exp((worked - (left - slope * swept)).clip(-MOST, MOST)).clip(min=TINY)
        if abs(slope - before) < SAME:
            return panel.coefficient(slope, swept * (values - mean), crossed)
    return NO_EFFECT._replace(n=len(kept))


def power(effect, error):
    """Chance that a two-sided test at 5% of an estimate with this standard error finds an effect of this size."""
    from scipy.special import ndtr

    if not (error > 0 and math.isfinite(error)):
        return math.nan
    z = intervals.t_quantile(10**6)
    return float(ndtr(abs(effect) / error - z) + ndtr(-abs(effect) / error - z))
