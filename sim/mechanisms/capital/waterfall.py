"""Who gets what when a company is sold or dies, and when a fund has money to give back.

Company, value X, investors with 1x non-participating preference: each takes the larger of its
money back and its part as common stock. Holders convert in the order of the price they paid, as
long as the value a share then gets is at least that price. If X does not cover the preferences,
they share it in proportion.

Fund: capital back with the preferred return, then catch-up of the manager, then 80 : 20 (carry).
The guidance fund gives part of its gains up to the other partners (its concession).
"""

import numpy as np

from sim.world.accounts import Transaction, pay
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Investor, LPKind, Route, Sector

MOST_HOLDERS = 256


@kernel
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


@kernel
def pay_holders(
    i, value, convert, payer, transaction, route, quarter, startups, holdings, funds, wealth, ids, flows, treasury
):
    """Pay out `value` of startup i, already taken from the payer, to its holders; returns what common stock gets.

    `convert` is true at a listing, where all preferences lapse.
    """
    firm = startups[i]
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
        amounts[k] = 0 if convert else holdings.amount[rows[k]]
        shares[k] = holdings.shares[rows[k]]
    common = split(value, firm.founder_shares + firm.pool_shares, amounts, shares, payouts)
    for k in range(n):
        credit(rows[k], payouts[k], payer, transaction, route, quarter, holdings, funds, wealth, ids, flows, treasury)
    return common


@kernel
def credit(row, amount, payer, transaction, route, quarter, holdings, funds, wealth, ids, flows, treasury):
    """The holder of a stake receives `amount`, and the stake ends by `route`."""
    h = holdings[row]
    h.proceeds += amount
    h.route = route
    h.ended = quarter
    if h.investor == Investor.ANGEL and ids[h.holder] == h.holder_id:
        wealth[h.holder] += amount
        pay(flows, transaction, payer, Sector.PERSONS, amount)
    elif h.investor != Investor.ANGEL and h.holder != NOBODY:
        funds.cash[h.holder] += amount
        pay(flows, transaction, payer, Sector.FUNDS, amount)
    else:
        treasury.world[0] += amount
        pay(flows, transaction, payer, Sector.WORLD, amount)


# ---------------------------------------------------------------- funds


@kernel
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
def distribute(funds, gps, lps, commitments, quarter, flows, purses, treasury):
    """Funds give what they received to partners and managers."""
    for f in range(len(funds)):
        fund = funds[f]
        if fund.cash <= 0 or fund.vintage == NEVER or fund.called <= 0:
            continue
        amount = fund.cash
        patient = gps.patient[fund.gp]
        if patient != NOBODY:
            fund.cash = 0
            fund.distributed += amount
            purses.cash[patient] += amount
            purses.recovered[patient] += amount
            pay(flows, Transaction.DISTRIBUTION, Sector.FUNDS, Sector.GOVERNMENT, amount)
            continue
        carry = tiers(amount, fund.preferred, fund.called, fund.distributed, fund.carried, fund.carry)
        fund.cash = 0
        fund.carried += carry
        gps.cash[fund.gp] += carry
        pay(flows, Transaction.CARRY, Sector.FUNDS, Sector.GPS, carry)
        left = amount - carry
        gains = max(0, left - max(0, fund.called - fund.distributed))
        fund.distributed += left
        fund.preferred = max(0, fund.preferred - left)
        pay(flows, Transaction.DISTRIBUTION, Sector.FUNDS, Sector.LPS, left)
        # Guidance money keeps its capital and gives up `concession` of its part of the gains.
        others = fund.committed - fund.guidance
        given = 0
        if fund.guidance > 0 and others > 0:
            given = np.int64(gains * (fund.guidance / fund.committed) * fund.concession)
        first = fund.first_commitment
        row = first
        total = left
        while row != NOBODY:
            c = commitments[row]
            if row != first:
                part = np.int64(left * (c.amount / fund.committed))
                if lps.kind[c.lp] == LPKind.GUIDANCE:
                    part -= given
                else:
                    part += np.int64(given * (c.amount / others))
                part = min(part, total)
                _receive(c, lps[c.lp], part)
                total -= part
            row = c.next
        if first != NOBODY:
            _receive(commitments[first], lps[commitments.lp[first]], total)


@kernel
def _receive(c, lp, part):
    c.distributed += part
    lp.cash += part
    lp.distributed += part
