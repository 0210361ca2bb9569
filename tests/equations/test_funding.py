"""Bids, effort, deferred acceptance, dry powder and cap tables."""

import math

import numpy as np
import pytest
from by_hand import books, capital, firms, params, rows

from sim.mechanisms.capital import bids, funding, matching, patient_capital, rounds, screening
from sim.mechanisms.capital.funding import Params
from sim.mechanisms.programmes.compensation import Cover
from sim.world.accounts import Transaction
from sim.world.columns import COMMITMENT, FUND, GP, HOLDING, LP, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, Life, Sector, Stage

MILLION = 1_000_000
NO_COVER = Cover(share=np.zeros(6), project_cap=np.inf, registered=0.0)

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


# ---------------------------------------------------------------- who seeks

SEEKS = params(
    Params,
    round_scale=1.0,
    median_round=(1e6,) * 6,
    pitch_progress=0.2,
    pitch_quarters=10.0,
    runway_quarters=2.0,
    sales_counted=0.5,
    milestone_growth=0.5,
    milestone_quarters=4.0,
)


def asked(**startup):
    """What a startup asks for in 8100, yuan, and since when it seeks; it has a round but for what is given."""
    ordinary = {"rounds": 1, "stage": Stage.SEED, "last_round": 8099, "post_money": MILLION, "burn": 100, "cash": 1000}
    startups = rows(STARTUP, **(ordinary | startup))
    sectors = rows(SECTOR, capital_need=1.0, multiple=1.0)
    funding._seek(chance=Chance(1, 8100), firms=firms(startups=startups, sectors=sectors), params=SEEKS)
    return startups.need[0], startups.seeking[0]


def test_startups_seek_when_money_runs_short():
    assert asked() == (0, NEVER)
    assert asked(cash=199) == (MILLION, 8100)  # two quarters of spending
    assert asked(cash=199, seeking=8098) == (MILLION, 8098)
    assert asked(cash=199, revenue=2) == (0, NEVER)  # half of sales counts against it
    assert asked(cash=199, rounds=0) == (0, NEVER)  # who never had a round goes on by itself
    assert asked(cash=199, life=Life.FAILED) == (0, NEVER)


def test_startups_seek_at_a_milestone():
    grown = {"traction": math.log(1e6) + 0.51}
    assert asked(**grown) == (0, NEVER)  # the last round is too near
    assert asked(last_round=8096, **grown) == (MILLION, 8100)
    assert asked(last_round=8096, traction=math.log(1e6) + 0.49) == (0, NEVER)


def test_ideas_pitch_when_something_can_be_shown_and_while_they_are_young():
    idea = {"rounds": 0, "stage": Stage.IDEA, "born": 8090}
    assert asked(progress=0.3, **idea) == (MILLION, 8100)
    assert asked(progress=0.2, **idea) == (0, NEVER)
    assert asked(progress=0.3, **(idea | {"born": 8089})) == (0, NEVER)
    assert asked(progress=0.3, saving=0.25, **idea)[0] == 750_000  # what shared laboratories save


def test_odds_follow_first_rounds_by_sector():
    """A quarter of those who sought is sure within a year, up to what anybody believes; no seeker, no news."""
    sectors = rows(SECTOR, 4, odds=0.5)
    terms = params(Params, odds_memory=0.5, odds_low=0.02, odds_high=0.9)
    seeking, funded = np.array([10, 10, 10, 0]), np.array([1, 8, 0, 0])
    funding._update_odds(sectors=sectors, seeking=seeking, funded=funded, params=terms)
    assert sectors.odds.tolist() == pytest.approx([0.45, 0.7, 0.26, 0.5])


# ---------------------------------------------------------------- who gets whom


def offers_of(offers, firms, seekers):
    """Offers (venture firm, startup, post-money, gain) of `firms` venture firms, these in rising order."""
    gp, seeker, post, gain = (np.array(column) for column in zip(*offers, strict=True))
    first = np.searchsorted(gp, np.arange(firms + 1)).astype(np.int64)
    return bids.Offers(np.arange(seekers), gp, seeker, post.astype(float), gain.astype(float), first)


def matched(offers, capacity, seekers):
    """The offer that each startup accepts."""
    return matching.match(offers=offers_of(offers, len(capacity), seekers), capacity=np.array(capacity))


def test_match_by_hand():
    # Firm 0 proposes to startup 0, which keeps its bid; firm 1 outbids it there; firm 0 goes on to startup 1.
    offers = [(0, 0, 10.0, 3.0), (0, 1, 5.0, 2.0), (1, 0, 12.0, 1.0)]
    assert matched(offers, [1, 1], 3).tolist() == [2, 1, NOBODY]
    assert matched(offers, [1, 0], 3).tolist() == [0, NOBODY, NOBODY]


@pytest.mark.parametrize("assortment", [0.0, 0.5, 1.0])
def test_ranks_follow_gains_as_far_as_matching_is_assortative(assortment):
    """4,000 offers: correlation of rank and log gain, where Gumbel's standard deviation is pi / sqrt(6); 4 standard
    errors of 0.016.
    """
    gain = np.exp(np.random.default_rng(3).standard_normal(4000))
    who = {"gp_ids": np.arange(4000), "seeker_ids": np.arange(4000) % 7}
    ranks = [
        matching.blurred(chance=Chance(1, 8100), gain=gain, **who, side=side, assortment=assortment) for side in (0, 1)
    ]
    spread = np.array([assortment, (1 - assortment) * math.pi / math.sqrt(6)])
    for rank in ranks:
        assert np.corrcoef(rank, np.log(gain))[0, 1] == pytest.approx(assortment / np.hypot(*spread), abs=0.064)
    if assortment < 1.0:  # the two sides have luck of their own
        noise = [rank - assortment * np.log(gain) for rank in ranks]
        assert abs(np.corrcoef(*noise)[0, 1]) < 0.064


def test_match_is_stable_on_random_markets():
    """No venture firm and startup would both rather have each other, ties among the firm's gains included."""
    chance = np.random.default_rng(2)
    for _ in range(200):
        firms, seekers = chance.integers(1, 12, 2)
        pairs = [(g, k) for g in range(firms) for k in range(seekers) if chance.random() < 0.6] or [(0, 0)]
        offers = [(g, k, chance.random(), chance.integers(1, 6) / 5) for g, k in pairs]
        capacity = chance.integers(0, 4, firms)
        accepted = matched(offers, capacity, seekers)
        led = [[offers[o] for o in accepted if o != NOBODY and offers[o][0] == g] for g in range(firms)]
        assert all(o == NOBODY or offers[o][1] == k for k, o in enumerate(accepted))
        assert all(len(led[g]) <= capacity[g] for g in range(firms))
        for g, k, post, gain in offers:
            startup_wants = accepted[k] == NOBODY or post > offers[accepted[k]][2]
            firm_wants = len(led[g]) < capacity[g] or any(gain > o[3] for o in led[g])
            assert not (startup_wants and firm_wants), "a blocking pair"


def test_firms_propose_in_the_order_of_gain():
    """One startup after the other, the first of equals first: with time for two, firm 0 leads its two best."""
    offers = [(0, 0, 9.0, 1.0), (0, 1, 9.0, 3.0), (0, 2, 9.0, 2.0), (0, 3, 9.0, 2.0)]
    assert matched(offers, [2], 4).tolist() == [NOBODY, 1, 2, NOBODY]


# ---------------------------------------------------------------- money


def test_dry_powder_by_hand():
    # 5 in cash and 60 not yet called, less 0.5 percent of 100 for each of the 12 quarters to come.
    fund = rows(FUND, committed=100 * MILLION, called=40 * MILLION, cash=5 * MILLION, fee=0.005, life=40, vintage=8000)
    terms = params(Params, fee_years=5.0)
    assert bids.dry_powder(fund[0], 8008, terms) == 59 * MILLION
    assert bids.dry_powder(fund[0], 8030, terms) == 65 * MILLION  # fees on promises end after five years
    assert bids.dry_powder(fund[0], 8008, terms._replace(fee_years=12.0)) == 49 * MILLION  # at most for its life


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
    rounds.issue(firm, holdings[:1], 20 * MILLION, 100e6, terms)
    assert firm.pool_shares == 1_111_111
    assert holdings.shares[0] / firm.shares == pytest.approx(0.2)
    rounds.issue(firm, holdings[1:], 50 * MILLION, 200e6, terms)
    assert firm.pool_shares == 1_111_111
    assert (holdings.shares / firm.shares).tolist() == pytest.approx([0.2 * 0.75, 0.15, 0.1])
    assert firm.shares == firm.founder_shares + firm.pool_shares + holdings.shares.sum()


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


TIME = params(Params, new_deals_per_partner=0.3, kept_quarters=2.0)


def test_partners_take_on_what_they_have_time_for():
    """Five partners at 0.3 companies a quarter:

    two quarters give three. A company joined takes as much as one that is led.
    """
    gps = rows(GP, partners=5)
    led = []
    for joined in (0, 0, 3, 0, 0):
        led.append(int(matching.capacity(gps=gps, params=TIME)[0]))
        gps.time -= led[-1] + joined
    assert led == [1, 2, 1, 0, 0]  # 1.5, 0.5 + 1.5, 0 + 1.5 of which three joined leave -2.5, -1, 0.5


def test_time_of_partners_is_not_saved_up():
    gps = rows(GP, partners=5, time=100.0)
    assert matching.capacity(gps=gps, params=TIME).tolist() == [3]  # half a year's
    slower = TIME._replace(new_deals_per_partner=0.02)
    assert matching.capacity(gps=rows(GP, partners=1, time=0.9), params=slower).tolist() == [0]
    slow, terms = rows(GP, partners=1), TIME._replace(new_deals_per_partner=0.1)
    # A whole company is kept however slow the firm.
    assert sum(int(matching.capacity(gps=slow, params=terms)[0]) for _ in range(11)) == 1


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
    startups, terms = rows(STARTUP, 4000, id=np.arange(4000)), params(Params, plan_quarters=7.0, plan_sd=0.5)
    plans = np.array([rounds.plan_of(1, firm, terms) for firm in startups])
    assert np.quantile(plans, [0.25, 0.5, 0.75]) == pytest.approx(
        7 * np.exp(0.5 * np.array([-0.6745, 0, 0.6745])), rel=0.06
    )
    assert rounds.plan_of(1, startups[0], terms._replace(plan_sd=0.0)) == 7.0


# ---------------------------------------------------------------- rounds close

DEALS = params(
    Params,
    margin=0.25,
    largest_dilution=0.5,
    largest_ticket=0.5,
    lead_share=0.4,
    join_chance=1.0,
    smallest_follow_on=100_000.0,
    syndicate_price=0.9,
    syndicate_share=0.5,
    smallest_ticket=500_000.0,
    smallest_fill=0.5,
    last_follow_on_quarters=4.0,
    plan_quarters=8.0,
    redemption_quarters=20.0,
    effort_cost=1.0,
)


def yuan(amounts):
    """Whole yuan, which powers, taken by logs, may miss by one or two."""
    return pytest.approx(amounts, abs=2)


def closed(posts, money=100 * MILLION, insider=None, cover=NO_COVER, terms=DEALS, quarter=8100):
    """A startup that seeks 20 m for a round A, after the first of the firms that bid `posts` (million) led its round.

    Fund g has `money` (one number, or one a fund) in cash. The fund `insider` has a quarter of the startup. Returns
    (startup, new stakes, Capital).
    """
    n = len(posts)
    firm = {"id": 7, "stage": Stage.SEED, "rounds": 1, "need": 20 * MILLION, "shares": 1000, "pool_shares": 1}
    startups = rows(STARTUP, **firm)
    funds = rows(FUND, n, id=np.arange(n), gp=np.arange(n), vintage=8090, life=40, cash=money, committed=money)
    holdings = rows(HOLDING, 16)
    doors = capital(funds=funds, gps=rows(GP, n, id=np.arange(n), fund=np.arange(n), registered=0.5))
    doors = doors._replace(holdings=holdings)
    if insider is not None:
        startups.first_holding, doors.holdings_count[0] = 0, 1
        holdings.holder[0], holdings.shares[0], holdings.amount[0] = insider, 250, MILLION
    before = int(doors.holdings_count[0])
    sheets = offers_of([(g, 0, post * MILLION, 1.0) for g, post in enumerate(posts)], n, 1)
    rounds.close_deals(
        chance=Chance(1, quarter),
        offers=sheets,
        accepted=np.array([0]),
        cover=cover,
        params=terms,
        firms=firms(startups=startups, sectors=rows(SECTOR, multiple=1.0)),
        capital=doors,
        books=books(),
    )
    stakes = holdings[before : doors.holdings_count[0]]
    assert startups.cash[0] == startups.raised[0] == stakes.amount.sum() == (funds.committed - funds.cash).sum()
    return startups[0], stakes, doors


def test_the_price_is_the_second_bid_or_a_margin_below_the_best():
    assert closed([100])[0].post_money == 75 * MILLION
    assert closed([100, 60])[0].post_money == 75 * MILLION
    assert closed([100, 90])[0].post_money == 90 * MILLION


def test_a_lead_that_wants_the_round_takes_it_alone():
    firm, stakes, doors = closed([100, 100], terms=DEALS._replace(solo_share=1.0))
    assert stakes.amount.tolist() == yuan([20 * MILLION])
    assert (stakes.holder[0], stakes.lead[0], stakes.first[0], stakes.startup_id[0]) == (0, 1, 1, 7)
    assert (firm.stage, firm.rounds, firm.last_round, firm.redeemable) == (Stage.A, 2, 8100, 8120)
    assert firm.burn == yuan(20 * MILLION / 8)
    assert doors.gps.deals.tolist() == [1, 0]


def test_others_take_half_of_what_the_lead_leaves():
    """The lead takes 8 of 20 m, each bidder near the price 6, from the last on."""
    _, stakes, doors = closed([100, 100, 100])
    assert stakes.holder.tolist() == [0, 2, 1]
    assert stakes.amount.tolist() == yuan([8 * MILLION, 6 * MILLION, 6 * MILLION])
    assert stakes.lead.tolist() == [1, 0, 0]
    assert doors.gps.time.tolist() == [-1, -1, -1]
    shares = stakes.shares / 20e6 * 80e6 / 1000  # at 80 m pre-money for 1000 shares
    assert shares == pytest.approx(stakes.amount / 20e6, abs=0.01)


def test_who_bid_far_below_the_price_is_not_asked_and_the_lead_adds_the_rest():
    _, stakes, _ = closed([100, 67])
    assert (stakes.holder.tolist(), stakes.amount.tolist()) == ([0], yuan([20 * MILLION]))
    _, stakes, _ = closed([100, 68])  # more than nine tenths of 75
    assert stakes.amount.tolist() == yuan([14 * MILLION, 6 * MILLION])


def test_insiders_take_their_pro_rata_until_late_in_the_life_of_their_fund():
    _, stakes, doors = closed([100, 1], insider=1)
    assert stakes.holder.tolist() == [0, 1]
    assert stakes.amount.tolist() == yuan([15 * MILLION, 5 * MILLION])
    assert (stakes.first.tolist(), doors.gps.deals.tolist()) == ([1, 0], [1, 0])  # it is not new to the insider
    assert len(closed([100, 1], insider=1, quarter=8126)[1]) == 1  # four quarters before the end
    assert len(closed([100, 1], insider=1, quarter=8125)[1]) == 2


def test_no_fund_puts_too_much_into_one_company_and_a_round_half_pledged_happens():
    _, stakes, _ = closed([100], money=20 * MILLION)
    assert stakes.amount.tolist() == yuan([10 * MILLION])
    firm, stakes, _ = closed([100], money=20 * MILLION - 2)
    assert len(stakes) == 0 and (firm.stage, firm.need) == (Stage.SEED, 20 * MILLION)


def test_covered_leads_make_less_effort():
    """The value of a success is taken as what is raised: gain 1 - c, effort gain / (gain + 1)."""
    cover = Cover(share=np.full(6, 0.5), project_cap=np.inf, registered=0.6)
    assert closed([100])[0].effort == 0.5
    assert closed([100], cover=cover)[0].effort == pytest.approx(0.5 / 1.5)
    assert closed([100], cover=cover._replace(project_cap=2e6))[0].effort == pytest.approx(0.9 / 1.9)
    assert closed([100], cover=cover._replace(registered=0.5))[0].effort == 0.5
