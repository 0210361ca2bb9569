"""What becomes of a firm when it has listed: it goes on without those who founded it, and no investor backs it."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import books, ends, fill, firms, params, rows

from sim.mechanisms.capital import plans
from sim.mechanisms.people import staffing
from sim.mechanisms.ventures import endings, operations, sales
from sim.mechanisms.ventures.operations import Digital, Offices
from sim.mechanisms.ventures.output import Labour
from sim.mechanisms.ventures.sales import Conditions, Market
from sim.world.columns import CORPORATE, EXIT, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.employment import as_employer
from sim.world.kinds import NEVER, Life, Stage, Status
from sim.world.state import Persons, State

# ---------------------------------------------------------------- people


@pytest.fixture
def state():
    """A firm with a founder, a partner and two of staff, after the quarter of its listing; the pool of its sector has
    ten people. 101 yuan are for the staff.
    """
    state = State(Persons(4))
    state.persons.count = 4
    state.persons.employer[:] = 0
    state.persons.status[:] = [*[Status.FOUNDER] * 2, *[Status.EMPLOYED] * 2]
    fill(state.startups, rows(STARTUP, life=Life.LISTED, headcount=2, ended=8100, partner_1=1))
    fill(state.corporates, rows(CORPORATE, 2, pool=[0, 1], headcount=10, full_staff=10.0))
    fill(state.exits, rows(EXIT, startup=0, quarter=8100, life=Life.LISTED, buyer=1, value=10, raised=20))
    over = ends()
    over.staff[0] = 101
    model = SimpleNamespace(state=state, quarter=8100, params={"endings": params(endings.Params, spawn_quarters=8.0)})
    endings.settle(model, over)
    return state


def test_staff_stay_with_a_firm_that_lists(state):
    assert state.persons.employer[2:].tolist() == [0, 0]
    assert state.persons.status[2:].tolist() == [Status.EMPLOYED] * 2 and state.startups.used.headcount[0] == 2


def test_staff_are_paid_for_their_options_at_a_listing(state):
    assert state.persons.wealth.tolist() == [1, 0, 50, 50]  # the odd yuan is the founder's


def test_founders_leave_a_firm_that_lists_for_an_incumbent(state):
    assert state.persons.employer[:2].tolist() == [as_employer(1)] * 2
    pool = state.corporates.used[1]
    assert (pool.headcount, pool.full_staff) == (12, 12.0)


def test_who_founded_a_firm_that_lists_has_succeeded(state):
    """Whatever was put in."""
    assert state.persons.successes.tolist() == [1, 1, 0, 0]


def test_colleagues_of_a_listing_have_ideas(state):
    assert state.persons.spawn_until.tolist() == [8108] * 4


# ---------------------------------------------------------------- the firm

LABOUR = Labour(worth=np.array([100_000.0]), output=np.ones((1, 1)), pay=np.ones(1))


@pytest.mark.parametrize(("life", "heads"), [(Life.ALIVE, 8 - 2 + 6), (Life.LISTED, 8 + 6)])
def test_a_listed_firm_hires_and_hired_managers_lead_it(life, heads):
    """1.25 m of demand need 12.5 units, of which (0.5 x 0.8 x 100 / 50)^2 = 0.64 pay: 8. The plan of 0.5 m pays 6."""
    startups = rows(STARTUP, life=life, partner_1=4, demand=1_250_000, burn=500_000, cash=10**8)
    staffing.plan_startups(
        seed=1,
        firms=firms(startups=startups, sectors=rows(SECTOR, wage=50_000.0)),
        labour=LABOUR,
        costs=staffing.Costs(elasticity=0.5, margin=0.8, people=np.array([0.6])),
        params=params(staffing.Params, affordable_share=0.9, affordable_quarters=2.0, hiring_speed=1.0),
    )
    assert startups.target[0] == heads


@pytest.mark.parametrize(
    ("life", "revenue"), [(Life.ALIVE, 1000), (Life.LISTED, 1000), (Life.ACQUIRED, 0), (Life.DELISTED, 0)]
)
def test_a_listed_firm_sells_until_it_is_delisted(life, revenue):
    """A quarter of a potential of 4000 yuan a year."""
    startups = rows(STARTUP, life=life, progress=1.0, market=30.0, labour=1.0, traction=math.log(4000.0))
    door = firms(startups=startups, sectors=rows(SECTOR, tail=1.0, wage=50_000.0))
    terms = params(sales.Params, spending_scale=1.0, ramp=1.0, reach=1.0)
    conditions = Conditions(labour=LABOUR, people=np.zeros(1), elasticity=0.6, volume=0.0, enforcement=1.0)
    normal = Market(
        share=np.ones(1), access=np.ones((1, 1)), demand=np.ones(1), cycle=1.0, controls=0.0, data_zone=np.zeros(1)
    )
    sales._offer(chance=Chance(1, 8100), firms=door, conditions=conditions, params=terms)
    sales._sell(firms=door, market=normal, conditions=conditions, books=books(), params=terms)
    assert startups.revenue[0] == startups.cash[0] == pytest.approx(revenue, abs=1)


@pytest.mark.parametrize("life", [Life.ALIVE, Life.LISTED])
def test_a_listed_firm_pays_rent_suppliers_and_tax_as_others(life):
    """Rent of 50 a head for five, and half of sales of 2000; wages were 300, and a fifth of the 450 left is tax."""
    startups = rows(STARTUP, life=life, headcount=4, cash=10_000, revenue=2000, payroll=300)
    operations._run_startups(
        firms=firms(startups=startups, corporates=rows(CORPORATE)),
        offices=Offices(rent=np.array([10.0]), mean_rent=10.0, m2=5.0, discount=np.zeros(1)),
        digital=Digital(saving=np.zeros(1), services=np.zeros(1)),
        people=np.zeros(1),
        books=books(),
        params=params(operations.Params, corporate_tax=0.2, cost_of_sales=0.5, austerity_quarters=2.0),
    )
    assert startups.cash[0] == 10_000 - 250 - 1000 - 90


@pytest.mark.parametrize(("life", "since"), [(Life.ALIVE, 8100), (Life.LISTED, NEVER)])
def test_a_listed_firm_raises_no_round(life, since):
    """Though its plan is over and its money too."""
    startups = rows(STARTUP, life=life, stage=Stage.B, rounds=3, plan_until=8099, born=8060, need=5)
    per_stage = (1.0,) * len(Stage)
    plans.seek(
        chance=Chance(1, 8100),
        firms=firms(startups=startups, sectors=rows(SECTOR, wage=50_000.0, multiple=5.0, capital_need=1.0)),
        prices=plans.Prices(pay=np.ones(1), rent=np.ones(1), people=np.ones(1), margin=np.ones(1), level=1.0),
        params=params(plans.Params, team=per_stage, plan_quarters=7.0),
    )
    assert startups.seeking[0] == since and (startups.need[0] > 0) == (life == Life.ALIVE)
