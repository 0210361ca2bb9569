"""Who leaves a job, jobs and headcounts, and what wages follow."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import dated, fill, firms, params, people, rows

from sim.mechanisms.people import labour, staffing, vacancies
from sim.mechanisms.people.labour import Params
from sim.mechanisms.ventures import operations, output
from sim.world.columns import CORPORATE, DISTRICT, SECTOR, STARTUP, TALLY
from sim.world.draws import Chance
from sim.world.employment import as_employer, corporate_of, leave_jobs, take_job, workplace
from sim.world.kinds import NOBODY, Status
from sim.world.levers import Levers
from sim.world.state import Persons, State

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


def test_wages_converge_to_those_elsewhere():
    wage = 150.0
    for _ in range(100):
        wage = labour.new_wage(wage=wage, wage_elsewhere=100.0, tightness=1.0, params=WAGES)
    assert wage == pytest.approx(100.0)


def test_layoffs_by_hand():
    startups = rows(STARTUP, 2, headcount=10, target=[8, 12])
    corporates = rows(CORPORATE, 2, headcount=10, target=[6, 10])
    chances = labour._separation_chances(
        firms=firms(startups=startups, corporates=corporates),
        params=params(Params, quit_startup=0.05, quit_incumbent=0.03, layoff_speed=0.5),
    )
    assert chances[[0, 1]].tolist() == pytest.approx([0.25, 0.05])
    assert chances[as_employer(np.arange(2))].tolist() == pytest.approx([0.23, 0.03])
    assert chances[NOBODY] == 0.0


def test_who_separates_is_drawn_by_the_employer():
    """Of 4,000 persons a quarter each: in a startup that nobody leaves and one that a third leaves, in a corporate that
    half leave, out of work.
    """
    employers = np.repeat([0, 1, as_employer(1), NOBODY], 1000)
    status = np.where(employers == NOBODY, Status.SEARCHING, Status.EMPLOYED)
    persons = people(4000, id=np.arange(4000), status=status, employer=employers)
    separates, chances = np.ones(4000, np.bool_), np.zeros(5)
    chances[[1, as_employer(0), as_employer(1), NOBODY]] = 1 / 3, 1.0, 0.5, 1.0
    labour._separate(
        chance=Chance(1, 8100),
        people=persons,
        chances=chances,
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


def test_founders_are_no_employees():
    door, persons = firms(startups=rows(STARTUP, headcount=2)), people(1, employer=0, status=Status.FOUNDER)
    leave_jobs(persons=np.zeros(1, np.int64), people=persons, firms=door)
    assert door.startups.headcount[0] == 2
    assert (persons.status[0], persons.employer[0]) == (Status.SEARCHING, NOBODY)


def test_work_is_where_the_employer_is():
    """A startup in district 2, corporates in 3 and 4, and the pool of other incumbents, which sits everywhere."""
    door = firms(
        startups=rows(STARTUP, 2, district=[7, 2]), corporates=rows(CORPORATE, 3, district=[3, 4, 5], pool=[0, 0, 1])
    )
    employers = np.array([1, as_employer(0), as_employer(1), as_employer(2), NOBODY, 0])
    assert [workplace(one, door) for one in employers] == [2, 3, 4, NOBODY, NOBODY, 7]


# ---------------------------------------------------------------- the quarter


def after_hiring(quarters=1, **terms):
    """A city of one field after quarters in which a corporate wants ten people and, of twelve, two work there: the
    model with what it tells, and who was hired in each quarter.
    """
    n = 12
    state = State(Persons(n))
    state.persons.count = n
    persons = state.persons
    persons.id[:], persons.status[:] = np.arange(n), Status.SEARCHING
    persons.status[:2], persons.employer[:2] = Status.EMPLOYED, as_employer(0)
    persons.workplace[2] = 5
    fill(state.corporates, rows(CORPORATE, full_staff=10.0, headcount=2, wage_offer=1.0, district=3))
    fill(state.sectors, rows(SECTOR, wage=110.0, payroll_share=0.5))
    fill(state.districts, rows(DISTRICT))
    fill(state.tally, rows(TALLY))
    model = SimpleNamespace(
        state=state,
        params={
            "labour": WAGES._replace(**terms),
            "staffing": params(staffing.Params, affordable_quarters=1.0),
            "vacancies": params(vacancies.Params, matching=0.5, most_matched=1.0),
            "output": params(output.Params, labour_elasticity=0.5),
            "operations": params(operations.Params),
        },
        seed=1,
        chance=Chance(1, 8100),
        quarter=8100,
        cycle=1.0,
        city=dated(8100, traits=SimpleNamespace(base_wage=np.array([80.0]))),
        conditions=SimpleNamespace(rival_wage=1.25),
        levers=Levers(["PD"], ["ai"]),
        labour=output.Labour(np.ones(1), np.ones((1, 1)), np.ones(1)),
        blocks=lambda work, n: [work(slice(0, 5)), work(slice(5, n))],
    )
    hires = []
    for _ in range(quarters):
        hires.append(labour.hire(model))
        model.quarter += 1
        model.chance = Chance(1, model.quarter)
    return model, hires


def test_hires_and_searches_are_counted():
    model, (hired,) = after_hiring()
    persons, tally = model.state.persons, model.state.tally.used[0]
    works = persons.status == Status.EMPLOYED
    assert works[:2].all() and sorted(hired) == [slot for slot in range(2, 12) if works[slot]]
    assert 0 < len(hired) < 8
    assert (tally.vacancies, tally.hires, tally.separations, tally.turned) == (8, len(hired), 0, 0)
    assert (persons.idle[2:] == ~works[2:]).all()
    assert model.state.corporates.used.headcount[0] == 2 + len(hired)


def test_who_finds_nothing_waits_longer_until_hired():
    model, hires = after_hiring(quarters=3)
    persons = model.state.persons
    looking = persons.status == Status.SEARCHING
    assert looking.any() and (persons.idle == np.where(looking, 3, 0)).all()
    assert len(np.unique(np.concatenate(hires))) == sum(map(len, hires))


def test_the_wage_follows_posts_a_searcher_and_the_wage_elsewhere():
    """Eight posts and ten searchers, one more of each so that none is none; elsewhere the wage is 80 x 1.25."""
    sector = after_hiring(pull=0.2)[0].state.sectors.used[0]
    assert sector.tightness == pytest.approx(9 / 11)
    assert sector.wage == pytest.approx(110 * math.exp(0.01 * math.log(9 / 11) - 0.2 * math.log(1.1)))


def test_everybody_may_leave_and_be_hired_again():
    """Who leaves remembers where work was, and who has looked for it before remembers what was before that."""
    model, (hired,) = after_hiring(quit_incumbent=1.0)
    tally = model.state.tally.used[0]
    assert (tally.separations, tally.vacancies) == (2, 10)
    assert (model.state.persons.status == Status.EMPLOYED).sum() == len(hired) == tally.hires
    assert model.state.persons.workplace.tolist() == [3, 3, 5, *[NOBODY] * 9]
    assert (after_hiring()[0].state.persons.workplace[:2] == NOBODY).all()  # who stays has not left yet
