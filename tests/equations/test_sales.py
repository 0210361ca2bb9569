"""Growth of traction, what is offered and bought, who pays, and the heavy tail of sizes."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, params, rows

from sim.mechanisms import rivals
from sim.mechanisms.people import staffing
from sim.mechanisms.space import location
from sim.mechanisms.ventures import competition, output, sales
from sim.mechanisms.ventures.output import Labour
from sim.mechanisms.ventures.sales import Conditions, Market, Params, growth_of, move, sell, sellable, unrest
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, DISTRICT, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import Sector
from sim.world.levers import Levers
from sim.world.reference import Norms
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
    "progress, compliance, inside, volume, share",
    [
        (0.9, 0.0, False, 0.3, 0.05),
        (1.0, 0.0, False, 0.3, 1.0),
        (1.0, 2.0, False, 0.3, 0.2),
        (1.0, 2.0, True, 0.3, 0.3),
        (1.0, 2.0, True, 0.1, 0.2),
        (0.9, 2.0, True, 0.3, 0.05),
    ],
)
def test_what_may_be_sold(progress, compliance, inside, volume, share):
    """Service work before a product; then all, or trials while compliance is ahead, in the sandbox a larger volume."""
    terms = params(Params, service_share=0.05, trial_share=0.2)
    assert sellable(progress, compliance, inside, volume, terms) == share


# ---------------------------------------------------------------- plans and the hands that they have


def plan_staffed(weight=0.5, pay=1.0, output_=1.0, **firm):
    """Part of a plan that has hands: half of 800 yuan pays people at 100 each, so it asks for 4; each sells 100."""
    labour = Labour(worth=np.array([100.0]), output=np.array([[output_]]), pay=np.array([pay]))
    conditions = Conditions(labour, people=np.array([0.5]), elasticity=0.6, volume=0.0, enforcement=1.0)
    plan = rows(STARTUP, **({"burn": 800, "labour": 5.0, "demand": 300} | firm))
    return sales.staffed(plan[0], rows(SECTOR, wage=100.0)[0], conditions, params(Params, staffing_weight=weight))


def test_hands_that_sales_leave_by_hand():
    # Of 5 units of labour 3 make what is sold, and 2 of the 4 that the plan pays for are left.
    assert plan_staffed() == pytest.approx(math.sqrt(2 / 4))
    assert plan_staffed(weight=1.0) == pytest.approx(2 / 4)
    assert plan_staffed(labour=7.0) == plan_staffed(labour=70.0) == 1.0
    assert plan_staffed(labour=2.0) == 0.0  # all hands are needed for what is sold


def test_hands_where_work_is_dense_by_hand():
    # Where pay is twice as high the plan pays for 2; where each makes 1.5 times as much, 2 are enough for what is sold.
    assert plan_staffed(labour=4.0, pay=2.0) == pytest.approx(math.sqrt(1 / 2))
    assert plan_staffed(output_=1.5) == pytest.approx(math.sqrt(3 / 4))


def test_a_plan_that_pays_nobody_lacks_nobody():
    assert plan_staffed(burn=0, labour=2.0) == 1.0


def test_without_a_weight_nothing_hangs_on_hands():
    assert plan_staffed(weight=0.0) == plan_staffed(weight=0.0, labour=2.0) == 1.0


def test_a_plan_without_hands_moves_nothing():
    sector = rows(SECTOR, trend=0.04)[0]

    def growth(burn, hands):
        firm = rows(STARTUP, market=30.0, burn=burn)[0]
        return move(math.log(400.0), firm, sector, 0.0, Chance(1, 8100), hands, 1.0, GROWTH)[0]

    # 150 yuan a quarter on a potential of 100: s = 150 / (2 x 100), of it 0.75 / 1.75; with half the hands 75 count.
    assert growth(150, 1.0) - growth(0, 1.0) == pytest.approx(0.1 * 0.75 / 1.75)
    assert growth(150, 0.5) - growth(0, 1.0) == pytest.approx(0.1 * 0.375 / 1.375)
    assert growth(150, 0.0) == growth(0, 1.0)


# ---------------------------------------------------------------- demand


def demanded(share=1.0, access=1.0, demand=1.0, cycle=1.0, controls=0.0, data_zone=0.0, **firm):
    """What customers buy in a quarter of a firm that offers 1000 yuan."""
    market = Market(
        share=np.array([share]),
        access=np.array([[access]]),
        demand=np.array([demand]),
        cycle=cycle,
        controls=controls,
        data_zone=np.array([data_zone]),
    )
    terms = params(Params, export_control_effect=0.3, data_barrier=0.5)
    sector = rows(SECTOR, export_controls=0.4, data_crossing=0.8)[0]
    return sales.wanted(rows(STARTUP, offer=1000.0, **firm)[0], sector, market, terms)


def test_demand_by_hand():
    assert demanded() == 1000.0
    assert demanded(share=0.8, demand=1.5, cycle=0.9) == pytest.approx(1080.0)
    # Firms near by buy 0.6 x (1 - 0.5) of it: where access is half as good again, that part is half as large again.
    assert demanded(access=1.5, business_share=0.6, export_share=0.5) == pytest.approx(1000 * 1.15 * (1 - 0.5 * 0.4))
    assert demanded(access=1.5, business_share=0.0) == 1000.0
    # Abroad 0.5 is sold: full controls cost 0.3 x 0.4 of that, and data that cannot cross 0.5 x 0.8 of that.
    assert demanded(export_share=0.5, controls=1.0, data_zone=1.0) == pytest.approx(1000 * (1 - 0.06))
    assert demanded(export_share=0.5) == pytest.approx(1000 * (1 - 0.2))
    assert demanded(export_share=0.5, data_zone=0.75) == pytest.approx(1000 * (1 - 0.05))
    assert demanded(export_share=0.5, data_zone=2.0) == 1000.0


# ---------------------------------------------------------------- a quarter's sales


def world(n, terms, hands=1e15, norms=None, **startup):
    """n startups of one sector and district, each with one who could sell `hands` yuan a quarter, an incumbent pool of
    1000 yuan, and the world. Offers are normal unless `norms` says otherwise.
    """
    state = State(Persons(1))
    state.flows = new_flows()
    firm = {"progress": 1.0, "market": math.log(1e15), "id": np.arange(n) * 16, "labour": 1.0} | startup
    fill(state.startups, rows(STARTUP, n, **firm))
    fill(state.sectors, rows(SECTOR, tail=1.0, wage=100.0))
    fill(state.districts, rows(DISTRICT))
    fill(state.corporates, rows(CORPORATE, pool=1, cash=1000))
    fill(state.treasury, rows(CASH))
    return SimpleNamespace(
        state=state,
        chance=Chance(1, 8100),
        quarter=8100,
        scale=1.0,
        levers=Levers(["PD"], ["ai"]),
        cycle=1.0,
        conditions=SimpleNamespace(export_controls=0.0),
        labour=Labour(worth=np.array([hands]), output=np.ones((1, 1)), pay=np.ones(1)),
        norms=Norms(dated(8100, reference=norms)),
        map=SimpleNamespace(district_distance=np.zeros((1, 1))),
        params={
            "sales": terms,
            "location": params(location.Params),
            "staffing": params(staffing.Params, people_in_plans=1.0),
            "output": params(output.Params, labour_elasticity=0.6),
            "competition": params(competition.Params, elasticity=0.3, widest=3.0, incumbents_payroll=0.5),
            "rivals": params(rivals.Params),
        },
    )


def test_sales_by_hand():
    # 8000 a year without growth, of which half finds customers: 1000 this quarter, of it 30 percent abroad and half of
    # the rest to firms: 350. The pool pays at most a fifth of its 1000.
    terms = params(Params, pilot_share=0.2, spending_scale=1.0, ramp=1.0, reach=0.5)
    model = world(1, terms, traction=math.log(8000.0), revenue=500, business_share=0.5, export_share=0.3)
    sell(model)
    firm, flows = model.state.startups.used[0], model.state.flows
    assert firm.revenue == firm.cash == pytest.approx(1000, abs=1)
    assert firm.offer == pytest.approx(1000) and firm.demand == firm.revenue
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


def test_offers_by_hand():
    """A firm on trials, which sell a fifth; its know-how of 0.3 raises what it offers by e^0.3."""
    terms = params(Params, spending_scale=1.0, ramp=1.0, reach=0.5, trial_share=0.2)
    model = world(1, terms, traction=math.log(8000.0), compliance=2.0, knowhow=0.3)
    sell(model)
    assert model.state.startups.used.offer[0] == pytest.approx(1000 * 0.2 * math.exp(0.3))
    assert model.state.startups.used.demand[0] == pytest.approx(200 * math.exp(0.3), abs=1)


def test_half_the_hands_sell_less_than_all_and_more_than_half():
    terms = params(Params, spending_scale=1.0, ramp=1.0, reach=1.0)
    for hands, expected in ((2000.0, 1000), (500.0, 1000 * 0.5**0.6)):
        model = world(1, terms, hands=hands, traction=math.log(4000.0), revenue=500)
        sell(model)
        firm = model.state.startups.used[0]
        assert (firm.demand, firm.revenue) == (pytest.approx(1000, abs=1), pytest.approx(expected, abs=1))


def test_firms_share_customers_whose_number_is_finite():
    """Two firms of 1000 each where one is normal: 2^0.3 times as much in all, so 2^-0.7 of its offer each."""
    terms = params(Params, spending_scale=1.0, ramp=1.0, reach=1.0)
    norms = {"offers": np.array([[1000.0]]), "sales": np.array([[1000.0]])}
    model = world(2, terms, norms=norms, traction=math.log(4000.0))
    sell(model)
    startups = model.state.startups.used
    assert startups.offer.tolist() == pytest.approx([1000, 1000])
    assert startups.demand.tolist() == pytest.approx([1000 * 2**-0.7] * 2, abs=1)
    assert startups.demand.sum() == pytest.approx(1000 * 2**0.3, abs=2)


def test_sales_follow_demand_cycle_export_controls_and_data_zones():
    terms = params(Params, spending_scale=1.0, ramp=1.0, reach=1.0, export_control_effect=0.3, data_barrier=0.5)
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
    terms = params(Params, spending_scale=1.0, ramp=0.1, reach=1.0)
    # 1000 a quarter could be sold: a tenth of the gap of 900 is won, a surplus of 500 lost.
    for revenue, expected in ((100, 190), (0, 100), (1500, 1000)):
        model = world(1, terms, traction=math.log(4000.0), revenue=revenue)
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
