"""The market for people: firms post vacancies, people look for work, wages follow tightness.

Each sector is a market. Incumbents want

    headcount = size e^(growth t) demand (wage / wage elsewhere)^-elasticity

and startups what their spending can carry. People quit or are laid off, look for work in their
field, then in their second field, and meet a vacancy drawn at random. Wages:

    log w' = log w + flexibility log(tightness / normal tightness) + pull (log wage elsewhere - log w)

Where many work a worker does more and is paid for it: startups' pay and what a worker carries grow with
(startup jobs a km2 of the district)^premium (F12), around the mean worker.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.draws import Decision, exp, log, uniform, uniforms_at
from sim.world.employment import as_employer, corporate_of, leave_jobs, take_job
from sim.world.kernel import kernel
from sim.world.kinds import Life, Stage, Status


class Params(NamedTuple):
    return_to_skill: float
    skill_returnee: float
    skill_foreign: float
    employed_at_start: float
    corporate_share: float
    corporate_tail: float
    corporate_cash: float
    corporate_budget: float
    incumbent_growth: float
    demand_elasticity: float
    demand_cycle: float
    quit_incumbent: float
    quit_startup: float
    layoff_speed: float
    normal_tightness: float
    flexibility: float
    pull: float
    wage_step_cap: float
    startup_hiring_speed: float
    sales_spent: float
    idea_team: float
    search_success: float
    second_field_success: float
    density_premium: float


class Vacancies(NamedTuple):
    """Open posts, those of a sector in a row."""

    employers: np.ndarray  # who posts each, int64[posts]
    first: np.ndarray  # where the posts of a sector begin, int64[sectors]
    left: np.ndarray  # how many of them are open still, int64[sectors]; the open ones come first


@kernel
def wanted(size, growth, quarters, demand, wage, wage_elsewhere, elasticity):
    """Headcount that an incumbent wants; `growth` a year, `demand` relative to normal."""
    return size * exp(growth * quarters / 4.0 + log(demand) - elasticity * (log(wage) - log(wage_elsewhere)))


@kernel
def new_wage(wage, wage_elsewhere, tightness, params):
    """Wage after a quarter of tightness (vacancies a searcher) and of the pull from elsewhere, in steps of a limited
    size.
    """
    step = params.flexibility * (log(tightness) - log(params.normal_tightness)) + params.pull * (
        log(wage_elsewhere) - log(wage)
    )
    return wage * exp(min(max(step, -params.wage_step_cap), params.wage_step_cap))


def density_premium(state, elasticity):
    """Pay and work of a startup's worker by district, relative to the mean worker: (startup jobs a km2)^elasticity,
    float64[districts].
    """
    startups, area = state.startups.used, state.districts.used.area
    alive = startups.life == Life.ALIVE
    jobs = 1.0 + np.bincount(startups.district[alive], startups.headcount[alive], len(area))
    premium = draws.exps(elasticity * draws.logs(jobs / area))
    return premium / ((premium * jobs).sum() / jobs.sum())


@kernel
def _plan_incumbents(firms, quarters, demand, wage_elsewhere, params):
    """Incumbents want the people that demand and their wage justify; `wage_elsewhere` by sector."""
    for i in range(len(firms.corporates)):
        firm = firms.corporates[i]
        sector = firms.sectors[firm.sector]
        firm.target = np.int64(
            wanted(
                size=firm.full_staff,
                growth=params.incumbent_growth + sector.trend,
                quarters=quarters,
                demand=demand,
                wage=sector.wage * firm.wage_offer,
                wage_elsewhere=wage_elsewhere[firm.sector],
                elasticity=params.demand_elasticity,
            )
        )


@kernel
def _plan_startups(firms, premium, params):
    """Startups want the people that their payroll share of spending and of sales can carry; `premium` by district."""
    for i in range(len(firms.startups)):
        firm = firms.startups[i]
        if firm.life == Life.ALIVE:
            sector = firms.sectors[firm.sector]
            spending = firm.burn + params.sales_spent * firm.revenue
            carried = np.int64(sector.payroll_share * spending / (sector.wage * premium[firm.district]))
            if firm.stage == Stage.IDEA:
                carried = min(carried, np.int64(params.idea_team))
            step = np.int64(params.startup_hiring_speed * (carried - firm.headcount))
            if carried > firm.headcount:
                step = max(step, 1)
            firm.target = max(0, firm.headcount + step)


@kernel
def _separation_chances(firms, params, at_startups, at_corporates):
    """Fills the chance to lose or leave a job this quarter, by startup and by corporate."""
    startups, corporates = firms.startups, firms.corporates
    for i in range(len(startups)):
        surplus = startups.headcount[i] - startups.target[i]
        at_startups[i] = params.quit_startup
        if surplus > 0:
            at_startups[i] += (surplus + 0.0) / startups.headcount[i]
    for i in range(len(corporates)):
        surplus = corporates.headcount[i] - corporates.target[i]
        at_corporates[i] = params.quit_incumbent
        if surplus > 0:
            at_corporates[i] += params.layoff_speed * surplus / corporates.headcount[i]


@kernel
def _separate(chance, people, at_startups, at_corporates, separates):
    """Who has a job leaves or loses it by chance: fills `separates`, bool[persons]."""
    n = len(people.id)
    odds = np.zeros(n)
    for i in range(n):
        if people.status[i] == Status.EMPLOYED:
            employer = people.employer[i]
            odds[i] = at_startups[employer] if employer >= 0 else at_corporates[corporate_of(employer)]
    for i in range(n):  # of draws alone, so that it is vectorised
        separates[i] = uniform(chance.seed, Decision.QUIT, chance.quarter, people.id[i], 0) < odds[i]


@kernel
def _vacancies(firms):
    """Employers post what they lack: the Vacancies of the quarter."""
    startups, corporates, sectors = firms.startups, firms.corporates, len(firms.sectors)
    counts = np.zeros(sectors, np.int64)
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE and startups.target[i] > startups.headcount[i]:
            counts[startups.sector[i]] += startups.target[i] - startups.headcount[i]
    for i in range(len(corporates)):
        if corporates.target[i] > corporates.headcount[i]:
            counts[corporates.sector[i]] += corporates.target[i] - corporates.headcount[i]
    ends = np.cumsum(counts)
    employers = np.empty(ends[sectors - 1], np.int64)
    following = ends - counts
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE:
            for _ in range(startups.target[i] - startups.headcount[i]):
                employers[following[startups.sector[i]]] = i
                following[startups.sector[i]] += 1
    for i in range(len(corporates)):
        for _ in range(corporates.target[i] - corporates.headcount[i]):
            employers[following[corporates.sector[i]]] = as_employer(i)
            following[corporates.sector[i]] += 1
    return Vacancies(employers, ends - counts, counts)


@kernel
def _match(chance, searchers, people, vacancies, firms, params):
    """Each searcher meets a random open vacancy of the field, else of the second field; returns the number of hires.

    `searchers` are slots of persons, int64[n].
    """
    employers, first, left = vacancies.employers, vacancies.first, vacancies.left
    n = len(left)
    searching = np.zeros(n, np.int64)
    for i in searchers:
        searching[people.field[i]] += 1
    meets = np.empty(n)
    for s in range(n):
        meets[s] = params.search_success * min(1.0, left[s] / max(searching[s], 1))
    luck, second_luck = (
        uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, searchers, 0),
        uniforms_at(chance.seed, Decision.MATCH, chance.quarter, people.id, searchers, 1),
    )
    hires = 0
    for k in range(len(searchers)):
        i = searchers[k]
        for attempt in range(2):
            s = people.field[i] if attempt == 0 else people.second_field[i]
            if left[s] == 0:
                continue
            odds = meets[s] if attempt == 0 else params.second_field_success * meets[s]
            if (luck[k] if attempt == 0 else second_luck[k]) >= odds:
                continue
            pick = first[s] + np.int64(
                uniform(chance.seed, Decision.MATCH, chance.quarter, people.id[i], 2 + attempt) * left[s]
            )
            left[s] -= 1
            take_job(person=i, employer=employers[pick], people=people, firms=firms)
            employers[pick] = employers[first[s] + left[s]]
            hires += 1
            break
    return hires


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
    """People quit and are laid off, vacancies are posted and filled, wages move."""
    state, params, persons = model.state, model.params["labour"], model.state.persons
    people, firms, tally = state.people(), state.firms(), state.tally.rows
    wage_elsewhere = model.city.traits.base_wage * model.conditions.rival_wage * model.levers.rival_wage
    _plan_incumbents(
        firms=firms,
        quarters=model.quarter - model.city.first,
        demand=1.0 + params.demand_cycle * (model.cycle - 1.0),
        wage_elsewhere=wage_elsewhere,
        params=params,
    )
    _plan_startups(firms=firms, premium=density_premium(state, params.density_premium), params=params)
    at_startups, at_corporates = np.empty(len(firms.startups)), np.empty(len(firms.corporates))
    _separation_chances(firms=firms, params=params, at_startups=at_startups, at_corporates=at_corporates)
    separates = np.zeros(persons.count, np.bool_)

    def one_block(part):
        _separate(
            chance=model.chance,
            people=state.people(part),
            at_startups=at_startups,
            at_corporates=at_corporates,
            separates=separates[part],
        )

    model.blocks(one_block, persons.count)
    leavers = np.flatnonzero(separates)
    leave_jobs(persons=leavers, people=people, firms=firms)
    vacancies = _vacancies(firms)
    posted = vacancies.left.copy()
    searchers = np.flatnonzero(people.status == Status.SEARCHING)
    searching = np.bincount(people.field[searchers], minlength=len(posted))
    tally.separations[0], tally.vacancies[0] = len(leavers), len(vacancies.employers)
    tally.hires[0] = _match(
        chance=model.chance, searchers=searchers, people=people, vacancies=vacancies, firms=firms, params=params
    )
    _adjust_wages(
        sectors=firms.sectors, searching=searching, posted=posted, wage_elsewhere=wage_elsewhere, params=params
    )
