"""Angels: the price of their rounds, who joins whom, and that their money arrives."""

import numpy as np
import pytest
from by_hand import params, rows

from sim.mechanisms.capital.angels import angel_price, angel_rounds
from sim.mechanisms.capital.funding import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import HOLDING, SECTOR, STARTUP
from sim.world.kinds import NOBODY, Investor, Life, Sector, Stage

MILLION = 1_000_000
TERMS = params(
    Params,
    angel_ownership=0.2,
    angel_custom=0.5,
    margin=0.2,
    largest_dilution=0.4,
    angel_looks=6.0,
    angel_chance=1.0,
    join_chance=1.0,
    angel_share=0.1,
    angel_max_round=10.0 * MILLION,
    pool_share=0.1,
    plan_quarters=8.0,
)


@pytest.mark.parametrize("custom, post", [(1.0, 5.0), (0.5, 10.0), (0.0, 20.0)])
def test_price_between_custom_and_worth(custom, post):
    """A million is a fifth of 5 million by custom; at a margin of a fifth 25 million make 20; half way in logs, 10."""
    assert angel_price(1.0 * MILLION, 25.0 * MILLION, TERMS._replace(angel_custom=custom)) == pytest.approx(
        post * MILLION
    )


def test_founders_sell_no_more_than_the_largest_dilution():
    """A venture worth 2 million would make 1.6 of a million: 62 percent; no more than 40 are sold, at 2.5."""
    assert angel_price(1.0 * MILLION, 2.0 * MILLION, TERMS._replace(angel_custom=0.0)) == pytest.approx(2.5 * MILLION)


def meet(ventures=1, need=50 * MILLION, traction=20.0, terms=TERMS, angels=1000):
    """Money raised by each venture, by how many angels, and flows:

    angels of 30 million each, sales of e^traction at four times.
    """
    firms = rows(
        STARTUP,
        ventures,
        id=np.arange(ventures),
        life=Life.ALIVE,
        stage=Stage.IDEA,
        need=need,
        traction=traction,
        market=25.0,
        shares=1_000_000,
        progress=1.0,
        founder=NOBODY,
        first_holding=NOBODY,
    )
    ids, holdings, flows = np.arange(angels), rows(HOLDING, 6 * ventures), new_flows()
    purses = np.full(angels, 30 * MILLION)
    count = angel_rounds(
        1, 8000, np.arange(ventures), firms, rows(SECTOR, 1, multiple=4.0), ids, purses, ids, holdings, 0, terms, flows
    )
    held = holdings[:count]
    assert (held.investor == Investor.ANGEL).all() and purses.sum() + firms.cash.sum() == angels * 30 * MILLION
    return firms.raised, np.bincount(held.startup, minlength=ventures), flows


def test_angels_share_a_round_and_a_venture_that_needs_more_starts_with_it():
    """Ten percent of 30 million each: four of them fill 10 million, the last with one million, of a need of 50."""
    raised, givers, flows = meet()
    assert (raised[0], givers[0]) == (10 * MILLION, 4)
    assert flows[Transaction.EQUITY, Sector.PERSONS, Sector.STARTUPS] == 10 * MILLION
    assert meet(need=2 * MILLION)[0][0] == 2 * MILLION
    raised, givers, _ = meet(angels=1)
    assert (raised[0], givers[0]) == (3 * MILLION, 1)  # met six times, gives once


def test_one_makes_the_start_and_others_join():
    """Of 4000 ventures that meet one angel each a tenth get money; of those that meet two, 19 percent, and 10 in 19
    of these from both where all join.

    Standard errors 0.5, 0.6 and 1.8 percent; bands of four.
    """
    terms = TERMS._replace(angel_chance=0.1, angel_looks=1.0)
    _, givers, _ = meet(4000, terms=terms)
    assert (givers > 0).mean() == pytest.approx(0.1, abs=0.02)
    _, givers, _ = meet(4000, terms=terms._replace(angel_looks=2.0))
    assert (givers > 0).mean() == pytest.approx(0.19, abs=0.025)
    assert (givers == 2).sum() / (givers > 0).sum() == pytest.approx(10 / 19, abs=0.075)
    _, givers, _ = meet(4000, terms=terms._replace(angel_looks=2.0, join_chance=0.0))
    assert givers.max() == 1


def test_nobody_gives_to_a_venture_worth_too_little():
    """With 40 percent to sell at most, 10 million ask for a worth of 25.

    Sales of e^15, e^16 and e^16.5 at four times, in the half of cases that succeed: worth 7, 18 and 29 million.
    """
    assert meet(traction=15.0)[0][0] == 0
    assert meet(traction=16.0)[0][0] == 0
    assert meet(traction=16.5)[0][0] == 10 * MILLION
