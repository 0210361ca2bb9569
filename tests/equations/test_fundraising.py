"""What partners want to hold, what they promise, and on what terms the guidance fund joins."""

import math

import numpy as np
import pytest
from by_hand import books, capital, fill, params, rows

from sim.mechanisms.capital import fundraising
from sim.mechanisms.capital.fundraising import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import COMMITMENT, DISTRICT, FUND, GP, LP, PURSE
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, GPKind, LPKind, Sector, Stage
from sim.world.levers import Levers
from sim.world.state import Persons, State

MILLION = 1_000_000


def test_exposure_by_hand():
    # 5 percent of 1000, in a climate of 0.8, expecting 0.5 more than it requires
    terms, lp = params(Params, required_multiple=1.5, return_sensitivity=0.6), rows(LP, target=0.05, wealth=1000.0)[0]
    lp.expected = 2.0
    assert fundraising.wanted_exposure(lp, 0.8, terms) == pytest.approx(40 * math.exp(0.3))
    lp.expected = 1.5
    assert fundraising.wanted_exposure(lp, 1.0, terms) == pytest.approx(50.0)


NORMAL = fundraising.Climate(now=1.0, trend=1.0, foreign_capital=1.0)
TERMS = params(
    Params,
    allocation_speed=0.1,
    required_multiple=1.5,
    return_sensitivity=0.6,
    tickets=4.0,
    choice_noise=1.0,
    reputation_weight=1.0,
    smallest_promise=1.0 * MILLION,
    **{f"affinity_{kind}": (0.0,) * 4 for kind in ("private", "corporate", "foreign", "state")},
)


def market(targets, wealth=20e9, nav=0, unfunded=0):
    """Three partners (private, corporate, state) of target 5 percent, one guidance fund, and funds that raise."""
    n = len(targets)
    lps = rows(
        LP,
        4,
        id=np.arange(4),
        kind=[LPKind.PRIVATE, LPKind.CORPORATE, LPKind.STATE, LPKind.GUIDANCE],
        wealth=wealth,
        target=0.05,
    )
    lps.expected, lps.nav, lps.unfunded, lps.cash = 1.5, nav, unfunded, unfunded
    gps = rows(GP, n, id=np.arange(n))
    funds = rows(FUND, n, id=np.arange(n), gp=np.arange(n), vintage=NEVER, target=targets, first_commitment=NOBODY)
    return lps, gps, funds


def committed(lps, gps, funds, terms=TERMS, climate=NORMAL):
    """Let the partners commit; returns the commitments made."""
    doors, written = capital(commitments=64, lps=lps, gps=gps, funds=funds), books()
    before = lps.cash.sum()
    fundraising._commit(
        chance=Chance(1, 8100),
        raising=np.arange(len(funds)),
        climate=climate,
        params=terms,
        capital=doors,
        books=written,
    )
    allocated = written.flows[Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS]
    assert allocated == lps.cash.sum() - before == -written.treasury.world[0]
    return doors.commitments[: doors.commitments_count[0]]


def test_promises_by_hand():
    # Each wants 5 percent of 20 bn = 1 bn, has 0.2 + 0.3 bn, and promises a tenth of the gap in four tickets.
    lps, gps, funds = market([10**9] * 3, nav=200 * MILLION, unfunded=300 * MILLION)
    table = committed(lps, gps, funds)
    assert table.amount.tolist() == [12_500_000] * 12  # the guidance fund is asked elsewhere
    assert lps.unfunded.tolist() == [350 * MILLION] * 3 + [300 * MILLION]
    assert np.bincount(table.fund, table.amount, 3).tolist() == funds.committed.tolist()
    assert (funds.private.sum(), funds.corporate.sum(), funds.state.sum(), funds.guidance.sum()) == (
        50 * MILLION,
        50 * MILLION,
        50 * MILLION,
        0,
    )


def test_promises_lie_in_the_purse_and_never_exceed_it():
    for targets in ([10**9], [7 * MILLION, 55 * MILLION], [10**8] * 20):
        lps, gps, funds = market(targets)
        committed(lps, gps, funds)
        assert (lps.unfunded <= lps.cash).all()
        assert (funds.committed <= funds.target).all()
        assert funds.committed.sum() == lps.unfunded.sum()


def test_partners_who_hold_enough_promise_nothing():
    assert len(committed(*market([10**9], nav=1_100 * MILLION))) == 0


def test_tickets_that_are_too_small_are_not_promised():
    """A gap of 40 m, a tenth a quarter, in four tickets of one million."""
    assert len(committed(*market([10**9], wealth=800e6))) == 12
    assert len(committed(*market([10**9], wealth=799e6))) == 0


def test_partners_hurry_with_the_climate_and_foreign_ones_want_less_without_foreign_capital():
    lps, gps, funds = market([10**9])
    lps.kind[0] = LPKind.FOREIGN
    table = committed(lps, gps, funds, climate=fundraising.Climate(now=1.0, trend=0.5, foreign_capital=0.5))
    # Half or a quarter of 1 bn, twice a tenth of it a quarter, in four tickets.
    assert table.amount.tolist() == [12_500_000] * 4 + [25_000_000] * 8


def test_money_goes_to_managers_of_its_kind_and_to_larger_funds():
    """Foreign partners take the manager in dollars; all others, without kin, the fund of twice the target: twice as
    likely at a weight of one, by the logit. 4000 draws: four standard errors are 0.03.
    """
    lps, gps, funds = market([10**11] * 2, wealth=400e9)
    lps.kind[0], gps.kind[1] = LPKind.FOREIGN, GPKind.PRIVATE_DOLLAR
    terms = TERMS._replace(affinity=30.0, affinity_foreign=(-2.0, 1.0, -2.0, -2.0))
    assert set(committed(lps, gps, funds, terms).fund[:4]) == {1}
    lps, gps, funds = market([10**9, 2 * 10**9])
    terms, doors = TERMS._replace(size_weight=1.0), capital(lps=lps, gps=gps, funds=funds)
    chosen = [fundraising._choose(lps[0], 0, np.arange(2), Chance(1, quarter), terms, doors) for quarter in range(4000)]
    assert np.mean(chosen) == pytest.approx(2 / 3, abs=0.03)


def test_standing_draws_promises():
    lps, gps, funds = market([10**11] * 2, wealth=400e9)
    gps.reputation[1] = 30.0
    committed(lps, gps, funds)
    assert funds.committed[0] == 0 < funds.committed[1]


def test_fees_pay_partners():
    terms = params(Params, partners=3.0, partners_elasticity=0.5, stage_log_size=(0.0, math.log(2.0), math.log(4.0)))
    # Four times the median fund of its stages: twice the partners.
    assert [fundraising.team(money, Stage.A, terms) for money in (2.0, 8.0, 0.01)] == [3, 6, 1]


def test_firms_sit_where_rents_are_high():
    """Of rents 1 and 2, by their cube one in nine and eight in nine; by none of it one half each."""
    districts = rows(DISTRICT, 2, office_rent=[1.0, 2.0])
    for exponent, first in ((3.0, 1 / 9), (0.0, 1 / 2)):
        terms = params(Params, rent_exponent=exponent)
        assert fundraising._office_distribution(districts, terms).tolist() == pytest.approx([first, 1.0])


# ---------------------------------------------------------------- the guidance fund


def guided(cash, cap=0.2, pace=0.5, local=1, **fund):
    """A fund of 300 m promised by one partner and 100 m by another, of 1 bn, and the state, after a guidance fund with
    `cash` looked at it.
    """
    state = State(Persons(1))
    state.flows, state.guidance_lp = new_flows(), 0
    state.treasury.append(world=0)
    promised = [0, 300 * MILLION, 100 * MILLION]
    fill(
        state.lps,
        rows(LP, 3, kind=[LPKind.GUIDANCE, LPKind.PRIVATE, LPKind.CORPORATE], unfunded=promised, cash=promised),
    )
    fill(
        state.gps,
        rows(
            GP,
            raising=0,
            local=local,
            kind=fund.pop("kind", GPKind.PRIVATE_YUAN),
            reputation=fund.pop("reputation", 0.0),
        ),
    )
    fill(state.commitments, rows(COMMITMENT, 2, lp=[1, 2], fund=0, amount=promised[1:], next=[1, NOBODY]))
    raised = {
        "committed": 400 * MILLION,
        "target": 1000 * MILLION,
        "vintage": NEVER,
        "ended": NEVER,
        "first_commitment": 0,
        "opened": 8090,
    }
    fill(state.funds, rows(FUND, **(raised | fund)))
    fill(state.purses, rows(PURSE, cash=cash))
    levers = Levers(["PD"], ["ai"])
    levers.move("guidance_pace", pace, payer=0)
    for name, value in {"cap": cap, "concession": 0.3, "duty": 1.5}.items():
        levers.move(f"guidance_{name}", value)
    terms = params(
        Params, guidance_acceptance=40.0, guidance_dislike=100.0, guidance_begun=0.2, smallest_guidance=5.0 * MILLION
    )
    fundraising.guide(state, levers, terms, Chance(1, 8100))
    fund, lp, purse = state.funds.used[0], state.lps.used[0], state.purses.used[0]
    assert cash - purse.cash == purse.spent == lp.cash == lp.unfunded == fund.guidance
    assert state.flows[Transaction.GUIDANCE, Sector.GOVERNMENT, Sector.LPS] == fund.guidance
    return fund, state


def test_guidance_fund_takes_its_cap():
    fund, _ = guided(1000 * MILLION)
    assert fund.guidance == 100 * MILLION  # a fifth of 500 m
    assert fund.committed == 500 * MILLION
    assert (fund.concession, fund.duty) == (0.3, 1.5)
    assert fund.target == 1100 * MILLION  # a local fund invests here anyway


def test_the_local_duty_brings_home_what_partners_of_outside_firms_hold_elsewhere():
    fund, state = guided(1000 * MILLION, local=0)
    lps, commitments = state.lps.used, state.commitments.used
    assert fund.guidance == 100 * MILLION
    # 1.5 times as much, from the two others as they stand: three quarters and a quarter.
    assert lps.brought.tolist() == [0, 112_500_000, 37_500_000]
    assert commitments.amount.tolist() == [412_500_000, 137_500_000, 100 * MILLION]
    assert (fund.committed, fund.target) == (650 * MILLION, 1250 * MILLION)
    assert lps.unfunded.tolist() == lps.cash.tolist() == [100 * MILLION, 412_500_000, 137_500_000]
    assert (
        state.flows[Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS]
        == 150 * MILLION
        == -state.treasury.used.world[0]
    )


def test_guidance_fund_keeps_to_its_pace_and_purse():
    assert guided(60 * MILLION)[0].guidance == 30 * MILLION
    assert guided(60 * MILLION, pace=1.0)[0].guidance == 60 * MILLION
    assert guided(6 * MILLION)[0].guidance == 0  # too little to bother


def test_guidance_fund_does_not_join_everybody():
    assert guided(1000 * MILLION, committed=100 * MILLION)[0].guidance == 0  # nobody else is in yet
    assert guided(1000 * MILLION, kind=GPKind.PRIVATE_DOLLAR)[0].guidance == 0
    assert guided(1000 * MILLION, reputation=1.0)[0].guidance == 0  # who stands high declines
    assert guided(1000 * MILLION, reputation=1.0, kind=GPKind.STATE)[0].guidance > 0


CLOSING = params(
    Params,
    close_share=0.5,
    close_after_quarters=4.0,
    fail_after_quarters=8.0,
    fund_size=1000.0,
    partners=2.0,
    raise_when_quarters=10.0,
)


def test_void_promises_return_to_the_purse():
    _, state = guided(1000 * MILLION)
    fundraising.close_funds(state, CLOSING._replace(close_share=0.9), 0.2, 8100)
    fund, lp, purse = state.funds.used[0], state.lps.used[0], state.purses.used[0]
    assert (fund.ended, fund.committed, fund.guidance, lp.unfunded) == (8100, 0, 0, 0)
    fundraising.return_guidance(state, 0)
    assert (purse.cash, purse.recovered, lp.cash) == (1000 * MILLION, 100 * MILLION, 0)


@pytest.mark.parametrize("share, age, closes", [(1.0, 0, True), (0.5, 3, False), (0.5, 4, True), (0.4, 4, False)])
def test_funds_close_when_full_or_late_with_enough(share, age, closes):
    state = State(Persons(1))
    fill(state.gps, rows(GP, raising=0, fund=NOBODY, stage_low=Stage.SEED))
    fill(
        state.funds,
        rows(
            FUND,
            target=1000,
            committed=int(1000 * share),
            vintage=NEVER,
            ended=NEVER,
            opened=8100 - age,
            first_commitment=NOBODY,
        ),
    )
    fundraising.close_funds(state, CLOSING, 0.2, 8100)
    assert (state.funds.used.vintage[0] == 8100) == closes
    assert state.gps.used.fund[0] == (0 if closes else NOBODY)


def test_a_fund_plans_a_cheque_by_hand():
    """Two partners who take on a company every five quarters each find four in ten quarters:

    of 1000 yuan a quarter is kept, and each gets 187.
    """
    state = State(Persons(1))
    fill(state.gps, rows(GP, raising=0, fund=NOBODY, stage_low=Stage.SEED))
    fill(
        state.funds,
        rows(
            FUND,
            target=1000,
            committed=1000,
            reserve=0.25,
            vintage=NEVER,
            ended=NEVER,
            opened=8100,
            first_commitment=NOBODY,
        ),
    )
    fundraising.close_funds(state, CLOSING, 0.2, 8100)
    assert (state.gps.used.partners[0], state.funds.used.cheque[0]) == (2, 187)
