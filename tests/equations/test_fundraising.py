"""The fund-raising of a quarter: what partners know when they commit, and in which order it happens."""

import math
from types import SimpleNamespace

import by_hand
import numpy as np
import pytest
from by_hand import QUARTERS, fill, params, rows

from sim.mechanisms import environment
from sim.mechanisms.capital import fees, fundraising, nominal, pace
from sim.mechanisms.capital.fundraising import Params
from sim.world.accounts import new_flows
from sim.world.columns import GP, HOLDING, LP, PURSE
from sim.world.draws import Chance
from sim.world.kinds import Investor, LPKind, Route
from sim.world.levers import Levers
from sim.world.state import Persons, State

MILLION, BILLION = 1_000_000, 1_000_000_000


@pytest.fixture(scope="module")
def city():
    """Fund-raising of 2 in the five years up to the quarter 8099, and of 100 before and after."""
    known = (QUARTERS > 8099 - 20) & (QUARTERS <= 8099)
    return by_hand.city(fundraising=np.where(known, 2.0, 100.0))


def model(city, climate=2.0, level=1.0, **terms):
    """A city in 8099 of one venture firm without a fund, of one partner who holds 0.5 bn and would do so where
    fund-raising is 1, and of a guidance fund; the half of what past ventures called was lost.
    """
    state = State(Persons(1))
    state.flows, state.guidance_lp = new_flows(), 1
    state.treasury.append(world=0)
    fill(state.gps, rows(GP, partners=4.0, fee_income=8.0 * MILLION))
    money = {
        "wealth": 10e9,
        "target": 0.05,
        "expected": 1.0,
        "nav": BILLION // 2,
        "kind": [LPKind.PRIVATE, LPKind.GUIDANCE],
    }
    fill(state.lps, rows(LP, 2, **money))
    fill(state.purses, rows(PURSE, cash=1000 * BILLION))
    lost = {"investor": Investor.FUND, "route": Route.LIQUIDATION, "amount": 100, "proceeds": 50}
    fill(state.holdings, rows(HOLDING, **lost))
    raised = {
        "allocation_speed": 0.1,
        "return_elasticity": 1.0,
        "required_multiple": 1.0,
        "tickets": 1.0,
        "affinity_private": (0.0,) * 4,
        "fund_size": 1.0 * BILLION,
        "ambition": 1.0,
        "fund_life_quarters": 40.0,
        "close_share": 0.05,
        "give_up": 2.0,
        "partners": 5.0,
        "fees_for_partners": 0.5,
        "hiring_speed": 1.0,
        "guidance_acceptance": 40.0,
    }
    unused = dict.fromkeys(environment.Conditions._fields, 0.0)
    return SimpleNamespace(
        city=city,
        quarter=8099,
        chance=Chance(1, 8099),
        conditions=environment.Conditions(**unused)._replace(fundraising=climate),
        scale=1.0,
        map=None,
        state=state,
        levers=Levers(["PD"], ["ai"]),
        foreseen=Levers(["PD"], ["ai"]),
        params={
            "fundraising": params(Params, **(raised | terms)),
            "nominal": nominal.Params(level=level),
            "fees": params(fees.Params, partner_cost=0.5 * MILLION),
            "pace": params(pace.Params, fewest_companies=4.0),
        },
    )


def promised(here):
    """Million that the partner promises in the quarter."""
    fundraising.raise_funds(here)
    return here.state.lps.used.unfunded[0] / MILLION


@pytest.mark.parametrize(("world", "million"), [({}, 50), ({"climate": 4.0}, 100), ({"level": 1.5}, 100)])
def test_partners_want_what_the_past_climate_makes_usual_and_hurry_with_the_present_one(city, world, million):
    """Twice 0.5 bn, whatever comes and was long before, and a tenth of the gap a quarter."""
    assert promised(model(city, **world)) == pytest.approx(million)


def test_partners_reckon_with_the_cover_that_they_foresee(city):
    """Four fifths of a half that is lost: 0.4 beside the one of one that they expect."""
    here = model(city)
    here.foreseen.move("loss_cover", 0.8)
    here.foreseen.move("loss_registered", 1.0)
    assert promised(here) == pytest.approx(90)


def test_a_cover_that_is_in_force_and_will_be_over_moves_nobody(city):
    here = model(city)
    here.levers.move("loss_cover", 0.8)
    here.levers.move("loss_registered", 1.0)
    assert promised(here) == pytest.approx(50)


def test_partners_want_more_where_a_firm_of_standing_raises(city):
    """Half as much again, 1.5 bn."""
    here = model(city, attraction_elasticity=1.0, attraction_of_standing=1.0)
    here.state.gps.used.reputation[0] = math.log(1.5)
    assert promised(here) == pytest.approx(100)


@pytest.mark.parametrize(("level", "billion"), [(1.0, 1.0), (1.5, 1.5)])
def test_funds_are_announced_at_the_level_of_money(city, level, billion):
    here = model(city, level=level)
    fundraising.raise_funds(here)
    assert here.state.funds.used.target[0] == billion * BILLION


def test_a_fund_opens_and_takes_promises_and_guidance_and_closes_within_a_quarter(city):
    here = model(city)
    for name, value in {"pace": 1.0, "cap": 0.2}.items():
        here.levers.move(f"guidance_{name}", value, payer=0)
    fundraising.raise_funds(here)
    (fund,) = here.state.funds.used
    assert (fund.opened, fund.private, fund.guidance) == (8099, 50 * MILLION, 12_500_000)
    assert (fund.vintage, here.state.gps.used.fund[0]) == (8099, 0)


def test_partners_of_firms_cost_more_at_a_higher_level_of_money(city):
    """Half of 8 m in fees pays eight at 0.5 m, and four at twice that."""
    for level, partners in ((1.0, 8.0), (2.0, 4.0)):
        here = model(city, level=level)
        fund = here.state.funds.append(vintage=8098, committed=100, ended=8099)
        here.state.gps.used.last_fund[0] = fund
        here.state.gps.used.raising[0] = fund  # so that it opens no other
        fundraising.raise_funds(here)
        assert here.state.gps.used.partners[0] == partners


def test_what_a_duty_brought_home_fades_over_the_life_of_a_fund(city):
    here = model(city)
    here.state.lps.used.brought[0] = 400.0
    fundraising.raise_funds(here)
    assert here.state.lps.used.brought[0] == pytest.approx(390.0)


def test_at_the_end_of_the_quarter_nobody_keeps_more_than_was_promised(city):
    here = model(city)
    here.levers.move("guidance_pace", 1.0, payer=0)
    here.state.lps.used.cash[:], here.state.lps.used.unfunded[:] = 90, [30, 40]
    fundraising.rebalance(here)
    assert here.state.lps.used.cash.tolist() == [30, 40]
