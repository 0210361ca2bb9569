"""What the treasury gives and borrows, who pays a subsidised rent, and how landlords and treasury close the quarter."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.public import treasury
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, PURSE
from sim.world.kinds import NOBODY, Sector
from sim.world.state import Persons, State


def city(purse=0, policies=(), **cash):
    state = State(Persons(1))
    state.flows = new_flows()
    fill(state.treasury, rows(CASH, **cash))
    fill(state.purses, rows(PURSE, cash=purse))
    terms = params(treasury.Params, property_tax=0.25, treasury_buffer=1000.0, landlord_buffer=200.0)
    return SimpleNamespace(
        state=state,
        policies=policies,
        quarter=8100,
        scale=0.5,
        spent_before=np.zeros(1, np.int64),
        params={"treasury": terms},
    )


@pytest.mark.parametrize("purse, from_purse", [(1000, 300), (100, 100), (0, 0)])
def test_the_treasury_pays_what_of_a_subsidised_rent_the_purse_lacks(purse, from_purse):
    state = city(purse, treasury=500).state
    treasury.subsidise_rent(state, 0, 300)
    assert (state.purses.used.cash[0], state.purses.used.spent[0]) == (purse - from_purse, 300)
    assert (state.treasury.rows.treasury[0], state.treasury.rows.landlords[0]) == (200 + from_purse, 300)
    assert state.flows[Transaction.SUBSIDY, Sector.GOVERNMENT, Sector.LANDLORDS] == state.flows.sum() == 300


def test_without_a_policy_the_treasury_pays_all_of_it():
    state = city(purse=1000, treasury=500).state
    treasury.subsidise_rent(state, NOBODY, 300)
    assert (state.purses.used.cash[0], state.purses.used.spent[0], state.treasury.rows.treasury[0]) == (1000, 0, 200)


def test_appropriations_are_borrowed_where_the_treasury_is_short_and_cost_administration():
    policy = SimpleNamespace(appropriation=lambda quarter: 600.0, administration=0.1)
    model = city(policies=[policy], treasury=100)
    treasury.appropriate(model)
    purses, cash = model.state.purses.used, model.state.treasury.rows
    assert (purses.cash[0], purses.appropriated[0]) == (300, 300)  # half a city
    assert (cash.treasury[0], cash.debt[0], cash.world[0]) == (0, 200, -200)
    purses.spent[0] = 150
    treasury.administer(model)
    assert (purses.cash[0], purses.administration[0], cash.world[0]) == (285, 15, -185)


def test_books_close_by_hand():
    # Landlords keep 100 and a quarter of the other 400 is tax; the treasury repays 50, keeps 500 and spends the rest.
    model = city(landlords=500, treasury=600, debt=50)
    treasury.balance(model)
    cash, flows = model.state.treasury.rows[0], model.state.flows
    assert (cash.landlords, cash.treasury, cash.debt, cash.world) == (100, 500, 0, 500)
    assert flows[Transaction.PROPERTY_TAX, Sector.LANDLORDS, Sector.GOVERNMENT] == 100
    assert flows[Transaction.PUBLIC_DEBT, Sector.GOVERNMENT, Sector.WORLD] == 50
    assert flows[Transaction.PUBLIC_SERVICES, Sector.GOVERNMENT, Sector.WORLD] == 150
