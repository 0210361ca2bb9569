"""A known effect is found by differences in differences, by an instrument and by Poisson; the first and the last find
what pyfixest finds.
"""

import math

import numpy as np
import pandas as pd
import pytest

from sim.statistics import fixed_effects

EFFECT = 0.3


@pytest.fixture(scope="module")
def panel():
    """40 cities, 15 years, half of them treated from a year of their own on; treated cities start higher, and all
    rise, so that neither a comparison of levels nor one of before and after is right.
    """
    chance = np.random.default_rng(1)
    city, year = np.repeat(np.arange(40), 15), np.tile(np.arange(15), 40)
    inside = ((city < 20) & (year >= 5 + city % 6)).astype(float)
    level = 1.0 * (city < 20) + chance.normal(size=40)[city] + 0.1 * year
    frame = pd.DataFrame({"city": city, "year": year, "inside": inside})
    frame["y"] = level + EFFECT * inside + 0.2 * chance.normal(size=len(frame))
    frame["count"] = chance.poisson(np.exp(-1.0 + EFFECT * inside + 0.05 * year))
    frame["money"] = 2 * inside + 0.3 * chance.normal(size=len(frame))
    frame["private"] = 0.5 * frame["money"] + 0.2 * chance.normal(size=len(frame))
    return frame


@pytest.fixture(scope="module")
def holes(panel):
    return panel[np.random.default_rng(2).random(len(panel)) < 0.8]


def test_an_effect_is_found_where_plain_differences_are_wrong(panel):
    effect = fixed_effects.least_squares(panel, "y", "inside", ["city", "year"], "city")
    plain = panel.groupby("inside")["y"].mean().diff().iloc[-1]
    assert effect.low < EFFECT < effect.high and effect.clusters == 40
    assert plain > EFFECT + 5 * effect.error


PYFIXEST = {  # column -> coefficient and standard error of `inside`
    "y": (0.3369535877174333, 0.037089994495868896),  # feols
    "count": (0.5998972617190959, 0.19162669177637628),  # fepois
}


@pytest.mark.parametrize(("ours", "y"), [(fixed_effects.least_squares, "y"), (fixed_effects.poisson, "count")])
def test_it_is_that_of_pyfixest(holes, ours, y):
    """pyfixest 0.60.0 (MIT; of no use to anything else here, hence not installed) on the same rows: feols and fepois of
    `y ~ inside | city + year` with vcov={"CRV1": "city"}. Errors differ in the correction for degrees of freedom only.
    """
    effect = ours(holes, y, "inside", ["city", "year"], "city")
    value, error = PYFIXEST[y]
    assert effect.value == pytest.approx(value, rel=1e-5)
    assert effect.error == pytest.approx(error, rel=0.02)


def test_an_instrument_and_the_interval_that_holds_however_weak_it_is(panel):
    cities = fixed_effects.Panel((panel["city"], panel["year"]), panel["city"])
    strong, strength, ends = cities.instrumented(panel["private"], panel["money"], panel["inside"].to_numpy())
    assert strong.low < 0.5 < strong.high and ends[0] < 0.5 < ends[1] and strength > 100
    noise = np.random.default_rng(5).normal(size=len(panel))
    _, strength, ends = cities.instrumented(panel["private"], noise, panel["inside"].to_numpy())
    assert strength < 10 and ends == (-math.inf, math.inf)


def test_zeros_all_through_say_nothing_to_poisson(panel):
    frame = panel.assign(count=np.where(panel["city"] % 2 == 0, 0, panel["count"]))
    effect = fixed_effects.poisson(frame, "count", "inside", ["city", "year"], "city")
    assert effect.n == 300
    nothing = fixed_effects.poisson(panel.assign(count=0), "count", "inside", ["city", "year"], "city")
    assert math.isnan(nothing.value)


def test_percent_and_power():
    effect = fixed_effects.Effect(math.log(1.5), 0.1, 0.0, math.log(2), 10, 5).percent()
    assert [effect.value, effect.low, effect.high] == pytest.approx([50, 0, 100]) and effect.error == pytest.approx(15)
    assert math.isnan(fixed_effects.Effect(40.0, 1.0, 39.0, 41.0, 10, 5).percent().value)
    assert fixed_effects.power(2.8, 1.0) == pytest.approx(0.8, abs=0.005)
    assert fixed_effects.power(0.0, 1.0) == pytest.approx(0.05, abs=1e-6)
    assert math.isnan(fixed_effects.power(1.0, math.nan))


def test_an_empty_panel_says_nothing():
    empty = pd.DataFrame({"y": [], "x": [], "g": []})
    assert math.isnan(fixed_effects.least_squares(empty, "y", "x", ["g"], "g").value)
