"""Levers: neutral values, and how policies combine on them."""

import numpy as np
import pytest

from sim.world.kinds import NOBODY, Experience, Origin, Stage
from sim.world.levers import LEVERS, Levers


@pytest.fixture
def levers():
    return Levers(["PD", "MH", "YP"], ["ai", "bio"])


def test_neutral_values_leave_numbers_alone(levers):
    for name, lever in LEVERS.items():
        field = getattr(levers, name)
        assert np.all(field == lever.neutral)
        assert isinstance(field, np.ndarray if lever.axes else float), name
        assert lever.combine(lever.neutral, 0.37) == 0.37, f"{name}: its neutral value is not neutral under its rule"
        assert levers.payer[name] == NOBODY


def test_shapes_follow_axes(levers):
    assert levers.ideas.shape == (3, 2)
    assert levers.demand.shape == (2,)
    assert levers.loss_cover.shape == (len(Stage),)
    assert levers.appeal.shape == (len(Origin),)
    assert levers.debt.shape == (len(Experience),)
    assert levers.fundraising == 1.0


@pytest.mark.parametrize(
    "name, values, together",
    [
        ("progress", (1.2, 1.5), 1.8),  # factors multiply
        ("desk_discount", (0.2, 0.1), 0.3),  # terms add
        ("loss_project_cap", (6e6, 3e6), 3e6),  # the tightest cap holds
    ],
)
def test_rules_of_combination(levers, name, values, together):
    for value in values:
        levers.move(name, value)
    assert getattr(levers, name) == pytest.approx(np.full(np.shape(getattr(levers, name)), together))
    levers.reset()
    for value in reversed(values):  # in any order
        levers.move(name, value)
    assert np.ravel(getattr(levers, name))[0] == pytest.approx(together)


def test_sizes_and_nothing_else_are_brought_to_the_scale_of_the_run():
    levers = Levers(["PD"], ["ai"], scale=0.1)
    for name in ("sandbox_places", "desks", "sandbox_term", "demand"):
        levers.move(name, 8.0)
    levers.shrink()
    assert (levers.sandbox_places, levers.desks.tolist(), levers.sandbox_term) == (
        pytest.approx(0.8),
        [pytest.approx(0.8)],
        8.0,
    )
    assert levers.demand.tolist() == [8.0]
    levers.reset()
    levers.shrink()
    for name, lever in LEVERS.items():
        assert np.all(getattr(levers, name) == lever.neutral), name


def test_a_lever_moves_only_where_it_is_moved(levers):
    levers.move("ideas", 1.5, levers.where(district=("MH",), sector="all"))
    assert levers.ideas.tolist() == [[1.0, 1.0], [1.5, 1.5], [1.0, 1.0]]
    levers.move("ideas", 2.0, levers.where(district=("PD", "MH"), sector=("bio",)))
    assert levers.ideas.tolist() == [[1.0, 2.0], [1.5, 3.0], [1.0, 1.0]]


def test_all_of_every_axis_is_the_whole_lever(levers):
    everywhere = levers.where(district="all", sector="all")
    levers.move("ideas", [1.0, 2.0], everywhere, payer=4)
    assert levers.ideas.tolist() == [[1.0, 2.0]] * 3 and (levers.payers["ideas"] == 4).all()
    assert [axis.size for axis in everywhere] == [3, 2]  # by which a policy divides its money


def test_unknown_places_are_refused(levers):
    with pytest.raises(ValueError):
        levers.where(district=("XX",), sector="all")


def test_payers_are_kept_until_the_next_quarter(levers):
    levers.move("desks", 10.0, payer=3)
    levers.move("desk_discount", 0.5)
    assert (levers.payer["desks"], levers.payer["desk_discount"]) == (3, NOBODY)
    levers.reset()
    assert levers.payer["desks"] == NOBODY
    assert levers.desks.tolist() == [0.0, 0.0, 0.0]
