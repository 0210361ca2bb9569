"""Proof-of-concept grants: the best applicants get the money for a prototype.

The grant buys the share g = min(1, grant / prototype_cost) of a prototype, which

    progress' = min(1, progress + g prototype_progress),    noise' = noise (1 - g (1 - legibility)), before a first
    round

so it resolves what investors do not know of a venture that none has examined. Firms with investors are known already:
for them the grant is money and some progress (E03: Howell 2017, winners over just-losers 1.9 times as likely to raise
venture capital later; no effect of the larger second-stage grant). What the grant leaves over stays in the firm.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import selection
from sim.world.accounts import Transaction, pay, spend
from sim.world.draws import Decision
from sim.world.kinds import NEVER, NOBODY, Sector, Stage


class Params(NamedTuple):
    prototype_cost: float
    prototype_progress: float
    legibility: float
    score_noise: float


def grant(model):
    """Firms without a finished product apply; grants are paid and prototypes built."""
    state, params, levers, quarter = model.state, model.params["proof_of_concept"], model.levers, model.quarter
    payer = levers.payer["concept_places"]
    if payer == NOBODY:
        return
    startups, amount = state.startups.used, int(levers.concept_grant)
    able = (
        (startups.concept_from == NEVER)
        & (startups.progress < 1.0)
        & (quarter >= startups.concept_refused + selection.REST_QUARTERS)
    )
    terms = selection.Terms(
        policy=payer,
        open_to=levers.concept_open,
        teams=levers.concept_teams,
        places=levers.concept_places,
        lowest=levers.concept_score,
        noise=params.score_noise,
        cost=amount,
        worth=amount,
    )
    round_ = selection.select(model, terms, able, Decision.PROOF_OF_CONCEPT)
    inside = round_.inside
    startups.concept_from[inside] = quarter
    startups.concept_refused[round_.outside] = quarter
    part = min(1.0, amount / params.prototype_cost)
    startups.progress[inside] = np.minimum(1.0, startups.progress[inside] + part * params.prototype_progress)
    unseen = inside[startups.stage[inside] == Stage.IDEA]
    startups.noise[unseen] *= 1.0 - part * (1.0 - params.legibility)
    each = min(amount, int(params.prototype_cost))
    bought = len(inside) * each
    spend(state, payer, len(inside) * amount, Transaction.GRANT, Sector.STARTUPS, takers=len(inside))
    startups.cash[inside] += amount - each
    state.treasury.rows.world[0] += bought
    pay(state.flows, Transaction.PURCHASES, Sector.STARTUPS, Sector.WORLD, bought)
    selection.keep(model, terms, round_, amount)
