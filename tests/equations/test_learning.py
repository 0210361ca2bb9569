"""What people make of failures: how often they leave claims on the founder, and how large."""

import numpy as np
import pytest
from by_hand import rows

from sim.kinds import Life
from sim.mechanisms.learning import _fears
from sim.state import EXIT, SECTOR, STARTUP


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
    assert after([Life.FAILED, Life.CLOSED, Life.CLOSED, Life.FAILED], [1.0, 0.0, 0.0, 0.0]) == pytest.approx((0.475, 0.46))


def test_successes_and_old_failures_teach_no_fear():
    assert after([Life.LISTED, Life.ACQUIRED], [0.0, 0.0]) == (0.5, 0.4)
    assert after([Life.FAILED], [1.0], quarter=8099) == (0.5, 0.4)


def test_closures_allay_the_fear_and_leave_the_size_of_debts_open():
    assert after([Life.CLOSED] * 3, [0.0] * 3) == pytest.approx((0.45, 0.4))
