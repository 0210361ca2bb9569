"""Who gets what when a company is sold or dies, and when a fund has money to give back.

Company, value X, investors with 1x non-participating preference: each takes the larger of its
money back and its part as common stock. Holders convert in the order of the price they paid, as
long as the value a share then gets is at least that price. If X does not cover the preferences,
they share it in proportion. At a listing all preferences lapse.

Fund: capital back with the preferred return, then catch-up of the manager, then 80 : 20 (carry).
The guidance fund gives part of its gains up to the other partners (its concession).

Those who end a company or a stake call

    pay_holders(i, value, payment, quarter, firms, capital, people, books)   what is left for common stock
    credit(row, amount, payment, quarter, capital, people, books)            one stake
    distribute(capital, books)                                               all funds

with a `Payment` that says who pays, as which transfer, and by which route the stakes end.
"""

from typing import NamedTuple

import numpy as np

from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel, shared
from sim.world.kinds import NEVER, NOBODY, Investor, LPKind, Route, Sector

MOST_HOLDERS = 256  # stakes that a company is paid out over: room for every round and its angels


class Payment(NamedTuple):
    """A payment to the holders of stakes, which ends them."""

    payer: Sector
    transaction: Transaction
    route: Route


@shared
def split(value, common, amounts, shares, payouts):
    """Pay `value` to holders (`amounts` paid, `shares`) and `common` shares; fills `payouts`, returns what common
    gets. Yuan.
    """
    n = len(amounts)
    preferred = 0
    for k in range(n):
        preferred += amounts[k]
        payouts[k] = 0
    if value <= preferred and n > 0 and common >= 0:
        # Converting would give more to none: everybody shares by preference.
        left = value
        for k in range(n):
            payouts[k] = np.int64(value * (amounts[k] / preferred)) if preferred > 0 else 0
            left -= payouts[k]
        payouts[n - 1] += max(left, 0)
        return 0
    converted = np.zeros(n, np.bool_)
    pool, units = value - preferred, common
    while True:
        # Who paid least a share is next: each who joins lowers the price, but not below its own, so nobody regrets it.
        k = NOBODY
        for j in range(n):
            if not converted[j] and (k == NOBODY or amounts[j] * 1.0 * shares[k] < amounts[k] * 1.0 * shares[j]):
                k = j
        # Price a share if k joins: its own preference returns to the pool.
        if k == NOBODY or (pool + amounts[k]) * 1.0 * shares[k] < amounts[k] * 1.0 * (units + shares[k]):
            break
        converted[k] = True
        pool += amounts[k]
        units += shares[k]
    left = pool
    for k in range(n):
        if converted[k]:
            payouts[k] = np.int64(pool * (shares[k] / units))
            left -= payouts[k]
        else:
            payouts[k] = amounts[k]
    return left


@shared
def pay_holders(i, value, payment, quarter, firms, capital, people, books):
    """Startup i pays its holders: `value` yuan, which the caller takes from the payer, ends their stakes.

    Returns what common stock gets, yuan; the caller pays it out.
    """
    firm, holdings = firms.startups[i], capital.holdings
    rows = np.empty(MOST_HOLDERS, np.int64)
    n = 0
    row = firm.first_holding
    while row != NOBODY and n < MOST_HOLDERS:
        if holdings.route[row] == Route.HELD:
            rows[n] = row
            n += 1
        row = holdings.next[row]
    amounts, shares, payouts = np.empty(n, np.int64), np.empty(n, np.int64), np.zeros(n, np.int64)
    for k in range(n):
        amounts[k] = 0 if payment.route == Route.IPO else holdings.amount[rows[k]]
        shares[k] = holdings.shares[rows[k]]
    common = split(value, firm.founder_shares + firm.pool_shares, amounts, shares, payouts)
    for k in range(n):
        credit(
            row=rows[k],
            amount=payouts[k],
            payment=payment,
            quarter=quarter,
            capital=capital,
            people=people,
            books=books,
        )
    return common


@shared
def credit(row, amount, payment, quarter, capital, people, books):
    """The holder of the stake in `row` receives `amount` yuan, which the caller takes from the payer; the stake ends.

    What nobody of the city holds goes to the world.
    """
    stake = capital.holdings[row]
    stake.proceeds += amount
    stake.route = payment.route
    stake.ended = quarter
    if stake.investor == Investor.ANGEL and people.id[stake.holder] == stake.holder_id:
        people.wealth[stake.holder] += amount
        pay(books.flows, payment.transaction, payment.payer, Sector.PERSONS, amount)
    elif stake.investor != Investor.ANGEL and stake.holder != NOBODY:
        capital.funds.cash[stake.holder] += amount
        pay(books.flows, payment.transaction, payment.payer, Sector.FUNDS, amount)
    else:
        books.treasury.world[0] += amount
        pay(books.flows, payment.transaction, payment.payer, Sector.WORLD, amount)


# ---------------------------------------------------------------- funds


@shared
def tiers(amount, preferred, paid_in, returned, carried, carry):
    """Part of a distribution that goes to the manager. Yuan; `paid_in` called, `returned` to partners so far.

    Partners first get capital with the preferred return (`preferred` still owed); then the manager
    catches up to its share of all gains; then gains are split by `carry`.
    """
    to_partners = min(amount, preferred)
    rest = amount - to_partners
    gains = max(0, returned + to_partners - paid_in)
    wanted = np.int64(carry / (1.0 - carry) * gains) - carried
    caught = min(rest, max(wanted, 0))
    rest -= caught
    return caught + np.int64(carry * rest)


@kernel
def distribute(capital, books):
    """Funds give what they received to partners and managers, the government's own fund to its purse."""
    funds, purses, flows = capital.funds, capital.purses, books.flows
    for f in range(len(funds)):
        fund = funds[f]
        if fund.cash <= 0 or fund.vintage == NEVER or fund.called <= 0:
            continue
        amount = fund.cash
        fund.cash = 0
        patient = capital.gps.patient[fund.gp]
        if patient != NOBODY:
            fund.distributed += amount
            purses.cash[patient] += amount
            purses.recovered[patient] += amount
            pay(flows, Transaction.DISTRIBUTION, Sector.FUNDS, Sector.GOVERNMENT, amount)
            continue
        carry = tiers(
            amount=amount,
            preferred=fund.preferred,
            paid_in=fund.called,
            returned=fund.distributed,
            carried=fund.carried,
            carry=fund.carry,
        )
        fund.carried += carry
        capital.gps.cash[fund.gp] += carry
        pay(flows, Transaction.CARRY, Sector.FUNDS, Sector.GPS, carry)
        _repay(fund, amount - carry, capital, flows)


@shared
def _repay(fund, amount, capital, flows):
    """A fund gives `amount` yuan to its partners by what they promised; the first takes the rounding.

    Guidance money keeps its capital and gives up `concession` of its part of the gains.
    """
    lps, commitments = capital.lps, capital.commitments
    gains = max(0, amount - max(0, fund.called - fund.distributed))
    fund.distributed += amount
    fund.preferred = max(0, fund.preferred - amount)
    pay(flows, Transaction.DISTRIBUTION, Sector.FUNDS, Sector.LPS, amount)
    others = fund.committed - fund.guidance
    given = 0
    if fund.guidance > 0 and others > 0:
        given = np.int64(gains * (fund.guidance / fund.committed) * fund.concession)
    first = fund.first_commitment
    if first == NOBODY:
        return
    left = amount
    row = commitments.next[first]
    while row != NOBODY:
        promise = commitments[row]
        part = np.int64(amount * (promise.amount / fund.committed))
        if lps.kind[promise.lp] == LPKind.GUIDANCE:
            part -= given
        else:
            part += np.int64(given * (promise.amount / others))
        part = min(part, left)
        _receive(promise, lps[promise.lp], part)
        left -= part
        row = promise.next
    _receive(commitments[first], lps[commitments.lp[first]], left)


@shared
def _receive(promise, lp, part):
    """An LP receives `part` yuan from a fund."""
    promise.distributed += part
    lp.cash += part
    lp.distributed += part
