"""The command of `make run` at a small scale, four lines of Python, and the wheel installed elsewhere."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas
import project
import pytest

import sim
from sim.runs import records

ROOT = Path(__file__).parents[2]
FILES = {f"{name}.parquet" for name in records.TABLES} | {
    "config.yaml",
    "run.json",
    "reported.csv",
    "codebook.csv",
    "districts.csv",
    "DONE",
}
MORE = {"compare": ["runs=2", "workers=1"], "twin": []}
WORDS = ("scale=0.02", "end=2010Q4")
REACH_BACK = ("founders", "rounds", "exits")  # to the ten years in which the city is set in motion


def command(words, cwd, path):
    """Run the module `sim` of `path` in the folder `cwd`."""
    return subprocess.run(
        [sys.executable, "-m", "sim", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
    )


def test_a_run_leaves_the_whole_folder(tmp_path):
    done = command(WORDS, tmp_path, ROOT)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "results" / "runs").iterdir()
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    assert {path.name for path in folder.iterdir()} == FILES | {"figures"}
    drawn = {path.name for path in (folder / "figures").iterdir()}
    assert drawn and {name.removesuffix(".svg") for name in drawn if name.endswith(".svg")} == {
        name.removesuffix(".csv") for name in drawn if name.endswith(".csv")
    }

    assert len(done.stdout.splitlines()) <= 24 and str(folder.relative_to(tmp_path)) in done.stdout
    assert "Traceback" not in done.stderr and "Warning" not in done.stderr
    about = json.loads((folder / "run.json").read_text("utf-8"))
    assert (about["status"], about["first_quarter"], about["last_quarter"], about["scale"]) == (
        "done",
        "2006Q1",
        "2010Q4",
        0.02,
    )

    reported = pandas.read_csv(folder / "reported.csv")
    told = {"claim", "low", "high", "unit", "simulated", "verdict", "source"}
    assert list(reported.columns[:2]) == ["id", "reported"] and told <= set(reported.columns)
    book = pandas.read_csv(folder / "codebook.csv")
    for name in records.TABLES:
        table = pandas.read_parquet(folder / f"{name}.parquet")
        assert list(book[book.table == name].column) == list(table.columns)
        if "quarter" in table and len(table):
            first = "1996Q1" if name in REACH_BACK else "2006Q1"
            assert table.quarter.between(first, "2010Q4").all()
            assert name not in REACH_BACK or table.quarter.min() < "2006Q1"
    assert len(pandas.read_parquet(folder / "city.parquet")) == 20


def test_two_runs_do_not_share_a_folder(tmp_path):
    words = ("scale=0.005", "end=2006Q2", "policy=[]")
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "sim", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    assert [run.wait() for run in runs] == [0, 0]
    one, two = (tmp_path / "results" / "runs").iterdir()
    assert (one / "city.parquet").read_bytes() == (two / "city.parquet").read_bytes()


def test_four_lines_of_python():
    run = sim.run(policy=["sandbox"], seed=1, scale=0.01, end="2008Q4")
    city = run.city
    figure = run.plot()
    assert len(city) == 12 and city.workforce.iloc[-1] > 0 and figure.axes


# ---------------------------------------------------------------- elsewhere


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which the wheel was installed, far from the sources, and beside it a `sitecustomize` that hides
    what only extras install.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", folder / "site", wheel], check=True)
    extras = {name for extra in ("calibration", "cluster", "robustness") for name in project.distributions(extra)}
    hidden = [module for module, names in project.modules().items() if not names.isdisjoint(extras)]
    assert {"optuna", "SALib", "sklearn", "submitit", "hydra_plugins"} <= set(hidden)
    (folder / "site" / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({hidden}))\n")
    return folder


def elsewhere(installed, words, cwd):
    """Run the console script of the wheel, without the compiler: quicker than to compile once more."""
    script = installed / "site" / "bin" / "sim"
    if not script.exists():
        script = next((installed / "site").glob("*/sim*"))
    return subprocess.run(
        [sys.executable, script, *words, f"configs={ROOT / 'tests' / 'own'}", "city=lakeside", "scale=0.1"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(installed / "site"), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
    )


def test_the_wheel_holds_what_a_run_needs_and_no_article(installed):
    """Of the press articles it carries the quotes; the texts are the publishers'."""
    (wheel,) = installed.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        text = b"\n".join(archive.read(name) for name in inside).decode(errors="ignore")
    articles = list((ROOT / "configs" / "targets" / "articles").glob("*.txt"))
    configs = {path for path in (ROOT / "configs").rglob("*") if path.is_file()} - set(articles)
    assert {f"sim/{path.relative_to(ROOT).as_posix()}" for path in configs} <= inside
    assert "sim/py.typed" in inside
    assert not any(name.startswith(("tests/", "results/", "experiments/")) for name in inside)
    paragraphs = [line for path in articles for line in path.read_text("utf-8").splitlines() if len(line) > 80]
    assert len(paragraphs) > 20 and not [line for line in paragraphs if line in text]


def test_the_installed_program_runs_on_the_base_alone(installed, tmp_path):
    """With nothing in sight of the source tree, nor of what only an extra installs."""
    done = elsewhere(installed, ["end=2006Q1", "output=here"], tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "here").iterdir()
    assert (folder / "DONE").exists() and list((folder / "figures").iterdir())
    for verb in ("compare", "twin"):
        done = elsewhere(installed, [verb, "end=2006Q4", "policy=[coworking]", "against=none", *MORE[verb]], tmp_path)
        assert done.returncode == 0, done.stderr


def test_the_console_script_and_the_module_are_one_program(installed, tmp_path):
    shown = command(["--help"], tmp_path, installed / "site")
    assert f"The files are in {installed / 'site' / 'sim' / 'configs'}" in shown.stdout
    assert command(["--version"], tmp_path, installed / "site").stdout == f"sim {project.DECLARED['version']}\n"
