"""The end of a fund, and what funds give back.

Buyers on the secondary market take, at a discount, stakes in firms worth more than was put in; the rest are written
off. For a firm in the queue to list the fund's life is extended. A stake that is given up lives on in a stranger's
hands. Then the partners are released from what the fund has not called.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.capital.waterfall import Payment, credit, distribute
from sim.mechanisms.ventures.going_concern import worth
from sim.world.accounts import Transaction
from sim.world.draws import Decision, exp, normal
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Investor, Route, Sector


class Params(NamedTuple):
    transfer_discount: float
    transfer_noise: float
    extension_quarters: float


@kernel
def _sell_stakes(chance, people, firms, capital, books, concern, params):
    """Funds at the end of their life sell or write off what they hold; each stake becomes a new one of a stranger."""
    startups, funds, holdings, count = firms.startups, capital.funds, capital.holdings, capital.holdings_count
    for h in range(count[0]):
        stake = holdings[h]
        if stake.route != Route.HELD or stake.investor == Investor.ANGEL or stake.holder == NOBODY:
            continue
        fund = funds[stake.holder]
        firm = startups[stake.startup]
        extension = params.extension_quarters if firm.queued != NEVER else 0.0
        if chance.quarter < fund.vintage + fund.life + extension:
            continue
        noise = exp(params.transfer_noise * normal(chance.seed, Decision.TRANSFER, chance.quarter, firm.id, fund.id))
        value = worth(firm.traction, firm, firms.sectors.multiple[firm.sector], concern)
        seen = min(1.0 * firm.post_money, value)  # buyers look behind a stale price
        price, route = np.int64(0), Route.WRITE_OFF
        if seen >= firm.raised:
            price = np.int64(seen * (stake.shares / firm.shares) * (1.0 - params.transfer_discount) * noise)
            route = Route.TRANSFER
        books.treasury.world[0] -= price
        credit(
            row=h,
            amount=price,
            payment=Payment(Sector.WORLD, Transaction.TRANSFER_OF_STAKES, route),
            quarter=chance.quarter,
            capital=capital,
            people=people,
            books=books,
        )
        holdings[count[0]] = stake
        stranger = holdings[count[0]]
        stranger.holder, stranger.holder_id, stranger.route, stranger.ended = NOBODY, NOBODY, Route.HELD, NEVER
        stranger.proceeds, stranger.compensated, stranger.lead, stranger.first = 0, 0, 0, 0
        stranger.next = firm.first_holding
        firm.first_holding = count[0]
        count[0] += 1


@kernel
def _close(quarter, capital):
    """Funds whose life is over invest no more, and their partners are released."""
    funds, gps, lps, commitments = capital.funds, capital.gps, capital.lps, capital.commitments
    for f in range(len(funds)):
        fund = funds[f]
        if (
            fund.vintage == NEVER
            or fund.ended != NEVER
            or quarter < fund.vintage + fund.life
            or gps.patient[fund.gp] != NOBODY
        ):
            continue
        fund.ended = quarter
        if gps.fund[fund.gp] == f:
            gps.fund[fund.gp] = NOBODY
        row = fund.first_commitment
        while row != NOBODY:
            c = commitments[row]
            lps.unfunded[c.lp] -= c.amount - c.called
            row = c.next


def end_funds(model):
    """Funds at the end of their life sell, write off and close."""
    state = model.state
    state.holdings.reserve(state.holdings.count)
    capital = state.capital()
    _sell_stakes(
        chance=model.chance,
        people=state.people(),
        firms=state.firms(),
        capital=capital,
        books=state.books(),
        concern=model.params["going_concern"],
        params=model.params["fund_end"],
    )
    _close(quarter=model.quarter, capital=capital)


def give_back(model):
    """Funds give what they received to their partners and managers."""
    distribute(capital=model.state.capital(), books=model.state.books())
