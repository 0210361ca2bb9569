"""Whom the new venue lists, and what a listed firm is worth later by the law of sales that it lived by before."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, firms, params, rows

from sim.mechanisms.capital import listing
from sim.mechanisms.programmes import venue
from sim.mechanisms.ventures import going_concern, sales
from sim.mechanisms.ventures.sales import Params, unrest
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, EXIT, PURSE, SECTOR, STARTUP
from sim.world.draws import Chance, Decision, normals
from sim.world.kinds import Sector
from sim.world.levers import Levers
from sim.world.state import Persons, State

BOARDS = params(listing.Params, ipo_city_share=0.25, ipo_wait_quarters=3.0)


def city(purse=10, open_=True):
    """A city with five ventures, a venue of three places and a purse of `purse` yuan, which pays 2 a listing, in a
    nation of 20 listings a quarter.
    """
    state = State(Persons(1))
    state.flows, state.listing = new_flows(), np.array([1.0, 0.0])
    fill(state.startups, rows(STARTUP, 5, id=16 * np.arange(5), queued=[8098, 8099, 8097, 8098, 8096]))
    fill(state.purses, rows(PURSE, cash=purse))
    fill(state.treasury, rows(CASH))
    levers = Levers(["PD"], ["ai"])
    if open_:
        levers.move("venue_places", 3.0, payer=0)
    return SimpleNamespace(
        state=state,
        levers=levers,
        foreseen=Levers(["PD"], ["ai"]),
        quarter=8100,
        scale=1.0,
        conditions=SimpleNamespace(ipo=0.0),
        params={"listing": BOARDS, "venue": params(venue.Params, listing_cost=2.0)},
        city=dated(8000, history_start=8000, history={"ipo": np.full(200, 20.0)}),
    )


# ---------------------------------------------------------------- whom it lists

WAITING = np.array([4, 2, 0, 3, 1])


@pytest.mark.parametrize(
    ("venue_of", "listed"),
    [
        ({}, [4, 2, 0]),
        ({"purse": 5}, [4, 2]),
        ({"purse": 1}, []),
        ({"open_": False}, []),
    ],
    ids=["three places", "money for two", "money for none", "no venue"],
)
def test_the_venue_lists_the_first_of_those_who_wait_as_far_as_places_and_money_go(venue_of, listed):
    model = city(**venue_of)
    assert venue.admitted(model, WAITING).tolist() == listed
    assert np.flatnonzero(model.state.startups.used.board).tolist() == sorted(listed)


def test_the_purse_pays_for_each_listing_at_the_venue():
    model = city()
    venue.admitted(model, WAITING)
    purse = model.state.purses.used[0]
    assert (purse.cash, purse.spent, purse.take_up) == (4, 6, 3)
    assert model.state.flows[Transaction.PUBLIC_SERVICES, Sector.GOVERNMENT, Sector.WORLD] == 6


def test_files_at_the_venue_wait_less():
    """One quarter and not three; with places and money for all five, one who filed for the boards is still waiting."""
    model = city()
    model.levers.move("venue_places", 2.0, payer=0)
    model.levers.move("venue_haste", 2.0)
    model.state.startups.used.board[:] = [1, 1, 0, 0, 0]
    assert listing.admitted(model).tolist() == [4, 2, 0, 1]


def test_places_of_a_venue_are_foreseen_against_the_normal_listings_of_the_city():
    model = city(open_=False)
    assert venue.foreseen_part(model) == 0.0
    model.foreseen.move("venue_places", 3.0)
    assert venue.foreseen_part(model) == pytest.approx(3 / (0.25 * 20))


# ---------------------------------------------------------------- what those will be worth

LAW = params(Params, drift=-0.02, spending_scale=1.0, imitation=0.1, protection=1.0, births=5000.0, turbulence=1.0)


def later(law, quarters, enforcement=1.0, n=1, **firm):
    """Values in million of `n` finished ventures with sales of 20 m and a unit of property, at five times sales, after
    so many quarters.
    """
    firm = {"traction": math.log(20e6), "market": 30.0, "progress": 1.0, "property": 1.0} | firm
    startups = rows(STARTUP, n, id=16 * np.arange(n), **firm)
    exits = rows(EXIT, n, startup=np.arange(n))
    venue._follow(
        chance=Chance(1, 8100),
        exits=exits,
        firms=firms(startups=startups, sectors=rows(SECTOR, multiple=5.0, tail=1.5, trend=0.04)),
        quarters=quarters,
        enforcement=enforcement,
        law=law,
        concern=going_concern.Params(0.3),
    )
    return exits.later / 1e6


def test_sales_after_a_listing_grow_as_before_it():
    """By the same function, quarter by quarter; without luck all are alike."""
    firm, sector = rows(STARTUP, market=30.0, property=1.0)[0], rows(SECTOR, trend=0.04)[0]
    traction = math.log(20e6)
    for quarter in range(8101, 8113):
        _, traction = sales.move(traction, firm, sector, 0.0, Chance(1, quarter), 1.0, 1.0, LAW)
    assert later(LAW, 12, n=3) == pytest.approx([5 * math.exp(traction) / 1e6] * 3)


def test_courts_protect_listed_firms_from_imitation():
    # A quarter: 100 e^(-0.02 + 0.01 - 0.1 / (1 + 4)), and the births of 25,000.
    assert later(LAW, 1, enforcement=4.0) == pytest.approx(100 * math.exp(-0.03) + 0.025)
    assert later(LAW, 1) == pytest.approx(100 * math.exp(-0.06) + 0.025)


def test_listed_firms_have_the_hands_for_their_plans():
    # 5 m a quarter on a potential of 5 m: half of 0.25 in growth, though nobody is counted there.
    grows = 5 * 20 * math.exp(-0.02 + 0.01 - 0.1 / 2 + 0.25 / 2) + 0.025
    assert later(LAW._replace(spending_growth=0.25), 1, burn=5_000_000, labour=0.0) == pytest.approx(grows)


def test_listed_firms_have_turbulent_years():
    """The luck of each is its draw times the unrest of its year, as before the listing."""
    law = LAW._replace(volatility=0.2, imitation=0.0, births=0.0)
    luck = normals(1, Decision.AFTER_LISTING, 8101, 16 * np.arange(50))
    spread = 0.2 * 1.5 * np.array([unrest(1, 8101, 16 * i, 1.0) for i in range(50)])
    assert np.log(later(law, 1, n=50) / 100) == pytest.approx(-0.01 + spread * luck, abs=1e-6)
