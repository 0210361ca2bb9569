"""What a venture is worth as it goes on."""

import math

import numpy as np
import pytest
from by_hand import params, rows

from sim.mechanisms.ventures import going_concern
from sim.world.columns import STARTUP
from sim.world.kinds import Life

TERMS = params(going_concern.Params, unfinished_worth=0.3)


def worth(sales, progress, market=1e9):
    """Of a venture with so much in sales, yuan a year, at five times sales."""
    firm = rows(STARTUP, progress=progress, market=math.log(market))[0]
    return going_concern.worth(traction=math.log(sales), firm=firm, multiple=5.0, params=TERMS)


def test_worth_by_hand():
    # 5 x sales of 20 m, at most the market; an idea is worth 30 percent of a product
    assert worth(20e6, progress=1.0) == pytest.approx(100e6)
    assert worth(20e6, progress=0.0) == pytest.approx(30e6)
    assert worth(20e6, progress=1.0, market=8e6) == pytest.approx(40e6)


def test_what_an_idea_has_grows_to_all_with_the_product():
    assert going_concern.readiness(0.0, 0.5) == 0.5 and going_concern.readiness(1.0, 0.5) == 1.0
    assert np.all(np.diff([going_concern.readiness(p, 0.3) for p in np.linspace(0, 1, 11)]) > 0)
    assert going_concern.finished_value(math.log(20e6), math.log(1e9), 5.0) == pytest.approx(100e6)


@pytest.mark.parametrize("life", Life)
def test_ventures_that_live_and_listed_firms_go_on(life):
    assert going_concern.goes_on(life) == (life in {Life.ALIVE, Life.LISTED})
