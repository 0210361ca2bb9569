"""The regulatory sandbox: who is admitted sells a limited volume before compliance.

Firms with a product in sight and compliance ahead apply; the best scores are admitted within places and purse. Inside
they learn faster and investors see them more clearly (E01: Cornelli et al. 2024 name less asymmetric information and
lower regulatory cost), but incidents cost the firm, the public and trust, and end the stay; a clean end is credited on
the compliance that is left. Refused applications are kept with score and cut-off.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import selection
from sim.mechanisms.ventures.incidents import incident, rules_of
from sim.world.accounts import Transaction, spend
from sim.world.draws import Decision, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Life


class Params(NamedTuple):
    learning: float
    legibility: float
    incident: float
    score_noise: float
    application_progress: float
    admission_cost: float
    worth: float


@kernel
def inside(firm, quarter):
    """Whether a startup is in the sandbox in a quarter."""
    return firm.sandbox_from != NEVER and firm.sandbox_until >= quarter


@kernel
def _able(startups, quarter, progress):
    """Which of the living have a product in sight and compliance ahead, were never inside and have rested from a
    refusal, bool[startups].
    """
    able = np.zeros(len(startups), np.bool_)
    for i in range(len(startups)):
        firm = startups[i]
        if selection.free_to_apply(firm.life, firm.sandbox_from, firm.sandbox_refused, quarter):
            able[i] = firm.progress >= progress and firm.compliance > 0.0
    return able


def admit(model):
    """The sandbox admits firms with a product in sight and compliance ahead; the purse pays for each."""
    state, params, levers, quarter = model.state, model.params["sandbox"], model.levers, model.quarter
    startups, payer, cost = state.startups.used, levers.payer["sandbox_places"], int(params.admission_cost)
    if payer == NOBODY:
        return
    able = _able(startups=startups, quarter=quarter, progress=params.application_progress)
    terms = selection.Terms(
        policy=payer,
        open_to=levers.sandbox_open,
        teams=levers.sandbox_teams,
        places=levers.sandbox_places,
        lowest=levers.sandbox_score,
        noise=params.score_noise,
        cost=cost,
        worth=params.worth,
    )
    round_ = selection.select(model, terms, able, Decision.SCORE)
    admitted = round_.inside
    startups.sandbox_from[admitted] = quarter
    startups.sandbox_until[admitted] = quarter + int(levers.sandbox_term)
    startups.noise[admitted] *= params.legibility
    startups.sandbox_refused[round_.outside] = quarter
    n = len(admitted)
    spend(state, payer, n * cost, Transaction.ADMINISTRATION, takers=n, account="administration")
    selection.keep(model, terms, round_, 0)


@kernel
def _stay(chance, firms, hazard, credit, rules, books):
    """Firms inside meet incidents, at `hazard` a quarter, or leave with a good record, for which the share `credit` of
    their compliance is forgiven; returns the number of incidents.
    """
    startups, sectors, quarter = firms.startups, firms.sectors, chance.quarter
    incidents = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or not inside(firm, quarter):
            continue
        if uniform(chance.seed, Decision.INCIDENT, quarter, firm.id, 0) < hazard:
            incidents += 1
            firm.sandbox_until = quarter - 1
            incident(
                firm=firm,
                sectors=sectors,
                fine=rules.incident_cost,
                trust_loss=rules.trust_loss,
                flows=books.flows,
                treasury=books.treasury,
            )
        elif firm.sandbox_until == quarter:
            firm.compliance *= 1.0 - credit
            sectors.trust[firm.sector] += rules.trust_gain
    return incidents


def stay(model):
    """A quarter of the firms inside; returns the number of incidents."""
    return _stay(
        chance=model.chance,
        firms=model.state.firms(),
        hazard=model.params["sandbox"].incident,
        credit=model.levers.sandbox_credit,
        rules=rules_of(model),
        books=model.state.books(),
    )
