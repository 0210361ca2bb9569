"""Chance: the published generator, its distributions, and the same bits everywhere.

The samples of the statistical tests are fixed by their seed, so a test passes always or
never. Each was given a level of 1e-4 (one run in ten thousand seeds would fail a perfect
generator); the docstrings say what it would find in 95 of 100 seeds.
"""

import decimal
import math
import os
import subprocess
import sys
import timeit
from pathlib import Path

import numba
import numpy as np
import pytest

from sim.world import draws
from sim.world.draws import Decision, exp, gumbel, log, logistic, normal, normal_quantile, philox, power, uniform
from sim.world.kernel import kernel

ROOT = Path(__file__).resolve().parents[2]
SEED, QUARTER, PERSON = 20060101, 8024, 3 << 48 | 8024 << 32
Z = 3.89  # two-sided level 1e-4
SAMPLE = 200_000


@kernel
def fill_uniform(out, seed, decision, quarter, identity, index):
    for i in range(out.size):
        out[i] = uniform(seed, decision, quarter, identity + i, index)


@kernel
def fill_normal(out, seed, decision, quarter, identity, index):
    for i in range(out.size):
        out[i] = normal(seed, decision, quarter, identity + i, index)


@kernel
def fill_gumbel(out, seed, decision, quarter, identity, index):
    for i in range(out.size):
        out[i] = gumbel(seed, decision, quarter, identity + i, index)


@kernel
def fill_exp(out, x):
    for i in range(out.size):
        out[i] = exp(x[i])


@kernel
def fill_log(out, x):
    for i in range(out.size):
        out[i] = log(x[i])


@kernel
def fill_power(out, x, a):
    for i in range(out.size):
        out[i] = power(x[i], a)


@kernel
def fill_quantile(out, p):
    for i in range(out.size):
        out[i] = normal_quantile(p[i])


def values(fill, x, *rest):
    out = np.empty(len(x))
    fill(out, np.asarray(x, dtype=np.float64), *rest)
    return out


def sample(fill, seed=SEED, decision=Decision.IDEA, quarter=QUARTER, identity=PERSON, index=0):
    out = np.empty(SAMPLE)
    fill(out, seed, decision, quarter, identity, index)
    return out


# ---------------------------------------------------------------- the generator


@pytest.mark.parametrize(
    "counter, key, words",
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_gives_the_known_answers_of_random123(counter, key, words):
    arguments = [np.uint64(int(word, 16)) for word in (key + " " + counter).split()]
    assert [int(word) for word in philox(*arguments)] == [int(word, 16) for word in words.split()]


def test_a_uniform_is_made_of_the_first_two_words_of_its_counter():
    seed, decision, quarter, identity, index = 5 << 32 | 7, Decision.RAISE, 8060, 2 << 48 | 8059 << 32 | 11, 13
    counter = (11, 2 << 16 | 8059, 13, 33 << 16 | 8060)
    first, second, _, _ = (int(word) for word in philox(*(np.uint64(word) for word in (7, 5, *counter))))
    cell = (first >> 6) << 26 | second >> 6
    assert uniform(seed, decision, quarter, identity, index) == (2 * cell + 1) / 2**53


def test_a_uniform_is_never_zero_nor_one():
    none, all_bits = np.uint64(0), np.uint64(0xFFFFFFFF)
    assert draws._midpoint(none, none) == 2.0**-53
    assert draws._midpoint(all_bits, all_bits) == 1.0 - 2.0**-53


def test_no_bit_of_the_arguments_is_lost():
    arguments = (SEED, 15, QUARTER, PERSON, 0)
    met = {uniform(*arguments)}
    bits = (63, 16, 16, 64, 32)
    for place, width in enumerate(bits):
        for bit in range(width):
            changed = list(arguments)
            changed[place] ^= 1 << bit if bit < 63 else -(1 << 63)  # the sign of an int64
            met.add(uniform(*changed))
    assert len(met) == 1 + sum(bits)


def test_decisions_are_numbered_from_one_and_fit_their_half_word():
    assert [decision.value for decision in Decision] == list(range(1, len(Decision) + 1))
    assert len(Decision) < 2**16


def test_a_decision_and_its_number_give_the_same_draw():
    assert uniform(SEED, Decision.QUIT, QUARTER, PERSON, 0) == uniform(SEED, int(Decision.QUIT), QUARTER, PERSON, 0)


# ---------------------------------------------------------------- distributions


def standard_normal_share(z):
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in z])


def kolmogorov_distance(shares):
    """Largest gap between the sorted `shares` and the uniform distribution function."""
    shares, n = np.sort(shares), len(shares)
    return max(np.max(np.arange(1, n + 1) / n - shares), np.max(shares - np.arange(n) / n))


def test_uniforms_are_uniform():
    """Finds a mean off by 0.0036 and a distribution function off by 0.009 anywhere."""
    u = sample(fill_uniform)
    assert abs(u.mean() - 1 / 2) < Z * math.sqrt(1 / 12 / SAMPLE)
    assert abs(np.mean((u - 0.5) ** 2) - 1 / 12) < Z * math.sqrt(1 / 180 / SAMPLE)
    assert kolmogorov_distance(u) < 2.226 / math.sqrt(SAMPLE)
    assert len(np.unique(u)) == SAMPLE


def test_normals_are_normal():
    """Finds a mean off by 0.013, a variance by 0.018, a skewness by 0.03, a kurtosis by 0.06."""
    z = sample(fill_normal)
    for moment, expected, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(np.mean(z**moment) - expected) < Z * math.sqrt(variance / SAMPLE)
    assert kolmogorov_distance(standard_normal_share(z)) < 2.226 / math.sqrt(SAMPLE)


def test_gumbels_choose_as_the_logit_does():
    """Finds a choice share off by 0.0055."""
    taken = np.mean(1.0 + sample(fill_gumbel) > sample(fill_gumbel, index=1))
    share = math.e / (1.0 + math.e)
    assert abs(taken - share) < Z * math.sqrt(share * (1 - share) / SAMPLE)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": SEED + 1},
        {"decision": Decision.FOUND},
        {"quarter": QUARTER + 1},
        {"identity": PERSON + 1},
        {"identity": PERSON + (1 << 32)},
        {"index": 1},
    ],
    ids=["seed", "decision", "quarter", "identity", "cohort", "index"],
)
def test_draws_of_different_arguments_are_independent(change):
    """Finds a correlation of 0.0125, and a dependence that shifts 256 cells by 3 % each."""
    u, v = sample(fill_uniform), sample(fill_uniform, **change)
    assert abs(np.corrcoef(u, v)[0, 1]) < Z / math.sqrt(SAMPLE)
    cells = np.histogram2d(u, v, bins=16, range=((0, 1), (0, 1)))[0]
    expected = SAMPLE / 256
    assert np.sum((cells - expected) ** 2) / expected < 348.0  # chi-square, 255 degrees of freedom


@pytest.mark.parametrize("place", range(5), ids=["seed", "decision", "quarter", "identity", "index"])
def test_draws_along_one_argument_are_a_random_sequence(place):
    """Finds a correlation of 0.04 between neighbours and a distribution function off by 0.02."""
    count = 20_000
    arguments = [SEED, 15, QUARTER, PERSON, 0]
    u = np.empty(count)
    for i in range(count):
        u[i] = uniform(*arguments)
        arguments[place] += 1
    assert kolmogorov_distance(u) < 2.226 / math.sqrt(count)
    for lag in (1, 2, 4):
        assert abs(np.corrcoef(u[lag:], u[:-lag])[0, 1]) < Z / math.sqrt(count)


# ---------------------------------------------------------------- functions


def units_in_the_last_place(found, exact):
    return float(abs(decimal.Decimal(float(found)) - exact) / decimal.Decimal(math.ulp(float(exact))))


def test_exp_is_within_one_unit_in_the_last_place():
    x = np.linspace(-707.9, 708.9, 4001)
    with decimal.localcontext(prec=40):
        errors = [
            units_in_the_last_place(y, decimal.Decimal(float(v)).exp())
            for v, y in zip(x, values(fill_exp, x), strict=True)
        ]
    assert max(errors) < 1.0


def test_log_is_within_one_unit_in_the_last_place():
    x = np.concatenate([np.exp(np.linspace(-708, 709, 2001)), np.linspace(0.5, 1.999, 2002)])
    with decimal.localcontext(prec=40):
        errors = [
            units_in_the_last_place(y, decimal.Decimal(float(v)).ln())
            for v, y in zip(x, values(fill_log, x), strict=True)
        ]
    assert max(errors) < 1.0


@pytest.mark.parametrize("a", [-2.5, -0.3, 0.07, 0.5, 1.0, 3.0])
def test_power_is_as_exact_as_it_says(a):
    x = np.exp(np.linspace(-60, 60, 501))
    with decimal.localcontext(prec=40):
        for v, y in zip(x, values(fill_power, x, a), strict=True):
            exact = decimal.Decimal(float(v)) ** decimal.Decimal(a)
            error = float(abs(decimal.Decimal(float(y)) / exact - 1))
            assert error < 4e-16 * (1.0 + abs(a * math.log(v)))


def test_functions_outside_their_range():
    infinity, nan = np.inf, np.nan
    top = exp(709.0)
    assert 8.2e307 < top < 8.3e307
    np.testing.assert_array_equal(
        values(fill_exp, [-infinity, -1e9, -708.1, 0.0, 709.1, infinity, nan]), [0.0, 0.0, 0.0, 1.0, top, top, nan]
    )
    np.testing.assert_array_equal(
        values(fill_log, [-infinity, -1.0, -0.0, 0.0, 1e-310, 1.0, infinity, nan]),
        [-infinity, -infinity, -infinity, -infinity, -infinity, 0.0, infinity, nan],
    )
    assert power(0.0, 2.0) == 0.0 and power(0.0, -2.0) == top
    assert power(0.0, 0.0) == 1.0 and power(7.0, 0.0) == 1.0 and power(1.0, 9.0) == 1.0


def test_logistic_is_a_share():
    assert logistic(0.0) == 0.5
    assert logistic(-1000.0) < 1e-300 and logistic(1000.0) == 1.0
    assert logistic(math.log(3.0)) == pytest.approx(0.75, rel=1e-15)
    assert logistic(-30.0) == pytest.approx(math.exp(-30.0), rel=1e-12)


@pytest.mark.parametrize(
    "p, z", [(0.25, -0.674489750196081743), (0.001, -3.090232306167813542), (1e-20, -9.262340089798407784)]
)
def test_quantiles_are_those_printed_in_as_241(p, z):
    assert normal_quantile(p) == pytest.approx(z, rel=2e-15)


def test_quantiles_invert_the_distribution_function():
    p = np.concatenate([np.linspace(0.001, 0.999, 999), 10.0 ** -np.arange(1.0, 300.0)])
    np.testing.assert_allclose(standard_normal_share(values(fill_quantile, p)), p, rtol=1e-12)


def test_quantiles_are_symmetric_and_grow_across_the_branches():
    u = np.linspace(2.0**-40, 0.5, 1001)
    p = np.rint(u * 2.0**52) * 2.0**-52
    np.testing.assert_array_equal(values(fill_quantile, p), -values(fill_quantile, 1.0 - p))
    for branch in (0.075, 0.925, math.exp(-25.0), 0.5):
        around = branch * (1.0 + np.arange(-1000, 1001) * 2.0**-44)
        assert np.all(np.diff(values(fill_quantile, around)) > 0.0)


# ---------------------------------------------------------------- the same bits, fast


def some_of_everything() -> bytes:
    """About 3 000 draws and function values; loops are vectorised when compiled."""
    columns = []
    for fill in (fill_uniform, fill_normal, fill_gumbel):
        for decision in (Decision.IDEA, Decision.BELIEF):
            out = np.empty(301)
            fill(out, 1 << 40 | 17, decision, QUARTER, PERSON - 150, 3)
            columns.append(out)
    columns.append(values(fill_exp, np.linspace(-720.0, 720.0, 301)))
    columns.append(values(fill_log, np.exp2(np.linspace(-1030.0, 1023.0, 301))))
    columns.append(values(fill_power, np.linspace(0.0, 50.0, 301), 0.37))
    columns.append(values(fill_quantile, np.exp2(np.linspace(-1000.0, -0.001, 301))))
    columns.append(np.array([logistic(x) for x in np.linspace(-800.0, 800.0, 101)]))
    return np.concatenate(columns).tobytes()


def seconds() -> bytes:
    """Shortest of many times that each loop of this file takes for 20,000 elements, compiled anew, as lines."""
    x, out, lines = np.linspace(0.1, 50.0, 20_000), np.empty(20_000), []
    arguments = {"uniform": (SEED, Decision.IDEA, QUARTER, PERSON, 0), "exp": (x,)}
    arguments |= {"normal": arguments["uniform"], "log": arguments["exp"], "power": (x, 0.5)}
    for name, rest in arguments.items():
        loop = numba.njit(error_model="numpy")(globals()[f"fill_{name}"].py_func)
        loop(out, *rest)
        lines.append(f"{name} {min(timeit.repeat(lambda: loop(out, *rest), number=1, repeat=30))}")  # noqa: B023
    return "\n".join(lines).encode()


def in_a_fresh_process(what: str, **variables: str) -> bytes:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "0"} | variables
    command = [sys.executable, "-W", "error::RuntimeWarning", __file__, what]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


@pytest.mark.slow
def test_compiled_and_plain_python_give_the_same_bits():
    compiled = in_a_fresh_process("values")
    assert len(compiled) > 2000 * 8
    assert compiled == in_a_fresh_process("values", NUMBA_DISABLE_JIT="1")


@pytest.mark.slow
def test_loops_over_draws_and_functions_take_several_elements_at_once():
    """They are faster than the same loops of which the compiler takes one element after the other: on AVX2 two to
    seven times, on registers of two numbers less.
    """
    scalar = {"NUMBA_LOOP_VECTORIZE": "0", "NUMBA_SLP_VECTORIZE": "0"}
    vector, scalar = (in_a_fresh_process("seconds", **given).decode().split() for given in ({}, scalar))
    gain = {name: float(b) / float(a) for name, a, b in zip(vector[::2], vector[1::2], scalar[1::2], strict=True)}
    assert len(gain) == 5 and min(gain.values()) > 1.2, gain


if __name__ == "__main__":
    sys.stdout.buffer.write(some_of_everything() if sys.argv[1] == "values" else seconds())
