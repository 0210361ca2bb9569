"""Payroll: what everybody earns, what employers owe, and how much of it they can pay.

    earned = wage of the sector x pay of the district's density x efficiency x (1 - stigma),   founders draw a part of
    it

Stigma is what employers take off the pay of one whose venture has failed; what such a person makes is no less.

Incumbents sell to the world what carries their payroll and rent times a markup. A startup that is short pays everybody
the same part; what it still owes stands as due, and ends it (`endings`).
"""

from typing import NamedTuple

import numpy as np

from sim.world.accounts import Transaction, pay
from sim.world.employment import as_employer, employers
from sim.world.kernel import kernel
from sim.world.kinds import Sector, Stage, Status

JUST_BELOW_ONE = 1.0 - 1e-12  # keeps the rounded parts of many from adding up to more than there is


class Params(NamedTuple):
    founder_wage_idea: float
    founder_wage_funded: float
    markup: float


class Wages(NamedTuple):
    """What employers pay."""

    unit: np.ndarray  # of labour, yuan a quarter, float64[employers]
    founder: np.ndarray  # share of it that founders draw, float64[startups]


@kernel
def _earn(people, wages, earned, due):
    """Persons earn their wage, and employers owe it; fills `earned` by person and adds to what is `due` by employer,
    all int64 yuan.
    """
    for i in range(len(people.status)):
        e = people.employer[i]
        earned[i] = 0
        if people.status[i] == Status.EMPLOYED:
            earned[i] = np.int64(wages.unit[e] * (people.efficiency[i] * (1.0 - people.stigma[i])))
        elif people.status[i] == Status.FOUNDER:
            earned[i] = np.int64(wages.unit[e] * wages.founder[e] * people.efficiency[i])
        due[e] += earned[i]


@kernel
def _pay(employer, paid_share, income, paid):
    """Employers pay the share of wages that they can. `income`, int64[persons], is what was earned and becomes what was
    paid; `paid`, int64[employers], adds that up by employer.
    """
    for i in range(len(employer)):
        income[i] = np.int64(income[i] * paid_share[employer[i]])
        paid[employer[i]] += income[i]


@kernel
def wages_of(firms, pay, params):
    """The Wages of a quarter; `pay` is the factor of a district's density."""
    startups, corporates, sectors = firms.startups, firms.corporates, firms.sectors
    unit, founder = np.zeros(employers(firms)), np.empty(len(startups))
    for i in range(len(startups)):
        unit[i] = sectors.wage[startups.sector[i]] * pay[startups.district[i]]
        idea = startups.stage[i] == Stage.IDEA
        founder[i] = params.founder_wage_idea if idea else params.founder_wage_funded
    for i in range(len(corporates)):
        unit[as_employer(i)] = sectors.wage[corporates.sector[i]] * corporates.wage_offer[i]
    return Wages(unit, founder)


@kernel
def _affordable(firms):
    """Share of the wages due that each employer can pay, float64[employers]; incumbents pay them all."""
    startups, share = firms.startups, np.ones(employers(firms))
    for i in range(len(startups)):
        if startups.due[i] > startups.cash[i]:
            share[i] = startups.cash[i] / startups.due[i] * JUST_BELOW_ONE
    return share


def pay_people(model):
    """Employers pay wages; returns what every person got, int64[persons] yuan. Arrears of startups stay due."""
    state, persons, flows = model.state, model.state.persons, model.state.flows
    startups, corporates = state.startups.used, state.corporates.used
    wages = wages_of(firms=state.firms(), pay=model.labour.pay, params=model.params["payroll"])
    income = np.empty(persons.count, np.int64)

    def earn(part):
        due = np.zeros(len(wages.unit), np.int64)
        _earn(people=state.people(part), wages=wages, earned=income[part], due=due)
        return due

    due = sum(model.shares(earn, persons.count))
    startups.due[:] = due[: len(startups)]
    corporates.due[:] = due[as_employer(np.arange(len(corporates)))]
    sales = (corporates.due * model.params["payroll"].markup).astype(np.int64)
    corporates.cash += sales - corporates.due
    state.treasury.rows.world[0] -= int(sales.sum())
    pay(flows, Transaction.SALES_WORLD, Sector.WORLD, Sector.CORPORATES, int(sales.sum()))

    paid_share = _affordable(state.firms())

    def pay_part(part):
        paid = np.zeros(len(paid_share), np.int64)
        _pay(employer=persons.employer[part], paid_share=paid_share, income=income[part], paid=paid)
        return paid

    paid = sum(model.shares(pay_part, persons.count))[: len(startups)]
    startups.cash -= paid
    startups.due -= paid
    startups.payroll[:] = paid
    pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, int(paid.sum()))
    pay(flows, Transaction.WAGES, Sector.CORPORATES, Sector.PERSONS, int(income.sum() - paid.sum()))
    return income
