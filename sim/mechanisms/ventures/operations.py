"""What firms pay every quarter beside wages: rent, purchases, tax.

A plan pays people (`staffing`) and buys the rest; what is sold has a cost of its own. Startups cut their plans where
the runway is short, and grow out of what they earn:

    surplus = sales - their cost - payroll;   plan' = max(plan, min(reinvested x surplus, reinvested_cash x cash))

so that a firm without outside money can become as large as its sales carry. Incumbents pay rent; profit beyond a
buffer is taxed and leaves to their owners.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.people.staffing import people_shares
from sim.mechanisms.programmes import payments
from sim.mechanisms.public.treasury import subsidise_rent
from sim.mechanisms.ventures.going_concern import goes_on
from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel
from sim.world.kinds import Sector


class Params(NamedTuple):
    corporate_tax: float
    cost_of_sales: float
    local_purchases: float
    hinterland_local: float
    hinterland_saving: float
    corporate_buffer: float
    austerity_quarters: float
    reinvested: float
    reinvested_cash: float


class Offices(NamedTuple):
    """What firms pay for space."""

    rent: np.ndarray  # yuan a m2 and quarter, float64[districts]
    mean_rent: float  # over the city's stock
    m2: float  # a head
    discount: np.ndarray  # share of the rent of a subsidised desk, float64[districts]


class Digital(NamedTuple):
    """What digital currency saves on being paid (`payments.savings`)."""

    saving: np.ndarray  # share of revenue, float64[districts]
    services: np.ndarray  # share of sales to firms that are payments too, float64[sectors]


@kernel
def _run_startups(firms, offices, digital, people, books, params):
    """Startups pay rent, buy what their plan needs, pay tax on profit and plan anew; returns the subsidy on desks,
    yuan.

    `people` is the share of plans that pays those who develop, float64[sectors].
    """
    flows, treasury = books.flows, books.treasury
    subsidies = 0
    for i in range(len(firms.startups)):
        firm = firms.startups[i]
        if not goes_on(firm.life):
            continue
        a_head = offices.rent[firm.district] * offices.m2
        full = np.int64(a_head * (1 + firm.headcount))
        subsidy = np.int64(a_head * offices.discount[firm.district]) if firm.desk else 0
        rent = min(full - subsidy, firm.cash)
        firm.cash -= rent
        subsidies += subsidy
        treasury.landlords[0] += rent
        pay(flows, Transaction.OFFICE_RENT, Sector.STARTUPS, Sector.LANDLORDS, rent)
        to_payers = 1.0 - firm.business_share * (1.0 - digital.services[firm.sector])
        share = params.cost_of_sales - firm.digital * digital.saving[firm.district] * to_payers
        cost = np.int64(share * firm.revenue)
        if firm.makes_here == 0:
            cost = np.int64(cost * (1.0 - params.hinterland_saving))
        buys = min(np.int64((1.0 - people[firm.sector]) * firm.burn) + cost, firm.cash)
        near = 1.0 if firm.makes_here else params.hinterland_local
        local = np.int64(near * buys * params.local_purchases)
        firm.cash -= buys
        firms.corporates.cash[firms.pool_of[firm.sector]] += local
        treasury.world[0] += buys - local
        pay(flows, Transaction.PURCHASES, Sector.STARTUPS, Sector.CORPORATES, local)
        pay(flows, Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD, buys - local)
        profit = firm.revenue - firm.payroll - rent - buys
        if profit > 0:
            tax = min(np.int64(params.corporate_tax * profit), firm.cash)
            firm.cash -= tax
            treasury.treasury[0] += tax
            pay(flows, Transaction.CORPORATE_TAX, Sector.STARTUPS, Sector.GOVERNMENT, tax)
        surplus = firm.revenue - cost - firm.payroll
        firm.burn = max(firm.burn, np.int64(min(params.reinvested * surplus, params.reinvested_cash * firm.cash)))
        # Austerity: plans shrink when the runway is short.
        firm.burn = min(firm.burn, np.int64(firm.cash / params.austerity_quarters) + 1)
    return subsidies


@kernel
def _run_corporates(corporates, offices, books, params):
    """Incumbents pay rent, tax and dividends."""
    flows, treasury = books.flows, books.treasury
    for i in range(len(corporates)):
        firm = corporates[i]
        level = offices.mean_rent if firm.pool else offices.rent[firm.district]
        rent = min(np.int64(level * offices.m2 * firm.headcount), firm.cash)
        firm.cash -= rent
        treasury.landlords[0] += rent
        pay(flows, Transaction.OFFICE_RENT, Sector.CORPORATES, Sector.LANDLORDS, rent)
        surplus = firm.cash - np.int64(params.corporate_buffer * firm.due)
        if surplus > 0:
            tax = np.int64(params.corporate_tax * surplus)
            firm.cash -= surplus
            treasury.treasury[0] += tax
            treasury.world[0] += surplus - tax
            pay(flows, Transaction.CORPORATE_TAX, Sector.CORPORATES, Sector.GOVERNMENT, tax)
            pay(flows, Transaction.PROFITS, Sector.CORPORATES, Sector.WORLD, surplus - tax)


def run_firms(model):
    """Firms pay rent, suppliers and tax."""
    state, params, levers = model.state, model.params["operations"], model.levers
    districts, firms, books = state.districts.used, state.firms(), state.books()
    payments.enrol(model)
    offices = Offices(
        rent=districts.office_rent,
        mean_rent=float((districts.office_rent * districts.office_stock).sum() / districts.office_stock.sum()),
        m2=model.params["rents"].office_m2,
        discount=np.minimum(levers.desk_discount, model.params["location"].largest_discount),
    )
    digital = Digital(*payments.savings(model))
    people = people_shares(firms.sectors, model.params["staffing"])
    subsidy = _run_startups(firms=firms, offices=offices, digital=digital, people=people, books=books, params=params)
    subsidise_rent(state, levers.payer["desk_discount"], int(subsidy))
    _run_corporates(corporates=firms.corporates, offices=offices, books=books, params=params)
