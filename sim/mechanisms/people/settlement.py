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
from sim.world.draws import Decision, exp, log, normal, uniform
from sim.world.employment import leave_jobs
from sim.world.kernel import kernel
from sim.world.kinds import Origin, Sector, Status


class Arrivals(NamedTuple):
    """Persons who take up residence, each an int64[n]."""

    cohort: np.ndarray  # kinds.Cohort
    ids: np.ndarray  # numbers of the persons
    origin: np.ndarray  # kinds.Origin
    fields: np.ndarray  # field of knowledge, a sector
    homes: np.ndarray  # district
    permit_until: np.ndarray  # last quarter of the permit, NEVER where none is needed


class Newcomers(NamedTuple):
    """What those who settle are like."""

    workforce: np.ndarray  # shares of the fields of knowledge, float64[sectors]
    skill_returnee: float  # beyond that of locals, standard deviations
    skill_foreign: float
    return_to_skill: float
    wealth_median: float  # yuan
    wealth_spread: float  # of its log
    prior_success: float  # beliefs about founding, Beta counts
    prior_failure: float


@kernel
def identities(cohort, quarter, n):
    """The numbers of the first n persons of a pool's quarter, int64[n]."""
    return (np.int64(cohort) << 48) | (np.int64(quarter) << 32) | np.arange(n)


@kernel
def kinds_by_share(shares, luck):
    """Kinds drawn by their shares, which sum to one, with uniform draws `luck`: int64[n]."""
    kinds = np.empty(len(luck), np.int64)
    for k in range(len(luck)):
        kind, up_to = 0, shares[0]
        while kind < len(shares) - 1 and up_to <= luck[k]:
            kind += 1
            up_to += shares[kind]
        kinds[k] = kind
    return kinds


def initial_origins(city, ids, seed):
    """Origins of the residents at the start, int64[n]."""
    return kinds_by_share(city.origin, draws.uniforms(seed, Decision.ORIGIN, 0, ids))


@kernel
def _become(chance, slots, arrivals, people, newcomers, ages_):
    """Arrivals become persons who look for work: fills their columns but for the cell; returns the wealth that they
    bring, yuan.
    """
    seed, ids, brought = chance.seed, arrivals.ids, 0
    age = ages.at_arrival(arrivals.cohort, ids, seed, ages_)
    factor = ages.wealth_of(age, ages_)
    luck = np.empty(len(ids))
    for k in range(len(ids)):
        luck[k] = uniform(seed, Decision.SECOND_FIELD, 0, ids[k], 0)
    second = kinds_by_share(newcomers.workforce, luck)
    for k in range(len(ids)):
        i, origin = slots[k], arrivals.origin[k]
        skill = normal(seed, Decision.SKILL, 0, ids[k], 0)
        if origin == Origin.RETURNEE:
            skill += newcomers.skill_returnee
        elif origin == Origin.FOREIGN:
            skill += newcomers.skill_foreign
        wealth = newcomers.wealth_median * exp(newcomers.wealth_spread * normal(seed, Decision.WEALTH, 0, ids[k], 0))
        people.id[i] = ids[k]
        people.status[i] = Status.SEARCHING
        people.origin[i] = origin
        people.field[i] = arrivals.fields[k]
        people.second_field[i] = second[k]
        people.home[i] = arrivals.homes[k]
        people.skill[i] = skill
        people.efficiency[i] = exp(newcomers.return_to_skill * skill)
        people.wealth[i] = np.int64(factor[k] * wealth)
        people.belief_success[i] = newcomers.prior_success
        people.belief_failure[i] = newcomers.prior_failure
        people.visa_until[i] = arrivals.permit_until[k]
        people.arrived[i] = chance.quarter
        people.born[i] = chance.quarter - np.int64(4.0 * age[k])
        brought += people.wealth[i]
    return brought


def settle(state, city, map_, params, chance, groups):
    """Arrivals, group by group, take up residence; what they are follows from their numbers alone. Returns their slots,
    int64[n].

    `params` are those of all mechanisms. New persons look for work. Wealth comes with them from the world.
    """
    persons, labour, beliefs = state.persons, params["labour"], params["learning"]
    slots = np.concatenate([_free_slots(persons, len(group.ids)) for group in groups])
    arrivals = Arrivals(*(np.concatenate(columns) for columns in zip(*groups, strict=True)))
    persons.clear(slots)
    newcomers = Newcomers(
        workforce=city.traits.workforce,
        skill_returnee=labour.skill_returnee,
        skill_foreign=labour.skill_foreign,
        return_to_skill=labour.return_to_skill,
        wealth_median=city.wealth_median,
        wealth_spread=np.sqrt(2.0 * log(city.wealth_mean / city.wealth_median)),
        prior_success=beliefs.prior_success,
        prior_failure=beliefs.prior_failure,
    )
    brought = _become(
        chance=chance,
        slots=slots,
        arrivals=arrivals,
        people=state.people(),
        newcomers=newcomers,
        ages_=params["ages"],
    )
    persons.cell[slots] = map_.draw_cells(arrivals.homes, draws.uniforms(chance.seed, Decision.HOME, 1, arrivals.ids))
    pay(state.flows, Transaction.MIGRATION, Sector.WORLD, Sector.PERSONS, brought)
    state.treasury.rows.world[0] -= brought
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


@kernel
def _release(slots, people, firms, districts):
    """The persons in `slots` leave their job and home and are there no more; returns the wealth that goes with them,
    yuan.
    """
    gone = 0
    leave_jobs(slots, people, firms)
    for i in slots:
        people.status[i] = Status.ABSENT
        districts.homes[people.home[i]] -= people.subsidised_home[i]
        people.subsidised_home[i] = 0
        gone += people.wealth[i]
        people.wealth[i] = 0
    return gone


def release(state, slots):
    """The persons in `slots` go: their money with them, their job is free again, their slot empty."""
    if len(slots) == 0:
        return
    persons = state.persons
    gone = _release(slots=slots, people=state.people(), firms=state.firms(), districts=state.districts.used)
    pay(state.flows, Transaction.MIGRATION, Sector.PERSONS, Sector.WORLD, gone)
    state.treasury.rows.world[0] += gone
    persons.free = np.concatenate([persons.free, slots])


@kernel
def _wanting(people, district, came_after, homes_for, homes_skill):
    """Newcomers of a district who may have a subsidised home and have none, slots of persons, int64[n]."""
    n, slots = 0, np.empty(len(people.id), np.int64)
    for i in range(len(people.id)):
        lives = people.home[i] == district and people.status[i] > Status.ABSENT
        if lives and people.subsidised_home[i] == 0 and people.arrived[i] > came_after:
            if homes_for[people.origin[i]] > 0.0 and people.skill[i] >= homes_skill:
                slots[n] = i
                n += 1
    return slots[:n]


def house(model):
    """Free subsidised homes go to newcomers of the district of the origins and skill admitted, the latest first, then
    by number.
    """
    state, levers = model.state, model.levers
    free = levers.homes.astype(np.int64) - state.districts.used.homes
    if free.max() <= 0:
        return
    people, came_after = state.people(), model.quarter - model.params["migration"].newcomer_quarters
    for d in np.flatnonzero(free > 0):
        wants = _wanting(
            people=people,
            district=d,
            came_after=came_after,
            homes_for=levers.homes_for,
            homes_skill=levers.homes_skill,
        )
        order = np.lexsort((people.id[wants], -people.arrived[wants]))
        chosen = wants[order[: free[d]]]
        people.subsidised_home[chosen] = 1
        state.districts.rows.homes[d] += len(chosen)
