"""Rivals answer to what the city's instruments add, within a cut and a budget, and their young firms follow."""

from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import fill, params, rows

from sim.mechanisms import rivals
from sim.mechanisms.rivals import Params
from sim.world.columns import RIVAL
from sim.world.kinds import RivalKind
from sim.world.state import Persons, State

TERMS = params(Params, speed=0.1, cut=0.2, budget=0.5, place_weight=0.5, renewal=0.05, founding=1.5, market_weight=0.3)
KINDS = [RivalKind.RIVAL, RivalKind.RIVAL, RivalKind.SINGAPORE, RivalKind.REST, RivalKind.OVERSEAS]
TABLE = np.array([0.3, 0.0, 0.4, 0.1, 0.2])  # generosity in the table of the city


def places(kinds=KINDS, **columns):
    """Two rivals that raise one and three billion and match half and all of a rise, Singapore, and others."""
    n = len(kinds)
    given = {"generosity": TABLE[:n], "reaction": [0.5, 1.0, 1.0, 1.0, 1.0][:n], "budget": 0.5}
    return rows(RIVAL, n, kind=kinds, vc_2019=[1e9, 3e9, 9e9, 9e9, 9e9][:n], **(given | columns))


def answered(people, founders=0.0, quarters=1, **columns):
    """The places after quarters in which instruments add so much for people, and for founders in every district and
    sector.
    """
    state = State(Persons(1))
    fill(state.rivals, places(**columns))
    n = len(state.rivals)
    model = SimpleNamespace(
        state=state,
        params={"rivals": TERMS},
        added_for_people=people,
        city=SimpleNamespace(rivals=SimpleNamespace(generosity=TABLE[:n])),
    )
    for _ in range(quarters):
        rivals.answer(model, SimpleNamespace(instruments=np.broadcast_to(founders, (3, 2))))
    return state.rivals.used


# ---------------------------------------------------------------- generosity


def test_generosity_follows_what_instruments_add_by_hand():
    # 0.2 for people and half of 0.1 for founders are 0.25: Shenzhen wants half of it more, Beijing all of it.
    assert answered(0.2, 0.1).generosity.tolist() == pytest.approx([0.3 + 0.0125, 0.025, 0.4, 0.1, 0.2])
    assert answered(0.2, 0.1, 2).generosity[1] == pytest.approx(0.025 + 0.1 * (0.25 - 0.025))
    assert answered(0.2, 0.1, 300).generosity.tolist() == pytest.approx([0.425, 0.25, 0.4, 0.1, 0.2])


def test_what_founders_get_counts_on_average_over_places():
    # 0.3 in one of three districts, for both sectors: 0.1, of which half counts.
    one_district = np.array([[0.3, 0.3], [0.0, 0.0], [0.0, 0.0]])
    assert answered(0.0, one_district).generosity[:2].tolist() == pytest.approx([0.3 + 0.0025, 0.005])


def test_generosity_keeps_within_the_budget():
    assert answered(5.0, quarters=300).generosity[:2].tolist() == pytest.approx([0.3 + 0.5, 0.5])
    poor = answered(5.0, quarters=300, budget=[0.1, 0.0, 0.0, 0.0, 0.0]).generosity
    assert poor[:2].tolist() == pytest.approx([0.3 + 0.1, 0.0])


def test_generosity_is_cut_no_more_than_by_the_cut():
    assert answered(-0.1, quarters=300).generosity[:2].tolist() == pytest.approx([0.3 - 0.05, -0.1])
    assert answered(-5.0, quarters=300).generosity[:2].tolist() == pytest.approx([0.3 - 0.2, -0.2])


def test_where_instruments_add_nothing_rivals_do_nothing():
    still = answered(0.0, quarters=40)
    assert still.generosity.tolist() == TABLE.tolist() and (still.young == 1.0).all()


def test_what_was_added_and_is_taken_away_is_answered_back():
    back = answered(0.0, quarters=300, generosity=[0.8, 0.5, 0.4, 0.1, 0.2], young=[1.7, 1.7, 1.0, 1.0, 1.0])
    assert back.generosity.tolist() == pytest.approx(TABLE.tolist()) and back.young.tolist() == pytest.approx([1] * 5)


# ---------------------------------------------------------------- young firms elsewhere


def test_young_firms_follow_generosity_by_hand():
    # 1.5 more firms by a log point: 0.0125 and 0.025 more generous are 1.01875 and 1.0375 in the end, of which a
    # twentieth is there in the same quarter.
    young = answered(0.2, 0.1).young
    assert young.tolist() == pytest.approx([1 + 0.05 * 0.01875, 1 + 0.05 * 0.0375, 1, 1, 1])
    assert answered(0.2, 0.1, 600).young.tolist() == pytest.approx([1 + 1.5 * 0.125, 1 + 1.5 * 0.25, 1, 1, 1])


def test_young_firms_of_rivals_count_by_size_in_the_market():
    # One and three billion: 1.25 x 1/4 + 1.05 x 3/4 = 1.1; Singapore and the rest are no rivals.
    at_work = places(young=[1.25, 1.05, 7.0, 7.0, 7.0])
    assert rivals.young_firms(at_work, TERMS) == pytest.approx(1.1**0.3)
    assert rivals.young_firms(at_work, TERMS._replace(market_weight=0.0)) == 1.0
    assert rivals.young_firms(places(), TERMS) == 1.0


def test_added_generosity_is_that_of_rivals_by_size():
    at_work = places(generosity=TABLE + [0.2, 0.4, 7.0, 7.0, 7.0])
    assert rivals.added_generosity(at_work, TABLE) == pytest.approx(0.2 / 4 + 0.4 * 3 / 4)
    assert rivals.added_generosity(places(), TABLE) == 0.0


# ---------------------------------------------------------------- a city without rivals


@pytest.mark.parametrize("kinds", [[], KINDS[2:]], ids=["nowhere else", "only who is no rival"])
def test_nothing_happens_without_rivals(kinds):
    alone = answered(0.5, 0.5, 20, kinds=kinds, generosity=TABLE[: len(kinds)], young=1.7)
    assert alone.generosity.tolist() == TABLE[: len(kinds)].tolist() and (alone.young == 1.7).all()
    assert rivals.young_firms(alone, TERMS) == 1.0
    assert rivals.added_generosity(alone, TABLE[: len(kinds)] - 1.0) == 0.0
