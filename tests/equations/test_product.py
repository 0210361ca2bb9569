"""Development and compliance."""

import math

import numpy as np
import pytest
from by_hand import params, rows

from sim.mechanisms.ventures import product
from sim.mechanisms.ventures.product import Params, Surroundings
from sim.world.columns import SECTOR, STARTUP
from sim.world.kinds import Life

TERMS = params(
    Params,
    quality_effect=0.2,
    team_elasticity=0.5,
    reference_team=4.0,
    knowledge_effect=0.05,
    export_control_effect=0.4,
    property_rate=2.0,
    compliance_progress=0.5,
    compliance_team_effect=0.5,
)


def speed(time=16.0, quality=0.0, team=3, knowledge=0.0, controls=0.0):
    """Of a venture of average quality with three employees and no knowledge of others in its cell."""
    return product.speed(
        time_to_product=time, quality=quality, team=team, knowledge=knowledge, controls=controls, params=TERMS
    )


def test_speed_by_hand():
    # A sixteenth a quarter x e^0.2 x sqrt(8 / 4) x (1 + 0.05 x 2) x (1 - 0.4 x 0.5)
    expected = math.exp(0.2) * math.sqrt(2.0) * 1.1 * 0.8 / 16
    assert speed(quality=1.0, team=7, knowledge=2.0, controls=0.5) == pytest.approx(expected)
    assert speed() == pytest.approx(1 / 16)


def developed(lever=1.0, support=1.0, known=0.0, **startup):
    """A startup of four people after quarter 8100, where an average product takes 10 quarters; its cell has knowledge
    `known`.
    """
    firm = rows(STARTUP, **({"headcount": 3} | startup))
    product._develop(
        quarter=8100,
        startups=firm,
        sectors=rows(SECTOR, time_to_product=10.0),
        surroundings=Surroundings(
            knowledge=np.full((1, 1), known),
            controls=0.0,
            progress=np.full((1, 1), lever),
            support=np.array([support]),
            schooling=0.25,
        ),
        params=TERMS,
    )
    return firm[0]


def test_product_advances_and_stops_when_finished():
    assert developed(progress=0.3).progress == pytest.approx(0.4)
    assert developed(progress=0.3).property == pytest.approx(0.2)
    assert developed(progress=0.95).progress == 1.0
    assert developed(progress=0.3, life=Life.FAILED).progress == 0.3
    assert developed(lever=1.5, progress=0.3).progress == pytest.approx(0.45)
    assert developed(support=1.5, progress=0.3).progress == pytest.approx(0.45)


def test_what_a_firm_added_to_its_cell_does_not_teach_it():
    # log(1 + 3 - 1): others have left 2 of the knowledge of the cell.
    assert developed(known=3.0).progress == pytest.approx(0.1 * (1 + 0.05 * math.log(4.0)))
    assert developed(known=3.0, added=1.0).progress == pytest.approx(0.1 * (1 + 0.05 * math.log(3.0)))
    assert developed(known=3.0, added=3.0).progress == developed(known=3.0, added=4.0).progress == pytest.approx(0.1)


def test_firms_inside_the_sandbox_learn_faster_until_their_last_quarter():
    assert developed(progress=0.3, sandbox_from=8090, sandbox_until=8100).progress == pytest.approx(0.425)
    assert developed(progress=0.3, sandbox_from=8090, sandbox_until=8099).progress == pytest.approx(0.4)


def test_compliance_waits_for_half_a_product():
    assert developed(progress=0.5, compliance=3.0).compliance == pytest.approx(2.0)
    assert developed(progress=0.5, compliance=3.0, headcount=15).compliance == pytest.approx(1.0)  # sqrt(16 / 4)
    assert developed(progress=0.5, compliance=0.5).compliance == 0.0
    assert developed(progress=0.1, compliance=3.0).compliance == 3.0
