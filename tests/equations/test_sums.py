"""Sums in kernels have the bits of NumPy's."""

import numpy as np
import pytest

from sim.world.sums import mean, total


@pytest.mark.parametrize("n", [1, 3, 7, 8, 9, 16, 127, 128, 129, 300, 1000])
def test_sums_have_the_bits_of_numpys(n):
    """Numbers of all sizes and signs, whose sum any other order would move."""
    chance = np.random.default_rng(n)
    for values in np.exp(9 * chance.normal(size=(50, n))) * chance.choice([-1.0, 1.0], (50, n)):
        assert (total(values), mean(values)) == (values.sum(), values.mean())
