"""What a listed firm is worth later: it goes on by the law of sales that it lived by before."""

import math

import numpy as np
import pytest
from by_hand import firms, params, rows

from sim.mechanisms.programmes import venue
from sim.mechanisms.ventures import going_concern, sales
from sim.mechanisms.ventures.sales import Params, unrest
from sim.world.columns import EXIT, SECTOR, STARTUP
from sim.world.draws import Chance, Decision, normals

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
