"""The return that venture firms require: where funds place their money, how it answers, who widens the range."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import params, rows

from sim.mechanisms.capital import required_return
from sim.mechanisms.capital.required_return import Params
from sim.world.columns import GP
from sim.world.draws import Chance
from sim.world.kinds import Stage

# ---------------------------------------------------------------- supply


@pytest.mark.parametrize(
    ("stages", "demand", "placed"),
    [
        ((Stage.SEED, Stage.A), [0, 20, 10, 99, 0, 0], [0, 60, 30, 0, 0, 0]),  # two thirds and one third of 90
        ((Stage.SEED, Stage.A), [0, 0, 10, 0, 0, 0], [0, 0, 90, 0, 0, 0]),
        ((Stage.B, Stage.D), [0, 20, 10, 0, 0, 0], [0, 0, 0, 30, 30, 30]),  # nobody asks there yet
        ((Stage.D, Stage.D), [0, 0, 0, 0, 0, 5], [0, 0, 0, 0, 0, 90]),
    ],
)
def test_a_firm_places_its_pace_where_it_looks_by_what_is_asked(stages, demand, placed):
    gps = rows(GP, pace=90.0, stage_low=stages[0], stage_high=stages[1])
    assert required_return.supply(gps=gps, demand=np.array(demand, float)).tolist() == pytest.approx(placed)


def test_firms_place_together():
    gps = rows(GP, 3, pace=[90.0, 60.0, 0.0], stage_low=[1, 2, 1], stage_high=[2, 3, 5])
    demand = np.array([0.0, 20.0, 10.0, 20.0, 40.0, 50.0])
    assert required_return.supply(gps=gps, demand=demand).tolist() == pytest.approx([0, 60, 30 + 20, 40, 0, 0])


# ---------------------------------------------------------------- the answer

PRICE = params(Params, base=0.2, slope=0.05, tightest=2.0, speed=0.25, led_share=0.5, worth_moving=0.05)


def answered(required, demand, placed, terms=PRICE):
    return required_return.answered(required=required, demand=demand, placed=placed, params=terms)


@pytest.mark.parametrize(
    ("tight", "rests"),
    [(0.0, 0.2), (1.0, 0.25), (-1.0, 0.15), (2.0, 0.3), (9.0, 0.3), (-9.0, 0.1)],  # at most two, either way
)
def test_the_return_rests_where_tightness_puts_it(tight, rests):
    """Half of what is asked comes out of the pace of funds: 200 against 100 is in balance."""
    assert answered(rests, 200.0 * math.exp(tight), 100.0) == pytest.approx(rests)


def test_the_return_closes_a_part_of_the_gap_a_quarter():
    assert answered(0.3, 200.0, 100.0) == pytest.approx(0.275)  # a quarter of the way to 0.2
    assert answered(0.1, 200.0 * math.e, 100.0) == pytest.approx(0.1375)  # to 0.25


def test_without_demand_the_return_stays():
    assert answered(0.3, 0.0, 100.0) == 0.3


def test_where_nothing_is_placed_the_return_is_that_of_the_tightest_market():
    assert answered(0.3, 1e6, 0.0) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("offers", "asked"),
    [
        ([0, 0, 1, 0, 4], [0, 200, 200, 0]),  # 60 with three offers and 140 with one at seed, and 200 at A
        ([3], [0, 0, 5000, 0]),
        ([], [0, 0, 0, 0]),
    ],
)
def test_needs_count_once_and_only_with_an_offer(offers, asked):
    pitches = SimpleNamespace(stage=np.array([1, 1, 1, 2, 2]), need=np.array([60, 140, 700, 5000, 200]))
    offers = SimpleNamespace(seeker=np.array(offers, np.int64))
    assert required_return.demand_of(offers=offers, pitches=pitches, stages=4).tolist() == asked


def after(demand, required):
    """The required returns after a quarter of `demand`, to which a firm for seed and A had 200 to answer."""
    gps = rows(GP, pace=200.0, stage_low=Stage.SEED, stage_high=Stage.A)
    state = SimpleNamespace(required=np.array(required), gps=SimpleNamespace(used=gps))
    model = SimpleNamespace(state=state, params={"required_return": PRICE}, chance=Chance(1, 8100))
    required_return.answer(model=model, demand=np.array(demand, float))
    return state.required.tolist()


def test_the_return_of_each_stage_answers_to_its_own_needs():
    """Half of the money is for either stage. 200 at each is in balance, and a quarter of the way there; where nobody
    asks, nothing moves.
    """
    assert after([0, 200, 200, 0, 0, 0], [0.4] * 6) == pytest.approx([0.4, 0.35, 0.35, 0.4, 0.4, 0.4])
    required = [0.0, 0.1, 0.15, 0.2, 0.25, 0.3]
    assert after([0] * 6, required) == required


def test_where_nobody_places_money_the_return_rises_most():
    # to 0.3, which is as tight as it gets
    assert after([0, 0, 0, 0, 500, 0], [0.2] * 6) == pytest.approx([0.2, 0.2, 0.2, 0.2, 0.225, 0.2])


# ---------------------------------------------------------------- the range of stages


def widened(stages, required, n=1, rate=1.0):
    """The stages that n firms look at after a quarter in which they could add one."""
    gps = rows(GP, n, id=np.arange(n), stage_low=stages[0], stage_high=stages[1])
    terms = PRICE._replace(moving_rate=rate)
    required_return.widen(chance=Chance(1, 8100), gps=gps, required=np.array(required), params=terms)
    return list(zip(gps.stage_low.tolist(), gps.stage_high.tolist(), strict=True))


@pytest.mark.parametrize(
    ("stages", "required", "then"),
    [
        ((2, 3), [0.9, 0.26, 0.2, 0.2, 0.2, 0.9], (1, 3)),  # seed pays 0.06 more
        ((2, 3), [0.9, 0.24, 0.2, 0.2, 0.2, 0.9], (2, 3)),  # no more than 0.05, and D is not next to them
        ((2, 3), [0.9, 0.2, 0.2, 0.2, 0.26, 0.2], (2, 4)),
        ((2, 3), [0.9, 0.2, 0.3, 0.2, 0.31, 0.2], (2, 4)),  # 0.06 above the mean of its own
        ((2, 3), [0.9, 0.2, 0.3, 0.2, 0.29, 0.2], (2, 3)),
        ((1, 2), [0.9, 0.2, 0.2, 0.2, 0.2, 0.2], (1, 2)),  # nobody looks at ideas
        ((4, 5), [0.9, 0.9, 0.9, 0.2, 0.2, 0.2], (4, 5)),  # nothing is above D
        ((1, 5), [0.9, 0.2, 0.2, 0.2, 0.2, 0.2], (1, 5)),
    ],
)
def test_firms_add_the_stage_next_to_theirs_where_it_pays_enough_more(stages, required, then):
    assert widened(stages, required) == [then]


def test_a_firm_adds_one_stage_at_a_time():
    ((low, high),) = widened((3, 3), [0.0, 0.9, 0.9, 0.2, 0.9, 0.9])
    assert high - low == 1


def test_firms_move_now_and_then():
    """One in four. 4000 draws: four standard errors are 0.03."""
    stages = widened((2, 3), [0.0, 0.2, 0.2, 0.2, 0.9, 0.2], n=4000, rate=0.25)
    assert set(stages) == {(2, 3), (2, 4)}
    assert stages.count((2, 4)) / 4000 == pytest.approx(0.25, abs=0.03)
