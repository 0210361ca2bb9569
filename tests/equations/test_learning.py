"""What people make of ends:

what a success is and promises, how often failures leave claims on the founder, and how large.
"""

import numpy as np
import pytest
from by_hand import rows

from sim.mechanisms.people.learning import _events, _fears, _prizes
from sim.mechanisms.ventures.exits import succeeded
from sim.world.columns import EXIT, SECTOR, STARTUP
from sim.world.kinds import Life


def after(lives, claims, memory=0.1, quarter=8100):
    """The sector's fears after a quarter in which ventures ended so, of 0.5 and 0.4 before."""
    startups = rows(STARTUP, len(lives), claim=claims)
    exits = rows(EXIT, len(lives), startup=np.arange(len(lives)), life=lives, quarter=quarter)
    sectors = rows(SECTOR, 2, claims=0.5, debt_years=0.4)
    _fears(8100, exits, startups, sectors, memory)
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
    _events(8100, exits, startups, success, failure)
    assert (success[0, 0], failure[0, 0]) == (2, 2)
    _prizes(8100, exits, startups, sectors, 0.1)
    # A tenth of the way to the log of 9 million, then to that of 40 million: 16 -> 16.0013 -> 16.1515.
    assert sectors.prize[0] == pytest.approx(0.81 * 16 + 0.09 * np.log(9e6) + 0.1 * np.log(40e6))
