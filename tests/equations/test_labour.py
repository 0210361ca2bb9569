"""Vacancies, wages, and who gets hired."""

import math

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms.people import labour
from sim.mechanisms.people.labour import Params
from sim.world.columns import CORPORATE, DISTRICT, SECTOR, STARTUP
from sim.world.kinds import NOBODY, Life, Stage, Status
from sim.world.state import Persons, State


def test_incumbents_want_by_hand():
    # 100 x e^(0.02 x 2 years) x 1.1 x (1.2)^-0.5
    assert labour.wanted(100.0, 0.02, 8, 1.1, 120.0, 100.0, 0.5) == pytest.approx(
        100 * math.exp(0.04) * 1.1 / math.sqrt(1.2)
    )


def test_wage_by_hand():
    # 2 vacancies a searcher where 1 is normal, and 10 percent above elsewhere
    step = 0.01 * math.log(2.0) - 0.2 * math.log(1.1)
    assert labour.new_wage(110.0, 100.0, 2.0, 1.0, 0.01, 0.2) == pytest.approx(110 * math.exp(step))
    assert labour.new_wage(100.0, 100.0, 1.0, 1.0, 0.01, 0.2) == pytest.approx(100.0)


@pytest.mark.parametrize("tightness, step", [(1e6, 0.05), (1e-6, -0.05)])
def test_wage_moves_five_percent_at_most(tightness, step):
    assert labour.new_wage(100.0, 100.0, tightness, 1.0, 0.5, 0.0) == pytest.approx(100 * math.exp(step))


def test_density_raises_pay_around_the_mean_worker():
    """Districts of 1 km2 with 99 and 399 jobs (and one more, so that none is empty):

    four times the density, 4^0.5 the pay; the mean worker's is 1.
    """
    state = State(Persons(1))
    fill(state.districts, rows(DISTRICT, 2, area=1.0))
    fill(state.startups, rows(STARTUP, 2, life=Life.ALIVE, district=[0, 1], headcount=[99, 399]))
    premium = labour.density_premium(state, 0.5)
    assert premium[1] / premium[0] == pytest.approx(2.0)
    assert 100 * premium[0] + 400 * premium[1] == pytest.approx(500)
    assert labour.density_premium(state, 0.0).tolist() == [1.0, 1.0]


def test_wages_converge_to_those_elsewhere():
    wage = 150.0
    for _ in range(100):
        wage = labour.new_wage(wage, 100.0, 1.0, 1.0, 0.01, 0.2)
    assert wage == pytest.approx(100.0)


@pytest.mark.parametrize(
    "headcount, stage, target",
    [
        (4, Stage.A, 9),  # 0.5 x (1 + 0.8 x 0.5 m) of payroll over 0.05 m carry 14: half the way
        (13, Stage.A, 14),  # at least one at a time
        (20, Stage.A, 17),  # down, half the way
        (0, Stage.IDEA, 1),  # before money at most 3: half of it
    ],
)
def test_startups_want_what_their_spending_carries(headcount, stage, target):
    startups = rows(STARTUP, burn=1_000_000, revenue=500_000, headcount=headcount, stage=stage)
    labour._plan_startups(startups, rows(SECTOR, payroll_share=0.5, wage=50_000.0), np.ones(1), 0.5)
    assert startups.target[0] == target


def test_layoffs_by_hand():
    startups, corporates = (
        rows(STARTUP, 2, headcount=10, target=[8, 12]),
        rows(CORPORATE, 2, headcount=10, target=[6, 10]),
    )
    at_startups, at_corporates = np.empty(2), np.empty(2)
    labour._layoff_chance(
        startups,
        corporates,
        params(Params, quit_startup=0.05, quit_incumbent=0.03, layoff_speed=0.5),
        at_startups,
        at_corporates,
    )
    assert at_startups.tolist() == pytest.approx([0.25, 0.05])
    assert at_corporates.tolist() == pytest.approx([0.23, 0.03])


def hired(people, fields, seconds, success=1.0, seed=1):
    """People at two startups (one vacancy each, sector 0) and at a corporate (three, sector 1) after `people` persons
    looked for work.
    """
    startups = rows(STARTUP, 3, life=[Life.ALIVE, Life.FAILED, Life.ALIVE], headcount=[1, 0, 4], target=[2, 9, 5])
    corporates = rows(CORPORATE, sector=1, headcount=5, target=8)
    offsets, employers = labour._vacancies(startups, corporates, rows(SECTOR, 2))
    assert offsets.tolist() == [0, 2, 5]  # nobody works for the dead
    assert employers.tolist() == [0, 2, -2, -2, -2]
    status, employer = np.full(people, Status.OUT, np.int64), np.full(people, NOBODY)
    left = np.diff(offsets)
    hires = labour._match(
        seed,
        8100,
        np.arange(people),
        np.arange(people),
        np.full(people, fields),
        np.full(people, seconds),
        status,
        employer,
        offsets,
        employers,
        left,
        success,
        startups,
        corporates,
    )
    new = [(employer == e).sum() for e in (0, 1, 2, -2)]
    assert hires == sum(new) == (status == Status.EMPLOYED).sum()
    assert startups.headcount.tolist() == [1 + new[0], 0, 4 + new[2]] and corporates.headcount[0] == 5 + new[3]
    assert left.tolist() == [2 - new[0] - new[2], 3 - new[3]]
    return new


def test_vacancies_are_filled_once():
    for seed in range(20):
        assert hired(2, 0, 0, seed=seed) == [1, 0, 1, 0]  # two for two: all meet, whoever draws what
    assert hired(3, 1, 1) == [0, 0, 0, 3]
    assert all(n <= most for n, most in zip(hired(1000, 0, 1), (1, 0, 1, 3), strict=True))
    assert hired(5, 0, 0, success=0.0) == [0, 0, 0, 0]


def test_second_field_is_met_half_as_often():
    # Nobody is trained for the three jobs of sector 1; 400 towns of one person of sector 0, with success 0.6.
    found = np.zeros(2)
    startups, corporates = rows(STARTUP), rows(CORPORATE, sector=1, target=3)
    for person in range(400):
        for second, k in ((1, 0), (0, 1)):
            offsets, employers = labour._vacancies(startups, corporates, rows(SECTOR, 2))
            status, employer = np.full(1, Status.OUT, np.int64), np.full(1, NOBODY)
            field = np.array([1 - second])
            found[k] += labour._match(
                1,
                8100,
                np.zeros(1, np.int64),
                np.array([person]),
                field,
                np.array([second]),
                status,
                employer,
                offsets,
                employers,
                np.diff(offsets),
                0.6,
                startups,
                corporates.copy(),
            )
    assert found / 400 == pytest.approx([0.3, 0.6], abs=0.07)
