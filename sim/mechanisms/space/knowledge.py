"""Ideas: universities, labs and firms produce knowledge, which decays and hardly travels.

    K' = (1 - decay) K + (ideas of institutions) + (learning of firms) / enforcement^secrecy
    K  = K' + spread x contact x (sum over the cells within 750 m of the same district of weight x (their K' - K'))

    ideas of an institution in a sector = ideas x mix x transfer x basic x bought
    bought = (1 + research bought / (idea_cost x ideas of the sector))^research_returns
    basic' = basic + research_recovery (1 - basic) - research_drain max(0, transfer - 1) basic

Contact follows the works of zones (`zones`). The short reach is the fact F11 (spillovers vanish within 75 to 750 m);
knowledge never crosses a district border. Who is pushed to pass on more than normal uses up what later ideas are made
of: basic research.

Cells are gone through in stretches whose neighbours lie alike (`geography.Stretches`).
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.mechanisms.space import zones
from sim.mechanisms.ventures.going_concern import goes_on
from sim.world import draws
from sim.world.accounts import Transaction, spend
from sim.world.draws import log
from sim.world.geography import SIDES
from sim.world.kernel import equation, kernel
from sim.world.kinds import NOBODY

KEPT = 8  # first stocks of so many cities and parameters
SPREADING = 48  # quarters after which the first stock no longer moves
NONE = 1e-9  # knowledge of a place that has none, as a divisor


class Params(NamedTuple):
    decay: float
    spread: float
    firm_learning: float
    research_drain: float
    research_recovery: float
    idea_cost: float
    research_returns: float
    secrecy: float


class Support(NamedTuple):
    """What policies change in the making of knowledge; all ones where there are none."""

    transfer: np.ndarray  # (institutions,) ideas passed on, multiple of normal
    bought: np.ndarray  # (sectors,) ideas with the research that is bought, multiple of normal
    contact: np.ndarray  # (cells,) spread, multiple of normal, one within a stretch
    learning: float  # what others learn from firms, multiple of normal


@kernel
def _institutions(knowledge, institutions, mix, quarter, transfer, bought):
    for i in range(len(institutions)):
        if institutions.opened[i] <= quarter:
            passed_on = transfer[i] * institutions.basic[i]
            for s in range(mix.shape[1]):
                knowledge[institutions.cell[i], s] += (
                    institutions.ideas[i] * institutions.transfer[i] * mix[i, s] * (passed_on * bought[s])
                )


@equation
def _lost(decay, spread, contact, weights):
    """Share that a cell loses a quarter of what was added to it: it decays and goes next door, from where a part comes
    back; `weights` are those of its neighbours.
    """
    gone, back = decay, 0.0
    for weight in weights:
        out = spread * contact * weight
        gone += out
        back += out * out
    return gone - back / max(gone, NONE)


@kernel
def _firms(knowledge, startups, learning, decay, spread, contact, weights):
    """Firms add what they learn, `learning` for each of their people, and lose of what they added before what their
    cell loses of it.
    """
    for i in range(len(startups)):
        firm = startups[i]
        if goes_on(firm.life):
            learnt = learning * (1.0 + firm.headcount)
            knowledge[firm.cell, firm.sector] += learnt
            firm.added = (1.0 - _lost(decay, spread, contact[firm.cell], weights[firm.cell])) * firm.added + learnt


@kernel
def of_others(firm, knowledge):
    """log(1 + knowledge of a firm's sector in its cell without what is left of what the firm added)."""
    return log(1.0 + max(0.0, knowledge[firm.cell, firm.sector] - firm.added))


@kernel
def _decayed(knowledge, stretches, decay):
    """What is left of knowledge after a quarter, (cells, sectors); cells outside the city are not written."""
    left = np.empty_like(knowledge)
    sectors, before, after = knowledge.shape[1], knowledge.ravel(), left.ravel()
    for k in range(len(stretches.first)):
        cells = slice(sectors * stretches.first[k], sectors * stretches.end[k])
        had, has = before[cells], after[cells]
        for i in range(len(had)):
            has[i] = had[i] * (1.0 - decay)
    return left


@kernel
def _exchange(knowledge, before, stretches, spread, contact):
    """Fills `knowledge`, (cells, sectors), with what there is once that of `before` has passed between neighbours: each
    cell takes the part spread x contact, (cells,), of what they have more than it, by their weights.
    """
    sectors, old, new = knowledge.shape[1], before.ravel(), knowledge.ravel()
    gaps = np.empty(sectors * np.max(stretches.end - stretches.first))
    for k in range(len(stretches.first)):
        first, beside, weight = stretches.first[k], stretches.beside[k], stretches.weight[k]
        n = sectors * (stretches.end[k] - first)
        own, gap = old[sectors * first :][:n], gaps[:n]
        gap[:] = 0.0
        for side in range(0, len(beside), SIDES):
            w1, w2, w3, w4 = weight[side], weight[side + 1], weight[side + 2], weight[side + 3]
            a, b = old[sectors * beside[side] :], old[sectors * beside[side + 1] :]
            c, d = old[sectors * beside[side + 2] :], old[sectors * beside[side + 3] :]
            for i in range(n):
                o = own[i]
                gap[i] = gap[i] + w1 * (a[i] - o) + w2 * (b[i] - o) + w3 * (c[i] - o) + w4 * (d[i] - o)
        share, taken = spread * contact[first], new[sectors * first :][:n]
        for i in range(n):
            taken[i] = own[i] + share * gap[i]


def advance(state, params, map_, quarter, scale, support):
    """Institutions and firms add to the knowledge of their cells; it decays and spreads next door.

    Institutions do not shrink with the scale of a run but firms do, so firms' learning is divided by it.
    """
    rows, weights = state.institutions.used, map_.neighbour_weight
    own = _decayed(state.knowledge, map_.stretches, params.decay)
    _institutions(own, rows, state.institution_mix, quarter, support.transfer, support.bought)
    learning = params.firm_learning / scale * support.learning
    _firms(own, state.startups.used, learning, params.decay, params.spread, support.contact, weights)
    _exchange(state.knowledge, own, map_.stretches, params.spread, support.contact)
    pushed = np.maximum(0.0, support.transfer - 1.0)
    rows.basic += params.research_recovery * (1.0 - rows.basic) - params.research_drain * pushed * rows.basic


@lru_cache(maxsize=KEPT)  # the same for every seed
def sustained(map_, params, cells, ideas, mix):
    """The stock that a steady flow of ideas sustains after twelve years of spreading, read-only, (cells of the map,
    sectors).

    `cells`, `ideas` a quarter and `mix` over sectors are tuples with an entry an institution.
    """
    cells, ideas, mix = (np.array(part) for part in (cells, ideas, mix))
    stock = np.zeros((len(map_), mix.shape[1]))
    np.add.at(stock, cells, (ideas / params.decay)[:, None] * mix)
    contact = np.ones(len(map_))
    for _ in range(SPREADING):
        own = _decayed(stock, map_.stretches, params.decay)
        np.add.at(own, cells, ideas[:, None] * mix)
        _exchange(stock, own, map_.stretches, params.spread, contact)
    stock.flags.writeable = False
    return stock


def grow(model):
    """The quarter's knowledge, with what policies promote and pay for."""
    state, params, levers, quarter, scale = (
        model.state,
        model.params["knowledge"],
        model.levers,
        model.quarter,
        model.scale,
    )
    spend(state, levers.payer["court_cost"], levers.court_cost, Transaction.PROCUREMENT)
    support = Support(
        _promoted(state, levers, quarter),
        _bought(state, params, levers, quarter, scale),
        zones.contact(model)[model.map.district_of_cell],
        draws.exp(-params.secrecy * draws.log(levers.enforcement)),
    )
    advance(state, params, model.map, quarter, scale, support)


def _promoted(state, levers, quarter):
    """Ideas passed on by each institution, multiple of normal: it takes part as far as the purse goes, the oldest
    first.
    """
    rows, payer = state.institutions.used, levers.payer["transfer_cost"]
    open_ = rows.opened <= quarter
    transfer = np.where(open_, levers.transfer[rows.kind], 1.0)
    if payer == NOBODY:
        return transfer
    fees = np.where(open_, levers.transfer_cost[rows.kind], 0.0).astype(np.int64)
    queue = np.argsort(rows.opened, kind="stable")
    left_out = queue[np.cumsum(fees[queue]) > state.purses.rows.cash[payer]]
    transfer[left_out], fees[left_out] = 1.0, 0
    spend(state, payer, fees.sum(), Transaction.PROCUREMENT)
    state.purses.rows.take_up[payer] += np.count_nonzero(fees)
    return transfer


def _bought(state, params, levers, quarter, scale):
    """Ideas by sector with the research that is bought, multiple of normal: more money finds fewer and fewer."""
    payer, part = levers.payer["research"], levers.research.sum()
    if payer == NOBODY or part <= 0.0:
        return np.ones(len(levers.research))
    paid = spend(state, payer, min(part, 1.0) * state.purses.rows.cash[payer], Transaction.PROCUREMENT)
    rows = state.institutions.used
    normal = (rows.ideas * (rows.opened <= quarter)) @ state.institution_mix
    spent = paid / scale * levers.research / part
    return draws.exps(params.research_returns * draws.logs(1.0 + spent / (params.idea_cost * np.maximum(normal, 1.0))))


def share_of_institutions(model):
    """Part of each district's knowledge that its institutions sustain, (districts, sectors), 0 to 1."""
    state, decay = model.state, model.params["knowledge"].decay
    rows = state.institutions.used
    sustained = np.zeros_like(model.district_knowledge)
    flow = rows.ideas * rows.transfer * rows.basic * (rows.opened <= model.quarter)
    np.add.at(sustained, rows.district, (flow / decay)[:, None] * state.institution_mix)
    return np.minimum(1.0, sustained / np.maximum(model.district_knowledge, NONE))


@kernel
def _sum_by_district(knowledge, cells, start, out):
    for d in range(len(out)):
        here, total = cells[start[d] : start[d + 1]], out[d]
        fours = len(here) // 4 * 4
        for i in range(0, fours, 4):  # in the order of the cells, with fewer trips to memory
            a, b, c, e = knowledge[here[i]], knowledge[here[i + 1]], knowledge[here[i + 2]], knowledge[here[i + 3]]
            for s in range(len(total)):
                total[s] = total[s] + a[s] + b[s] + c[s] + e[s]
        for c in here[fours:]:
            for s in range(len(total)):
                total[s] += knowledge[c, s]


def by_district(state, map_):
    """Knowledge of each district, summed over its cells, (districts, sectors)."""
    out = np.zeros((len(state.districts), state.knowledge.shape[1]))
    _sum_by_district(state.knowledge, map_.district_cells, map_.district_start, out)
    return out
