"""What `sim analyse` says of made-up runs whose answer is known, and of a small sweep."""

import errno
import os

import numpy as np
import pandas as pd
import pytest
import small

from sim import cli, plots
from sim.observables.outcomes import flow
from sim.runs.folders import FolderError
from sim.settings import extras
from sim.sweep import designs
from sim.verbs import analyse, loading
from sim.verbs.analysis import estimates
from sim.verbs.analysis.columns import COLUMNS

ONE = flow("y", "Y", "firms", "y")
FACTORS = {"mechanism.a.x": [0, 1], "mechanism.a.y": [0, 2], "mechanism.a.idle": [5, 6]}


def points(design, count):
    asked = {"design": design, "factors": FACTORS, "points": count, "design_seed": 1, "file": None}
    return asked, pd.DataFrame(designs.points(asked, lambda key: 0.5, None))


def values(x, noise=0.0):
    y = 3.0 * x["mechanism.a.x"] + 0.5 * x["mechanism.a.y"] ** 2
    return {"level of a": pd.DataFrame({"y": y + noise * np.random.default_rng(1).normal(size=len(x))})}


def test_a_tornado_finds_what_factors_change():
    _, x = points("latin", 64)
    rows = estimates.tornado_of(values(x, 0.1), x, [ONE], []).set_index("factor")
    change = rows["change"]
    assert change["mechanism.a.x"] == pytest.approx(3.0, abs=0.2)
    assert change["mechanism.a.y"] == pytest.approx(2.0, abs=0.2)
    assert rows["low"]["mechanism.a.idle"] < 0 < rows["high"]["mechanism.a.idle"]
    assert rows["explained"].iloc[0] > 0.9


def test_a_surface_follows_a_curve_and_says_its_worth():
    _, x = points("latin", 64)
    lines, grid = estimates.responses(values(x, 0.05), x, [ONE], {}, [])
    assert lines["explained"].iloc[0] > 0.95
    curve = lines[lines["factor"] == "mechanism.a.y"]
    ends = curve["mean"].iloc[[0, 10, 20]].to_numpy()
    assert np.diff(ends) == pytest.approx([0.5, 1.5], abs=0.15)  # of y squared over two
    assert len(grid) == estimates.COARSE**2
    noise = {"level of a": pd.DataFrame({"y": np.random.default_rng(2).normal(size=64)})}
    assert estimates.responses(noise, x, [ONE], {}, [])[0]["explained"].iloc[0] < 0.3


@pytest.mark.parametrize(("design", "count", "method"), [("saltelli", 256, "Sobol"), ("morris", 20, "Morris")])
def test_indices_are_those_of_the_design(design, count, method):
    asked, x = points(design, count)
    problem = designs.problem(asked, None)
    found = estimates.indices(values(x), x, [ONE], design, problem, {"asked": asked}, [])
    total = found.set_index("factor")["total"]
    assert set(found["method"]) == {method}
    assert total["mechanism.a.idle"] == pytest.approx(0, abs=0.02)
    assert total["mechanism.a.x"] > total["mechanism.a.y"] > 0.1
    left_out = []
    part = {"level of a": values(x)["level of a"][:-1]}
    assert estimates.indices(part, x, [ONE], design, problem, {"asked": asked}, left_out).empty
    assert "needs them all" in left_out[0]


def test_where_it_fails():
    _, x = points("latin", 128)
    effect = pd.DataFrame({"startups_funded_alive": 1.0 - 2.0 * (x["mechanism.a.x"] < 0.3)})
    asked = {"primary": None, "fails": None, "arms": ["a", "b"]}
    (limit,) = estimates.boxes({"b less a": effect}, x, asked, []).itertuples()
    assert limit.factor == "mechanism.a.x" and limit.density > 0.9
    assert limit.high == pytest.approx(0.3, abs=0.05)


def test_what_needs_a_library_says_what_to_install(monkeypatch):
    monkeypatch.setattr(extras, "_installed", lambda module: False)
    _, x = points("latin", 64)
    left_out = []
    estimates.responses(values(x), x, [ONE], {}, left_out)
    estimates.indices(values(x), x, [ONE], "latin", None, {}, left_out)
    assert ["pip install 'silicon-bund[analysis]'" in text for text in left_out] == [True, True]


def nothing_found():
    tables = {name: pd.DataFrame(columns=[each.name for each in columns]) for name, columns in COLUMNS.items()}
    about = {"question": "Analysis", "runs_done": 0, "runs_planned": 0, "judged": [], "left_out": []}
    return analyse.Analysis(about, {"runs": pd.DataFrame(columns=["run", "arm", "point", "seed"]), **tables})


def test_an_analysis_stays_where_a_figure_cannot_be_drawn(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(plots, "draw_analysis", lambda folder, kinds: 1 / 0)
    analyse._write(tmp_path / "analysis", nothing_found(), ["svg"])
    assert (tmp_path / "analysis" / "tornado.csv").is_file()
    said = capsys.readouterr().err
    assert f"the figures of {tmp_path / 'analysis'} could not be drawn" in said and "division by zero" in said


def test_a_disk_that_refuses_an_analysis_is_told(tmp_path, monkeypatch):
    def full(path, *_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(analyse, "write_csv", full)
    with pytest.raises(FolderError, match="No space left"):
        analyse._write(tmp_path / "analysis", nothing_found(), [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_sweep_analysed(tmp_path, capsys):
    words = [*small.LAKESIDE, "end=2007Q4", f"{small.SPIN_UP}=0", "calibrated=false", f"folder={tmp_path}/sweep"]
    arms = "arms={without:none,with:{policy:[returnee_programme],policy.returnee_programme.start:2006Q3}}"
    factors = "factors={policy.returnee_programme.arrival_grant:[10000,90000],mechanism.founding.taste:[0.2,0.6]}"
    assert cli.main(["sweep", *words, arms, factors, "design=latin", "points=12", "seeds=1..2", "design_seed=1"]) == 0
    asked = ["primary=returnees", "outcomes=[startup_jobs by sector,foreign_arrivals]", "figures=[]"]
    assert cli.main(["analyse", f"{tmp_path}/sweep", *asked]) == 0
    screen = capsys.readouterr().out
    assert "with less without" in screen and "* Returnees, persons" in screen and "2006Q3 to 2007Q4" in screen
    found = loading.load(tmp_path / "sweep" / "analysis")
    assert len(found.runs) == 48 and set(found.tornado["target"]) == {"with less without"}
    by_hand = found.runs.set_index(["arm", "point", "seed"])["returnees"]
    effect = (by_hand["with"] - by_hand["without"]).groupby("point").mean().mean()
    assert found.arms.set_index("outcome")["effect"]["returnees"] == pytest.approx(effect)
    assert cli.main(["analyse", f"{tmp_path}/sweep", "primary=returnes"]) == 2
    assert "did you mean returnees?" in capsys.readouterr().err
