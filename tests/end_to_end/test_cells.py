"""Policies that are typed: in a cell of a notebook, in a script, as a class, an object or a function."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.observables import fund_returns
from sim.settings import cells
from sim.settings.refusals import ConfigError

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "tests" / "own"
SMALL = {"scale": 0.01, "seed": 1, "end": "2007Q4", "progress": False}
RATE = 2.0

pytestmark = pytest.mark.slow


def doubled(share):
    return RATE * share


@dataclass(frozen=True, kw_only=True)
class Procurement(sim.Instrument):
    uplift: float = 0.1
    sectors: tuple = ("ai_software",)

    def act(self, levers, intensity, slot):
        levers.move("demand", 1.0 + doubled(intensity * self.uplift), levers.where(sector=self.sectors))


doubled.__module__ = Procurement.__module__ = "__main__"  # as typed in a cell: nobody can import it


def boost(levers, quarter, by=0.5):
    if quarter >= "2007Q1":
        levers.move("demand", 1.0 + by)


def test_a_class_of_a_script_is_a_policy_and_its_knobs_count():
    none = sim.run(policy=[], **SMALL)
    some = sim.run(policy=[Procurement(uplift=0.5)], **SMALL)
    assert some.about["policies"] == ["procurement"] and some.about["doubts"] == []
    assert some.city["startup_revenue_cny"].iloc[-1] > none.city["startup_revenue_cny"].iloc[-1]
    prints = {run.about["fingerprint"] for run in (none, some, sim.run(policy=[Procurement], **SMALL))}
    assert len(prints) == 3
    dated = sim.run(policy=[Procurement], **SMALL, **{"policy.procurement.start": "2008Q1"})
    assert dated.city.equals(none.city)


def test_a_function_of_levers_and_quarter_is_enough():
    none, some = (sim.run(policy=policy, **SMALL).city.set_index("quarter") for policy in ([], [boost]))
    differs = (none["startup_revenue_cny"] != some["startup_revenue_cny"]).to_numpy()
    assert differs.tolist() == [quarter >= "2007Q1" for quarter in none.index]


def test_arms_have_knobs_of_their_own_and_are_computed_in_processes(tmp_path):
    arms = {"none": [], "small": [Procurement(uplift=0.1)], "large": [Procurement(uplift=0.5)]}
    found = sim.compare(arms=arms, runs=2, workers=2, store=str(tmp_path), **SMALL)
    jobs = found.runs.groupby("arm")["startup_jobs"].mean()
    assert jobs["large"] > jobs["small"] > jobs["none"]
    with pytest.raises(ConfigError, match="has other knobs"):
        sim.compare(policy=[Procurement(uplift=0.1)], against=[Procurement(uplift=0.5)], runs=2, **SMALL)


def test_what_cannot_be_known_is_refused():
    space = {}
    exec("def hidden(levers, quarter): levers.move('demand', 2.0)", space)
    table = pd.DataFrame()
    refused = {
        "source of hidden is not to be had": space["hidden"],
        "nowhere, which is of the function around it": _made(),
        r"\(levers, quarter\)": lambda_with_one,
        "@dataclass": Bare,
        "FRAME, a DataFrame": reads_a_table,
    }
    assert table.empty
    for words, policy in refused.items():
        with pytest.raises(ConfigError, match=words):
            sim.run(policy=[policy], **SMALL)
    with pytest.raises(ConfigError, match="cannot act"):
        sim.run(policy=[wrong], **SMALL)


def _made():
    nowhere = 2.0

    def inner(levers, quarter):
        levers.move("demand", nowhere)

    return inner


FRAME = pd.DataFrame()


def reads_a_table(levers, quarter):
    levers.move("demand", 1.0 + len(FRAME))


def lambda_with_one(levers):
    levers.move("demand", 1.0)


def wrong(levers, quarter):
    levers.move("no such lever", 1.0)


class Bare(sim.Instrument):
    size: float = 1.0

    def act(self, levers, intensity, slot):
        levers.move("demand", 1.0)


def test_a_changed_constant_is_a_changed_class(monkeypatch):
    def target():
        told, _ = cells.put_down({"policy": [Procurement]})
        return told["policy"][0].__module__

    first = target()
    assert target() == first
    monkeypatch.setattr(sys.modules[__name__], "RATE", 3.0)
    assert target() != first


def test_a_text_changed_since_is_refused(tmp_path):
    """The file of a script is edited while it runs: what is there is not what runs."""
    script = tmp_path / "own_script.py"
    script.write_text(
        "import pathlib, sim\n"
        "def more(levers, quarter):\n    levers.move('demand', 1.5)\n"
        f"path = pathlib.Path({str(script)!r})\n"
        "path.write_text(path.read_text().replace('1.5)', '2.5)', 1))\n"
        "sim.run(policy=[more], scale=0.01, end='2006Q2')\n"
    )
    done = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, env=_environment())
    assert "not what runs" in done.stderr


CELLS = {
    "first": "import sim\n"
    "def more(levers, quarter):\n    levers.move('demand', 1.5)\n"
    "first = sim.run(policy=[more], scale=0.01, end='2006Q4')",
    "edited": "def more(levers, quarter):\n    levers.move('demand', 2.5)\n"
    "second = sim.run(policy=[more], scale=0.01, end='2006Q4')",
    "told": "import json\nprint(json.dumps([[run.about['fingerprint'], run.about['doubts'], "
    "float(run.city.startup_revenue_cny.sum())] for run in (first, second)]))",
}


def test_an_edited_cell_is_another_policy(monkeypatch):
    """In a notebook: no stale code, and no doubt."""
    import nbclient
    import nbformat

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS.values()])
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3").execute()
    (one, no_doubt, low), (other, _, high) = json.loads(book.cells[-1].outputs[-1]["text"])
    assert one != other and no_doubt == [] and high > low
    assert not any(output.get("name") == "stderr" for cell in book.cells for output in cell.outputs)


def test_a_typed_policy_becomes_two_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    script, yaml = sim.to_files(Procurement, "mine")
    assert script.name == "procurement.py" and yaml == Path("mine/policy/procurement.yaml")
    filed = sim.run(policy=["procurement"], configs="mine", **SMALL, **{"policy.procurement.uplift": 0.5})
    assert filed.city.equals(sim.run(policy=[Procurement(uplift=0.5)], **SMALL).city)
    with pytest.raises(FileExistsError):
        sim.to_files(Procurement, "mine")


def _environment():
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


# ---------------------------------------------------------------- by hand


def test_a_model_stepped_by_hand_comes_back_as_a_run_and_can_be_branched():
    settings = {key: value for key, value in SMALL.items() if key != "progress"}
    model = sim.Ecosystem(policy=[], **settings)
    with pytest.raises(ValueError, match="no quarter yet"):
        sim.Run.of(model)
    for _ in range(4):
        model.step()
    other = sim.branch(model, policy=[Procurement(uplift=0.5)])
    model.run_model()
    other.run_model()
    run, otherwise = sim.Run.of(model), sim.Run.of(other)
    assert run.city.equals(sim.run(policy=[], **SMALL).city)
    assert run.about["fingerprint"] == "" and "by hand" in run.about["doubts"][0]
    same = run.city["startup_revenue_cny"] == otherwise.city["startup_revenue_cny"]
    assert same.tolist() == [True] * 4 + [False] * 4
    assert "startups_alive" in set(run.codebook["column"])
    founder = run.startups["founder_id"].iloc[-1]
    assert "founding" in set(run.follow(founder)["kind"])
    with pytest.raises(ValueError, match="founds nothing"):
        run.follow(-5)
    assert run.map("startups_alive", "2007Q1").axes
    with pytest.raises(ValueError, match="should be one of"):
        run.map("quarter")


def test_returns_of_a_fund_by_hand():
    """100 in, 121 back after two years: DPI 1.21, 10 percent a year; half of it still valued: TVPI."""
    quarters = [f"{year}Q{quarter}" for year in (2010, 2011, 2012) for quarter in (1, 2, 3, 4)]
    rows = pd.DataFrame({"quarter": quarters, "fund_id": 1, "kind": "private", "vintage": [None] + ["2010Q2"] * 11})
    rows = rows.assign(
        called_in_quarter_cny=0, distributed_in_quarter_cny=0, nav_cny=0, cash_cny=0, ended_in_quarter=False
    )
    rows.loc[2, "called_in_quarter_cny"], rows.loc[10, "distributed_in_quarter_cny"] = 100, 121
    rows.loc[11, "ended_in_quarter"] = True
    (row,) = fund_returns.table(rows).to_dict("records")
    assert row["dpi"] == row["tvpi"] == 1.21 and np.isclose(row["irr"], 0.1) and row["ended"] == 1.0
    open_fund = rows.assign(ended_in_quarter=False, nav_cny=50)
    assert fund_returns.table(open_fund, "vintage")["tvpi"].iloc[0] == 1.71
