"""The shape of the verbs of analysis: what each has, and what the shell does with it."""

import importlib
import json
from dataclasses import dataclass

import pandas as pd
import pytest
import small

from sim.settings import config
from sim.settings.files import CONFIGS, read_yaml
from sim.verbs import shell

TARGETS = {path.stem: read_yaml(path)["_target_"] for path in (CONFIGS / "experiment").glob("*.yaml")}
VERBS = {verb for verb, target in TARGETS.items() if target.startswith("sim.verbs.")}


@dataclass
class Count(shell.Result):
    about: dict
    numbers: pd.DataFrame
    words: pd.DataFrame

    def __str__(self):
        return "two tables"


def compute(config, plan):
    """Two tables, and what came of them."""
    return Count(plan.about | {"sum": 3}, pd.DataFrame({"n": [1, 2]}), pd.DataFrame({"word": ["a"]}))


@pytest.fixture
def asked(tmp_path):
    checked = small.config(*small.LAKESIDE, "policy=[talent_visa]", f"output='{tmp_path}'")
    return checked, shell.Plan({"asked": 2}, {"policy": checked}, {"note.txt": "before\n"})


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_the_shape(verb):
    module = importlib.import_module(f"sim.verbs.{verb}")
    for part in ("check", "plan", "compute", "command", "screen", verb):
        assert callable(getattr(module, part)), part


def test_there_are_seven_verbs():
    assert VERBS == {"attribute", "compare", "evidence", "frontier", "robustness", "twin", "uncertainty"}


def test_a_folder_has_what_was_planned_and_what_was_computed(asked, capsys):
    checked, plan = asked
    seen = []
    folder = shell.command(checked, "count", plan, compute, lambda folder, **_: seen.append(read(folder)))
    assert {path.name for path in folder.iterdir()} == {
        *("policy.yaml", "note.txt", "numbers.csv", "words.csv", "count.json", "screen.txt", "DONE")
    }
    assert (folder / "numbers.csv").read_text("utf-8") == "n\n1\n2\n"
    assert config.load_file(folder / "policy.yaml").policies == checked.policies
    assert seen[0]["status"] == "done" and seen[0]["sum"] == 3  # figures are drawn of what is complete
    told = read(folder)
    assert (told["asked"], told["sum"], told["status"]) == (2, 3, "done") and "versions" in told
    assert plan.about == {"asked": 2}
    assert capsys.readouterr().out == f"two tables\n\nin {folder}\n"


def read(folder):
    return json.loads((folder / "count.json").read_text("utf-8"))


def test_a_folder_says_how_it_failed(asked, tmp_path):
    def broken(config, plan):
        raise ArithmeticError("no number")

    checked, plan = asked
    with pytest.raises(ArithmeticError) as error:
        shell.command(checked, "count", plan, broken)
    (folder,) = tmp_path.iterdir()
    assert error.value.__notes__ == [f"The folder of the results: {folder}"]
    assert "no number" in (folder / "FAILED").read_text("utf-8") and read(folder)["status"] == "failed"
    assert not (folder / "DONE").exists()
