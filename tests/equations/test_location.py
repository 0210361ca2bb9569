"""Where new startups settle, and who pays for a subsidy of desks."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.space import location, rents
from sim.world.columns import CASH, CORPORATE, DISTRICT, SECTOR, STARTUP, TALLY
from sim.world.draws import Chance
from sim.world.kinds import Life
from sim.world.levers import Levers
from sim.world.state import Persons, State

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
        chance=Chance(1, 8100),
        quarter=8100,
        district_knowledge=np.zeros((n, 1)),
        params={
            "location": params(location.Params, rent_weight=2.0, noise=1.0, cell_samples=1.0, largest_discount=0.9),
            "rents": params(
                rents.Params,
                office_m2=10.0,
                home_m2=0.0,
                office_elasticity=0.5,
                home_elasticity=0.5,
                substitution=2.0,
                vacancy=0.1,
                vacancy_elasticity=1.5,
                largest_vacancy=0.9,
                mobile_share=0.3,
                construction_lag=10.0,
            ),
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
    rents.let(model)
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
