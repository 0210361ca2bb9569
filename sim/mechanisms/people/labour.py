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
from sim.world.kernel import kernel
from sim.world.kinds import NOBODY, Life, Stage, Status


class Params(NamedTuple):
    return_to_skill: float
    skill_returnee: float
    skill_foreign: float
    incumbent_growth: float
    demand_elasticity: float
    demand_cycle: float
    quit_incumbent: float
    quit_startup: float
    layoff_speed: float
    normal_tightness: float
    flexibility: float
    pull: float
    startup_hiring_speed: float
    density_premium: float
    search_success: float


@kernel
def wanted(size, growth, quarters, demand, wage, wage_elsewhere, elasticity):
    """Headcount that an incumbent wants."""
    return size * exp(growth * quarters / 4.0 + log(demand) - elasticity * (log(wage) - log(wage_elsewhere)))


@kernel
def new_wage(wage, wage_elsewhere, tightness, normal, flexibility, pull):
    """Wage after a quarter of tightness and of the pull from elsewhere; moves at most 5 percent."""
    step = flexibility * (log(tightness) - log(normal)) + pull * (log(wage_elsewhere) - log(wage))
    return wage * exp(min(max(step, -0.05), 0.05))


def density_premium(state, elasticity):
    """Pay and work of a startup's worker by district, relative to the mean worker:

    (startup jobs a km2)^elasticity, float64[districts].
    """
    startups, area = state.startups.used, state.districts.used.area
    alive = startups.life == Life.ALIVE
    jobs = 1.0 + np.bincount(startups.district[alive], startups.headcount[alive], len(area))
    premium = draws.exps(elasticity * draws.logs(jobs / area))
    return premium / ((premium * jobs).sum() / jobs.sum())


@kernel
def _plan_startups(startups, sectors, premium, hiring_speed):
    """Startups want the people that their payroll share of spending and of sales can carry."""
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life == Life.ALIVE:
            sector = sectors[firm.sector]
            spending = firm.burn + 0.8 * firm.revenue
            carried = np.int64(sector.payroll_share * spending / (sector.wage * premium[firm.district]))
            if firm.stage == Stage.IDEA:
                carried = min(carried, 3)
            step = np.int64(hiring_speed * (carried - firm.headcount))
            if carried > firm.headcount:
                step = max(step, 1)
            firm.target = max(0, firm.headcount + step)


@kernel
def _layoff_chance(startups, corporates, params, startup_chance, corporate_chance):
    for i in range(len(startups)):
        surplus = startups.headcount[i] - startups.target[i]
        startup_chance[i] = params.quit_startup
        if surplus > 0:
            startup_chance[i] += (surplus + 0.0) / startups.headcount[i]
    for i in range(len(corporates)):
        surplus = corporates.headcount[i] - corporates.target[i]
        corporate_chance[i] = params.quit_incumbent
        if surplus > 0:
            corporate_chance[i] += params.layoff_speed * surplus / corporates.headcount[i]


@kernel
def _chance_to_separate(status, employer, startup_chance, corporate_chance, chance):
    for i in range(len(status)):
        chance[i] = 0.0
        if status[i] == Status.EMPLOYED:
            if employer[i] >= 0:
                chance[i] = startup_chance[employer[i]]
            else:
                chance[i] = corporate_chance[-2 - employer[i]]


@kernel
def _separate(seed, quarter, ids, chance, separates):
    for i in range(len(ids)):
        separates[i] = uniform(seed, Decision.QUIT, quarter, ids[i], 0) < chance[i]


@kernel
def _release(people, status, employer, startups, corporates):
    for k in range(len(people)):
        i = people[k]
        if employer[i] >= 0:
            startups.headcount[employer[i]] -= 1
        else:
            corporates.headcount[-2 - employer[i]] -= 1
        employer[i] = NOBODY
        status[i] = Status.OUT


@kernel
def _vacancies(startups, corporates, sectors):
    """Employers of all vacancies, by sector: (offsets, employers)."""
    n = len(sectors)
    counts = np.zeros(n + 1, np.int64)
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE and startups.target[i] > startups.headcount[i]:
            counts[startups.sector[i] + 1] += startups.target[i] - startups.headcount[i]
    for i in range(len(corporates)):
        if corporates.target[i] > corporates.headcount[i]:
            counts[corporates.sector[i] + 1] += corporates.target[i] - corporates.headcount[i]
    offsets = np.cumsum(counts)
    employers = np.empty(offsets[n], np.int64)
    filled = offsets.copy()
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE:
            for _ in range(startups.target[i] - startups.headcount[i]):
                employers[filled[startups.sector[i]]] = i
                filled[startups.sector[i]] += 1
    for i in range(len(corporates)):
        for _ in range(corporates.target[i] - corporates.headcount[i]):
            employers[filled[corporates.sector[i]]] = -2 - i
            filled[corporates.sector[i]] += 1
    return offsets, employers


@kernel
def _match(
    seed,
    quarter,
    searchers,
    ids,
    fields,
    seconds,
    status,
    employer,
    offsets,
    employers,
    left,
    success,
    startups,
    corporates,
):
    """Each searcher meets a random open vacancy of the field, else of the second field; returns the number of hires."""
    n = len(left)
    hires = 0
    searching = np.zeros(n, np.int64)
    for k in range(len(searchers)):
        searching[fields[searchers[k]]] += 1
    chance = np.empty(n)
    for s in range(n):
        chance[s] = success * min(1.0, left[s] / max(searching[s], 1))
    luck, second_luck = (
        uniforms_at(seed, Decision.MATCH, quarter, ids, searchers, 0),
        uniforms_at(seed, Decision.MATCH, quarter, ids, searchers, 1),
    )
    for k in range(len(searchers)):
        i = searchers[k]
        for attempt in range(2):
            s = fields[i] if attempt == 0 else seconds[i]
            if left[s] == 0:
                continue
            odds = chance[s] if attempt == 0 else 0.5 * chance[s]
            if (luck[k] if attempt == 0 else second_luck[k]) >= odds:
                continue
            pick = offsets[s] + np.int64(uniform(seed, Decision.MATCH, quarter, ids[i], 2 + attempt) * left[s])
            chosen = employers[pick]
            last = offsets[s] + left[s] - 1
            employers[pick] = employers[last]
            left[s] -= 1
            employer[i] = chosen
            status[i] = Status.EMPLOYED
            if chosen >= 0:
                startups.headcount[chosen] += 1
            else:
                corporates.headcount[-2 - chosen] += 1
            hires += 1
            break
    return hires


@kernel
def _plan_incumbents(corporates, sectors, params, quarters, demand, wage_elsewhere):
    for i in range(len(corporates)):
        firm = corporates[i]
        s = firm.sector
        wage = sectors.wage[s] * firm.wage_offer
        firm.target = np.int64(
            wanted(
                firm.full_staff,
                params.incumbent_growth + sectors.trend[s],
                quarters,
                demand,
                wage,
                wage_elsewhere[s],
                params.demand_elasticity,
            )
        )


@kernel
def _adjust_wages(sectors, searching, vacancies, wage_elsewhere, params):
    for s in range(len(sectors)):
        tightness = (vacancies[s] + 1.0) / (searching[s] + 1.0)
        sectors.tightness[s] = tightness
        sectors.wage[s] = new_wage(
            sectors.wage[s], wage_elsewhere[s], tightness, params.normal_tightness, params.flexibility, params.pull
        )


def hire(model):
    """People quit and are laid off, vacancies are posted and filled, wages move."""
    state, params, quarter, seed = model.state, model.params["labour"], model.quarter, model.seed
    persons, startups, corporates = state.persons, state.startups.used, state.corporates.used
    sectors, tally = state.sectors.used, state.tally.rows
    wage_elsewhere = model.city.traits.base_wage * model.conditions.rival_wage * model.levers.rival_wage
    demand = 1.0 + params.demand_cycle * (model.cycle - 1.0)
    _plan_incumbents(corporates, sectors, params, quarter - model.city.first, demand, wage_elsewhere)
    _plan_startups(startups, sectors, density_premium(state, params.density_premium), params.startup_hiring_speed)
    startup_chance, corporate_chance = np.empty(len(startups) + 1), np.empty(len(corporates))
    _layoff_chance(startups, corporates, params, startup_chance, corporate_chance)
    chance, separates = np.empty(persons.count), np.zeros(persons.count, np.bool_)

    def one_block(part):
        _chance_to_separate(
            persons.status[part], persons.employer[part], startup_chance, corporate_chance, chance[part]
        )
        _separate(seed, quarter, persons.id[part], chance[part], separates[part])

    model.blocks(one_block, persons.count)
    people = np.flatnonzero(separates)
    _release(people, persons.status, persons.employer, startups, corporates)
    offsets, employers = _vacancies(startups, corporates, sectors)
    searchers = np.flatnonzero(persons.status[: persons.count] == Status.OUT)
    searching = np.bincount(persons.field[searchers], minlength=len(sectors))
    vacancies = np.diff(offsets)
    tally.separations[0], tally.vacancies[0] = len(people), len(employers)
    tally.hires[0] = _match(
        seed,
        quarter,
        searchers,
        persons.id,
        persons.field,
        persons.second_field,
        persons.status,
        persons.employer,
        offsets,
        employers,
        vacancies.copy(),
        params.search_success,
        startups,
        corporates,
    )
    _adjust_wages(sectors, searching, vacancies, wage_elsewhere, params)
