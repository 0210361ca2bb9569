"""From an idea to a product that may be sold: development and compliance.

Progress a quarter, 1 is a finished product:

    speed = (1 / time to product) e^(quality) team knowledge (1 - export controls) programmes

Selling needs compliance work, which differs by sector, shrinks with the regulator's trust, and begins with a product in
sight. Programmes add to the speed of those they serve, and the sandbox (`programmes.sandbox`) admits, teaches and lets
go.
"""

from typing import NamedTuple

import numpy as np

from sim.mechanisms.programmes import (
    accelerators,
    laboratories,
    partnerships,
    proof_of_concept,
    sandbox,
    selection,
    testbeds,
)
from sim.mechanisms.space.knowledge import of_others
from sim.mechanisms.ventures import incidents
from sim.mechanisms.ventures.going_concern import goes_on
from sim.world.draws import exp, power
from sim.world.kernel import kernel


class Params(NamedTuple):
    quality_effect: float
    team_elasticity: float
    reference_team: float
    knowledge_effect: float
    export_control_effect: float
    property_rate: float
    compliance_progress: float
    compliance_team_effect: float


class Surroundings(NamedTuple):
    """What helps or hampers development beside the team."""

    knowledge: np.ndarray  # index, float64[cells, sectors]
    controls: float  # export controls, 0 to 1
    progress: np.ndarray  # L.progress: factor, float64[districts, sectors]
    support: np.ndarray  # factor of programmes, float64[startups]
    schooling: float  # speed that the sandbox adds to those inside, share


@kernel
def team_effect(headcount, elasticity, params):
    """Factor of a team with so many employees and its founder on the work of a quarter, 1 at the reference team."""
    return power((1.0 + headcount) / params.reference_team, elasticity)


@kernel
def speed(time_to_product, quality, team, knowledge, controls, params):
    """Progress a quarter of a venture; `time_to_product` in quarters, `team` without the founder, `knowledge` is the
    log of one plus that of others in the cell.
    """
    return (
        exp(params.quality_effect * quality)
        * team_effect(team, params.team_elasticity, params)
        * (1.0 + params.knowledge_effect * knowledge)
        * (1.0 - params.export_control_effect * controls)
        / time_to_product
    )


@kernel
def _develop(quarter, startups, sectors, surroundings, params):
    """Teams build the product, file property, and work through compliance."""
    for i in range(len(startups)):
        firm = startups[i]
        if not goes_on(firm.life):
            continue
        sector = sectors[firm.sector]
        rate = speed(
            time_to_product=sector.time_to_product,
            quality=firm.quality,
            team=firm.headcount,
            knowledge=of_others(firm, surroundings.knowledge),
            controls=sector.export_controls * surroundings.controls,
            params=params,
        )
        rate *= surroundings.progress[firm.district, firm.sector] * surroundings.support[i]
        if sandbox.inside(firm, quarter):
            rate *= 1.0 + surroundings.schooling
        firm.progress = min(1.0, firm.progress + rate)
        firm.property += params.property_rate * rate
        if firm.progress >= params.compliance_progress and firm.compliance > 0.0:
            work = team_effect(firm.headcount, params.compliance_team_effect, params)
            firm.compliance = max(0.0, firm.compliance - work)


def develop(model):
    """Products advance with what programmes add; the sandbox admits, teaches, and lets go."""
    state = model.state
    support = np.ones(len(state.startups))
    selection.close(model)
    for programme in (laboratories.serve, accelerators.teach, testbeds.test, partnerships.join):
        programme(model, support)
    _develop(
        quarter=model.quarter,
        startups=state.startups.used,
        sectors=state.sectors.used,
        surroundings=Surroundings(
            knowledge=state.knowledge,
            controls=model.conditions.export_controls,
            progress=model.levers.progress,
            support=support,
            schooling=model.params["sandbox"].learning,
        ),
        params=model.params["product"],
    )
    proof_of_concept.grant(model)
    incidents.forget(model)
    sandbox.admit(model)
    incidents.harm(model, sandbox.stay(model) + testbeds.drive(model))
