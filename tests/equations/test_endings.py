"""What founders learn of their venture, when they quit, what ends cost, and claims on losses."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import capital, fill, firms, params, people, rows

from sim.mechanisms.programmes import moral_hazard, venue
from sim.mechanisms.ventures import endings
from sim.mechanisms.ventures.endings import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, COMMITMENT, EXIT, FUND, GP, HOLDING, LP, PURSE, SECTOR, STARTUP
from sim.world.doors import Books
from sim.world.kinds import NEVER, NOBODY, Investor, Life, Route, Sector, Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State

MILLION = 1_000_000


def test_hope_is_the_mean_of_what_was_seen_and_of_the_first_guess():
    # A first guess of 0.1 that weighs as four quarters, then -0.1, 0 and 0.3 seen: 0.6 / 7
    hope = 0.1
    for age, growth in enumerate((-0.1, 0.0, 0.3)):
        hope = endings.new_hope(hope, growth, age, 5.0)
    assert hope == pytest.approx((4 * 0.1 - 0.1 + 0.0 + 0.3) / 7)


def test_hope_comes_to_the_truth():
    hope = 1.0
    for age in range(4000):
        hope = endings.new_hope(hope, -0.02, age, 5.0)
    assert hope == pytest.approx(-0.02, abs=2e-3)


QUIT = params(Params, project_quarters=8.0, outside_multiple=2.0, quit_rate=0.3, quit_noise=0.5)


def test_chance_to_quit_by_hand():
    # Sales of 0.2 m that grow 5 percent a quarter for 8 quarters, against twice a wage of 0.3 m.
    short = math.log(600e3) - (math.log(200e3) + 8 * 0.05)
    assert endings.chance_to_quit(math.log(200e3), 0.05, 1.0, 0.0, 300e3, QUIT) == pytest.approx(
        0.3 / (1 + math.exp(-short / 0.5))
    )
    assert endings.chance_to_quit(math.log(600e3), 0.0, 1.0, 0.0, 300e3, QUIT) == pytest.approx(0.15)


def test_a_founder_counts_what_investors_leave():
    """Half of the stock, after preferences worth 0.4 m of sales:

    1.6 m of sales are the 0.6 m that the wage outside stands for.
    """
    assert endings.chance_to_quit(math.log(1.6e6), 0.0, 0.5, 0.4e6, 300e3, QUIT) == pytest.approx(0.15)
    assert endings.chance_to_quit(math.log(0.3e6), 0.0, 0.5, 0.4e6, 300e3, QUIT) == pytest.approx(0.3)  # under water


def test_founders_quit_for_low_sales_low_hope_and_high_wages():
    chance = endings.chance_to_quit(12.0, 0.0, 1.0, 0.0, 300e3, QUIT)
    assert endings.chance_to_quit(13.0, 0.0, 1.0, 0.0, 300e3, QUIT) < chance
    assert endings.chance_to_quit(12.0, 0.1, 1.0, 0.0, 300e3, QUIT) < chance
    assert endings.chance_to_quit(12.0, 0.0, 1.0, 0.0, 600e3, QUIT) > chance
    assert endings.chance_to_quit(0.0, -1.0, 1.0, 0.0, 300e3, QUIT) <= 0.3


def test_worth_by_hand():
    # 5 x sales of 20 m, at most the market; an idea is worth 30 percent of a product
    firm = {"traction": math.log(20e6), "market": math.log(1e9)}
    assert endings.worth(rows(STARTUP, progress=1.0, **firm)[0], 5.0) == pytest.approx(100e6)
    assert endings.worth(rows(STARTUP, progress=0.0, **firm)[0], 5.0) == pytest.approx(30e6)
    assert endings.worth(rows(STARTUP, progress=1.0, **(firm | {"market": math.log(8e6)}))[0], 5.0) == pytest.approx(
        40e6
    )


# ---------------------------------------------------------------- failure


def failed(debt_lever=1.0, stigma_lever=1.0, response=0.0, **startup):
    """A venture of a founder who earns 0.4 m a year elsewhere, after the quarter; with its fund and its founder."""
    firm = {
        "life": Life.ALIVE,
        "founder_shares": 60,
        "shares": 100,
        "first_holding": 0,
        "raised": 5 * MILLION,
        "rounds": 1,
        "born": 8090,
        "traction": math.log(1e9),
    }
    startups = rows(STARTUP, **(firm | startup))
    holdings = rows(HOLDING, shares=40, amount=5 * MILLION, next=NOBODY)
    funds, ended, treasury, flows = rows(FUND), rows(EXIT), rows(CASH), new_flows()
    (wealth, ids, debt, bonus), efficiency = np.zeros((4, 1), np.int64), np.ones(1)
    terms = QUIT._replace(quit_rate=1.0, learning_lag=5.0, distress_quarters=2.0, debt_share=0.5, subsistence=0.25)
    count = endings._fail(
        1,
        8100,
        startups,
        rows(SECTOR, wage=100_000.0, multiple=5.0),
        holdings,
        funds,
        rows(GP),
        wealth,
        ids,
        debt,
        efficiency,
        bonus,
        ended,
        0,
        np.full(3, debt_lever),
        np.full(3, stigma_lever),
        0.1,
        moral_hazard.Params(response, 0.0),
        terms,
        flows,
        treasury,
        firms(startups=startups),
        capital(holdings, funds=funds),
        people()._replace(wealth=wealth, id=ids),
        Books(flows, treasury),
    )
    assert startups.cash[0] == startup.get("cash", 0) - flows.sum()
    return count, startups[0], funds.cash[0], wealth[0], debt[0], efficiency[0]


def test_unpaid_wages_are_the_end():
    # 1 m left goes to the fund, which paid 5 m; the debt is half a wage, at most 0.2 of money raised and of the wage.
    count, firm, to_fund, to_founder, debt, efficiency = failed(due=1, cash=MILLION)
    assert (count, firm.life, firm.ended) == (1, Life.FAILED, 8100)
    assert (to_fund, to_founder) == (MILLION, 0)
    assert debt == 200_000
    assert efficiency == pytest.approx(0.9)


def test_forgiveness_acts_on_debt_and_stigma():
    *_, debt, efficiency = failed(0.5, 0.0, due=1)
    assert debt == 100_000
    assert efficiency == 1.0


def test_forgiveness_tempts_to_give_up_by_hand():
    # Half of a debt of 0.4 yearly wages and all of a stigma of 0.1 are forgiven; the response is 2.
    hazard = moral_hazard.Params(2.0, 0.0)
    assert moral_hazard.tempted(0.4, 0.1, 0.5, 0.0, hazard) == pytest.approx(math.exp(2 * (0.2 + 0.1)))
    assert moral_hazard.tempted(0.4, 0.1, 1.0, 1.0, hazard) == 1.0


def test_only_what_investors_would_claim_tempts_to_default():
    """A venture whose sales just carry the wage outside:

    with investors, strong temptation ends it; without, there is no debt to be forgiven.
    """
    going = {"cash": MILLION, "burn": MILLION, "traction": math.log(6e6), "hope": 0.0, "growth": 0.0}
    assert failed(0.0, 0.0, 20.0, **going)[1].life == Life.FAILED
    assert failed(1.0, 1.0, 20.0, **going)[1].life == Life.ALIVE
    assert failed(0.0, 0.0, 20.0, **(going | {"rounds": 0}))[1].life == Life.ALIVE


def closings(attachment_sd, n=40_000, quarters=6):
    """Hazard a quarter of so many like ventures without a round, whose sales neither grow nor shrink and stand for
    half the wage outside.
    """
    firm = {
        "life": Life.ALIVE,
        "first_holding": NOBODY,
        "founder_shares": 1,
        "shares": 1,
        "born": 8100,
        "cash": MILLION,
        "traction": math.log(200e3),
    }
    startups = rows(STARTUP, n, id=np.arange(n), founder=np.arange(n), founder_id=np.arange(n), **firm)
    terms, money, ones = (
        QUIT._replace(learning_lag=5.0, attachment_sd=attachment_sd),
        np.zeros((4, n), np.int64),
        np.ones(3),
    )
    ended, founders, treasury, flows = rows(EXIT, n), np.zeros(n, np.int64), rows(CASH), new_flows()
    count, hazard = 0, []
    for quarter in range(8101, 8101 + quarters):
        before = count
        count = endings._fail(
            1,
            quarter,
            startups,
            rows(SECTOR, wage=25_000.0, multiple=5.0),
            rows(HOLDING),
            rows(FUND),
            rows(GP),
            money[0],
            founders,
            money[1],
            np.ones(n),
            money[2],
            ended,
            count,
            ones,
            ones,
            0.1,
            moral_hazard.Params(0.0, 0.0),
            terms,
            flows,
            treasury,
            firms(startups=startups),
            capital(rows(HOLDING)),
            people()._replace(wealth=money[0], id=founders),
            Books(flows, treasury),
        )
        hazard.append((count - before) / (n - before))
    return np.array(hazard)


def test_who_is_attached_to_independence_stays():
    """The hazard falls with time where founders differ, as by hand over the normal law; where they do not it stays.
    Three standard errors are 0.007.
    """
    assert closings(0.0) == pytest.approx(np.full(6, 0.15), abs=0.008)
    z, weight = np.polynomial.hermite_e.hermegauss(60)
    h = 0.3 / (1 + np.exp(1.5 * z / 0.5))
    alive = weight[:, None] * (1 - h[:, None]) ** np.arange(6)
    by_hand = (alive * h[:, None]).sum(0) / alive.sum(0)
    assert by_hand[5] < 0.6 * by_hand[0]
    assert closings(1.5) == pytest.approx(by_hand, abs=0.008)


def test_covered_investors_close_earlier_by_hand():
    # Two funds hold stakes from seed and A, the first is registered; the third stake was sold.
    firm = rows(STARTUP, first_holding=0)[0]
    holdings = rows(
        HOLDING, 3, stage=[Stage.SEED, Stage.A, Stage.B], holder=[0, 1, 0], route=[0, 0, 4], next=[1, 2, NOBODY]
    )
    funds, gps, cover = (
        rows(FUND, 2, gp=[0, 1]),
        rows(GP, 2, registered=[0.2, 0.9]),
        np.array([0.0, 0.6, 0.8, 0.9, 0.0, 0.0]),
    )
    assert moral_hazard.covered(firm, holdings, funds, gps, cover, 0.5) == 0.6
    assert moral_hazard.covered(firm, holdings, funds, gps, cover, 1.0) == 0.8
    assert moral_hazard.covered(firm, holdings, funds, gps, cover, 0.0) == 0.0
    assert moral_hazard.hurried(0.6, moral_hazard.Params(0.0, 0.5)) == pytest.approx(1.3)


def test_nobody_asks_a_debt_for_a_venture_without_investors():
    *_, debt, _ = failed(due=1, raised=0, rounds=0)
    assert debt == 80_000  # 0.2 of a wage


def test_funded_ventures_with_sales_go_on():
    assert failed(cash=MILLION)[1].life == Life.ALIVE
    assert failed(cash=24_999)[1].life == Life.FAILED  # less than a quarter of a quarter's wage
    assert failed(cash=20_000, revenue=5_000)[1].life == Life.ALIVE


# ---------------------------------------------------------------- listing

BOARDS = params(Params, ipo_value=1e9, ipo_revenue=300e6, ipo_wait_quarters=3.0, ipo_city_share=0.1)


def filed(value, venue_open=False, sales=0.0, queued=NEVER, **startup):
    """Quarter of filing and board of a venture worth `value` yuan after a look at the thresholds; the venue's are a
    half of the boards'.
    """
    firm = {
        "life": Life.ALIVE,
        "stage": Stage.B,
        "progress": 1.0,
        "market": 30.0,
        "traction": math.log(value / 5.0),
        "revenue": int(sales / 4),
    }
    startups = rows(STARTUP, **(firm | {"queued": queued} | startup))
    endings._file(8100, startups, rows(SECTOR, multiple=5.0), venue_open, 0.5, BOARDS)
    return startups.queued[0], startups.board[0]


def test_who_files_and_where():
    assert filed(2e9) == filed(0.1e9, sales=400e6) == (8100, 0)
    assert filed(0.9e9) == filed(2e9, stage=Stage.A) == filed(2e9, life=Life.FAILED) == (NEVER, 0)
    assert filed(0.9e9, venue_open=True) == filed(0.1e9, venue_open=True, sales=200e6) == (8100, 1)
    assert filed(2e9, queued=8090) == filed(2e9, venue_open=True, queued=8090, board=1) == (8090, 0)


def test_who_falls_below_the_thresholds_withdraws():
    assert filed(0.9e9, queued=8090) == filed(0.9e9, queued=8090, board=1) == (NEVER, 0)
    assert filed(0.9e9, venue_open=True, queued=8090) == (8090, 1)
    assert filed(0.4e9, venue_open=True, queued=8090) == (NEVER, 0)


def test_the_first_to_file_list_first():
    """Two places; who filed two quarters ago is worth most and has not waited three quarters, of two of one quarter
    the older venture goes.
    """
    state, levers = State(Persons(1)), Levers(["PD"], ["ai"])
    fill(
        state.startups,
        rows(
            STARTUP,
            5,
            id=[5, 4, 3, 2, 1],
            life=Life.ALIVE,
            queued=[8098, 8095, 8095, 8094, NEVER],
            traction=[30.0, 25.0, 24.0, 20.0, 30.0],
        ),
    )
    terms = {"endings": BOARDS, "venue": params(venue.Params)}
    model = SimpleNamespace(
        state=state,
        levers=levers,
        params=terms,
        quarter=8100,
        conditions=SimpleNamespace(ipo=20.0),
        scale=1.0,
        city=SimpleNamespace(first=8000),
    )
    assert endings._admitted(model).tolist() == [3, 2]


# ---------------------------------------------------------------- the end of a fund


def ended(**startup):
    """(paid to the fund, route, number of stakes after) of 40 percent of a firm worth 20 m, 5 m put in, when its fund
    ends.
    """
    firm = {
        "life": Life.ALIVE,
        "shares": 100,
        "raised": 5 * MILLION,
        "post_money": 50 * MILLION,
        "queued": NEVER,
        "first_holding": 0,
    }
    startups = rows(STARTUP, **(firm | {"traction": math.log(4e6), "market": 20.0, "progress": 1.0} | startup))
    holdings = rows(HOLDING, 2, shares=40, amount=5 * MILLION, next=NOBODY)
    funds = rows(FUND, vintage=8072, life=28, ended=NEVER, first_commitment=NOBODY)
    treasury, flows = rows(CASH), new_flows()
    count = endings._end_funds(
        1,
        8100,
        startups,
        rows(SECTOR, multiple=5.0),
        holdings,
        1,
        funds,
        rows(GP, patient=NOBODY, fund=NOBODY),
        rows(LP),
        rows(COMMITMENT),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
        params(Params, transfer_discount=0.25, extension_quarters=8.0),
        flows,
        treasury,
        firms(startups=startups),
        capital(holdings, funds=funds),
        people(),
        Books(flows, treasury),
    )
    assert funds.cash[0] == flows.sum() == -treasury.world[0]
    return funds.cash[0] / MILLION, Route(holdings.route[0]), count


def test_a_fund_at_its_end_sells_what_is_worth_more_than_was_put_in():
    assert ended() == (pytest.approx(6.0, abs=1e-5), Route.TRANSFER, 2)  # 40 percent of 20 m, less a quarter
    assert ended(post_money=10 * MILLION) == (
        pytest.approx(3.0, abs=1e-5),
        Route.TRANSFER,
        2,
    )  # a low last price counts
    assert ended(raised=21 * MILLION) == (0.0, Route.WRITE_OFF, 2)


def test_a_fund_waits_for_a_firm_in_the_queue():
    assert ended(queued=8099) == (0.0, Route.HELD, 1)


# ---------------------------------------------------------------- claims on losses


def claimed(
    losses,
    quarter=8101,
    cash=100 * MILLION,
    compensated=0,
    registered=0.2,
    audit=0.0,
    gaming=0.0,
    overstatement=0.0,
    caps=(np.inf, np.inf),
):
    """Compensation at 30 percent to funds of two firms for `losses` (million, by firm) on one startup, and the state."""
    state = State(Persons(1))
    state.flows = new_flows()
    n = len(losses)
    lost = rows(
        HOLDING,
        n,
        amount=np.array(losses, np.int64) * MILLION,
        stage=Stage.SEED,
        investor=Investor.FUND,
        holder=np.arange(n),
    )
    fill(state.holdings, lost)
    fill(state.funds, rows(FUND, 2, gp=[0, 1]))
    fill(state.gps, rows(GP, 2, id=[0, 1], registered=registered, compensated=compensated))
    fill(state.purses, rows(PURSE, cash=cash))
    fill(state.treasury, rows(CASH))
    levers = Levers(["PD"], ["ai"])
    levers.move("loss_cover", 0.3, Stage.SEED, payer=0)
    levers.move("loss_registered", 0.5)
    levers.move("loss_audit", audit)
    levers.move("loss_project_cap", caps[0])
    levers.move("loss_investor_cap", caps[1])
    terms = params(Params, gaming=gaming, overstatement=overstatement)
    endings._claims(
        SimpleNamespace(state=state, levers=levers, params={"endings": terms}, quarter=quarter, seed=1), np.arange(n)
    )
    paid = state.funds.used.cash
    assert (
        paid.sum()
        == state.flows[Transaction.COMPENSATION, Sector.GOVERNMENT, Sector.FUNDS]
        == cash - state.purses.used.cash[0]
    )
    assert paid.sum() == state.purses.used.spent[0]
    return (paid[:n] / MILLION).tolist(), state


def test_claims_by_hand():
    assert claimed([10, 20])[0] == [3.0, 6.0]
    assert claimed([10, 20], caps=(5 * MILLION, np.inf))[0] == [3.0, 2.0]  # a firm's cap is shared
    assert claimed([10, 20], caps=(np.inf, 4 * MILLION))[0] == [3.0, 4.0]
    assert claimed([10, 20], caps=(np.inf, 4 * MILLION), compensated=3 * MILLION)[0] == [1.0, 1.0]
    assert claimed([10, 20], cash=7 * MILLION)[0] == [3.0, 4.0]  # while the purse lasts
    assert claimed([10, 20], registered=0.7)[0] == [0.0, 0.0]


def test_audits_find_overstated_claims():
    assert claimed([10], gaming=1.0, overstatement=0.5)[0] == [4.5]
    assert claimed([10], gaming=1.0, overstatement=9.0)[0] == [10.0]  # never more than the loss
    assert claimed([10], gaming=1.0, overstatement=0.5, audit=1.0)[0] == [0.0]


def test_caps_of_investors_begin_anew_each_year_even_without_losses():
    assert claimed([10], quarter=8100, caps=(np.inf, 4 * MILLION), compensated=3 * MILLION)[0] == [3.0]
    _, state = claimed([], quarter=8100, compensated=3 * MILLION)
    assert state.gps.used.compensated.tolist() == [0, 0]
