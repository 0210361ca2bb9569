"""Ideas: universities, labs and firms produce knowledge, which decays and hardly travels.

    K' = (1 - decay) K + (ideas of institutions) + (learning of firms)
    K  = K' + spread x (sum over the cells within 750 m of the same district of weight x (their K' - K'))

The short reach is the fact F11 (spillovers vanish within 75 to 750 m); knowledge never crosses
a district border.
"""

from typing import NamedTuple

import numpy as np

from sim.kernel import kernel
from sim.state import NOBODY, Life


class Params(NamedTuple):
    decay: float
    spread: float
    firm_learning: float


@kernel
def _institutions(knowledge, institutions, mix, quarter):
    for i in range(len(institutions)):
        if institutions.opened[i] <= quarter:
            for s in range(mix.shape[1]):
                knowledge[institutions.cell[i], s] += institutions.ideas[i] * institutions.transfer[i] * mix[i, s]


@kernel
def _firms(knowledge, startups, learning):
    for i in range(len(startups)):
        if startups.life[i] == Life.ALIVE:
            knowledge[startups.cell[i], startups.sector[i]] += learning * (1.0 + startups.headcount[i])


@kernel
def _spread(knowledge, neighbours, weights, share, old):
    cells, sectors = knowledge.shape
    for c in range(cells):
        for n in range(neighbours.shape[1]):
            other = neighbours[c, n]
            if other != NOBODY:
                moved = share * weights[c, n]
                for s in range(sectors):
                    knowledge[c, s] += moved * (old[other, s] - old[c, s])


def grow(state, params, map_, quarter, scale):
    """Institutions and firms add to the knowledge of their cells; it decays and spreads next door.

    Institutions do not shrink with the scale of a run but firms do, so firms' learning is divided by it.
    """
    state.knowledge *= 1.0 - params.decay
    _institutions(state.knowledge, state.institutions.used, state.institution_mix, quarter)
    _firms(state.knowledge, state.startups.used, params.firm_learning / scale)
    _spread(state.knowledge, map_.neighbours, map_.neighbour_weight, params.spread, state.knowledge.copy())


@kernel
def _sum_by_district(knowledge, district_of_cell, out):
    for c in range(len(district_of_cell)):
        for s in range(knowledge.shape[1]):
            out[district_of_cell[c], s] += knowledge[c, s]


def by_district(state, map_):
    """Knowledge of each district, summed over its cells, (districts, sectors)."""
    out = np.zeros((len(state.districts), state.knowledge.shape[1]))
    _sum_by_district(state.knowledge, map_.district_of_cell, out)
    return out
