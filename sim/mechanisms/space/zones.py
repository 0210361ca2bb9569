"""Zones: what public works of a district leave there, and what it is worth to firms.

    stock' = (1 - wear) stock + money paid for works other than offices
    used_d,s = shared x all of the district's stock + (1 - shared) x that built for the sector
    equipment_d,s = log(1 + used_d,s / (reference x m2 of offices that the district began with))

New ventures value a place by `pull` times its equipment, firms there make e^(output x equipment) times as much
(public capital: Bom and Ligthart 2014), and knowledge spreads 1 + contact x equipment times as fast between its cells.
So a zone works through what its money has built, and a zone of one yuan does nothing.
"""

from typing import NamedTuple

import numpy as np

from sim.world import draws
from sim.world.accounts import Transaction, spend
from sim.world.draws import log
from sim.world.kernel import kernel
from sim.world.sums import total


class Params(NamedTuple):
    wear: float
    shared: float
    reference: float
    pull: float
    output: float
    contact: float


def build(model):
    """Works wear, and zones buy new ones, place by place, as far as the purse of each goes."""
    state, levers, stock = model.state, model.levers, model.state.works
    stock *= 1.0 - model.params["zones"].wear
    for d, s in places_of(levers.infrastructure):
        money = levers.infrastructure[d, s]
        stock[d, s] += spend(state, levers.payers["infrastructure"][d, s], money, Transaction.PROCUREMENT)


def places_of(works):
    """Where works are bought, pairs of district and sector."""
    return np.argwhere(works > 0.0) if works.any() else ()


def equipment(model):
    """How well districts are equipped for firms of the sectors, (districts, sectors); 0 where nothing was built."""
    return _equipment(model.state.works, model.city.districts.office_stock_m2, model.scale, model.params["zones"])


@kernel
def _equipment(stock, offices, scale, params):
    equipment = np.empty(stock.shape)
    for d in range(len(stock)):
        whole, least = params.shared * total(stock[d]), params.reference * (offices[d] * scale)
        for s in range(stock.shape[1]):
            used = whole + (1.0 - params.shared) * stock[d, s]
            equipment[d, s] = log(1.0 + used / least)
    return equipment


def output(model):
    """Factor of the works on what a unit of labour makes, (districts, sectors)."""
    return draws.exps(model.params["zones"].output * equipment(model))


def contact(model):
    """Factor of the works on the spread of knowledge within a district, (districts,)."""
    return 1.0 + model.params["zones"].contact * equipment(model).mean(axis=1)
