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
from sim.world.kinds import NOBODY, Experience, Stage

MILLION = 1_000_000
NOTHING_EXPECTED = np.zeros(len(Experience))
NO_RETURN = np.zeros(len(Stage))


def market_of(startups, doors, distance=((0.0,),), expected=NOTHING_EXPECTED, venue=1.0, terms=None):
    """The Market in which `startups` seek a round of the venture firms behind `doors`."""
    return screening.open_market(
        quarter=8100,
        seekers=np.arange(len(startups)),
        firms=firms(startups=startups, sectors=rows(SECTOR, 2, multiple=2.0)),
        capital=doors,
        distance=np.array(distance),
        expected=expected,
        venue=venue,
        params=terms or params(Params),
    )


def test_samples_lean_to_focus_and_nearness():
    """Off focus counts 0.2; district 1 is 3 km away, which counts a half where weight falls with the root of 1 + km.

    Firms from outside are as far from everybody. Groups are stage, sector, district.
    """
    terms = params(Params, off_focus=0.2, distance_elasticity=-0.5, outside_km=99.0)
    everybody = capital(gps=rows(GP, stage_low=Stage.SEED, stage_high=Stage.D))
    market = market_of(rows(STARTUP), everybody, distance=[[0.0, 3.0], [3.0, 0.0]], terms=terms)
    traits = {"stage_low": Stage.SEED, "stage_high": Stage.A, "focus_1": 0, "focus_2": 0, "focus_3": 0}
    for district, expected in ((0, [1.0, 0.5, 0.2, 0.1]), (NOBODY, [0.1, 0.1, 0.02, 0.02])):
        (gp,) = rows(GP, district=district, **traits)
        weight = screening.weights(gp=gp, market=market, params=terms).reshape(len(Stage), 4)
        assert weight[Stage.SEED].tolist() == weight[Stage.A].tolist() == pytest.approx(expected)
        assert not weight[[Stage.IDEA, Stage.B, Stage.C, Stage.D]].any()


def test_firms_meet_in_proportion_to_weight():
    ids, groups = np.arange(8000), np.arange(8000) % 2
    met = screening.meet(
        chance=Chance(1, 8100), gp_id=7, ids=ids, groups=groups, weight=np.array([1.0, 0.25]), reach=0.4
    )
    assert np.bincount(met % 2) / 4000 == pytest.approx([0.4, 0.1], abs=0.025)


LOOKS = params(
    Params,
    screens_per_partner=1e6,
    off_focus=1.0,
    growth_to_exit=(math.log(5.0),) * 6,
    years_to_exit=(2.0,) * 6,
    success_quality=math.log(3.0),
    largest_dilution=0.35,
    powder_multiple=2.0,
    smallest_powder=2.0 * MILLION,
    last_new_quarters=8.0,
)


def screened(
    quarter=8100,
    powder=100 * MILLION,
    cover=NO_COVER,
    gp=None,
    expected=NOTHING_EXPECTED,
    venue=1.0,
    required=NO_RETURN,
    politics=0.0,
    n=1,
    **startup,
):
    """The Offers of a fund of ten years from 8090, without fees, that meets all of `n` startups: by hand 50 m each.

    A success is worth 2 x 5 x 10 m = 100 m and has a chance of one half, at odds of three to a deviation of quality.
    """
    firm = {"id": np.arange(n), "need": 10 * MILLION, "traction": math.log(10e6), "market": 25.0, "progress": 1.0}
    ordinary = {"fund": 0, "partners": 5, "stage_low": Stage.SEED, "stage_high": Stage.D, "registered": 0.5}
    doors = capital(
        gps=rows(GP, **(ordinary | (gp or {}))),
        funds=rows(FUND, vintage=8090, life=40, committed=powder, reserve=0.25),
    )
    return screening.screen(
        chance=Chance(1, quarter),
        market=market_of(rows(STARTUP, n, **(firm | startup)), doors, expected=expected, venue=venue, terms=LOOKS),
        required=np.array(required),
        patient=patient_capital.Terms(concession=0.5, tilt=np.array([1.5, 1.0]), politics=politics),
        cover=cover,
        params=LOOKS,
        capital=doors,
    )


def test_a_term_sheet_by_hand():
    offers = screened()
    assert (offers.gp.tolist(), offers.seeker.tolist(), offers.first.tolist()) == ([0], [0], [0, 1])
    assert offers.post[0] == pytest.approx(50e6)
    assert offers.gain[0] == pytest.approx(5.0)


def test_a_venue_that_is_foreseen_raises_bids_by_what_it_does_to_values():
    assert screened(venue=1.2).post[0] == pytest.approx(60e6)


@pytest.mark.parametrize("signal, chance", [({"noise": 0.0, "quality": 1.0}, 3 / 4), ({"noise": 1e6}, 9 / 10)])
def test_where_a_signal_says_nothing_the_record_of_the_founder_counts(signal, chance):
    """Founders who have succeeded are taken for two deviations better: odds of 9. Of no noise the quality is seen."""
    offers = screened(
        gp={"noise": 1.0}, expected=np.array([0.0, -1.0, 2.0]), experience=Experience.SUCCEEDED_BEFORE, **signal
    )
    assert offers.post[0] == pytest.approx(chance * 100e6, rel=1e-4)


@pytest.mark.parametrize("stage, growth", [(Stage.IDEA, 1.21), (Stage.SEED, 1.44), (Stage.A, 1.96), (Stage.D, 4.0)])
def test_each_stage_has_its_required_return(stage, growth):
    """Of the stage that the round leads to, over two years to the exit."""
    required = [9.0, 0.1, 0.2, 0.4, 9.0, 1.0]
    assert screened(required=required, stage=stage, need=MILLION).post[0] == pytest.approx(50e6 / growth)


def test_the_governments_own_fund_requires_so_many_points_less_than_venture_firms():
    """It asks for 20 percent where they ask for 70, and tilts to the sector by a half."""
    assert screened(required=[0.7] * 6, gp={"patient": 0}).post[0] == pytest.approx(1.5 * 50e6 / 1.44)


def test_losses_of_the_governments_own_fund_are_not_covered():
    cover = Cover(share=np.full(6, 0.4), project_cap=np.inf, registered=1.0)
    assert screened(cover=cover, required=[0.5] * 6, gp={"patient": 0}).post[0] == pytest.approx(1.5 * 50e6)


@pytest.mark.parametrize("patient, spread", [(0, 0.4), (NOBODY, 0.0)])
def test_political_choice_spreads_the_bids_of_the_governments_own_fund_alone(patient, spread):
    """Of 2000 startups that are alike; the standard error is 0.006."""
    post = screened(n=2000, politics=0.4, gp={"patient": patient}, need=MILLION).post
    assert np.log(post).std() == pytest.approx(spread, abs=0.025)


def test_cover_of_losses_raises_the_bid_of_registered_firms():
    """A loss of one half covered by 40 percent is a fifth off the hurdle, less where the project is capped."""
    cover = Cover(share=np.full(6, 0.4), project_cap=np.inf, registered=0.6)
    assert screened(cover=cover).post[0] == pytest.approx(50e6 / 0.8)
    assert screened(cover=cover._replace(project_cap=2e6)).post[0] == pytest.approx(50e6 / 0.9)
    assert screened(cover=cover._replace(registered=0.5)).post[0] == pytest.approx(50e6)


@pytest.mark.parametrize(
    "bids, circumstances",
    [
        (0, {"powder": 2 * MILLION - 1, "need": 1000}),  # of so little left a fund takes on nobody
        (1, {"powder": 2 * MILLION, "need": 1000}),
        (1, {"quarter": 8121}),
        (0, {"quarter": 8122}),  # two years before its end
        (0, {"powder": 5 * MILLION - 1}),  # the round is more than twice what it has
        (1, {"powder": 5 * MILLION}),
        (0, {"need": int(17.6e6)}),  # more than 35 percent of 50 m
        (1, {"need": int(17.4e6)}),
    ],
)
def test_who_has_no_money_or_time_for_a_company_does_not_bid_for_it(bids, circumstances):
    assert len(screened(**circumstances).post) == bids
