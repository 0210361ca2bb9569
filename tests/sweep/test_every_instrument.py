"""Every instrument against history: whose effect it is, and tables of which some comparisons are made anew."""

import argparse
import json

import project
import pytest
import small

from sim.sweep.replicate import read_table


@pytest.fixture(scope="module")
def every_instrument():
    """The script `experiments/policies.py`."""
    return project.script("policies")


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


def test_an_effect_is_that_of_having_the_instrument(made):
    """Whether it was taken out or added: what the arm that has it is above the other, and it pays the cost."""
    for name, instrument in (("without_sandbox", "sandbox"), ("with_coworking", "coworking")):
        about, tables = made[name]
        assert instrument in about["policy"] and instrument not in about["against"]
        rows = tables["effects"].set_index("outcome")
        assert (rows["effect"] - (rows["level_with"] - rows["level_without"])).abs().max() == pytest.approx(0, abs=1e-6)
        assert rows["effect"].abs().max() > 0 and (rows["low"].fillna(-1e99) <= rows["high"].fillna(1e99)).all()
        cost = tables["public_purse"].set_index("quantity")["value"]["cost"]
        assert cost > 0


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
