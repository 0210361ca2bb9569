"""Bids, effort, deferred acceptance, dry powder and cap tables."""

import math

import numpy as np
import pytest
from by_hand import books, capital, params, rows

from sim.mechanisms.capital import bids, matching, rounds, screening
from sim.mechanisms.capital.funding import Params
from sim.world.accounts import Transaction
from sim.world.columns import COMMITMENT, FUND, GP, HOLDING, LP, STARTUP
from sim.world.kinds import NOBODY, Sector, Stage

MILLION = 1_000_000

# ---------------------------------------------------------------- what a bid is worth


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


def test_effort_falls_little_with_fat_tails():
    # gain = 1 - c I / V, effort = gain / (gain + 1)
    assert rounds.effort_of(0.0, 10.0, 1000.0, 1.0) == 0.5
    assert rounds.effort_of(0.3, 10.0, 1000.0, 1.0) == pytest.approx(0.997 / 1.997)  # -0.15 percent
    assert rounds.effort_of(0.3, 10.0, 15.0, 1.0) == pytest.approx(0.8 / 1.8)  # -11 percent
    assert rounds.effort_of(0.9, 10.0, 5.0, 1.0) == 0.0


def test_round_wanted_by_hand():
    # 10 m x 2 x e^(0.5 x (17 - 16) + 0.8 x 0.25)
    assert bids.round_wanted(10e6, 2.0, 17.0, 16.0, 0.5, 0.8, 0.25) == pytest.approx(20e6 * math.exp(0.7))


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
    firm = rows(
        STARTUP,
        **(
            {
                "sandbox_from": -1,
                "stage": Stage.SEED,
                "progress": 1.0,
                "traction": math.log(20e6),
                "market": math.log(1e9),
            }
            | startup
        ),
    )
    terms = params(
        Params,
        growth_to_exit=(math.log(2.5),) * 6,
        years_to_exit=(5.0,) * 6,
        success_quality=2.0,
        shade=0.25,
        compliance_discount=0.1,
        sandbox_assurance=0.5,
    )
    ready, value = bids.readiness(firm[0], quarter, terms), bids.prospect(firm[0], 2.0, int(Stage.A), terms)
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


# ---------------------------------------------------------------- who gets whom


def matched(offers, capacity, seekers):
    """Bids held by startups; `offers` are (venture firm, startup, post-money, gain), firms in rising order."""
    gp, seeker, post, gain = (np.array(column) for column in zip(*offers, strict=True))
    start = np.searchsorted(gp, np.arange(len(capacity) + 1)).astype(np.int64)
    held = np.empty(seekers, np.int64)
    matching.match(gp, seeker, post.astype(float), gain.astype(float), start, len(gp), np.array(capacity), held)
    return held


def test_match_by_hand():
    # Firm 0 proposes to startup 0 and is held; firm 1 outbids it there; firm 0 goes on to startup 1.
    offers = [(0, 0, 10.0, 3.0), (0, 1, 5.0, 2.0), (1, 0, 12.0, 1.0)]
    assert matched(offers, [1, 1], 3).tolist() == [2, 1, NOBODY]
    assert matched(offers, [1, 0], 3).tolist() == [0, NOBODY, NOBODY]


@pytest.mark.parametrize("assortment", [0.0, 0.5, 1.0])
def test_ranks_follow_gains_as_far_as_matching_is_assortative(assortment):
    """4,000 offers: correlation of rank and log gain, where Gumbel's standard deviation is pi / sqrt(6); 4 standard
    errors of 0.016.
    """
    gain = np.exp(np.random.default_rng(3).standard_normal(4000))
    ranks = [matching.blurred(1, 8100, gain, np.arange(4000), np.arange(4000) % 7, side, assortment) for side in (0, 1)]
    spread = np.array([assortment, (1 - assortment) * math.pi / math.sqrt(6)])
    for rank in ranks:
        assert np.corrcoef(rank, np.log(gain))[0, 1] == pytest.approx(assortment / np.hypot(*spread), abs=0.064)
    if assortment < 1.0:  # the two sides have luck of their own
        noise = [rank - assortment * np.log(gain) for rank in ranks]
        assert abs(np.corrcoef(*noise)[0, 1]) < 0.064


def test_match_is_stable_on_random_markets():
    chance = np.random.default_rng(2)
    for _ in range(200):
        firms, seekers = chance.integers(1, 12, 2)
        pairs = [(g, k) for g in range(firms) for k in range(seekers) if chance.random() < 0.6] or [(0, 0)]
        offers = [(g, k, *chance.random(2)) for g, k in pairs]
        capacity = chance.integers(0, 4, firms)
        held = matched(offers, capacity, seekers)
        taken = [offers[o] for o in held if o != NOBODY]
        mine = [[o for o in taken if o[0] == g] for g in range(firms)]
        assert all(held[k] == NOBODY or offers[held[k]][1] == k for k in range(seekers))
        assert all(len(mine[g]) <= capacity[g] for g in range(firms))
        for g, k, post, gain in offers:
            startup_wants = held[k] == NOBODY or post > offers[held[k]][2]
            firm_wants = len(mine[g]) < capacity[g] or any(gain > o[3] for o in mine[g])
            assert not (startup_wants and firm_wants), "a blocking pair"


# ---------------------------------------------------------------- money


def test_dry_powder_by_hand():
    # 5 in cash and 60 not yet called, less 0.5 percent of 100 for each of the 12 quarters to come.
    fund = rows(FUND, committed=100 * MILLION, called=40 * MILLION, cash=5 * MILLION, fee=0.005, life=40, vintage=8000)
    assert bids.dry_powder(fund[0], 8008) == 59 * MILLION
    assert bids.dry_powder(fund[0], 8030) == 65 * MILLION  # fees on promises end after five years


def called(amount, already=(0, 0, 0)):
    """Yuan that partners with promises of 50, 30 and 20 pay when `amount` is called, and what the fund gets."""
    promised, already = np.array([50, 30, 20]), np.array(already)
    funds = rows(FUND, committed=100, called=already.sum(), first_commitment=0)
    lps = rows(LP, 3, cash=promised - already, unfunded=promised - already, called=already)
    commitments = rows(COMMITMENT, 3, lp=[0, 1, 2], amount=promised, called=already, next=[1, 2, NOBODY])
    written = books()
    doors = capital(commitments=commitments, funds=funds, lps=lps)
    got = rounds.call_capital(f=0, amount=amount, capital=doors, books=written)
    assert (
        got == funds.cash[0] == funds.preferred[0] == written.flows[Transaction.CAPITAL_CALL, Sector.LPS, Sector.FUNDS]
    )
    assert (lps.cash == lps.unfunded).all() and (lps.cash == promised - commitments.called).all()
    return (commitments.called - already).tolist(), got


def test_capital_call_by_hand():
    assert called(10) == ([5, 3, 2], 10)
    assert called(7) == ([4, 2, 1], 7)  # 3.5, 2.1, 1.4: the first takes the rounding
    assert called(40, already=(50, 0, 0)) == ([0, 30, 10], 40)  # 12 and 8, and what the first no longer owes, in turn
    assert called(200, already=(10, 10, 10)) == ([40, 20, 10], 70)  # never more than was promised


def test_cap_table_of_two_rounds():
    """10 m shares, a pool of a tenth, then 20 m at 100 m post-money, then 30 m and 20 m at 200 m."""
    startups = rows(STARTUP, shares=10 * MILLION, founder_shares=10 * MILLION, first_holding=NOBODY)
    holdings = rows(HOLDING, 3, amount=np.array([20, 30, 20]) * MILLION)
    terms = params(Params, pool_share=0.1)
    firm = startups[0]
    rounds.issue(firm, holdings, 0, 1, 20 * MILLION, 100e6, terms)
    assert firm.pool_shares == 1_111_111
    assert holdings.shares[0] / firm.shares == pytest.approx(0.2)
    rounds.issue(firm, holdings, 1, 3, 50 * MILLION, 200e6, terms)
    assert firm.pool_shares == 1_111_111
    assert (holdings.shares / firm.shares).tolist() == pytest.approx([0.2 * 0.75, 0.15, 0.1])
    assert firm.shares == firm.founder_shares + firm.pool_shares + holdings.shares.sum()


def test_samples_lean_to_focus_and_nearness():
    # Off focus counts 0.2; district 1 is far and counts a half. Groups are stage, sector, district.
    gp = rows(GP, patient=NOBODY, stage_low=Stage.SEED, stage_high=Stage.A, focus_1=0, focus_2=0, focus_3=0)
    weight = np.zeros((len(Stage), 2, 2))
    screening._weigh(gp[0], np.array([1.0, 0.5]), 2, 0.2, weight.ravel())
    assert (
        weight[Stage.SEED].ravel().tolist() == weight[Stage.A].ravel().tolist() == pytest.approx([1.0, 0.5, 0.2, 0.1])
    )
    assert not weight[[Stage.IDEA, Stage.B, Stage.C, Stage.D]].any()


def test_firms_meet_in_proportion_to_weight():
    ids, groups, met = np.arange(8000), np.arange(8000) % 2, np.empty(8001, np.int64)
    n = screening._meet(1, 8100, 7, ids, groups, np.array([1.0, 0.25]), 0.4, np.empty(8000), met)
    assert np.bincount(met[:n] % 2) / 4000 == pytest.approx([0.4, 0.1], abs=0.025)


def test_partners_take_on_what_they_have_time_for():
    """Five partners at 0.3 companies a quarter:

    two quarters give three. A company joined takes as much as one that is led.
    """
    gps = rows(GP, partners=5)
    led = []
    for joined in (0, 0, 3, 0, 0):
        led.append(int(matching.capacity(gps, 0.3)[0]))
        gps.time -= led[-1] + joined
    assert led == [1, 2, 1, 0, 0]  # 1.5, 0.5 + 1.5, 0 + 1.5 of which three joined leave -2.5, -1, 0.5


def test_time_of_partners_is_not_saved_up():
    gps = rows(GP, partners=5, time=100.0)
    assert matching.capacity(gps, 0.3).tolist() == [3]  # half a year's
    assert matching.capacity(rows(GP, partners=1, time=0.9), 0.02).tolist() == [0]
    slow = rows(GP, partners=1)
    assert (
        sum(int(matching.capacity(slow, 0.1)[0]) for _ in range(11)) == 1
    )  # a whole company is kept however slow the firm


SIZES = params(
    Params,
    ownership=(0.0, 0.2, 0.2, 0.17, 0.15, 0.12),
    ownership_weight=0.5,
    cheque_weight=0.5,
    lead_share=0.5,
    largest_dilution=0.35,
)


def test_a_round_lies_between_need_and_what_the_lead_would_place():
    """Need 4, a fifth of 500 is 100, a cheque of 200 leads a round of 400:

    the lead would place 200, half way in logs is sqrt(800).
    """
    assert rounds.round_size(4, 500.0, bids.SEED, 200, SIZES) == pytest.approx(math.sqrt(4 * 200))
    assert rounds.round_size(4, 500.0, bids.SEED, 200, SIZES._replace(ownership_weight=0.0)) == pytest.approx(4)
    assert rounds.round_size(
        4, 500.0, bids.SEED, 200, SIZES._replace(ownership_weight=1.0, cheque_weight=0.0)
    ) == pytest.approx(100)
    assert rounds.round_size(4000, 500.0, bids.SEED, 200, SIZES) == pytest.approx(
        175
    )  # founders sell no more than 35 percent


def test_rounds_follow_the_money_of_funds():
    """Funds with twice the cheque lead rounds that are larger by the product of the two weights in logs, and no larger
    without that weight.
    """
    for weight, more in ((0.5, 2**0.25), (0.0, 1.0)):
        terms = SIZES._replace(cheque_weight=weight)
        assert rounds.round_size(4, 500.0, bids.SEED, 400, terms) / rounds.round_size(
            4, 500.0, bids.SEED, 200, terms
        ) == pytest.approx(more)


def test_plans_differ_between_startups():
    """A median of seven quarters; the middle half within a factor e^(0.67 x 0.5). 4000 draws: the standard error of a
    quartile is below 2 percent.
    """
    firms, terms = rows(STARTUP, 4000, id=np.arange(4000)), params(Params, plan_quarters=7.0, plan_sd=0.5)
    plans = np.array([rounds.plan_of(1, firm, terms) for firm in firms])
    assert np.quantile(plans, [0.25, 0.5, 0.75]) == pytest.approx(
        7 * np.exp(0.5 * np.array([-0.6745, 0, 0.6745])), rel=0.06
    )
    assert rounds.plan_of(1, firms[0], terms._replace(plan_sd=0.0)) == 7.0
