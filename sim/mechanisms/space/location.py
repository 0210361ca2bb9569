"""Where new startups settle.

A new startup picks a district by logit over its stock of offices (a large district is many places), rent, local
knowledge in its sector, customers, investors and the distance to the founder's home, then the best of a few cells by
knowledge. It stays there. Firms that make things compare making here with making in the hinterland.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.draws import Decision, gumbel, log, uniform
from sim.world.kernel import equation, kernel
from sim.world.kinds import Life

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
    """What the districts offer a new startup; arrays are float64[districts] unless said."""

    stock: np.ndarray  # m2 of offices
    rents: np.ndarray  # yuan a m2 and quarter
    hinterland_log_rent: float  # log rent where things are made outside the city
    discount: np.ndarray  # share of the rent that a subsidised desk saves
    desks: np.ndarray  # subsidised ones that are free; taken here
    pull: np.ndarray  # log utility of zones, (districts, sectors)
    knowledge: np.ndarray  # (districts, sectors)
    customers: np.ndarray  # open staff of corporates at full size, (districts, sectors)
    investors: np.ndarray  # venture firms at full size
    distance: np.ndarray  # km, (districts, districts)


class Ground(NamedTuple):
    """The cells of the city, district by district."""

    cells: np.ndarray  # int64[cells]
    centrality: np.ndarray  # number of the district + cumulated centrality within it, float64[cells]
    knowledge: np.ndarray  # (cells of the map, sectors)


@equation
def utility_of(stock, rent, knowledge, customers, investors, pull, params):
    """Log utility of a district to a new venture of a sector; `stock` of offices in m2, `rent` in yuan a m2."""
    return (
        params.size_weight * log(stock)
        - params.rent_weight * log(rent)
        + params.knowledge_weight * log(1.0 + knowledge)
        + params.customer_weight * log(1.0 + customers)
        + params.investor_weight * log(1.0 + investors)
        + pull
    )


@equation
def cost_of_distance(km, params):
    """What it costs a founder to work so far from home, log utility."""
    return params.home_weight * log(1.0 + km)


@kernel
def _pick(chance, first, startups, homes, hardware_share, places, ground, params):
    """New startups, from slot `first` on, pick district, cell and where to make; `homes` are those of persons."""
    seed, quarter = chance.seed, chance.quarter
    districts, sectors = places.knowledge.shape
    worth, away = np.empty((sectors, districts)), np.empty((districts, districts))
    for d in range(districts):
        for s in range(sectors):
            worth[s, d] = utility_of(
                stock=places.stock[d],
                rent=places.rents[d],
                knowledge=places.knowledge[d, s],
                customers=places.customers[d, s],
                investors=places.investors[d],
                pull=places.pull[d, s],
                params=params,
            )
        for home in range(districts):
            away[home, d] = cost_of_distance(places.distance[home, d], params)
    luck = np.empty(districts)
    for i in range(first, len(startups)):
        firm = startups[i]
        for d in range(districts):
            luck[d] = gumbel(seed, Decision.DISTRICT, quarter, firm.id, d)
        best, best_value = 0, -np.inf
        for d in range(districts):
            value = worth[firm.sector, d] - away[homes[firm.founder], d] + params.noise * luck[d]
            if places.desks[d] >= 1.0:
                value -= params.rent_weight * log(1.0 - places.discount[d])
            if value > best_value:
                best, best_value = d, value
        firm.district = best
        if places.discount[best] > 0.0 and places.desks[best] >= 1.0:
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
    near = (staff[None, :, :] / (1.0 + map_.district_distance)[:, :, None]).sum(axis=1) + NOBODY_NEAR
    return draws.exps(elasticity * draws.logs(near / near.mean(axis=0)))


def settle(model, new):
    """New startups find a place; subsidised desks go to the first in the order of founding, district by district."""
    state, params, levers = model.state, model.params["location"], model.levers
    rows, startups = state.districts.used, state.startups.used
    districts, sectors = len(rows), len(state.sectors)
    rows.desks[:] = _seated(startups, districts)
    if len(new) == 0:
        return
    customers = np.zeros((districts, sectors))
    _open_staff(
        state.corporates.used,
        foreigners_openness(params, levers),
        levers.corporate_openness,
        1.0 / model.scale,
        customers,
    )
    gps = state.gps.used
    local = (gps.local == 1) & (gps.ended < 0)
    investors = np.bincount(model.map.district_of_cell[gps.cell[local]], minlength=districts) / model.scale
    places = Places(
        stock=rows.office_stock,
        rents=rows.office_rent,
        hinterland_log_rent=log(model.base_rents["office"].min()),
        discount=np.minimum(levers.desk_discount, params.largest_discount),
        desks=np.maximum(0.0, levers.desks - rows.desks),
        pull=levers.zone_pull,
        knowledge=model.district_knowledge,
        customers=customers,
        investors=investors,
        distance=model.map.district_distance,
    )
    ground = Ground(model.map.district_cells, model.map.cumulative_centrality, state.knowledge)
    _pick(
        chance=model.chance,
        first=int(new[0]),
        startups=startups,
        homes=state.persons.home,
        hardware_share=state.sectors.used.hardware_share,
        places=places,
        ground=ground,
        params=params,
    )
    rows.desks[:] = _seated(startups, districts)


def _seated(startups, districts):
    """Living startups at subsidised desks, by district."""
    return np.bincount(startups.district[(startups.desk == 1) & (startups.life == Life.ALIVE)], minlength=districts)
