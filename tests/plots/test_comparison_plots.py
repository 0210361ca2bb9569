"""Figures of a comparison, from tables made by hand."""

import numpy as np
import pandas as pd

from sim.plots import change_map, event_study, flows, forest, incidence, ledger
from sim.plots.style import BLUE, GREY


def comparison():
    rows = [("tax_cny", "Tax", 100.0, 5.0, 1.0, 9.0), ("net_spending_cny", "Public spending, net", 0.0, 3.0, 2.0, 4.0)]
    table = pd.DataFrame(
        rows, columns=["outcome", "title", "against", "difference", "difference_low", "difference_high"]
    )
    robust = {f"{name}{end}": [np.nan, np.nan] for name in ("median", "trimmed") for end in ("", "_low", "_high")}
    return table.assign(runs=4, **robust | {"median": [4.0, np.nan]})


def test_forest_is_in_percent_of_the_other_arm():
    """What has no level there is not drawn; an interval that cannot be given is left out."""
    data = forest.data({"comparison": comparison()})
    assert data[["outcome", "estimate", "percent"]].to_numpy().tolist() == [
        ["tax_cny", "mean", 5.0],
        ["tax_cny", "median", 4.0],
    ]
    axes = forest.figure(data).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Tax", "median"]
    assert [text.get_text() for text in axes.texts] == ["+5% [+1, +9]", "+4%"]


def test_forest_is_blue_for_more_and_hollow_where_nothing_is_told():
    table = comparison().head(1)
    rows = pd.concat([table, table.assign(difference_low=-1.0)]).assign(median=np.nan)
    axes = forest.figure(forest.data({"comparison": rows})).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_color() for dot in dots] == [BLUE, GREY]
    assert [dot.get_markerfacecolor() for dot in dots] == [BLUE, "white"]


def test_forest_of_nothing_says_so():
    assert "no outcome" in forest.figure(forest.data({"comparison": comparison().tail(1)})).axes[0].texts[0].get_text()


def test_event_study_marks_its_dates():
    quarters = ["2010Q1", "2010Q2", "2010Q3", "2010Q4"]
    rows = pd.DataFrame(
        {
            "outcome": "tax_cny",
            "quarter": quarters,
            "relative": [-2, -1, 0, 1],
            "phase": ["before", "announced", "in force", "in force"],
            "difference": [0, 0, 1e9, 2e9],
            "low": [0, 0, 0, 1e9],
            "high": [0, 0, 2e9, 3e9],
            "runs": 4,
        }
    )
    dates = pd.DataFrame([("start", "2010Q3"), ("announced", "2010Q2")], columns=["outcome", "quarter"])
    data = event_study.data({"event_study": rows, "calendar": dates})
    assert list(data.relative) == [-2, -1, 0, 1, 0, -1]
    drawing = event_study.figure(data)
    axes = next(axes for axes in drawing.axes if axes.get_title(loc="left") == "Tax")
    assert list(axes.lines[-1].get_ydata()) == [0, 0, 1, 2]
    assert any(set(line.get_xdata()) == {-0.25} for line in axes.lines)
    assert "announcement (dotted) 2010Q2" in drawing.get_supxlabel().replace("\n", " ")
    assert sum(text.get_text() == "nothing to compare" for axes in drawing.axes for text in axes.texts) == 8


def test_incidence_draws_what_is_told_from_zero_and_greys_the_rest():
    rows = pd.DataFrame(
        {
            "class": ["founders", "vcs"],
            "first_mean_cny": [2e9, 0.0],
            "receipts_cny": [1e9, 3e8],
            "receipts_low": [0.5e9, -1e8],
            "receipts_high": [1.5e9, 7e8],
            "runs": 6,
        }
    )
    left, right = incidence.figure(incidence.data({"incidence": rows})).axes
    assert [bar.get_width() for bar in left.patches] == [2, 0]
    assert [label.get_text() for label in left.get_yticklabels()] == ["founders", "venture firms"]
    assert [text.get_text() for text in right.texts] == ["1 [0.5, 1.5]", "0.3 [-0.1, 0.7]"]
    assert [line.get_color() for line in right.lines[:2]] == [BLUE, GREY]


def test_flows_draw_whom_the_city_gains_and_loses_and_whom_the_purse_pays():
    columns = ["block", "quantity", "value", "low", "high"]
    rows = [
        ("rivals", "extra returnees", 900.0, 800.0, 1_000.0),
        ("rivals", "residents who leave, more", 300.0, 200.0, 400.0),
        ("rivals", "extra graduates who stay", 5.0, -5.0, 15.0),
        ("cost per", "cost of one more job", 2e6, 1e6, 4e6),
    ]
    paid = pd.DataFrame({"class": ["founders", "vcs"], "first_mean_cny": [2e9, 0.0]})
    data = flows.data({"ledger": pd.DataFrame(rows, columns=columns), "incidence": paid})
    assert list(data.side) == ["gains", "losses", "not told", "paid"]
    drawing = flows.figure(data)
    left, right = drawing.axes
    assert {"returnees", "+900", "+800 to +1,000", "residents who leave", "city"} <= {t.get_text() for t in left.texts}
    assert [text.get_text() for text in right.texts] == ["founders", "2 bn yuan, 100%", "treasury, 2 bn yuan"]
    assert "not drawn: graduates who stay" in drawing.get_supxlabel().replace("\n", " ")
    nothing = flows.figure(flows.data({"ledger": pd.DataFrame(rows[2:], columns=columns), "incidence": paid[1:]}))
    assert [axes.texts[0].get_text() for axes in nothing.axes] == [
        "nobody can be said to come or to go because of it",
        "it pays nobody more",
    ]


def test_the_ledger_says_why_a_number_is_left_out():
    columns = ["block", "policy", "quantity", "unit", "value", "low", "high", "runs", "why"]
    rows = [
        ("money", "", "public cost, discounted", "yuan", 1e9, 1e9, 1e9, 4, np.nan),  # as read from a file
        ("money", "", "true leverage: additional money of others", "yuan per public yuan", 0.9, 0.6, 1.2, 4, np.nan),
        ("additionality", "it", "takers: some", "cases", 9.0, 9.0, 9.0, 4, np.nan),
        ("additionality", "it", "deadweight: of takers who did", "share", 0.7, 0.6, 0.8, 4, np.nan),
        ("cost per", "", "cost of one more job", "yuan", 2e6, 1e6, 4e6, 4, np.nan),
        ("cost per", "", "cost of one more exit", "yuan", np.nan, np.nan, np.nan, 4, "extra exits: none"),
    ]
    data = ledger.data({"ledger": pd.DataFrame(rows, columns=columns)})
    assert (
        list(data.panel) == ["Leverage", "Shares", "Cost of one more", "Cost of one more"] and data.value.iloc[2] == 2
    )
    leverage, shares, cost = ledger.figure(data).axes
    assert [text.get_text() for text in cost.texts] == ["2 [1, 4]", "left out: extra exits: none"]
    assert [label.get_text() for label in shares.get_yticklabels()] == ["it: deadweight: of takers who did"]
    assert leverage.texts[0].get_text() == "0.9 [0.6, 1.2]"


def test_the_map_hatches_what_is_not_told_from_zero():
    districts = pd.DataFrame(
        {"code": ["PD", "HP"], "name": ["Pudong", "Huangpu"], "tile_row": [0, 0], "tile_col": [1, 0]}
    )
    rows = pd.DataFrame(
        {
            "quantity": "startups_alive",
            "district": ["PD", "HP"],
            "against": 100.0,
            "difference": [5.0, 9.0],
            "low": [1.0, -1],
            "high": [9.0, 19],
            "runs": 4,
        }
    )
    data = change_map.data({"district_effects": rows.assign(percent=rows.difference), "districts": districts})
    axes = change_map.figure(data).axes
    tiles = {text.get_text(): text.get_weight() for text in axes[0].texts[1:]}
    assert tiles == {"Pudong": "bold", "+5": "bold", "Huangpu": "normal"}  # no number where nothing is told
    (bar,) = axes[0].child_axes
    assert [text.get_text() for text in bar.texts] == ["percent"]
    looks = [(tile.get_hatch(), tile.get_facecolor()[:3] == (1, 1, 1)) for tile in axes[0].patches]
    assert looks == [(None, False), (change_map.UNSURE, True)]
    assert all("no district" in other.texts[-1].get_text() for other in axes[1:])
