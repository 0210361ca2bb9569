"""Shared laboratories: hours by queue at a price below their cost.

A venture with a product to finish wants `hours` times its sector's need of laboratories. The hours open in a
quarter go to those who have waited longest, then by lot, while the purse can run the machines; the others wait,
and the queue is kept with the applications. Served firms pay the price and

    develop faster by 1 + speed x need,   ask for a first round smaller by round_saving x need

(E07: Ewens, Nanda and Rhodes-Kropf 2018: cheaper experiments, first rounds 20 percent smaller, more of them). Where
hours are open a new venture needs less money to set up, in proportion to the share that was served last quarter.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import selection
from sim.world.accounts import Transaction, recover, spend
from sim.world.draws import Decision, normals
from sim.world.kinds import NOBODY, Sector, Stage


class Params(NamedTuple):
    hours: float
    speed: float
    round_saving: float
    setup_saving: float
    running_cost: float
    affordable: float


def setup_saving(model):
    """Share of the laboratory part of the set-up cost that shared laboratories save, (districts, sectors, origins)."""
    levers, params = model.levers, model.params["laboratories"]
    open_to = levers.laboratory_open[:, :, Stage.IDEA, :] > 0.0
    payer = levers.payer["laboratory_hours"]
    if payer == NOBODY or levers.laboratory_hours <= 0.0:
        return np.zeros(open_to.shape)
    kept = model.state.applications.used
    last = (kept.quarter == model.quarter - 1) & (kept.policy == payer)
    served = kept.admitted[last].mean() if last.any() else 1.0
    return params.setup_saving * served * open_to


def serve(model, support):
    """The hours of the quarter go to the queue; `support` is the factor on each startup's development."""
    state, params, levers, quarter = model.state, model.params["laboratories"], model.levers, model.quarter
    startups, payer = state.startups.used, levers.payer["laboratory_hours"]
    startups.saving[:] = 0.0
    if payer == NOBODY:
        return
    purse, price, cost = state.purses.rows[payer], int(levers.laboratory_price), int(params.running_cost)
    need = state.sectors.used.lab_need[startups.sector]
    terms = selection.Terms(payer, levers.laboratory_open, levers.laboratory_teams, 0.0, 0.0, 0.0, cost, 0.0)
    hours = np.rint(params.hours * need).astype(np.int64)
    asks = (
        selection.eligible(startups, terms)
        & (hours > 0)
        & (startups.progress < 1.0)
        & (hours * price <= params.affordable * startups.cash)
    )
    startups.laboratory_wait[~asks] = 0
    asking = np.flatnonzero(asks)
    lot = normals(model.seed, Decision.LABORATORY, quarter, startups.id[asking])
    waited = startups.laboratory_wait[asking]
    order = np.lexsort((lot, -waited))
    hours_open = min(int(levers.laboratory_hours), int(purse.cash) // max(cost, 1))
    served = np.zeros(len(asking), np.bool_)
    served[order] = np.cumsum(hours[asking][order]) <= hours_open
    firms = asking[served]
    support[firms] *= 1.0 + params.speed * need[firms]
    startups.saving[firms] = params.round_saving * need[firms]
    startups.laboratory_wait[firms] = 0
    startups.laboratory_wait[asking[~served]] += 1
    fees, spent = hours[firms] * price, int(hours[firms].sum()) * cost
    startups.cash[firms] -= fees
    paid = int(fees.sum())
    spend(state, payer, spent, Transaction.PUBLIC_SERVICES, takers=len(firms))
    recover(state, payer, paid, Transaction.PURCHASES, Sector.STARTUPS)
    cutoff = waited[served].min() if len(firms) else np.inf
    scores = waited.astype(float)
    rows = selection.enter(model, payer, asking, scores)
    round_ = selection.Round(rows, asking, scores, served, cutoff, hours_open)
    selection.keep(model, terms, round_, hours[asking] * cost)
