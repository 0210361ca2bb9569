"""What holds in every quarter of every run, seen in two cities from 2006 to 2024 with all policies in force."""

import numpy as np
import pytest
import small

from sim.mechanisms.people import labour
from sim.model.ecosystem import Ecosystem, Unbalanced
from sim.world import accounts
from sim.world.accounts import Transaction
from sim.world.kinds import NEVER, NOBODY, Life, LPKind, Route, Sector, Status

# ---------------------------------------------------------------- what must be true; each returns what is not


def the_flow_matrix_closes(model):
    matrix = accounts.flow_matrix(model.state.flows, model.purses_before, accounts.purses(model.state))
    assert matrix.dtype == np.int64 and matrix.shape == (len(Transaction) + 1, len(Sector))
    return [*matrix[:-1].sum(axis=1), *matrix.sum(axis=0), *model.state.flows[model.state.flows < 0]]


def purses_are_those_of_the_agents(model):
    """Counted here once more, one sector at a time and with absent persons."""
    state, found = model.state, accounts.purses(model.state)
    by_hand = {
        Sector.PERSONS: state.persons.wealth[: state.persons.count],
        Sector.STARTUPS: state.startups.used.cash,
        Sector.CORPORATES: state.corporates.used.cash,
        Sector.GPS: state.gps.used.cash,
        Sector.FUNDS: state.funds.used.cash,
        Sector.LPS: state.lps.used.cash,
        Sector.LANDLORDS: state.treasury.used.landlords,
        Sector.GOVERNMENT: [*state.treasury.used.treasury, *state.purses.used.cash],
        Sector.WORLD: state.treasury.used.world,
    }
    return [int(found[sector]) - sum(map(int, purse)) for sector, purse in by_hand.items()]


def no_purse_is_below_zero(model):
    state = model.state
    return [
        *accounts.overdrawn(state),
        *(state.persons.debt[: state.persons.count] < 0),
        *(state.lps.used.unfunded < 0),
    ]


def purses_of_policies_add_up(model):
    row = model.state.purses.used
    return row.appropriated + row.recovered - row.spent - row.administration - row.cash


def cap_tables_sum_to_the_shares(model):
    startups, holdings = model.state.startups.used, model.state.holdings.used
    held = np.zeros(len(startups), np.int64)
    rows = holdings[holdings.route == Route.HELD]
    np.add.at(held, rows.startup, rows.shares)
    alive = startups.life == Life.ALIVE
    parts = startups.founder_shares + startups.pool_shares + held
    return [*(parts - startups.shares)[alive], *(startups.founder_shares[alive] <= 0), *(rows.shares <= 0)]


def headcounts_are_the_persons_employed(model):
    persons, startups, corporates = model.state.persons, model.state.startups.used, model.state.corporates.used
    employer = persons.employer[: persons.count][persons.status[: persons.count] == Status.EMPLOYED]
    at_startups = np.bincount(employer[employer >= 0], minlength=len(startups))
    at_corporates = np.bincount(-2 - employer[employer < NOBODY], minlength=len(corporates))
    return [*(at_startups - startups.headcount), *(at_corporates - corporates.headcount), *(employer == NOBODY)]


def founders_lead_a_living_startup(model):
    persons, startups = model.state.persons, model.state.startups.used
    alive = np.flatnonzero(startups.life == Life.ALIVE)
    lead = startups.founder[alive]
    founders = np.flatnonzero(persons.status[: persons.count] == Status.FOUNDER)
    firm = startups[persons.employer[founders]]
    among = (firm.founder == founders) | (firm.partner_1 == founders) | (firm.partner_2 == founders)
    return [
        *(persons.status[lead] != Status.FOUNDER),
        *(persons.id[lead] != startups.founder_id[alive]),
        *(persons.employer[lead] != alive),
        *(firm.life != Life.ALIVE),
        *~among,
    ]


def nobody_is_there_twice(model):
    persons = model.state.persons
    there = persons.status[: persons.count] != Status.ABSENT
    empty = np.sort(persons.free)
    return [
        len(np.unique(persons.id[: persons.count][there])) - there.sum(),
        not np.array_equal(empty, np.flatnonzero(~there)),
        len(np.unique(model.state.startups.used.id)) - len(model.state.startups),
        len(np.unique(model.state.funds.used.id)) - len(model.state.funds),
    ]


def promises_of_partners_are_kept(model):
    """Commitments sum to the funds they were made to, calls too, and lie ready in the purses of the partners."""
    state = model.state
    funds, lps, rows = state.funds.used, state.lps.used, state.commitments.used
    private = funds.first_commitment != NOBODY
    given_up = (funds.vintage == NEVER) & (funds.ended != NEVER)
    promised, called = np.zeros(len(funds), np.int64), np.zeros(len(funds), np.int64)
    np.add.at(promised, rows.fund, rows.amount)
    np.add.at(called, rows.fund, rows.called)
    open_ = funds.ended[rows.fund] == NEVER
    owed = np.zeros(len(lps), np.int64)
    np.add.at(owed, rows.lp[open_], (rows.amount - rows.called)[open_])
    return [
        *(promised - funds.committed)[private & ~given_up],
        *(called - funds.called)[private],
        *(rows.called > rows.amount),
        *(owed - lps.unfunded),
        *(lps.cash < lps.unfunded)[lps.kind != LPKind.GUIDANCE],
    ]


CHECKS = (
    the_flow_matrix_closes,
    purses_are_those_of_the_agents,
    no_purse_is_below_zero,
    purses_of_policies_add_up,
    cap_tables_sum_to_the_shares,
    headcounts_are_the_persons_employed,
    founders_lead_a_living_startup,
    nobody_is_there_twice,
    promises_of_partners_are_kept,
)


@pytest.fixture(scope="module", params=[small.LAKESIDE, small.SHANGHAI], ids=["lakeside", "shanghai"])
def first_breach(request):
    """Check -> the first quarter in which it did not hold, with what was found; and the model."""
    found = {}

    def look(model):
        for check in CHECKS:
            wrong = [x for x in check(model) if x]
            if wrong and check not in found:
                found[check] = (model.quarter - 1, len(wrong), wrong[:3])

    return found, small.run(small.config(*request.param), look)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_quarter(first_breach, check):
    assert first_breach[0].get(check) is None


def test_the_runs_hold_what_is_checked(first_breach):
    """Startups, rounds, exits, founders, funds and money of policies all occurred."""
    state = first_breach[1].state
    assert np.any(state.startups.used.life == Life.ALIVE) and np.any(state.startups.used.life == Life.FAILED)
    assert np.any(state.holdings.used.route == Route.HELD) and len(state.exits) > 0
    assert np.any(state.commitments.used.called > 0) and state.purses.used.spent.sum() > 0


# ---------------------------------------------------------------- what is done wrong is found


def tampered(monkeypatch, tamper):
    """A city in whose second quarter `tamper` has acted between two steps of the model."""
    model = Ecosystem(small.config(*small.LAKESIDE, "end=2006Q2"))
    model.step()
    hire = labour.hire

    def hire_and_more(model):
        hired = hire(model)
        tamper(model)
        return hired

    monkeypatch.setattr(labour, "hire", hire_and_more)
    model.step()


def a_yuan_found_in_the_street(model):
    model.state.persons.wealth[0] += 1


def a_transfer_that_reaches_nobody(model):
    model.state.corporates.used.cash[0] -= 1000
    accounts.pay(model.state.flows, Transaction.PURCHASES, Sector.CORPORATES, Sector.STARTUPS, 1000)


def a_transfer_written_down_with_another_payer(model):
    model.state.corporates.used.cash[0] -= 1000
    model.state.treasury.used.world[0] += 1000
    accounts.pay(model.state.flows, Transaction.PROFITS, Sector.LANDLORDS, Sector.WORLD, 1000)


def money_that_leaves_with_a_person_and_is_not_written_down(model):
    model.state.persons.status[0] = Status.ABSENT


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (a_yuan_found_in_the_street, r"'persons': 1\b"),
        (a_transfer_that_reaches_nobody, r"'startups': -1000"),
        (a_transfer_written_down_with_another_payer, r"'corporates': -1000, 'landlords': 1000"),
        (money_that_leaves_with_a_person_and_is_not_written_down, "'persons': -"),
    ],
)
def test_a_false_transfer_is_detected(monkeypatch, tamper, named):
    with pytest.raises(Unbalanced, match=named):
        tampered(monkeypatch, tamper)


def test_a_purse_below_zero_is_detected(monkeypatch):
    def spend_too_much(model):
        model.state.treasury.used.world[0] += 10**15
        model.state.gps.used.cash[0] -= 10**15
        accounts.pay(model.state.flows, Transaction.PARTNERS, Sector.GPS, Sector.WORLD, 10**15)

    with pytest.raises(Unbalanced, match="purses off by {}, below zero {'gps': -"):
        tampered(monkeypatch, spend_too_much)


def test_the_matrix_by_hand():
    """Persons get 100 in wages from startups and pay 30 in rent; a purse that moved by more opens its column."""
    flows = accounts.new_flows()
    accounts.pay(flows, Transaction.WAGES, Sector.STARTUPS, Sector.PERSONS, 100)
    accounts.pay(flows, Transaction.HOME_RENT, Sector.PERSONS, Sector.LANDLORDS, 30)
    before = np.full(len(Sector), 500)
    after = before.copy()
    after[[Sector.PERSONS, Sector.STARTUPS, Sector.LANDLORDS]] += [70, -100, 30]
    matrix = accounts.flow_matrix(flows, before, after)
    assert matrix[Transaction.WAGES].tolist() == [100, -100, 0, 0, 0, 0, 0, 0, 0]
    assert matrix[:, Sector.PERSONS].sum() == 0 and matrix[-1, Sector.PERSONS] == -70
    assert accounts.unbalanced(flows, before, after) == {}
    after[Sector.PERSONS] += 5
    assert accounts.unbalanced(flows, before, after) == {"persons": 5}
