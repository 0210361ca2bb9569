"""Rents clear district by district, and the stock of space follows them slowly.

Space in district d is wanted by those who sit there and by tenants who can go anywhere in the city:

    demand_d = settled_d (r_d / base)^-e  +  M share_d,   share = softmax(attraction - substitution log r)
    supply_d = stock_d (1 - vacancy (r_d / base)^-v)

The 16 log rents solve demand = supply together by damped Newton with our own elimination, as a fixed-step tatonnement
oscillates. Offices and homes clear by the same equations. Zones add offices to the works, and factories and warehouses
are converted with a lag of their own. Subsidised desks and homes are rationed; everybody else pays the cleared rent,
so who gains from a subsidy is an outcome.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.space.zones import places_of
from sim.mechanisms.ventures.going_concern import goes_on
from sim.world import draws
from sim.world.accounts import Transaction, pay, spend
from sim.world.draws import exp, log
from sim.world.kernel import kernel
from sim.world.kinds import Sector, Status
from sim.world.sums import total

# Newton's method; none of these moves a rent by more than its precision.
STEPS = 40
PRECISE = 1e-9  # largest gap left, as a share of stock
NUDGE = 1e-6  # log points, for slopes
LONGEST = 0.5  # log points that a rent moves in one step


class Params(NamedTuple):
    office_m2: float
    home_m2: float
    office_elasticity: float
    home_elasticity: float
    substitution: float
    vacancy: float
    vacancy_elasticity: float
    largest_vacancy: float
    background_growth: float
    mobile_share: float
    construction_rate: float
    construction_lag: float
    construction_cost: float
    works_cost: float


class Space(NamedTuple):
    """The market for space of one use, offices or homes; arrays are float64[districts]."""

    log_base: np.ndarray  # log of the rent at which `settled` is wanted
    settled: np.ndarray  # m2 wanted at base rent by those who stay where they are
    mobile: float  # m2 wanted by those who can go anywhere
    attraction: np.ndarray  # log utility of a district at base rent
    stock: np.ndarray  # m2
    elasticity: float  # of the settled's demand


# ---------------------------------------------------------------- clearing


@kernel
def excess(log_rent, space, params, out):
    """Demand less supply of space by district, m2, at the log rents; fills `out`."""
    n = len(log_rent)
    total = 0.0
    for d in range(n):
        out[d] = exp(space.attraction[d] - params.substitution * (log_rent[d] - space.log_base[d]))
        total += out[d]
    for d in range(n):
        gap = log_rent[d] - space.log_base[d]
        demand = space.settled[d] * exp(-space.elasticity * gap) + space.mobile * out[d] / total
        empty = min(params.vacancy * exp(-params.vacancy_elasticity * gap), params.largest_vacancy)
        out[d] = demand - space.stock[d] * (1.0 - empty)


@kernel
def solve(matrix, right):
    """Solves matrix x = right in place by elimination with row pivots; `right` becomes x.

    Our own, as those of libraries give other bits on other processors.
    """
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
def clear(log_rent, space, params):
    """Rents move to where demand equals supply in every district; returns the largest gap left, a share of stock."""
    n = len(log_rent)
    gap, moved = np.empty(n), np.empty(n)
    jacobian = np.empty((n, n))
    worst = 0.0
    for _ in range(STEPS):
        excess(log_rent, space, params, gap)
        worst = 0.0
        for d in range(n):
            worst = max(worst, abs(gap[d]) / space.stock[d])
        if worst < PRECISE:
            break
        for j in range(n):
            log_rent[j] += NUDGE
            excess(log_rent, space, params, moved)
            log_rent[j] -= NUDGE
            for d in range(n):
                jacobian[d, j] = (moved[d] - gap[d]) / NUDGE
        solve(jacobian, gap)
        longest = 0.0
        for d in range(n):
            longest = max(longest, abs(gap[d]))
        damping = min(1.0, LONGEST / longest) if longest > 0.0 else 1.0
        for d in range(n):
            log_rent[d] -= damping * gap[d]
    return worst


# ---------------------------------------------------------------- who wants space, and what is built


@kernel
def _office_space(startups, corporates, office_m2, settled):
    """Square metres that firms occupy at base rent, by district."""
    for i in range(len(startups)):
        if goes_on(startups.life[i]):
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


def let(model):
    """Offices and homes clear, then works begin and finish; land for them is bought from the city."""
    state, params, quarter = model.state, model.params["rents"], model.quarter
    rows, treasury = state.districts.used, state.treasury.rows
    settled = dict(zip(("office", "home"), tenants(state, params), strict=True))
    growth = draws.exact_power(1.0 + params.background_growth, model.city.since(quarter) / 4)
    corporates = state.corporates.used
    elasticity = {"office": params.office_elasticity, "home": params.home_elasticity}
    pooled = {"office": params.office_m2 * float(corporates.headcount[corporates.pool == 1].sum()), "home": 0.0}
    for use in ("office", "home"):
        base, stock, rent = model.base_rents[use], getattr(rows, f"{use}_stock"), getattr(rows, f"{use}_rent")
        background = getattr(rows, f"{use}_background") * growth * model.levers.tenants
        log_rent = draws.logs(rent)
        space = Space(
            log_base=draws.logs(base),
            settled=settled[use] + (1.0 - params.mobile_share) * background,
            mobile=pooled[use] + params.mobile_share * background.sum(),
            attraction=model.attraction[use],
            stock=stock,
            elasticity=elasticity[use],
        )
        clear(log_rent, space, params)
        rent[:] = draws.exps(log_rent)
        finished = _build(
            stock=stock,
            pipeline=getattr(rows, f"{use}_pipeline"),
            rent=rent,
            base_rent=base,
            rate=params.construction_rate,
            lag=params.construction_lag,
        )
        state.tally.rows.construction[0] += int(finished)
        cost = min(int(finished * params.construction_cost), int(treasury.landlords[0]))
        treasury.landlords[0] -= cost
        treasury.treasury[0] += cost
        pay(state.flows, Transaction.LAND, Sector.LANDLORDS, Sector.GOVERNMENT, cost)
    _public_works(model)
    _convert(model)


def _public_works(model):
    """Zones begin offices, place by place, as far as the purse of each goes."""
    state, levers = model.state, model.levers
    for d, s in places_of(levers.office_works):
        paid = spend(state, levers.payers["office_works"][d, s], levers.office_works[d, s], Transaction.PROCUREMENT)
        state.districts.rows.office_pipeline[d] += paid / model.params["rents"].works_cost


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
        finished = _finish(
            getattr(rows, f"{name}_stock"), getattr(rows, f"{name}_conversion"), rows.conversion_lag, share * m2
        )
        state.tally.rows.construction[0] += int(finished)


@kernel
def _finish(stock, works, lag, begun):
    """Conversions are finished after a lag and others begun, m2 by district; returns m2 finished."""
    done = works / np.maximum(lag, 1.0)
    for d in range(len(stock)):
        stock[d] += done[d]
        works[d] += begun[d] - done[d]
    return total(done)
