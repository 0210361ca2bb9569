"""Books: what moves between purses stands in the matrix, or is found missing."""

import numpy as np
import pytest
from by_hand import fill, rows

from sim.world import accounts
from sim.world.accounts import Transaction, new_flows, pay
from sim.world.columns import CASH, CORPORATE, FUND, GP, LP, PURSE, STARTUP
from sim.world.kinds import Sector, Status
from sim.world.state import Persons, State


@pytest.fixture
def state():
    state = State(Persons(3))
    state.persons.count = 3
    state.persons.status[:] = [Status.EMPLOYED, Status.ABSENT, Status.SEARCHING]
    state.persons.wealth[:] = [100, 7, 200]
    for table, dtype, cash in (
        (state.startups, STARTUP, 10),
        (state.corporates, CORPORATE, 20),
        (state.gps, GP, 30),
        (state.funds, FUND, 40),
        (state.lps, LP, 50),
        (state.purses, PURSE, 60),
    ):
        fill(table, rows(dtype, 2, cash=cash))
    fill(state.treasury, rows(CASH, landlords=1, treasury=2, world=3))
    return state


def test_purses_by_hand(state):
    expected = {
        Sector.PERSONS: 300,
        Sector.STARTUPS: 20,
        Sector.CORPORATES: 40,
        Sector.GPS: 60,
        Sector.FUNDS: 80,
        Sector.LPS: 100,
        Sector.LANDLORDS: 1,
        Sector.GOVERNMENT: 122,
        Sector.WORLD: 3,
    }
    assert accounts.purses(state).tolist() == [expected[sector] for sector in Sector]


def test_a_transfer_has_two_sides():
    flows = new_flows()
    pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, 30)
    pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, 5)
    pay(flows, Transaction.INCOME_TAX, Sector.PERSONS, Sector.GOVERNMENT, 10)
    received = accounts.received(flows)
    assert (received[Sector.STARTUPS], received[Sector.PERSONS], received[Sector.GOVERNMENT]) == (-35, 25, 10)
    assert received.sum() == 0
    assert flows.sum() == 45


def test_matrix_closes_in_rows_and_columns(state):
    chance = np.random.default_rng(6)
    before, flows = accounts.purses(state), new_flows()
    for _ in range(300):
        payer, payee = chance.integers(0, len(Sector), 2)
        pay(flows, int(chance.integers(0, accounts.TRANSACTIONS)), payer, payee, int(chance.integers(0, 10**15)))
    after = before + accounts.received(flows)
    matrix = accounts.flow_matrix(flows, before, after)
    assert matrix.shape == (accounts.TRANSACTIONS + 1, len(Sector))
    assert not matrix[:-1].sum(axis=1).any() and not matrix.sum(axis=0).any() and matrix.any()
    assert accounts.unbalanced(flows, before, after) == {}


def test_missing_yuan_is_found(state):
    before, flows = accounts.purses(state), new_flows()
    state.startups.used.cash[0] -= 8
    state.persons.wealth[0] += 8
    assert accounts.unbalanced(flows, before, accounts.purses(state)) == {"persons": 8, "startups": -8}
    pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, 7)
    assert accounts.unbalanced(flows, before, accounts.purses(state)) == {"persons": 1, "startups": -1}
    pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, 1)
    assert accounts.unbalanced(flows, before, accounts.purses(state)) == {}


def test_purses_below_zero_are_found(state):
    state.treasury.rows.world[0] = 0
    assert accounts.overdrawn(state) == {}
    state.funds.used.cash[1] = -4
    state.treasury.rows.treasury[0] = -2
    assert accounts.overdrawn(state) == {"funds": -4, "treasury": -2}
