"""How many people employers want.

A startup wants two kinds of people: those who make what it sells, as many as their output is worth, and those who
develop, whom its plan pays for. With D demand, z what a unit of labour sells, w its pay, m sales less what they cost:

    makers     = D/z min(1, (a m z / w)^(1/(1-a))) - founders,   a = labour_elasticity       where the last one earns w
    developers = people in the plan x planned spending / w
    heads      = makers + developers, at most affordable_share (cash / affordable_quarters + m sales) / w

rounded by a draw of the firm for life, as truncation would keep small firms small for ever; self-financed firms have no
other cap. Incumbents want

    heads = full staff e^(growth t) demand (wage / wage elsewhere)^-elasticity x customers that startups leave them
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on
from sim.mechanisms.ventures.output import pay_of, worth_of
from sim.world.draws import Decision, exp, log, power, uniform
from sim.world.kernel import equation, kernel
from sim.world.kinds import NOBODY, Life


class Params(NamedTuple):
    incumbent_growth: float
    demand_elasticity: float
    demand_cycle: float
    people_in_plans: float
    affordable_share: float
    affordable_quarters: float
    hiring_speed: float


class Costs(NamedTuple):
    """What a startup reckons with when it plans its staff."""

    elasticity: float  # of sales to labour
    margin: float  # of sales that their cost leaves, share
    people: np.ndarray  # share of planned spending that pays those who develop, float64[sectors]


@kernel
def incumbents_heads(size, growth, quarters, demand, wage, wage_elsewhere, elasticity):
    """Headcount that an incumbent wants; `growth` a year, `demand` relative to normal."""
    return size * exp(growth * quarters / 4.0 + log(demand) - elasticity * (log(wage) - log(wage_elsewhere)))


@equation
def makers(demand, worth, wage, costs):
    """Units of labour that make what is sold; `worth` is what one sells, and `wage` its pay, yuan a quarter."""
    pays = power(costs.elasticity * costs.margin * worth / wage, 1.0 / (1.0 - costs.elasticity))
    return demand / worth * min(1.0, pays)


@equation
def developers(burn, people, wage):
    """Units of labour that a plan of `burn` yuan a quarter pays for; `people` is their share of it."""
    return people * burn / wage


def people_shares(sectors, params):
    """Share of planned spending that is pay of those who develop, float64[sectors]."""
    return np.minimum(1.0, sectors.payroll_share * params.people_in_plans)


@kernel
def founders_of(firm):
    """Founder and co-founders of a startup; hired managers lead a listed one."""
    if firm.life == Life.LISTED:
        return 0
    return 1 + (firm.partner_1 != NOBODY) + (firm.partner_2 != NOBODY)


@kernel
def plan_incumbents(firms, quarters, demand, wage_elsewhere, params):
    """Incumbents want the people that demand and their wage justify; `wage_elsewhere` by sector."""
    for i in range(len(firms.corporates)):
        firm = firms.corporates[i]
        sector = firms.sectors[firm.sector]
        heads = incumbents_heads(
            size=firm.full_staff,
            growth=params.incumbent_growth + sector.trend,
            quarters=quarters,
            demand=demand,
            wage=sector.wage * firm.wage_offer,
            wage_elsewhere=wage_elsewhere[firm.sector],
            elasticity=params.demand_elasticity,
        )
        firm.target = np.int64(heads * (1.0 - sector.customers_lost))


@kernel
def plan_startups(seed, firms, labour, costs, params):
    """Startups want the people who make what they sell and those whom their plan pays for; `labour` is the Labour of
    the quarter.
    """
    for i in range(len(firms.startups)):
        firm = firms.startups[i]
        if not goes_on(firm.life):
            continue
        sector = firms.sectors[firm.sector]
        wage = pay_of(firm, sector, labour)
        heads = max(0.0, makers(firm.demand, worth_of(firm, labour), wage, costs) - founders_of(firm))
        heads += developers(firm.burn, costs.people[firm.sector], wage)
        affordable = firm.cash / params.affordable_quarters + costs.margin * firm.revenue
        heads = min(heads, params.affordable_share * affordable / wage)
        whole = np.int64(heads + uniform(seed, Decision.ROUNDING, 0, firm.id, 0))
        step = np.int64(params.hiring_speed * (whole - firm.headcount))
        if whole > firm.headcount:
            step = max(step, 1)
        firm.target = max(0, firm.headcount + step)


def plan(model, firms, wage_elsewhere):
    """Employers say how many people they want; `wage_elsewhere` by sector."""
    params = model.params["staffing"]
    plan_incumbents(
        firms=firms,
        quarters=model.city.since(model.quarter),
        demand=1.0 + params.demand_cycle * (model.cycle - 1.0),
        wage_elsewhere=wage_elsewhere,
        params=params,
    )
    costs = Costs(
        elasticity=model.params["output"].labour_elasticity,
        margin=1.0 - model.params["operations"].cost_of_sales,
        people=people_shares(firms.sectors, params),
    )
    plan_startups(seed=model.seed, firms=firms, labour=model.labour, costs=costs, params=params)
