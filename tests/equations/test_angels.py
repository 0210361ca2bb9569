"""Angels: the price of their rounds, who joins whom, and that their money arrives."""

import numpy as np
import pytest
from by_hand import books, capital, firms, params, people, rows

from sim.mechanisms.capital.angels import Angels, angel_price, angel_rounds, become_angels
from sim.mechanisms.capital.funding import Params
from sim.world.accounts import Transaction
from sim.world.columns import SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NOBODY, Investor, Life, Sector, Stage, Status

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
    angel_smallest=100_000.0,
    idea_chance=0.5,
    angel_max_round=10.0 * MILLION,
    pool_share=0.1,
    plan_quarters=8.0,
)


@pytest.mark.parametrize("custom, post", [(1.0, 5.0), (0.5, 10.0), (0.0, 20.0)])
def test_price_between_custom_and_worth(custom, post):
    """A million is a fifth of 5 by custom; at a margin of a fifth a worth of 25 makes 20; half way in logs is 10."""
    assert angel_price(1.0 * MILLION, 25.0 * MILLION, TERMS._replace(angel_custom=custom)) == pytest.approx(
        post * MILLION
    )


def test_founders_sell_no_more_than_the_largest_dilution():
    """A venture worth 2 million would make 1.6 of a million: 62 percent; no more than 40 are sold, at 2.5."""
    assert angel_price(1.0 * MILLION, 2.0 * MILLION, TERMS._replace(angel_custom=0.0)) == pytest.approx(2.5 * MILLION)


def meet(ventures=1, need=50 * MILLION, traction=20.0, terms=TERMS, angels=1000):
    """Money raised by each venture, by how many angels, and flows: angels of 30 million each, sales of e^traction at
    four times.
    """
    startups = rows(
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
    )
    slots, doors, written = np.arange(angels), capital(holdings=6 * ventures), books()
    wealth = np.full(angels, 30 * MILLION)
    angel_rounds(
        chance=Chance(1, 8000),
        seekers=np.arange(ventures),
        angels=Angels(slots=slots, wealth=wealth, ids=slots),
        params=terms,
        firms=firms(startups=startups, sectors=rows(SECTOR, multiple=4.0)),
        capital=doors,
        books=written,
    )
    stakes = doors.holdings[: doors.holdings_count[0]]
    assert (stakes.investor == Investor.ANGEL).all() and wealth.sum() + startups.cash.sum() == angels * 30 * MILLION
    assert (np.bincount(stakes.startup, stakes.lead, ventures) == (startups.raised > 0)).all()  # one leads
    return startups.raised, np.bincount(stakes.startup, minlength=ventures), written.flows


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


def test_the_wealthy_become_angels_above_all_after_a_success():
    """Of 4000 each a tenth, half, and none of the poor, the unemployed, and of those who are; standard error below one
    percent.
    """
    kinds = {
        "status": [Status.EMPLOYED, Status.EMPLOYED, Status.EMPLOYED, Status.SEARCHING],
        "wealth": [9 * MILLION, 9 * MILLION, 8 * MILLION, 9 * MILLION],
        "successes": [0, 1, 1, 1],
    }
    terms = params(Params, angel_wealth=8.0 * MILLION, angel_rate=0.1, angel_success=5.0)
    persons = people(16000, id=np.arange(16000), **{name: np.tile(each, 4000) for name, each in kinds.items()})
    become_angels(chance=Chance(1, 8000), people=persons, params=terms)
    assert persons.angel.reshape(4000, 4).mean(0) == pytest.approx([0.1, 0.5, 0.0, 0.0], abs=0.03)
