"""People choose between here, the rivals, the rest of China and abroad.

What a place is worth to a person stands in `attraction`. The choice is a nested logit. The pools differ by what counts
as moving: for those overseas it is any place in China (the others stay abroad or go to Singapore), for those in China
it is the city or one of its rivals. One uniform draw a person decides, ordered here | elsewhere in the nest | outside,
so whatever raises the city's utility only adds people to it.

Residents leave at a hazard that falls with the advantage of the city over the best of the rest.
The pools are finite: about 35,000 persons a year return to China (from the reported shares and numbers).
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.people import ages
from sim.mechanisms.people.attraction import (
    QUARTERS,
    Living,
    Residents,
    count_residents,
    inclusive_value,
    utility_elsewhere,
    utility_here,
    value_of_city,
)
from sim.mechanisms.people.settlement import Arrivals, house, identities, kinds_by_share, release, settle
from sim.world import draws
from sim.world.accounts import Transaction, grant, spend
from sim.world.draws import Decision, exp, uniform
from sim.world.employment import leave_jobs
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Cohort, Origin, RivalKind, Sector, Status

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


class Pool(NamedTuple):
    """People elsewhere who weigh coming."""

    cohort: int  # kinds.Cohort
    origin: int  # kinds.Origin
    constant: float  # of coming here, log utility
    stay: float  # of staying where they are, log utility
    overseas: bool  # whether any place in China counts as moving, and else this city and its rivals


# ---------------------------------------------------------------- who comes


def pool_of(cohort, params):
    """The Pool from which a cohort comes."""
    return Pool(
        cohort=int(cohort),
        origin=int(ORIGIN_OF[cohort]),
        constant=getattr(params, f"constant_{POOLS[cohort]}"),
        stay=getattr(params, f"stay_{POOLS[cohort]}"),
        overseas=cohort in (Cohort.RETURNEE, Cohort.FOREIGN),
    )


@kernel
def choice(here, elsewhere, kinds, pool, dissimilarity):
    """Probabilities (here, anywhere in the moving nest) by sector for a pool.

    `here` is the utility of the city, (sectors,), `elsewhere` that of the other places, (rivals, sectors), and
    `kinds` their RivalKind.
    """
    comes, moves = np.empty(len(here)), np.empty(len(here))
    moving = np.empty(len(kinds), np.bool_)
    for i in range(len(kinds)):
        moving[i] = kinds[i] == RivalKind.RIVAL or (pool.overseas and kinds[i] == RivalKind.REST)
    nest = np.empty(1 + moving.sum())
    for s in range(len(here)):
        nest[0], nest[1:] = here[s] + pool.constant, elsewhere[:, s][moving]
        inside = inclusive_value(nest, dissimilarity)
        outside = inclusive_value(elsewhere[:, s][~moving], dissimilarity) + pool.stay
        moves[s] = 1.0 / (1.0 + exp(outside - inside))
        comes[s] = moves[s] * exp((nest[0] - inside) / dissimilarity)
    return comes, moves


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
def _pick_homes(districts, city, fields, spot, dissimilarity):
    """The first district where the running sum of shares reaches a person's spot, int64[n]; `districts` is their
    utility, (sectors, districts), and `city` that of all of them, (sectors,).
    """
    reached = np.empty(districts.shape)
    for s in range(len(city)):
        running = 0.0
        for d in range(districts.shape[1]):
            running += exp((districts[s, d] - city[s]) / dissimilarity)
            reached[s, d] = running
    homes = np.empty(len(fields), np.int64)
    for i in range(len(fields)):
        d = 0
        while d < districts.shape[1] - 1 and spot[i] > reached[fields[i], d]:
            d += 1
        homes[i] = d
    return homes


@kernel
def _weigh_coming(chance, pool, size, places, workforce, nest, district_nest):
    """The persons of a pool decide, and those who come pick a district: (numbers of all, whether each comes, whether
    each goes to some place of the nest, fields of those who come, their homes).
    """
    ids, luck = identities(pool.cohort, chance.quarter, size), np.empty(size)
    for i in range(size):
        luck[i] = uniform(chance.seed, Decision.FIELD, 0, ids[i], 0)
    fields = kinds_by_share(workforce, luck)
    here = places.here[pool.origin]
    comes, moves = choice(here, places.elsewhere, places.kinds, pool, nest)
    arrives, returned = np.empty(size, np.bool_), np.empty(size, np.bool_)
    _decide(chance, ids, fields, comes, moves, arrives, returned)
    come, fields = ids[arrives], fields[arrives]
    spot = np.empty(len(come))
    for k in range(len(come)):
        spot[k] = uniform(chance.seed, Decision.HOME, 0, come[k], 0)
    homes = _pick_homes(places.districts[pool.origin], here, fields, spot, district_nest)
    return ids, arrives, returned, fields, homes


def pool_size(per_year, index, scale):
    """Persons of a pool who weigh moving in a quarter."""
    return int(per_year / QUARTERS * index * scale + 0.5)


# ---------------------------------------------------------------- who leaves


@kernel
def hazard_of_leaving(here, elsewhere, params, leaving):
    """Chance a quarter that a resident leaves, (origins, sectors, districts); `leaving` is the lever, (sectors,)."""
    hazard = np.empty(here.shape)
    for s in range(here.shape[1]):
        best = inclusive_value(elsewhere[:, s], params.nest)
        for o in range(here.shape[0]):
            for d in range(here.shape[2]):
                response = exp(-params.leave_slope * (here[o, s, d] - best - params.leave_reference))
                chance = params.leave_base * min(max(response, 1.0 / params.leave_range), params.leave_range)
                if o == Origin.FOREIGN:
                    chance *= params.leave_foreign
                hazard[o, s, d] = min(chance * leaving[s], params.leave_cap)
    return hazard


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


class Leaving(NamedTuple):
    """Why residents leave in a quarter."""

    hazard: np.ndarray  # chance, (origins, sectors, districts)
    renewal: float  # chance that a permit that ends is renewed
    renewed_until: int  # then, quarter
    working_quarters: int  # of age, after which people retire


@kernel
def _part(chance, people, leaving, leaves, retires):
    """Who leaves by chance or as a permit ends, and who retires: fills `leaves` and `retires`, bool[persons]."""
    _leave(chance, people, leaving.hazard, leaves)
    _expire(chance, people, leaving.renewal, leaving.renewed_until, leaves)
    ages.retire(chance.quarter, people, leaving.working_quarters, retires)


@kernel
def _goers(people, leaves, retires):
    """Slots of those who leave the city, and of those who retire and stay, int64[n] each."""
    go, stay = np.zeros(len(leaves), np.bool_), np.zeros(len(leaves), np.bool_)
    for i in range(len(leaves)):
        if people.status[i] == Status.EMPLOYED or people.status[i] == Status.SEARCHING:
            bound = people.angel[i] == 1
            go[i] = (leaves[i] | retires[i]) & ~bound
            stay[i] = retires[i] & bound
    return np.flatnonzero(go), np.flatnonzero(stay)


def leave(model, places):
    """Residents leave, retire, or lose their permit; founders stay with their firms, and business angels, who own parts
    of others', stay in the city.

    Returns how many left.
    """
    state, params, levers = model.state, model.params["migration"], model.levers
    persons = state.persons
    leaving = Leaving(
        hazard=hazard_of_leaving(places.districts, places.elsewhere, params, levers.leaving),
        renewal=params.visa_renewal,
        renewed_until=model.quarter + int(params.visa_quarters + levers.visa_quarters[Origin.FOREIGN]),
        working_quarters=int(QUARTERS * model.params["ages"].retirement),
    )
    leaves, retires = np.zeros(persons.count, np.bool_), np.zeros(persons.count, np.bool_)

    def one_block(part):
        _part(
            chance=model.chance,
            people=state.people(part),
            leaving=leaving,
            leaves=leaves[part],
            retires=retires[part],
        )

    model.blocks(one_block, persons.count)
    slots, stay = _goers(people=state.people(), leaves=leaves, retires=retires)
    release(state, slots)
    if len(stay) > 0:
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
    count_residents(people=state.people(), by_origin=residents.by_origin, by_district=residents.by_district)
    living = Living(tax, model.params["founding"].odds_reference, conditions.appeal, terms)
    districts = utility_here(state, params, levers, living, residents)
    bare = utility_here(state, params, model.without, living._replace(terms=0.0), residents)
    places = Places(
        here=value_of_city(districts, params.district_nest),
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
    gained = (places.here - value_of_city(bare, params.district_nest)).mean(axis=1)
    model.added_for_people = _mean_gain(gained, sizes)
    groups, grants = zip(*(_come(model, places, cohort, size, terms) for cohort, size in sizes.items()), strict=True)
    slots = settle(state, city, model.map, model.params, model.chance, groups)
    state.persons.wealth[slots] += np.concatenate(grants)


def _mean_gain(gained, sizes):
    """What instruments add to the city's utility for who weighs coming, in the mean over these; `gained` by origin."""
    who = np.zeros(len(Origin))
    for cohort, size in sizes.items():
        who[ORIGIN_OF[cohort]] += size
    return float((gained * who).sum() / max(who.sum(), 1.0))


def _come(model, places, cohort, size, terms):
    """The persons of a pool decide: (the Arrivals, the grant of each, int64[n] yuan); a share `terms` of foreigners
    gets the better permit.
    """
    params, levers = model.params["migration"], model.levers
    pool = pool_of(cohort, params)
    ids, arrives, returned, fields, homes = _weigh_coming(
        chance=model.chance,
        pool=pool,
        size=size,
        places=places,
        workforce=model.city.traits.workforce,
        nest=params.nest,
        district_nest=params.district_nest,
    )
    _count_arrivals(model, cohort, ids, arrives, returned)
    come = ids[arrives]
    arrivals = Arrivals(
        cohort=np.full(len(come), pool.cohort),
        ids=come,
        origin=np.full(len(come), pool.origin),
        fields=fields,
        homes=homes,
        permit_until=_permits(model, come, terms) if cohort == Cohort.FOREIGN else np.full(len(come), NEVER),
    )
    payer, grants = levers.payer["arrival_grant"], np.zeros(len(come), np.int64)
    if payer != NOBODY:
        grants[:] = int(levers.arrival_grant[pool.origin])  # in the order of the persons' numbers
        grants = grant(model.state, payer, grants, Sector.PERSONS)
    return arrivals, grants


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
