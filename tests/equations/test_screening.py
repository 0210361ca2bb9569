"""Whom venture firms meet, and the term sheets that they write."""

import math

import numpy as np
import pytest
from by_hand import NO_COVER, capital, firms, params, rows

from sim.mechanisms.capital import patient_capital, screening
from sim.mechanisms.capital.funding import Params
from sim.mechanisms.programmes.compensation import Cover
from sim.world.columns import FUND, GP, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NOBODY, Stage

MILLION = 1_000_000


def market_of(startups, distance, terms, **given):
    """The Market in which `startups` seek a round of one fund that looks at all stages."""
    everybody = rows(GP, stage_low=Stage.SEED, stage_high=Stage.D)
    return screening.open_market(
        quarter=8100,
        seekers=np.arange(len(startups)),
        firms=firms(startups=startups, sectors=rows(SECTOR, 2, multiple=2.0)),
        gps=given.get("gps", everybody),
        distance=np.array(distance),
        window=given.get("window", 1.0),
        params=terms,
    )


def test_samples_lean_to_focus_and_nearness():
    """Off focus counts 0.2; district 1 is 3 km away, which counts a half where weight falls with the root of 1 + km.

    Firms from outside are as far from everybody. Groups are stage, sector, district.
    """
    terms = params(Params, off_focus=0.2, distance_elasticity=-0.5, outside_km=99.0)
    market = market_of(rows(STARTUP), [[0.0, 3.0], [3.0, 0.0]], terms)
    traits = {"stage_low": Stage.SEED, "stage_high": Stage.A, "focus_1": 0, "focus_2": 0, "focus_3": 0}
    for district, expected in ((0, [1.0, 0.5, 0.2, 0.1]), (NOBODY, [0.1, 0.1, 0.02, 0.02])):
        weight = screening.weights(rows(GP, district=district, **traits)[0], market, terms).reshape(len(Stage), 4)
        assert weight[Stage.SEED].tolist() == weight[Stage.A].tolist() == pytest.approx(expected)
        assert not weight[[Stage.IDEA, Stage.B, Stage.C, Stage.D]].any()


def test_firms_meet_in_proportion_to_weight():
    ids, groups = np.arange(8000), np.arange(8000) % 2
    met = screening.meet(Chance(1, 8100), 7, ids, groups, np.array([1.0, 0.25]), 0.4)
    assert np.bincount(met % 2) / 4000 == pytest.approx([0.4, 0.1], abs=0.025)


LOOKS = params(
    Params,
    screens_per_partner=1e6,
    off_focus=1.0,
    growth_to_exit=(math.log(5.0),) * 6,
    largest_dilution=0.35,
    powder_multiple=2.0,
    smallest_powder=2.0 * MILLION,
    last_new_quarters=8.0,
)


def screened(quarter=8100, powder=100 * MILLION, terms=LOOKS, cover=NO_COVER, gp=None, window=1.0, **startup):
    """The Offers of a fund of ten years from 8090, without fees, that meets everybody: by hand a bid of 50 m.

    A success is worth 2 x 5 x 10 m = 100 m and has a chance of one half.
    """
    firm = {"need": 10 * MILLION, "traction": math.log(10e6), "market": 25.0, "progress": 1.0}
    startups = rows(STARTUP, **(firm | startup))
    gps = rows(GP, fund=0, partners=5, stage_low=Stage.SEED, stage_high=Stage.D, registered=0.5, **(gp or {}))
    funds = rows(FUND, vintage=8090, life=40, committed=powder, reserve=0.25)
    market = market_of(startups, [[0.0]], terms, gps=gps, window=window)
    patient = patient_capital.Terms(required_return=1.0, tilt=np.array([1.5, 1.0]), politics=0.0)
    terms = terms._replace(years_to_exit=(2.0,) * 6)
    return screening.screen(
        chance=Chance(1, quarter),
        market=market,
        patient=patient,
        cover=cover,
        params=terms,
        capital=capital(gps=gps, funds=funds),
    )


def test_a_term_sheet_by_hand():
    offers = screened()
    assert (offers.gp.tolist(), offers.seeker.tolist(), offers.first.tolist()) == ([0], [0], [0, 1])
    assert offers.post[0] == pytest.approx(50e6)
    assert offers.gain[0] == pytest.approx(5.0)
    assert screened(window=1.2).post[0] == pytest.approx(60e6)


def test_cover_of_losses_raises_the_bid_of_registered_firms():
    """A loss of one half covered by 40 percent is a fifth off the hurdle, less where the project is capped."""
    cover = Cover(share=np.full(6, 0.4), project_cap=np.inf, registered=0.6)
    assert screened(cover=cover).post[0] == pytest.approx(50e6 / 0.8)
    assert screened(cover=cover._replace(project_cap=2e6)).post[0] == pytest.approx(50e6 / 0.9)
    assert screened(cover=cover._replace(registered=0.5)).post[0] == pytest.approx(50e6)


def test_the_governments_own_fund_bids_by_its_own_terms():
    """It tilts to the sector by a half and asks 100 percent a year for two years; losses are not covered for it."""
    cover = Cover(share=np.full(6, 0.4), project_cap=np.inf, registered=1.0)
    assert screened(cover=cover, gp={"patient": 0}, need=5 * MILLION).post[0] == pytest.approx(1.5 * 50e6 / 4.0)


def test_who_has_no_money_or_time_for_new_companies_does_not_bid():
    assert len(screened(powder=2 * MILLION - 1, need=1000).post) == 0
    assert len(screened(powder=2 * MILLION, need=1000).post) == 1
    assert len(screened(quarter=8121).post) == 1
    assert len(screened(quarter=8122).post) == 0  # two years before the end
    assert len(screened(powder=5 * MILLION - 1).post) == 0  # the round is more than twice what it has
    assert len(screened(powder=5 * MILLION).post) == 1
    assert len(screened(need=int(17.6e6)).post) == 0  # more than 35 percent of 50 m
