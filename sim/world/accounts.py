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
    if slot == NOBODY:
        return 0
    purse = state.purses.row(slot)
    paid = min(int(amount), int(purse["cash"]))
    purse["cash"] -= paid
    purse[account] += paid
    purse["take_up"] += takers
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


@kernel
def _held(status, wealth):
    """Money of all persons who are here."""
    total = 0
    for i in range(len(status)):
        if status[i] != Status.ABSENT:
            total += wealth[i]
    return total


def purses(state):
    """Money in the purses of each institutional sector, int64[sectors], counted from the agents themselves."""
    treasury = state.treasury.rows[0]
    total = np.zeros(SECTORS, np.int64)
    people = slice(state.persons.count)
    total[Sector.PERSONS] = _held(state.persons.status[people], state.persons.wealth[people])
    total[Sector.STARTUPS] = state.startups.used.cash.sum()
    total[Sector.CORPORATES] = state.corporates.used.cash.sum()
    total[Sector.GPS] = state.gps.used.cash.sum()
    total[Sector.FUNDS] = state.funds.used.cash.sum()
    total[Sector.LPS] = state.lps.used.cash.sum()
    total[Sector.LANDLORDS] = treasury.landlords
    total[Sector.GOVERNMENT] = treasury.treasury + state.purses.used.cash.sum()
    total[Sector.WORLD] = treasury.world
    return total


def received(flows):
    """Net receipts of each sector in the quarter, int64[sectors]."""
    return flows.sum(axis=(0, 1)) - flows.sum(axis=(0, 2))


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
    treasury = state.treasury.rows[0]
    lowest = {
        "persons": state.persons.wealth[: state.persons.count].min(initial=0),
        "startups": state.startups.used.cash.min(initial=0),
        "corporates": state.corporates.used.cash.min(initial=0),
        "gps": state.gps.used.cash.min(initial=0),
        "funds": state.funds.used.cash.min(initial=0),
        "lps": state.lps.used.cash.min(initial=0),
        "policies": state.purses.used.cash.min(initial=0),
        "landlords": treasury.landlords,
        "treasury": treasury.treasury,
        "world": treasury.world,
    }
    return {name: int(value) for name, value in lowest.items() if value < 0}
