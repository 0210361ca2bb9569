"""Figures of the analysis of a sweep, from tables made by hand: also where what is judged first has no row."""

import pandas as pd
import pytest

from sim.plots import partial_dependence, surface, tornado

FIRST = {"outcome": "a", "title": "A", "unit": "firms"}  # what is judged first
OTHER = {"outcome": "b", "title": "B", "unit": "firms"}


def changes(target, of, values=(4.0,)):
    rows = [{"factor": f"mechanism.m.x{i}", "change": value, "low": value - 1} for i, value in enumerate(values)]
    return pd.DataFrame(rows).assign(target=target, **of, high=50.0, lowest=0, highest=1, p=0.01, explained=0.5)


def lines(target, of):
    rows = pd.DataFrame({"value": [0.0, 1.0], "mean": [2.0, 3.0], "low": [1.0, 2.0], "high": [3.0, 4.0]})
    return rows.assign(target=target, **of, factor="mechanism.m.x", explained=0.8, points=9)


def grid(target, of):
    rows = pd.DataFrame({"x": [0, 0, 1, 1], "y": [0, 1, 0, 1], "mean": [1.0, 2.0, 3.0, 4.0]})
    return rows.assign(target=target, **of, factor_x="mechanism.m.x", factor_y="mechanism.m.y", explained=0.8)


FIGURES = [(tornado, "tornado", changes), (partial_dependence, "response", lines), (surface, "surface", grid)]


def tables(name, rows):
    return {name: rows, "about": {"judged": ["a", "b"]}}


def test_factors_stand_by_what_they_change_target_by_target():
    rows = pd.concat([changes("second", FIRST, (1.0, -3.0, 2.0)), changes("first", FIRST, (9.0, 5.0, -7.0))])
    data = tornado.data(tables("tornado", rows))
    assert list(data["change"]) == [-3, 2, 1, 9, -7, 5]
    many = tornado.data(tables("tornado", changes("only", FIRST, range(1, 41))))
    assert list(many["change"]) == list(range(40, 40 - tornado.MOST, -1))


@pytest.mark.parametrize(("module", "name", "rows"), FIGURES)
def test_the_first_target_is_that_of_the_outcome_judged_first(module, name, rows):
    """The target that comes first in the table may have rows of another outcome alone."""
    data = module.data(tables(name, pd.concat([rows("there", OTHER), rows("here", FIRST)])))
    assert set(data["target"]) == {"here"}
    drawing = module.figure(data)
    assert any("here" in (axes.get_title() or axes.get_title(loc="left")) for axes in drawing.axes) or (
        "here" in drawing.get_suptitle()
    )


@pytest.mark.parametrize(("module", "name", "rows"), FIGURES)
def test_a_figure_of_no_rows_says_so(module, name, rows):
    data = module.data(tables(name, rows("there", OTHER)))
    assert data.empty
    (axes,) = module.figure(data).axes
    assert "the outcome judged first" in axes.texts[0].get_text() or "is not drawn" in axes.texts[0].get_text()
