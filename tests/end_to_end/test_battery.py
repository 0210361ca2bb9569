"""Bad inputs, some hundreds of rows in `battery_*.py`, are answered well: in a sentence that names what was said and
what is allowed, at once, with nothing written and nothing foreign run.

The kinds are those of faults that were found with other inputs: A code of a folder that is only read, B what is not
verified, C stores, D no last catch, E keys that hold names, F the shape of yaml, G imports, H functions named on the
command line, I sizes, J encodings, K names that the system refuses, L late failures, M what does nothing, N hints, O
pipes and threads, P knobs that nobody reads, Q where one stands, R calibration.
"""

import glob
import pathlib
import re
import shlex
import shutil
import sys
import time
import warnings
from pathlib import Path

import battery_calls
import battery_files
import battery_words
import numpy as np
import pandas as pd
import pytest
import small

import sim
from sim import Ecosystem, cli
from sim.settings import config as configs
from sim.world.views import Person

MOST_SECONDS = 5.0  # of a processor
LONG = "x" * 256
SHORT = (
    f"configs='{small.OWN}'",
    *("city=lakeside", "scale=0.1", "end=2006Q4", f"{small.SPIN_UP}=0", "calibrated=false", "progress=false"),
)
CLASS = """from dataclasses import dataclass
from sim.policies.instrument import Instrument


@dataclass(frozen=True, kw_only=True)
class Bad(Instrument):
    {}
"""


def label(row):
    """A short name of a row, for the screen of a test."""
    return re.sub(r"[^\w=,.{}\[\]-]+", "-", " ".join(str(part) for part in row[:3]))[:70]


def rows(table):
    return pytest.mark.parametrize("row", table, ids=label)


def files(folder):
    """Path -> (size, when it was written) of all files below a folder."""
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


@pytest.fixture
def answered(tmp_path, monkeypatch, capsys):
    """A function of words and of what has to stand in the answer, with the exit codes that are right."""
    monkeypatch.chdir(tmp_path)

    def check(words, told, codes=(2,)):
        before, began = files(tmp_path), time.process_time()
        code = cli.main(words)
        seconds = time.process_time() - began
        said = capsys.readouterr()
        text = said.err + said.out
        assert code in codes, text
        assert [one for one in told if one not in text] == [], text
        assert "Traceback" not in text and "internal fault" not in text, text
        assert files(tmp_path) == before
        assert seconds < MOST_SECONDS
        return said

    return check


# ---------------------------------------------------------------- the command line


@rows(battery_words.LINES)
def test_a_command_is_refused(row, answered):
    kind, line, *told = row
    words = shlex.split(line.replace("{long}", LONG))
    told = [one for one in told if one]
    usual = [one for one in ("scale=0.01", "end=2006Q2") if not re.search(rf"(^| ){one.split('=')[0]}=", line)]
    assert answered([*words, *usual], told).out == ""


@rows(battery_words.TOLD)
def test_what_does_nothing_is_told(row):
    kind, line, *told = row
    notes = " | ".join(configs.load([*line.split(), "scale=0.01", "end=2006Q4"]).notes)
    assert (notes == "") if told == [None] else all(one in notes for one in told), notes


# ---------------------------------------------------------------- files of one's own


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of the user's own with the made-up city, whose modules are found."""
    folder = shutil.copytree(small.OWN, tmp_path / "own")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    for module in ("bad", "toy_policy"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    yield folder
    for module in ("bad", "toy_policy"):
        sys.modules.pop(module, None)


def change(path, edit):
    """Make of a file what a row says: new content, or one text in the place of another; None removes it."""
    path.parent.mkdir(exist_ok=True)
    if edit is None:
        path.unlink()
    elif isinstance(edit, bytes):
        path.write_bytes(edit)
    elif isinstance(edit, tuple):
        text = path.read_text("utf-8")
        assert edit[0] in text
        path.write_text(text.replace(*edit, 1), "utf-8")
    else:
        path.write_text(edit, "utf-8")


@rows(battery_files.OWN)
def test_a_file_of_ones_own_is_refused(row, own, answered):
    kind, file, edit, more, *told = row
    if isinstance(edit, str) and edit.startswith("act:"):
        edit = CLASS.format(f"def act(self, levers, intensity, slot):\n        {edit[4:]}\n")
    elif isinstance(edit, str) and edit.startswith("class:"):
        edit = CLASS.format(edit[6:])
    change(own / file, edit)
    if more == "bad":
        (own / "policy" / "bad.yaml").write_text("# @package policy.bad\n_target_: bad.Bad\n")
        more = "policy=[bad]"
    words = [f"configs={own}", "city=lakeside", "scale=0.1", "end=2006Q2", *more.split()]
    words += [f"{group}=[]" for group in ("policy", "targets") if f"{group}=" not in more]
    assert answered(words, told).out == ""


# ---------------------------------------------------------------- folders of results


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Name -> a folder of results: a run, a comparison, lives, a sweep, tasks of a sweep that nobody did."""
    place = tmp_path_factory.mktemp("results")
    arms = ("policy=[talent_visa]", "policy.talent_visa.start=2006Q2", "against=none")
    commands = {
        "run": [*SHORT, "policy=[]", "targets=[lakeside]"],
        "comparison": ["compare", *SHORT, *arms, "runs=2", "workers=1", f"store='{place / 'store'}'"],
        "twin": ["twin", *SHORT, *arms],
        "sweep": ["sweep", *SHORT, "policy=[]", "seeds=1..3", "targets=[]"],
        "tasks": ["sweep", *SHORT, "policy=[]", "seeds=1..4", "targets=[]", "launcher=files"],
    }
    found = {}
    for name, words in commands.items():
        key = "folder" if words[0] == "sweep" else "output"
        assert cli.main([*words, f"{key}='{place / name}'"]) == (1 if name == "tasks" else 0)
        found[name] = place / name if key == "folder" else next((place / name).iterdir())
    return found


@pytest.fixture
def copied(results, tmp_path):
    """A function that copies a folder of results into the working folder, a file of it changed."""

    def copy(name, file=None, edit=None):
        folder = tmp_path / name
        if name == "empty":
            folder.mkdir()
        else:
            shutil.copytree(results[name], folder)
        if file is not None:
            found = [Path(path) for path in glob.glob(str(folder / file))]
            change(found[0] if found else folder / file, edit)
        return folder

    return copy


@rows(battery_calls.FOLDERS)
def test_a_folder_that_is_read_is_refused(row, copied, answered):
    kind, name, edit, line, *told = row
    folder = copied(name, *(edit or ()))
    (task,) = glob.glob(str(folder / "tasks" / "*")) or [""]
    places = {"{it}": name, "{task}": task, "{long}": LONG, "{own}": str(small.OWN)}
    words = [re.sub(r"{\w+}", lambda place: places[place[0]], word) for word in shlex.split(line)]
    answered(words, [one.replace("{it}", name) for one in told], codes=(1, 2))


# ---------------------------------------------------------------- Python and Mesa


def raised(code, kind, said, folder, names):
    """What the code raises is of this kind, says this, and comes at once, in a sentence."""
    before, began, error = files(folder), time.process_time(), None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(code, names)
        except Exception as one:
            error = one
    assert kind in [each.__name__ for each in type(error).__mro__], repr(error)
    assert said in str(error), str(error)
    assert len(str(error)) < 700 and time.process_time() - began < MOST_SECONDS
    new = set(files(folder)) - set(before)
    assert not [path for path in new if path.relative_to(folder).parts[0] not in ("run", "comparison", "twin", "sweep")]


@rows(battery_calls.PYTHON)
def test_a_call_is_refused(row, copied, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind, code, *expected = row
    raised(code, *expected, tmp_path, {"sim": sim, "np": np, "pd": pd, "pathlib": pathlib, "it": copied})


@pytest.fixture(scope="module")
def a_quarter_on():
    return lambda: Ecosystem(configs.load([*SHORT[:-1], "policy=[]", "targets=[]"]))


@rows(battery_calls.MESA)
def test_a_model_refuses(row, a_quarter_on, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kind, code, *expected = row
    model = None
    if not code.startswith("Ecosystem"):
        model = a_quarter_on()
        model.step()
    raised(code, *expected, tmp_path, {"m": model, "Ecosystem": Ecosystem, "Person": Person})


# ---------------------------------------------------------------- the table


TABLES = (
    battery_words.LINES,
    battery_words.TOLD,
    battery_files.OWN,
    battery_calls.FOLDERS,
    battery_calls.PYTHON,
    battery_calls.MESA,
)


def test_there_are_hundreds_and_none_stands_twice():
    inputs = [(number, *map(str, row[1:4])) for number, table in enumerate(TABLES) for row in table]
    assert len(inputs) >= 300 and len(set(inputs)) == len(inputs)
    assert set("ABCEFGHIJKMNPQR") <= {row[0] for table in TABLES for row in table}
