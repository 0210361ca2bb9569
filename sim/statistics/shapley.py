"""Who did what in a bundle: values of cooperative games whose players are policies.

A coalition is a bit mask over the n members; v maps it to what a run with exactly these members leaves.

    share        phi_i = sum over S without i of  s! (n-s-1)! / n!  [ v(S + i) - v(S) ]       (Shapley 1953)
    interaction  I_ij  = sum over S without i, j of  s! (n-s-2)! / (n-1)!  d_ij(S)            (Grabisch, Roubens 1999)
                 d_ij(S) = v(S + i + j) - v(S + i) - v(S + j) + v(S)

Shares sum to v(all) - v(none). Arrays have the coalitions, or the members, first; further axes are carried along.
"""

from itertools import combinations
from math import factorial

import numpy as np


def shares(values):
    """Shapley values, an array (n, ...), of the game `values` over all 2^n coalitions, an array (2^n, ...)."""
    n = len(values).bit_length() - 1
    sizes = _sizes(n)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) if s < n else 0.0 for s in range(n + 1)])
    return np.array(
        [
            _weighted(weight[sizes], (masks := _without(n, 1 << i)), values[masks | 1 << i] - values[masks])
            for i in range(n)
        ]
    )


def interactions(values):
    """Shapley interaction index of all pairs, {(i, j): array (...)}, of the game `values` over all coalitions."""
    n = len(values).bit_length() - 1
    sizes = _sizes(n)
    weight = np.array(
        [factorial(s) * factorial(n - s - 2) / factorial(n - 1) if s < n - 1 else 0.0 for s in range(n + 1)]
    )
    index = {}
    for i, j in combinations(range(n), 2):
        masks = _without(n, 1 << i | 1 << j)
        index[i, j] = _weighted(weight[sizes], masks, second_difference(lambda mask: values[mask], masks, i, j))
    return index


def second_difference(value, masks, i, j):
    """d_ij at the coalitions `masks`; `value` gives the values of coalitions."""
    return value(masks | 1 << i | 1 << j) - value(masks | 1 << i) - value(masks | 1 << j) + value(masks)


def orders(n, pairs, seed):
    """`pairs` random orders of n members, each followed by its reverse: an array (2 pairs, n) that `seed` decides."""
    chance = np.random.default_rng(seed)
    drawn = [chance.permutation(n) for _ in range(pairs)]
    return np.array([order for one in drawn for order in (one, one[::-1])])


def along(order):
    """The coalitions that arise when members come in an order: n + 1 masks from nobody to all."""
    return [0, *np.cumsum(1 << np.asarray(order)).tolist()]


def sampled_shares(arrivals, values):
    """(shares (n, ...), their error (n, ...)) of a game known along some `orders` only; `values` maps a mask to an
    array (...).

    The mean of what each member adds when it comes; every order adds up to v(all) - v(none), so the shares do.
    The error is the standard deviation over pairs of an order and its reverse by the root of their number; NaN of
    one pair.
    """
    added = np.array(
        [
            [values[mask | 1 << i] - values[mask] for i, mask in sorted(zip(order, along(order), strict=False))]
            for order in arrivals.tolist()
        ]
    )
    pairs = (added[::2] + added[1::2]) / 2
    spread = pairs.std(axis=0, ddof=1) if len(pairs) > 1 else np.full(pairs.shape[1:], np.nan)
    return pairs.mean(axis=0), spread / np.sqrt(len(pairs))


def _sizes(n):
    return np.bitwise_count(np.arange(1 << n))


def _without(n, members):
    masks = np.arange(1 << n)
    return masks[masks & members == 0]


def _weighted(weights, masks, differences):
    return np.tensordot(weights[masks], differences, axes=(0, 0))
