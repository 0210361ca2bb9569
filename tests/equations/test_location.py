"""Rents that clear sixteen districts at once, elimination, construction, and who pays for a desk subsidy."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.space import location
from sim.mechanisms.space.location import Params
from sim.world.columns import CASH, CORPORATE, DISTRICT, SECTOR, STARTUP, TALLY
from sim.world.kinds import Life
from sim.world.levers import Levers
from sim.world.state import Persons, State

ELASTICITY, SUBSTITUTION, VACANCY, VACANCY_ELASTICITY = 0.5, 2.0, 0.1, 1.5
FORM = (ELASTICITY, SUBSTITUTION, VACANCY, VACANCY_ELASTICITY)


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
    left = location.clear(log_rent, *ground.values(), *FORM)
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
    location.excess(
        np.array([6.0]), np.array([5.0]), np.array([100.0]), 50.0, np.array([0.7]), np.array([200.0]), *FORM, out
    )
    assert out[0] == pytest.approx(100 * math.exp(-0.5) + 50 - 200 * (1 - 0.1 * math.exp(-1.5)))
    # Two alike at base rents share who can move; 90 percent is let.
    out = np.empty(2)
    location.excess(
        np.full(2, 5.0), np.full(2, 5.0), np.full(2, 100.0), 50.0, np.zeros(2), np.full(2, 200.0), *FORM, out
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
    location.clear(
        log_rent, np.array([5.0]), np.array([300.0]), 0.0, np.array([0.0]), np.array([200.0]), 0.5, 2.0, 0.0, 1.5
    )
    assert math.exp(log_rent[0] - 5.0) == pytest.approx(2.25)


def test_rents_rise_with_demand_and_fall_with_stock():
    ground = market()
    rents = cleared(ground)
    wanted, built = ground | {"settled": ground["settled"].copy()}, ground | {"stock": ground["stock"].copy()}
    wanted["settled"][3] *= 1.2
    built["stock"][3] *= 1.2
    # Who can move spreads it over the city: all rents rise, or fall, those of district 3 most.
    for change, sign in ((cleared(wanted) - rents, 1), (cleared(built) - rents, -1)):
        assert (sign * change > 0.0).all()
        assert np.argmax(sign * change) == 3


def test_elimination_agrees_with_numpy():
    chance = np.random.default_rng(5)
    for n in (1, 2, 16):
        matrix, right = chance.normal(size=(n, n)), chance.normal(size=n)
        solution = right.copy()
        location.solve(matrix.copy(), solution)
        assert solution == pytest.approx(np.linalg.solve(matrix, right))


def test_elimination_swaps_rows_for_a_zero_pivot():
    right = np.array([2.0, 3.0])
    location.solve(np.array([[0.0, 2.0], [1.0, 1.0]]), right)
    assert right.tolist() == [2.0, 1.0]


def test_construction_by_hand():
    # Rent e times base: works of 1 percent of 1000 begin, a tenth of the 50 under way is done. Below base nothing
    # begins.
    stock, pipeline = np.array([1000.0, 1000.0]), np.array([50.0, 50.0])
    finished = location._build(stock, pipeline, np.array([math.e, 0.5]), np.ones(2), 0.01, 10.0)
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
    offices, homes = location.tenants(state, params(Params, office_m2=10.0, home_m2=30.0))
    assert offices.tolist() == [70.0, 50.0]
    assert homes.tolist() == [30.0, 30.0]


# ---------------------------------------------------------------- a subsidy of desks


def settled_town(discount, stock=5000.0, desks=1000.0):
    """Three alike districts of `stock` m2 after 300 startups of 10 m2 settled beside others, who want 3000 m2 each at
    base rent; desks of district 0 are cheaper by `discount`."""
    n = 3
    state = State(Persons(300))
    state.persons.home[:] = np.arange(300) % n
    state.knowledge, state.flows = np.zeros((n, 1)), np.zeros((40, 9, 9), np.int64)
    space = {"office_stock": stock, "home_stock": 1.0, "office_background": 3000.0, "home_background": 1.0}
    fill(state.districts, rows(DISTRICT, n, office_rent=300.0, home_rent=200.0, **space))
    fill(state.sectors, rows(SECTOR))
    fill(state.treasury, rows(CASH))
    fill(state.tally, rows(TALLY))
    fill(state.startups, rows(STARTUP, 300, id=np.arange(300) * 16, founder=np.arange(300), headcount=0))
    levers = Levers(["A", "B", "C"], ["ai"])
    levers.move("desks", desks, 0)
    levers.move("desk_discount", discount, 0)
    model = SimpleNamespace(
        state=state,
        levers=levers,
        scale=1.0,
        seed=1,
        quarter=8100,
        district_knowledge=np.zeros((n, 1)),
        params={
            "location": params(
                Params,
                rent_weight=2.0,
                noise=1.0,
                cell_samples=1.0,
                office_m2=10.0,
                home_m2=0.0,
                office_elasticity=0.5,
                home_elasticity=0.5,
                substitution=2.0,
                vacancy=0.1,
                vacancy_elasticity=1.5,
                mobile_share=0.3,
                construction_lag=10.0,
            )
        },
        map=SimpleNamespace(
            district_distance=np.ones((n, n)),
            district_cells=np.arange(n),
            cumulative_centrality=np.arange(1.0, n + 1),
            district_of_cell=np.arange(n),
        ),
        base_rents={"office": np.full(n, 300.0), "home": np.full(n, 200.0)},
        attraction={"office": np.zeros(n), "home": np.zeros(n)},
        city=SimpleNamespace(first=8100),
    )
    location.settle(model, np.arange(300))
    location.rent(model)
    return model


def test_desk_subsidy_raises_the_rent_of_others_where_space_is_tight():
    rises = {}  # yuan a m2, paid by everybody in district 0 who has no desk
    for stock in (3500.0, 8000.0):
        before, after = (settled_town(discount, stock).state.districts.used.office_rent for discount in (0.0, 0.5))
        rises[stock] = after[0] - before[0]
        assert (after[1:] < before[1:]).all()  # firms drawn away leave space elsewhere
    assert rises[3500.0] > 3.0 * rises[8000.0] > 0.0


def test_desks_are_rationed_and_draw_firms():
    for desks, draw in ((1000.0, 1.5), (20.0, 1.0)):  # plenty draws many, a few draw no more than their number
        at = [settled_town(discount, desks=desks).state.startups.used for discount in (0.0, 0.5)]
        drawn = (at[1].district == 0).sum() - (at[0].district == 0).sum()
        assert drawn > (draw - 1.0) * (at[0].district == 0).sum()
        assert drawn <= desks
    assert at[0].desk.sum() == 0
    assert at[1].desk.sum() == at[1].desk[at[1].district == 0].sum() == 20
    inside = np.flatnonzero(at[1].district == 0)
    assert at[1].desk[inside[:20]].all()  # the first of them


def test_desks_of_ventures_that_ended_are_free_again():
    model = settled_town(0.5, desks=20.0)
    startups, districts = model.state.startups.used, model.state.districts.used
    assert districts.desks.tolist() == [20, 0, 0]
    startups.life[np.flatnonzero(startups.desk)[:5]] = Life.FAILED
    location.settle(model, [])
    assert districts.desks.tolist() == [15, 0, 0]


def test_access_by_hand():
    # 100 people in open corporates sit in district 0, at 1 km; district 1 is 3 km away: 50 to 25, around a mean of
    # 37.5.
    # A foreign corporate in district 1 is open by half where its openness counts half: 100 people there too, so both
    # are alike.
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, 2))
    fill(state.sectors, rows(SECTOR))
    firms = fill(state.corporates, rows(CORPORATE, 2, headcount=200, openness=0.5, pool=[0, 1]))
    ground = SimpleNamespace(district_distance=np.array([[1.0, 3.0], [3.0, 1.0]]))
    assert location.access(state, ground, 0.5, 0.5, np.zeros(1))[:, 0].tolist() == pytest.approx(
        [math.sqrt(4 / 3), math.sqrt(2 / 3)]
    )
    assert location.access(state, ground, 0.0, 0.5, np.zeros(1)).tolist() == [[1.0], [1.0]]
    firms.pool[1], firms.foreign[1], firms.district[1], firms.headcount[1] = 0, 1, 1, 400
    assert location.access(state, ground, 0.5, 0.5, np.zeros(1))[:, 0].tolist() == pytest.approx([1.0, 1.0])
    # A programme that opens all corporates of the sector by a quarter: the foreign one counts half of it.
    firms.headcount[1] = 200
    assert location.access(state, ground, 1.0, 0.5, np.array([0.25]))[:, 0].tolist() == pytest.approx(
        [93.75 / 84.375, 75.0 / 84.375]
    )
