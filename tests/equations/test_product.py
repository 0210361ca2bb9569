"""Development, compliance and the sandbox."""

import math

import numpy as np
import pytest
from by_hand import params, rows

from sim.mechanisms.ventures import product
from sim.mechanisms.ventures.product import Params
from sim.world.accounts import Transaction, new_flows
from sim.world.columns import CASH, SECTOR, STARTUP
from sim.world.kinds import NEVER, Life, Sector

TERMS = params(
    Params,
    quality_effect=0.2,
    team_elasticity=0.5,
    knowledge_effect=0.05,
    export_control_effect=0.4,
    property_rate=2.0,
    compliance_team_effect=0.5,
    sandbox_learning=0.25,
    application_progress=0.4,
    incident_cost=30.0,
    trust_gain=0.1,
    trust_loss=0.5,
)


def test_speed_by_hand():
    # A sixteenth a quarter x e^0.2 x sqrt(8 / 4) x (1 + 0.05 log 3) x (1 - 0.4 x 0.5)
    expected = math.exp(0.2) * math.sqrt(2.0) * (1 + 0.05 * math.log(3.0)) * 0.8 / 16
    assert product.speed(16.0, 1.0, 7, 2.0, 0.5, TERMS) == pytest.approx(expected)
    assert product.speed(16.0, 0.0, 3, 0.0, 0.0, TERMS) == pytest.approx(1 / 16)


def developed(lever=1.0, support=1.0, **startup):
    """A startup of four people after quarter 8100, where an average product takes 10 quarters."""
    firm = rows(STARTUP, **({"headcount": 3, "sandbox_from": NEVER, "sandbox_until": NEVER} | startup))
    product._develop(
        8100,
        firm,
        rows(SECTOR, time_to_product=10.0),
        np.zeros((1, 1)),
        0.0,
        np.full((1, 1), lever),
        np.array([support]),
        TERMS.sandbox_learning,
        TERMS,
    )
    return firm[0]


def test_product_advances_and_stops_when_finished():
    assert developed(progress=0.3).progress == pytest.approx(0.4)
    assert developed(progress=0.3).property == pytest.approx(0.2)
    assert developed(progress=0.95).progress == 1.0
    assert developed(progress=0.3, life=Life.FAILED).progress == 0.3
    assert developed(lever=1.5, progress=0.3).progress == pytest.approx(0.45)
    assert developed(support=1.5, progress=0.3).progress == pytest.approx(0.45)


def test_firms_inside_the_sandbox_learn_faster_until_their_last_quarter():
    assert developed(progress=0.3, sandbox_from=8090, sandbox_until=8100).progress == pytest.approx(0.425)
    assert developed(progress=0.3, sandbox_from=8090, sandbox_until=8099).progress == pytest.approx(0.4)


def test_compliance_waits_for_half_a_product():
    assert developed(progress=0.5, compliance=3.0).compliance == pytest.approx(2.0)
    assert developed(progress=0.5, compliance=3.0, headcount=15).compliance == pytest.approx(1.0)  # sqrt(16 / 4)
    assert developed(progress=0.5, compliance=0.5).compliance == 0.0
    assert developed(progress=0.1, compliance=3.0).compliance == 3.0


def inside(hazard):
    """Three firms inside in quarter 8100, one of them for the last, and one that left; the sector and the purses."""
    startups = rows(
        STARTUP, 4, cash=[100, 20, 100, 100], compliance=4.0, sandbox_from=8090, sandbox_until=[8100, 8105, 8105, 8099]
    )
    sectors, flows, treasury = rows(SECTOR), new_flows(), rows(CASH)
    incidents = product._inside(
        1, 8100, startups, sectors, 0.5, TERMS._replace(sandbox_incident=hazard), flows, treasury
    )
    assert (
        flows[Transaction.FINES, Sector.STARTUPS, Sector.GOVERNMENT]
        == treasury.treasury[0]
        == 320 - startups.cash.sum()
    )
    return incidents, startups, sectors.trust[0]


def test_good_record_is_credited_at_the_end():
    incidents, startups, trust = inside(0.0)
    assert incidents == 0
    assert startups.compliance.tolist() == [2.0, 4.0, 4.0, 4.0]
    assert trust == pytest.approx(0.1)


def test_incidents_cost_firm_place_and_trust():
    incidents, startups, trust = inside(1.0)
    assert incidents == 3
    assert startups.cash.tolist() == [70, 0, 70, 100]  # a fine of 30, or what there is
    assert startups.sandbox_until.tolist() == [8099] * 4
    assert startups.compliance.tolist() == [4.0] * 4
    assert trust == pytest.approx(-1.5)
