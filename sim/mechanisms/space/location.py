"""Where firms and people settle, and the rents that follow.

A new startup picks a district by logit over its stock of offices (a large district is many places),
rent, local knowledge in its sector, customers, investors and the distance to the founder's home, then the best of a
few cells by knowledge. It stays there. Firms that make things compare making here with making in the hinterland.

Rents clear district by district. Offices in district d are wanted by those who sit there and by
tenants who can go anywhere in the city:

    demand_d = settled_d (r_d / base)^-e  +  M share_d,   share = softmax(attraction - substitution log r)
    supply_d = stock_d (1 - vacancy (r_d / base)^-v)

The 16 log rents solve demand = supply together by damped Newton with our own elimination, as a
fixed-step tatonnement oscillates. Homes clear by the same equations. Stock follows rent slowly; zones add offices to
the works, and factories and warehouses are converted with a lag of their own. Subsidised desks and homes are
rationed; everybody else pays the cleared rent, so who gains from a subsidy is an outcome.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.accounts import Transaction, pay, spend
from sim.world.draws import Decision, exp, gumbel, log, uniform
from sim.world.kernel import kernel
from sim.world.kinds import Life, Sector, Status


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
    office_m2: float
    home_m2: float
    office_elasticity: float
    home_elasticity: float
    substitution: float
    vacancy: float
    vacancy_elasticity: float
    background_growth: float
    mobile_share: float
    construction_rate: float
    construction_lag: float
    construction_cost: float
    works_cost: float


# ---------------------------------------------------------------- rents


@kernel
def excess(
    log_rent, log_base, settled, mobile, attraction, stock, elasticity, substitution, vacancy, vacancy_elasticity, out
):
    """Demand less supply of space by district, m2, at the log rents; fills `out`."""
    n = len(log_rent)
    total = 0.0
    for d in range(n):
        out[d] = exp(attraction[d] - substitution * (log_rent[d] - log_base[d]))
        total += out[d]
    for d in range(n):
        gap = log_rent[d] - log_base[d]
        demand = settled[d] * exp(-elasticity * gap) + mobile * out[d] / total
        out[d] = demand - stock[d] * (1.0 - min(vacancy * exp(-vacancy_elasticity * gap), 0.9))


@kernel
def solve(matrix, right):
    """Solve matrix x = right in place by elimination with row pivots; `right` becomes x."""
    n = len(right)
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        if pivot != k:
            for j in range(n):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            right[k], right[pivot] = right[pivot], right[k]
        for i in range(k + 1, n):
            factor = matrix[i, k] / matrix[k, k]
            for j in range(k, n):
                matrix[i, j] -= factor * matrix[k, j]
            right[i] -= factor * right[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            right[k] -= matrix[k, j] * right[j]
        right[k] /= matrix[k, k]


@kernel
def clear(
    log_rent, log_base, settled, mobile, attraction, stock, elasticity, substitution, vacancy, vacancy_elasticity
):
    """Move `log_rent` to where every district's demand equals its supply; returns the largest gap left, as a share of
    stock.
    """
    n = len(log_rent)
    gap, moved = np.empty(n), np.empty(n)
    jacobian = np.empty((n, n))
    worst = 0.0
    for _ in range(40):
        excess(
            log_rent,
            log_base,
            settled,
            mobile,
            attraction,
            stock,
            elasticity,
            substitution,
            vacancy,
            vacancy_elasticity,
            gap,
        )
        worst = 0.0
        for d in range(n):
            worst = max(worst, abs(gap[d]) / stock[d])
        if worst < 1e-9:
            break
        for j in range(n):
            step = 1e-6
            log_rent[j] += step
            excess(
                log_rent,
                log_base,
                settled,
                mobile,
                attraction,
                stock,
                elasticity,
                substitution,
                vacancy,
                vacancy_elasticity,
                moved,
            )
            log_rent[j] -= step
            for d in range(n):
                jacobian[d, j] = (moved[d] - gap[d]) / step
        solve(jacobian, gap)
        longest = 0.0
        for d in range(n):
            longest = max(longest, abs(gap[d]))
        damping = min(1.0, 0.5 / longest) if longest > 0.0 else 1.0
        for d in range(n):
            log_rent[d] -= damping * gap[d]
    return worst


@kernel
def _office_space(startups, corporates, office_m2, settled):
    """Square metres that firms occupy at base rent, by district."""
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE:
            settled[startups.district[i]] += office_m2 * (1 + startups.headcount[i])
    for i in range(len(corporates)):
        if not corporates.pool[i]:
            settled[corporates.district[i]] += office_m2 * corporates.headcount[i]


@kernel
def _home_space(status, home, home_m2, settled):
    for i in range(len(status)):
        if status[i] != Status.ABSENT:
            settled[home[i]] += home_m2


@kernel
def _build(stock, pipeline, rent, base_rent, rate, lag):
    """Works begin where rent is above its base, and finish after a lag; returns m2 finished."""
    finished = 0.0
    for d in range(len(stock)):
        done = pipeline[d] / lag
        pipeline[d] += rate * stock[d] * max(0.0, log(rent[d]) - log(base_rent[d])) - done
        stock[d] += done
        finished += done
    return finished


def tenants(state, params):
    """Space wanted at base rent by the tech economy, (districts,) each: offices and homes in m2."""
    districts = len(state.districts)
    offices, homes = np.zeros(districts), np.zeros(districts)
    _office_space(state.startups.used, state.corporates.used, params.office_m2, offices)
    persons = state.persons
    _home_space(persons.status[: persons.count], persons.home[: persons.count], params.home_m2, homes)
    return offices, homes


def rent(model):
    """Offices and homes clear, then works begin and finish; land for them is bought from the city."""
    state, params, quarter = model.state, model.params["location"], model.quarter
    rows = state.districts.used
    offices, homes = tenants(state, params)
    growth = (1.0 + params.background_growth) ** ((quarter - model.city.first) / 4)
    pools = state.corporates.used
    mobile = params.office_m2 * float(pools.headcount[pools.pool == 1].sum())
    base = model.base_rents
    for name, settled, extra, elasticity in (
        ("office", offices, mobile, params.office_elasticity),
        ("home", homes, 0.0, params.home_elasticity),
    ):
        background = rows[f"{name}_background"] * growth * model.levers.tenants
        fixed = settled + (1.0 - params.mobile_share) * background
        floating = extra + params.mobile_share * background.sum()
        log_rent, log_base = np.empty(len(rows)), np.empty(len(rows))
        for d in range(len(rows)):
            log_rent[d], log_base[d] = log(rows[f"{name}_rent"][d]), log(base[name][d])
        clear(
            log_rent,
            log_base,
            fixed,
            floating,
            model.attraction[name],
            rows[f"{name}_stock"],
            elasticity,
            params.substitution,
            params.vacancy,
            params.vacancy_elasticity,
        )
        for d in range(len(rows)):
            rows[f"{name}_rent"][d] = exp(log_rent[d])
        finished = _build(
            rows[f"{name}_stock"],
            rows[f"{name}_pipeline"],
            rows[f"{name}_rent"],
            base[name],
            params.construction_rate,
            params.construction_lag,
        )
        state.tally.rows.construction[0] += int(finished)
        cost = min(int(finished * params.construction_cost), int(state.treasury.rows.landlords[0]))
        state.treasury.rows.landlords[0] -= cost
        state.treasury.rows.treasury[0] += cost
        pay(state.flows, Transaction.LAND, Sector.LANDLORDS, Sector.GOVERNMENT, cost)
    _public_works(model)
    _convert(model)


def _public_works(model):
    """Offices are begun and other works bought, place by place, as far as the purse of each zone goes."""
    state, levers = model.state, model.levers
    for d, s in np.argwhere(levers.office_works > 0.0):
        paid = spend(state, levers.payers["office_works"][d, s], levers.office_works[d, s], Transaction.PROCUREMENT)
        state.districts.rows.office_pipeline[d] += paid / model.params["location"].works_cost
    for d, s in np.argwhere(levers.infrastructure > 0.0):
        spend(state, levers.payers["infrastructure"][d, s], levers.infrastructure[d, s], Transaction.PROCUREMENT)


def _convert(model):
    """Factories and warehouses become offices or homes after a lag of their own, as far as the purse goes."""
    state, levers, rows = model.state, model.levers, model.state.districts.used
    begun = {"office": levers.converted_offices, "home": levers.converted_homes}
    wanted = levers.conversion_cost * (begun["office"] + begun["home"]).sum()
    share = (
        spend(state, levers.payer["conversion_cost"], wanted, Transaction.PROCUREMENT) / wanted if wanted > 0.0 else 0.0
    )
    rows.conversion_lag[:] = np.where(begun["office"] + begun["home"] > 0.0, levers.conversion_lag, rows.conversion_lag)
    for name, m2 in begun.items():
        works = rows[f"{name}_conversion"]
        done = works / np.maximum(rows.conversion_lag, 1.0)
        rows[f"{name}_stock"] += done
        works += share * m2 - done
        state.tally.rows.construction[0] += int(done.sum())


# ---------------------------------------------------------------- places of startups


@kernel
def _pick(
    seed,
    quarter,
    first,
    startups,
    homes,
    stock,
    rents,
    discount,
    desks,
    pull,
    knowledge,
    customers,
    investors,
    distance,
    params,
    cells,
    centrality,
    cell_knowledge,
    hardware_share,
    hinterland_gap,
):
    """New startups pick district, cell and place of making."""
    districts, sectors = knowledge.shape
    place, away = np.empty((sectors, districts)), np.empty((districts, districts))
    for d in range(districts):
        for s in range(sectors):
            place[s, d] = (
                params.size_weight * log(stock[d])
                - params.rent_weight * log(rents[d])
                + params.knowledge_weight * log(1.0 + knowledge[d, s])
                + params.customer_weight * log(1.0 + customers[d, s])
                + params.investor_weight * log(1.0 + investors[d])
                + pull[d, s]
            )
        for home in range(districts):
            away[home, d] = params.home_weight * log(1.0 + distance[home, d])
    luck = np.empty(districts)
    for i in range(first, len(startups)):
        firm = startups[i]
        for d in range(districts):
            luck[d] = gumbel(seed, Decision.DISTRICT, quarter, firm.id, d)
        best, best_value = 0, -1e300
        for d in range(districts):
            value = place[firm.sector, d] - away[homes[firm.founder], d] + params.noise * luck[d]
            if desks[d] >= 1.0:
                value -= params.rent_weight * log(1.0 - discount[d])
            if value > best_value:
                best, best_value = d, value
        firm.district = best
        if discount[best] > 0.0 and desks[best] >= 1.0:
            firm.desk = 1
            desks[best] -= 1.0
        top = -1.0
        for k in range(int(params.cell_samples)):
            at = np.searchsorted(centrality, best + uniform(seed, Decision.CELL, quarter, firm.id, 2 * k))
            cell = cells[min(at, len(cells) - 1)]
            score = params.cell_knowledge_weight * log(1.0 + cell_knowledge[cell, firm.sector]) + uniform(
                seed, Decision.CELL, quarter, firm.id, 2 * k + 1
            )
            if score > top:
                top, firm.cell = score, cell
        makes = uniform(seed, Decision.MAKING, 0, firm.id, 0) < hardware_share[firm.sector]
        stays = params.making_constant - params.making_rent_weight * (log(rents[best]) - hinterland_gap)
        firm.makes_here = 1
        if makes and stays < gumbel(seed, Decision.MAKING, 0, firm.id, 1):
            firm.makes_here = 0


@kernel
def openness_of(corporate, added):
    """Openness of a corporate to startups, 0 to 1, with what a programme adds to its sector's."""
    return min(1.0, corporate.openness + added[corporate.sector])


@kernel
def _open_staff(corporates, foreign_openness, added, weight, out):
    """Staff of named corporates by district and sector, as far as they are open to startups; foreign ones fear for
    their property.
    """
    for i in range(len(corporates)):
        if not corporates.pool[i]:
            open_ = openness_of(corporates[i], added) * (foreign_openness if corporates.foreign[i] else 1.0)
            out[corporates.district[i], corporates.sector[i]] += weight * open_ * corporates.headcount[i]


def foreigners_openness(params, levers):
    """Openness of foreign corporates to startups, relative to that of others:

    the better their property is protected, the nearer to one.
    """
    return params.foreign_openness + (1.0 - params.foreign_openness) * (1.0 - 1.0 / levers.enforcement)


def access(state, map_, elasticity, foreign_openness, added):
    """How near the open corporates of a sector are to each district, relative to the mean district, (districts,
    sectors).
    """
    staff = np.zeros((len(state.districts), len(state.sectors)))
    _open_staff(state.corporates.used, foreign_openness, added, 1.0, staff)
    near = (staff[None, :, :] / (1.0 + map_.district_distance)[:, :, None]).sum(axis=1) + 1e-9
    return draws.exps(elasticity * draws.logs(near / near.mean(axis=0)))


def settle(model, new):
    """New startups find a place; desks that are subsidised go to the first in the order of founding, district by
    district.
    """
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
    free = np.maximum(0.0, levers.desks - rows.desks)
    _pick(
        model.seed,
        model.quarter,
        int(new[0]),
        startups,
        state.persons.home,
        rows.office_stock,
        rows.office_rent,
        np.minimum(levers.desk_discount, 0.9),
        free,
        levers.zone_pull,
        model.district_knowledge,
        customers,
        investors,
        model.map.district_distance,
        params,
        model.map.district_cells,
        model.map.cumulative_centrality,
        state.knowledge,
        state.sectors.used.hardware_share,
        log(model.base_rents["office"].min()),
    )
    rows.desks[:] = _seated(startups, districts)


def _seated(startups, districts):
    """Living startups at subsidised desks, by district."""
    return np.bincount(startups.district[(startups.desk == 1) & (startups.life == Life.ALIVE)], minlength=districts)
