"""The money that moves every quarter: payroll, rents, purchases, taxes, fees, and the treasury's rules.

Closing rules, each one stated:
- incumbents sell to the world what carries their payroll and rent times a markup; profit beyond a
  buffer is taxed and leaves to their owners;
- households pay tax, rent and debts, spend a share of what is left and a little of their wealth;
- landlords pay property tax and pass the rest on to their owners;
- the treasury borrows from the world when short and spends what it does not need on public services.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.rounds import call_capital
from sim.mechanisms.people.labour import density_premium
from sim.mechanisms.programmes import payments
from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector, Stage, Status

BUCKETS = 6  # totals of households in a part: tax, rent, subsidy, spending, debt service, wages


class Params(NamedTuple):
    income_tax: float
    corporate_tax: float
    property_tax: float
    spending_share: float
    wealth_spending: float
    debt_service: float
    founder_wage_idea: float
    founder_wage_funded: float
    cost_of_sales: float
    local_purchases: float
    hinterland_saving: float
    markup: float
    corporate_buffer: float
    austerity_quarters: float
    gp_buffer_quarters: float
    fee_years: float
    treasury_buffer: float
    landlord_buffer: float


# ---------------------------------------------------------------- payroll


@kernel
def _due(status, employer, efficiency, startup_wage, corporate_wage, stipend, earned, startup_due, corporate_due):
    """Wages earned by every person, and owed by every employer, yuan."""
    for i in range(len(status)):
        e = employer[i]
        earned[i] = 0
        if status[i] == Status.EMPLOYED:
            if e >= 0:
                earned[i] = np.int64(startup_wage[e] * efficiency[i])
                startup_due[e] += earned[i]
            else:
                earned[i] = np.int64(corporate_wage[-2 - e] * efficiency[i])
                corporate_due[-2 - e] += earned[i]
        elif status[i] == Status.FOUNDER:
            earned[i] = np.int64(startup_wage[e] * stipend[e] * efficiency[i])
            startup_due[e] += earned[i]


@kernel
def _live(
    status,
    employer,
    earned,
    home,
    wealth,
    debt,
    subsidised,
    paid_share,
    home_rent,
    home_m2,
    discount,
    params,
    paid,
    totals,
):
    """Persons are paid, taxed, housed, and spend; fills wages paid by startup and the totals of the part."""
    for i in range(len(status)):
        if status[i] == Status.ABSENT:
            continue
        e = employer[i]
        income = earned[i]
        if e >= 0:
            income = np.int64(income * paid_share[e])
            paid[e] += income
        tax = np.int64(params.income_tax * income)
        purse = wealth[i] + income - tax
        full = np.int64(home_rent[home[i]] * home_m2)
        support = np.int64(full * discount[home[i]]) if subsidised[i] else 0
        rent = min(full - support, purse)
        purse -= rent
        service = min(debt[i], np.int64(params.debt_service * income))
        service = min(service, purse)
        purse -= service
        debt[i] -= service
        free = max(0, income - tax - rent - service)
        spending = min(purse, np.int64(params.spending_share * free + params.wealth_spending * purse))
        wealth[i] = purse - spending
        totals[0] += tax
        totals[1] += rent
        totals[2] += support
        totals[3] += spending
        totals[4] += service
        totals[5] += income


@kernel
def _wages(startups, corporates, sectors, premium, params, startup_wage, corporate_wage, stipend):
    for i in range(len(startups)):
        startup_wage[i] = sectors.wage[startups.sector[i]] * premium[startups.district[i]]
        stipend[i] = params.founder_wage_idea if startups.stage[i] == Stage.IDEA else params.founder_wage_funded
    for i in range(len(corporates)):
        corporate_wage[i] = sectors.wage[corporates.sector[i]] * corporates.wage_offer[i]


def pay_people(model):
    """Employers pay wages, people pay tax and rent and spend; arrears of startups show as due beyond cash."""
    state, params, levers = model.state, model.params["operations"], model.levers
    persons, startups, corporates = state.persons, state.startups.used, state.corporates.used
    home_m2 = model.params["rents"].home_m2
    treasury, flows = state.treasury.rows, state.flows
    startup_wage, stipend, corporate_wage = (
        np.empty(len(startups) + 1),
        np.empty(len(startups) + 1),
        np.empty(len(corporates)),
    )
    premium = density_premium(state, model.params["labour"].density_premium)
    _wages(startups, corporates, state.sectors.used, premium, params, startup_wage, corporate_wage, stipend)

    earned = np.empty(persons.count, np.int64)

    def due_of_part(part):
        startup_due, corporate_due = np.zeros(len(startups) + 1, np.int64), np.zeros(len(corporates), np.int64)
        _due(
            persons.status[part],
            persons.employer[part],
            persons.efficiency[part],
            startup_wage,
            corporate_wage,
            stipend,
            earned[part],
            startup_due,
            corporate_due,
        )
        return startup_due, corporate_due

    parts = model.shares(due_of_part, persons.count)
    startup_due = sum(one[0] for one in parts)
    startups.due[:] = startup_due[:-1]
    corporates.due[:] = sum(one[1] for one in parts)
    sales = (corporates.due * params.markup).astype(np.int64)
    corporates.cash += sales
    treasury.world[0] -= int(sales.sum())
    pay(flows, Transaction.SALES_WORLD, Sector.WORLD, Sector.CORPORATES, int(sales.sum()))
    corporates.cash -= corporates.due
    paid_share = np.ones(len(startups) + 1)
    short = startups.due > startups.cash
    paid_share[:-1][short] = startups.cash[short] / startups.due[short] * (1.0 - 1e-12)
    discount = np.minimum(levers.home_discount, 0.9)

    def live_in_part(part):
        paid, totals = np.zeros(len(startups) + 1, np.int64), np.zeros(BUCKETS, np.int64)
        _live(
            persons.status[part],
            persons.employer[part],
            earned[part],
            persons.home[part],
            persons.wealth[part],
            persons.debt[part],
            persons.subsidised_home[part],
            paid_share,
            state.districts.used.home_rent,
            home_m2,
            discount,
            params,
            paid,
            totals,
        )
        return paid, totals

    parts = model.shares(live_in_part, persons.count)
    paid = sum(one[0] for one in parts)
    startups.cash -= paid[:-1]
    startups.due -= paid[:-1]
    tax, rent, support, spending, service, income = (int(x) for x in sum(one[1] for one in parts))
    pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, int(paid.sum()))
    pay(flows, Transaction.WAGES, Sector.CORPORATES, Sector.PERSONS, income - int(paid.sum()))
    pay(flows, Transaction.INCOME_TAX, Sector.PERSONS, Sector.GOVERNMENT, tax)
    pay(flows, Transaction.HOME_RENT, Sector.PERSONS, Sector.LANDLORDS, rent)
    pay(flows, Transaction.HOUSEHOLD_SPENDING, Sector.PERSONS, Sector.WORLD, spending)
    pay(flows, Transaction.DEBT_SERVICE, Sector.PERSONS, Sector.WORLD, service)
    treasury.treasury[0] += tax
    treasury.landlords[0] += rent
    treasury.world[0] += spending + service
    _support(state, levers.payer["home_discount"], support)
    _refund_tax(state, levers, params.income_tax, earned, paid_share)


def _refund_tax(state, levers, tax_rate, earned, paid_share):
    """Income tax above the cap goes back to persons of the chosen origins paid above the floor; a short purse pays all
    the same part.
    """
    payer, rate = (
        levers.payer["tax_relief"],
        np.minimum(levers.tax_relief, 1.0) * max(0.0, tax_rate - levers.tax_cap),
    )
    if payer == NOBODY or rate.max() <= 0.0:
        return
    persons, purse = state.persons, state.purses.rows[payer]
    n, income = persons.count, earned.copy()
    in_startup = persons.employer[:n] >= 0
    income[in_startup] = (earned[in_startup] * paid_share[persons.employer[:n][in_startup]]).astype(np.int64)
    owed = np.where(4 * income >= levers.tax_floor, rate[persons.origin[:n]] * income, 0.0).astype(np.int64)
    if owed.sum() > purse.cash:
        owed = (owed * (purse.cash / owed.sum() * (1.0 - 1e-12))).astype(np.int64)
    total = int(owed.sum())
    persons.wealth[:n] += owed
    purse.cash -= total
    purse.spent += total
    purse.take_up += np.count_nonzero(owed)
    pay(state.flows, Transaction.SUBSIDY, Sector.GOVERNMENT, Sector.PERSONS, total)


def _support(state, payer, amount):
    """The purse of a policy pays landlords their part of a subsidised rent; the treasury where the purse is short."""
    if amount == 0:
        return
    treasury = state.treasury.rows
    own = 0
    if payer != NOBODY:
        own = min(amount, int(state.purses.rows.cash[payer]))
        state.purses.rows.cash[payer] -= own
        state.purses.rows.spent[payer] += amount
    treasury.treasury[0] -= amount - own
    treasury.landlords[0] += amount
    pay(state.flows, Transaction.SUBSIDY, Sector.GOVERNMENT, Sector.LANDLORDS, amount)


# ---------------------------------------------------------------- firms


@kernel
def _run_startups(
    startups, corporates, pool_of, office_rent, office_m2, discount, digital_saving, services, params, flows, treasury
):
    """Startups pay rent, buy what their plan needs, and pay tax on profit; returns the subsidy on desks."""
    subsidy = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE:
            continue
        full = np.int64(office_rent[firm.district] * office_m2 * (1 + firm.headcount))
        support = np.int64(office_rent[firm.district] * office_m2 * discount[firm.district]) if firm.desk else 0
        rent = min(full - support, firm.cash)
        firm.cash -= rent
        subsidy += support
        treasury.landlords[0] += rent
        pay(flows, Transaction.OFFICE_RENT, Sector.STARTUPS, Sector.LANDLORDS, rent)
        payments = 1.0 - firm.business_share * (1.0 - services[firm.sector])
        cost = np.int64((params.cost_of_sales - firm.digital * digital_saving[firm.district] * payments) * firm.revenue)
        if firm.makes_here == 0:
            cost = np.int64(cost * (1.0 - params.hinterland_saving))
        planned = np.int64(0.75 * firm.burn) + cost
        buys = min(planned, firm.cash)
        local = (
            np.int64(buys * params.local_purchases)
            if firm.makes_here
            else np.int64(0.5 * buys * params.local_purchases)
        )
        firm.cash -= buys
        corporates.cash[pool_of[firm.sector]] += local
        treasury.world[0] += buys - local
        pay(flows, Transaction.PURCHASES, Sector.STARTUPS, Sector.CORPORATES, local)
        pay(flows, Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD, buys - local)
        profit = firm.revenue - cost - rent
        if profit > firm.burn:
            tax = min(np.int64(params.corporate_tax * (profit - firm.burn)), firm.cash)
            firm.cash -= tax
            treasury.treasury[0] += tax
            pay(flows, Transaction.CORPORATE_TAX, Sector.STARTUPS, Sector.GOVERNMENT, tax)
        # Austerity: plans shrink when the runway is short.
        firm.burn = min(firm.burn, np.int64(firm.cash / params.austerity_quarters) + 1)
    return subsidy


@kernel
def _run_corporates(corporates, office_rent, office_m2, mean_rent, params, flows, treasury):
    """Incumbents pay rent, tax and dividends."""
    for i in range(len(corporates)):
        firm = corporates[i]
        level = mean_rent if firm.pool else office_rent[firm.district]
        rent = min(np.int64(level * office_m2 * firm.headcount), firm.cash)
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


@kernel
def _charge_fees(quarter, fee_quarters, capital, books):
    """Funds pay their managers, on promises first and on what is invested later, and owe their partners the preferred
    return.
    """
    funds, gps, flows = capital.funds, capital.gps, books.flows
    for f in range(len(funds)):
        fund = funds[f]
        if fund.vintage == NEVER or fund.ended != NEVER:
            continue
        fund.preferred += np.int64(fund.preferred * (fund.hurdle / 4.0))
        age = quarter - fund.vintage
        if gps.patient[fund.gp] != NOBODY or age >= fund.life:
            continue
        base = fund.committed if age < fee_quarters else min(fund.invested, fund.committed)
        fee = min(np.int64(fund.fee * base), fund.committed - fund.called + fund.cash)
        if fee > fund.cash:
            call_capital(f, fee - fund.cash, capital, books)
        fee = min(fee, fund.cash)
        fund.cash -= fee
        fund.fees += fee
        gps.cash[fund.gp] += fee
        pay(flows, Transaction.MANAGEMENT_FEE, Sector.FUNDS, Sector.GPS, fee)


@kernel
def _pay_partners(gps, buffer, flows, treasury):
    """Managers take home what the firm does not need; they are not in the tech workforce."""
    for g in range(len(gps)):
        spare = gps.cash[g] - np.int64(buffer * gps.partners[g]) * 500_000
        if spare > 0:
            gps.cash[g] -= spare
            treasury.world[0] += spare
            pay(flows, Transaction.PARTNERS, Sector.GPS, Sector.WORLD, spare)


@kernel
def mark(startups, holdings, funds, commitments, lps):
    """Net asset value of funds at last prices, and of LPs by their part."""
    for f in range(len(funds)):
        funds.nav[f] = 0
    for h in range(len(holdings)):
        row = holdings[h]
        if row.route == Route.HELD and row.investor != Investor.ANGEL and row.holder != NOBODY:
            firm = startups[row.startup]
            if firm.life == Life.ALIVE:
                funds.nav[row.holder] += np.int64(firm.post_money * (row.shares / firm.shares))
    for l in range(len(lps)):
        lps.nav[l] = 0
    for c in range(len(commitments)):
        row = commitments[c]
        fund = funds[row.fund]
        if fund.called > 0:
            lps.nav[row.lp] += np.int64(fund.nav * (row.called / fund.called))


def run_firms(model):
    """Firms pay rent, suppliers, tax and fees; landlords and managers pass on what is theirs."""
    state, params, levers, quarter = model.state, model.params["operations"], model.levers, model.quarter
    startups, corporates, treasury, flows = state.startups.used, state.corporates.used, state.treasury.rows, state.flows
    districts, office_m2 = state.districts.used, model.params["rents"].office_m2
    payments.enrol(model)
    subsidy = _run_startups(
        startups,
        corporates,
        model.pool_of,
        districts.office_rent,
        office_m2,
        np.minimum(levers.desk_discount, 0.9),
        *payments.savings(model),
        params,
        flows,
        treasury,
    )
    _support(state, levers.payer["desk_discount"], int(subsidy))
    mean_rent = float((districts.office_rent * districts.office_stock).sum() / districts.office_stock.sum())
    _run_corporates(corporates, districts.office_rent, office_m2, mean_rent, params, flows, treasury)
    funds, gps, lps, commitments = state.funds.used, state.gps.used, state.lps.used, state.commitments.used
    _charge_fees(quarter, int(4 * params.fee_years), state.capital(), state.books())
    _pay_partners(gps, params.gp_buffer_quarters, flows, treasury)
    mark(startups, state.holdings.used, funds, commitments, lps)


def administer(model):
    """Running a policy costs a share of what it spent in the quarter, as far as its purse goes."""
    state = model.state
    for slot, policy in enumerate(model.policies):
        purse = state.purses.row(slot)
        cost = min(int(policy.administration * (purse["spent"] - model.spent_before[slot])), int(purse["cash"]))
        purse["cash"] -= cost
        purse["administration"] += cost
        state.treasury.rows.world[0] += cost
        pay(state.flows, Transaction.ADMINISTRATION, Sector.GOVERNMENT, Sector.WORLD, cost)


def balance_treasury(model):
    """Landlords pay tax and their owners; the treasury borrows when short and spends what it need not keep."""
    state, params = model.state, model.params["operations"]
    treasury, flows = state.treasury.rows, state.flows
    rent = int(treasury.landlords[0]) - int(params.landlord_buffer * model.scale)
    if rent > 0:
        tax = int(params.property_tax * rent)
        treasury.landlords[0] -= rent
        treasury.treasury[0] += tax
        treasury.world[0] += rent - tax
        pay(flows, Transaction.PROPERTY_TAX, Sector.LANDLORDS, Sector.GOVERNMENT, tax)
        pay(flows, Transaction.PROFITS, Sector.LANDLORDS, Sector.WORLD, rent - tax)
    borrow(state, 0)
    spare = int(treasury.treasury[0]) - int(params.treasury_buffer * model.scale)
    if spare > 0:
        repaid = min(spare, int(treasury.debt[0]))
        treasury.debt[0] -= repaid
        treasury.treasury[0] -= spare
        treasury.world[0] += spare
        pay(flows, Transaction.PUBLIC_DEBT, Sector.GOVERNMENT, Sector.WORLD, repaid)
        pay(flows, Transaction.PUBLIC_SERVICES, Sector.GOVERNMENT, Sector.WORLD, spare - repaid)


def borrow(state, needed):
    """The treasury borrows from the world what it lacks to have `needed` yuan."""
    treasury = state.treasury.rows
    short = needed - int(treasury.treasury[0])
    if short > 0:
        treasury.treasury[0] += short
        treasury.debt[0] += short
        treasury.world[0] -= short
        pay(state.flows, Transaction.PUBLIC_DEBT, Sector.WORLD, Sector.GOVERNMENT, short)


def appropriate(model):
    """Appropriations of the policies in force move from the treasury into their purses."""
    state = model.state
    for slot, policy in enumerate(model.policies):
        amount = int(policy.appropriation(model.quarter) * model.scale)
        if amount > 0:
            borrow(state, amount)
            state.treasury.rows.treasury[0] -= amount
            state.purses.rows.cash[slot] += amount
            state.purses.rows.appropriated[slot] += amount
