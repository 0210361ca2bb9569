"""Know-how fades, spills over within a cell, and travels with those who change jobs or found."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import small
from by_hand import dated, fill, params, rows, touching, unsupported

from sim.mechanisms.people import knowhow
from sim.mechanisms.people.knowhow import Params
from sim.mechanisms.space import knowledge
from sim.world.columns import CORPORATE, SECTOR, STARTUP
from sim.world.employment import FIRST_CORPORATE
from sim.world.kinds import NOBODY, Life, Status
from sim.world.reference import Norms
from sim.world.state import Persons, State

PAIR = touching([[1], [0]], [[0.5], [0.5]])  # cells that touch
TERMS = params(Params, fading=0.1, spillover=0.5, hire_gain=0.6, quality_known=0.2, picked_up=0.25)


def city(firms=1, known=(), normal=None, workers=(), carried=(), **startup):
    """Startups of one sector, of whom the last is dead where there are several, in cells that know so much; persons
    who are employed by `workers` and carry so much; a path of what is normal.
    """
    state = State(Persons(max(len(workers), 1)))
    state.persons.count = len(workers)
    here, state.persons.status[:] = slice(len(workers)), Status.EMPLOYED
    state.persons.employer[here], state.persons.carried[here] = list(workers), list(carried)
    life = [Life.ALIVE] * max(firms - 1, 1) + [Life.FAILED] * (firms > 1)
    fill(state.startups, rows(STARTUP, firms, **({"life": life, "cell": np.arange(firms)} | startup)))
    fill(state.sectors, rows(SECTOR))
    fill(state.corporates, rows(CORPORATE))
    state.knowledge = np.array(known or [0.0] * firms)[:, None]
    reference = None if normal is None else {"knowledge": np.array([[normal]])}
    return SimpleNamespace(
        state=state,
        quarter=8100,
        norms=Norms(dated(8100, reference=reference)),
        params={"knowhow": TERMS},
        shares=lambda work, n: [work(slice(0, n))],
    )


def travelled(hired=(), quarters=1, **given):
    """(know-how of firms, what persons carry) after so many quarters, in the first of which some were `hired`."""
    model = city(**given)
    for quarter in range(quarters):
        knowhow.travel(model, np.array(hired if quarter == 0 else (), np.int64))
    persons = model.state.persons
    return model.state.startups.used.knowhow.tolist(), persons.carried[: persons.count].tolist()


# ---------------------------------------------------------------- firms


def test_knowhow_fades_and_does_not_compound():
    assert travelled(knowhow=1.0)[0] == [pytest.approx(0.9)]
    assert travelled(knowhow=1.0, quarters=10)[0] == [pytest.approx(0.9**10)]
    assert travelled()[0] == [0.0]


def test_knowhow_follows_what_the_cell_knows_beyond_normal():
    # log 8 where log 2 is normal, then log 1: a quarter 0.1 x 0.5 of the gap, half of it in the end.
    assert travelled(known=[7.0], normal=math.log(2))[0] == [pytest.approx(0.05 * math.log(4))]
    assert travelled(known=[0.0], normal=math.log(2))[0] == [pytest.approx(-0.05 * math.log(2))]
    assert travelled(known=[7.0], normal=math.log(2), quarters=300)[0] == [pytest.approx(0.5 * math.log(4))]
    assert travelled(known=[1.0], normal=math.log(2), knowhow=1.0)[0] == [pytest.approx(0.9)]


def test_where_a_city_has_no_norms_its_firms_are_normal_on_average():
    """Those that live: what they learn of one another is nothing in the mean, whatever all of them know."""
    for known in ([1.0, 7.0, 500.0], [2.0, 14.0, 0.0]):
        firms = travelled(firms=3, known=known)[0]
        gap = math.log((1 + known[1]) / (1 + known[0]))
        assert firms == pytest.approx([-0.05 * gap / 2, 0.05 * gap / 2, 0.0])


def test_a_firm_alone_in_its_cell_learns_nothing_from_itself():
    """Whether it has 10 people or 1000: all that its cell knows is what it added."""
    assert travelled(known=[640.0], normal=0.0, added=640.0)[0] == [0.0]
    # Beside one of another firm that added 7.
    assert travelled(known=[647.0], normal=0.0, added=640.0)[0] == [pytest.approx(0.05 * math.log(8))]


@pytest.mark.parametrize("heads", [9, 999])
def test_a_firm_alone_in_its_city_learns_nothing_from_what_comes_back_to_it(heads):
    """What spreads next door from its cell spreads back, and is its own still."""
    model = city(normal=0.0, headcount=heads, cell=0)
    model.state.knowledge = np.zeros((2, 1))
    model.state.institution_mix = np.ones((0, 1))
    terms = params(knowledge.Params, decay=0.03, spread=0.03, firm_learning=0.05)
    for quarter in range(8100, 8140):
        knowledge.advance(model.state, terms, PAIR, quarter, 1.0, unsupported(model.state))
        knowhow.travel(model, np.zeros(0, np.int64))
    assert model.state.startups.used.knowhow[0] == 0.0


def test_who_is_hired_brings_what_the_firm_does_not_know_by_hand():
    # The firm knows 0.1 + 0.2 x 1; they know 0.5, 0.4 and 0.25, of which the last teaches nothing. 5 are 4 and founder.
    workers, carried = [0, 0, 0, FIRST_CORPORATE, NOBODY], [0.8, 0.7, 0.25, 9.0, 9.0]
    firm = {"knowhow": 0.1, "quality": 1.0, "headcount": 4, "workers": workers, "carried": carried}
    assert travelled(hired=[0, 1, 2, 3], **firm)[0] == [pytest.approx(0.09 + 0.6 * (0.5 + 0.4) / 5)]
    assert travelled(hired=[], **firm)[0] == [pytest.approx(0.09)]


def test_who_was_hired_and_founds_brings_nothing_to_the_own_venture_twice():
    """What a founder knows the venture has from its first day."""
    model = city(workers=[0], carried=[1.0])
    model.state.persons.status[0] = Status.FOUNDER
    knowhow.travel(model, np.array([0]))
    assert model.state.startups.used.knowhow[0] == 0.0


def test_one_newcomer_teaches_a_large_firm_less():
    small, large = (
        travelled(hired=[0], workers=[0], carried=[1.0], headcount=heads)[0][0] for heads in (1, 99)
    )  # the firm knew nothing
    assert (small, large) == (pytest.approx(0.6 / 2), pytest.approx(0.6 / 100))


def test_firms_that_ended_learn_no_more():
    firms = travelled(hired=[0], firms=2, known=[0.0, 7.0], workers=[1], carried=[9.0], knowhow=0.5, normal=0.0)[0]
    assert firms == [pytest.approx(0.45), 0.5]


# ---------------------------------------------------------------- people


def test_people_pick_up_what_their_startup_knows():
    # It knows 0.9 x 1 + 0.2 x 2 after it has faded: a quarter of the gap, up or down.
    _, carried = travelled(knowhow=1.0, quality=2.0, workers=[0, 0, 0], carried=[0.0, 1.3, 2.3])
    assert carried == pytest.approx([0.325, 1.3, 2.05])


def test_knowhow_is_carried_and_fades_at_incumbents():
    workers = [FIRST_CORPORATE, FIRST_CORPORATE - 5, NOBODY]
    assert travelled(workers=workers, carried=[1.0, 0.5, 1.0])[1] == pytest.approx([0.9, 0.45, 1.0])
    assert travelled(workers=workers, carried=[1.0, 0.5, 1.0], quarters=3)[1][0] == pytest.approx(0.9**3)


def test_a_founder_brings_half_of_what_they_know():
    """In a small city full of ideas where know-how does not fade, at the end of a venture's first quarter: it knows
    half of what the founder did, who has since picked up a quarter of the gap to what it and its quality teach.
    """
    config = small.config(*small.LAKESIDE, "policy=[]", "end=2011Q4")
    terms = {"fading": 0.0, "hire_gain": 0.0, "quality_known": 0.1, "picked_up": 0.25, "founders_share": 0.5}
    ideas = 10.0 * config.params["founding"].idea_rate
    brought, carried, expected = [], [], []

    def look(model):
        persons = model.state.persons
        for firm in model.state.startups.used:
            if firm.born == model.quarter - 1 and persons.id[firm.founder] == firm.founder_id:
                knew = 2.0 * firm.knowhow
                brought.append(firm.knowhow)
                carried.append(persons.carried[firm.founder])
                expected.append(knew + 0.25 * (firm.knowhow + 0.1 * firm.quality - knew))

    small.run(small.altered(config, founding={"idea_rate": ideas}, knowhow=terms), look)
    assert np.count_nonzero(brought) > 20 and carried == pytest.approx(expected)
