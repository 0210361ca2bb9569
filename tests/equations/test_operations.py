"""What firms pay every quarter beside wages."""

import numpy as np
import pytest
from by_hand import books, firms, params, rows

from sim.mechanisms.ventures import operations
from sim.mechanisms.ventures.operations import Digital, Offices, Params
from sim.world.accounts import Transaction
from sim.world.columns import CORPORATE, STARTUP
from sim.world.kinds import Life, Sector

TERMS = params(
    Params,
    corporate_tax=0.2,
    purchase_share=0.75,
    cost_of_sales=0.5,
    local_purchases=0.4,
    hinterland_local=0.5,
    hinterland_saving=0.1,
    corporate_buffer=2.0,
    austerity_quarters=2.0,
)
OFFICES = Offices(rent=np.array([10.0]), mean_rent=6.0, m2=5.0, discount=np.array([0.4]))


def ran(saving=0.0, services=0.0, **startup):
    """(startup, subsidy, incumbent, books) after the costs of a firm of four on 50 yuan of space each."""
    firm = {"headcount": 3, "burn": 1000, "cash": 10_000, "revenue": 2000, "business_share": 0.5}
    startups, corporates, written = rows(STARTUP, **(firm | startup)), rows(CORPORATE), books()
    subsidy = operations._run_startups(
        firms=firms(startups=startups, corporates=corporates),
        offices=OFFICES,
        digital=Digital(saving=np.array([saving]), services=np.array([services])),
        books=written,
        params=TERMS,
    )
    return startups[0], subsidy, corporates[0], written


def test_costs_by_hand():
    # Rent 200; 750 of the plan and half of 2000 are bought, four tenths of it here; the profit of 800 is below plan.
    firm, subsidy, incumbent, written = ran()
    assert (firm.cash, subsidy, incumbent.cash) == (10_000 - 200 - 1750, 0, 700)
    assert written.treasury.world[0] == 1050 and written.treasury.landlords[0] == 200
    assert written.flows[Transaction.CORPORATE_TAX].sum() == 0 and firm.burn == 1000


def test_profit_beyond_the_plan_is_taxed():
    firm, _, _, written = ran(burn=400)  # of 800, and 400 are planned
    assert written.treasury.treasury[0] == written.flows[Transaction.CORPORATE_TAX].sum() == 80
    assert firm.cash == 10_000 - 200 - 1300 - 80


def test_a_subsidised_desk_saves_the_rent_of_one_head():
    firm, subsidy, _, written = ran(desk=1)
    assert subsidy == 20 and written.flows[Transaction.OFFICE_RENT, Sector.STARTUPS, Sector.LANDLORDS] == 180


def test_making_elsewhere_is_cheaper_and_buys_less_here():
    _, _, incumbent, written = ran(makes_here=0)
    assert written.treasury.world[0] + incumbent.cash == 750 + 900 and incumbent.cash == 330


@pytest.mark.parametrize("digital, services, saved", [(0, 0.0, 0), (1, 0.0, 100), (1, 1.0, 200)])
def test_digital_currency_saves_on_being_paid(digital, services, saved):
    firm, *_ = ran(saving=0.1, services=services, digital=digital)
    assert firm.cash == 10_000 - 200 - 1750 + saved


def test_plans_shrink_where_the_runway_is_short():
    firm, *_ = ran(cash=2450)  # 500 are left
    assert firm.burn == 251
    assert ran(cash=100)[0].cash == 0  # no more than there is
    assert ran(life=Life.FAILED)[0].cash == 10_000


def test_incumbents_by_hand():
    # One pays 50 a head where it is, the pool of others the mean rent; what exceeds two payrolls is taxed and paid out.
    corporates, written = rows(CORPORATE, 2, headcount=10, cash=[1500, 1500], due=[300, 600], pool=[0, 1]), books()
    operations._run_corporates(corporates=corporates, offices=OFFICES, books=written, params=TERMS)
    assert corporates.cash.tolist() == [600, 1200]
    assert written.treasury.landlords[0] == 500 + 300
    assert (written.treasury.treasury[0], written.treasury.world[0]) == (80, 320)
