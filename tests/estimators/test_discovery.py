"""Boxes that are known."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.statistics import discovery


def worlds(n, seed, columns=4):
    chance = np.random.default_rng(seed)
    table = pd.DataFrame(
        chance.random((n, columns)), columns=[f"mechanism.m.{letter}" for letter in "abcdefgh"[:columns]]
    )
    return table.assign(
        **{"shock.storm": chance.integers(0, 2, n).astype(float), "shock.calm": chance.integers(0, 2, n).astype(float)}
    )


def test_a_known_box_is_found():
    """Failures below 0.4 of one parameter and under one shock, and nowhere else: both limits, no other, nearly all
    failures.
    """
    tried = worlds(200, 1, 2)
    failed = ((tried["mechanism.m.a"] < 0.4) & (tried["shock.storm"] == 1)).to_numpy()
    box = discovery.discover(tried, failed, 1)
    assert set(box.limits) == {"mechanism.m.a", "shock.storm"}
    low, high = box.limits["mechanism.m.a"]
    assert math.isinf(low) and high == pytest.approx(0.4, abs=0.03)
    assert box.coverage > 0.9 and box.density > 0.95 and box.p == 0.01
    assert box.share == failed.mean() and box.mass == pytest.approx(box.coverage * box.share / box.density)


def test_a_box_among_noise():
    """A tenth of the worlds has the other verdict: the box is found all the same, less dense."""
    tried = worlds(200, 2, 2)
    failed = ((tried["mechanism.m.b"] > 0.6) & (tried["shock.storm"] == 0)).to_numpy() ^ (
        np.random.default_rng(2).random(200) < 0.1
    )
    box = discovery.discover(tried, failed, 1)
    assert set(box.limits) == {"mechanism.m.b", "shock.storm"} and box.limits["shock.storm"] == (-math.inf, 0.5)
    assert 0.75 < box.density < 1 and box.density > box.chance > 0


def test_no_box_without_a_cause():
    """Failures by lot: the test at 5% may be wrong in one case of twenty, so at most 3 of 12 (probability 0.2% of
    more).
    """
    lots = [np.random.default_rng([7, i]).random(60) < 0.3 for i in range(12)]
    assert sum(discovery.discover(worlds(60, i, 1), failed, 1) is not None for i, failed in enumerate(lots)) <= 3


def test_nothing_to_find():
    tried = worlds(30, 1)
    assert (
        discovery.discover(tried, np.zeros(30, bool), 1) is None
        and discovery.discover(tried, np.ones(30, bool), 1) is None
    )


def test_limits_by_hand():
    tried = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [5.0, 5.0, 6.0, 6.0]})
    assert discovery.inside(tried, {"a": (0.5, math.inf), "b": (-math.inf, 5.5)}).tolist() == [
        False,
        True,
        False,
        False,
    ]
    assert discovery.inside(tried, {}).all()
