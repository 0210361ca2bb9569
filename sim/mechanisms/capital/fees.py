"""Fees of funds, what their managers take home, and what stakes are worth on paper.

A fund pays its manager a share of promises for some years, then of what is invested, and owes its partners the
preferred return. A manager keeps some quarters of the cost of its partners, who are not in the tech workforce. Stakes
are marked at last prices.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.rounds import call_capital
from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector


class Params(NamedTuple):
    gp_buffer_quarters: float
    partner_cost: float


@kernel
def _charge(quarter, fee_quarters, capital, books):
    """Funds pay their managers, on promises first and on what is invested later, and owe their partners the preferred
    return.
    """
    funds, gps = capital.funds, capital.gps
    for g in range(len(gps)):
        gps.fee_income[g] = 0.0
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
            call_capital(f=f, amount=fee - fund.cash, capital=capital, books=books)
        fee = min(fee, fund.cash)
        fund.cash -= fee
        fund.fees += fee
        gps.cash[fund.gp] += fee
        gps.fee_income[fund.gp] += fee
        pay(books.flows, Transaction.MANAGEMENT_FEE, Sector.FUNDS, Sector.GPS, fee)


@kernel
def _pay_partners(gps, cost, params, books):
    """Managers take home what the firm does not need; `cost` of a partner a quarter, yuan."""
    for g in range(len(gps)):
        buffer = np.int64(params.gp_buffer_quarters * gps.partners[g] * cost)
        spare = gps.cash[g] - buffer
        if spare > 0:
            gps.cash[g] -= spare
            books.treasury.world[0] += spare
            pay(books.flows, Transaction.PARTNERS, Sector.GPS, Sector.WORLD, spare)


@kernel
def mark(startups, capital):
    """Net asset value of funds at last prices, and of LPs by their part."""
    holdings, funds, lps, commitments = capital.holdings, capital.funds, capital.lps, capital.commitments
    for f in range(len(funds)):
        funds.nav[f] = 0
    for h in range(capital.holdings_count[0]):
        stake = holdings[h]
        if stake.route == Route.HELD and stake.investor != Investor.ANGEL and stake.holder != NOBODY:
            firm = startups[stake.startup]
            if firm.life == Life.ALIVE:
                funds.nav[stake.holder] += np.int64(firm.post_money * (stake.shares / firm.shares))
    for lp in range(len(lps)):
        lps.nav[lp] = 0
    for c in range(capital.commitments_count[0]):
        commitment = commitments[c]
        fund = funds[commitment.fund]
        if fund.called > 0:
            lps.nav[commitment.lp] += np.int64(fund.nav * (commitment.called / fund.called))


def charge(model):
    """Funds pay fees, managers their partners, and what is left is marked."""
    state, params, capital, books = model.state, model.params["fees"], model.state.capital(), model.state.books()
    fee_quarters = int(4 * model.params["funding"].fee_years)  # which funds keep back from the money they invest
    _charge(quarter=model.quarter, fee_quarters=fee_quarters, capital=capital, books=books)
    cost = model.params["nominal"].level * params.partner_cost
    _pay_partners(gps=capital.gps, cost=cost, params=params, books=books)
    mark(startups=state.startups.used, capital=capital)
