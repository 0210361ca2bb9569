"""Who buys a venture, out of what budget, and at what price."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import books, capital, ends, firms, params, people, rows

from sim.mechanisms.capital import acquisitions
from sim.mechanisms.capital.acquisitions import Params, Terms
from sim.mechanisms.ventures import going_concern
from sim.world.accounts import Transaction
from sim.world.columns import CORPORATE, FUND, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance, Decision, normal
from sim.world.kinds import NOBODY, Investor, Life, Route, Sector

MILLION = 1_000_000
RULES = params(
    Params,
    sale_rate=1.0,
    fund_end_rate=1.0,
    distress_sale_rate=1.0,
    synergy=math.log(1.5),
    running_ask=1.25,
    fund_end_ask=0.5,
    distress_ask=0.1,
    fund_end_quarters=8.0,
    worth_of_a_head=500_000.0,
    budget_of_a_head=150_000.0,
    budget_years=3.0,
    looks=40.0,
    cash_share=0.5,
)


def terms(openness=(0.0, 0.0), acquired=1.0, level=1.0, **rules):
    """Corporates that pay half more than a venture is worth by itself, but for the rules given."""
    return Terms(
        params=RULES._replace(**rules),
        concern=going_concern.Params(0.3),
        distress_quarters=2.0,
        openness=np.array(openness),
        acquisitions=np.full(2, acquired),
        level=level,
    )


BUYER = {"cash": 10 * MILLION, "acquisition_budget": 1000 * MILLION, "openness": 0.5, "sector": 1, "district": 1}


def market(rules=None, buyers=1, buyer=None, fund_life=40, **startup):
    """A venture worth 100 m for which a fund paid 10 m for a quarter, after the quarter; its corporates, `buyers` in
    number, are of another field and place and as open as is normal where `buyer` does not say otherwise.
    """
    firm = {
        "traction": math.log(20e6),
        "market": math.log(1e9),
        "progress": 1.0,
        "rounds": 1,
        "raised": 10 * MILLION,
        "post_money": 80 * MILLION,
        "shares": 80,
        "founder_shares": 60,
        "first_holding": 0,
        "headcount": 10,
        "revenue": MILLION,
        "cash": 700,
        "burn": 100,
    }
    startups = rows(STARTUP, **(firm | startup))
    corporates = rows(CORPORATE, buyers, **(BUYER | (buyer or {})))
    holders = capital(rows(HOLDING, shares=20, amount=10 * MILLION), funds=rows(FUND, vintage=8072, life=fund_life))
    founders, over, written = people(), ends(), books()
    acquisitions._sell(
        chance=Chance(1, 8100),
        people=founders,
        firms=firms(startups=startups, sectors=rows(SECTOR, 2, multiple=5.0), corporates=corporates),
        capital=holders,
        ends=over,
        books=written,
        terms=rules or terms(),
    )
    exit_ = over.exits[0]
    return SimpleNamespace(
        firm=startups[0],
        sold=bool(over.exits_count[0]),
        price=(1000 * MILLION - corporates.acquisition_budget.min()) / MILLION,
        buyer=exit_.buyer,
        corporates=corporates,
        to_fund=holders.funds.cash[0],
        route=holders.holdings.route[0],
        to_founder=founders.wealth[0],
        exit=exit_,
        flows=written.flows[Transaction.ACQUISITION],
        world=written.treasury.world[0],
    )


def million(amount):
    return pytest.approx(amount, abs=1e-5)


# ---------------------------------------------------------------- budgets


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0, 3.75),  # a quarter of 100 heads at 150,000 a year
        (20, 23.75),
        (43, 45),  # three years at most
        (60, 45),  # also where there were more heads before
    ],
)
def test_budgets_are_kept_for_some_years(before, after):
    corporates = rows(CORPORATE, headcount=100, acquisition_budget=before * MILLION)
    acquisitions._grant_budgets(corporates=corporates, level=1.0, params=RULES)
    assert corporates.acquisition_budget[0] == after * MILLION


def test_budgets_follow_the_level_of_money():
    corporates = rows(CORPORATE, headcount=100)
    acquisitions._grant_budgets(corporates=corporates, level=2.0, params=RULES)
    assert corporates.acquisition_budget[0] == 7.5 * MILLION


def test_the_pool_of_a_sector_buys_nobody():
    corporates = rows(CORPORATE, headcount=100, pool=1)
    acquisitions._grant_budgets(corporates=corporates, level=1.0, params=RULES)
    assert corporates.acquisition_budget[0] == 0
    assert not market(buyer={"pool": 1}).sold


def test_no_corporate_pays_more_than_its_budget():
    """137.5 m, half way between 125 and 150."""
    assert not market(buyer={"acquisition_budget": 137 * MILLION}).sold
    after = market(buyer={"acquisition_budget": 138 * MILLION})
    assert after.sold and after.corporates.acquisition_budget[0] == pytest.approx(500_000, abs=2)


@pytest.mark.parametrize(("budget", "buyer"), [(167, 1), (168, 0)])
def test_a_venture_goes_to_the_next_where_the_highest_bidder_cannot_afford_the_price(budget, buyer):
    """210 m of the more open, half way to 125 is 167.5 m."""
    buyers = {"openness": [0.9, 0.5], "acquisition_budget": [budget * MILLION, 500 * MILLION]}
    after = market(buyers=2, buyer=buyers)
    assert after.sold and after.buyer == buyer


# ---------------------------------------------------------------- what corporates bid


@pytest.mark.parametrize(
    ("buyer", "bid"),
    [
        ({}, 150),
        ({"sector": 0}, 300),  # twice as much in the same field
        ({"district": 0}, 225),  # half more in the same place
        ({"openness": 0.9}, 210),  # 0.5 + 0.9
        ({"sector": 0, "district": 0}, 450),
    ],
)
def test_a_bid_is_worth_with_synergy_field_place_and_openness(buyer, bid):
    after = market(terms(field=math.log(2.0), place=math.log(1.5)), buyer=buyer)
    assert after.price == million((bid + 125) / 2)


def test_programmes_open_corporates_of_a_field():
    assert market(terms(openness=(0.0, 0.4))).price == million((150 * 1.4 + 125) / 2)
    assert market(terms(openness=(0.4, 0.0))).price == million((150 + 125) / 2)


def test_luck_moves_a_bid():
    luck = math.exp(0.1 * normal(1, Decision.PRICE, 8100, 0, 1))
    assert market(terms(noise=0.1, looks=1.0)).price == million((150 * luck + 125) / 2)


def test_the_highest_bid_of_those_come_upon_buys():
    """Of four, of whom 40 looks find each but with a chance of 0.00001."""
    openness = {"openness": [0.5, 0.9, 0.7, 0.5]}
    assert market(buyers=4, buyer=openness).buyer == 1
    assert market(terms(field=math.log(2.0)), buyers=4, buyer=openness | {"sector": [1, 1, 1, 0]}).buyer == 3


def test_few_looks_find_few_corporates():
    """One look finds each of 400 with a chance of 1 in 400, and the best of all seldom."""
    buyers = {"openness": np.linspace(0.0, 1.0, 400)}
    best = [market(terms(looks=1.0, running_ask=0.1), buyers=400, buyer=buyers, id=16 * k).buyer for k in range(100)]
    assert np.mean(best) == pytest.approx(200, abs=35)  # three standard errors


def test_a_partner_is_always_asked():
    partner = {"openness": np.where(np.arange(400) == 77, 0.9, 0.5)}
    assert market(terms(looks=1.0), buyers=400, buyer=partner, partner=77).buyer == 77


def test_a_partner_buys_only_as_the_highest_bidder():
    openness = {"openness": [0.5, 0.9, 0.5, 0.5]}
    assert market(buyers=4, buyer=openness, partner=2).buyer == 1


# ---------------------------------------------------------------- what owners ask


@pytest.mark.parametrize(
    ("case", "price"),
    [
        ({}, (150 + 125) / 2),  # a running venture worth 100 m
        ({"fund_life": 32}, (120 + 40) / 2),  # at the last price of 80 m
        ({"fund_life": 32, "post_money": 200 * MILLION}, (150 + 50) / 2),  # or at its worth, where that is lower
        ({"burn": 400}, (13.5 + 0.9) / 2),  # ten heads at 0.5 m and a year's sales of 4 m
        ({"burn": 400, "fund_life": 32}, (13.5 + 0.9) / 2),  # distress comes first
        ({"burn": 400, "traction": math.log(MILLION)}, (7.5 + 0.5) / 2),  # of a venture worth less than it can show
    ],
)
def test_the_price_is_half_way_between_bid_and_ask(case, price):
    assert market(**case).price == million(price)


def test_the_team_is_worth_more_at_a_higher_level_of_money():
    assert market(terms(level=2.0), burn=400).price == million((1.5 + 0.1) * 14 / 2)


@pytest.mark.parametrize(
    ("case", "least"),
    [({}, 1.25), ({"fund_life": 32}, 0.5), ({"burn": 400}, 0.1)],
    ids=["running", "fund ends", "distress"],
)
def test_nobody_sells_below_the_ask(case, least):
    assert not market(terms(synergy=math.log(0.99 * least)), **case).sold
    assert market(terms(synergy=math.log(1.01 * least)), **case).sold


def test_a_fund_s_last_years_sell_what_would_not_be_sold_otherwise():
    modest = terms(synergy=0.0)
    assert not market(modest, fund_life=37).sold  # nine quarters before its end
    assert market(modest, fund_life=36).sold


@pytest.mark.parametrize(
    "stake",
    [{"investor": Investor.ANGEL}, {"investor": Investor.PATIENT}, {"route": Route.TRANSFER}, {"holder": NOBODY}],
    ids=["an angel", "the government's fund", "a fund that has sold", "a stranger"],
)
def test_no_fund_of_an_investor_ends_where_the_stake_is_of(stake):
    holders = capital(rows(HOLDING, **stake), funds=rows(FUND, vintage=8072, life=28))
    firm = rows(STARTUP, first_holding=0)[0]
    assert not acquisitions.ends_soon(firm=firm, capital=holders, quarter=8100, params=RULES)


def test_one_fund_that_ends_soon_is_enough():
    holders = capital(
        rows(HOLDING, 2, holder=[0, 1], next=[1, NOBODY]), funds=rows(FUND, 2, vintage=8072, life=[40, 28])
    )
    firm = rows(STARTUP, first_holding=0)[0]
    assert acquisitions.ends_soon(firm=firm, capital=holders, quarter=8100, params=RULES)


# ---------------------------------------------------------------- who is offered

CASES = {"sale_rate": {}, "fund_end_rate": {"fund_life": 32}, "distress_sale_rate": {"burn": 400}}


@pytest.mark.parametrize("rate", CASES)
def test_each_rate_is_of_its_case(rate):
    never = dict.fromkeys(CASES, 0.0)
    assert [name for name, case in CASES.items() if market(terms(**(never | {rate: 1.0})), **case).sold] == [rate]


@pytest.mark.parametrize(("factor", "share"), [(1.0, 0.3), (1.5, 0.45), (0.0, 0.0)])
def test_programmes_bring_ventures_to_the_market(factor, share):
    """Of 1,000; three standard errors are 0.047."""
    rules = terms(acquired=factor, sale_rate=0.3)
    sold = [market(rules, id=16 * k).sold for k in range(1000)]
    assert np.mean(sold) == pytest.approx(share, abs=0.048)


@pytest.mark.parametrize(
    "startup", [{"rounds": 0}, {"progress": 0.9}, {"queued": 8099}, {"life": Life.FAILED}, {"life": Life.LISTED}]
)
def test_only_funded_ventures_with_a_product_that_do_not_wait_to_list_are_bought(startup):
    assert not market(**startup).sold


# ---------------------------------------------------------------- who pays and gets what


def test_a_quarter_of_a_sale_is_the_fund_s_and_the_rest_the_founder_s():
    after = market()
    assert after.to_fund == pytest.approx(137_500_700 / 4, abs=2) and after.route == Route.ACQUISITION
    assert after.to_founder == pytest.approx(137_500_700 * 3 / 4, abs=2)


def test_half_of_the_buyer_s_cash_and_money_of_its_owners_are_the_price():
    """The venture's cash goes to the buyer, which pays for it."""
    after = market()
    paid = 137_500_700
    assert after.corporates.cash[0] == 5 * MILLION + 700 and after.firm.cash == 0
    assert -after.world == after.flows[Sector.WORLD, Sector.CORPORATES] == pytest.approx(paid - 5 * MILLION, abs=2)
    assert after.flows[Sector.CORPORATES].sum() == pytest.approx(paid, abs=2)


def test_a_rich_buyer_needs_no_money_of_its_owners():
    after = market(buyer={"cash": 1000 * MILLION})
    assert after.world == after.flows[Sector.WORLD].sum() == 0
    assert after.corporates.cash[0] == pytest.approx(1000 * MILLION - 137_500_000, abs=2)


def test_a_sale_is_written_down_as_an_end():
    after = market()
    row = after.exit
    assert (after.firm.life, after.firm.ended) == (Life.ACQUIRED, 8100)
    assert (row.life, row.quarter, row.buyer) == (Life.ACQUIRED, 8100, 0)
    assert row.to_investors + row.to_founders + row.to_employees == row.value == pytest.approx(137_500_700, abs=2)
