"""Responses of the whole city, of `experiments/responses.py`: one thing changed, the same luck in both arms.

Shanghai at scale 0.1 to 2024, at its calibrated point, where what is normal was measured; four seeds. An effect is the
mean of the paired differences, in percent of the base. Where there is none a test passes with a chance of 0.01. Means
and standard errors in the docstrings are of eight seeds when a test was written; power is that of four seeds, by the
noncentral t.
"""

import functools

import numpy as np
import project
import pytest
from scipy import stats

WORDS = ("scale=0.1",)
SEEDS = range(1, 7)
BEYOND_LUCK = stats.t.ppf(0.99, len(SEEDS) - 1)
DENSER, THINNER = "four times as dense as is normal", "a quarter as dense as is normal"
ONE_YUAN = "zone of one yuan"  # what a zone is held against


@pytest.fixture(scope="module")
def responses():
    """The script `experiments/responses.py`, with two experiments more."""
    script = project.script("responses")

    def normal_density(factor):
        return script.of_the_city(
            lambda city: {"reference": city.reference | {"density": factor * city.reference["density"]}}
        )

    for name, factor in ((DENSER, 0.25), (THINNER, 4.0)):
        script.EXPERIMENTS[name] = script.Experiment(normal_density(factor), ())
    return script


@pytest.fixture(scope="module")
def simulated(responses):
    """A function: outcomes of an arm in a seed, {name: value}; each run is made once."""
    return functools.cache(lambda arm, seed: responses.simulate(arm, seed, WORDS))


@pytest.fixture(scope="module")
def effect(simulated):
    """A function: paired differences of an outcome between two arms, percent of the mean of the base, by seed."""

    def paired(outcome, arm, base="as it is"):
        ours, theirs = (np.array([simulated(name, seed)[outcome] for seed in SEEDS]) for name in (arm, base))
        return 100.0 * (ours - theirs) / theirs.mean()

    return paired


def t_of(differences):
    """Their mean in its standard errors."""
    return differences.mean() / (differences.std(ddof=1) / np.sqrt(len(differences)))


def test_without_returnees_young_firms_sell_less(effect):
    """Seen: sales -4.7% (standard error 0.5): power 0.93."""
    assert t_of(effect("sales", "no returnees")) < -BEYOND_LUCK


def test_twice_the_ideas_found_many_more_firms_and_sell_little_more(effect):
    """Customers are shared: sales rise, by less than a third of what founding rises by.

    Seen: founding +82% (standard error 2.0), sales +13% (0.8), so 14 points (1.0) below a third: power 0.99.
    """
    founding, sales = effect("founded", "ideas x 2"), effect("sales", "ideas x 2")
    assert t_of(founding - 50.0) > BEYOND_LUCK
    assert t_of(sales) > BEYOND_LUCK
    assert t_of(sales - founding / 3.0) < -BEYOND_LUCK


def test_where_others_want_more_space_less_is_founded(effect):
    """Tenants outside the tech economy want 75% more space, offices and homes.

    Seen: founding -15% (standard error 1.6): power 0.88.
    """
    assert t_of(effect("founded", "rents + 75%")) < -BEYOND_LUCK


def test_a_denser_city_makes_more_with_its_workers(effect):
    """The same city held against a density that is normal elsewhere: a quarter of its own, or four times as much.

    Seen: sales 8.8% higher (standard error 0.4), where a worker can make 28% more and demand stays as it is: power
    above 0.999.
    """
    assert t_of(effect("sales", DENSER, THINNER)) > BEYOND_LUCK


def test_where_rivals_do_not_react_more_people_are_here(effect):
    """They answer to what the policies of history do for people and places.

    Seen: workforce +1.4% (standard error 0.05): power above 0.999.
    """
    assert t_of(effect("workforce", "rivals do not react")) > BEYOND_LUCK


def test_ten_times_the_money_of_a_zone_fills_its_district(effect):
    """And some of its firms are new.

    Seen: firms of Yangpu in 2024 +144% (standard error 8.6): power above 0.999; ventures founded in the city +3.0%
    (0.2): power 0.99.
    """
    assert t_of(effect("firms YP", "zone x 10", ONE_YUAN)) > BEYOND_LUCK
    assert t_of(effect("founded", "zone x 10", ONE_YUAN)) > BEYOND_LUCK


@pytest.mark.parametrize("seed", SEEDS)
def test_a_zone_of_one_yuan_does_nothing(simulated, seed):
    """Exact, in every outcome."""
    assert simulated(ONE_YUAN, seed) == simulated("as it is", seed)
