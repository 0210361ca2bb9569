"""People choose between here, the rivals, the rest of China and abroad.

Utility of a place for a person of origin o in field s:

    V = wage_weight (log(net wage) + chance of a tax refund x log(its part of the net wage)) - rent_weight log(home
    rent) + opportunity_weight log(odds of a first round)
        + network_weight log(1 + residents of the same origin, share) + amenity + appeal
        + grant_weight grant / yearly wage - delay_weight (quarters of waiting) + permit_weight log(permit years)

The choice is a nested logit. The pools differ by what counts as moving: for those overseas it is
any place in China (the others stay abroad or go to Singapore), for those in China it is the city
or one of its rivals. One uniform draw a person decides, ordered here | elsewhere in the nest |
outside, so whatever raises the city's utility only adds people to it.

Residents leave at a hazard that falls with the advantage of the city over the best of the rest.
The pools are finite: about 35,000 persons a year return to China (from the reported shares and numbers).
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.accounts import Transaction, pay, spend
from sim.world.draws import Decision, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Cohort, Origin, RivalKind, Sector, Status

QUARTERS = 4.0
MOVERS = (Cohort.GRADUATE, Cohort.RETURNEE, Cohort.FOREIGN, Cohort.DOMESTIC)
ORIGIN_OF = {
    Cohort.INITIAL: Origin.LOCAL,
    Cohort.GRADUATE: Origin.LOCAL,
    Cohort.RETURNEE: Origin.RETURNEE,
    Cohort.FOREIGN: Origin.FOREIGN,
    Cohort.DOMESTIC: Origin.LOCAL,
}


class Params(NamedTuple):
    wage_weight: float
    rent_weight: float
    opportunity_weight: float
    network_weight: float
    appeal_weight: float
    grant_weight: float
    delay_weight: float
    permit_weight: float
    visa_delay_quarters: float
    visa_quarters: float
    visa_renewal: float
    nest: float
    district_nest: float
    constant_graduates: float
    constant_returnees: float
    constant_foreign: float
    constant_domestic: float
    stay_graduates: float
    stay_returnees: float
    stay_foreign: float
    stay_domestic: float
    leave_base: float
    leave_slope: float
    leave_reference: float
    leave_foreign: float
    retire: float
    citizen_borders: float
    stem_share: float


def constants(params, cohort):
    """Constant of the city and of staying outside, for a pool."""
    name = {
        Cohort.GRADUATE: "graduates",
        Cohort.RETURNEE: "returnees",
        Cohort.FOREIGN: "foreign",
        Cohort.DOMESTIC: "domestic",
    }[cohort]
    return getattr(params, f"constant_{name}"), getattr(params, f"stay_{name}")


def inclusive_value(utility, dissimilarity, axis=-1):
    """Log-sum of a nest: dissimilarity x log sum exp(V / dissimilarity)."""
    top = utility.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + dissimilarity * draws.logs(
        draws.exps((utility - top) / dissimilarity).sum(axis=axis)
    )


def utility_here(state, params, levers, conditions, terms, tax_rate, normal_odds):
    """Utility of living in the city, (origins, sectors, districts).

    Odds of a first round are relative to `normal_odds`, as those of the rivals are; `terms` is the share of arrivals
    who get the better permit, 0 to 1.
    """
    wage = state.sectors.used.wage * (1.0 - tax_rate)
    persons = state.persons
    residents, neighbours = np.zeros(len(Origin), np.int64), np.zeros(len(state.districts), np.int64)
    _count_residents(persons.status[: persons.count], persons.origin, persons.home, residents, neighbours)
    cut = np.where(levers.homes_for[:, None] > 0.0, _home_cut(neighbours, levers)[None, :], 0.0)
    rent = (state.districts.used.home_rent * (1.0 - cut)).ravel()
    network = draws.logs(1.0 + 100.0 * residents / max(residents.sum(), 1))
    delay = np.maximum(0.0, params.visa_delay_quarters + levers.visa_delay * terms)
    years = (params.visa_quarters + levers.visa_quarters * terms) / QUARTERS
    permit = -params.delay_weight * delay + params.permit_weight * draws.logs(years)
    permit[[Origin.LOCAL, Origin.RETURNEE]] = 0.0
    by_origin = (
        params.network_weight * network
        + np.where(np.arange(len(Origin)) == Origin.LOCAL, 0.0, params.appeal_weight * conditions.appeal)
        + levers.appeal
        + params.grant_weight * levers.arrival_grant / (QUARTERS * wage.mean())
        + permit
    )
    by_sector = params.wage_weight * draws.logs(wage) + params.opportunity_weight * draws.logs(
        state.sectors.used.odds / normal_odds
    )
    by_pay = by_sector + params.wage_weight * _tax_relief(state, levers, tax_rate)
    by_district = -params.rent_weight * draws.logs(rent).reshape(cut.shape) + state.districts.used.amenity
    return by_origin[:, None, None] + by_pay[:, :, None] + by_district[:, None, :]


def _tax_relief(state, levers, tax_rate):
    """Log gain of net pay that a tax refund promises, (origins, sectors):

    chance of pay above the floor, as residents show it, times the gain.
    """
    refunded = np.minimum(levers.tax_relief, 1.0) * max(0.0, tax_rate - levers.tax_cap)
    if refunded.max() <= 0.0:
        return np.zeros((len(Origin), len(state.sectors)))
    persons = state.persons
    here = persons.status[: persons.count] != Status.ABSENT
    origin, field = persons.origin[: persons.count][here], persons.field[: persons.count][here]
    rich = QUARTERS * state.sectors.used.wage[field] * persons.efficiency[: persons.count][here] >= levers.tax_floor
    total, above = np.zeros((2, len(Origin), len(state.sectors)))
    np.add.at(total, (origin, field), 1.0)
    np.add.at(above, (origin[rich], field[rich]), 1.0)
    return above / np.maximum(total, 1.0) * draws.logs(1.0 + refunded / (1.0 - tax_rate))[:, None]


@kernel
def _count_residents(status, origin, home, by_origin, by_district):
    for i in range(len(status)):
        if status[i] != Status.ABSENT:
            by_origin[origin[i]] += 1
            by_district[home[i]] += 1


def _home_cut(residents, levers):
    """Cut of home rents that a resident may expect, (districts,): discount x subsidised homes a resident."""
    return levers.home_discount * np.minimum(1.0, levers.homes / np.maximum(residents, 1))


def utility_elsewhere(state, params, levers, base_wage, conditions, tax_rate):
    """Utility of the other places, (rivals, sectors)."""
    rivals = state.rivals.used
    wage = rivals.wage[:, None] * (base_wage * levers.rival_wage)[None, :] * conditions.rival_wage * (1.0 - tax_rate)
    place = (
        -params.rent_weight * draws.logs(rivals.home_rent)
        + params.opportunity_weight * draws.logs(rivals.vc_odds)
        + rivals.amenity
        + rivals.generosity
        + levers.rival_generosity * (rivals.kind == RivalKind.RIVAL)
    )
    return params.wage_weight * draws.logs(wage) + place[:, None]


def choice(here, elsewhere, kinds, cohort, params):
    """Probabilities (here, anywhere in the moving nest) by sector for a pool; `here` is (sectors,)."""
    constant, stay = constants(params, cohort)
    moving = kinds == RivalKind.RIVAL
    if cohort in (Cohort.RETURNEE, Cohort.FOREIGN):
        moving = moving | (kinds == RivalKind.REST)
    nest = np.vstack([here[None, :] + constant, elsewhere[moving]]).T
    inside = inclusive_value(nest, params.nest)
    outside = inclusive_value(elsewhere[~moving].T, params.nest) + stay
    moves = 1.0 / (1.0 + draws.exps(outside - inside))
    share = draws.exps((nest[:, 0] - inside) / params.nest)
    return moves * share, moves


@kernel
def _decide(seed, quarter, ids, fields, here, moves, arrives, returned):
    for i in range(len(ids)):
        u = uniform(seed, Decision.RETURN, quarter, ids[i], 0)
        arrives[i] = u < here[fields[i]]
        returned[i] = u < moves[fields[i]]


@kernel
def _pick_homes(districts, fields, spot, homes):
    """The first district where the running sum of shares, (sectors, districts), reaches a person's spot."""
    for i in range(len(spot)):
        d = 0
        while d < districts.shape[1] - 1 and spot[i] > districts[fields[i], d]:
            d += 1
        homes[i] = d


@kernel
def _chance_to_leave(origin, home, fields, hazard, chance):
    for i in range(len(origin)):
        chance[i] = hazard[origin[i], fields[i], home[i]]


@kernel
def _leave(seed, quarter, ids, chance, leaves):
    for i in range(len(ids)):
        leaves[i] = uniform(seed, Decision.LEAVE, quarter, ids[i], 0) < chance[i]


@kernel
def _expire(seed, quarter, ids, status, visa_until, renewal, renewed_until, leaves):
    """A permit that ends is renewed or the person goes."""
    n, over = 0, np.empty(len(ids) + 1, np.int64)
    for i in range(len(ids)):
        over[n] = i
        n += (visa_until[i] != NEVER) & (visa_until[i] < quarter)
    for i in over[:n]:
        if status[i] == Status.EMPLOYED or status[i] == Status.OUT:
            if uniform(seed, Decision.VISA, quarter, ids[i], 0) < renewal:
                visa_until[i] = renewed_until
            else:
                leaves[i] = True


def hazard_of_leaving(here, elsewhere, params, leaving):
    """Chance a quarter that a resident leaves, (origins, sectors, districts); `leaving` is the lever, (sectors,)."""
    best = inclusive_value(elsewhere.T, params.nest)
    gap = here - best[None, :, None]
    hazard = params.leave_base * np.clip(draws.exps(-params.leave_slope * (gap - params.leave_reference)), 0.2, 5.0)
    hazard[Origin.FOREIGN] *= params.leave_foreign
    hazard *= leaving[None, :, None]
    return np.minimum(hazard + params.retire, 0.5)


def pool_size(per_year, index, scale):
    """Persons of a pool who weigh moving in a quarter."""
    return int(per_year / QUARTERS * index * scale + 0.5)


def release(state, people):
    """The persons in slots `people` go: their money with them, their job is free again, their slot empty."""
    persons = state.persons
    employers = persons.employer[people]
    startups = employers[employers >= 0]
    np.subtract.at(state.startups.rows.headcount, startups, 1)
    np.subtract.at(state.corporates.rows.headcount, -2 - employers[employers < -1], 1)
    np.subtract.at(state.districts.rows.homes, persons.home[people], persons.subsidised_home[people])
    wealth = int(persons.wealth[people].sum())
    pay(state.flows, Transaction.MIGRATION, Sector.PERSONS, Sector.WORLD, wealth)
    state.treasury.rows.world[0] += wealth
    persons.wealth[people] = 0
    persons.status[people] = Status.ABSENT
    persons.employer[people] = NOBODY
    persons.free = np.concatenate([persons.free, people])


def leave(state, params, here, elsewhere, levers, seed, quarter, blocks):
    """Residents leave, retire, or lose their permit; founders and business angels stay with their firms."""
    persons = state.persons
    hazard = hazard_of_leaving(here, elsewhere, params, levers.leaving)
    leaves = np.zeros(persons.count, np.bool_)
    chance = np.empty(persons.count)
    renewed = quarter + int(params.visa_quarters + levers.visa_quarters[Origin.FOREIGN])

    def one_block(part):
        ids, status = persons.id[part], persons.status[part]
        _chance_to_leave(persons.origin[part], persons.home[part], persons.field[part], hazard, chance[part])
        _leave(seed, quarter, ids, chance[part], leaves[part])
        _expire(seed, quarter, ids, status, persons.visa_until[part], params.visa_renewal, renewed, leaves[part])

    blocks(one_block, persons.count)
    people = np.flatnonzero(leaves)
    status = persons.status[people]
    people = people[((status == Status.EMPLOYED) | (status == Status.OUT)) & (persons.angel[people] == 0)]
    release(state, people)
    return len(people)


NEWCOMER_QUARTERS = 12  # who came within these may get a subsidised home


def house(state, levers, quarter):
    """Free subsidised homes go to newcomers of the district of the origins and skill admitted, the latest first, then
    by number.
    """
    free = levers.homes.astype(np.int64) - state.districts.used.homes
    persons = state.persons
    for d in np.flatnonzero(free > 0):
        n = persons.count
        wants = (persons.status[:n] > Status.ABSENT) & (persons.home[:n] == d) & (persons.subsidised_home[:n] == 0)
        wants &= (levers.homes_for[persons.origin[:n]] > 0.0) & (persons.skill[:n] >= levers.homes_skill)
        wants = np.flatnonzero(wants & (persons.arrived[:n] > quarter - NEWCOMER_QUARTERS))
        order = np.lexsort((persons.id[wants], -persons.arrived[wants]))
        chosen = wants[order[: free[d]]]
        persons.subsidised_home[chosen] = 1
        state.districts.rows.homes[d] += len(chosen)


# ---------------------------------------------------------------- new people


def settle(state, city, map_, cohort, quarter, ids, fields, homes, params, labour, beliefs, seed, permit_until=NEVER):
    """Persons with numbers `ids` take up residence; what they are follows from their number alone.

    `ids`, `fields` and `homes` are int64[n]; `permit_until` is int64 or int64[n]. New persons look for work.
    Wealth comes with them from the world. Returns their slots.
    """
    persons, n = state.persons, len(ids)
    reused = min(n, len(persons.free))
    slots = np.concatenate(
        [persons.free[len(persons.free) - reused :], np.arange(persons.count, persons.count + n - reused)]
    )
    persons.free = persons.free[: len(persons.free) - reused]
    persons.reserve(n - reused)
    persons.count += n - reused
    origin = ORIGIN_OF[cohort] if cohort != Cohort.INITIAL else initial_origins(city, ids, seed)
    premium = np.array([0.0, labour.skill_returnee, labour.skill_foreign])[origin]
    skill = draws.normals(seed, Decision.SKILL, 0, ids) + premium
    spread = np.sqrt(2.0 * draws.logs(np.array([city.wealth_mean / city.wealth_median]))[0])
    wealth = (city.wealth_median * draws.exps(spread * draws.normals(seed, Decision.WEALTH, 0, ids))).astype(np.int64)
    if cohort == Cohort.GRADUATE:
        wealth //= 10
    second = np.searchsorted(
        np.cumsum(city.traits.workforce)[:-1], draws.uniforms(seed, Decision.SECOND_FIELD, 0, ids), side="right"
    )
    for name, value in {
        "id": ids,
        "status": Status.OUT,
        "origin": origin,
        "field": fields,
        "second_field": second,
        "home": homes,
        "cell": map_.draw_cells(homes, draws.uniforms(seed, Decision.HOME, 1, ids)),
        "employer": NOBODY,
        "skill": skill,
        "efficiency": draws.exps(labour.return_to_skill * skill),
        "wealth": wealth,
        "debt": 0,
        "ventures": 0,
        "successes": 0,
        "belief_success": beliefs.prior_success,
        "belief_failure": beliefs.prior_failure,
        "visa_until": permit_until,
        "arrived": quarter,
        "spawn_until": NEVER,
        "subsidised_home": 0,
        "angel": 0,
    }.items():
        getattr(persons, name)[slots] = value
    total = int(wealth.sum())
    pay(state.flows, Transaction.MIGRATION, Sector.WORLD, Sector.PERSONS, total)
    state.treasury.rows.world[0] -= total
    return slots


def initial_origins(city, ids, seed):
    """Origins of the residents at the start, int64[n]."""
    return np.searchsorted(np.cumsum(city.origin)[:-1], draws.uniforms(seed, Decision.ORIGIN, 0, ids), side="right")


def identities(cohort, quarter, n):
    """The numbers of the first n persons of a pool's quarter, int64[n]."""
    return (np.int64(cohort) << 48) | (np.int64(quarter) << 32) | np.arange(n, dtype=np.int64)


def migrate(model):
    """Residents leave and the pools decide; those who come pick a district, and look for work."""
    state, params, city, quarter, seed = model.state, model.params["migration"], model.city, model.quarter, model.seed
    conditions, levers, scale = model.conditions, model.levers, model.scale
    tax = model.params["operations"].income_tax
    tally = state.tally.rows
    kinds = state.rivals.used.kind
    spend(state, levers.payer["offices_abroad"], levers.offices_abroad, Transaction.PROCUREMENT)
    foreign_pool = pool_size(city.foreign_pool_per_year, conditions.foreign_capital * conditions.borders_open, scale)
    terms = min(1.0, levers.visa_quota / max(foreign_pool, 1)) if levers.visa_quota > 0.0 else 0.0
    here = utility_here(state, params, levers, conditions, terms, tax, model.params["founding"].odds_reference)
    elsewhere = utility_elsewhere(state, params, levers, city.traits.base_wage, conditions, tax)
    best_here = inclusive_value(here, params.district_nest)
    districts = draws.exps((here - best_here[:, :, None]) / params.district_nest).cumsum(axis=2)

    tally.leavers[0] = leave(state, params, here, elsewhere, levers, seed, quarter, model.blocks)

    house(state, levers, quarter)

    mix = np.cumsum(city.traits.workforce)
    sizes = {
        Cohort.GRADUATE: pool_size(
            state.institutions.used.graduates[state.institutions.used.opened <= quarter].sum(), 1.0, scale
        )
        + _more_graduates(state, levers),
        Cohort.RETURNEE: pool_size(
            city.overseas_pool_per_year,
            conditions.overseas_pool * (1.0 - params.citizen_borders * (1.0 - conditions.borders_open)),
            scale,
        ),
        Cohort.FOREIGN: foreign_pool,
        Cohort.DOMESTIC: pool_size(city.domestic_pool_per_year, 1.0, scale),
    }
    for cohort in MOVERS:
        ids = identities(cohort, quarter, sizes[cohort])
        fields = np.searchsorted(mix[:-1], draws.uniforms(seed, Decision.FIELD, 0, ids), side="right")
        origin = ORIGIN_OF[cohort]
        p_here, p_moves = choice(best_here[origin], elsewhere, kinds, cohort, params)
        arrives, returned = np.zeros(len(ids), np.bool_), np.zeros(len(ids), np.bool_)
        _decide(seed, quarter, ids, fields, p_here, p_moves, arrives, returned)
        come, their_fields = ids[arrives], fields[arrives]
        spot = draws.uniforms(seed, Decision.HOME, 0, come)
        homes = np.empty(len(come), np.int64)
        _pick_homes(districts[origin], their_fields, spot, homes)
        permit = NEVER
        if cohort == Cohort.FOREIGN:
            better = draws.uniforms(seed, Decision.VISA, 0, come) < terms
            permit = quarter + (params.visa_quarters + better * levers.visa_quarters[Origin.FOREIGN]).astype(np.int64)
            _issue_permits(state, levers, int(better.sum()))
        slots = settle(
            state,
            city,
            model.map,
            cohort,
            quarter,
            come,
            their_fields,
            homes,
            params,
            model.params["labour"],
            model.params["learning"],
            seed,
            permit,
        )
        if cohort == Cohort.RETURNEE:
            stem = draws.uniforms(seed, Decision.TAGS, 0, ids) < params.stem_share
            tally.returnees_china[0] = returned.sum()
            tally.returnees[0] = arrives.sum()
            tally.stem_returnees_china[0] = (returned & stem).sum()
            tally.stem_returnees[0] = (arrives & stem).sum()
        elif cohort == Cohort.GRADUATE:
            tally.graduates[0] = len(come)
        elif cohort == Cohort.FOREIGN:
            tally.foreign[0] = len(come)
        else:
            tally.domestic[0] = len(come)
        _grant(state, levers, origin, slots)


def _more_graduates(state, levers):
    """Graduates of the quarter that the purse of new curricula pays for."""
    payer, cost = levers.payer["graduates"], levers.graduate_cost
    if payer == NOBODY:
        return 0
    more = int(levers.graduates / QUARTERS + 0.5)
    if cost > 0.0:
        more = min(more, int(state.purses.rows.cash[payer] // cost))
    spend(state, payer, more * cost, Transaction.PROCUREMENT)
    state.purses.rows.take_up[payer] += more
    return more


def _issue_permits(state, levers, permits):
    """Each better permit costs administration, as far as the purse goes."""
    payer = levers.payer["visa_quota"]
    if payer == NOBODY:
        return
    purse = state.purses.rows[payer]
    cost = min(int(levers.visa_cost * permits), int(purse.cash))
    purse.cash -= cost
    purse.administration += cost
    purse.take_up += permits
    state.treasury.rows.world[0] += cost
    pay(state.flows, Transaction.ADMINISTRATION, Sector.GOVERNMENT, Sector.WORLD, cost)


def _grant(state, levers, origin, slots):
    """Arrival grants are paid while the purse lasts, in the order of the persons' numbers."""
    amount, payer = int(levers.arrival_grant[origin]), levers.payer["arrival_grant"]
    if amount <= 0 or payer == NOBODY or len(slots) == 0:
        return
    purse = state.purses.rows[payer]
    paid = min(len(slots), int(purse.cash) // amount)
    state.persons.wealth[slots[:paid]] += amount
    purse.cash -= paid * amount
    purse.spent += paid * amount
    purse.take_up += paid
    pay(state.flows, Transaction.GRANT, Sector.GOVERNMENT, Sector.PERSONS, paid * amount)
