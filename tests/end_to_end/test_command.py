"""The command of `make run` at a small scale, four lines of Python, and the wheel installed elsewhere."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas
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
WORDS = ("scale=0.02", "end=2010Q4")


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
        name.removesuffix(".pdf") for name in drawn if name.endswith(".pdf")
    }

    assert len(done.stdout.splitlines()) <= 24 and str(folder.relative_to(tmp_path)) in done.stdout
    assert "20 of 20 quarters" in done.stderr and "Traceback" not in done.stderr and "Warning" not in done.stderr
    about = json.loads((folder / "run.json").read_text("utf-8"))
    assert (about["status"], about["first_quarter"], about["last_quarter"], about["scale"]) == (
        "done",
        "2006Q1",
        "2010Q4",
        0.02,
    )

    reported = pandas.read_csv(folder / "reported.csv")
    assert list(reported.columns[:3]) == ["id", "reported", "low"] and {
        "high",
        "unit",
        "simulated",
        "verdict",
        "source",
    } <= set(reported.columns)
    book = pandas.read_csv(folder / "codebook.csv")
    for name in records.TABLES:
        table = pandas.read_parquet(folder / f"{name}.parquet")
        assert list(book[book.table == name].column) == list(table.columns)
        if "quarter" in table and len(table):
            assert table.quarter.between("2006Q1", "2010Q4").all()
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
    """A folder into which the wheel was installed, far from the sources."""
    place = tmp_path_factory.mktemp("elsewhere")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", place, ROOT], check=True)
    (wheel,) = place.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", place / "site", wheel], check=True)
    return place


def test_the_wheel_holds_what_a_run_needs(installed):
    (wheel,) = installed.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    configs = {path.relative_to(ROOT).as_posix() for path in (ROOT / "configs").rglob("*") if path.is_file()}
    assert {f"sim/{name}" for name in configs} <= held
    assert not any(name.startswith(("tests/", "results/", "experiments/")) for name in held)


def test_the_installed_program_runs(installed, tmp_path):
    """With nothing of the source tree in sight; the console script and the module are one program."""
    script = installed / "site" / "bin" / "sim"
    if not script.exists():
        script = next((installed / "site").glob("*/sim*"))
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed / "site"),
        "NUMBA_DISABLE_JIT": "1",
    }  # quicker than compiling once more
    done = subprocess.run(
        [sys.executable, script, "scale=0.005", "end=2006Q1", "output=here"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "here").iterdir()
    assert (folder / "DONE").exists() and list((folder / "figures").iterdir())
    shown = command(["--help"], tmp_path, installed / "site")
    assert f"The files are in {installed / 'site' / 'sim' / 'configs'}" in shown.stdout
    assert command(["--version"], tmp_path, installed / "site").stdout.strip() == "sim 0.1.0"
