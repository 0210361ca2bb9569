"""What funds pay their managers, what those take home, and what stakes are worth on paper."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import books, capital, fill, params, rows

from sim.mechanisms.capital import fees, nominal
from sim.mechanisms.capital.fees import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, COMMITMENT, FUND, GP, HOLDING, LP, STARTUP
from sim.world.kinds import NOBODY, Investor, Life, Route, Sector
from sim.world.state import Persons, State


def charged(quarter, **fund):
    """A fund of 1000 with a fee of a twentieth a quarter, for 20 quarters on promises, after the fees of a quarter."""
    terms = {"vintage": 8000, "life": 40, "committed": 1000, "fee": 0.05, "cash": 30, "first_commitment": 0}
    holders = capital(
        commitments=rows(COMMITMENT, amount=1000), lps=rows(LP, cash=1000), funds=rows(FUND, **(terms | fund))
    )
    written = books()
    fees._charge(quarter=quarter, fee_quarters=20, capital=holders, books=written)
    paid = written.flows[Transaction.MANAGEMENT_FEE, Sector.FUNDS, Sector.GPS]
    assert paid == holders.gps.cash[0] == holders.funds.fees[0]
    return paid, holders.funds[0]


def test_fees_by_hand():
    paid, fund = charged(8010)
    assert (paid, fund.cash, fund.called) == (50, 0, 20)  # what the fund lacks it calls
    assert charged(8020, invested=400)[0] == 20  # then on what is invested,
    assert charged(8020, invested=4000)[0] == 50  # at most on what was promised
    assert charged(8040)[0] == 0  # and none after its life
    assert charged(8010, called=1000)[0] == 30  # nor more than there is


def test_the_preferred_return_accrues():
    assert charged(8010, cash=50, preferred=1000, hurdle=0.08)[1].preferred == 1020


TAKEN_HOME = params(Params, gp_buffer_quarters=2.0, partner_cost=100.0)


def test_managers_keep_two_quarters_of_their_cost():
    gps, written = rows(GP, 2, partners=3, cash=[500, 900]), books()
    fees._pay_partners(gps=gps, cost=100.0, params=TAKEN_HOME, books=written)
    assert gps.cash.tolist() == [500, 600] and written.treasury.world[0] == 300
    assert written.flows[Transaction.PARTNERS, Sector.GPS, Sector.WORLD] == 300


@pytest.mark.parametrize(("level", "kept"), [(1.0, 600), (1.25, 750), (2.0, 900)])
def test_what_managers_keep_follows_the_level_of_money(level, kept):
    """Three partners at 100 a quarter; of 900."""
    state = State(Persons(1))
    state.flows = new_flows()
    fill(state.gps, rows(GP, partners=3, cash=900))
    fill(state.treasury, rows(CASH))
    terms = {
        "fees": TAKEN_HOME,
        "nominal": nominal.Params(level),
        "funding": SimpleNamespace(fee_years=5.0),
    }
    fees.charge(SimpleNamespace(state=state, params=terms, quarter=8100))
    assert state.gps.used.cash[0] == kept


def test_stakes_are_marked_at_last_prices():
    """A fund holds a quarter of a firm at 1000 and stakes in one that failed and one that was sold; of an angel's stake
    and of rows not in use it has nothing. A partner that paid half of what was called has half of it.
    """
    startups = rows(STARTUP, 2, shares=100, post_money=1000, life=[Life.ALIVE, Life.FAILED])
    stakes = rows(HOLDING, 5, shares=25, startup=[0, 1, 0, 0, 0])
    stakes.route[2], stakes.investor[3] = Route.TRANSFER, Investor.ANGEL
    holders = capital(stakes, rows(COMMITMENT, called=50), funds=rows(FUND, called=100, nav=7), lps=rows(LP, nav=7))
    holders.holdings_count[0] = 4
    fees.mark(startups=startups, capital=holders)
    assert (holders.funds.nav[0], holders.lps.nav[0]) == (250, 125)
    stakes.holder[0] = NOBODY
    fees.mark(startups=startups, capital=holders)
    assert np.all(holders.funds.nav == 0)
