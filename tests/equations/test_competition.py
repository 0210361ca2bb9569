"""Young firms share customers whose number is finite, with those elsewhere too, and take some from incumbents."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, params, rows

from sim.mechanisms import rivals
from sim.mechanisms.ventures import competition
from sim.mechanisms.ventures.competition import Params
from sim.world.columns import CORPORATE, RIVAL, SECTOR, STARTUP
from sim.world.kinds import Life, RivalKind
from sim.world.reference import Norms
from sim.world.state import Persons, State

TERMS = params(
    Params, elasticity=0.3, widest=3.0, diverted=0.4, diversion_speed=0.25, incumbents_payroll=0.5
)  # incumbents sell twice their pay


def share(offers, normal, terms=TERMS):
    """What a firm sells of what it would were offers normal."""
    return competition.share_of_customers(np.array([offers]), np.array([normal]), terms)[0]


# ---------------------------------------------------------------- among young firms


@pytest.mark.parametrize("elasticity", [0.0, 0.3, 1.0])
def test_twice_the_offers_sell_two_to_the_elasticity_in_all(elasticity):
    terms = TERMS._replace(elasticity=elasticity)
    assert 2.0 * share(2000.0, 1000.0, terms) == pytest.approx(2.0**elasticity)
    assert share(1000.0, 1000.0, terms) == 1.0


def test_fewer_offers_leave_more_customers_to_each():
    assert share(500.0, 1000.0) == pytest.approx(2.0**0.7)


def test_where_young_firms_are_not_alike_others_change_nothing():
    apart = TERMS._replace(elasticity=1.0)
    assert share(5000.0, 1000.0, apart) == share(1.0, 1000.0, apart) == 1.0


def test_what_others_change_is_bounded():
    # 100^-0.7 is a twenty-fifth, and at least a third is left; a hundredth of the offers gives no more than threefold.
    assert share(100_000.0, 1000.0) == pytest.approx(1 / 3)
    assert share(10.0, 1000.0) == 3.0


def test_where_nobody_is_there_or_nobody_is_normal_customers_are_not_shared():
    assert share(0.0, 1000.0) == share(1000.0, 0.0) == share(0.0, 0.0) == 1.0


def market(offers=(), revenue=0, normal=None, scale=1.0, young=1.0, jobs=10, lost=0.0):
    """Two sectors. The first has startups of such offers and sales, the last of them dead, and incumbents with `jobs`
    people at 100 a quarter; the other is empty. There is one rival with `young` firms. `normal` is (offers, sales).
    """
    state = State(Persons(1))
    life = [Life.ALIVE] * (len(offers) - 1) + [Life.FAILED] if offers else []
    fill(state.startups, rows(STARTUP, len(offers), offer=list(offers), revenue=revenue, life=life))
    fill(state.sectors, rows(SECTOR, 2, wage=100.0, customers_lost=[lost, 0.0]))
    fill(state.corporates, rows(CORPORATE, headcount=jobs))
    fill(state.rivals, rows(RIVAL, kind=RivalKind.RIVAL, vc_2019=1e9, young=young))
    paths = normal and {name: np.array([[path, 0.0]]) for name, path in zip(("offers", "sales"), normal, strict=True)}
    return SimpleNamespace(
        state=state,
        scale=scale,
        quarter=8100,
        norms=Norms(dated(8100, reference=paths)),
        params={"competition": TERMS, "rivals": params(rivals.Params, market_weight=0.5)},
    )


def test_offers_of_the_living_count_sector_by_sector():
    # 300 + 500 in a half of the city are 1600 in all of it, where 400 are normal; nobody offers in the other sector.
    model = market((300.0, 500.0, 9999.0), normal=(400.0, 1.0), scale=0.5)
    assert competition.share(model).tolist() == pytest.approx([4.0**-0.7, 1.0])


def test_young_firms_elsewhere_take_customers():
    # Four times as many there count as twice the offers.
    model = market((400.0, 9999.0), normal=(400.0, 1.0), young=4.0)
    assert competition.share(model).tolist() == pytest.approx([2.0**-0.7, 1.0])


def test_where_a_city_has_no_norms_its_offers_are_normal():
    assert competition.share(market((300.0, 500.0, 1.0), young=4.0)).tolist() == [1.0, 1.0]


# ---------------------------------------------------------------- from incumbents


def diverted(quarters=1, **given):
    """Share of customers that incumbents of the two sectors have lost after so many quarters."""
    model = market((1.0, 1.0, 1.0), **given)
    for _ in range(quarters):
        competition.divert(model)
    return model.state.sectors.used.customers_lost.tolist()


def test_incumbents_lose_customers_with_a_lag():
    # Two firms sell 800 each and 1000 are normal: 0.4 x 600 of the 2000 that incumbents sell are 0.12 in the end.
    assert diverted(revenue=800, normal=(1.0, 1000.0)) == pytest.approx([0.03, 0.0])
    assert diverted(2, revenue=800, normal=(1.0, 1000.0)) == pytest.approx([0.03 + 0.25 * 0.09, 0.0])
    assert diverted(80, revenue=800, normal=(1.0, 1000.0)) == pytest.approx([0.12, 0.0])


def test_incumbents_win_customers_when_young_firms_sell_less():
    assert diverted(revenue=200, normal=(1.0, 1000.0)) == pytest.approx([-0.03, 0.0])


def test_incumbents_win_back_what_they_lost_when_sales_are_normal_again():
    assert diverted(revenue=500, normal=(1.0, 1000.0), lost=0.12) == pytest.approx([0.09, 0.0])


def test_a_tenth_of_the_city_takes_as_large_a_share():
    assert diverted(revenue=80, normal=(1.0, 1000.0), scale=0.1, jobs=1) == pytest.approx([0.03, 0.0])


def test_incumbents_lose_no_more_than_all_customers():
    assert diverted(200, revenue=1_000_000, normal=(1.0, 1000.0)) == pytest.approx([1.0, 0.0])
    assert diverted(200, revenue=800, normal=(1.0, 1000.0), jobs=0) == pytest.approx([1.0, 0.0])


def test_where_a_city_has_no_norms_incumbents_keep_their_customers():
    assert diverted(8, revenue=800) == [0.0, 0.0]
