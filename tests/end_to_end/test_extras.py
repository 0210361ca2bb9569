"""What the base of the package does; and a verb whose libraries are missing says which extra to install."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import small

import sim
from sim.settings import extras
from sim.settings.refusals import ConfigError

ROOT = Path(__file__).parents[2]
SWEEP = "sweep scale=0.01 end=2006Q1 seeds=1..2"
FACTOR = "factors={mechanism.knowledge.decay:null} points=2"
ASKED = {  # command -> module that is missing, what is said
    "calibrate": ("sklearn", "calibrate: needs sklearn, not installed; pip install 'silicon-bund[calibration]'"),
    "calibrate task=screen": (
        "SALib",
        "calibrate: needs SALib, not installed; pip install 'silicon-bund[calibration]'",
    ),
    "frontier policy=[sandbox] public_cost=1e9": ("optuna", "frontier: needs optuna, not installed"),
    "evidence": ("diff_diff", "evidence: needs diff_diff, not installed; pip install 'silicon-bund[evidence]'"),
    "robustness": ("prim", "robustness: needs prim, not installed; pip install 'silicon-bund[robustness]'"),
    f"{SWEEP} {FACTOR} design=morris": ("SALib", "design=morris: needs SALib, not installed"),
    f"{SWEEP} {FACTOR} design=saltelli": ("SALib", "design=saltelli: needs SALib, not installed"),
    f"{SWEEP} launcher=slurm": ("submitit", "launcher=slurm: needs submitit, not installed"),
    "-m seed=1,2 launcher=joblib": ("hydra_plugins.hydra_joblib_launcher", "pip install 'silicon-bund[cluster]'"),
    "-m seed=1,2 launcher=slurm": ("hydra_plugins.hydra_submitit_launcher", "pip install 'silicon-bund[cluster]'"),
}


@pytest.fixture
def absent(monkeypatch):
    """A function that hides a module, as where its library is not installed."""
    return lambda module: monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.parametrize("typed", ASKED)
def test_a_verb_without_its_libraries_says_what_to_install(typed, absent, refused):
    """In a line, with exit code 2, and nothing is written."""
    module, words = ASKED[typed]
    absent(module)
    refused(typed, [words])


def test_python_is_told_the_same(absent):
    absent("optuna")
    with pytest.raises(ConfigError, match=r"optuna, not installed; pip install 'silicon-bund\[calibration\]'"):
        sim.frontier(policy=["sandbox"], public_cost=1e9)


def test_the_base_computes_without_any_extra(tmp_path):
    """A run, a comparison, a sweep in processes and its data set, the facts, draws of parameters: with every module of
    every extra hidden.
    """
    hidden = sorted({module for _, _, modules in extras.NEEDS.values() for module in modules})
    city = [*small.LAKESIDE, "end=2006Q2", "targets=[]"]
    (tmp_path / "draws.csv").write_text("founding.idea_rate\n0.01\n0.02\n", "utf-8")
    commands = [
        city,
        ["compare", *city, "policy=[coworking]", "against=none", "runs=2", "workers=1"],
        ["uncertainty", *city, "policy=[coworking]", "against=none", "draws=2", "runs=2", "file=draws.csv"],
        ["sweep", *city, "seeds=1..6", "launcher=joblib", "workers=2", "folder=sweep"],
        ["collect", "sweep"],
        ["facts", *city[:-1], "targets=[lakeside]", "seeds=1", "workers=1"],
    ]
    program = f"""
import sys
sys.modules.update(dict.fromkeys({hidden!r}))
from sim import cli
print([cli.main(words) for words in {commands!r}])
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1:] == [str([0] * len(commands))], done.stdout + done.stderr


def test_an_extra_brings_the_modules_that_it_is_named_for():
    """And the base does not: else nobody would ever be told."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    libraries, base = packages_distributions(), plain(project["dependencies"])
    for name, extra, modules in extras.NEEDS.values():
        brought = plain(project["optional-dependencies"].get(extra, []))
        for module in modules:
            owners = plain(libraries[module.partition(".")[0]])
            assert owners & brought and not owners & base, f"{name}: {module} in {extra}"


def plain(requirements):
    """Names of libraries, without versions and spelt in one way."""
    return {re.match(r"[\w.-]+", text)[0].lower().replace("_", "-") for text in requirements}
