"""A city at rest: people, employers, money and space, all from its data, and neither startups nor funds yet.

The quarters before the first one make those (`spin_up`), so that funnels and returns have a past.
"""

import numpy as np

from sim.mechanisms import environment
from sim.mechanisms.capital import venture_firms
from sim.mechanisms.people import settlement
from sim.mechanisms.people.settlement import kinds_by_share
from sim.mechanisms.space import knowledge
from sim.mechanisms.space.location import room_for
from sim.mechanisms.space.rents import tenants
from sim.world import draws
from sim.world.accounts import new_flows
from sim.world.draws import Chance, Decision
from sim.world.employment import as_employer
from sim.world.kinds import NEVER, Cohort, Experience, LPKind, Origin, RivalKind, Stage, Status
from sim.world.state import Persons, State

WORLD_PURSE = 10**17  # yuan; what the rest of the world can ever be asked for
FEWEST = {  # agents of each kind at any scale, so that a small city has markets still
    "persons": 50,
    "corporates": 20,
    "lps": 8,
    "gps": 6,  # in the city, and as many outside
}
POOL_OPENNESS = 0.3  # written only: what is open to startups are the named corporates


def number_at(scale, count, kind):
    """A number of agents at a scale, `count` at scale 1 but not below the fewest of their kind."""
    return max(FEWEST[kind], int(count * scale + 0.5))


def build(config, city, map_, params):
    """The State of a city before its first quarter.

    Persons, firms, funds, partners and stocks shrink with the scale; districts, universities, labs and
    rivals do not.
    """
    scale, seed, quarter = config.scale, config.seed, config.start
    n = number_at(scale, city.persons, "persons")
    state = State(Persons(n))
    state.flows = new_flows()
    state.treasury.append(world=WORLD_PURSE)
    state.tally.append()
    _sectors(state, city, params)
    _districts(state, city, scale, quarter)
    _rivals(state, city, params["rivals"])
    _institutions(state, city, map_, quarter)
    state.knowledge = _first_knowledge(state, params["knowledge"], map_, quarter)
    state.window, state.listing = np.ones(1), np.array([1.0, 0.0])
    state.required = np.full(len(Stage), params["required_return"].base)
    state.records = np.zeros((2, len(Experience)))
    state.works = np.zeros((len(city.district_codes), len(city.sectors)))
    state.events = np.zeros((2, len(city.district_codes), len(city.sectors)))
    _persons(state, city, map_, params, Chance(seed, quarter), n)
    _corporates(state, city, params["labour"], config, n)
    _employ(state, seed)
    _lps(state, city, params["fundraising"], scale)
    _firms_of_investors(state, city, map_, params, config)
    _background(state, params["rents"])
    state.flows[:] = 0
    return state


def _sectors(state, city, params):
    founding = params["founding"]
    level = city.history["rival_wage"][0]
    for row in city.traits:
        state.sectors.append(
            **{name: row[name] for name in row.dtype.names if name in state.sectors.rows.dtype.names},
            wage=row.base_wage * level,
            base_multiple=row.multiple,
            odds=founding.odds_reference,
            prize=draws.log(founding.first_prize),
            claims=founding.claims_share,
            debt_years=founding.debt_years,
        )


def _districts(state, city, scale, quarter):
    level = environment.income_level(city, environment.observe(city, quarter))
    for row in city.districts:
        state.districts.append(
            x=row.x_km,
            y=row.y_km,
            area=row.area_km2,
            office_stock=row.office_stock_m2 * scale,
            park_stock=row.park_stock_m2 * scale,
            home_stock=row.home_stock_m2 * scale,
            office_rent=row.office_rent * level,
            home_rent=row.home_rent * level,
            amenity=row.amenity,
        )


def _rivals(state, city, params):
    for row in city.rivals:
        budget = params.budget if row.kind == RivalKind.RIVAL else 0.0
        state.rivals.append(**{name: row[name] for name in row.dtype.names}, budget=budget)


def _institutions(state, city, map_, quarter):
    """Universities and laboratories; those of the first quarter are there all along while the world stands still."""
    still = max(0, city.still - quarter)
    for row in city.institutions:
        state.institutions.append(
            kind=row.kind,
            district=row.district,
            cell=map_.nearest_cell(row.x_km, row.y_km, row.district),
            opened=row.opens - still if row.opens <= quarter + still else row.opens,
            graduates=row.graduates_per_year,
            ideas=row.ideas_per_year / 4.0,
        )
    state.institution_mix = np.array(city.institution_mix, np.float64)


def _first_knowledge(state, params, map_, quarter):
    """The stock that institutions alone sustain, (cells, sectors)."""
    rows = state.institutions.used
    ideas = rows.ideas * rows.transfer * (rows.opened <= quarter)
    return knowledge.sustained(
        map_, params, tuple(rows.cell), tuple(ideas), tuple(map(tuple, state.institution_mix))
    ).copy()


def _persons(state, city, map_, params, chance, n):
    """The first n residents; permits of foreigners are anywhere in their term."""
    ids = settlement.identities(int(Cohort.INITIAL), 0, n)
    origin = settlement.initial_origins(city, ids, chance.seed)
    left = draws.uniforms(chance.seed, Decision.VISA, 0, ids) * params["migration"].visa_quarters
    arrivals = settlement.Arrivals(
        cohort=np.full(n, int(Cohort.INITIAL)),
        ids=ids,
        origin=origin,
        fields=kinds_by_share(city.traits.workforce, draws.uniforms(chance.seed, Decision.FIELD, 0, ids)),
        homes=kinds_by_share(city.districts.tech_share, draws.uniforms(chance.seed, Decision.HOME, 0, ids)),
        permit_until=np.where(origin == Origin.FOREIGN, chance.quarter + 1 + left.astype(np.int64), NEVER),
    )
    settlement.settle(state, city, map_, params, chance, [arrivals])


def _corporates(state, city, params, config, persons):
    """The named corporates, with heavy-tailed sizes, and one pool of other incumbents a sector employ the `persons` who
    have work.
    """
    seed, count, sectors = config.seed, number_at(config.scale, city.corporates, "corporates"), len(city.sectors)
    ids = np.arange(count, dtype=np.int64)
    share = np.asarray(city.traits.workforce)
    sector = kinds_by_share(share, draws.uniforms(seed, Decision.FIELD, 1, ids))
    exponent = -1.0 / params.corporate_tail
    size = np.array([draws.exact_power(1.0 - u, exponent) for u in draws.uniforms(seed, Decision.MARKET, 1, ids)])
    district = _seats(city, sector, draws.uniforms(seed, Decision.DISTRICT, 1, ids))
    foreign = draws.uniforms(seed, Decision.ORIGIN, 1, ids) < city.corporates_foreign_share
    openness = draws.uniforms(seed, Decision.TAGS, 1, ids)
    size = params.corporate_share * persons * params.employed_at_start * size / size.sum()
    for i in range(count):
        state.corporates.append(
            id=i,
            sector=sector[i],
            foreign=foreign[i],
            district=district[i],
            x=city.districts.x_km[district[i]],
            y=city.districts.y_km[district[i]],
            full_staff=size[i],
            wage_offer=1.0,
            openness=openness[i],
            cash=int(size[i] * params.corporate_cash),
        )
    named = np.bincount(sector, weights=size, minlength=sectors)
    for s in range(sectors):
        rest = max(0.0, persons * params.employed_at_start * share[s] - named[s])
        state.corporates.append(
            id=count + s,
            sector=s,
            pool=1,
            full_staff=rest,
            wage_offer=1.0,
            openness=POOL_OPENNESS,
            cash=int(rest * params.corporate_cash),
            district=int(np.argmax(city.districts.office_stock_m2)),
        )


def _seats(city, sector, luck):
    """Districts of the named corporates, int64[n], by the room there for their sector: those that make things stand in
    parks.
    """
    hardware = np.asarray(city.traits.hardware_share)[sector][:, None]
    districts = city.districts
    room = np.cumsum(room_for(hardware, districts.office_stock_m2, districts.park_stock_m2), axis=1)
    return (luck[:, None] * room[:, -1:] > room[:, :-1]).sum(axis=1)


def _employ(state, seed):
    """Everybody but a few finds the employer of the field that has room."""
    persons, corporates = state.persons, state.corporates.used
    corporates.target[:] = corporates.full_staff.astype(np.int64)
    room = corporates.target.copy()
    count = persons.count
    for s in range(len(state.sectors)):
        trained = np.flatnonzero(persons.field[:count] == s)
        luck = draws.uniforms(seed, Decision.EMPLOYER, 0, persons.id[trained])
        trained = trained[np.argsort(luck, kind="stable")]
        firms = np.flatnonzero(corporates.sector == s)
        seats = np.repeat(firms, room[firms])
        n = min(len(seats), len(trained))
        persons.employer[trained[:n]] = as_employer(seats[:n])
        persons.status[trained[:n]] = Status.EMPLOYED
        np.add.at(corporates.headcount, seats[:n], 1)


def _lps(state, city, params, scale):
    """Pools of partners by kind; wealth in equal parts within a kind, and the guidance fund as one more."""
    count = number_at(scale, city.lps, "lps")
    wealth = params.lp_wealth * scale
    shares = {kind: getattr(params, f"lp_{kind.name.lower()}") for kind in LPKind if kind != LPKind.GUIDANCE}
    each = {kind: max(1, int(count * share + 0.5)) for kind, share in shares.items()}
    number = 0
    for kind, share in shares.items():
        for _ in range(each[kind]):
            state.lps.append(
                id=number,
                kind=kind,
                wealth=wealth * share / each[kind],
                target=params.target_allocation,
                expected=params.required_multiple,
            )
            number += 1
    state.guidance_lp = state.lps.append(id=number, kind=LPKind.GUIDANCE, expected=1.0)


def _firms_of_investors(state, city, map_, params, config):
    """Venture firms that are there in the first quarter, in the city and outside."""
    outside = city.gps_outside * city.gps_local_start / city.gps_local
    foreign_capital = environment.observe(city, config.start).foreign_capital
    for local, number in ((1, city.gps_local_start), (0, outside)):
        for k in range(number_at(config.scale, number, "gps")):
            venture_firms.add_firm(
                state,
                params["fundraising"],
                map_,
                np.int64(local << 16 | k),
                local,
                draws.Chance(config.seed, config.start),
                foreign_capital,
            )


def _background(state, params):
    """Tenants outside the tech economy fill what the base rents clear."""
    rows = state.districts.used
    offices, homes = tenants(state, params)
    pools = state.corporates.used
    mobile = params.office_m2 * float(pools.headcount[pools.pool == 1].sum())
    for name, settled, extra in (("office", offices, mobile), ("home", homes, 0.0)):
        supply = rows[f"{name}_stock"] * (1.0 - params.vacancy)
        share = rows[f"{name}_stock"] / rows[f"{name}_stock"].sum()
        total = supply.sum() - settled.sum() - extra
        floating = extra + params.mobile_share * total
        rows[f"{name}_background"] = np.maximum(
            0.0, (supply - settled - floating * share) / (1.0 - params.mobile_share)
        )
