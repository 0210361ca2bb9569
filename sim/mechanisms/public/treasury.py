"""The treasury: what policies get, what running them costs, and how the quarter's books close.

Landlords pay property tax and pass the rest on to their owners. The treasury borrows from the world when short, without
interest, repays first, and spends what it does not need on public services. Rent that a policy subsidises is owed to
landlords: where the policy's purse is empty the treasury pays.
"""

from typing import NamedTuple

from sim.world.accounts import Transaction, pay, spend
from sim.world.kinds import NOBODY, Sector


class Params(NamedTuple):
    property_tax: float
    treasury_buffer: float
    landlord_buffer: float


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


def borrow(state, needed):
    """The treasury borrows from the world what it lacks to have `needed` yuan."""
    treasury = state.treasury.rows
    short = needed - int(treasury.treasury[0])
    if short > 0:
        treasury.treasury[0] += short
        treasury.debt[0] += short
        treasury.world[0] -= short
        pay(state.flows, Transaction.PUBLIC_DEBT, Sector.WORLD, Sector.GOVERNMENT, short)


def subsidise_rent(state, slot, amount):
    """Landlords get `amount` yuan of subsidised rent from the purse of the policy in `slot`, and from the treasury what
    that lacks; all of it counts as spent by the policy.
    """
    treasury, paid = state.treasury.rows, spend(state, slot, amount, Transaction.SUBSIDY, payee=Sector.LANDLORDS)
    if slot != NOBODY:
        state.purses.rows.spent[slot] += amount - paid
    treasury.treasury[0] -= amount - paid
    treasury.landlords[0] += amount
    pay(state.flows, Transaction.SUBSIDY, Sector.GOVERNMENT, Sector.LANDLORDS, amount - paid)


def administer(model):
    """Running a policy costs a share of what it spent in the quarter, as far as its purse goes."""
    spent = (model.state.purses.used.spent - model.spent_before).tolist()
    for slot, policy in enumerate(model.policies):
        cost = int(policy.administration * spent[slot])
        spend(model.state, slot, cost, Transaction.ADMINISTRATION, account="administration")


def balance(model):
    """Landlords pay tax and their owners; the treasury borrows when short and spends what it need not keep."""
    state, params = model.state, model.params["treasury"]
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
