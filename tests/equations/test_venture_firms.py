"""Venture firms: who enters, the partners they hire, the funds they raise, and how those close."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms import environment
from sim.mechanisms.capital import pace, venture_firms
from sim.mechanisms.capital.fundraising import Params
from sim.world.columns import COMMITMENT, DISTRICT, FUND, GP, LP, SECTOR
from sim.world.draws import Chance
from sim.world.kinds import NEVER, NOBODY, GPKind, LPKind, Stage
from sim.world.state import Persons, State

# ---------------------------------------------------------------- entry

ENTRY = params(
    Params,
    entry_local=40.0,
    entry_outside=10.0,
    foreign_share=0.2,
    state_share=0.3,
    corporate_share=0.1,
    stage_mix=(0.2, 0.5, 0.3),
    stage_log_size=(-1.0, 0.0, 2.0),
    rent_exponent=1.0,
    partners=5.0,
)


def entered(terms=ENTRY, climate=1.0, scale=1.0, quarters=100, foreign_capital=1.0):
    """The firms that entered in so many quarters, in a city of two districts, of which the second is dearer by half."""
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, 2, office_rent=[2.0, 3.0]))
    fill(state.sectors, rows(SECTOR, 2, ideas=[1.0, 3.0]))
    unused = dict.fromkeys(environment.Conditions._fields, 0.0)
    conditions = environment.Conditions(**unused)._replace(fundraising=climate, foreign_capital=foreign_capital)
    map_ = SimpleNamespace(draw_cells=lambda districts, luck: 10 * districts)
    for quarter in range(8100, 8100 + quarters):
        venture_firms.enter(
            state=state, params=terms, map_=map_, conditions=conditions, chance=Chance(1, quarter), scale=scale
        )
    return state.gps.used


@pytest.mark.parametrize(
    ("climate", "scale", "local", "outside"), [(1.0, 1.0, 10, 2.5), (2.0, 0.5, 10, 2.5), (0.5, 1.0, 5, 1.25)]
)
def test_firms_enter_in_proportion_to_the_climate_and_the_scale(climate, scale, local, outside):
    """A quarter of 40 and of 10 a year. A hundred quarters: four standard errors are 1 and 0.5."""
    here = entered(climate=climate, scale=scale).local.tolist()
    assert here.count(1) / 100 == pytest.approx(local, abs=1.0)
    assert here.count(0) / 100 == pytest.approx(outside, abs=0.5)


def shares(values, kinds):
    """Share of each value from 0 to the number of `kinds`."""
    return (np.bincount(values, minlength=kinds) / len(values)).tolist()


@pytest.mark.parametrize(
    ("foreign_capital", "mix"),
    [(1.0, [0.4, 0.2, 0.3, 0.1]), (0.25, [0.55, 0.05, 0.3, 0.1]), (0.0, [0.6, 0.0, 0.3, 0.1])],
)
def test_private_yuan_takes_the_place_of_dollars_that_stay_away(foreign_capital, mix):
    """Of some 1,250 firms; four standard errors are 0.06."""
    firms = entered(foreign_capital=foreign_capital)
    assert shares(firms.kind, len(GPKind)) == pytest.approx(mix, abs=0.06)


def test_firms_of_later_stages_are_larger():
    firms = entered()
    of = {(firm.stage_low, firm.stage_high): firm.log_size for firm in firms}
    assert of == {(Stage.SEED, Stage.A): -1.0, (Stage.A, Stage.C): 0.0, (Stage.B, Stage.D): 2.0}


def test_firms_look_at_stages_by_the_mix():
    assert shares(entered().stage_low, 4) == pytest.approx([0.0, 0.2, 0.5, 0.3], abs=0.06)


def test_firms_look_at_sectors_that_have_ideas():
    firms = entered()
    for focus in (firms.focus_1, firms.focus_2, firms.focus_3):
        assert shares(focus, 2) == pytest.approx([0.25, 0.75], abs=0.06)


def test_local_firms_sit_where_rents_are_high_and_outside_firms_nowhere():
    """Of rents 2 and 3 by a power of one, 0.4 and 0.6; four standard errors of 1,000 firms are 0.06."""
    firms = entered()
    home = firms.local == 1
    assert shares(firms.district[home], 2) == pytest.approx([0.4, 0.6], abs=0.06)
    assert (firms.cell[home] == 10 * firms.district[home]).all()
    assert set(firms.district[~home]) == set(firms.cell[~home]) == {NOBODY}


def test_offices_follow_a_power_of_rents():
    """Of rents 1 and 2, by their cube one in nine and eight in nine; by none of it one half each."""
    districts = rows(DISTRICT, 2, office_rent=[1.0, 2.0])
    for exponent, first in ((3.0, 1 / 9), (0.0, 1 / 2)):
        terms = params(Params, rent_exponent=exponent)
        assert venture_firms._office_distribution(districts, terms).tolist() == pytest.approx([first, 1.0])


# ---------------------------------------------------------------- partners


@pytest.mark.parametrize(
    ("firm", "partners"),
    [
        ({"fee_income": 8.0}, 5.0),  # half of 8 m pays eight at 0.5 m: a quarter of the way from four
        ({"fee_income": 4.0}, 4.0),
        ({"fee_income": 0.0}, 3.25),  # down to one, who stays
        ({"fee_income": 0.0, "last_fund": NOBODY}, 4.0),  # it raises its first fund
        ({"fee_income": 8.0, "patient": 0}, 4.0),  # the government's own fund has those that its policy pays
    ],
)
def test_firms_hire_the_partners_whom_their_fees_pay_with_a_lag(firm, partners):
    gps = rows(GP, **({"partners": 4.0, "last_fund": 0} | firm))
    terms = params(Params, fees_for_partners=0.5, hiring_speed=0.25)
    venture_firms.hire_partners(gps=gps, params=terms, cost=0.5)
    assert gps.partners[0] == pytest.approx(partners)


# ---------------------------------------------------------------- the size of the next fund

SIZES = params(
    Params,
    ambition=2.0,
    fund_size=1000.0,
    size_return=0.5,
    least_growth=0.4,
    most_growth=2.5,
    placing_quarters=12.0,
    placed_share=0.8,
)
AVERAGE = {"vintage": 8092, "committed": 1000, "called": 600, "invested": 400, "nav": 600}  # called 600, worth 600


def next_size(*others, level=1.0, terms=SIZES, **last):
    """Size that a firm announces in 8100 after a fund like the common one, but for what is given of it; `others` are
    the funds of other firms, as they differ from it.
    """
    state = State(Persons(1))
    for own in (last, *others):
        state.funds.append(**(AVERAGE | own))
    fill(state.gps, rows(GP, last_fund=0))
    return venture_firms.next_size(state=state, gp=state.gps.row(0), params=terms, level=level, quarter=8100)


@pytest.mark.parametrize(
    ("log_size", "level", "size"), [(0.0, 1.0, 2000), (math.log(3.0), 1.0, 6000), (0.0, 1.5, 3000)]
)
def test_a_first_fund_is_announced_by_the_kind_of_the_firm_and_the_level_of_money(log_size, level, size):
    state = State(Persons(1))
    fill(state.gps, rows(GP, last_fund=NOBODY, log_size=log_size))
    announced = venture_firms.next_size(state=state, gp=state.gps.row(0), params=SIZES, level=level, quarter=8100)
    assert announced == pytest.approx(size)


@pytest.mark.parametrize(
    ("last", "size"),
    [
        ({}, 1500),  # 50 a quarter, 600 in twelve, eight tenths of 750; twice that is announced
        ({"invested": 200}, 800),  # no less than 0.4 of the last fund
        ({"invested": 900, "vintage": 8096}, 5000),  # 3,375, and no more than 2.5 of it
        ({"invested": 80, "vintage": 8100}, 2400),  # in its first quarter
    ],
)
def test_the_next_fund_is_what_the_last_one_placed_in_the_time_for_it(last, size):
    assert next_size(**last) == pytest.approx(size)


def test_the_level_of_money_is_in_what_the_last_fund_placed_already():
    assert next_size(level=1.5) == next_size(level=1.0)


@pytest.mark.parametrize(
    ("others", "last", "size"),
    [
        (({}, {}), {"nav": 2400}, 3000),  # four times the median, at an elasticity of a half
        (({}, {}), {"nav": 150}, 800),  # a quarter of it would halve the fund: to 0.4 of the last one
        (({}, {}), {"nav": 300, "distributed": 300}, 1500),  # what is paid out counts as what is there
        (({"nav": 2400}, {"nav": 2400}), {"nav": 2400}, 1500),
        (({"nav": 2400}, {"nav": 2400}), {"nav": 600, "invested": 800}, 1500),  # twice as fast, and half as well
        (({"nav": 6}, {"nav": 6}), {}, 1500 * math.sqrt(10.0)),  # none is thought to make less than a tenth
        (({}, {}), {"nav": 0, "invested": 800}, 3000 / math.sqrt(10.0)),
    ],
)
def test_a_fund_that_did_better_is_followed_by_a_larger_one(others, last, size):
    assert next_size(*others, **last) == pytest.approx(size)


@pytest.mark.parametrize(("vintage", "size"), [(8081, 1500), (8082, 800), (8098, 800), (8099, 1500), (NEVER, 1500)])
def test_a_fund_is_held_against_those_that_closed_within_eight_quarters_of_it(vintage, size):
    """Two others did a hundred times better."""
    stars = {"nav": 60_000, "vintage": vintage}
    assert next_size(stars, stars, vintage=8090, invested=500) == pytest.approx(size)


def test_funds_that_have_called_nothing_are_no_measure():
    new = {"called": 0, "nav": 0}
    assert next_size(new, new) == pytest.approx(1500)


# ---------------------------------------------------------------- a fund is opened

OPENING = SIZES._replace(
    raise_when_invested=0.8,
    raise_when_quarters=20.0,
    give_up=2.0,
    fund_life_quarters=40.0,
    reserve=0.25,
    fee=0.02,
    carry=0.2,
    hurdle=0.08,
)


PLACING = params(pace.Params, after_fees=0.8)


def opened(fund=None, **firm):
    """The state after 8100 asked a firm to raise its next fund; `fund` is the one that it invests from, if any."""
    state = State(Persons(1))
    if fund is not None:
        fill(state.funds, rows(FUND, **({"committed": 1000, "reserve": 0.25, "vintage": 8092} | fund)))
        firm = {"fund": 0, "last_fund": 0, "funds": 1} | firm
    fill(state.gps, rows(GP, **({"id": 7, "kind": GPKind.STATE} | firm)))
    venture_firms.open_funds(state=state, params=OPENING, pace=PLACING, level=1.0, quarter=8100)
    return state


@pytest.mark.parametrize(
    ("firm", "raises"),
    [
        ({}, True),  # it is new
        ({"fund": {"new_invested": 479}}, False),
        ({"fund": {"new_invested": 481}}, True),  # eight tenths of the 600 that fees and the reserve leave for new ones
        ({"fund": {"vintage": 8081}}, False),
        ({"fund": {"vintage": 8080}}, True),  # twenty quarters old
        ({"raising": 0}, False),
        ({"ended": 8090}, False),
        ({"patient": 0}, False),  # the government's own fund has a purse
        ({"fund": {"vintage": 8080}, "failed_raises": 9}, True),  # it has a fund still
        ({"failed_raises": 1}, True),
    ],
)
def test_a_firm_raises_its_next_fund_when_the_last_is_placed_or_old(firm, raises):
    state = opened(**firm)
    funds = state.funds.used[state.funds.used.opened == 8100]
    assert (len(funds) == 1) == raises
    if raises:
        assert state.gps.used.raising[0] == state.funds.count - 1 and state.gps.used.ended[0] == NEVER


def test_a_firm_without_a_fund_gives_up_after_two_failed_raises():
    state = opened(failed_raises=2)
    assert (state.gps.used.ended[0], state.gps.used.raising[0], state.funds.count) == (8100, NOBODY, 0)


def test_a_firm_gives_up_once():
    assert opened(failed_raises=2, ended=8090).gps.used.ended[0] == 8090


def test_a_fund_is_announced_on_the_terms_of_the_day():
    fund = opened(funds=3).funds.used[0]
    assert (fund.gp, fund.number, fund.id, fund.kind) == (0, 3, 7 * 64 + 3, GPKind.STATE)
    assert (fund.opened, fund.vintage, fund.ended, fund.life) == (8100, NEVER, NEVER, 40)
    assert (fund.target, fund.reserve, fund.carry, fund.hurdle) == (2000, 0.25, 0.2, 0.08)
    assert fund.fee == pytest.approx(0.005)  # a quarter


# ---------------------------------------------------------------- a fund closes, or does not

CLOSING = params(Params, close_share=0.5, close_after_quarters=4.0, fail_after_quarters=8.0)
CHEQUES = params(pace.Params, after_fees=0.8, companies=12.0, fewest_companies=4.0)


def closed(committed=1000, age=8, **firm):
    """The state after 8100 closed or gave up a fund of 1000 opened `age` quarters ago, of which three quarters were
    promised by the first of two partners and the rest by the second; each has 500 more to pay to another fund.
    """
    state = State(Persons(1))
    fill(state.gps, rows(GP, **({"raising": 0, "funds": 2, "failed_raises": 1} | firm)))
    promised = [committed * 3 // 4, committed // 4]
    raised = {"target": 1000, "committed": committed, "private": promised[0], "guidance": promised[1], "reserve": 0.25}
    fill(state.funds, rows(FUND, opened=8100 - age, first_commitment=0, **raised))
    fill(state.commitments, rows(COMMITMENT, 2, lp=[0, 1], fund=0, amount=promised, next=[1, NOBODY]))
    fill(state.lps, rows(LP, 2, kind=[LPKind.PRIVATE, LPKind.GUIDANCE], unfunded=np.array(promised) + 500))
    venture_firms.close_funds(state=state, params=CLOSING, pace=CHEQUES, quarter=8100)
    return state


@pytest.mark.parametrize(
    ("committed", "age", "then"),
    [
        (1000, 0, "closes"),
        (996, 3, "waits"),
        (500, 4, "closes"),  # half of its target is enough by now
        (496, 7, "waits"),
        (496, 8, "fails"),
        (500, 8, "closes"),
    ],
)
def test_funds_close_when_full_or_late_with_enough_and_fail_in_the_end(committed, age, then):
    state = closed(committed, age)
    (fund,), (firm,) = state.funds.used, state.gps.used
    assert (fund.vintage == 8100, fund.ended == 8100) == (then == "closes", then == "fails")
    assert (firm.raising == NOBODY) == (then != "waits")


def test_a_firm_invests_from_the_fund_that_has_closed():
    (firm,) = closed(fund=5, last_fund=5).gps.used
    assert (firm.fund, firm.last_fund, firm.funds, firm.failed_raises) == (0, 0, 3, 0)


def test_a_fund_that_closes_plans_the_cheque_of_what_it_has():
    """Of 1000 three quarters of what fees leave, 600, are for twelve companies; of 500, for as many."""
    assert closed(1000).funds.used.cheque[0] == 50
    assert closed(500).funds.used.cheque[0] == 25


def test_promises_to_a_fund_that_closes_stay():
    state = closed(800)
    assert state.lps.used.unfunded.tolist() == [1100, 700]
    assert state.funds.used[["committed", "private", "guidance"]].tolist() == [(800, 600, 200)]


def test_promises_to_a_fund_that_fails_are_void():
    state = closed(400)
    assert state.lps.used.unfunded.tolist() == [500, 500]
    assert state.funds.used[["committed", "private", "guidance"]].tolist() == [(0, 0, 0)]


def test_a_firm_whose_raise_fails_goes_on_from_the_fund_that_it_has():
    (firm,) = closed(400, fund=5, last_fund=5).gps.used
    assert (firm.fund, firm.last_fund, firm.funds, firm.failed_raises) == (5, 5, 3, 2)
