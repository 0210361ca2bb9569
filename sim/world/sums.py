"""Sums in kernels that have the bits of NumPy's: a sum can move from one to the other and no run changes."""

import numpy as np

from sim.world.kernel import kernel

AT_ONCE = 8  # running sums that NumPy keeps side by side
IN_ONE_GO = 128  # numbers beyond which it sums two parts


@kernel
def total(values):
    """Sum of numbers, float64[n], in the order of `numpy.sum`."""
    n = len(values)
    if n > IN_ONE_GO:
        half = n // 2 // AT_ONCE * AT_ONCE
        return total(values[:half]) + total(values[half:])
    out, done = 0.0, n - n % AT_ONCE
    if done > 0:
        side = values[:AT_ONCE].copy()
        for i in range(AT_ONCE, done):
            side[i % AT_ONCE] += values[i]
        width = 1
        while width < AT_ONCE:  # neighbours, then pairs of them, and so on
            for k in range(0, AT_ONCE, 2 * width):
                side[k] += side[k + width]
            width *= 2
        out = side[0]
    for i in range(done, n):
        out += values[i]
    return out


@kernel
def mean(values):
    """Mean of numbers, float64[n], with the bits of `numpy.mean`."""
    return total(values) / np.float64(len(values))
