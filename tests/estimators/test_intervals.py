"""Intervals by hand numbers; quantiles are those of printed tables."""

import fractions
import math

import numpy as np
import pytest

from sim.statistics import intervals

TABLE = {1: 12.7062, 4: 2.7764, 9: 2.2622, 19: 2.0930, 39: 2.0227}  # Student's t, 0.975


@pytest.mark.parametrize("degrees", TABLE)
def test_quantiles_of_the_t_table(degrees):
    assert intervals.t_quantile(degrees) == pytest.approx(TABLE[degrees], abs=5e-5)


def test_mean():
    """1, 2, 3, 4, 5: variance 2.5, standard error sqrt(0.5)."""
    half = 2.7764 * math.sqrt(0.5)
    assert intervals.mean(np.array([1.0, 2, 3, 4, 5])) == pytest.approx((3, 3 - half, 3 + half), abs=1e-4)
    few, same = intervals.mean(np.array([1.0, 2, 3, 4])), intervals.mean(np.full(9, 2.0))
    assert (few.value, same.value) == (2.5, 2) and np.isnan([*few[1:], *same[1:]]).all()
    assert intervals.mean(np.array([1.0, 2, 3]), fewest=2).low == pytest.approx(2 - 4.3027 / math.sqrt(3), abs=1e-4)
    assert np.isnan(intervals.mean(np.zeros(0))).all()


def test_p_of_the_t_test():
    """1 to 5: t = 3 / sqrt(0.5), by the table of 4 degrees two-sided p 0.0132."""
    assert intervals.p_value(np.array([1.0, 2, 3, 4, 5])) == pytest.approx(0.0132, abs=1e-4)


def test_how_far_apart_two_means_must_be_by_welch():
    """Errors of 1 and 1 of five values each: 8 degrees, 2.306 sqrt(2). An error of 1 of two values alone: 1 degree."""
    assert intervals.apart(np.array([1.0, 1.0]), np.array([5, 5])) == pytest.approx(2.306 * math.sqrt(2), abs=1e-3)
    assert intervals.apart(np.array([0.0, 1.0]), np.array([6, 2])) == pytest.approx(12.7062, abs=1e-3)
    assert intervals.apart(np.zeros(2), np.array([6, 2])) == 0.0


def test_median_by_the_sign_test():
    """Of 10 values the second and the ninth: P(Binomial(10, 1/2) <= 1) = 11/1024 is below 2.5%, P(<= 2) = 56/1024 is
    not.
    """
    assert intervals.median(np.arange(10.0)[::-1]) == (4.5, 1, 8)
    assert intervals.median(np.arange(6.0)) == (2.5, 0, 5)
    assert np.isnan(intervals.median(np.arange(5.0))[1:]).all()


@pytest.mark.parametrize("n", [20, 63, 64, 65, 66, 67, 200])
def test_a_median_of_many_values(n):
    """The ends are the outermost values that leave at most 2.5% on either side, whole numbers reckoned exactly."""
    below = [fractions.Fraction(sum(math.comb(n, k) for k in range(i + 1)), 2**n) for i in range(n // 2)]
    rank = sum(share <= fractions.Fraction(25, 1000) for share in below)
    assert intervals.median(np.arange(1.0, n + 1)) == ((n + 1) / 2, rank, n + 1 - rank)


def test_trimmed_mean_of_yuen():
    """0, 1, 2, 3, 1000: 1, 2, 3 are kept; winsorised 1, 1, 2, 3, 3 with variance 1; error sqrt(4 x 1 / (3 x 2)); t of
    2 degrees 4.3027.
    """
    half = 4.3027 * math.sqrt(4 / 6)
    assert intervals.trimmed_mean(np.array([1000.0, 0, 2, 1, 3])) == pytest.approx((2, 2 - half, 2 + half), abs=1e-3)
    assert np.isnan(intervals.trimmed_mean(np.arange(4.0))).all()


def test_runs_that_independent_seeds_need():
    """Variances 1 and 4, of the difference 1: 3 x (1 + 4) / 1."""
    one, other = np.array([1.0, 2, 3]), np.array([1.0, 3, 5])
    assert intervals.independent_runs(one, other) == pytest.approx(15)
    assert math.isnan(intervals.independent_runs(one, one))


def test_detectable():
    """Near (1.96 + 0.8416) x sd / sqrt(n) for many runs; never below (t + t) x sd / sqrt(n) by more than a trifle for
    few.
    """
    differences = np.array([-1.0, 1.0] * 50) * math.sqrt(99 / 100)
    assert intervals.detectable(differences, 10_000) == pytest.approx(2.8016 / 100, rel=1e-3)
    assert intervals.detectable(differences, 20) == pytest.approx((2.0930 + 0.8610) / math.sqrt(20), rel=1e-3)
    assert intervals.detectable(np.zeros(5), 20) == 0


def test_power_of_the_detectable_effect():
    """Found in 80% of many samples that have it."""
    chance = np.random.default_rng(1)
    effect = intervals.detectable(np.array([-1.0, 0, 1]), 8)
    samples = chance.normal(effect, 1, (20_000, 8))
    t = samples.mean(axis=1) / (samples.std(axis=1, ddof=1) / math.sqrt(8))
    assert (t > intervals.t_quantile(7)).mean() == pytest.approx(0.8, abs=0.012)


def test_ratio_of_fieller():
    """The ends r solve mean(a - r b)^2 = t^2 var(a - r b) / n."""
    a, b = np.array([1.0, 2, 4, 5, 3]), np.array([4.0, 5, 6, 5, 5])
    fieller = intervals.ratio(a, b)
    assert fieller.value == pytest.approx(3 / 5)
    for end in fieller[1:]:
        assert (a - end * b).mean() ** 2 == pytest.approx(2.77645**2 * (a - end * b).var(ddof=1) / 5, rel=1e-4)
    assert fieller.low < fieller.value < fieller.high


def test_a_ratio_over_what_may_be_zero_has_no_bounds():
    a, b = np.array([1.0, 2, 3]), np.array([-5.0, 6, 1])
    assert intervals.ratio(a, b).value == 3 and np.isnan(intervals.ratio(a, b)[1:]).all()
    assert np.isnan(intervals.ratio(a, np.zeros(3))).all()
