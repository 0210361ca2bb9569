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
    cost_of_sales=0.5,
    local_purchases=0.4,
    hinterland_local=0.5,
    hinterland_saving=0.1,
    corporate_buffer=2.0,
    austerity_quarters=2.0,
)
OFFICES = Offices(rent=np.array([10.0]), mean_rent=6.0, m2=5.0, discount=np.array([0.4]))


def ran(saving=0.0, services=0.0, terms=TERMS, **startup):
    """(startup, subsidy, incumbent, books) after the costs of a firm of four on 50 yuan of space each, which has paid
    wages of 300 and a quarter of whose plan pays people.
    """
    firm = {"headcount": 3, "burn": 1000, "cash": 10_000, "revenue": 2000, "payroll": 300, "business_share": 0.5}
    startups, corporates, written = rows(STARTUP, **(firm | startup)), rows(CORPORATE), books()
    subsidy = operations._run_startups(
        firms=firms(startups=startups, corporates=corporates),
        offices=OFFICES,
        digital=Digital(saving=np.array([saving]), services=np.array([services])),
        people=np.array([0.25]),
        books=written,
        params=terms,
    )
    return startups[0], subsidy, corporates[0], written


def test_costs_by_hand():
    # Rent 200; 750 of the plan and half of 2000 are bought, four tenths of it here. With wages that is 2250,
    # more than was sold.
    firm, subsidy, incumbent, written = ran()
    assert (firm.cash, subsidy, incumbent.cash) == (10_000 - 200 - 1750, 0, 700)
    assert written.treasury.world[0] == 1050 and written.treasury.landlords[0] == 200
    assert written.flows[Transaction.CORPORATE_TAX].sum() == 0 and firm.burn == 1000


def test_profit_is_taxed():
    # Of 2000, 300 were wages, 200 are rent and 300 + 1000 are bought; a fifth of the 200 left is tax.
    firm, _, incumbent, written = ran(burn=400)
    assert written.treasury.treasury[0] == written.flows[Transaction.CORPORATE_TAX].sum() == 40
    assert firm.cash == 10_000 - 200 - 1300 - 40
    received = written.treasury.treasury[0] + written.treasury.world[0] + written.treasury.landlords[0]
    assert 10_000 - firm.cash == received + incumbent.cash


def test_who_earns_plans_to_spend_half_of_it():
    # 2000 less a cost of 1000 and wages of 300. A plan of 100 buys 75, so 425 are profit and 85 of it tax.
    grows = TERMS._replace(reinvested=0.5, reinvested_cash=0.25)
    assert ran(terms=grows, burn=100)[0].burn == 350
    assert ran(terms=grows, burn=100, cash=1800)[0].burn == (1800 - 200 - 1075 - 85) // 4  # as far as there is cash
    assert ran(terms=grows, burn=800)[0].burn == 800  # no plan shrinks by it
    assert ran(terms=grows, burn=100, payroll=1200)[0].burn == 100  # wages have eaten more than all
    assert ran(burn=100)[0].burn == 100


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
