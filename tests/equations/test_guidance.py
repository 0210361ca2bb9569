"""On what terms the guidance fund joins private funds, and what it brings home."""

import math

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.capital import guidance, pace, venture_firms
from sim.mechanisms.capital.fundraising import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import COMMITMENT, FUND, GP, LP, PURSE
from sim.world.draws import Chance
from sim.world.kinds import NOBODY, GPKind, LPKind, Sector
from sim.world.levers import Levers
from sim.world.state import Persons, State

MILLION = 1_000_000
TERMS = params(
    Params,
    guidance_acceptance=40.0,
    guidance_dislike=100.0,
    guidance_begun=0.2,
    smallest_guidance=5.0 * MILLION,
)


def levers_of(payer=0, **moved):
    """Levers of a guidance fund that a purse pays: half of it a quarter, up to a fifth of a fund, on its terms."""
    levers = Levers(["PD"], ["ai", "bio"])
    terms = {"pace": 0.5, "cap": 0.2, "concession": 0.3, "duty": 1.5} | moved
    for name, value in terms.items():
        levers.move(f"guidance_{name}", value, payer=payer)
    return levers


def raising(n=1, cash=0, firm=(), fund=()):
    """The state in which n firms raise a fund of 1 bn each, of which a partner has promised 300 m and another 100 m;
    the purse of the guidance fund has `cash`.
    """
    state = State(Persons(1))
    state.flows, state.guidance_lp = new_flows(), 0
    state.treasury.append(world=0)
    promised = np.array([0, 300 * n, 100 * n]) * MILLION
    kinds = [LPKind.GUIDANCE, LPKind.PRIVATE, LPKind.CORPORATE]
    fill(state.lps, rows(LP, 3, kind=kinds, unfunded=promised, cash=promised))
    focus = {"focus_1": 0, "focus_2": 0, "focus_3": 0}
    fill(state.gps, rows(GP, n, id=np.arange(n), raising=np.arange(n), **({"local": 1} | focus | dict(firm))))
    two = np.arange(2 * n)
    first = {"lp": 1 + two % 2, "fund": two // 2, "amount": np.where(two % 2, 100, 300) * MILLION}
    fill(state.commitments, rows(COMMITMENT, 2 * n, next=np.where(two % 2, NOBODY, two + 1), **first))
    raised = {"committed": 400 * MILLION, "private": 300 * MILLION, "corporate": 100 * MILLION}
    raised |= {"target": 1000 * MILLION, "opened": 8090, "first_commitment": 2 * np.arange(n)}
    fill(state.funds, rows(FUND, n, id=np.arange(n), gp=np.arange(n), **(raised | dict(fund))))
    fill(state.purses, rows(PURSE, cash=cash))
    return state


def guided(cash, n=1, terms=TERMS, firm=(), fund=(), **moved):
    """That state after the guidance fund looked at the funds, with levers as `moved`: by then its books are right."""
    state = raising(n, cash * MILLION, firm, fund)
    guidance.guide(state=state, levers=levers_of(**moved), params=terms, chance=Chance(1, 8100))
    joined, lp, purse = state.funds.used.guidance.sum(), state.lps.used[0], state.purses.used[0]
    assert cash * MILLION - purse.cash == purse.spent == lp.cash == lp.unfunded == joined
    assert state.flows[Transaction.GUIDANCE, Sector.GOVERNMENT, Sector.LPS] == joined
    return state


# ---------------------------------------------------------------- one fund


def test_the_guidance_fund_takes_its_cap_on_its_terms():
    (fund,) = guided(1000).funds.used
    assert fund.guidance == 100 * MILLION  # a fifth of 500 m
    assert fund.committed == 500 * MILLION
    assert (fund.concession, fund.duty) == (0.3, 1.5)
    assert fund.target == 1100 * MILLION  # a local fund invests here anyway


@pytest.mark.parametrize(("cap", "million"), [(0.5, 400), (0.95, 7600), (3.0, 7600)])
def test_others_have_to_be_in_a_fund_too(cap, million):
    """Caps of several policies add up, to 95 percent at most."""
    assert guided(100_000, cap=cap).funds.used.guidance[0] == pytest.approx(million * MILLION, abs=1)


def test_the_local_duty_brings_home_what_partners_of_outside_firms_hold_elsewhere():
    state = guided(1000, firm={"local": 0})
    (fund,), lps = state.funds.used, state.lps.used
    assert fund.guidance == 100 * MILLION
    # 1.5 times as much, from the two others as they stand: three quarters and a quarter.
    assert lps.brought.tolist() == [0, 112_500_000, 37_500_000]
    assert state.commitments.used.amount.tolist() == [412_500_000, 137_500_000, 100 * MILLION]
    assert (fund.private, fund.corporate) == (412_500_000, 137_500_000)
    assert (fund.committed, fund.target) == (650 * MILLION, 1250 * MILLION)
    assert lps.unfunded.tolist() == lps.cash.tolist() == [100 * MILLION, 412_500_000, 137_500_000]
    allocated = state.flows[Transaction.LP_ALLOCATION, Sector.WORLD, Sector.LPS]
    assert allocated == 150 * MILLION == -state.treasury.used.world[0]


@pytest.mark.parametrize(
    ("fund", "firm", "joins"),
    [
        ({}, {}, True),
        ({"target": 2001 * MILLION}, {}, False),  # less than a fifth of it is there
        ({"vintage": 8099}, {}, False),  # it has closed
        ({"ended": 8099}, {}, False),
        ({}, {"kind": GPKind.PRIVATE_DOLLAR}, False),
        ({}, {"reputation": 1.0}, False),  # who stands high declines
        ({}, {"reputation": 1.0, "kind": GPKind.STATE}, True),
    ],
)
def test_the_guidance_fund_does_not_join_everybody(fund, firm, joins):
    assert (guided(1000, fund=fund, firm=firm).funds.used.guidance[0] > 0) == joins


def test_the_guidance_fund_joins_a_fund_once():
    state = guided(1000)
    guidance.guide(state=state, levers=levers_of(), params=TERMS, chance=Chance(1, 8101))
    assert state.funds.used.guidance[0] == 100 * MILLION


def test_without_a_policy_that_pays_there_is_no_guidance_fund():
    state = raising(cash=1000 * MILLION)
    guidance.guide(state=state, levers=levers_of(payer=NOBODY), params=TERMS, chance=Chance(1, 8100))
    assert (state.funds.used.guidance[0], state.purses.used.spent[0]) == (0, 0)


# ---------------------------------------------------------------- many funds: four standard errors of 2000 are 0.04

MANY = 2000
ASKED = 100  # million, by each of them


def share(of):
    """Share of funds that the guidance fund joined, each in full or not at all."""
    assert set(of) <= {0, ASKED * MILLION}
    return (of > 0).mean()


@pytest.mark.parametrize("part", [0.1, 0.5, 1.0, 3.0])
def test_each_fund_is_joined_with_the_chance_of_the_room_over_all_that_is_asked_for(part):
    """Room is half of the purse; where it is ample, all are joined."""
    state = guided(int(2 * part * ASKED * MANY), n=MANY)
    assert share(state.funds.used.guidance) == pytest.approx(min(part, 1.0), abs=0.04)


@pytest.mark.parametrize("which", ["focus_1", "focus_2", "focus_3"])
def test_funds_of_chosen_sectors_are_joined_more_often_and_as_much_is_spent(which):
    """Those of sector 1 three times as often, if any of their three is it: 0.15 and 0.45 are 0.3 of all."""
    chosen = np.arange(MANY) % 2
    state = guided(int(2 * 0.3 * ASKED * MANY), n=MANY, firm={which: chosen}, tilt=[1.0, 3.0])
    joined = state.funds.used.guidance
    assert share(joined[chosen == 0]) == pytest.approx(0.15, abs=0.05)
    assert share(joined[chosen == 1]) == pytest.approx(0.45, abs=0.065)


def test_the_purse_may_run_out_before_all_whom_luck_chose_are_in():
    """A purse for ten and a half funds, all of it for this quarter, of 11 that asked: the last gets the rest."""
    state = guided(1050, n=11, pace=10.0)
    assert state.funds.used.guidance.tolist() == [100 * MILLION] * 10 + [50 * MILLION]
    assert state.purses.used.cash[0] == 0


def test_the_guidance_fund_does_not_bother_with_little():
    """The eleventh fund could have 4 m, and is left alone."""
    state = guided(1004, n=11, pace=10.0)
    assert state.funds.used.guidance.tolist() == [100 * MILLION] * 10 + [0]


@pytest.mark.parametrize(
    ("standing", "kind", "accepts"),
    [
        (0.0, GPKind.PRIVATE_YUAN, 0.75),  # odds of 3
        (math.log(3.0), GPKind.PRIVATE_YUAN, 0.5),
        (math.log(3.0), GPKind.CORPORATE, 0.5),
        (math.log(3.0), GPKind.STATE, 0.75),  # it has no dislike
        (-math.log(3.0), GPKind.PRIVATE_YUAN, 0.75),  # a bad name is no reason to want it
    ],
)
def test_private_firms_of_standing_decline_more_often(standing, kind, accepts):
    terms = TERMS._replace(guidance_acceptance=math.log(3.0), guidance_dislike=1.0)
    state = guided(10 * ASKED * MANY, n=MANY, terms=terms, firm={"reputation": standing, "kind": kind})
    assert share(state.funds.used.guidance) == pytest.approx(accepts, abs=0.04)


# ---------------------------------------------------------------- what comes back


def test_void_promises_return_to_the_purse():
    state = guided(1000)
    never = params(Params, close_share=0.9, fail_after_quarters=8.0)
    venture_firms.close_funds(state=state, params=never, pace=params(pace.Params), quarter=8100)
    (fund,), lp, purse = state.funds.used, state.lps.used[0], state.purses.used[0]
    assert (fund.ended, fund.committed, fund.guidance, lp.unfunded) == (8100, 0, 0, 0)
    guidance.return_guidance(state=state, payer=0)
    assert (purse.cash, purse.recovered, lp.cash) == (1000 * MILLION, 100 * MILLION, 0)


@pytest.mark.parametrize(("payer", "returned"), [(0, 30), (NOBODY, 0)], ids=["a policy", "no policy"])
def test_what_the_guidance_fund_has_beyond_its_promises_returns_to_the_purse(payer, returned):
    state = raising()
    state.lps.used.cash[0], state.lps.used.unfunded[0] = 80, 50
    guidance.return_guidance(state=state, payer=payer)
    assert (state.lps.used.cash[0], state.purses.used.cash[0]) == (80 - returned, returned)
    assert state.flows[Transaction.GUIDANCE, Sector.LPS, Sector.GOVERNMENT] == returned
