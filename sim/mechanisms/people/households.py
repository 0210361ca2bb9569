"""Households: what people do with their pay.

They pay tax, rent and debts, spend a share of what is left and a little of their wealth; what they do not spend they
save. A policy may pay a part of the rent, or give tax back.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.people.payroll import JUST_BELOW_ONE
from sim.mechanisms.public.treasury import subsidise_rent
from sim.world.accounts import Transaction, pay, spend
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Sector, Status


class Params(NamedTuple):
    income_tax: float
    spending_share: float
    wealth_spending: float
    debt_service: float
    largest_discount: float


class Homes(NamedTuple):
    """What a person pays for a home."""

    rent: np.ndarray  # yuan a m2 and quarter, float64[districts]
    m2: float  # a person
    discount: np.ndarray  # share of the rent of a subsidised home, float64[districts]


class Totals(NamedTuple):
    """What households paid in a quarter, yuan."""

    tax: int
    rent: int
    subsidy: int  # of rent, paid by others
    spending: int
    service: int  # of debts


@kernel
def _live(people, income, homes, params):
    """Persons are taxed, housed, pay their debts and spend; returns the Totals."""
    total_tax, total_rent, total_subsidy, total_spending, total_service = 0, 0, 0, 0, 0
    for i in range(len(people.status)):
        if people.status[i] == Status.ABSENT:
            continue
        district = people.home[i]
        tax = np.int64(params.income_tax * income[i])
        purse = people.wealth[i] + income[i] - tax
        full = np.int64(homes.rent[district] * homes.m2)
        subsidy = np.int64(full * homes.discount[district]) if people.subsidised_home[i] else 0
        rent = min(full - subsidy, purse)
        purse -= rent
        service = min(people.debt[i], np.int64(params.debt_service * income[i]))
        service = min(service, purse)
        purse -= service
        people.debt[i] -= service
        free = max(0, income[i] - tax - rent - service)
        spending = min(purse, np.int64(params.spending_share * free + params.wealth_spending * purse))
        people.wealth[i] = purse - spending
        total_tax += tax
        total_rent += rent
        total_subsidy += subsidy
        total_spending += spending
        total_service += service
    return Totals(total_tax, total_rent, total_subsidy, total_spending, total_service)


def live(model, income):
    """People pay tax, rent and debts out of their `income`, int64[persons] yuan, and spend."""
    state, params, levers = model.state, model.params["households"], model.levers
    treasury, flows = state.treasury.rows, state.flows
    homes = Homes(
        rent=state.districts.used.home_rent,
        m2=model.params["rents"].home_m2,
        discount=np.minimum(levers.home_discount, params.largest_discount),
    )

    def live_in_part(part):
        return _live(people=state.people(part), income=income[part], homes=homes, params=params)

    parts = model.shares(live_in_part, state.persons.count)
    paid = Totals(*(int(sum(column)) for column in zip(*parts, strict=True)))
    pay(flows, Transaction.INCOME_TAX, Sector.PERSONS, Sector.GOVERNMENT, paid.tax)
    pay(flows, Transaction.HOME_RENT, Sector.PERSONS, Sector.LANDLORDS, paid.rent)
    pay(flows, Transaction.HOUSEHOLD_SPENDING, Sector.PERSONS, Sector.WORLD, paid.spending)
    pay(flows, Transaction.DEBT_SERVICE, Sector.PERSONS, Sector.WORLD, paid.service)
    treasury.treasury[0] += paid.tax
    treasury.landlords[0] += paid.rent
    treasury.world[0] += paid.spending + paid.service
    subsidise_rent(state, levers.payer["home_discount"], paid.subsidy)
    refund_tax(state, levers, params.income_tax, income)


def refund_tax(state, levers, tax_rate, income):
    """Income tax above the cap goes back to persons of the chosen origins paid above the floor; a short purse pays all
    the same part. `income` of the quarter, int64[persons] yuan.
    """
    payer = levers.payer["tax_relief"]
    rate = np.minimum(levers.tax_relief, 1.0) * max(0.0, tax_rate - levers.tax_cap)
    if payer == NOBODY or rate.max() <= 0.0:
        return
    people, cash = state.people(), int(state.purses.rows.cash[payer])
    refund = np.where(4 * income >= levers.tax_floor, rate[people.origin] * income, 0.0).astype(np.int64)
    if refund.sum() > cash:
        refund = (refund * (cash / refund.sum() * JUST_BELOW_ONE)).astype(np.int64)
    people.wealth[:] += refund
    takers = np.count_nonzero(refund)
    spend(state, payer, refund.sum(), Transaction.SUBSIDY, payee=Sector.PERSONS, takers=takers)
