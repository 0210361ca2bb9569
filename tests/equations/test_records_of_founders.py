"""What investors expect of founders by their record, and how they learn it."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, rows

from sim.mechanisms.capital import records
from sim.mechanisms.capital.records import ENDS, SUCCESSES, Params
from sim.world.columns import EXIT, STARTUP
from sim.world.kinds import Experience, Life
from sim.world.state import Persons, State

FIRST, FAILED, SUCCEEDED = Experience


def expected(successes, ends, weight=0.0):
    """Expected quality of each record, where a standard deviation of quality is half a log odd of success."""
    return records.expected_quality(np.array([successes, ends], float), weight, 0.5).tolist()


def test_expected_quality_by_hand():
    # One in ten, one in four and one in eight succeeded, and one in eight of all: odds of 1/9, 1/3, 1/7 and 1/7.
    assert expected([10, 5, 5], [100, 20, 40]) == pytest.approx([2 * math.log(7 / 9), 2 * math.log(7 / 3), 0.0])


def test_records_are_read_beside_ends_at_the_common_share():
    # 40 ends more each, five of them successes: (10 + 5) / 140 has odds of 3/25, (5 + 5) / 60 of 1/5.
    assert expected([10, 5, 5], [100, 20, 40], weight=40.0) == pytest.approx(
        [2 * math.log(21 / 25), 2 * math.log(7 / 5), 0.0]
    )


def test_a_record_that_nobody_has_yet_says_nothing():
    qualities = expected([20, 10, 0], [80, 80, 0], weight=100.0)
    assert qualities[FIRST] > 0.0 > qualities[FAILED] and qualities[SUCCEEDED] == pytest.approx(0.0)


def test_nothing_is_expected_before_anything_ended():
    assert expected([0, 0, 0], [0, 0, 0], weight=300.0) == [0.0, 0.0, 0.0]


def test_no_record_is_a_certainty():
    """Shares of none and of all count as 0.01 and 0.99 against a half of all."""
    assert expected([0, 10, 5], [10, 10, 10]) == pytest.approx([-2 * math.log(99), 2 * math.log(99), 0.0])


# ---------------------------------------------------------------- learning


def learned(exits, fading=0.0, before=((0.0,) * 3,) * 2, backed=1):
    """Records after a quarter with `exits`: of whom, how, at which value after 100 were raised; (successes, ends)."""
    experience, life, value = zip(*exits, strict=True) if exits else ((), (), ())
    n, state = len(exits), State(Persons(1))
    state.records = np.array(before)
    fill(state.startups, rows(STARTUP, n, rounds=backed, experience=np.array(experience, int)))
    ended = {"startup": np.arange(n), "life": np.array(life, int), "value": np.array(value, int)}
    fill(state.exits, rows(EXIT, n, quarter=8100, raised=100, **ended))
    records.learn(SimpleNamespace(state=state, quarter=8100, params={"records": Params(fading=fading, weight=0.0)}))
    return state.records[SUCCESSES].tolist(), state.records[ENDS].tolist()


@pytest.mark.parametrize(
    ("life", "value", "success"),
    [
        (Life.LISTED, 50, 1),
        (Life.ACQUIRED, 101, 1),
        (Life.ACQUIRED, 100, 0),  # for no more than was put in
        (Life.FAILED, 0, 0),
        (Life.CLOSED, 500, 0),
    ],
)
def test_an_end_enters_the_record_of_its_founder(life, value, success):
    assert learned([(FAILED, life, value)]) == ([0, success, 0], [0, 1, 0])


def test_all_ends_of_a_quarter_are_counted():
    exits = [(FIRST, Life.LISTED, 0), (FIRST, Life.LISTED, 0), (FIRST, Life.FAILED, 0), (SUCCEEDED, Life.CLOSED, 0)]
    assert learned(exits) == ([2, 0, 0], [3, 0, 1])


def test_ventures_that_nobody_backed_teach_investors_nothing():
    exits = [(FIRST, Life.ACQUIRED, 900), (FIRST, Life.FAILED, 0)]
    assert learned(exits, backed=[1, 0]) == ([1, 0, 0], [1, 0, 0])
    assert learned(exits, backed=[0, 2]) == ([0, 0, 0], [1, 0, 0])


def test_what_was_learned_fades_before_the_new_is_added():
    before = ((10.0, 20.0, 30.0), (100.0, 50.0, 40.0))
    successes, ends = learned([(FIRST, Life.LISTED, 0)], fading=0.1, before=before)
    assert successes == pytest.approx([10.0, 18.0, 27.0]) and ends == pytest.approx([91.0, 45.0, 36.0])


def test_an_end_teaches_once():
    """Exits of the quarter before are in the records already."""
    state = State(Persons(1))
    state.records = np.zeros((2, 3))
    fill(state.startups, rows(STARTUP, 2, rounds=1))
    fill(state.exits, rows(EXIT, 2, startup=[0, 1], quarter=[8099, 8100], life=Life.LISTED))
    records.learn(SimpleNamespace(state=state, quarter=8100, params={"records": Params(fading=0.0, weight=0.0)}))
    assert state.records[:, FIRST].tolist() == [1.0, 1.0]
