"""Who buys a venture, and at what price."""

import math

import numpy as np
import pytest
from by_hand import books, capital, ends, firms, params, people, rows

from sim.mechanisms.capital import acquisitions
from sim.mechanisms.capital.acquisitions import Params, Terms
from sim.mechanisms.ventures import going_concern
from sim.world.accounts import Transaction
from sim.world.columns import CORPORATE, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NOBODY, Life, Route, Sector

MARKET = Terms(
    params=params(
        Params,
        sale_rate=1.0,
        distress_sale_rate=1.0,
        sale_discount=0.1,
        distress_discount=0.5,
        looks=40.0,
        field_weight=1.0,
        cash_share=0.5,
    ),
    concern=going_concern.Params(0.3),
    distress_quarters=2.0,
    openness=np.zeros(2),
    acquisitions=np.ones(2),
)


def sold(market=MARKET, cash=10_000_000, **startup):
    """A venture worth 100 m for which investors paid 10 m for a quarter, after the quarter; its buyer has `cash`."""
    firm = {
        "traction": math.log(20e6),
        "market": math.log(1e9),
        "progress": 1.0,
        "rounds": 1,
        "raised": 10_000_000,
        "shares": 80,
        "founder_shares": 60,
        "first_holding": 0,
        "cash": 700,
        "burn": 100,
    }
    startups = rows(STARTUP, **(firm | startup))
    corporates = rows(CORPORATE, 4, cash=cash, acquisition_budget=10**9, sector=[1, 0, 0, 0], openness=[0.9, 0.5, 0, 0])
    corporates.pool[3] = 1
    holders, founders, over, written = capital(rows(HOLDING, shares=20, amount=10_000_000)), people(), ends(), books()
    acquisitions._sell(
        chance=Chance(1, 8100),
        people=founders,
        firms=firms(startups=startups, sectors=rows(SECTOR, 2, multiple=5.0), corporates=corporates),
        capital=holders,
        ends=over,
        books=written,
        terms=market,
    )
    return startups[0], corporates, holders, founders, over, written


def test_a_sale_by_hand():
    # 90 m, of which the buyer pays half of its 10 m and its owners the rest; a quarter is the fund's.
    firm, corporates, holders, founders, over, written = sold()
    assert (firm.life, firm.ended, firm.cash) == (Life.ACQUIRED, 8100, 0)
    assert corporates.cash.tolist() == [10_000_000, 5_000_700, 10_000_000, 10_000_000]
    assert holders.funds.cash[0] == pytest.approx(22.5e6, abs=2) and holders.holdings.route[0] == Route.ACQUISITION
    assert founders.wealth[0] == pytest.approx(67.5e6, abs=2)
    assert written.treasury.world[0] == pytest.approx(-85e6, abs=2)
    assert written.flows[Transaction.ACQUISITION, Sector.WORLD, Sector.CORPORATES] == -written.treasury.world[0]
    row = over.exits[0]
    assert (over.exits_count[0], row.life, row.buyer) == (1, Life.ACQUIRED, 1)
    assert row.to_investors + row.to_founders + row.to_employees == row.value == pytest.approx(90e6, abs=2)


def test_a_venture_in_distress_goes_cheaply():
    assert sold(cash=10**9, burn=400)[4].exits.value[0] == pytest.approx(45e6, abs=2)


def test_the_best_of_those_come_upon_buys_or_the_partner():
    """In the field an open one; without weight on the field the most open; never the pool of a sector."""
    assert sold()[4].exits.buyer[0] == 1
    anywhere = MARKET._replace(params=MARKET.params._replace(field_weight=0.0))
    assert sold(anywhere)[4].exits.buyer[0] == 0
    assert sold(anywhere._replace(openness=np.array([0.9, 0.0])))[4].exits.buyer[0] == 1  # a programme opens its field
    assert sold(partner=2)[4].exits.buyer[0] == 2


@pytest.mark.parametrize("startup", [{"rounds": 0}, {"progress": 0.9}, {"queued": 8099}, {"life": Life.FAILED}])
def test_only_funded_ventures_with_a_product_that_do_not_wait_to_list_are_bought(startup):
    assert sold(**startup)[4].exits_count[0] == 0
    assert sold(MARKET._replace(acquisitions=np.zeros(2)))[4].exits_count[0] == 0
    assert sold()[0].partner == NOBODY
