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
from sim.world.kinds import NOBODY, Investor, Route, Sector, Stage

MILLION = 1_000_000


@pytest.mark.parametrize(
    "cover, value, on_losses, effort",
    [
        (0.0, 1000.0, 0.5, 0.5),  # 1 / (1 + 1)
        (0.3, 1000.0, 0.0, 0.997 / 1.997),  # where tails are fat, what is gained falls by 0.3 percent
        (0.3, 15.0, 0.0, 0.8 / 1.8),  # and by a fifth where they are not
        (0.3, 1000.0, 0.5, 0.997 / 1.997 * 0.85),  # of the half that is for losses 30 percent goes
        (0.3, 1000.0, 1.0, 0.997 / 1.997 * 0.7),
        (1.0, 1000.0, 1.0, 0.0),  # nothing can be lost, and all of it was for losses
        (0.9, 9.0, 0.5, 0.0),  # nothing can be gained
    ],
)
def test_effort_has_two_tasks_and_cover_takes_from_both(cover, value, on_losses, effort):
    """Gain 1 - c I / V for a stake of 10, over gain and a cost of one; and 1 - w c of that, w for losses."""
    terms = params(Params, effort_cost=1.0, effort_on_losses=on_losses)
    assert rounds.effort_of(cover=cover, amount=10.0, value=value, params=terms) == pytest.approx(effort)


def test_nobody_makes_an_effort_for_nothing():
    """Also where effort costs nothing."""
    terms = params(Params, effort_cost=0.0, effort_on_losses=0.5)
    assert rounds.effort_of(cover=1.0, amount=10.0, value=10.0, params=terms) == 0.0


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
    rounds.issue(firm=firm, stakes=holdings[:1], raised=20 * MILLION, post=100e6, params=terms)
    assert firm.pool_shares == 1_111_111
    assert holdings.shares[0] / firm.shares == pytest.approx(0.2)
    rounds.issue(firm=firm, stakes=holdings[1:], raised=50 * MILLION, post=200e6, params=terms)
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


def size(need=4, cheque=200, **terms):
    """Yuan of a seed round at a post-money value of 500."""
    return rounds.round_size(need=need, post=500.0, stage=bids.SEED, cheque=cheque, params=SIZES._replace(**terms))


def test_a_round_lies_between_need_and_what_the_lead_would_place():
    """Need 4, a fifth of 500 is 100, a cheque of 200 leads a round of 400:

    the lead would place 200, half way in logs is sqrt(800).
    """
    assert size() == pytest.approx(math.sqrt(4 * 200))
    assert size(ownership_weight=0.0) == pytest.approx(4)
    assert size(ownership_weight=1.0, cheque_weight=0.0) == pytest.approx(100)


def test_founders_sell_no_more_than_the_largest_dilution():
    assert size(need=4000) == pytest.approx(0.35 * 500)


@pytest.mark.parametrize("weight, more", [(0.5, 2**0.25), (0.0, 1.0)])
def test_rounds_follow_the_money_of_funds(weight, more):
    """Funds with twice the cheque lead rounds that are larger by the product of the two weights in logs, and no larger
    without that weight.
    """
    twice, once = (size(cheque=cheque, cheque_weight=weight) for cheque in (400, 200))
    assert twice / once == pytest.approx(more)


@pytest.mark.parametrize("planned, until, burn", [(6.0, 8106, 5_000_000), (7.5, 8107, 4_000_000)])
def test_all_money_is_to_last_until_the_plan_ends(planned, until, burn):
    """Of 30 million, what was there before the round among it."""
    (firm,) = rows(STARTUP, cash=30 * MILLION, planned=planned, burn=1, plan_until=8101)
    rounds.close_round(firm=firm, stage=Stage.B, post=9.0, effort=0.5, chance=Chance(1, 8100))
    assert (firm.plan_until, firm.burn) == (until, burn)


@pytest.mark.parametrize("best, price", [(90.0, 80.0), (75.0, 65.0), (60.0, 45.0)])
def test_who_is_taken_for_a_name_pays_by_the_bids_below_its_own(best, price):
    """Others bid 80, 65 and 100: the founder leaves what is above, and a quarter where nothing is below."""
    assert rounds.post_money(rivals=np.array([80.0, 65.0, 100.0]), best=best, margin=0.25) == price


DEALS = params(
    Params,
    margin=0.25,
    largest_dilution=0.5,
    largest_ticket=0.5,
    lead_share=0.4,
    join_chance=1.0,
    pro_rata_times=1.0,
    smallest_follow_on=100_000.0,
    syndicate_price=0.9,
    syndicate_share=0.5,
    smallest_ticket=500_000.0,
    smallest_fill=0.5,
    last_follow_on_quarters=4.0,
    effort_cost=1.0,
    effort_on_losses=0.5,
)


def yuan(amounts):
    """Whole yuan, which powers, taken by logs, may miss by one or two."""
    return pytest.approx(amounts, abs=2)


def closed(posts, money=100 * MILLION, insider=None, of=(250,), cover=NO_COVER, terms=DEALS, quarter=8100, **stakes):
    """A startup that has sought 20 m for a round A for half a year, after the first of the firms that bid `posts`
    (million) led its round.

    Fund g has `money` (one number, or one a fund) in cash. The fund `insider` has stakes of so many shares in 1000 of
    the startup, all alike but for the columns of `stakes`. Returns (startup, new stakes, Capital).
    """
    n = len(posts)
    firm = {"stage": Stage.SEED, "rounds": 1, "seeking": 8098, "need": 20 * MILLION, "planned": 8.0}
    startups = rows(STARTUP, id=7, shares=1000, pool_shares=1, **firm)
    funds = rows(FUND, n, id=np.arange(n), gp=np.arange(n), vintage=8090, life=40, cash=money, committed=money)
    holdings = rows(HOLDING, 16)
    doors = capital(funds=funds, gps=rows(GP, n, id=np.arange(n), fund=np.arange(n), registered=0.5))
    doors = doors._replace(holdings=holdings)
    if insider is not None:
        old = rows(HOLDING, len(of), **({"holder": insider, "shares": of, "amount": MILLION} | stakes))
        old.next = [*range(1, len(of)), NOBODY]
        holdings[: len(of)], startups.first_holding, doors.holdings_count[0] = old, 0, len(of)
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
    assert (firm.stage, firm.rounds, firm.last_round) == (Stage.A, 2, 8100)
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


@pytest.mark.parametrize("times, parts", [(1.0, [15, 5]), (2.0, [10, 10]), (3.0, [8, 12])])
def test_insiders_take_so_many_times_their_pro_rata_of_what_the_lead_leaves(times, parts):
    """A quarter of 20 m, up to the 12 that the lead does not want; it adds what they leave."""
    _, stakes, _ = closed([100, 1], insider=1, terms=DEALS._replace(pro_rata_times=times))
    assert stakes.holder.tolist() == [0, 1]
    assert stakes.amount.tolist() == yuan([part * MILLION for part in parts])


@pytest.mark.parametrize(
    ("stakes", "part"),
    [
        ({"of": (100, 150)}, 5),
        ({"of": (50, 100, 100)}, 5),
        ({"of": (100, 150), "route": [Route.HELD, Route.TRANSFER]}, 2),  # a stake that was sold counts no more
        ({"of": (100, 150), "investor": [Investor.FUND, Investor.ANGEL]}, 2),  # nor one of an angel
        ({"of": (100, 150), "holder": [1, 0]}, 2),  # nor one of another fund
    ],
    ids=["two", "three", "sold", "an angel's", "another's"],
)
def test_the_pro_rata_of_a_fund_is_of_all_its_stakes(stakes, part):
    """A quarter of 20 m, or a tenth; the lead takes the rest."""
    _, new, _ = closed([100, 1], insider=1, **stakes)
    assert new.holder.tolist() == [0, 1]
    assert new.amount.tolist() == yuan([(20 - part) * MILLION, part * MILLION])


def test_a_fund_is_asked_once_however_many_stakes_it_has():
    _, new, _ = closed([100, 1], insider=1, of=(100, 150), terms=DEALS._replace(pro_rata_times=0.4))
    assert new.amount.tolist() == yuan([18 * MILLION, 2 * MILLION])


def test_stakes_note_what_was_asked_and_since_when_it_was_sought():
    """Also where more was raised, and by all of a round."""
    firm, stakes, _ = closed([100, 100, 100], terms=DEALS._replace(ownership=(0.4,) * 6, ownership_weight=1.0))
    assert firm.need == 0 and stakes.amount.sum() == yuan(40 * MILLION)
    assert stakes.asked.tolist() == [20 * MILLION] * 3 and stakes.sought.tolist() == [8098] * 3


@pytest.mark.parametrize("quarter, funds", [(8125, 2), (8126, 1)])
def test_insiders_follow_on_until_late_in_the_life_of_their_fund(quarter, funds):
    """Four quarters before its end they stop."""
    assert len(closed([100, 1], insider=1, quarter=quarter)[1]) == funds


def test_a_round_is_new_to_the_lead_and_not_to_an_insider():
    _, stakes, doors = closed([100, 1], insider=1)
    assert (stakes.first.tolist(), doors.gps.deals.tolist()) == ([1, 0], [1, 0])


def test_what_is_paid_into_a_new_company_is_off_the_account_of_all_who_pay_it():
    assert closed([100, 100, 100])[2].gps.account.tolist() == yuan([-8 * MILLION, -6 * MILLION, -6 * MILLION])


@pytest.mark.parametrize("insider, account", [(1, [-15 * MILLION, 0]), (0, [0, -6 * MILLION])])
def test_what_is_paid_into_a_company_of_its_own_comes_out_of_reserves(insider, account):
    """Whether it joins or leads: no account is drawn down by it."""
    bids = [100, 1] if insider else [100, 100]
    assert closed(bids, insider=insider)[2].gps.account.tolist() == yuan(account)


def test_no_fund_puts_too_much_into_one_company_and_a_round_half_pledged_happens():
    _, stakes, _ = closed([100], money=20 * MILLION)
    assert stakes.amount.tolist() == yuan([10 * MILLION])
    firm, stakes, _ = closed([100], money=20 * MILLION - 2)
    assert len(stakes) == 0 and (firm.stage, firm.need) == (Stage.SEED, 20 * MILLION)


@pytest.mark.parametrize(
    "cover, effort",
    [
        ({"share": np.zeros(6)}, 0.5),
        ({}, 0.5 / 1.5 * 0.75),  # half of what is put in may be lost: gain 1 - 0.5, and a quarter less
        ({"project_cap": 2e6}, 0.9 / 1.9 * 0.95),  # a tenth of 20 m at most
        ({"registered": 0.5}, 0.5),  # this lead has not registered
    ],
)
def test_covered_leads_make_less_effort(cover, effort):
    """The value of a success is taken as what is raised: gain 1 - c, over gain and one, of which half is for losses."""
    terms = {"share": np.full(6, 0.5), "project_cap": np.inf, "registered": 0.6} | cover
    assert closed([100], cover=Cover(**terms))[0].effort == pytest.approx(effort)
