"""Capital calls, cap tables, sizes of rounds, and how rounds close."""

import math

import numpy as np
import pytest
from by_hand import NO_COVER, books, capital, firms, offers_of, params, rows

from sim.mechanisms.capital import bids, rounds
from sim.mechanisms.capital.funding import Params
from sim.mechanisms.programmes.compensation import Cover
from sim.world.accounts import Transaction
from sim.world.columns import COMMITMENT, FUND, GP, HOLDING, LP, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NOBODY, Sector, Stage

MILLION = 1_000_000


def test_effort_falls_little_with_fat_tails():
    # gain = 1 - c I / V, effort = gain / (gain + 1)
    assert rounds.effort_of(0.0, 10.0, 1000.0, 1.0) == 0.5
    assert rounds.effort_of(0.3, 10.0, 1000.0, 1.0) == pytest.approx(0.997 / 1.997)  # -0.15 percent
    assert rounds.effort_of(0.3, 10.0, 15.0, 1.0) == pytest.approx(0.8 / 1.8)  # -11 percent
    assert rounds.effort_of(0.9, 10.0, 5.0, 1.0) == 0.0


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
