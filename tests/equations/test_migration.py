"""Nested logit between here, the rivals and abroad; arrivals as supersets; the hazard of leaving."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.people.migration import (
    Params,
    _decide,
    choice,
    hazard_of_leaving,
    identities,
    inclusive_value,
    pool_size,
    utility_elsewhere,
    utility_here,
)
from sim.world.columns import DISTRICT, RIVAL, SECTOR
from sim.world.kinds import Cohort, Origin, RivalKind, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

KINDS = np.array([RivalKind.RIVAL, RivalKind.REST, RivalKind.OVERSEAS, RivalKind.SINGAPORE])
HALF = params(Params, nest=0.5)


def test_inclusive_value_by_hand():
    # 0.5 log(e^0 + e^(log 3 / 0.5)) = 0.5 log(1 + 9)
    assert inclusive_value(np.array([[0.0, math.log(3.0)]]), 0.5) == pytest.approx(0.5 * math.log(10.0))
    assert inclusive_value(np.array([[1.7]]), 0.5) == pytest.approx(1.7)


def test_graduates_by_hand():
    # Moving: here or the rival, sqrt(2). Outside: three places, sqrt(3).
    here, moves = choice(np.zeros(1), np.zeros((4, 1)), KINDS, Cohort.GRADUATE, HALF)
    assert moves == pytest.approx(math.sqrt(2) / (math.sqrt(2) + math.sqrt(3)))
    assert here == pytest.approx(moves / 2)


def test_returnees_by_hand():
    # Moving: here (worth log 2: e^(2 log 2) = 4), the rival and the rest of China, sqrt(6). Outside: sqrt(2) x e^0.3.
    terms = HALF._replace(constant_returnees=math.log(2.0), stay_returnees=0.3)
    here, moves = choice(np.zeros(1), np.zeros((4, 1)), KINDS, Cohort.RETURNEE, terms)
    assert moves == pytest.approx(math.sqrt(6) / (math.sqrt(6) + math.sqrt(2) * math.exp(0.3)))
    assert here == pytest.approx(moves * 4 / 6)


@pytest.mark.parametrize("cohort, nest", [(Cohort.DOMESTIC, [0]), (Cohort.FOREIGN, [0, 1])])
def test_probabilities_sum_to_one(cohort, nest):
    """Every place gets its chance by changing sides with the city; the chances of a nest sum to that of moving."""
    chance = np.random.default_rng(3)
    utility = chance.normal(size=(5, 6))  # the city, then the rivals, by sector
    total = np.zeros(6)
    for place in [0, *(1 + rival for rival in nest)]:
        swapped = utility.copy()
        swapped[[0, place]] = utility[[place, 0]]
        here, moves = choice(swapped[0], swapped[1:], KINDS, cohort, HALF)
        assert (here > 0.0).all()
        total += here
    assert total == pytest.approx(moves)
    assert (moves < 1.0).all()


def test_raising_the_citys_utility_only_adds_persons():
    ids = identities(Cohort.RETURNEE, 8100, 5000)
    fields = np.arange(5000) % 2
    went = []
    for raised in (0.0, 0.1, 1.0):
        here, moves = choice(np.array([0.0, 0.5]) + raised, np.zeros((4, 2)), KINDS, Cohort.RETURNEE, HALF)
        arrives, returned = np.zeros(5000, bool), np.zeros(5000, bool)
        _decide(1, 8100, ids, fields, here, moves, arrives, returned)
        assert (arrives <= returned).all()
        assert arrives.mean() == pytest.approx(here.mean(), abs=0.02)
        went.append((arrives, returned))
    for (arrives, returned), (more, more_returned) in zip(went, went[1:]):
        assert (arrives <= more).all() and arrives.sum() < more.sum()
        assert (returned <= more_returned).all()


def test_hazard_of_leaving_by_hand():
    terms = HALF._replace(leave_base=0.01, leave_slope=2.0, leave_reference=0.5, leave_foreign=3.0, retire=0.002)
    elsewhere = np.zeros((4, 1))  # the best of four places is worth 0.5 log 4 = log 2
    here = math.log(2.0) + np.array([0.5, 1.0, 50.0, -50.0])
    hazard = hazard_of_leaving(np.broadcast_to(here, (3, 1, 4)), elsewhere, terms, np.ones(1))
    expected = 0.01 * np.array([1.0, math.exp(-1.0), 0.2, 5.0])  # at most five times more or less
    assert hazard[Origin.LOCAL, 0] == pytest.approx(expected + 0.002)
    assert hazard[Origin.FOREIGN, 0] == pytest.approx(3.0 * expected + 0.002)


def test_hazard_of_leaving_falls_with_the_utility_of_the_city():
    terms = HALF._replace(leave_base=0.01, leave_slope=2.0, leave_foreign=2.0)
    hazard = hazard_of_leaving(
        np.broadcast_to(np.linspace(0.0, 1.4, 9), (3, 1, 9)), np.zeros((4, 1)), terms, np.ones(1)
    )
    assert (np.diff(hazard, axis=2) < 0.0).all()


@pytest.fixture
def town():
    """One sector and one district: wage 100,000 a quarter, rent 200, a quarter of 8 residents foreign."""
    state = State(Persons(8))
    state.persons.count = 8
    state.persons.status[:] = Status.EMPLOYED
    state.persons.origin[:2] = Origin.FOREIGN
    fill(state.sectors, rows(SECTOR, wage=100_000.0, odds=0.25))
    fill(state.districts, rows(DISTRICT, home_rent=200.0, home_stock=6000.0, amenity=0.7))
    return state


TERMS = params(
    Params,
    wage_weight=1.0,
    rent_weight=0.3,
    opportunity_weight=0.1,
    network_weight=0.2,
    appeal_weight=0.5,
    grant_weight=2.0,
    delay_weight=0.05,
    permit_weight=0.4,
    visa_delay_quarters=3.0,
    visa_quarters=8.0,
)
WORLD = SimpleNamespace(appeal=0.6, rival_wage=1.1)


def test_utility_here_by_hand(town):
    levers = Levers(["PD"], ["ai"])
    utility = utility_here(town, TERMS, levers, WORLD, 0.0, 0.2, 0.5, 1.0)[:, 0, 0]
    place = math.log(80_000) - 0.3 * math.log(200) + 0.1 * math.log(0.25 / 0.5) + 0.7  # half the normal odds
    assert utility[Origin.LOCAL] == pytest.approx(place + 0.2 * math.log(76))
    assert utility[Origin.RETURNEE] == pytest.approx(place + 0.5 * 0.6)
    assert utility[Origin.FOREIGN] == pytest.approx(
        place + 0.2 * math.log(26) + 0.5 * 0.6 - 0.05 * 3 + 0.4 * math.log(2.0)
    )


@pytest.mark.parametrize(
    "lever, value, gain",
    [
        ("appeal", 0.3, 0.3),
        ("arrival_grant", 160_000.0, 2.0 * 160_000 / 320_000),  # in yearly wages after tax
        ("visa_delay", -2.0, 0.05 * 2),
        ("visa_delay", -9.0, 0.05 * 3),  # nobody waits less than not at all
        ("visa_quarters", 24.0, 0.4 * math.log(4.0)),  # 8 years for 2
    ],
)
def test_levers_raise_the_utility_of_whom_they_are_for(town, lever, value, gain):
    neutral, moved = Levers(["PD"], ["ai"]), Levers(["PD"], ["ai"])
    moved.move(lever, value, Origin.FOREIGN)
    change = (
        utility_here(town, TERMS, moved, WORLD, 1.0, 0.2, 0.5, 1.0)
        - utility_here(town, TERMS, neutral, WORLD, 1.0, 0.2, 0.5, 1.0)
    )[:, 0, 0]
    assert change == pytest.approx([0.0, 0.0, gain])


def test_utility_elsewhere_by_hand():
    state = State(Persons(1))
    fill(state.rivals, rows(RIVAL, wage=0.9, home_rent=150.0, vc_odds=0.5, amenity=0.2, generosity=0.1))
    utility = utility_elsewhere(state, TERMS, Levers(["A"], ["s"]), np.array([100_000.0]), WORLD, 0.2)
    assert utility[0, 0] == pytest.approx(
        math.log(0.9 * 1.1 * 80_000) - 0.3 * math.log(150) + 0.1 * math.log(0.5) + 0.3
    )


def test_pools_are_finite():
    assert pool_size(35_000.0, 1.0, 0.1) == 875
    assert pool_size(35_000.0, 0.5, 0.1) == 438  # 437.5
