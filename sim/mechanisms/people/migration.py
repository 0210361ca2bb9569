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

from sim.mechanisms.people import ages
from sim.mechanisms.people.settlement import Arrivals, house, identities, kinds_by_share, release, settle
from sim.world import draws
from sim.world.accounts import Transaction, grant, spend
from sim.world.draws import Decision, uniform
from sim.world.employment import leave_jobs
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Cohort, Origin, RivalKind, Sector, Status

QUARTERS = 4.0  # of a year
PERCENT = 100.0
POOLS = {  # who may come, with the name of the pool in parameters and in the tally
    Cohort.GRADUATE: "graduates",
    Cohort.RETURNEE: "returnees",
    Cohort.FOREIGN: "foreign",
    Cohort.DOMESTIC: "domestic",
}
ORIGIN_OF = {
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
    leave_range: float
    leave_foreign: float
    leave_cap: float
    citizen_borders: float
    stem_share: float
    newcomer_quarters: float


class Places(NamedTuple):
    """What those who decide choose between, in log utility."""

    here: np.ndarray  # the city, (origins, sectors): the log-sum of its districts
    districts: np.ndarray  # of the city, (origins, sectors, districts)
    elsewhere: np.ndarray  # (rivals, sectors)
    kinds: np.ndarray  # kinds.RivalKind of the rivals, int64[rivals]


# ---------------------------------------------------------------- utility of places


def inclusive_value(utility, dissimilarity, axis=-1):
    """Log-sum of a nest: dissimilarity x log sum exp(V / dissimilarity)."""
    top = utility.max(axis=axis, keepdims=True)
    return np.squeeze(top, axis) + dissimilarity * draws.logs(
        draws.exps((utility - top) / dissimilarity).sum(axis=axis)
    )


class Residents(NamedTuple):
    """Who lives in the city, int64."""

    by_origin: np.ndarray
    by_district: np.ndarray


def utility_here(state, params, levers, conditions, terms, tax_rate, normal_odds, residents):
    """Utility of living in the city, (origins, sectors, districts).

    Odds of a first round are relative to `normal_odds`, as those of the rivals are; `terms` is the share of arrivals
    who get the better permit, 0 to 1.
    """
    wage = state.sectors.used.wage * (1.0 - tax_rate)
    cut = np.where(levers.homes_for[:, None] > 0.0, _home_cut(residents.by_district, levers)[None, :], 0.0)
    rent = (state.districts.used.home_rent * (1.0 - cut)).ravel()
    network = draws.logs(1.0 + PERCENT * residents.by_origin / max(residents.by_origin.sum(), 1))
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
    """Log gain of net pay that a tax refund promises, (origins, sectors): chance of pay above the floor, as residents
    show it, times the gain.
    """
    refunded = np.minimum(levers.tax_relief, 1.0) * max(0.0, tax_rate - levers.tax_cap)
    if refunded.max() <= 0.0:
        return np.zeros((len(Origin), len(state.sectors)))
    people = state.people()
    here = people.status != Status.ABSENT
    origin, field = people.origin[here], people.field[here]
    rich = QUARTERS * state.sectors.used.wage[field] * people.efficiency[here] >= levers.tax_floor
    total, above = np.zeros((2, len(Origin), len(state.sectors)))
    np.add.at(total, (origin, field), 1.0)
    np.add.at(above, (origin[rich], field[rich]), 1.0)
    return above / np.maximum(total, 1.0) * draws.logs(1.0 + refunded / (1.0 - tax_rate))[:, None]


@kernel
def _count_residents(people, by_origin, by_district):
    """Adds the residents to their counts, int64[origins] and int64[districts]."""
    for i in range(len(people.id)):
        if people.status[i] != Status.ABSENT:
            by_origin[people.origin[i]] += 1
            by_district[people.home[i]] += 1


def _home_cut(residents, levers):
    """Cut of home rents that a resident may expect, (districts,): discount x subsidised homes a resident."""
    return levers.home_discount * np.minimum(1.0, levers.homes / np.maximum(residents, 1))


def utility_elsewhere(state, params, levers, base_wage, conditions, tax_rate):
    """Utility of the other places, (rivals, sectors)."""
    rivals = state.rivals.used
    wage = rivals.wage[:, None] * (base_wage * levers.rival_wage)[None, :] * conditions.rival_wage * (1.0 - tax_rate)
    by_rival = (
        -params.rent_weight * draws.logs(rivals.home_rent)
        + params.opportunity_weight * draws.logs(rivals.vc_odds)
        + rivals.amenity
        + rivals.generosity
        + levers.rival_generosity * (rivals.kind == RivalKind.RIVAL)
    )
    return params.wage_weight * draws.logs(wage) + by_rival[:, None]


# ---------------------------------------------------------------- who comes


def choice(here, elsewhere, kinds, cohort, params):
    """Probabilities (here, anywhere in the moving nest) by sector for a pool.

    `here` is the utility of the city, (sectors,), `elsewhere` that of the other places, (rivals, sectors), and
    `kinds` their RivalKind.
    """
    constant, stay = getattr(params, f"constant_{POOLS[cohort]}"), getattr(params, f"stay_{POOLS[cohort]}")
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
def _decide(chance, ids, fields, here, moves, arrives, returned):
    """Each person of a pool comes where the draw is below `here`, and goes to some place of the nest where it is below
    `moves`, both by sector: fills `arrives` and `returned`, bool[persons].
    """
    for i in range(len(ids)):
        u = uniform(chance.seed, Decision.RETURN, chance.quarter, ids[i], 0)
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


def pool_size(per_year, index, scale):
    """Persons of a pool who weigh moving in a quarter."""
    return int(per_year / QUARTERS * index * scale + 0.5)


# ---------------------------------------------------------------- who leaves


def hazard_of_leaving(here, elsewhere, params, leaving):
    """Chance a quarter that a resident leaves, (origins, sectors, districts); `leaving` is the lever, (sectors,)."""
    best = inclusive_value(elsewhere.T, params.nest)
    gap = here - best[None, :, None]
    response = draws.exps(-params.leave_slope * (gap - params.leave_reference))
    hazard = params.leave_base * np.clip(response, 1.0 / params.leave_range, params.leave_range)
    hazard[Origin.FOREIGN] *= params.leave_foreign
    hazard *= leaving[None, :, None]
    return np.minimum(hazard, params.leave_cap)


@kernel
def _leave(chance, people, hazard, leaves):
    """Residents leave by chance: fills `leaves`, bool[persons]; `hazard` is (origins, sectors, districts)."""
    n = len(people.id)
    odds = np.empty(n)
    for i in range(n):
        odds[i] = hazard[people.origin[i], people.field[i], people.home[i]]
    for i in range(n):  # of draws alone, so that it is vectorised
        leaves[i] = uniform(chance.seed, Decision.LEAVE, chance.quarter, people.id[i], 0) < odds[i]


@kernel
def _expire(chance, people, renewal, renewed_until, leaves):
    """A permit that ends is renewed with chance `renewal`, or the person goes."""
    n = 0
    over = np.empty(len(people.id) + 1, np.int64)  # all are written and the count moves where one is over: no branch
    for i in range(len(people.id)):
        over[n] = i
        n += (people.visa_until[i] != NEVER) & (people.visa_until[i] < chance.quarter)
    for i in over[:n]:
        if people.status[i] == Status.EMPLOYED or people.status[i] == Status.SEARCHING:
            if uniform(chance.seed, Decision.VISA, chance.quarter, people.id[i], 0) < renewal:
                people.visa_until[i] = renewed_until
            else:
                leaves[i] = True


def leave(model, places):
    """Residents leave, retire, or lose their permit; founders stay with their firms, and business angels, who own parts
    of others', stay in the city.

    Returns how many left.
    """
    state, params, levers = model.state, model.params["migration"], model.levers
    persons = state.persons
    hazard = hazard_of_leaving(places.districts, places.elsewhere, params, levers.leaving)
    leaves, retires = np.zeros(persons.count, np.bool_), np.zeros(persons.count, np.bool_)
    working_quarters = int(QUARTERS * model.params["ages"].retirement)
    renewed = model.quarter + int(params.visa_quarters + levers.visa_quarters[Origin.FOREIGN])

    def one_block(part):
        people = state.people(part)
        _leave(chance=model.chance, people=people, hazard=hazard, leaves=leaves[part])
        _expire(
            chance=model.chance,
            people=people,
            renewal=params.visa_renewal,
            renewed_until=renewed,
            leaves=leaves[part],
        )
        ages.retire(quarter=model.quarter, people=people, working_quarters=working_quarters, leaves=retires[part])

    model.blocks(one_block, persons.count)
    slots = np.flatnonzero(leaves | retires)
    slots = slots[np.isin(persons.status[slots], (Status.EMPLOYED, Status.SEARCHING))]
    bound = persons.angel[slots] == 1
    stay, slots = slots[bound & retires[slots]], slots[~bound]
    release(state, slots)
    leave_jobs(persons=stay, people=state.people(), firms=state.firms())
    persons.status[stay] = Status.RETIRED
    return len(slots)


# ---------------------------------------------------------------- the quarter


def migrate(model):
    """Residents leave and the pools decide; those who come pick a district, and look for work. While the world outside
    stands still nobody comes or goes: who is there at its end is data.
    """
    model.added_for_people = 0.0
    if model.quarter < model.city.still:
        return
    state, params, city, levers = model.state, model.params["migration"], model.city, model.levers
    conditions, tax = model.conditions, model.params["households"].income_tax
    spend(state, levers.payer["offices_abroad"], levers.offices_abroad, Transaction.PROCUREMENT)
    foreign = pool_size(city.foreign_pool_per_year, conditions.foreign_capital * conditions.borders_open, model.scale)
    terms = min(1.0, levers.visa_quota / max(foreign, 1)) if levers.visa_quota > 0.0 else 0.0
    residents = Residents(np.zeros(len(Origin), np.int64), np.zeros(len(state.districts), np.int64))
    _count_residents(people=state.people(), by_origin=residents.by_origin, by_district=residents.by_district)

    def utility(under, better):
        return utility_here(
            state=state,
            params=params,
            levers=under,
            conditions=conditions,
            terms=better,
            tax_rate=tax,
            normal_odds=model.params["founding"].odds_reference,
            residents=residents,
        )

    districts = utility(levers, terms)
    bare = inclusive_value(utility(model.without, 0.0), params.district_nest)
    gained = (inclusive_value(districts, params.district_nest) - bare).mean(axis=1)
    places = Places(
        here=inclusive_value(districts, params.district_nest),
        districts=districts,
        elsewhere=utility_elsewhere(state, params, levers, city.traits.base_wage, conditions, tax),
        kinds=state.rivals.used.kind,
    )
    state.tally.rows.leavers[0] = leave(model, places)
    house(model)
    overseas = conditions.overseas_pool * (1.0 - params.citizen_borders * (1.0 - conditions.borders_open))
    schools = state.institutions.used
    graduates = schools.graduates[schools.opened <= model.quarter].sum()
    sizes = {
        Cohort.GRADUATE: pool_size(graduates, 1.0, model.scale) + _more_graduates(state, levers),
        Cohort.RETURNEE: pool_size(city.overseas_pool_per_year, overseas, model.scale),
        Cohort.FOREIGN: foreign,
        Cohort.DOMESTIC: pool_size(city.domestic_pool_per_year, 1.0, model.scale),
    }
    model.added_for_people = _mean_gain(gained, sizes)
    for cohort, size in sizes.items():
        _admit(model, places, cohort, size, terms)


def _mean_gain(gained, sizes):
    """What instruments add to the city's utility for who weighs coming, in the mean over these; `gained` by origin."""
    who = np.zeros(len(Origin))
    for cohort, size in sizes.items():
        who[ORIGIN_OF[cohort]] += size
    return float((gained * who).sum() / max(who.sum(), 1.0))


def _admit(model, places, cohort, size, terms):
    """The persons of a pool decide, and those who come settle; a share `terms` of foreigners gets the better permit."""
    state, params, city, chance = model.state, model.params["migration"], model.city, model.chance
    ids, origin = identities(cohort, chance.quarter, size), ORIGIN_OF[cohort]
    fields = kinds_by_share(city.traits.workforce, draws.uniforms(chance.seed, Decision.FIELD, 0, ids))
    here, moves = choice(places.here[origin], places.elsewhere, places.kinds, cohort, params)
    arrives, returned = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
    _decide(chance=chance, ids=ids, fields=fields, here=here, moves=moves, arrives=arrives, returned=returned)
    come, homes = ids[arrives], np.empty(np.count_nonzero(arrives), np.int64)
    shares = draws.exps((places.districts[origin] - places.here[origin][:, None]) / params.district_nest)
    _pick_homes(
        districts=shares.cumsum(axis=1),
        fields=fields[arrives],
        spot=draws.uniforms(chance.seed, Decision.HOME, 0, come),
        homes=homes,
    )
    arrivals = Arrivals(cohort=cohort, ids=come, origin=origin, fields=fields[arrives], homes=homes)
    if cohort == Cohort.FOREIGN:
        arrivals = arrivals._replace(permit_until=_permits(model, come, terms))
    slots = settle(state, city, model.map, model.params, chance, arrivals)
    _count_arrivals(model, cohort, ids, arrives, returned)
    amounts = np.full(len(slots), int(model.levers.arrival_grant[origin]))  # in the order of the persons' numbers
    state.persons.wealth[slots] += grant(state, model.levers.payer["arrival_grant"], amounts, Sector.PERSONS)


def _permits(model, ids, terms):
    """Last quarters of the permits of foreigners who come, int64[n]; each better one costs administration, as far as
    the purse goes.
    """
    levers, ordinary = model.levers, model.params["migration"].visa_quarters
    better = draws.uniforms(model.seed, Decision.VISA, 0, ids) < terms
    permits = int(better.sum())
    spend(
        model.state,
        levers.payer["visa_quota"],
        levers.visa_cost * permits,
        Transaction.ADMINISTRATION,
        takers=permits,
        account="administration",
    )
    return model.quarter + (ordinary + better * levers.visa_quarters[Origin.FOREIGN]).astype(np.int64)


def _count_arrivals(model, cohort, ids, arrives, returned):
    """Arrivals of a pool enter the tally; of returnees also those who went elsewhere in China, and degrees."""
    tally = model.state.tally.rows
    getattr(tally, POOLS[cohort])[0] = arrives.sum()
    if cohort == Cohort.RETURNEE:
        stem = draws.uniforms(model.seed, Decision.TAGS, 0, ids) < model.params["migration"].stem_share
        tally.returnees_china[0] = returned.sum()
        tally.stem_returnees_china[0] = (returned & stem).sum()
        tally.stem_returnees[0] = (arrives & stem).sum()


def _more_graduates(state, levers):
    """Graduates of the quarter that the purse of new curricula pays for."""
    payer, cost = levers.payer["graduates"], levers.graduate_cost
    if payer == NOBODY:
        return 0
    more = int(levers.graduates / QUARTERS + 0.5)
    if cost > 0.0:
        more = min(more, int(state.purses.rows.cash[payer] // cost))
    spend(state, payer, more * cost, Transaction.PROCUREMENT, takers=more)
    return more
