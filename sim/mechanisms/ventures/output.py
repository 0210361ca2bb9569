"""Output: what a firm's people make of what customers would buy.

    sales = demand x min(1, capacity / demand)^labour_elasticity
    capacity = worth of a unit of labour x density x works x units of labour

Within its demand a firm sells the more the more people it has, below proportion (elasticity of sales to heads 0.5 to
0.8: D111, D112). What a unit of labour can sell rises with wages elsewhere, so that productivity and pay grow
together: at full staff pay is a share of sales, `payroll_share` of the sector times `payroll_of_sales`. Founders work
as staff do.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.space import density, zones
from sim.world.draws import power
from sim.world.kernel import equation, kernel


class Params(NamedTuple):
    labour_elasticity: float
    payroll_of_sales: float


class Labour(NamedTuple):
    """What a unit of labour is worth and costs."""

    worth: np.ndarray  # sales that it can make at normal density, yuan a quarter, float64[sectors]
    output: np.ndarray  # factor of density, and of the works of zones, float64[districts, sectors]
    pay: np.ndarray  # factor of density on the wage of the sector, float64[districts]


@equation
def made(demand, capacity, elasticity):
    """What a firm sells of what customers would buy, yuan; `capacity` is what its people could."""
    if capacity >= demand:
        return demand
    return demand * power(capacity / demand, elasticity)


@equation
def worth_of(firm, labour):
    """Sales that a unit of labour of a firm can make, yuan a quarter."""
    return labour.worth[firm.sector] * labour.output[firm.district, firm.sector]


@equation
def pay_of(firm, sector, labour):
    """What a firm pays a unit of labour, yuan a quarter."""
    return sector.wage * labour.pay[firm.district]


@kernel
def capacity_of(firm, labour):
    """What the people of a firm could sell, yuan a quarter."""
    return firm.labour * labour.worth[firm.sector] * labour.output[firm.district, firm.sector]


def labour_of(model):
    """The Labour of a quarter."""
    wage = model.city.traits.base_wage * model.conditions.rival_wage
    share = model.city.traits.payroll_share * model.params["output"].payroll_of_sales
    dense = density.relative(model)
    return Labour(wage / share, dense.output[:, None] * zones.output(model), dense.pay)
