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
    asked = bids.share_asked(p=0.2, value=100.0, discount=0.5, cover=0.3, hurdle=1.1)
    assert asked == pytest.approx(0.086)


@pytest.mark.parametrize("cover", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("value", [15.0, 100.0, 2000.0])
def test_all_of_the_company_is_asked_at_the_threshold_of_the_chance(cover, value):
    # All of the company is asked where p = (1 - c) I / (V - c I), at no discount and no shade.
    amount = 10.0
    threshold = (1.0 - cover) * amount / (value - cover * amount)
    terms = {"value": value, "discount": 1.0, "cover": cover, "hurdle": 1.0}
    assert bids.share_asked(p=threshold, **terms) * amount == pytest.approx(1.0)
    assert bids.share_asked(p=0.99 * threshold, **terms) * amount > 1.0


@pytest.mark.parametrize(
    ("expected", "noise", "believed"),
    [
        (0.0, 0.5, 1.6),  # (1 + 0.5 x 2) / 1.25
        (0.5, 0.5, 1.7),  # 0.5 + (2 - 0.5) / 1.25
        (-1.0, 0.5, 1.4),  # -1 + (2 + 1) / 1.25
        (0.5, 0.0, 1.0),  # who sees it all needs no record
        (0.5, 3.0, 1.15),  # 0.5 + (1 + 3 x 2 - 0.5) / 10
    ],
)
def test_belief_lies_between_a_noisy_signal_and_what_the_record_lets_expect(expected, noise, believed):
    """Of a quality of one, with luck of two deviations."""
    assert bids.believed_quality(quality=1.0, noise=noise, luck=2.0, expected=expected) == pytest.approx(believed)


def test_next_stage_stops_at_the_last():
    assert [bids.next_stage(stage) for stage in Stage] == [1, 2, 3, 4, 5, 5]


def bid(quarter=8004, cover=0.0, noise=1.0, required=0.1, **startup):
    """Bid of a fund of ten years from 8000 for a round A: exits take 5 years, 25 percent shade at a noise of one.

    Returns (post-money, readiness of the startup, value of a success).
    """
    traits = {"stage": Stage.SEED, "progress": 1.0, "traction": math.log(20e6), "market": math.log(1e9)}
    (firm,), (fund,) = rows(STARTUP, **(traits | startup)), rows(FUND, vintage=8000, life=40)
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
    stage, ready = int(Stage.A), bids.readiness_of(firm=firm, quarter=quarter, params=terms)
    value = bids.prospect(firm=firm, multiple=2.0, stage=stage, params=terms)
    discount = bids.discount_of(fund=fund, required=required, stage=stage, quarter=quarter, params=terms)
    post = bids.bid(
        stage=stage, quality=0.0, ready=ready, value=value, discount=discount, noise=noise, cover=cover, params=terms
    )
    return post, ready, value


def test_bid_by_hand():
    # 2 x 20 m x 2.5 = 100 m with chance logistic(0) = 1/2, five years at 10 percent, over 1.25
    post, ready, value = bid()
    assert ready == 1.0
    assert value == pytest.approx(100e6)
    assert post == pytest.approx(0.5 * 100e6 / 1.1**5 / 1.25)


def test_bid_falls_when_the_fund_is_old():
    # Three years are left: discounted over these, less 15 percent for each of two years that lack.
    assert bid(quarter=8028)[0] == pytest.approx(0.5 * 100e6 / 1.1**3 * math.exp(-0.3) / 1.25)


@pytest.mark.parametrize("required, growth", [(0.0, 1.0), (0.1, 1.61051), (0.25, 3.0517578125), (-0.2, 0.32768)])
def test_a_bid_falls_by_the_growth_that_is_required_until_the_exit(required, growth):
    """(1 + required)^5; what the government's own fund asks for may be less than nothing."""
    assert bid(required=required)[0] == pytest.approx(40e6 / growth)


def test_a_venture_without_product_has_half_the_chance():
    assert bid(progress=0.0)[:2] == pytest.approx((0.5 * bid()[0], 0.5))


@pytest.mark.parametrize(
    "sandbox, ahead",
    [
        ({}, 0.4),
        ({"sandbox_from": 8002, "sandbox_until": 8004}, 0.2),  # half of it is taken away
        ({"sandbox_from": 8000, "sandbox_until": 8003}, 0.4),  # but not after the stay
    ],
)
def test_compliance_ahead_costs_a_part_of_the_chance_and_the_sandbox_takes_some_away(sandbox, ahead):
    assert bid(compliance=4.0, **sandbox)[1] == pytest.approx(math.exp(-ahead))


def test_no_success_is_larger_than_its_market():
    assert bid(market=math.log(30e6))[2] == pytest.approx(60e6)


@pytest.mark.parametrize("noise, hurdle", [(0.0, 1.0), (1.0, 1.25), (2.0, 2.0)])
def test_bids_answer_the_winners_curse(noise, hurdle):
    """The shade grows with the variance of the signal."""
    assert bid(noise=noise)[0] == pytest.approx(bid(noise=0.0)[0] / hurdle)


def test_cover_of_losses_is_off_the_hurdle():
    assert bid(cover=0.3)[0] == pytest.approx(bid()[0] * 1.25 / 1.10)  # half of 0.3


@pytest.mark.parametrize(
    "quarter, fee_years, powder",
    [
        (8008, 5.0, 59),  # 5 in cash and 60 not yet called, less 0.5 percent of 100 for each of the 12 quarters to come
        (8030, 5.0, 65),  # fees on promises end after five years
        (8008, 12.0, 49),  # at most for its life
    ],
)
def test_dry_powder_by_hand(quarter, fee_years, powder):
    fund = rows(FUND, committed=100 * MILLION, called=40 * MILLION, cash=5 * MILLION, fee=0.005, life=40, vintage=8000)
    left = bids.dry_powder(fund=fund[0], quarter=quarter, params=params(Params, fee_years=fee_years))
    assert left == powder * MILLION
