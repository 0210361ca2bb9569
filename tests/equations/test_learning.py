"""What people make of ends:

what a success is and promises, how often failures leave claims on the founder, and how large; what venture firms
and their partners learn of returns.
"""

import numpy as np
import pytest
from by_hand import fill, firms, params, people, rows

from sim.mechanisms.people.learning import (
    Params,
    _count_ends,
    _learn_expectations,
    _learn_fears,
    _learn_prizes,
    _learn_reputations,
    _update_beliefs,
)
from sim.mechanisms.ventures.endings import succeeded
from sim.world.columns import EXIT, FUND, GP, HOLDING, LP, SECTOR, STARTUP
from sim.world.kinds import NEVER, NOBODY, Investor, Life
from sim.world.state import Persons, State


def after(lives, claims, quarter=8100):
    """The sector's fears after a quarter in which ventures ended so, of 0.5 and 0.4 before."""
    startups = rows(STARTUP, len(lives), claim=claims)
    exits = rows(EXIT, len(lives), startup=np.arange(len(lives)), life=lives, quarter=quarter)
    sectors = rows(SECTOR, 2, claims=0.5, debt_years=0.4)
    _learn_fears(
        quarter=8100,
        exits=exits,
        firms=firms(startups=startups, sectors=sectors),
        params=params(Params, fear_memory=0.1),
    )
    assert (sectors.claims[1], sectors.debt_years[1]) == (0.5, 0.4)  # nothing ended in the other sector
    return sectors.claims[0], sectors.debt_years[0]


def test_fears_by_hand():
    # One failure of four leaves claims, of one yearly wage: a tenth of the way from 0.5 to 0.25 and from 0.4 to 1.
    assert after([Life.FAILED, Life.CLOSED, Life.CLOSED, Life.FAILED], [1.0, 0.0, 0.0, 0.0]) == pytest.approx(
        (0.475, 0.46)
    )


def test_successes_and_old_failures_teach_no_fear():
    assert after([Life.LISTED, Life.ACQUIRED], [0.0, 0.0]) == (0.5, 0.4)
    assert after([Life.FAILED], [1.0], quarter=8099) == (0.5, 0.4)


def test_closures_allay_the_fear_and_leave_the_size_of_debts_open():
    assert after([Life.CLOSED] * 3, [0.0] * 3) == pytest.approx((0.45, 0.4))


# A listing, a sale for twice what was put in, a sale for half of it, a failure.
LIVES, VALUES, RAISED = (
    [Life.LISTED, Life.ACQUIRED, Life.ACQUIRED, Life.FAILED],
    [9_000_000, 40_000_000, 10_000_000, 0],
    20_000_000,
)


def test_who_is_sold_for_less_than_was_put_in_has_not_succeeded():
    assert list(succeeded(np.array(LIVES), np.array(VALUES), RAISED)) == [True, True, False, False]


def test_successes_are_told_and_priced_by_hand():
    startups, sectors = rows(STARTUP, 4, district=0), rows(SECTOR, 1, prize=16.0)
    exits = rows(EXIT, 4, startup=np.arange(4), life=LIVES, value=VALUES, raised=RAISED, quarter=8100)
    success, failure = np.zeros((1, 1)), np.zeros((1, 1))
    _count_ends(quarter=8100, exits=exits, startups=startups, success=success, failure=failure)
    assert (success[0, 0], failure[0, 0]) == (2, 2)
    _learn_prizes(
        quarter=8100,
        exits=exits,
        firms=firms(startups=startups, sectors=sectors),
        params=params(Params, prize_memory=0.1, prize_floor=1e6),
    )
    # A tenth of the way to the log of 9 million, then to that of 40 million: 16 -> 16.0013 -> 16.1515.
    assert sectors.prize[0] == pytest.approx(0.81 * 16 + 0.09 * np.log(9e6) + 0.1 * np.log(40e6))


def test_successes_below_the_floor_are_no_prize():
    startups, sectors = rows(STARTUP, 4), rows(SECTOR, 1, prize=16.0)
    exits = rows(EXIT, 4, startup=np.arange(4), life=LIVES, value=VALUES, raised=RAISED, quarter=8100)
    terms = params(Params, prize_memory=0.1, prize_floor=9e6)  # the listing is worth just as much
    _learn_prizes(quarter=8100, exits=exits, firms=firms(startups=startups, sectors=sectors), params=terms)
    assert sectors.prize[0] == pytest.approx(0.9 * 16 + 0.1 * np.log(40e6))


def test_beliefs_fade_and_take_up_what_was_seen_at_home():
    # Two districts and fields; in the second of each 0.5 successes and 0.25 failures a venture were seen.
    seen_success, seen_failure = np.zeros((2, 2)), np.zeros((2, 2))
    seen_success[1, 1], seen_failure[1, 1] = 0.5, 0.25
    persons = people(3, home=[1, 1, 0], field=[1, 0, 1], belief_success=3.0, belief_failure=6.0)
    terms = params(Params, fading=0.1, prior_success=1.0, prior_failure=5.0)
    _update_beliefs(people=persons, seen_success=seen_success, seen_failure=seen_failure, params=terms)
    assert persons.belief_success.tolist() == pytest.approx([3.3, 2.8, 2.8])
    assert persons.belief_failure.tolist() == pytest.approx([6.15, 5.9, 5.9])


def test_a_firms_standing_follows_what_its_stakes_returned():
    """A tenth fades; a stake returned twice what was put in, one nothing; those of angels, of strangers and of other
    quarters count for nobody.
    """
    state = State(Persons(1))
    fill(state.gps, rows(GP, 2, reputation=1.0))
    fill(state.funds, rows(FUND, 2, gp=[1, 0]))
    fill(
        state.holdings,
        rows(
            HOLDING,
            5,
            holder=[0, 0, 0, NOBODY, 0],
            investor=[Investor.FUND, Investor.FUND, Investor.ANGEL, Investor.FUND, Investor.FUND],
            amount=100,
            proceeds=[200, 0, 900, 900, 900],
            ended=[8100, 8100, 8100, 8100, NEVER],
        ),
    )
    terms = params(Params, reputation_memory=0.1, reputation_gain=0.5, loss_floor=0.1)
    _learn_reputations(quarter=8100, capital=state.capital(), params=terms)
    assert state.gps.used.reputation.tolist() == pytest.approx([0.9, 0.9 + 0.5 * (np.log(2.1) + np.log(0.1))])


def test_partners_expect_what_called_money_came_to():
    lps = rows(LP, 2, expected=2.0, called=[100, 0], distributed=[50, 0], nav=[100, 7])
    _learn_expectations(lps=lps, memory=0.2)
    assert lps.expected.tolist() == pytest.approx(
        [0.8 * 2.0 + 0.2 * 1.5, 2.0]
    )  # who has paid in nothing learns nothing
