"""Who files for a listing and where, who lists first, and what a listing pays."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import books, capital, ends, fill, firms, params, people, rows

from sim.mechanisms.capital import listing
from sim.mechanisms.capital.listing import Params, Terms
from sim.mechanisms.programmes import venue
from sim.mechanisms.ventures import going_concern
from sim.world.accounts import Transaction
from sim.world.columns import CORPORATE, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, Life, Route, Sector, Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State

BOARDS = params(
    Params,
    ipo_value=1e9,
    ipo_revenue=300e6,
    ipo_wait_quarters=3.0,
    ipo_city_share=0.1,
    ipo_founder_sale=0.1,
    window_floor=0.1,
    window_elasticity=0.5,
)


def terms(venue_open=False, climate=1.0):
    """The boards, and a venue whose thresholds are a half of theirs."""
    return Terms(BOARDS, going_concern.Params(0.3), climate, venue_open, 0.5)


def filed(value, venue_open=False, sales=0.0, **startup):
    """Quarter of filing and board of a venture worth `value` yuan after a look at the thresholds."""
    firm = {"stage": Stage.B, "progress": 1.0, "market": 30.0, "traction": math.log(value / 5.0)}
    startups = rows(STARTUP, **(firm | {"revenue": int(sales / 4)} | startup))
    listing._file(quarter=8100, startups=startups, sectors=rows(SECTOR, multiple=5.0), terms=terms(venue_open))
    return startups.queued[0], startups.board[0]


def test_who_files_and_where():
    assert filed(2e9) == filed(0.1e9, sales=400e6) == (8100, 0)
    assert filed(0.9e9) == filed(2e9, stage=Stage.A) == filed(2e9, life=Life.FAILED) == (NEVER, 0)
    assert filed(0.9e9, venue_open=True) == filed(0.1e9, venue_open=True, sales=200e6) == (8100, 1)
    assert filed(2e9, queued=8090) == filed(2e9, venue_open=True, queued=8090, board=1) == (8090, 0)


def test_who_falls_below_the_thresholds_withdraws():
    assert filed(0.9e9, queued=8090) == filed(0.9e9, queued=8090, board=1) == (NEVER, 0)
    assert filed(0.9e9, venue_open=True, queued=8090) == (8090, 1)
    assert filed(0.4e9, venue_open=True, queued=8090) == (NEVER, 0)


def test_the_first_to_file_list_first():
    """Two places; who filed two quarters ago is worth most and has not waited three quarters, of two of one quarter
    the older venture goes.
    """
    state = State(Persons(1))
    queue = {"queued": [8098, 8095, 8095, 8094, NEVER], "traction": [30.0, 25.0, 24.0, 20.0, 30.0]}
    fill(state.startups, rows(STARTUP, 5, id=[5, 4, 3, 2, 1], **queue))
    model = SimpleNamespace(
        state=state,
        levers=Levers(["PD"], ["ai"]),
        params={"listing": BOARDS, "venue": params(venue.Params)},
        quarter=8100,
        conditions=SimpleNamespace(ipo=20.0),
        scale=1.0,
        city=SimpleNamespace(first=8000),
    )
    assert listing.admitted(model).tolist() == [3, 2]


def test_prices_follow_the_window_down_to_a_floor():
    assert listing.climate_of(1.0, BOARDS) == 1.0
    assert listing.climate_of(0.25, BOARDS) == pytest.approx(0.5)
    assert listing.climate_of(0.0, BOARDS) == listing.climate_of(0.1, BOARDS) == pytest.approx(math.sqrt(0.1))


def test_a_listing_by_hand():
    """A venture worth 80 m in a poor window; investors hold a quarter, and a tenth of the rest is sold: a sixth of it
    is the staff's, and the venture's cash comes with it to the incumbents of its sector.
    """
    startups = rows(
        STARTUP,
        traction=math.log(20e6),
        market=math.log(1e9),
        progress=1.0,
        shares=80,
        founder_shares=50,
        pool_shares=10,
        headcount=4,
        first_holding=0,
        cash=7,
        board=1,
        raised=90_000_000,
    )
    corporates = rows(CORPORATE, 2, pool=[0, 1])
    holders, founders, over, written = (
        capital(rows(HOLDING, shares=20, amount=90_000_000)),
        people(),
        ends(),
        books(),
    )
    listing._list(
        chance=Chance(1, 8100),
        chosen=np.zeros(1, np.int64),
        people=founders,
        firms=firms(
            startups=startups, sectors=rows(SECTOR, multiple=5.0), corporates=corporates, pool_of=np.array([1])
        ),
        capital=holders,
        ends=over,
        books=written,
        terms=terms(climate=0.8),
    )
    to_fund, row = holders.funds.cash[0], over.exits[0]
    assert to_fund == pytest.approx(20e6, abs=2)  # preferences lapse
    assert founders.wealth[0] == pytest.approx(5e6, abs=2) and over.staff[0] == pytest.approx(1e6, abs=2)
    assert written.treasury.world[0] == -written.flows[Transaction.LISTING, Sector.WORLD].sum()
    assert written.flows[Transaction.LISTING, Sector.WORLD].sum() == to_fund + founders.wealth[0] + over.staff[0]
    assert (startups.cash[0], corporates.cash.tolist()) == (0, [0, 7])
    assert holders.holdings.route[0] == Route.IPO
    assert (over.exits_count[0], row.life, row.buyer, row.board) == (1, Life.LISTED, 1, 1)
    assert row.value == pytest.approx(80e6, abs=2) and row.to_investors == to_fund
    assert (row.to_founders, row.to_employees) == (founders.wealth[0], over.staff[0])
