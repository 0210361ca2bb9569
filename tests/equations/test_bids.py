"""What a bid is worth, what is asked, and the money that a fund has, by hand."""

import math

import pytest
from by_hand import params, rows

from sim.mechanisms.capital import bids
from sim.mechanisms.capital.funding import Params
from sim.world.columns import FUND, STARTUP
from sim.world.kinds import Stage

MILLION = 1_000_000


def test_share_asked_by_hand():
    # s / I = (1.1 - 0.8 x 0.3) / (0.2 x 100 x 0.5) = 0.86 / 10
    assert bids.share_asked(0.2, 100.0, 0.5, 0.3, 1.1) == pytest.approx(0.086)


@pytest.mark.parametrize("cover", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("value", [15.0, 100.0, 2000.0])
def test_threshold_of_the_brief(cover, value):
    # All of the company is asked where p = (1 - c) I / (V - c I), at no discount and no shade.
    amount = 10.0
    threshold = (1.0 - cover) * amount / (value - cover * amount)
    assert bids.share_asked(threshold, value, 1.0, cover, 1.0) * amount == pytest.approx(1.0)
    assert bids.share_asked(0.99 * threshold, value, 1.0, cover, 1.0) * amount > 1.0


def test_round_wanted_by_hand():
    # 1.25 x 8 m x 2 x e^(0.5 x (17 - 16) + 0.8 x 0.25)
    terms = params(
        Params,
        round_scale=1.25,
        median_round=(0.0, 8e6, 0.0, 0.0, 0.0, 0.0),
        reference_traction=(0.0, 16.0, 0.0, 0.0, 0.0, 0.0),
        round_elasticity=0.5,
        round_sd=(0.0, 0.8, 0.0, 0.0, 0.0, 0.0),
    )
    wanted = bids.round_wanted(stage=bids.SEED, capital_need=2.0, traction=17.0, luck=0.25, params=terms)
    assert wanted == pytest.approx(20e6 * math.exp(0.7))


def test_belief_shrinks_a_noisy_signal():
    assert bids.believed_quality(1.0, 0.5, 2.0) == pytest.approx(2.0 / 1.25)
    assert bids.believed_quality(2.0, 0.0, 3.0) == 2.0
    assert abs(bids.believed_quality(2.0, 100.0, 1.0)) < 0.02


def test_next_stage_stops_at_the_last():
    assert [bids.next_stage(stage) for stage in Stage] == [1, 2, 3, 4, 5, 5]


def bid(quarter=8004, cover=0.0, noise=1.0, **startup):
    """Bid of a fund of ten years from 8000 for a round A: exits take 5 years, 10 percent required, 25 percent shade
    at a noise of one.

    Returns (post-money, readiness of the startup, value of a success).
    """
    traits = {"stage": Stage.SEED, "progress": 1.0, "traction": math.log(20e6), "market": math.log(1e9)}
    firm = rows(STARTUP, **(traits | startup))
    terms = params(
        Params,
        growth_to_exit=(math.log(2.5),) * 6,
        years_to_exit=(5.0,) * 6,
        success_quality=2.0,
        idea_chance=0.5,
        late_discount=0.15,
        shade=0.25,
        compliance_discount=0.1,
        sandbox_assurance=0.5,
    )
    ready, value = bids.readiness_of(firm[0], quarter, terms), bids.prospect(firm[0], 2.0, int(Stage.A), terms)
    discount = bids.discount_of(rows(FUND, vintage=8000, life=40)[0], 0.1, int(Stage.A), quarter, terms)
    return bids.bid(int(Stage.A), 0.0, ready, value, discount, noise, cover, terms), ready, value


def test_bid_by_hand():
    # 2 x 20 m x 2.5 = 100 m with chance logistic(0) = 1/2, five years at 10 percent, over 1.25
    post, ready, value = bid()
    assert ready == 1.0
    assert value == pytest.approx(100e6)
    assert post == pytest.approx(0.5 * 100e6 / 1.1**5 / 1.25)


def test_bid_falls_when_the_fund_is_old():
    # Three years are left: discounted over these, less 15 percent for each of two years that lack.
    assert bid(quarter=8028)[0] == pytest.approx(0.5 * 100e6 / 1.1**3 * math.exp(-0.3) / 1.25)


def test_bid_sees_product_compliance_market_and_cover():
    assert bid(progress=0.0)[1] == 0.5
    assert bid(compliance=4.0)[1] == pytest.approx(math.exp(-0.4))
    assert bid(compliance=4.0, sandbox_from=8002, sandbox_until=8004)[1] == pytest.approx(
        math.exp(-0.2)
    )  # half of it is taken away
    assert bid(compliance=4.0, sandbox_from=8000, sandbox_until=8003)[1] == pytest.approx(
        math.exp(-0.4)
    )  # but not after the stay
    assert bid(progress=0.0)[0] == pytest.approx(0.5 * bid()[0])
    assert bid(market=math.log(30e6))[2] == pytest.approx(60e6)
    assert bid(noise=2.0)[0] == pytest.approx(bid()[0] * 1.25 / 2.0)  # four times the shade
    assert bid(noise=0.0)[0] == pytest.approx(bid()[0] * 1.25)
    assert bid(cover=0.3)[0] == pytest.approx(bid()[0] * 1.25 / 1.10)  # half of 0.3 off the hurdle


def test_dry_powder_by_hand():
    # 5 in cash and 60 not yet called, less 0.5 percent of 100 for each of the 12 quarters to come.
    fund = rows(FUND, committed=100 * MILLION, called=40 * MILLION, cash=5 * MILLION, fee=0.005, life=40, vintage=8000)
    terms = params(Params, fee_years=5.0)
    assert bids.dry_powder(fund[0], 8008, terms) == 59 * MILLION
    assert bids.dry_powder(fund[0], 8030, terms) == 65 * MILLION  # fees on promises end after five years
    assert bids.dry_powder(fund[0], 8008, terms._replace(fee_years=12.0)) == 49 * MILLION  # at most for its life
