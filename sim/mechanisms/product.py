"""From an idea to a product that may be sold: development, compliance, and the sandbox.

Progress a quarter, 1 is a finished product:

    speed = (1 / time to product) e^(quality) team knowledge laboratories (1 - export controls)

Selling needs compliance work, which differs by sector and shrinks with the regulator's trust.
The sandbox admits applicants by score within its places and lets them sell a limited volume
before compliance; inside they learn faster and investors see them more clearly (E01: Cornelli et
al. 2024 name less asymmetric information and lower regulatory cost), but incidents cost the firm,
the public and trust. Refused applications are kept with score and cut-off.
"""

from typing import NamedTuple

import numpy as np

from sim.accounts import Transaction, pay
from sim.draws import Decision, exp, log, normal, power, uniform
from sim.kernel import kernel
from sim.state import NEVER, NOBODY, Life, Sector


class Params(NamedTuple):
    quality_effect: float
    team_elasticity: float
    knowledge_effect: float
    export_control_effect: float
    property_rate: float
    compliance_team_effect: float
    sandbox_learning: float
    sandbox_legibility: float
    sandbox_incident: float
    incident_cost: float
    incident_public_cost: float
    trust_gain: float
    trust_loss: float
    trust_decay: float
    score_noise: float
    application_progress: float
    admission_cost: float


@kernel
def speed(time_to_product, quality, team, knowledge, controls, params):
    """Progress a quarter of a venture."""
    return (
        exp(params.quality_effect * quality)
        * power((1.0 + team) / 4.0, params.team_elasticity)
        * (1.0 + params.knowledge_effect * log(1.0 + knowledge))
        * (1.0 - params.export_control_effect * controls)
        / time_to_product
    )


@kernel
def _develop(quarter, startups, sectors, knowledge, controls, progress_lever, term_learning, params):
    """Teams build the product, file property, and work through compliance."""
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE:
            continue
        sector = sectors[firm.sector]
        inside = firm.sandbox_from != NEVER and firm.sandbox_until >= quarter
        rate = speed(
            sector.time_to_product, firm.quality, firm.headcount, knowledge[firm.cell, firm.sector],
            sector.export_controls * controls, params,
        )  # fmt: skip
        rate *= progress_lever[firm.district, firm.sector]
        if inside:
            rate *= 1.0 + term_learning
        firm.progress = min(1.0, firm.progress + rate)
        firm.property += params.property_rate * rate
        if firm.progress >= 0.5 and firm.compliance > 0.0:
            firm.compliance = max(0.0, firm.compliance - power((1.0 + firm.headcount) / 4.0, params.compliance_team_effect))


@kernel
def _apply(seed, quarter, startups, open_to, params, applicants, scores):
    """Firms with a product in sight and compliance ahead apply; returns how many."""
    n = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or open_to[firm.district, firm.sector] <= 0.0 or firm.sandbox_from != NEVER:
            continue
        if firm.progress < params.application_progress or firm.compliance <= 0.0 or quarter < firm.sandbox_refused + 4:
            continue
        applicants[n] = i
        scores[n] = firm.quality + params.score_noise * normal(seed, Decision.SCORE, quarter, firm.id, 0)
        n += 1
    return n


@kernel
def _inside(seed, quarter, startups, sectors, credit, params, flows, treasury):
    """Firms inside meet incidents or leave with a good record; returns the number of incidents."""
    incidents = 0
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE or firm.sandbox_from == NEVER or firm.sandbox_until < quarter:
            continue
        if uniform(seed, Decision.INCIDENT, quarter, firm.id, 0) < params.sandbox_incident:
            incidents += 1
            firm.incidents += 1
            firm.sandbox_until = quarter - 1
            fine = min(firm.cash, np.int64(params.incident_cost))
            firm.cash -= fine
            treasury.treasury[0] += fine
            pay(flows, Transaction.FINES, Sector.STARTUPS, Sector.GOVERNMENT, fine)
            sectors.trust[firm.sector] -= params.trust_loss
        elif firm.sandbox_until == quarter:
            firm.compliance *= 1.0 - credit
            sectors.trust[firm.sector] += params.trust_gain
    return incidents


def develop(model):
    """Products advance; the sandbox admits, teaches, and lets go."""
    state, params, levers, quarter = model.state, model.params["product"], model.levers, model.quarter
    startups, sectors = state.startups.used, state.sectors.used
    _develop(
        quarter, startups, sectors, state.knowledge, model.conditions.export_controls, levers.progress, params.sandbox_learning, params
    )
    sectors.trust *= 1.0 - params.trust_decay
    _admit(model)
    incidents = _inside(model.seed, quarter, startups, sectors, levers.sandbox_credit[0], params, state.flows, state.treasury.rows)
    state.tally.rows.incidents[0] = incidents
    cost = min(incidents * int(params.incident_public_cost), int(state.treasury.rows.treasury[0]))
    state.treasury.rows.treasury[0] -= cost
    state.treasury.rows.world[0] += cost
    pay(state.flows, Transaction.INCIDENTS, Sector.GOVERNMENT, Sector.WORLD, cost)


def _admit(model):
    """The sandbox takes the best scores within its places and its purse; the rest are kept as refused."""
    state, params, levers, quarter = model.state, model.params["product"], model.levers, model.quarter
    payer = levers.payer["sandbox_places"]
    if payer == NOBODY:
        return
    startups, purse = state.startups.used, state.purses.rows[payer]
    applicants, scores = np.empty(len(startups), np.int64), np.empty(len(startups))
    n = _apply(model.seed, quarter, startups, levers.sandbox_open, params, applicants, scores)
    applicants, scores = applicants[:n], scores[:n]
    if n == 0:
        return
    cost = int(params.admission_cost)
    # Places may be a fraction at small scales: the calendar hands out whole ones.
    begun = quarter - model.city.first
    places = int(levers.sandbox_places[0] * model.scale * (begun + 1)) - int(levers.sandbox_places[0] * model.scale * begun)
    places = min(places, int(purse.cash) // max(cost, 1))
    order = np.lexsort((startups.id[applicants], -scores))
    good = order[scores[order] >= levers.sandbox_score[0]]
    admitted = np.zeros(n, np.bool_)
    admitted[good[:places]] = True
    cutoff = levers.sandbox_score[0]
    if places <= len(good):
        cutoff = scores[good[places - 1]] if places > 0 else np.inf  # without a place no score is enough
    inside = applicants[admitted]
    startups.sandbox_from[inside] = quarter
    startups.sandbox_until[inside] = quarter + int(levers.sandbox_term[0])
    startups.noise[inside] *= params.sandbox_legibility
    startups.sandbox_refused[applicants[~admitted]] = quarter
    state.treasury.rows.world[0] += len(inside) * cost
    purse.cash -= len(inside) * cost
    purse.administration += len(inside) * cost
    purse.take_up += len(inside)
    pay(state.flows, Transaction.ADMINISTRATION, Sector.GOVERNMENT, Sector.WORLD, len(inside) * cost)
    record(state.applications, payer, quarter, applicants, startups.id[applicants], scores, cutoff, admitted, 0)


def record(applications, policy, quarter, startup, applicant_id, score, cutoff, admitted, amount):
    """Keep applications to a policy, admitted or refused."""
    n = len(applicant_id)
    rows = applications.reserve(n)[applications.count : applications.count + n]
    for name, value in {
        "policy": policy, "quarter": quarter, "startup": startup, "applicant_id": applicant_id,
        "score": score, "cutoff": cutoff, "admitted": admitted, "amount": amount,
    }.items():  # fmt: skip
        rows[name] = value
    applications.count += n
