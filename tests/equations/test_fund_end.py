"""What a fund does with its stakes at its end, and that its partners are free."""

import math

import pytest
from by_hand import books, capital, firms, params, people, rows

from sim.mechanisms.capital import fund_end
from sim.mechanisms.capital.fund_end import Params
from sim.mechanisms.ventures import going_concern
from sim.world.columns import COMMITMENT, FUND, GP, HOLDING, LP, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, Route

MILLION = 1_000_000


def ended(vintage=8072, **startup):
    """(paid to the fund, million, route, stakes after) of 40 percent of a firm worth 20 m, 5 m put in, when its fund
    ends.
    """
    firm = {"shares": 100, "raised": 5 * MILLION, "post_money": 50 * MILLION, "first_holding": 0}
    startups = rows(STARTUP, **(firm | {"traction": math.log(4e6), "market": 20.0, "progress": 1.0} | startup))
    holdings = rows(HOLDING, 2, shares=40, amount=5 * MILLION)
    holders = capital(2, funds=rows(FUND, vintage=vintage, life=28))._replace(holdings=holdings)
    holders.holdings_count[0] = 1
    written = books()
    fund_end._sell_stakes(
        chance=Chance(1, 8100),
        people=people(),
        firms=firms(startups=startups, sectors=rows(SECTOR, multiple=5.0)),
        capital=holders,
        books=written,
        concern=going_concern.Params(0.3),
        params=params(Params, transfer_discount=0.25, extension_quarters=8.0),
    )
    assert holders.funds.cash[0] == written.flows.sum() == -written.treasury.world[0]
    if holders.holdings_count[0] == 2:
        assert startups.first_holding[0] == 1 and holdings.next[1] == 0
        assert (holdings.holder[1], holdings.route[1], holdings.ended[1]) == (NOBODY, Route.HELD, NEVER)
    return holders.funds.cash[0] / MILLION, Route(holdings.route[0]), holders.holdings_count[0]


def test_a_fund_at_its_end_sells_what_is_worth_more_than_was_put_in():
    assert ended() == (pytest.approx(6.0, abs=1e-5), Route.TRANSFER, 2)  # 40 percent of 20 m, less a quarter
    low = pytest.approx(3.0, abs=1e-5)
    assert ended(post_money=10 * MILLION) == (low, Route.TRANSFER, 2)  # a low last price counts
    assert ended(raised=21 * MILLION) == (0.0, Route.WRITE_OFF, 2)


def test_a_fund_waits_for_a_firm_in_the_queue():
    assert ended(queued=8099) == (0.0, Route.HELD, 1)
    assert ended(queued=8099, vintage=8065) == (0.0, Route.HELD, 1)
    assert ended(queued=8099, vintage=8064)[1] == Route.TRANSFER  # eight quarters, and no longer


def test_partners_are_released_from_what_was_not_called():
    funds = rows(FUND, 3, gp=[0, 1, 1], vintage=[8072, 8073, NEVER], life=28, first_commitment=[0, 1, NOBODY])
    gps = rows(GP, 2, fund=[0, 1])
    lps = rows(LP, unfunded=100)
    holders = capital(commitments=rows(COMMITMENT, 2, amount=50, called=20), funds=funds, gps=gps, lps=lps)
    fund_end._close(quarter=8100, capital=holders)
    assert funds.ended.tolist() == [8100, NEVER, NEVER] and gps.fund.tolist() == [NOBODY, 1]
    assert lps.unfunded[0] == 70
    fund_end._close(quarter=8101, capital=holders)
    assert funds.ended.tolist() == [8100, 8101, NEVER] and lps.unfunded[0] == 40
