"""Knowledge decays, hardly travels, and never crosses a district border."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows, touching, unsupported

from sim.mechanisms.space import knowledge
from sim.mechanisms.space.knowledge import Params
from sim.world import geography
from sim.world.city import read
from sim.world.columns import DISTRICT, INSTITUTION, STARTUP
from sim.world.kinds import NOBODY, Life
from sim.world.state import Persons, State

NEIGHBOURS = np.array([[1, NOBODY], [0, NOBODY], [NOBODY, NOBODY]])  # cells 0 and 1 touch, 2 is alone
PAIR = touching(NEIGHBOURS, np.where(NEIGHBOURS == NOBODY, 0.0, 0.5))


def after(quarters, stock, terms, institutions=(), startups=(), scale=1.0, ground=PAIR, **support):
    """The state after so many quarters from 8100 on, of one sector; `support` is what policies change."""
    state = State(Persons(1))
    state.knowledge = np.array(stock, float)[:, None]
    state.institution_mix = np.ones((len(institutions), 1))
    fill(state.institutions, np.concatenate(institutions).view(np.recarray) if institutions else rows(INSTITUTION, 0))
    fill(state.startups, np.concatenate(startups).view(np.recarray) if startups else rows(STARTUP, 0))
    for quarter in range(8100, 8100 + quarters):
        knowledge.advance(state, terms, ground, quarter, scale, unsupported(state)._replace(**support))
    return state


def grown(stock, terms, *sources, **more):
    """Knowledge by cell after quarter 8100."""
    return after(1, stock, terms, *sources, **more).knowledge[:, 0]


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


def test_contact_spreads_more():
    # Of the gap of 100 cell 0 gives a twentieth, cell 1, where contact is twice as easy, takes a tenth.
    spread = grown([100.0, 0.0, 50.0], params(Params, spread=0.1), contact=np.array([1.0, 2.0, 1.0]))
    assert spread == pytest.approx([95.0, 10.0, 50.0])


def test_what_a_firm_added_is_lost_as_its_cell_loses_knowledge():
    # 1 a quarter. A cell loses 0.04 of it; one with a neighbour 0.1 x 0.5 besides, of which 0.05 / 0.09 comes back in
    # the end; where contact is twice as easy 0.1, of which 0.1 / 0.14.
    terms = params(Params, firm_learning=0.2, decay=0.04, spread=0.1)
    firms = [rows(STARTUP, cell=cell, headcount=4) for cell in range(3)] + [rows(STARTUP, life=Life.FAILED)]
    kept = 1 - (0.04 + 0.05 - 0.05 * 0.05 / 0.09)
    added = after(3, [0.0] * 3, terms, (), firms).startups.used.added
    assert added.tolist() == pytest.approx([1 + kept + kept**2, 1 + kept + kept**2, 1 + 0.96 + 0.96**2, 0.0])
    close = 1 - (0.04 + 0.1 - 0.1 * 0.1 / 0.14)
    added = after(2, [0.0] * 3, terms, (), firms, contact=np.array([2.0, 1.0, 1.0])).startups.used.added
    assert added.tolist() == pytest.approx([1 + close, 1 + kept, 1.96, 0.0])


def test_a_firm_learns_from_others_and_not_from_itself():
    terms = params(Params, firm_learning=0.2, decay=0.04)
    alone = after(40, [0.0] * 3, terms, (), [rows(STARTUP, cell=2, headcount=4)])
    assert alone.knowledge[2, 0] > 10 and knowledge.of_others(alone.startups.used[0], alone.knowledge) < 1e-12
    # Beside another of twice as many people, who add 2 a quarter; both lose a twenty-fifth.
    pair = after(2, [0.0] * 3, terms, (), [rows(STARTUP, cell=2, headcount=4), rows(STARTUP, cell=2, headcount=9)])
    seen = [knowledge.of_others(firm, pair.knowledge) for firm in pair.startups.used]
    assert seen == pytest.approx([np.log(1 + 2 * 1.96), np.log(1 + 1.96)])


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
        state, SimpleNamespace(district_cells=np.array([1, 0, 2]), district_start=np.array([0, 1, 3]))
    ).tolist() == [[2.0, 20.0], [5.0, 50.0]]
