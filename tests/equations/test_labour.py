"""Vacancies, wages, and who gets hired."""

import math

import numpy as np
import pytest
from by_hand import fill, firms, params, people, rows

from sim.mechanisms.people import labour
from sim.mechanisms.people.labour import Params
from sim.world.columns import CORPORATE, DISTRICT, SECTOR, STARTUP
from sim.world.draws import Chance
from sim.world.employment import as_employer, corporate_of, leave_jobs, take_job
from sim.world.kinds import NOBODY, Life, Stage, Status
from sim.world.state import Persons, State


def test_incumbents_want_by_hand():
    # 100 x e^(0.02 x 2 years) x 1.1 x (1.2)^-0.5
    staff = labour.wanted(
        size=100.0, growth=0.02, quarters=8, demand=1.1, wage=120.0, wage_elsewhere=100.0, elasticity=0.5
    )
    assert staff == pytest.approx(100 * math.exp(0.04) * 1.1 / math.sqrt(1.2))


WAGES = params(Params, normal_tightness=1.0, flexibility=0.01, pull=0.2, wage_step_cap=0.05)


def test_wage_by_hand():
    # 2 vacancies a searcher where 1 is normal, and 10 percent above elsewhere
    step = 0.01 * math.log(2.0) - 0.2 * math.log(1.1)
    wage = labour.new_wage(wage=110.0, wage_elsewhere=100.0, tightness=2.0, params=WAGES)
    assert wage == pytest.approx(110 * math.exp(step))
    assert labour.new_wage(wage=100.0, wage_elsewhere=100.0, tightness=1.0, params=WAGES) == pytest.approx(100.0)


@pytest.mark.parametrize("tightness, step", [(1e6, 0.05), (1e-6, -0.05)])
def test_wage_moves_five_percent_at_most(tightness, step):
    terms = WAGES._replace(flexibility=0.5, pull=0.0)
    wage = labour.new_wage(wage=100.0, wage_elsewhere=100.0, tightness=tightness, params=terms)
    assert wage == pytest.approx(100 * math.exp(step))


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
        wage = labour.new_wage(wage=wage, wage_elsewhere=100.0, tightness=1.0, params=WAGES)
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
    terms = params(Params, startup_hiring_speed=0.5, sales_spent=0.8, idea_team=3.0)
    sectors = rows(SECTOR, payroll_share=0.5, wage=50_000.0)
    labour._plan_startups(firms=firms(startups=startups, sectors=sectors), premium=np.ones(1), params=terms)
    assert startups.target[0] == target


def test_layoffs_by_hand():
    startups = rows(STARTUP, 2, headcount=10, target=[8, 12])
    corporates = rows(CORPORATE, 2, headcount=10, target=[6, 10])
    at_startups, at_corporates = np.empty(2), np.empty(2)
    labour._separation_chances(
        firms=firms(startups=startups, corporates=corporates),
        params=params(Params, quit_startup=0.05, quit_incumbent=0.03, layoff_speed=0.5),
        at_startups=at_startups,
        at_corporates=at_corporates,
    )
    assert at_startups.tolist() == pytest.approx([0.25, 0.05])
    assert at_corporates.tolist() == pytest.approx([0.23, 0.03])


def test_who_separates_is_drawn_by_the_employer():
    """Of 4,000 persons a quarter each: in a startup that nobody leaves and one that a third leaves, in a corporate that
    half leave, out of work.
    """
    employers = np.repeat([0, 1, as_employer(1), NOBODY], 1000)
    status = np.where(employers == NOBODY, Status.SEARCHING, Status.EMPLOYED)
    persons = people(4000, id=np.arange(4000), status=status, employer=employers)
    separates = np.ones(4000, np.bool_)
    labour._separate(
        chance=Chance(1, 8100),
        people=persons,
        at_startups=np.array([0.0, 1 / 3]),
        at_corporates=np.array([1.0, 0.5]),
        separates=separates,
    )
    assert separates.reshape(4, 1000).mean(axis=1) == pytest.approx([0.0, 1 / 3, 0.5, 0.0], abs=0.05)


# ---------------------------------------------------------------- jobs


def test_an_employer_is_a_startup_a_corporate_or_nobody():
    corporates = np.arange(5)
    employers = as_employer(corporates)
    assert (employers < NOBODY).all() and corporate_of(employers).tolist() == corporates.tolist()


def test_headcounts_follow_jobs():
    startups, corporates = rows(STARTUP, 2, headcount=4), rows(CORPORATE, 2, headcount=4)
    door, persons = firms(startups=startups, corporates=corporates), people(3, status=Status.SEARCHING)
    for person, employer in enumerate((1, as_employer(0), as_employer(1))):
        take_job(person=person, employer=employer, people=persons, firms=door)
    assert (startups.headcount.tolist(), corporates.headcount.tolist()) == ([4, 5], [5, 5])
    assert (persons.status == Status.EMPLOYED).all() and persons.employer.tolist() == [1, -2, -3]
    leave_jobs(persons=np.array([0, 2, 0]), people=persons, firms=door)  # who has none has none to leave
    assert (startups.headcount.tolist(), corporates.headcount.tolist()) == ([4, 4], [5, 4])
    assert persons.status.tolist() == [Status.SEARCHING, Status.EMPLOYED, Status.SEARCHING]
    assert persons.employer.tolist() == [NOBODY, as_employer(0), NOBODY]


def hired(n, field, second_field, success=1.0, seed=1):
    """People at two startups (one vacancy each, sector 0) and at a corporate (three, sector 1) after `n` persons looked
    for work.
    """
    startups = rows(STARTUP, 3, life=[Life.ALIVE, Life.FAILED, Life.ALIVE], headcount=[1, 0, 4], target=[2, 9, 5])
    corporates = rows(CORPORATE, sector=1, headcount=5, target=8)
    door = firms(startups=startups, sectors=rows(SECTOR, 2), corporates=corporates)
    vacancies = labour._vacancies(door)
    assert (vacancies.first.tolist(), vacancies.left.tolist()) == ([0, 2], [2, 3])  # nobody works for the dead
    assert vacancies.employers.tolist() == [0, 2, *[as_employer(0)] * 3]
    persons = people(n, id=np.arange(n), status=Status.SEARCHING, field=field, second_field=second_field)
    hires = labour._match(
        chance=Chance(seed, 8100),
        searchers=np.arange(n),
        people=persons,
        vacancies=vacancies,
        firms=door,
        params=params(Params, search_success=success, second_field_success=0.5),
    )
    new = [(persons.employer == employer).sum() for employer in (0, 1, 2, as_employer(0))]
    assert hires == sum(new) == (persons.status == Status.EMPLOYED).sum()
    assert startups.headcount.tolist() == [1 + new[0], 0, 4 + new[2]] and corporates.headcount[0] == 5 + new[3]
    assert vacancies.left.tolist() == [2 - new[0] - new[2], 3 - new[3]]
    return new


def test_vacancies_are_filled_once():
    for seed in range(20):
        assert hired(2, 0, 0, seed=seed) == [1, 0, 1, 0]  # two for two: all meet, whoever draws what
    assert hired(3, 1, 1) == [0, 0, 0, 3]
    assert all(n <= most for n, most in zip(hired(1000, 0, 1), (1, 0, 1, 3), strict=True))
    assert hired(5, 0, 0, success=0.0) == [0, 0, 0, 0]


def test_second_field_is_met_less_often():
    # Nobody is trained for the three jobs of sector 1; 400 towns of one person of sector 0, with success 0.6.
    hires, terms = np.zeros(2), params(Params, search_success=0.6, second_field_success=0.5)
    for person in range(400):
        for field in (0, 1):
            door = firms(sectors=rows(SECTOR, 2), corporates=rows(CORPORATE, sector=1, target=3))
            hires[field] += labour._match(
                chance=Chance(1, 8100),
                searchers=np.zeros(1, np.int64),
                people=people(1, id=person, status=Status.SEARCHING, field=field, second_field=1 - field),
                vacancies=labour._vacancies(door),
                firms=door,
                params=terms,
            )
    assert hires / 400 == pytest.approx([0.3, 0.6], abs=0.07)
