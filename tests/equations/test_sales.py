"""Growth of traction, what may be sold, who pays, and the heavy tail of sizes."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.space import location
from sim.mechanisms.ventures.sales import Params, growth_of, sell, sellable, unrest
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, DISTRICT, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import Sector
from sim.world.levers import Levers
from sim.world.state import Persons, State

GROWTH = params(
    Params,
    drift=0.02,
    quality_growth=0.03,
    spending_growth=0.1,
    spending_scale=2.0,
    effort_growth=0.01,
    imitation=0.04,
    protection=3.0,
    crowding=0.2,
)


def test_growth_by_hand():
    # s = 300 / (2 x 100) = 1.5; imitation 0.04 / (1 + 3); potential of 400 a year in a market of 1000
    expected = 0.02 + 0.03 * 2 + 0.1 * 1.5 / 2.5 + 0.01 * 0.5 - 0.04 / 4 - 0.2 * 0.4
    growth = growth_of(
        quality=2.0, spending=300.0, potential=100.0, market=1000.0, property_=1.0, effort=0.5, params=GROWTH
    )
    assert growth == pytest.approx(expected)


@pytest.mark.parametrize(
    "progress, compliance, inside, share",
    [
        (0.9, 0.0, False, 0.05),
        (1.0, 0.0, False, 1.0),
        (1.0, 2.0, False, 0.05),
        (1.0, 2.0, True, 0.3),
        (0.9, 2.0, True, 0.05),
    ],
)
def test_what_may_be_sold(progress, compliance, inside, share):
    assert sellable(progress, compliance, inside, 0.3, params(Params, service_share=0.05)) == share


def world(n, terms, **startup):
    """n startups of one sector and district, an incumbent pool of 1000 yuan, and the world."""
    state = State(Persons(1))
    state.flows = new_flows()
    firm = {"progress": 1.0, "market": math.log(1e15), "id": np.arange(n) * 16} | startup
    fill(state.startups, rows(STARTUP, n, **firm))
    fill(state.sectors, rows(SECTOR, tail=1.0))
    fill(state.districts, rows(DISTRICT))
    fill(state.corporates, rows(CORPORATE, pool=1, cash=1000))
    fill(state.treasury, rows(CASH))
    return SimpleNamespace(
        state=state,
        chance=Chance(1, 8100),
        levers=Levers(["PD"], ["ai"]),
        cycle=1.0,
        conditions=SimpleNamespace(export_controls=0.0),
        map=SimpleNamespace(district_distance=np.zeros((1, 1))),
        params={"sales": terms, "location": params(location.Params)},
    )


def test_sales_by_hand():
    # 4000 a year without growth: 1000 this quarter, of it 30 percent abroad and half of the rest to firms: 350.
    # The pool pays at most a fifth of its 1000.
    terms = params(Params, pilot_share=0.2, spending_scale=1.0, ramp=1.0)
    model = world(1, terms, traction=math.log(4000.0), revenue=500, business_share=0.5, export_share=0.3)
    sell(model)
    firm, flows = model.state.startups.used[0], model.state.flows
    assert firm.revenue == firm.cash == pytest.approx(1000, abs=1)
    assert (
        flows[Transaction.SALES_LOCAL, Sector.CORPORATES, Sector.STARTUPS]
        == model.state.corporates.used.pilots[0]
        == 200
    )
    assert model.state.corporates.used.cash[0] == 800
    assert (
        flows[Transaction.SALES_WORLD, Sector.WORLD, Sector.STARTUPS]
        == -model.state.treasury.used.world[0]
        == firm.cash - 200
    )


def test_sales_follow_demand_cycle_export_controls_and_data_zones():
    terms = params(Params, spending_scale=1.0, ramp=1.0, export_control_effect=0.3, data_barrier=0.5)
    for zone, crossing in (
        (0.0, 0.8),
        (0.75, 0.2),
        (1.0, 0.0),
    ):  # what cannot cross: 80 percent, of that a quarter, nothing
        model = world(1, terms, traction=math.log(4000.0), revenue=500, export_share=0.5)
        model.levers.demand[:], model.levers.data_zone[:], model.cycle, model.conditions.export_controls = (
            1.2,
            zone,
            0.9,
            1.0,
        )
        model.state.sectors.used.export_controls, model.state.sectors.used.data_crossing = 0.4, 0.8
        sell(model)
        expected = 1000 * 1.2 * 0.9 * (1 - 0.3 * 0.5 * 0.4) * (1 - 0.5 * 0.5 * crossing)
        assert model.state.startups.used.revenue[0] == pytest.approx(expected, abs=1)


def test_customers_come_by_and_by_and_leave_at_once():
    # 1000 a quarter could be sold: a tenth of the gap of 900 is won, a surplus of 500 lost.
    for revenue, expected in ((100, 190), (0, 100), (1500, 1000)):
        model = world(1, params(Params, spending_scale=1.0, ramp=0.1), traction=math.log(4000.0), revenue=revenue)
        sell(model)
        assert model.state.startups.used.revenue[0] == pytest.approx(expected, abs=1)


def sizes(volatility, quarters):
    """Sales potential of 4000 startups that shrink by 3 percent a quarter and get births of 1000, at the end."""
    model = world(
        4000,
        params(Params, drift=-0.03, volatility=volatility, births=1000.0, spending_scale=1.0),
        traction=math.log(1000.0),
    )
    for quarter in range(quarters):
        model.chance = Chance(1, quarter)
        sell(model)
    return np.sort(np.exp(model.state.startups.used.traction))[::-1]


@pytest.mark.slow
def test_sizes_without_luck_settle():
    # x = x e^-0.03 + 1000
    assert sizes(0.0, 400) == pytest.approx(1000 / (1 - math.exp(-0.03)), rel=1e-4)


@pytest.mark.slow
def test_luck_and_births_make_a_heavy_tail():
    """Kesten: the tail's exponent k solves E e^(k (g + s z)) = 1, so k = 2 x 0.03 / 0.2^2 = 1.5."""
    size = sizes(0.2, 500)
    top = size[:200]
    hill = 1.0 / np.mean(np.log(top[:-1] / top[-1]))
    assert hill == pytest.approx(1.5, abs=0.3)
    assert size[:40].sum() / size.sum() > 0.15  # a hundredth of the firms; without luck it has a hundredth


def test_turbulent_years_have_the_variance_of_calm_ones():
    """20,000 firms: the square of the factor is exponential with mean one (standard error 0.7 percent), the same all
    year, another next year.
    """
    factors = np.array([[unrest(1, quarter, firm, 1.0) for quarter in (8100, 8103, 8104)] for firm in range(20_000)])
    square = factors**2
    assert square.mean(axis=0) == pytest.approx([1, 1, 1], abs=0.03)
    assert np.mean(square[:, 0] > 1) == pytest.approx(math.exp(-1), abs=0.015)
    assert (factors[:, 0] == factors[:, 1]).all()
    assert abs(np.corrcoef(square[:, 0], square[:, 2])[0, 1]) < 0.03
    assert unrest(1, 8100, 1, 0.0) == 1.0


def test_growth_over_firms_has_a_tent_in_place_of_the_bell():
    """Kurtosis of a year's luck:

    6 with turbulence (Laplace), 3 without; 50,000 firms give standard errors near 0.15 and 0.02.
    """
    rng = np.random.default_rng(0)
    for turbulence, kurtosis, within in ((1.0, 6.0, 0.6), (0.0, 3.0, 0.1)):
        spread = np.array([unrest(2, 8100, firm, turbulence) for firm in range(50_000)])
        luck = spread * rng.standard_normal((4, 50_000)).sum(axis=0)
        assert np.mean(luck**4) / np.mean(luck**2) ** 2 == pytest.approx(kurtosis, abs=within)
