"""A known jump is found, a difference of means is not it, and who crowds above the cut-off is seen."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.statistics import discontinuity

JUMP, LEFT, SLOPE = 0.2, 0.3, 0.25


@pytest.fixture(scope="module")
def applicants():
    """8,000 whose chance rises with the margin and jumps where it reaches zero."""
    chance = np.random.default_rng(3)
    margins = chance.normal(-0.5, 1.0, 8_000)
    odds = (LEFT + SLOPE * margins + JUMP * (margins >= 0)).clip(0, 1)
    return margins, (chance.random(len(margins)) < odds).astype(float)


def test_a_jump_is_found_where_a_difference_of_means_overstates_it(applicants):
    margins, values = applicants
    jump = discontinuity.jump(margins, values)
    near = np.abs(margins) <= jump.bandwidth
    means = values[near & (margins >= 0)].mean() - values[near & (margins < 0)].mean()
    assert jump.low < JUMP < jump.high and abs(jump.value - JUMP) < 2 * jump.error
    assert means - JUMP > 3 * jump.error  # the slope counts as an effect
    assert abs(jump.left - LEFT) < 0.1
    ratio, error = discontinuity.ratio(jump)
    assert ratio.value == pytest.approx(1 + jump.value / jump.left) and ratio.low < 1 + JUMP / LEFT < ratio.high
    assert error == pytest.approx(jump.error * math.sqrt((1 + ratio.value**2) / 2) / jump.left)


def test_the_jump_within_a_width_needs_no_library_and_is_not_the_slope(applicants):
    margins, values = applicants
    estimate = discontinuity.within(margins, values, 1.0)
    near = np.abs(margins) < 1.0
    means = values[near & (margins >= 0)].mean() - values[near & (margins < 0)].mean()
    assert estimate.low < JUMP < estimate.high < means
    x = np.linspace(-1, 1, 41)
    exact = discontinuity.within(x, 3 * x + 5 * (x >= 0), 1.0)
    assert list(exact) == pytest.approx([5, 5, 5])
    assert math.isnan(discontinuity.within(x[18:24], x[18:24], 1.0).low)


def test_no_jump_is_found_where_there_is_none(applicants):
    margins, _ = applicants
    values = margins + np.random.default_rng(1).normal(size=len(margins))
    jump = discontinuity.jump(margins, values)
    assert jump.low < 0 < jump.high


def test_the_jump_is_that_of_rdrobust():
    """rdrobust 2.1.1 (GPL 3, hence not installed) on the same 2,000 rows, with its defaults and vce="nn"."""
    chance = np.random.default_rng(7)
    margins = chance.normal(size=2_000)
    margins = margins[np.abs(margins) < 2.5]
    values = 0.5 * margins + 0.3 * (margins >= 0) + chance.normal(size=len(margins))
    jump = discontinuity.jump(margins, values)
    told = [jump.value, jump.error, jump.low, jump.high, jump.bandwidth]
    assert told == pytest.approx(RDROBUST, rel=1e-6)


def test_who_moves_above_the_cutoff_is_seen(applicants):
    margins, _ = applicants
    assert discontinuity.density(margins) > 0.05
    chance = np.random.default_rng(8)
    moves = (margins > -0.5) & (margins < 0) & (chance.random(len(margins)) < 0.6)
    crowded = np.where(moves, chance.uniform(0, 0.2, len(margins)), margins)
    assert discontinuity.density(crowded) < 0.001


def test_ranks_within_competitions():
    """Two competitions of unlike level, a jump of 2 in both: the effect of the competition is swept out."""
    values, admitted = [1.0, 3.0, 11.0, 13.0], [0, 1, 0, 1]
    effect = discontinuity.by_rank(values, admitted, [1, 1, 2, 2], [1, 2, 3, 4])
    assert effect.value == pytest.approx(2) and effect.error == pytest.approx(0)


def test_too_few_say_nothing():
    jump = discontinuity.jump(np.linspace(-1, 1, 20), np.arange(20.0))
    assert math.isnan(jump.value) and (jump.n_left, jump.n_right) == (10, 10)
    assert math.isnan(discontinuity.density(np.linspace(-1, 1, 20)))
    assert math.isnan(discontinuity.ratio(jump)[1])
    empty = discontinuity.jump(pd.Series(dtype=float), pd.Series(dtype=float))
    assert math.isnan(empty.low)


RDROBUST = [0.2974227269472009, 0.13861718258631747, -0.04216662150985945, 0.6071103038677301, 0.6022282946633882]
