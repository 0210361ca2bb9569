"""Every verb of many runs hands them to whoever runs tasks, and takes up what these have kept."""

import os
from pathlib import Path

import fast
import numpy as np
import pytest

from sim import cli
from sim.runs import launchers

MANY = (
    *("compare", "attribute", "frontier", "robustness", "uncertainty", "evidence", "atlas"),
    *("calibrate", "facts", "sweep"),
)
WHERE = ("store=store", "output=out", "launcher=files", "launcher.at_once=2", fast.AT_REST)


@pytest.mark.parametrize("verb", MANY)
def test_every_verb_of_many_runs_takes_a_launcher(verb, capsys):
    """In a way that is wrong only in the key named last; it is the launcher's key that is told of."""
    needed = {"compare": ["against=[]"], "uncertainty": ["without=[sandbox]"], "frontier": ["public_cost=1e9"]}
    words = [verb, *needed.get(verb, []), "scale=0.01", "launcher=files", "launcher.at_once=0"]
    assert cli.main(words) == 2
    error = capsys.readouterr().err
    assert "launcher.at_once=0: should be a whole number from 1" in error and "this runs here" not in error


@pytest.mark.parametrize("verb", ["run", "twin", "reference"])
def test_other_verbs_refuse_one(verb, capsys):
    assert cli.main([verb, *(["without=[sandbox]"] if verb == "twin" else []), "launcher=files"]) == 2
    assert "launcher=files: " in capsys.readouterr().err


def do_tasks(place="store"):
    """Do the tasks of all lists below a folder that are not done, each as its line says, the last first."""
    for path in sorted(Path(place).rglob("list.txt")):
        for line in reversed(path.read_text("utf-8").splitlines()):
            words = line.split()[1:]
            if not (Path(words[1]) / f"{words[2]}.json").exists():
                assert cli.main(words) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "policy=[talent_visa]", "against=[]", "runs=2"],
        ["facts", "seeds=3", "shock_test=false"],
    ],
)
def test_what_others_computed_is_what_this_machine_computes(tmp_path, monkeypatch, capsys, words):
    """The command writes a list and ends; when its tasks are done the same command ends as one without a launcher."""
    monkeypatch.chdir(tmp_path)
    words = [words[0], *fast.CITY, *words[1:]]
    assert cli.main([*words, *WHERE]) == 1
    assert "tasks are written, each a line of" in capsys.readouterr().err
    do_tasks()
    monkeypatch.setattr(launchers.Files, "run", None)  # nothing more is asked for
    assert cli.main([*words, *WHERE]) == 0
    assert cli.main([*words, "store=here", "output=theirs", "workers=1", fast.AT_REST]) == 0
    ours, theirs = (next(path.parent for path in Path(place).glob("*/DONE")) for place in ("out", "theirs"))
    tables = sorted(path.name for path in ours.glob("*.csv"))
    assert tables and all((ours / name).read_bytes() == (theirs / name).read_bytes() for name in tables)


def test_a_run_of_a_task_that_is_damaged_is_asked_for_again(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["facts", *fast.CITY, "seeds=3", "shock_test=false", *WHERE]
    assert cli.main(words) == 1
    do_tasks()
    first, *others = sorted(Path("store").glob("*/apart/*.zip"))
    first.write_bytes(first.read_bytes()[:-40])
    capsys.readouterr()
    assert cli.main(words) == 1 and len(others) == 2
    error = capsys.readouterr().err
    assert f"{first.name} is damaged; it was set aside" in error and "1 tasks are written" in error
    do_tasks()
    assert cli.main(words) == 0 and not list(Path("store").glob("*/apart/*.zip"))


def item(path):
    Path(path).write_text("kept", "utf-8")


def items(paths):
    """A task that is killed after its first item, where a file says so."""
    for path in paths:
        if os.path.exists("deadly"):
            os.remove("deadly")
            return
        item(path)


class Lossy(launchers.Local):
    """Gives the first task of each round for lost."""

    def run(self, folder, function, tasks):
        yield launchers.Lost("killed", Path("log"))
        yield from super().run(folder, function, tasks[1:] or tasks)


def test_what_a_lost_task_leaves_is_asked_for_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [f"{i}.kept" for i in range(20)]
    assert sum(launchers.kept_by(Lossy(), tmp_path, items, names, os.path.exists)) == 20
    assert all(map(os.path.exists, names))


def test_where_nothing_is_kept_the_log_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log").write_text("no module named numpy\n", "utf-8")
    with pytest.raises(launchers.FolderError, match="nothing of 2 runs was kept; the first was killed; log ends with:"):
        list(launchers.kept_by(Lossy(), tmp_path, print, ["a", "b"], os.path.exists))


# ---------------------------------------------------------------- two hundred slots


def idle_share(measured, runs, slots=200, seconds=600.0, start=4.0):
    """Share of slots' time without a run until the last has ended, of tasks that sleep as long as their runs take,
    handed out one after the other as a scheduler does; lengths of runs vary by a tenth.
    """
    from sim.sweep.command import batch_size

    launcher = launchers.Files({"at_once": slots})
    size = batch_size(left=runs, measured=[measured], launcher=launcher, batch_seconds=seconds)
    random = np.random.default_rng(1)
    free = np.zeros(slots)
    for low in range(0, runs, size):
        count = min(size, runs - low)
        free[free.argmin()] += start + measured * (count + 0.1 * count**0.5 * random.standard_normal())
    return 1 - runs * measured / (slots * free.max())


@pytest.mark.parametrize(
    ("measured", "runs", "most"), [(2.0, 100_000, 0.10), (0.5, 1_000_000, 0.05), (30.0, 5000, 0.25)]
)
def test_two_hundred_slots_are_kept_busy(measured, runs, most):
    assert 0 < idle_share(measured, runs) < most
