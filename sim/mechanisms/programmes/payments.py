"""Digital currency: in its districts the firms that take part pay less for being paid.

A share of firms (`L.digital_currency`, by a draw of the firm) enrols while the purse pays for it. For them the cost of
sales falls by

    payment_cost x L.digital_saving x [1 - business_share (1 - L.digital_services)]

of revenue: sales to consumers, and in sectors whose services are payments all sales. Who is paid less is the world,
where the payment platforms are.
"""

from typing import NamedTuple

import numpy as np

from sim.world.accounts import Transaction, spend
from sim.world.draws import Decision, uniforms
from sim.world.kinds import NOBODY, Life


class Params(NamedTuple):
    payment_cost: float
    enrolment_cost: float


def savings(model):
    """Share of revenue saved on payments by district, and share of sales to firms that are payments by sector."""
    saving = model.params["payments"].payment_cost * np.minimum(model.levers.digital_saving, 1.0)
    return saving, np.minimum(model.levers.digital_services, 1.0)


def enrol(model):
    """Firms of the districts enrol in the order of founding, while the purse pays for it."""
    state, levers, cost = model.state, model.levers, int(model.params["payments"].enrolment_cost)
    startups, payer = state.startups.used, levers.payer["digital_currency"]
    if payer == NOBODY:
        return
    open_here = levers.digital_currency[startups.district]
    would = np.flatnonzero((startups.life == Life.ALIVE) & (startups.digital == 0) & (open_here > 0.0))
    joins = would[uniforms(model.seed, Decision.ENROL, 0, startups.id[would]) < open_here[would]]
    joins = joins[: int(state.purses.rows.cash[payer]) // max(cost, 1)]
    startups.digital[joins] = 1
    spend(state, payer, len(joins) * cost, Transaction.PUBLIC_SERVICES, takers=len(joins))
