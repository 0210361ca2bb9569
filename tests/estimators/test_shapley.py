"""Shares of games whose shares are known."""

import itertools

import numpy as np
import pytest

from sim.statistics import shapley


def members(mask):
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def glove(mask):
    """Two players with a left glove, one with a right one; a pair is worth one."""
    return float(min((mask & 1) + (mask >> 1 & 1), mask >> 2))


def airport(costs):
    """The runway that a set of aeroplanes needs: the longest of theirs (Littlechild and Owen 1973)."""
    return lambda mask: max([costs[i] for i in members(mask)], default=0.0)


def game(value, n):
    return np.array([value(mask) for mask in range(1 << n)])


def test_the_glove_game():
    """The right glove is scarce: 1/6, 1/6, 2/3. Left gloves are substitutes, left and right complements."""
    values = game(glove, 3)
    assert shapley.shares(values) == pytest.approx([1 / 6, 1 / 6, 2 / 3])
    pairs = shapley.interactions(values)
    assert (pairs[0, 1], pairs[0, 2], pairs[1, 2]) == (-0.5, 0.5, 0.5)


def test_the_airport_game():
    """Each stretch of the runway is shared equally by those who need it."""
    costs = [3.0, 5.0, 9.0, 10.0]
    assert shapley.shares(game(airport(costs), 4)) == pytest.approx(
        [3 / 4, 3 / 4 + 2 / 3, 3 / 4 + 2 / 3 + 4 / 2, 3 / 4 + 2 / 3 + 4 / 2 + 1]
    )


def test_shares_are_the_mean_over_all_orders():
    values = np.random.default_rng(1).normal(size=(16, 2))
    arrivals = np.array([order + order[::-1] for order in itertools.permutations(range(4))]).reshape(-1, 4)
    shares, _ = shapley.sampled_shares(arrivals, dict(enumerate(values)))
    assert shares == pytest.approx(shapley.shares(values))


def test_axioms():
    """Shares sum to the effect; one who adds nothing gets nothing; equals get equal; shares of a sum are the sum of
    shares.
    """
    values = np.random.default_rng(2).normal(size=(2, 32))
    one, other = values
    assert shapley.shares(one).sum() == pytest.approx(one[31] - one[0], abs=1e-12)
    assert shapley.shares(one + other) == pytest.approx(shapley.shares(one) + shapley.shares(other))
    idle = np.tile(one[:16], 2)
    assert shapley.shares(idle)[4] == 0 and all(
        value == 0 for pair, value in shapley.interactions(idle).items() if 4 in pair
    )
    equal = game(lambda mask: one[mask & 4 | bin(mask & 3).count("1")], 3)
    assert shapley.shares(equal)[0] == pytest.approx(shapley.shares(equal)[1])


def test_effects_that_add_up_do_not_interact():
    worth = np.array([1.0, -2.0, 5.0])
    values = game(lambda mask: sum(worth[i] for i in members(mask)), 3)
    assert shapley.shares(values) == pytest.approx(worth)
    assert list(shapley.interactions(values).values()) == pytest.approx([0, 0, 0])


def test_sampled_orders():
    """Of ten members: near the exact shares by about the error that is stated, and summing to the effect exactly; a
    seed decides.
    """
    worth = np.random.default_rng(3).normal(size=10)
    value = {mask: np.array([sum(worth[members(mask)]) + 0.5 * len(members(mask)) ** 2]) for mask in range(1 << 10)}
    exact = shapley.shares(np.array(list(value.values())))
    shares, errors = zip(
        *(shapley.sampled_shares(shapley.orders(10, 8, seed), value) for seed in range(60)), strict=True
    )
    assert np.array(shares).sum(axis=1) == pytest.approx(np.full((60, 1), (value[1023] - value[0])[0]))
    assert np.array(shares).mean(axis=0) == pytest.approx(
        exact, abs=1e-9
    )  # a pair of reverse orders is exact for a quadratic game
    assert np.array(errors).max() < 1e-9
    assert (shapley.orders(10, 8, 4) == shapley.orders(10, 8, 4)).all() and (
        shapley.orders(10, 8, 4) != shapley.orders(10, 8, 5)
    ).any()


def test_the_stated_error_of_sampling_is_the_spread():
    """Over 400 samples of a random game, true spread and mean stated error agree to 15%."""
    chance = np.random.default_rng(4)
    value = {mask: np.array([chance.normal()]) for mask in range(1 << 6)}
    samples = [shapley.sampled_shares(shapley.orders(6, 10, seed), value) for seed in range(400)]
    shares, errors = (np.array(kind)[:, :, 0] for kind in zip(*samples, strict=True))
    assert shares.std(axis=0) == pytest.approx(np.sqrt((errors**2).mean(axis=0)), rel=0.15)
    exact = shapley.shares(np.array(list(value.values())))[:, 0]
    assert (abs(shares.mean(axis=0) - exact) < 4 * shares.std(axis=0) / 20).all()
