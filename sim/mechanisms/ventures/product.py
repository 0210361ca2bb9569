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

from sim.mechanisms.programmes import accelerators, laboratories, partnerships, proof_of_concept, selection, testbeds
from sim.mechanisms.ventures.incidents import harm, incident, rules_of
from sim.world.accounts import Transaction, pay
from sim.world.draws import Decision, exp, log, power, uniform
from sim.world.kernel import kernel
from sim.world.kinds import NEVER, NOBODY, Life, Sector


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
def _develop(quarter, startups, sectors, knowledge, controls, progress_lever, support, term_learning, params):
    """Teams build the product, file property, and work through compliance."""
    for i in range(len(startups)):
        firm = startups[i]
        if firm.life != Life.ALIVE:
            continue
        sector = sectors[firm.sector]
        inside = firm.sandbox_from != NEVER and firm.sandbox_until >= quarter
        rate = speed(
            sector.time_to_product,
            firm.quality,
            firm.headcount,
            knowledge[firm.cell, firm.sector],
            sector.export_controls * controls,
            params,
        )
        rate *= progress_lever[firm.district, firm.sector] * support[i]
        if inside:
            rate *= 1.0 + term_learning
        firm.progress = min(1.0, firm.progress + rate)
        firm.property += params.property_rate * rate
        if firm.progress >= 0.5 and firm.compliance > 0.0:
            firm.compliance = max(
                0.0, firm.compliance - power((1.0 + firm.headcount) / 4.0, params.compliance_team_effect)
            )


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
            firm.sandbox_until = quarter - 1
            incident(firm, sectors, params.incident_cost, params.trust_loss, flows, treasury)
        elif firm.sandbox_until == quarter:
            firm.compliance *= 1.0 - credit
            sectors.trust[firm.sector] += params.trust_gain
    return incidents


def develop(model):
    """Products advance with what programmes add; the sandbox admits, teaches, and lets go."""
    state, params, levers, quarter = model.state, model.params["product"], model.levers, model.quarter
    startups, sectors = state.startups.used, state.sectors.used
    support = np.ones(len(startups))
    for programme in (laboratories.serve, accelerators.teach, testbeds.test, partnerships.join):
        programme(model, support)
    _develop(
        quarter,
        startups,
        sectors,
        state.knowledge,
        model.conditions.export_controls,
        levers.progress,
        support,
        params.sandbox_learning,
        params,
    )
    proof_of_concept.grant(model)
    sectors.trust *= 1.0 - params.trust_decay
    _admit(model)
    rules = rules_of(model)
    met = _inside(
        model.seed, quarter, startups, sectors, levers.sandbox_credit, rules, state.flows, state.treasury.rows
    )
    met += testbeds.drive(model)
    state.tally.rows.incidents[0] = met
    harm(state, met, params.incident_public_cost)


def _admit(model):
    """The sandbox admits firms with a product in sight and compliance ahead."""
    state, params, levers, quarter = model.state, model.params["product"], model.levers, model.quarter
    payer = levers.payer["sandbox_places"]
    if payer == NOBODY:
        return
    startups, purse, cost = state.startups.used, state.purses.rows[payer], int(params.admission_cost)
    able = (
        (startups.sandbox_from == NEVER)
        & (startups.progress >= params.application_progress)
        & (startups.compliance > 0.0)
    )
    able &= quarter >= startups.sandbox_refused + selection.REST_QUARTERS
    places = levers.sandbox_places
    terms = selection.Terms(
        payer, levers.sandbox_open, levers.sandbox_teams, places, levers.sandbox_score, params.score_noise, cost
    )
    round_ = selection.select(model, terms, able, Decision.SCORE)
    inside = round_.inside
    startups.sandbox_from[inside] = quarter
    startups.sandbox_until[inside] = quarter + int(levers.sandbox_term)
    startups.noise[inside] *= params.sandbox_legibility
    startups.sandbox_refused[round_.outside] = quarter
    state.treasury.rows.world[0] += len(inside) * cost
    purse.cash -= len(inside) * cost
    purse.administration += len(inside) * cost
    purse.take_up += len(inside)
    pay(state.flows, Transaction.ADMINISTRATION, Sector.GOVERNMENT, Sector.WORLD, len(inside) * cost)
    selection.keep(model, terms, round_, 0)
