"""Occupational choice: what a sure thing is worth, who founds, and how good the venture is."""

import math

import numpy as np
import pytest
from by_hand import params

from sim.mechanisms.people.founding import Params, _find_partners, certainty_equivalent, chance_to_found, quality_of
from sim.world.kinds import NOBODY, Experience


@pytest.mark.parametrize("aversion, worth", [(2.0, 1.6), (0.5, 2.25), (3.0, math.sqrt(32 / 17))])
@pytest.mark.parametrize("lost, owing, claims", [(1.0, 0.1, 0.0), (9.0, 1.0, 1.0), (1.0, 1.0, 0.4)])
def test_certainty_equivalent_by_hand(aversion, worth, lost, owing, claims):
    # 4 or 1 at even odds. Aversion 2: 1 / (1/8 + 1/2); 0.5: (2/2 + 1/2)^2; 3: (1/32 + 1/2)^(-1/2).
    assert certainty_equivalent(4.0, lost, owing, 0.5, claims, aversion) == pytest.approx(worth)


def test_two_kinds_of_failure_by_hand():
    # 4 in half of cases, 2 in 3/8 and 1 in 1/8: 1 / (1/8 + 3/16 + 1/8)
    assert certainty_equivalent(4.0, 2.0, 1.0, 0.5, 0.25, 2.0) == pytest.approx(16 / 7)


def test_certainty_equivalent_at_its_ends():
    assert certainty_equivalent(4.0, 1.0, 0.5, 1.0, 0.5, 2.0) == pytest.approx(4.0)
    assert certainty_equivalent(4.0, 1.0, 0.5, 0.0, 0.0, 2.0) == pytest.approx(1.0)
    assert certainty_equivalent(3.0, 3.0, 3.0, 0.3, 0.5, 2.0) == pytest.approx(3.0)


CHOICE = params(Params, horizon_years=3.0, risk_aversion=2.0, noise=0.5, stipend=0.5, stake_share=0.4, stake_cap=1e6)
PERSON = {
    "wealth": 1_000_000.0,
    "wage": 400_000.0,
    "belief": 0.2,
    "prize": 20e6,
    "setup": 800_000.0,
    "claims": 0.25,
    "debt": 0.5,
    "stigma": 0.1,
    "taste": 0.3,
}


def chance(**changed):
    return chance_to_found(*(PERSON | changed).values(), CHOICE)


def test_chance_to_found_by_hand():
    # Wage: 1 + 3 x 0.4 = 2.2 m. Stake 0.4 m of 0.8 m wanted: liquidity a half, so p = 0.1.
    # Venture: 1 + 0.6 + 20 = 21.6 m; a failure 1.6 - 0.4 = 1.2 m, one in four with claims 1.2 - 0.2 - 0.12 = 0.88 m.
    worth = 1.0 / (0.1 / 21.6 + 0.675 / 1.2 + 0.225 / 0.88)
    assert chance() == pytest.approx(1.0 / (1.0 + math.exp(-(math.log(worth / 2.2) + 0.3) / 0.5)))


def test_ruin_leaves_a_tenth_of_a_wage():
    # 1.6 m less 0.4 m, less a debt of ten wages, would be below nothing.
    worth = 1.0 / (0.1 / 21.6 + 0.9 / 0.04)
    assert chance(claims=1.0, debt=10.0) == pytest.approx(1.0 / (1.0 + math.exp(-(math.log(worth / 2.2) + 0.3) / 0.5)))


@pytest.mark.parametrize(
    "name, values, sign",
    [
        ("wage", (200e3, 400e3, 800e3), -1),
        ("belief", (0.05, 0.2, 0.5), 1),
        ("prize", (5e6, 20e6, 80e6), 1),
        ("claims", (0.0, 0.25, 1.0), -1),
        ("debt", (0.0, 0.5, 1.0), -1),
        ("stigma", (0.0, 0.1, 0.3), -1),
        ("setup", (400e3, 800e3, 1600e3), -1),  # less liquid
        ("taste", (-0.5, 0.3, 1.0), 1),
    ],
)
def test_chance_to_found_moves_the_right_way(name, values, sign):
    assert (sign * np.diff([chance(**{name: value}) for value in values]) > 0.0).all()


def test_fear_of_debt_is_aversion():
    """What a debt takes from the chance grows with risk aversion."""
    shy = CHOICE._replace(risk_aversion=4.0)
    bold = CHOICE._replace(risk_aversion=0.5)
    loss = [
        math.log(chance_to_found(*PERSON.values(), who) / chance_to_found(*(PERSON | {"debt": 1.5}).values(), who))
        for who in (bold, shy)
    ]
    assert 0.0 < loss[0] < loss[1]


QUALITY = params(
    Params,
    skill_weight=0.36,
    match_bonus=0.1,
    knowledge_bonus=0.05,
    success_bonus=0.5,
    failure_bonus=0.07,
    partner_bonus=0.2,
)


def test_quality_by_hand():
    # sqrt(0.64) x 1 + sqrt(0.36) x 2 + 0.1 + 0.05 x 3 + 0.2
    assert quality_of(1.0, 2.0, 1.0, 3.0, Experience.FIRST_TIME, 1, QUALITY) == pytest.approx(2.45)


def test_success_teaches_and_failure_hardly():
    first, failed, succeeded = (quality_of(0.0, 0.0, 0.0, 0.0, experience, 0, QUALITY) for experience in Experience)
    assert (first, failed, succeeded) == pytest.approx((0.0, 0.07, 0.5))


def test_partners_are_those_who_stayed_in_the_sector():
    # 0 and 1 weigh founding in sector 0 and stay, 4 in sector 1; 2, 3 and 5 found in sector 0.
    chosen, sector_of = np.array([False, False, True, True, False, True]), np.array([0, 0, 0, 0, 1, 0])
    sizes = np.zeros(4, np.int64)
    for quarter in range(8000, 9000):
        partners = np.full((2, 6), NOBODY)
        _find_partners(1, quarter, np.arange(6), chosen, sector_of, np.arange(6), 2, 1.0, 0.5, *partners)
        joined = partners[partners != NOBODY]
        assert set(joined) <= {0, 1} and len(set(joined)) == len(joined)  # nobody joins twice
        assert (partners[:, ~chosen] == NOBODY).all()
        sizes[1 + (partners[:, 2] != NOBODY).sum()] += 1
    # The first founder has a partner with chance 1/2 and two with chance 1/4.
    assert sizes / 1000 == pytest.approx([0.0, 0.5, 0.25, 0.25], abs=0.05)
