"""Persons take up residence and give it up: who they are, and what comes and goes with them.

What a person is follows from the number alone, a pure function of cohort, quarter and place in the pool; so the same
persons weigh coming in every world. Wealth comes with them from the world and goes with them. The first residents
settle as those who come later do.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.people import ages
from sim.world import draws
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision
from sim.world.employment import leave_jobs
from sim.world.kinds import NEVER, Sector, Status


class Arrivals(NamedTuple):
    """Persons who take up residence, all of one cohort."""

    cohort: int  # kinds.Cohort
    ids: np.ndarray  # numbers of the persons, int64[n]
    origin: np.ndarray  # kinds.Origin, int64[n] or one for all
    fields: np.ndarray  # field of knowledge, a sector, int64[n]
    homes: np.ndarray  # district, int64[n]
    permit_until: np.ndarray = NEVER  # last quarter of the permit, int64[n] or one for all


def identities(cohort, quarter, n):
    """The numbers of the first n persons of a pool's quarter, int64[n]."""
    return (np.int64(cohort) << 48) | (np.int64(quarter) << 32) | np.arange(n, dtype=np.int64)


def kinds_by_share(shares, luck):
    """Kinds drawn by their shares, which sum to one, with uniform draws `luck`: int64[n]."""
    return np.searchsorted(np.cumsum(shares)[:-1], luck, side="right")


def initial_origins(city, ids, seed):
    """Origins of the residents at the start, int64[n]."""
    return kinds_by_share(city.origin, draws.uniforms(seed, Decision.ORIGIN, 0, ids))


def settle(state, city, map_, params, chance, arrivals):
    """Arrivals take up residence; what they are follows from their numbers alone. Returns their slots, int64[n].

    `params` are those of all mechanisms. New persons look for work. Wealth comes with them from the world.
    """
    persons, ids, seed = state.persons, arrivals.ids, chance.seed
    labour, beliefs = params["labour"], params["learning"]
    slots = _free_slots(persons, len(ids))
    premium = np.array([0.0, labour.skill_returnee, labour.skill_foreign])[arrivals.origin]
    skill = draws.normals(seed, Decision.SKILL, 0, ids) + premium
    spread = np.sqrt(2.0 * draws.logs(np.array([city.wealth_mean / city.wealth_median]))[0])
    age = ages.at_arrival(arrivals.cohort, ids, seed, params["ages"])
    wealth = city.wealth_median * draws.exps(spread * draws.normals(seed, Decision.WEALTH, 0, ids))
    wealth = (ages.wealth_of(age, params["ages"]) * wealth).astype(np.int64)
    persons.clear(slots)
    for name, value in {
        "id": ids,
        "status": Status.SEARCHING,
        "origin": arrivals.origin,
        "field": arrivals.fields,
        "second_field": kinds_by_share(city.traits.workforce, draws.uniforms(seed, Decision.SECOND_FIELD, 0, ids)),
        "home": arrivals.homes,
        "cell": map_.draw_cells(arrivals.homes, draws.uniforms(seed, Decision.HOME, 1, ids)),
        "skill": skill,
        "efficiency": draws.exps(labour.return_to_skill * skill),
        "wealth": wealth,
        "belief_success": beliefs.prior_success,
        "belief_failure": beliefs.prior_failure,
        "visa_until": arrivals.permit_until,
        "arrived": chance.quarter,
        "born": chance.quarter - (4 * age).astype(np.int64),
    }.items():
        getattr(persons, name)[slots] = value
    total = int(wealth.sum())
    pay(state.flows, Transaction.MIGRATION, Sector.WORLD, Sector.PERSONS, total)
    state.treasury.rows.world[0] -= total
    return slots


def _free_slots(persons, n):
    """Slots for n new persons, those that were left last and then unused ones, int64[n]."""
    reused = min(n, len(persons.free))
    kept = len(persons.free) - reused
    slots = np.concatenate([persons.free[kept:], np.arange(persons.count, persons.count + n - reused)])
    persons.free = persons.free[:kept]
    persons.reserve(n - reused)
    persons.count += n - reused
    return slots


def release(state, slots):
    """The persons in `slots` go: their money with them, their job is free again, their slot empty."""
    persons = state.persons
    leave_jobs(persons=slots, people=state.people(), firms=state.firms())
    np.subtract.at(state.districts.rows.homes, persons.home[slots], persons.subsidised_home[slots])
    wealth = int(persons.wealth[slots].sum())
    pay(state.flows, Transaction.MIGRATION, Sector.PERSONS, Sector.WORLD, wealth)
    state.treasury.rows.world[0] += wealth
    persons.wealth[slots] = 0
    persons.subsidised_home[slots] = 0
    persons.status[slots] = Status.ABSENT
    persons.free = np.concatenate([persons.free, slots])


def house(model):
    """Free subsidised homes go to newcomers of the district of the origins and skill admitted, the latest first, then
    by number.
    """
    state, levers, people = model.state, model.levers, model.state.people()
    free = levers.homes.astype(np.int64) - state.districts.used.homes
    came_after = model.quarter - model.params["migration"].newcomer_quarters
    for d in np.flatnonzero(free > 0):
        wants = (people.status > Status.ABSENT) & (people.home == d) & (people.subsidised_home == 0)
        wants &= (levers.homes_for[people.origin] > 0.0) & (people.skill >= levers.homes_skill)
        wants = np.flatnonzero(wants & (people.arrived > came_after))
        order = np.lexsort((people.id[wants], -people.arrived[wants]))
        chosen = wants[order[: free[d]]]
        people.subsidised_home[chosen] = 1
        state.districts.rows.homes[d] += len(chosen)
