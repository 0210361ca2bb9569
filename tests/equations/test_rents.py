"""Rents that clear sixteen districts at once, elimination, construction, and who wants and builds space."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, params, rows

from sim.mechanisms.space import rents
from sim.mechanisms.space.rents import Params, Space
from sim.shocks.rent_spike import RentSpike
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, DISTRICT, PURSE, STARTUP, TALLY
from sim.world.kinds import Life, Sector
from sim.world.levers import Levers
from sim.world.state import Persons, State

ELASTICITY, SUBSTITUTION, VACANCY, VACANCY_ELASTICITY = 0.5, 2.0, 0.1, 1.5
FORM = params(
    Params, substitution=SUBSTITUTION, vacancy=VACANCY, vacancy_elasticity=VACANCY_ELASTICITY, largest_vacancy=0.9
)


def market(n=16, seed=4):
    """Settled tenants, mobile tenants, attraction and stock of n districts, and log base rents."""
    chance = np.random.default_rng(seed)
    stock = 10 ** chance.uniform(5.0, 6.5, n)
    settled = stock * chance.uniform(0.2, 1.1, n)
    return {
        "log_base": np.log(chance.uniform(100.0, 400.0, n)),
        "settled": settled,
        "mobile": 0.3 * stock.sum(),
        "attraction": np.log(stock) + chance.normal(0.0, 0.3, n),
        "stock": stock,
    }


def excess(log_rent, log_base, settled, mobile, attraction, stock):
    """Demand less supply as the module's docstring has it, in numpy."""
    gap = log_rent - log_base
    pull = np.exp(attraction - SUBSTITUTION * gap)
    demand = settled * np.exp(-ELASTICITY * gap) + mobile * pull / pull.sum()
    return demand - stock * (1.0 - np.minimum(VACANCY * np.exp(-VACANCY_ELASTICITY * gap), 0.9))


def cleared(ground):
    log_rent = ground["log_base"].copy()
    left = rents.clear(log_rent, Space(**ground, elasticity=ELASTICITY), FORM)
    assert left < 1e-9
    return log_rent


def by_bisection(ground):
    """Clear one district after another until nothing moves: slow, but spaces are gross substitutes, so it converges."""
    log_rent = ground["log_base"].copy()
    for _ in range(200):
        before = log_rent.copy()
        for d in range(len(log_rent)):
            low, high = ground["log_base"][d] - 4.0, ground["log_base"][d] + 6.0
            for _ in range(45):
                log_rent[d] = (low + high) / 2.0
                low, high = (log_rent[d], high) if excess(log_rent, **ground)[d] > 0.0 else (low, log_rent[d])
        if abs(log_rent - before).max() < 1e-10:
            return log_rent
    raise AssertionError("bisection did not settle")


def test_excess_by_hand():
    # Rent at e times base: 100 e^-0.5 + 50 (all who can move) - 200 (1 - 0.1 e^-1.5)
    out = np.empty(1)
    rents.excess(
        np.array([6.0]),
        Space(np.array([5.0]), np.array([100.0]), 50.0, np.array([0.7]), np.array([200.0]), ELASTICITY),
        FORM,
        out,
    )
    assert out[0] == pytest.approx(100 * math.exp(-0.5) + 50 - 200 * (1 - 0.1 * math.exp(-1.5)))
    # Two alike at base rents share who can move; 90 percent is let.
    out = np.empty(2)
    rents.excess(
        np.full(2, 5.0),
        Space(np.full(2, 5.0), np.full(2, 100.0), 50.0, np.zeros(2), np.full(2, 200.0), ELASTICITY),
        FORM,
        out,
    )
    assert out.tolist() == pytest.approx([100 + 25 - 180] * 2)


def test_sixteen_districts_clear():
    ground = market()
    log_rent = cleared(ground)
    assert abs(excess(log_rent, **ground) / ground["stock"]).max() < 1e-8


def test_clearing_agrees_with_bisection():
    ground = market(6)
    assert cleared(ground) == pytest.approx(by_bisection(ground), abs=1e-7)


def test_one_district_by_hand():
    # Nobody can move, no vacancy: (r / base)^-0.5 = 1/1.5, so rent is 2.25 times the base.
    log_rent = np.array([5.0])
    space = Space(np.array([5.0]), np.array([300.0]), 0.0, np.array([0.0]), np.array([200.0]), 0.5)
    rents.clear(log_rent, space, FORM._replace(vacancy=0.0))
    assert math.exp(log_rent[0] - 5.0) == pytest.approx(2.25)


def test_rents_rise_with_demand_and_fall_with_stock():
    ground = market()
    before = cleared(ground)
    wanted, built = ground | {"settled": ground["settled"].copy()}, ground | {"stock": ground["stock"].copy()}
    wanted["settled"][3] *= 1.2
    built["stock"][3] *= 1.2
    # Who can move spreads it over the city: all rents rise, or fall, those of district 3 most.
    for change, sign in ((cleared(wanted) - before, 1), (cleared(built) - before, -1)):
        assert (sign * change > 0.0).all()
        assert np.argmax(sign * change) == 3


def test_elimination_agrees_with_numpy():
    chance = np.random.default_rng(5)
    for n in (1, 2, 16):
        matrix, right = chance.normal(size=(n, n)), chance.normal(size=n)
        solution = right.copy()
        rents.solve(matrix.copy(), solution)
        assert solution == pytest.approx(np.linalg.solve(matrix, right))


def test_elimination_swaps_rows_for_a_zero_pivot():
    right = np.array([2.0, 3.0])
    rents.solve(np.array([[0.0, 2.0], [1.0, 1.0]]), right)
    assert right.tolist() == [2.0, 1.0]


def test_construction_by_hand():
    # Rent e times base: works of 1 percent of 1000 begin, a tenth of the 50 under way is done. Below base nothing
    # begins.
    stock, pipeline = np.array([1000.0, 1000.0]), np.array([50.0, 50.0])
    finished = rents._build(stock, pipeline, np.array([math.e, 0.5]), np.ones(2), 0.01, 10.0)
    assert finished == pytest.approx(10.0)
    assert stock.tolist() == pytest.approx([1005.0, 1005.0])
    assert pipeline.tolist() == pytest.approx([55.0, 45.0])


def test_tenants_by_hand():
    state = State(Persons(3))
    state.persons.count = 3
    state.persons.status[:] = [1, 0, 2]
    state.persons.home[:] = [0, 0, 1]
    fill(state.districts, rows(DISTRICT, 2))
    fill(state.startups, rows(STARTUP, 2, district=1, headcount=4, life=[Life.ALIVE, Life.FAILED]))
    fill(state.corporates, rows(CORPORATE, 2, district=0, headcount=7, pool=[0, 1]))  # a pool sits nowhere
    offices, homes = rents.tenants(state, params(Params, office_m2=10.0, home_m2=30.0))
    assert offices.tolist() == [70.0, 50.0]
    assert homes.tolist() == [30.0, 30.0]


# ---------------------------------------------------------------- other tenants, and public works


def town(mobile_share=0.0, background=1000.0):
    """Three alike districts of 1000 m2 of offices and of homes, all let to tenants outside the tech economy at base
    rents of 100 a m2.
    """
    state = State(Persons(1))
    state.flows = new_flows()
    columns = {f"{use}_{name}": 1000.0 for use in ("office", "home") for name in ("stock", "background")}
    columns |= {"office_background": background, "office_rent": 100.0, "home_rent": 100.0}
    fill(state.districts, rows(DISTRICT, 3, **columns))
    fill(state.treasury, rows(CASH))
    fill(state.tally, rows(TALLY))
    fill(state.purses, rows(PURSE, 2, cash=[5000, 300]))
    terms = params(
        Params, office_elasticity=0.5, home_elasticity=0.25, substitution=2.0, construction_lag=10.0, works_cost=20.0
    )
    return SimpleNamespace(
        state=state,
        quarter=8100,
        scale=1.0,
        levers=Levers(["A", "B", "C"], ["ai", "bio"]),
        params={"rents": terms._replace(mobile_share=mobile_share)},
        base_rents=dict.fromkeys(("office", "home"), np.full(3, 100.0)),
        attraction=dict.fromkeys(("office", "home"), np.zeros(3)),
        city=dated(8100),
    )


def rents_after(model):
    """(office rents, home rents) once space has been let."""
    rents.let(model)
    rows_ = model.state.districts.used
    return rows_.office_rent.tolist(), rows_.home_rent.tolist()


def test_where_other_tenants_want_what_they_wanted_rents_stay():
    assert rents_after(town()) == (pytest.approx([100.0] * 3), pytest.approx([100.0] * 3))


def test_tenants_of_one_district_raise_its_rents_and_no_others():
    """A fifth more of who stays where they are: (r / base)^-0.5 = 1 / 1.2 for offices, and ^-0.25 for homes."""
    model = town()
    model.levers.move("tenants", 1.2, 1)
    offices, homes = rents_after(model)
    assert offices == pytest.approx([100.0, 144.0, 100.0])
    assert homes == pytest.approx([100.0, 207.36, 100.0])


def test_tenants_who_can_move_raise_rents_everywhere_and_most_where_they_came():
    model = town(mobile_share=0.5)
    model.levers.move("tenants", 1.2, 1)
    offices, homes = rents_after(model)
    for found in (offices, homes):
        assert found[1] > found[0] == pytest.approx(found[2]) and found[0] > 100.0


def test_a_rent_spike_raises_rents_alike_everywhere():
    model = town(mobile_share=0.5)
    RentSpike(name="spike", demand_rise=0.1).act(model.levers, 0.5, 0)
    # All want 1.05 as much of the same space: half of each stays, half goes where it likes, which is everywhere alike.
    offices, _ = rents_after(model)
    # 525 r^-0.5 + 525 = 1000 where r is the rent over its base
    assert offices == pytest.approx([100.0 * (525 / 475) ** 2] * 3)


def test_zones_begin_offices_as_far_as_their_purses_go():
    model = town()
    for district, purse in ((0, 0), (2, 1)):
        model.levers.move("office_works", 400.0, ([district], [1]), payer=purse)
    model.levers.move("infrastructure", 1000.0, ([0], [0]), payer=0)  # is bought elsewhere (`zones`)
    rents.let(model)
    assert model.state.districts.used.office_pipeline.tolist() == pytest.approx([20.0, 0.0, 15.0])
    assert model.state.purses.used.cash.tolist() == [4600, 0]
    assert model.state.flows[Transaction.PROCUREMENT, Sector.GOVERNMENT, Sector.WORLD] == 700
