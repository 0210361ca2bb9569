"""Knowledge decays, hardly travels, and never crosses a district border."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows, unsupported

from sim.mechanisms.space import knowledge
from sim.mechanisms.space.knowledge import Params
from sim.world import geography
from sim.world.city import read
from sim.world.columns import DISTRICT, INSTITUTION, STARTUP
from sim.world.kinds import NOBODY, Life
from sim.world.state import Persons, State

NEIGHBOURS = np.array([[1, NOBODY], [0, NOBODY], [NOBODY, NOBODY]])  # cells 0 and 1 touch, 2 is alone
PAIR = SimpleNamespace(
    district_cells=np.arange(3), neighbours=NEIGHBOURS, neighbour_weight=np.where(NEIGHBOURS == NOBODY, 0.0, 0.5)
)


def grown(stock, terms, institutions=(), startups=(), scale=1.0, ground=PAIR, **support):
    """Knowledge by cell after quarter 8100, of one sector; `support` is what policies change."""
    state = State(Persons(1))
    state.knowledge = np.array(stock, float)[:, None]
    state.institution_mix = np.ones((len(institutions), 1))
    fill(state.institutions, np.concatenate(institutions).view(np.recarray) if institutions else rows(INSTITUTION, 0))
    fill(state.startups, np.concatenate(startups).view(np.recarray) if startups else rows(STARTUP, 0))
    knowledge.advance(state, terms, ground, 8100, scale, unsupported(state)._replace(**support))
    return state.knowledge[:, 0]


def test_decay_by_hand():
    assert grown([100.0, 0.0, 50.0], params(Params, decay=0.04)) == pytest.approx([96.0, 0.0, 48.0])


def test_spread_by_hand():
    # A tenth, at weight 0.5, of a gap of 100 passes between the neighbours; what spreads is not lost.
    assert grown([100.0, 0.0, 50.0], params(Params, spread=0.1)) == pytest.approx([95.0, 5.0, 50.0])


def test_sources_by_hand():
    university = rows(INSTITUTION, cell=1, opened=8000, ideas=10.0, transfer=0.3, basic=1.0)
    planned = rows(INSTITUTION, cell=1, opened=8101, ideas=10.0, transfer=0.3, basic=1.0)
    firm, dead = rows(STARTUP, cell=2, headcount=4), rows(STARTUP, cell=2, headcount=4, life=Life.FAILED)
    terms = params(Params, firm_learning=0.2)
    assert grown([0.0] * 3, terms, [university, planned], [firm, dead]) == pytest.approx([0.0, 3.0, 1.0])
    assert grown([0.0] * 3, terms, [university], [firm], scale=0.1) == pytest.approx([0.0, 3.0, 10.0])


@pytest.fixture(scope="module")
def ground():
    return geography.build(read(Path(__file__).parents[2] / "configs/city/shanghai.yaml"))


def test_spread_ends_at_750_metres_and_at_borders(ground):
    at_border = 0
    for source in np.flatnonzero(ground.district_of_cell != NOBODY)[::97]:
        stock = np.zeros(len(ground.cell_x))
        stock[source] = 1.0
        after = grown(stock, params(Params, spread=0.05), ground=ground)
        reached = np.flatnonzero(after)
        km = np.hypot(ground.cell_x[reached] - ground.cell_x[source], ground.cell_y[reached] - ground.cell_y[source])
        assert km.max() <= 0.75
        assert (ground.district_of_cell[reached] == ground.district_of_cell[source]).all()
        assert after.sum() == pytest.approx(1.0)
        near = np.hypot(ground.cell_x - ground.cell_x[source], ground.cell_y - ground.cell_y[source]) < 0.74
        at_border += (ground.district_of_cell[near] != ground.district_of_cell[source]).any()
        assert len(reached) == (near & (ground.district_of_cell == ground.district_of_cell[source])).sum() > 0
    assert at_border > 0


def test_districts_sum_their_cells():
    state = State(Persons(1))
    state.knowledge = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    fill(state.districts, rows(DISTRICT, 2))
    assert knowledge.by_district(
        state, SimpleNamespace(district_cells=np.arange(3), district_of_cell=np.array([1, 0, 1]))
    ).tolist() == [[2.0, 20.0], [5.0, 50.0]]
