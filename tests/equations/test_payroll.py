"""Who is paid what by whom, what a failure takes off, and what startups that are short leave due."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.people import payroll
from sim.mechanisms.ventures.output import Labour
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, CORPORATE, DISTRICT, SECTOR, STARTUP
from sim.world.kinds import NOBODY, Sector, Stage, Status
from sim.world.state import Persons, State


def town(cash, pay=1.0):
    """A startup with an employee and a founder of efficiency 2, an incumbent with one employee who earns half more than
    the sector's 100,000, and one who looks for work; where the startup is, density makes pay `pay` times as high.
    """
    state = State(Persons(4))
    state.flows, state.persons.count = new_flows(), 4
    state.persons.status[:] = [Status.FOUNDER, Status.EMPLOYED, Status.EMPLOYED, Status.SEARCHING]
    state.persons.employer[:] = [0, 0, -2, NOBODY]
    state.persons.efficiency[:] = [2.0, 1.0, 1.0, 1.0]
    fill(state.startups, rows(STARTUP, headcount=1, stage=Stage.SEED, cash=cash))
    fill(state.corporates, rows(CORPORATE, wage_offer=1.5))
    fill(state.sectors, rows(SECTOR, wage=100_000.0))
    fill(state.districts, rows(DISTRICT, area=1.0))
    fill(state.treasury, rows(CASH))
    terms = params(payroll.Params, founder_wage_idea=0.1, founder_wage_funded=0.5, markup=1.2)
    return SimpleNamespace(
        state=state,
        labour=Labour(worth=np.ones(1), output=np.ones((1, 1)), pay=np.array([pay])),
        params={"payroll": terms},
        shares=lambda work, n: [work(slice(0, 1)), work(slice(1, n))],
    )


def test_wages_by_hand():
    model = town(cash=1_000_000)
    assert payroll.pay_people(model).tolist() == [100_000, 100_000, 150_000, 0]
    state = model.state
    firm = state.startups.used[0]
    assert (firm.cash, firm.due, firm.payroll) == (800_000, 0, 200_000)
    assert (state.corporates.used.cash[0], state.corporates.used.due[0]) == (30_000, 150_000)  # a fifth above payroll
    assert state.flows[Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS] == 200_000
    assert state.flows[Transaction.WAGES, Sector.CORPORATES, Sector.PERSONS] == 150_000
    assert state.flows[Transaction.SALES_WORLD, Sector.WORLD, Sector.CORPORATES] == 180_000
    assert state.treasury.rows.world[0] == -180_000
    state.startups.used.stage[0] = Stage.IDEA
    assert payroll.pay_people(model)[0] == 20_000


def test_a_startup_that_is_short_pays_all_the_same_part_and_owes_the_rest():
    model = town(cash=50_000)
    income = payroll.pay_people(model)
    assert income[:2].tolist() == pytest.approx([25_000, 25_000], abs=1)
    firm = model.state.startups.used
    assert firm.cash[0] == 50_000 - income[:2].sum() >= 0 and firm.due[0] == 200_000 - income[:2].sum()
    assert firm.payroll[0] == income[:2].sum()  # what was paid, not what was due
    assert np.all(income[2:] == [150_000, 0])


def test_density_raises_the_pay_of_startups():
    """By a quarter, for founder and staff; incumbents pay what they offer everywhere."""
    model = town(cash=1_000_000, pay=1.25)
    assert payroll.pay_people(model).tolist() == [125_000, 125_000, 150_000, 0]
    assert model.state.startups.used.payroll[0] == 250_000


def test_a_failure_takes_a_part_off_the_pay_of_employees():
    """A tenth, at startups and incumbents, which the employers save; who founds again draws what others would."""
    model = town(cash=1_000_000)
    model.state.persons.stigma[:] = 0.1
    assert payroll.pay_people(model).tolist() == pytest.approx([100_000, 90_000, 135_000, 0], abs=1)
    firm, incumbent = model.state.startups.used[0], model.state.corporates.used[0]
    assert firm.payroll == pytest.approx(190_000, abs=1) and incumbent.due == pytest.approx(135_000, abs=1)


def test_the_payroll_is_that_of_the_quarter():
    model = town(cash=250_000)
    payroll.pay_people(model)
    payroll.pay_people(model)  # 50,000 are left for 200,000
    firm = model.state.startups.used[0]
    assert firm.payroll == pytest.approx(50_000, abs=2) and firm.due == pytest.approx(150_000, abs=2)
