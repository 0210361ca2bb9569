"""The market for people: employers plan their staff, people leave jobs and look for others, wages follow tightness.

Each sector is a market. People quit or are laid off and look for work; employers post what they lack of the people
they want (`staffing`), and posts and people meet (`vacancies`). Wages:

    log w' = log w + flexibility log(tightness / normal tightness) + pull (log wage elsewhere - log w)
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.people import staffing, vacancies
from sim.world.draws import Decision, exp, log, uniform
from sim.world.employment import as_employer, employers, leave_jobs, workplace
from sim.world.kernel import kernel
from sim.world.kinds import Status


class Params(NamedTuple):
    return_to_skill: float
    skill_returnee: float
    skill_foreign: float
    employed_at_start: float
    corporate_share: float
    corporate_tail: float
    corporate_cash: float
    quit_incumbent: float
    quit_startup: float
    layoff_speed: float
    normal_tightness: float
    flexibility: float
    pull: float
    wage_step_cap: float


@kernel
def new_wage(wage, wage_elsewhere, tightness, params):
    """Wage after a quarter of tightness (vacancies a searcher) and of the pull from elsewhere, in steps of a limited
    size.
    """
    step = params.flexibility * (log(tightness) - log(params.normal_tightness)) + params.pull * (
        log(wage_elsewhere) - log(wage)
    )
    return wage * exp(min(max(step, -params.wage_step_cap), params.wage_step_cap))


@kernel
def _separation_chances(firms, params):
    """Chance to lose or leave a job this quarter, float64[employers]."""
    startups, corporates, chances = firms.startups, firms.corporates, np.zeros(employers(firms))
    for i in range(len(startups)):
        surplus = startups.headcount[i] - startups.target[i]
        chances[i] = params.quit_startup
        if surplus > 0:
            chances[i] += (surplus + 0.0) / startups.headcount[i]
    for i in range(len(corporates)):
        surplus = corporates.headcount[i] - corporates.target[i]
        chances[as_employer(i)] = params.quit_incumbent
        if surplus > 0:
            chances[as_employer(i)] += params.layoff_speed * surplus / corporates.headcount[i]
    return chances


@kernel
def _separate(chance, people, chances, separates):
    """Who has a job leaves or loses it by the chance of the employer: fills `separates`, bool[persons]."""
    n = len(people.id)
    odds = np.empty(n)
    for i in range(n):
        odds[i] = chances[people.employer[i]] if people.status[i] == Status.EMPLOYED else 0.0
    for i in range(n):  # of draws alone, so that it is vectorised
        separates[i] = uniform(chance.seed, Decision.QUIT, chance.quarter, people.id[i], 0) < odds[i]


@kernel
def _quit(persons, people, firms):
    """The persons in slots `persons` leave their jobs, remember where those were, and look for work."""
    for i in persons:
        people.workplace[i] = workplace(people.employer[i], firms)
    leave_jobs(persons, people, firms)


@kernel
def _search(people, searching):
    """Those who look for work do so a quarter longer: their slots, int64[n]; adds them to `searching` by field."""
    n, searchers = 0, np.empty(len(people.id), np.int64)
    for i in range(len(people.id)):
        if people.status[i] == Status.SEARCHING:
            people.idle[i] += 1
            searching[people.field[i]] += 1
            searchers[n] = i
            n += 1
    return searchers[:n]


@kernel
def _adjust_wages(sectors, searching, posted, wage_elsewhere, params):
    """Wages follow tightness and the wages elsewhere; searchers, posts and wages by sector."""
    for s in range(len(sectors)):
        tightness = (posted[s] + 1.0) / (searching[s] + 1.0)
        sectors.tightness[s] = tightness
        sectors.wage[s] = new_wage(
            wage=sectors.wage[s], wage_elsewhere=wage_elsewhere[s], tightness=tightness, params=params
        )


def hire(model):
    """People quit and are laid off, posts are filled, wages move; returns who was hired, slots of persons."""
    state, params, persons = model.state, model.params["labour"], model.state.persons
    people, firms, tally = state.people(), state.firms(), state.tally.rows
    wage_elsewhere = model.city.traits.base_wage * model.conditions.rival_wage * model.levers.rival_wage
    staffing.plan(model, firms, wage_elsewhere)
    chances = _separation_chances(firms=firms, params=params)
    separates = np.zeros(persons.count, np.bool_)

    def one_block(part):
        _separate(
            chance=model.chance,
            people=state.people(part),
            chances=chances,
            separates=separates[part],
        )

    model.blocks(one_block, persons.count)
    leavers = np.flatnonzero(separates)
    _quit(persons=leavers, people=people, firms=firms)
    posts = vacancies.post(chance=model.chance, firms=firms)
    posted = posts.free.copy()
    searching = np.zeros(len(posted), np.int64)
    searchers = _search(people=people, searching=searching)
    hired, turned = vacancies.match(
        chance=model.chance,
        searchers=searchers[np.argsort(people.id[searchers])],
        people=people,
        posts=posts,
        firms=firms,
        params=model.params["vacancies"],
    )
    tally.separations[0], tally.vacancies[0] = len(leavers), posted.sum()
    tally.hires[0], tally.turned[0] = len(hired), turned
    _adjust_wages(
        sectors=firms.sectors, searching=searching, posted=posted, wage_elsewhere=wage_elsewhere, params=params
    )
    return hired
