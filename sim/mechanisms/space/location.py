"""Where new ventures settle, and what the choice is worth to who thinks of founding one.

A venture picks a district by logit over room (a large district is many places; who makes things looks for a park),
rent, local knowledge in its sector, customers, investors, the works of zones, and the distance to where its founder
comes from: the home, or the last employer's district for a spin-off. Then it picks the best of a few cells by
knowledge. It stays there. Firms that make things compare making here with making in the hinterland.

    value of founding here = noise log sum_d e^((worth_d - home_weight log(1 + km)) / noise)

and, against the same sum at base rents without desks and works, it is weighed by those who have an idea (`founding`):
what is dear, crowded or well equipped moves how many found, and not only where.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.space import zones
from sim.world import draws
from sim.world.draws import Decision, exp, gumbel, log, uniform
from sim.world.kernel import kernel, shared
from sim.world.kinds import Life
from sim.world.sums import total

SMALLEST_ROOM = 1.0  # m2, where a district has none of a kind
NOBODY_NEAR = 1e-9  # staff at no distance; keeps the logarithm finite where no corporate of a sector is open


class Params(NamedTuple):
    size_weight: float
    rent_weight: float
    knowledge_weight: float
    customer_weight: float
    foreign_openness: float
    investor_weight: float
    home_weight: float
    noise: float
    cell_samples: float
    cell_knowledge_weight: float
    making_rent_weight: float
    making_constant: float
    largest_discount: float


class Places(NamedTuple):
    """What the districts offer a new startup; arrays are float64[sectors, districts] unless said."""

    worth: np.ndarray  # log utility of a district, desk and distance apart
    away: np.ndarray  # cost of the distance to where the founder comes from, log utility, (districts, districts)
    saving: np.ndarray  # log utility of a subsidised desk, float64[districts]
    desks: np.ndarray  # subsidised ones that are free; taken as ventures settle, float64[districts]
    rents: np.ndarray  # yuan a m2 and quarter, float64[districts]
    hinterland_log_rent: float  # log rent where things are made outside the city
    value: np.ndarray  # of founding here, beyond that at base rents without desks and works, (districts, sectors)
    instruments: np.ndarray  # part of `value` that desks and works make, (districts, sectors)


class Ground(NamedTuple):
    """The cells of the city, district by district."""

    cells: np.ndarray  # int64[cells]
    centrality: np.ndarray  # number of the district + cumulated centrality within it, float64[cells]
    knowledge: np.ndarray  # (cells of the map, sectors)


@kernel
def _pick(chance, first, startups, origins, hardware_share, places, ground, params):
    """New startups, from slot `first` on, pick district, cell and where to make; `origins` are the districts that their
    founders come from, int64[new].
    """
    seed, quarter = chance.seed, chance.quarter
    districts = len(places.rents)
    luck = np.empty(districts)
    for i in range(first, len(startups)):
        firm = startups[i]
        for d in range(districts):
            luck[d] = gumbel(seed, Decision.DISTRICT, quarter, firm.id, d)
        best, best_value = 0, -np.inf
        for d in range(districts):
            value = places.worth[firm.sector, d] - places.away[origins[i - first], d] + params.noise * luck[d]
            if places.desks[d] >= 1.0:
                value += places.saving[d]
            if value > best_value:
                best, best_value = d, value
        firm.district = best
        if places.saving[best] > 0.0 and places.desks[best] >= 1.0:
            firm.desk = 1
            places.desks[best] -= 1.0
        top = -1.0
        for k in range(int(params.cell_samples)):
            at = np.searchsorted(ground.centrality, best + uniform(seed, Decision.CELL, quarter, firm.id, 2 * k))
            cell = ground.cells[min(at, len(ground.cells) - 1)]
            score = params.cell_knowledge_weight * log(1.0 + ground.knowledge[cell, firm.sector]) + uniform(
                seed, Decision.CELL, quarter, firm.id, 2 * k + 1
            )
            if score > top:
                top, firm.cell = score, cell
        makes = uniform(seed, Decision.MAKING, 0, firm.id, 0) < hardware_share[firm.sector]
        stays = params.making_constant - params.making_rent_weight * (
            log(places.rents[best]) - places.hinterland_log_rent
        )
        firm.makes_here = 1
        if makes and stays < gumbel(seed, Decision.MAKING, 0, firm.id, 1):
            firm.makes_here = 0


@kernel
def openness_of(corporate, added):
    """Openness of a corporate to startups, 0 to 1, with what a programme adds to its sector's."""
    return min(1.0, corporate.openness + added[corporate.sector])


@kernel
def _open_staff(corporates, foreign_openness, added, weight, out):
    """Staff of named corporates by district and sector, as far as open; foreign ones fear for their property."""
    for i in range(len(corporates)):
        if not corporates.pool[i]:
            open_ = openness_of(corporates[i], added) * (foreign_openness if corporates.foreign[i] else 1.0)
            out[corporates.district[i], corporates.sector[i]] += weight * open_ * corporates.headcount[i]


def foreigners_openness(params, levers):
    """Openness of foreign corporates relative to that of others: the safer their property, the nearer one."""
    return params.foreign_openness + (1.0 - params.foreign_openness) * (1.0 - 1.0 / levers.enforcement)


def access(state, map_, elasticity, foreign_openness, added):
    """How near the open corporates of a sector are to each district, relative to the mean one, (districts, sectors)."""
    staff = np.zeros((len(state.districts), len(state.sectors)))
    _open_staff(state.corporates.used, foreign_openness, added, 1.0, staff)
    return _near(staff, map_.district_distance, elasticity)


@kernel
def _near(staff, distance, elasticity):
    """Staff over distance relative to that of the mean district, to a power; (districts, sectors)."""
    near, mean = np.zeros(staff.shape), np.zeros(staff.shape[1])
    for d in range(len(staff)):
        for other in range(len(staff)):
            near[d] += staff[other] / (1.0 + distance[d, other])
        near[d] += NOBODY_NEAR
        mean += near[d]
    mean /= len(staff)
    for d in range(len(staff)):
        for s in range(staff.shape[1]):
            near[d, s] = exp(elasticity * log(near[d, s] / mean[s]))
    return near


@shared
def room_for(hardware, offices, parks):
    """Room in a district for firms of which the share `hardware` makes things, and looks for a park, m2."""
    return (1.0 - hardware) * offices + hardware * parks


def compare(model):
    """The Places of the quarter, at the rents that the last one left."""
    state, params, levers = model.state, model.params["location"], model.levers
    rows, base_rents = state.districts.used, model.base_rents["office"]
    rows.desks[:] = _seated(state.startups.used, len(rows))
    free = np.maximum(0.0, levers.desks - rows.desks)
    discount = np.minimum(levers.desk_discount, params.largest_discount)
    saving = -params.rent_weight * draws.logs(1.0 - discount)
    standing = _standing(model)
    at_base = standing - params.rent_weight * draws.logs(np.array(base_rents))[None, :]
    bare = standing - params.rent_weight * draws.logs(np.array(rows.office_rent))[None, :]
    worth = bare + model.params["zones"].pull * zones.equipment(model).T
    away = params.home_weight * draws.logs(1.0 + model.map.district_distance)
    born = _born(state.startups.used, model.quarter - 1, len(rows))
    offered = saving * np.minimum(1.0, free / np.maximum(born, 1))
    whole = _value(worth + offered, away, params.noise)  # a desk for each of as many as came last
    return Places(
        worth=worth,
        away=away,
        saving=saving,
        desks=free,
        rents=np.array(rows.office_rent),
        hinterland_log_rent=log(base_rents.min()),
        value=whole - _value(at_base, away, params.noise),
        instruments=whole - _value(bare, away, params.noise),
    )


def _standing(model):
    """Log utility of the districts before rents, desks and works, (sectors, districts)."""
    state, params, levers = model.state, model.params["location"], model.levers
    customers = np.zeros((len(state.districts), len(state.sectors)))
    _open_staff(
        state.corporates.used,
        foreigners_openness(params, levers),
        levers.corporate_openness,
        1.0 / model.scale,
        customers,
    )
    return _before_rents(
        rows=state.districts.used,
        sectors=state.sectors.used,
        knowledge=model.district_knowledge,
        customers=customers,
        investors=_investors(state.gps.used, model.map.district_of_cell, len(state.districts)) / model.scale,
        params=params,
    )


@kernel
def _investors(gps, district_of_cell, districts):
    """Local venture firms by district, float64[districts]."""
    investors = np.zeros(districts)
    for g in range(len(gps)):
        if gps.local[g] == 1 and gps.ended[g] < 0:
            investors[district_of_cell[gps.cell[g]]] += 1.0
    return investors


@kernel
def _before_rents(rows, sectors, knowledge, customers, investors, params):
    """Log utility of room, knowledge, customers and investors, (sectors, districts); these by district and sector."""
    utility = np.empty((len(sectors), len(rows)))
    for s in range(len(sectors)):
        for d in range(len(rows)):
            room = room_for(sectors.hardware_share[s], rows.office_stock[d], rows.park_stock[d])
            utility[s, d] = (
                params.size_weight * log(max(room, SMALLEST_ROOM))
                + params.knowledge_weight * log(1.0 + knowledge[d, s])
                + params.customer_weight * log(1.0 + customers[d, s])
                + params.investor_weight * log(1.0 + investors[d])
            )
    return utility


@kernel
def _value(worth, away, noise):
    """Log-sum over districts of worth, (sectors, districts), less the distance: (districts come from, sectors)."""
    value, odds = np.empty((len(away), len(worth))), np.empty(worth.shape[1])
    for d in range(len(away)):
        for s in range(len(worth)):
            utility = (worth[s] - away[d]) / noise
            top = utility.max()
            for other in range(len(odds)):
                odds[other] = exp(utility[other] - top)
            value[d, s] = noise * (top + log(total(odds)))
    return value


def settle(model, new, places, origins):
    """New startups, in the slots `new`, find a place; subsidised desks go to the first in the order of founding,
    district by district. `origins` are the districts that their founders come from, int64[new].
    """
    state, params, startups = model.state, model.params["location"], model.state.startups.used
    if len(new) == 0:
        return
    ground = Ground(model.map.district_cells, model.map.cumulative_centrality, state.knowledge)
    _pick(
        chance=model.chance,
        first=int(new[0]),
        startups=startups,
        origins=origins,
        hardware_share=state.sectors.used.hardware_share,
        places=places,
        ground=ground,
        params=params,
    )
    state.districts.used.desks[:] = _seated(startups, len(state.districts))


@kernel
def _seated(startups, districts):
    """Living startups at subsidised desks, by district."""
    seated = np.zeros(districts, np.int64)
    for i in range(len(startups)):
        seated[startups.district[i]] += (startups.desk[i] == 1) & (startups.life[i] == Life.ALIVE)
    return seated


@kernel
def _born(startups, quarter, districts):
    """Startups that began in a quarter, by district."""
    born = np.zeros(districts, np.int64)
    for i in range(len(startups)):
        born[startups.district[i]] += startups.born[i] == quarter
    return born
