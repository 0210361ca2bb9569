"""Money: every transfer has a payer and a payee, and every quarter closes exactly.

`flows[transaction, payer, payee]` holds the yuan moved between institutional sectors in the
quarter. A kernel moves money between two purses and writes the transfer down in the same
breath. `unbalanced` then compares what the purses of the agents gained with what the matrix
says that they received: two independent counts of the same money, in integers.
"""

from enum import IntEnum

import numpy as np

from sim.world.kernel import kernel, shared
from sim.world.kinds import NOBODY, Sector, Status

SECTORS = len(Sector)
PURSES = ("persons", "startups", "corporates", "gps", "funds", "lps", "landlords", "treasury", "world", "policies")
POLICIES = PURSES.index("policies")  # whose purses are the government's; before them the sectors in their order


class Transaction(IntEnum):
    """Kinds of transfer, the rows of the transaction-flow matrix."""

    WAGES = 0
    HOUSEHOLD_SPENDING = 1
    HOME_RENT = 2
    OFFICE_RENT = 3
    INCOME_TAX = 4
    CORPORATE_TAX = 5
    PROPERTY_TAX = 6
    SALES_LOCAL = 7
    SALES_WORLD = 8
    PURCHASES = 9
    FOUNDER_CAPITAL = 10
    EQUITY = 11
    ACQUISITION = 12
    LISTING = 13
    TRANSFER_OF_STAKES = 14
    PROCEEDS = 15
    LIQUIDATION = 16
    BUYBACK = 17
    CAPITAL_CALL = 18
    DISTRIBUTION = 19
    MANAGEMENT_FEE = 20
    CARRY = 21
    LP_ALLOCATION = 22
    DEBT_SERVICE = 23
    GRANT = 24
    SUBSIDY = 25
    COMPENSATION = 26
    GUIDANCE = 27
    ADMINISTRATION = 28
    INCIDENTS = 29
    MIGRATION = 30
    LAND = 31
    PROFITS = 32
    PARTNERS = 33
    PUBLIC_DEBT = 34
    PUBLIC_SERVICES = 35
    FINES = 36
    PROCUREMENT = 37  # what policies buy: works, research, services
    SEVERANCE = 38


TRANSACTIONS = len(Transaction)


def new_flows():
    """An empty matrix of the quarter, int64 yuan of shape (transactions, sectors, sectors)."""
    return np.zeros((TRANSACTIONS, SECTORS, SECTORS), np.int64)


@shared
def pay(flows, transaction, payer, payee, amount):
    """Write a transfer down."""
    flows[transaction, payer, payee] += amount


def spend(state, slot, amount, transaction, payee=Sector.WORLD, takers=0, account="spent"):
    """The purse of the policy in `slot` pays up to `amount` yuan and notes its `takers`; returns what it could pay.

    Nothing happens without a policy (NOBODY). What the world receives is booked here; any other payee is credited by
    the caller. `account` is the column of the purse that counts the money: "spent" or "administration".
    """
    if slot == NOBODY or (amount == 0 and takers == 0):
        return 0
    purses = state.purses.rows
    paid = min(int(amount), int(purses.cash[slot]))
    purses.cash[slot] -= paid
    getattr(purses, account)[slot] += paid
    purses.take_up[slot] += takers
    if payee == Sector.WORLD:
        state.treasury.rows.world[0] += paid
    pay(state.flows, transaction, Sector.GOVERNMENT, payee, paid)
    return paid


def grant(state, slot, amounts, payee):
    """The purse of the policy in `slot` pays grants of `amounts` yuan, int64[n], in their order while it lasts; returns
    what each taker gets, int64[n], which the caller credits to the `payee`.
    """
    if slot == NOBODY:
        return np.zeros_like(amounts)
    paid = np.where(np.cumsum(amounts) <= state.purses.row(slot)["cash"], amounts, 0)
    spend(state, slot, paid.sum(), Transaction.GRANT, payee, takers=np.count_nonzero(paid))
    return paid


def recover(state, slot, amount, transaction, payer):
    """The purse of the policy in `slot` gets back `amount` yuan; the caller has taken them from the payer."""
    purse = state.purses.row(slot)
    purse["cash"] += amount
    purse["recovered"] += amount
    pay(state.flows, transaction, payer, Sector.GOVERNMENT, amount)


@shared
def _add_up(cash, kind, total, lowest):
    """Adds the purses of one kind to the `total` of their kind, and keeps the lowest of them."""
    for amount in cash:
        total[kind] += amount
        lowest[kind] = min(lowest[kind], amount)


@kernel
def _count(status, wealth, startups, corporates, capital, treasury):
    """Money in the purses of each kind, the absent apart, and the lowest of them or 0, int64[PURSES] both."""
    total, lowest = np.zeros(len(PURSES), np.int64), np.zeros(len(PURSES), np.int64)
    for i in range(len(status)):
        lowest[Sector.PERSONS] = min(lowest[Sector.PERSONS], wealth[i])
        if status[i] != Status.ABSENT:
            total[Sector.PERSONS] += wealth[i]
    _add_up(startups.cash, Sector.STARTUPS, total, lowest)
    _add_up(corporates.cash, Sector.CORPORATES, total, lowest)
    _add_up(capital.gps.cash, Sector.GPS, total, lowest)
    _add_up(capital.funds.cash, Sector.FUNDS, total, lowest)
    _add_up(capital.lps.cash, Sector.LPS, total, lowest)
    _add_up(treasury.landlords, Sector.LANDLORDS, total, lowest)
    _add_up(treasury.treasury, Sector.GOVERNMENT, total, lowest)
    _add_up(treasury.world, Sector.WORLD, total, lowest)
    _add_up(capital.purses.cash, POLICIES, total, lowest)
    return total, lowest


def _counted(state):
    """What `_count` finds in the whole state."""
    people = slice(state.persons.count)
    return _count(
        status=state.persons.status[people],
        wealth=state.persons.wealth[people],
        startups=state.startups.used,
        corporates=state.corporates.used,
        capital=state.capital(),
        treasury=state.treasury.rows,
    )


def purses(state):
    """Money in the purses of each institutional sector, int64[sectors], counted from the agents themselves."""
    total, _ = _counted(state)
    total[Sector.GOVERNMENT] += total[POLICIES]
    return total[:SECTORS]


@kernel
def received(flows):
    """Net receipts of each sector in the quarter, int64[sectors]."""
    net = np.zeros(SECTORS, np.int64)
    for transaction in range(len(flows)):
        for payer in range(SECTORS):
            for payee in range(SECTORS):
                net[payee] += flows[transaction, payer, payee]
                net[payer] -= flows[transaction, payer, payee]
    return net


def flow_matrix(flows, before, after):
    """The transaction-flow matrix with the change in money as its last row.

    Returns int64 of shape (transactions + 1, sectors): receipts positive, payments negative.
    Every row sums to zero because each transfer has two sides, and every column does where
    the purses moved by what was paid and received.
    """
    matrix = flows.sum(axis=1) - flows.sum(axis=2)
    return np.vstack([matrix, before - after])


def unbalanced(flows, before, after):
    """Names of sectors whose purses do not agree with the flows, with the gap in yuan; empty when the books close."""
    gap = (after - before) - received(flows)
    return {Sector(i).name.lower(): int(gap[i]) for i in np.flatnonzero(gap)}


def overdrawn(state):
    """Names of kinds of purse that are below zero, with the lowest value; empty when none is."""
    _, lowest = _counted(state)
    return {PURSES[kind]: int(lowest[kind]) for kind in np.flatnonzero(lowest)}
