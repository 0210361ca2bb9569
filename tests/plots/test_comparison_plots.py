"""Figures of a comparison, from tables made by hand."""

import numpy as np
import pandas as pd

from sim.plots import event_study, forest


def comparison():
    rows = [("tax_cny", "Tax", 100.0, 5.0, 1.0, 9.0), ("net_spending_cny", "Public spending, net", 0.0, 3.0, 2.0, 4.0)]
    table = pd.DataFrame(rows, columns=["outcome", "title", "against", "difference", "difference_low", "difference_high"])
    robust = {f"{name}{end}": [np.nan, np.nan] for name in ("median", "trimmed") for end in ("", "_low", "_high")}
    return table.assign(runs=4, **robust | {"median": [4.0, np.nan]})


def test_forest_is_in_percent_of_the_other_arm():
    """What has no level there is not drawn; an interval that cannot be given is left out."""
    data = forest.data({"comparison": comparison()})
    assert data[["outcome", "estimate", "percent"]].to_numpy().tolist() == [["tax_cny", "mean", 5.0], ["tax_cny", "median", 4.0]]
    axes = forest.figure(data).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Tax", "median"]
    assert [text.get_text() for text in axes.texts] == ["+5% [+1, +9]", "+4%"]


def test_forest_of_nothing_says_so():
    assert "no outcome" in forest.figure(forest.data({"comparison": comparison().tail(1)})).axes[0].texts[0].get_text()


def test_event_study_marks_its_dates():
    quarters = ["2010Q1", "2010Q2", "2010Q3", "2010Q4"]
    rows = pd.DataFrame({"outcome": "tax_cny", "quarter": quarters, "relative": [-2, -1, 0, 1], "difference": [0, 0, 1e9, 2e9], "low": [0, 0, 0, 1e9], "high": [0, 0, 2e9, 3e9], "runs": 4})
    dates = pd.DataFrame([("start", "2010Q3"), ("announced", "2010Q2")], columns=["outcome", "quarter"])
    data = event_study.data({"event_study": rows, "calendar": dates})
    assert list(data.relative) == [-2, -1, 0, 1, 0, -1]
    drawing = event_study.figure(data)
    axes = next(axes for axes in drawing.axes if axes.get_title(loc="left") == "Tax")
    assert list(axes.lines[-1].get_ydata()) == [0, 0, 1, 2]
    assert any(set(line.get_xdata()) == {-0.25} for line in axes.lines)
    assert "announcement (dotted) 2010Q2" in drawing.get_supxlabel().replace("\n", " ")
    assert sum(text.get_text() == "nothing to compare" for axes in drawing.axes for text in axes.texts) == 8
