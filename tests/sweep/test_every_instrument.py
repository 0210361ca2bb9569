"""Every instrument against history: the sign of an effect, and tables of which some comparisons are made anew."""

import argparse
import importlib.util
import json

import pandas as pd
import pytest
import small

from sim.sweep.replicate import read_table

ROOT = small.OWN.parents[1]


@pytest.fixture(scope="module")
def every_instrument():
    """The script `experiments/policies.py`."""
    spec = importlib.util.spec_from_file_location("every_instrument", ROOT / "experiments" / "policies.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def made(every_instrument, tmp_path_factory):
    """Two comparisons of the small city, one that takes out and one that adds."""
    short = [*small.LAKESIDE[:2], "end=2017Q4", "calibrated=false"]
    arguments = argparse.Namespace(
        runs=3, scale=0.1, workers=1, more=short, store=tmp_path_factory.mktemp("comparisons")
    )
    return {
        name: every_instrument.run(name, [instrument], words, arguments)
        for name, instrument, words in (
            ("without_sandbox", "sandbox", ["without=[sandbox]"]),
            ("with_coworking", "coworking", ["policy=[history,coworking]", "against=history"]),
        )
    }


def test_an_effect_is_that_of_having_the_instrument(every_instrument):
    """Of taking out and of adding the effects have opposite signs, and intervals stay intervals."""
    row = {"outcome": "exits", "title": "Exits", "unit": "firms", "over": "sum", "policy": 12.0, "against": 10.0}
    for name in ("difference", "median", "trimmed"):
        row |= {name: 2.0, f"{name}_low": -1.0, f"{name}_high": 5.0}
    table = pd.DataFrame([row | {"runs": 20, "runs_independent": 50.0, "detectable": 4.0}])
    added = every_instrument.effects("with_x", ["x"], table).iloc[0]
    taken = every_instrument.effects("without_x", ["x", "y"], table).iloc[0]
    assert (added["effect"], added["low"], added["high"]) == (2, -1, 5)
    assert (added["level_without"], added["level_with"], added["high_percent"]) == (10, 12, 50)
    assert (taken["effect"], taken["low"], taken["high"]) == (-2, -5, 1)
    assert (taken["level_without"], taken["level_with"]) == (12, 10)
    assert taken["effect_percent"] == pytest.approx(-100 / 6) and taken["instruments"] == "x y"
    assert (taken["median_low"], taken["trimmed_high"]) == (-5, 1)


def test_comparisons_become_one_table_a_question(every_instrument, made, tmp_path):
    order = ["without_sandbox", "with_coworking"]
    every_instrument.write(tmp_path, order, made)
    effects, about = read_table(tmp_path / "effects"), json.loads((tmp_path / "comparisons.json").read_text("utf-8"))
    assert list(effects["comparison"].unique()) == list(about) == order
    assert "git" in about["with_coworking"] and "policy=[history,coworking]" in about["with_coworking"]["command"]
    for table, rows in made["with_coworking"][1].items():
        whole = read_table(tmp_path / table)
        assert next(iter(whole)) == "comparison" and (whole["comparison"] == "with_coworking").sum() == len(rows)
    assert "| with_coworking | 3 |" in (tmp_path / "README.md").read_text("utf-8")
    assert (tmp_path / "overview.svg").stat().st_size > 0


def test_some_are_made_anew_and_the_others_stay(every_instrument, made, tmp_path):
    """In the order of all; what is no longer among all goes."""
    every_instrument.write(tmp_path, ["without_sandbox", "with_coworking"], made)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    every_instrument.write(tmp_path, list(made), {"without_sandbox": made["without_sandbox"]})
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    every_instrument.write(tmp_path, ["without_sandbox"], {"without_sandbox": made["without_sandbox"]})
    for table in made["without_sandbox"][1]:
        assert set(read_table(tmp_path / table)["comparison"]) <= {"without_sandbox"}
