"""Investors ask their money back: who is paid, who is wound up, and what that costs the founder."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import NO_COVER, books, capital, ends, firms, params, people, rows

from sim.mechanisms.capital import redemption
from sim.mechanisms.capital.redemption import Params, Terms
from sim.mechanisms.programmes import moral_hazard
from sim.mechanisms.programmes.compensation import Cover
from sim.mechanisms.ventures.endings import FailureTerms
from sim.world.accounts import Transaction
from sim.world.columns import FUND, GP, HOLDING, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.kinds import NOBODY, Investor, Life, Route, Sector, Stage

MILLION = 1_000_000


def asked(closure=0.0, settlement=1.0, cover=NO_COVER, debt_share=0.5, claims=None, bought=8092, **startup):
    """A venture for which a fund paid 10 m two years ago, to be asked back from now on at 10 percent a year, and an
    angel 1 m; the founder earns 0.4 m a year elsewhere. `claims` come before the owners of one wound up.
    """
    firm = {"cash": 20 * MILLION, "burn": MILLION, "rounds": 1, "first_holding": 0, "raised": 11 * MILLION}
    startups = rows(STARTUP, **(firm | {"shares": 100, "founder_shares": 80} | startup))
    stakes = rows(
        HOLDING,
        2,
        amount=[10 * MILLION, MILLION],
        shares=[15, 5],
        quarter=bought,
        stage=Stage.SEED,
        investor=[Investor.FUND, Investor.ANGEL],
        next=[1, NOBODY],
    )
    holders, founders, over, written = (
        capital(stakes, gps=rows(GP, registered=0.2)),
        people(efficiency=1.0),
        ends(**(claims or {})),
        books(),
    )
    terms = Terms(
        params=params(
            Params,
            redemption_quarters=8.0,
            redemption_rate=1.0,
            redemption_return=0.1,
            redemption_closure=closure,
            settlement=settlement,
            reserve_quarters=4.0,
            rest_quarters=3.0,
            founder_liability=0.1,
            liability_cap=2.0,
        ),
        debt_share=debt_share,
        failure=FailureTerms(np.full(3, 0.5), np.full(3, 0.0), 0.1, moral_hazard.Params(0.0, 1.0)),
        cover=cover,
    )
    n = redemption._redeem(
        chance=Chance(1, 8100),
        people=founders,
        firms=firms(startups=startups, sectors=rows(SECTOR, wage=100_000.0)),
        capital=holders,
        ends=over,
        books=written,
        terms=terms,
    )
    return SimpleNamespace(n=n, firm=startups[0], capital=holders, people=founders, ends=over, flows=written.flows)


def test_a_firm_that_can_pays_its_funds_back_with_interest():
    after = asked()
    assert after.n == 1 and after.firm.life == Life.ALIVE and after.ends.exits_count[0] == 0
    assert after.capital.funds.cash[0] == pytest.approx(12.1e6, abs=1)
    assert after.firm.cash + after.capital.funds.cash[0] == 20 * MILLION
    assert after.flows[Transaction.BUYBACK, Sector.STARTUPS, Sector.FUNDS] == after.capital.funds.cash[0]
    assert after.firm.shares == 85 and after.capital.holdings.route.tolist() == [Route.BUYBACK, Route.HELD]
    assert after.firm.redeemed == 8100


def test_a_firm_keeps_what_it_needs_to_go_on():
    assert asked(cash=16 * MILLION).firm.cash == 16 * MILLION  # 12.1 m owed, and 4 m are spent a year
    assert asked(cash=17 * MILLION).firm.cash == pytest.approx(4.9e6, abs=1)


def test_investors_take_less_than_they_are_owed_down_to_a_part():
    """Of 12.1 m owed just over half can be paid from 10.1 m, as a year of spending, 4 m, stays."""
    after = asked(settlement=0.5, cash=10_100_000)
    assert after.capital.funds.cash[0] == pytest.approx(6.1e6, abs=1) and after.firm.shares == 85
    assert after.firm.cash == pytest.approx(4e6, abs=1)
    assert asked(settlement=0.51, cash=10_100_000).firm.shares == 100


@pytest.mark.parametrize("case", [{"bought": 8093}, {"redeemed": 8098}, {"queued": 8099}, {"life": Life.LISTED}])
def test_nobody_asks_before_the_date_or_soon_again_or_in_the_queue_to_list_or_after(case):
    assert asked(**case).n == 0


@pytest.mark.parametrize("before", [{"redeemed": 8097}, {"last_round": 8099}])
def test_an_investment_has_its_date_whenever_others_were_asked_or_came_in(before):
    assert asked(**before).n == 1


def test_only_what_is_due_is_asked_back():
    """Of two funds' stakes of 10 m the one bought a quarter later stays."""
    stakes = rows(HOLDING, 2, amount=10 * MILLION, shares=10, quarter=[8093, 8092], next=[1, NOBODY])
    terms = params(Params, redemption_quarters=8.0, redemption_return=0.1)
    assert [redemption._due(stake, 8100, terms) for stake in stakes] == [False, True]
    assert redemption._owed_by(rows(STARTUP, first_holding=0)[0], stakes, 8100, terms) == pytest.approx(12.1e6)


def test_who_cannot_pay_may_be_wound_up():
    # A tenth of 11 m would be 2.75 yearly wages, more than twice the half that other failures leave; half is forgiven.
    after = asked(closure=1.0, cash=2 * MILLION)
    assert (after.firm.life, after.ends.exits_count[0]) == (Life.FAILED, 1)
    assert after.firm.claim == pytest.approx(1.0) and after.people.debt[0] == 200_000
    assert after.people.efficiency[0] == 1.0
    assert after.capital.holdings.route.tolist() == [Route.LIQUIDATION] * 2
    assert asked(closure=1.0, cash=2 * MILLION, debt_share=5.0).firm.claim == pytest.approx(2.75)
    assert asked(closure=1.0, cash=4 * MILLION).firm.life == Life.ALIVE  # a year of spending is enough


def test_staff_and_creditors_come_before_the_investors_who_close_a_firm():
    """Of 2 m four heads with wages of 0.12 m a quarter, as much as the founder draws, get a month's pay for each of
    2.25 years, and creditors a quarter's spending.
    """
    claims = {"severance_years": 6.0, "creditors_quarters": 1.0}
    staff = {"headcount": 4, "payroll": 600_000, "born": 8091}
    after = asked(closure=1.0, claims=claims, cash=2 * MILLION, **staff)
    assert after.flows[Transaction.SEVERANCE, Sector.STARTUPS, Sector.PERSONS] == after.ends.staff[0] == 360_000
    assert after.flows[Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD] == MILLION
    assert after.capital.holdings.proceeds.sum() == 2 * MILLION - 360_000 - MILLION


def test_covered_investors_close_earlier():
    """Chance 0.1 doubles under full cover:

    about 400 of 2,000 firms, where the standard error is 18, against 200.
    """
    cover = Cover(np.full(6, 1.0), np.inf, 0.5)
    poor = {"closure": 0.1, "cash": 2 * MILLION}
    closed = [
        sum(asked(cover=c, id=16 * i, **poor).firm.life == Life.FAILED for i in range(2000)) for c in (NO_COVER, cover)
    ]
    assert closed == [pytest.approx(200, abs=60), pytest.approx(400, abs=75)]


def test_cover_by_hand():
    # Two funds hold stakes from seed and A, the first is registered; the third stake was sold.
    firm = rows(STARTUP, first_holding=0)[0]
    stages, route = [Stage.SEED, Stage.A, Stage.B], [Route.HELD, Route.HELD, Route.TRANSFER]
    holders = capital(
        rows(HOLDING, 3, stage=stages, holder=[0, 1, 0], route=route, next=[1, 2, NOBODY]),
        funds=rows(FUND, 2, gp=[0, 1]),
        gps=rows(GP, 2, registered=[0.2, 0.9]),
    )
    share = np.array([0.0, 0.6, 0.8, 0.9, 0.0, 0.0])
    for registered, covered in ((0.5, 0.6), (1.0, 0.8), (0.0, 0.0)):
        assert moral_hazard.covered(firm, holders, Cover(share, np.inf, registered)) == covered
    assert moral_hazard.hurried(0.6, moral_hazard.Params(0.0, 0.5)) == pytest.approx(1.3)
