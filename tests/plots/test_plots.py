"""Figures show what the saved tables say, twice the same, and survive runs with little in them."""

import hashlib
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from stand_in import TOWN, write

from sim import plots
from sim.plots import city, funnel, reported, style, tile_map
from sim.plots.style import number
from sim.plots.tables import called, quantities, years

KINDS = ("svg", "pdf", "png")
FILES = {f"{name}.{end}" for name in ("city", "tile_map", "funnel", "reported") for end in (*KINDS, "csv")}
SPARSE = {
    "small town, no exits": {"districts": TOWN, "start": "2015Q1", "end": "2018Q2", "startups": 60, "exits": False},
    "one quarter": {"districts": TOWN, "start": "2006Q1", "end": "2006Q1", "startups": 10, "exits": False},
    "one district, no startups": {
        "districts": TOWN[:1],
        "start": "2006Q1",
        "end": "2006Q3",
        "startups": 0,
        "exits": False,
    },
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write(tmp_path_factory.mktemp("plots") / "run", startups=6000)


@pytest.fixture(scope="module")
def drawn(run):
    return {path.name: path for path in plots.draw(run, KINDS)}


@pytest.fixture(scope="module")
def tables(run):
    return plots.read(run)


def hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def saved(drawn, name):
    return pd.read_csv(drawn[f"{name}.csv"], keep_default_na=False, na_values=[""])


def test_every_figure_comes_as_the_kinds_asked_for_and_its_data(run, drawn):
    assert set(drawn) == FILES
    assert {path.name for path in (run / "figures").iterdir()} == FILES
    assert all(path.stat().st_size > 500 for path in drawn.values())


@pytest.mark.usefixtures("drawn")
def test_the_same_bytes_twice_whatever_the_settings_of_the_user(run):
    before = hashes(run / "figures")
    with matplotlib.rc_context({"font.size": 20, "svg.hashsalt": None, "axes.facecolor": "pink", "pdf.fonttype": 3}):
        plots.draw(run, KINDS)
    assert hashes(run / "figures") == before


def test_no_date_in_the_files(drawn):
    assert b"<dc:date>" not in drawn["city.svg"].read_bytes()
    assert b"CreationDate" not in drawn["city.pdf"].read_bytes()


def test_a_figure_can_be_cited_alone(drawn):
    text = drawn["funnel.svg"].read_text(encoding="utf-8")
    assert "One run, 2006Q1 to" in text and "seed" in text and "scale" in text


def test_text_stays_text(drawn):
    assert "Startups alive" in drawn["city.svg"].read_text(encoding="utf-8")


def test_pyplot_is_left_alone():
    code = "import sys, sim.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(plots.__file__).parents[2], check=False).returncode == 0
    )


def test_a_notebook_shows_the_overview(tables):
    drawing = plots.overview(tables)
    assert drawing._repr_png_().startswith(b"\x89PNG")
    assert [axes.get_title(loc="left") for axes in drawing.axes] == [
        *(quantity.title for quantity in city.QUANTITIES),
        "Startups alive",
        "Funding funnel",
        "Survival",
    ]


# ---------------------------------------------------------------- what is drawn is what the CSV says


def test_city_lines_are_those_of_the_csv(drawn):
    data = saved(drawn, "city")
    for axes, quantity in zip(city.figure(data).axes, city.QUANTITIES, strict=True):
        for line in axes.get_lines():
            rows = data[(data["quantity"] == quantity.title) & (data["line"] == line.get_label())].dropna(
                subset="value"
            )
            np.testing.assert_allclose(line.get_xdata(), years(rows["quarter"]))
            np.testing.assert_allclose(line.get_ydata(), rows["value"])


def test_flows_are_years_at_their_fourth_quarter(drawn, tables):
    data = saved(drawn, "city")
    year = tables["city"].query("year == 2024")["vc_raised_cny"].sum() / 1e9
    last = data[(data["quantity"] == "VC raised") & (data["quarter"] == "2024Q4")]["value"].item()
    assert last == pytest.approx(year)
    assert data[(data["quantity"] == "VC raised") & (data["quarter"] == "2006Q3")]["value"].isna().all()


def test_policies_are_ticks_where_they_start_within_the_run(drawn):
    started = city.started(saved(drawn, "city"))
    assert "sandbox" in set(started["line"])
    assert not {"sandbox_2", "always"} & set(started["line"])


def test_several_seeds_make_a_fan(tables):
    panels = [
        tables["city"].assign(seed=seed, startups_alive=tables["city"]["startups_alive"] * (1 + seed))
        for seed in range(5)
    ]
    data = city.data({**tables, "city": pd.concat(panels, ignore_index=True)})
    alive = data[data["quantity"] == "Startups alive"].iloc[-1]
    single = tables["city"]["startups_alive"].iloc[-1]
    assert alive[["low50", "value", "high50"]].tolist() == [2 * single, 3 * single, 4 * single]
    assert len(city.figure(data).axes[0].collections) >= 2


def test_tiles_show_name_and_value_of_the_csv(drawn):
    data = saved(drawn, "tile_map")
    for axes, quantity in zip(tile_map.figure(data).axes, tile_map.QUANTITIES, strict=True):
        rows = data[data["quantity"] == quantity.title]
        assert [text.get_text() for text in axes.texts[1:]] == [
            word for row in rows.itertuples() for word in (row.name, number(row.value))
        ]
        assert [patch.get_xy() for patch in axes.patches] == list(zip(rows["tile_col"], rows["tile_row"], strict=True))


def test_no_district_stands_as_a_code_and_every_map_has_a_bar_with_its_unit(drawn):
    data = saved(drawn, "tile_map")
    for axes, quantity in zip(tile_map.figure(data).axes, tile_map.QUANTITIES, strict=True):
        assert not set(data["district"]) & {text.get_text() for text in axes.texts}
        (bar,) = axes.child_axes
        assert [text.get_text() for text in bar.texts] == [quantity.unit]
        assert bar.get_xticklabels()[-1].get_text() == number(
            data.loc[data["quantity"] == quantity.title, "value"].max()
        )


def test_density_is_per_ten_thousand_residents(tables):
    data = tile_map.data(tables).set_index(["quantity", "district"])["value"]
    assert data["Startup density", "HP"] == pytest.approx(1e4 * data["Startups alive", "HP"] / 662_030)


def test_funnel_bars_and_curves_are_those_of_the_csv(drawn):
    data = saved(drawn, "funnel")
    rounds, survival, hazard = funnel.figure(data).axes
    for line, (_, rows) in zip(rounds.get_lines(), data[data["panel"] == "rounds"].groupby("group"), strict=True):
        np.testing.assert_allclose(line.get_ydata(), rows["value"])
    np.testing.assert_allclose(survival.get_lines()[0].get_ydata()[1:], data.loc[data["panel"] == "survival", "value"])
    np.testing.assert_allclose(
        [bar.get_height() for bar in hazard.patches], data.loc[data["panel"] == "hazard", "value"]
    )


def test_dots_stand_at_the_ratios_of_the_csv(drawn):
    data = saved(drawn, "reported")
    blocks = reported.figure(data).axes
    assert [axes.get_title(loc="left") for axes in blocks] == list(reported.ROLES.values())
    dots = [line.get_xdata()[0] for axes in blocks for line in axes.get_lines() if line.get_marker() != "None"]
    np.testing.assert_allclose(dots, data["ratio"].clip(1 / reported.EDGE, reported.EDGE))
    labels = [text.get_text() for axes in blocks for text in axes.texts]
    assert all(
        f"{number(row.simulated)} vs {number(row.reported)}" in labels
        for row in data[data["verdict"].isin(["below", "above"])].itertuples()
    )


def test_a_reported_number_below_zero_has_its_place_and_its_band():
    """An elasticity of -0.33 for -0.3, with a band from -0.6 to -0.15: a ratio of 1.1 in a band of 0.5 to 2."""
    row = {"id": "F10", "role": "target", "unit": "", "reported": -0.3, "low": -0.6, "high": -0.15, "simulated": -0.33}
    data = reported.data({"reported": pd.DataFrame([row | {"verdict": "inside"}])})
    np.testing.assert_allclose(data[["ratio", "ratio_low", "ratio_high"]], [[1.1, 0.5, 2.0]])


def test_more_rows_than_a_page_holds_stand_in_two_columns_each_once():
    blocks = [("Targets", pd.DataFrame({"row": range(60)})), ("Hold-outs", pd.DataFrame({"row": range(60, 70)}))]
    first, second = style.in_columns(blocks)
    assert [title for title, _ in first] == ["Targets"]
    assert [title for title, _ in second] == ["Targets (continued)", "Hold-outs"]
    assert pd.concat([rows for _, rows in (*first, *second)])["row"].tolist() == list(range(70))
    lengths = [sum(len(rows) + style.HEAD for _, rows in column) for column in (first, second)]
    assert abs(lengths[0] - lengths[1]) <= style.HEAD
    (alone,) = style.in_columns([(title, rows.head(10)) for title, rows in blocks])
    assert [title for title, _ in alone] == ["Targets", "Hold-outs"]


def test_what_is_reported_stands_by_name():
    """As the targets say, else as its operator does, else as its id in words."""
    rows = [("F05b", None, "2016-2024"), ("flow", "returnees", "2024"), ("of_its_own", None, None)]
    metrics = pd.DataFrame(rows, columns=["id", "operator", "observed"])
    said = quantities({"targets": ["facts", "gone"]})
    assert called(metrics, said) == [
        "Median dilution, Series A (F05b)",
        "Persons who returned from overseas to the city, 2024",
        "of its own",
    ]


def test_inputs_claims_in_words_and_missing_numbers_are_not_drawn(drawn):
    ids = set(saved(drawn, "reported")["id"])
    assert "startups_founded_2024" in ids
    assert not {"vc_firms_2024", "robotaxi_fleet_2026", "vc_rank_beijing_2024"} & ids


# ---------------------------------------------------------------- the arithmetic, by hand


def lives(*firms, first="2010Q1", last="2012Q4", rounds=()):
    """Tables with these firms, each (born, ended, life), and rounds (startup, quarter)."""
    startups = pd.DataFrame(
        [(i, *firm) for i, firm in enumerate(firms)], columns=["startup_id", "born", "ended", "life"]
    )
    rounds = pd.DataFrame(rounds, columns=["startup_id", "quarter"])
    return {"city": pd.DataFrame({"quarter": [first, last]}), "startups": startups, "rounds": rounds}


def test_survival_by_hand():
    firms = (
        ("2010Q1", "2010Q3", "failed"),
        ("2010Q1", None, "alive"),
        ("2010Q2", "2011Q2", "closed"),
        ("2011Q1", "2011Q2", "listed"),
    )
    data = funnel.data(lives(*firms))
    curve = data[data["panel"] == "survival"].set_index("x")
    assert curve["n"].loc[[0.5, 0.75, 1.25, 1.5]].tolist() == [4, 4, 3, 2]
    # one of four dies in the third quarter of life, one of the three left in the fifth; the listed firm operates on
    assert curve["value"].loc[[0.5, 0.75, 1.25, 3.0]].tolist() == pytest.approx([1, 3 / 4, 1 / 2, 1 / 2])


def test_a_firm_older_than_the_run_is_at_risk_only_from_then():
    data = funnel.data(lives(("2009Q1", "2010Q1", "failed"), ("2010Q1", None, "alive")))
    assert data[data["panel"] == "survival"].set_index("x")["n"].loc[[1.0, 1.25]].tolist() == [1, 2]
    assert data[data["panel"] == "hazard"].set_index("x")["value"].loc[[1, 2]].tolist() == [0, 0.5]


def test_hazard_by_hand():
    firms = (
        ("2010Q4", "2011Q1", "failed"),
        ("2010Q1", "2012Q1", "failed"),
        ("2011Q1", None, "alive"),
        ("2010Q1", "2011Q4", "acquired"),
    )
    data = funnel.data(lives(*firms))
    hazard = data[data["panel"] == "hazard"].set_index("x")
    assert hazard["n"].tolist() == [4, 4, 2]
    assert hazard["value"].tolist() == [0, 1 / 4, 1 / 2]
    assert (hazard["low"] <= hazard["value"]).all() and (hazard["value"] <= hazard["high"]).all()


def test_funnel_by_hand():
    firms = [("2010Q1", None, "alive")] * 3
    rounds = [(0, "2010Q2"), (0, "2010Q2"), (0, "2011Q1"), (1, "2010Q3"), (1, "2012Q4"), (2, "2012Q1")]
    data = funnel.data(lives(*firms, rounds=rounds))
    funnels = data[data["panel"] == "rounds"]
    # followed six quarters: the third firm is too young, the second firm's next round too late, two investors are one
    # round
    assert set(funnels["group"]) == {"2010"} and set(funnels["n"]) == {2} and set(funnels["followed_years"]) == {1.5}
    assert funnels["value"].tolist() == [1, 0.5, 0, 0, 0, 0]


# ---------------------------------------------------------------- runs with little in them


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("case", SPARSE.values(), ids=SPARSE.keys())
def test_sparse_runs_are_drawn(tmp_path, case):
    folder = write(tmp_path / "run", **case)
    assert {path.name for path in plots.draw(folder, KINDS)} == FILES
    plots.overview(plots.read(folder)).savefig(tmp_path / "overview.svg")


def test_an_empty_panel_says_why(tmp_path):
    tables = plots.read(write(tmp_path / "run", **SPARSE["one quarter"]))
    texts = {text.get_text() for axes in city.figure(city.data(tables)).axes for text in axes.texts}
    assert "needs four quarters" in texts


def test_nothing_to_compare_is_said(tables):
    none = reported.data({"reported": tables["reported"].assign(simulated=np.nan)})
    assert reported.figure(none).axes[0].texts[0].get_text() == "no reported metric has a simulated number"
