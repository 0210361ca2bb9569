"""What people keep in files, name in other letters, and do with the screen: read, or refused in a sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import small

import sim
from sim import cli
from sim.runs import records, screen
from sim.settings import config as configs
from sim.settings.refusals import ConfigError

AT_REST = f"{small.SPIN_UP}=0"
SHORT = ("city=lakeside", "scale=0.1", "end=2006Q2", AT_REST, "policy=[]")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A copy of the user's files to alter, in a folder of another script with a quote in its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(small.OWN)
    return Path(shutil.copytree(small.OWN, tmp_path / "o'brien 我的"))


def told(own, *words):
    """What a config of the user's files is refused for, in one text."""
    place = str(own).replace("'", "\\'")
    with pytest.raises(ConfigError) as caught:
        configs.load([f"configs='{place}'", *SHORT, *words])
    return str(caught.value)


HISTORY, DISTRICTS = "city/lakeside/history.csv", "city/lakeside/districts.csv"
BOMB = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 8)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=False)
)
SPOILT = {  # file, what becomes of its bytes, what is told
    "GBK": (DISTRICTS, lambda b: b.replace(b"Harbour", "港口".encode("gbk")), "districts.csv row 3: is not UTF-8"),
    "Latin-1": (DISTRICTS, lambda b: b.replace(b"Mill", "Mîll".encode("latin-1")), "districts.csv row 4: is not UTF-8"),
    "UTF-16": (HISTORY, lambda b: b.decode().encode("utf-16"), "history.csv is UTF-16 and not UTF-8"),
    "UTF-16 without a mark": (HISTORY, lambda b: b.decode().encode("utf-16-le"), "row 1: holds the control character"),
    "random bytes": (HISTORY, lambda b: bytes(range(128, 256)), "history.csv row 1: is not UTF-8"),
    "NUL": (
        HISTORY,
        lambda b: b.replace(b"2006Q2", b"2006\0Q2"),
        "history.csv row 3: holds the control character U+0000",
    ),
    "empty": (HISTORY, lambda b: b"", "history.csv is empty"),
    "long cell": (DISTRICTS, lambda b: b.replace(b"Harbour", b"x" * 10**7), "districts.csv row 3: a cell of more than"),
    "open quote": (DISTRICTS, lambda b: b.replace(b"Harbour", b'"Harbour'), "districts.csv row"),
    "semicolons": (DISTRICTS, lambda b: b.replace(b",", b";"), "cells are parted by ; and not by a comma"),
    "no name": (DISTRICTS, lambda b: b.replace(b"code,", b",", 1), "districts.csv row 1: column 1 has no name"),
    "gap": (DISTRICTS, lambda b: b.replace(b"\nHA", b"\n\nHA"), "districts.csv row 3: is empty"),
    "underscore": (
        DISTRICTS,
        lambda b: b.replace(b"90000", b"90_000"),
        "row 2, column population: '90_000' is not a number",
    ),
    "full width": (DISTRICTS, lambda b: b.replace(b"90000", "９００００".encode()), "'９００００' is not a number"),
    "nan": (DISTRICTS, lambda b: b.replace(b"90000", b"nan"), "'nan' is not a number"),
    "brackets": ("city/lakeside.yaml", lambda b: b + b"x: " + b"[" * 3000, "lakeside.yaml is not YAML"),
    "indents": ("city/lakeside.yaml", lambda b: b + b"x: " + b"[" * 60 + b"]" * 60, "brackets within brackets"),
    "aliases": ("city/lakeside.yaml", lambda b: b + BOMB.encode(), "lakeside.yaml is not YAML: row"),
    "itself": ("city/lakeside.yaml", lambda b: b + b"x: &x [*x]\n", "*x holds itself"),
    "yaml in GBK": ("city/lakeside.yaml", lambda b: b + "#城市".encode("gbk"), "is not UTF-8"),
    "a list": ("city/lakeside.yaml", lambda b: b"- 1\n", "lakeside.yaml: holds [1]; a city is written key: value"),
    "dates of policies": ("city/lakeside/policies.yaml", lambda b: BOMB.encode(), "policies.yaml is not YAML"),
    "GBK in targets": ("targets/lakeside.csv", lambda b: b + "港口,1\n".encode("gbk"), "is not UTF-8"),
    "far": (
        DISTRICTS,
        lambda b: b.replace(b"3.4,1.3", b"3400,1300"),
        "row 3, column x_km: 3400 should be between -300 and 300 km",
    ),
    "m2": (
        DISTRICTS,
        lambda b: b.replace(b"70000,20,", b"70000,20000000,"),
        "20000000 should be between 0.2 and 20,000 km2",
    ),
    "no offices": (
        DISTRICTS,
        lambda b: b.replace(b"60000,30000", b"1e-4,30000"),
        "column office_stock_m2: 1e-4 should be between",
    ),
    "dear": (
        DISTRICTS,
        lambda b: b.replace(b",450,", b",1e300,"),
        "row 2, column office_rent: 1e300 should be between 1 and",
    ),
    "amenity": (
        DISTRICTS,
        lambda b: b.replace(b"330,0.2", b"330,1e6"),
        "amenity: 1e6 should be between -5 and 5 log utility",
    ),
    "one place": (DISTRICTS, lambda b: b.replace(b"3.4,1.3", b"0.3,0.2"), "less than a cell from the centre of OT"),
    "many": (
        DISTRICTS,
        lambda b: b + b"".join(b"D%d,x,0,0,1000,1,0,0,x,1,1,1,1,1,0,0,x\n" % i for i in range(10**5)),
        "has 100,004 rows, and at most 100",
    ),
    "anchor": ("city/lakeside/anchors.csv", lambda b: b.replace(b"3.1,0.4", b"31,40"), "are these kilometres?"),
    "grid": (
        DISTRICTS,
        lambda b: b.replace(b"3.4,1.3", b"290,290").replace(b"-1.7,-3.6", b"-290,-290"),
        "at most 400,000 can be drawn",
    ),
    "history": (
        HISTORY,
        lambda b: b.replace(b"0.7673", b"1e30"),
        "history.csv, row 2, column macro_demand: 1e30 should be between",
    ),
    "workers": (
        "city/lakeside.yaml",
        lambda b: b.replace(b"persons: 3000", b"persons: 300000"),
        "at most the 250,000 inhabitants",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_file_is_refused_by_name_and_place(case, own):
    file, spoil, wanted = SPOILT[case]
    before = (own / file).read_bytes()
    (own / file).write_bytes(spoil(before))
    assert (own / file).read_bytes() != before
    assert wanted in told(own, "targets=[lakeside]")


@pytest.mark.parametrize("column, cell", [("low", "nan"), ("high", "inf"), ("weight", "nan"), ("low", "1_0")])
def test_a_target_whose_band_or_weight_is_no_number_is_refused(column, cell, own):
    row = {"value": "100", "low": "80", "high": "120", "weight": "1"} | {column: cell}
    (own / "targets" / "lakeside.csv").write_text(
        "id,unit,role,operator,observed,value,low,high,weight\n"
        f"births,firms,target,startups_founded,2024,{','.join(row.values())}\n"
    )
    assert f"row 2 (births) {column}: {cell} is not a number" in told(own, "targets=[lakeside]")


def test_a_byte_order_mark_and_names_of_another_script_are_read(own):
    """A folder with a quote, a policy and a place for runs in Chinese, files as Windows saves them."""
    policy = (own / "policy" / "toy.yaml").read_text("utf-8").replace("policy.toy", "policy.优惠券")
    (own / "policy" / "优惠券.yaml").write_text(policy, "utf-8")
    for path in own.rglob("*.*"):
        if path.suffix in (".csv", ".yaml"):
            path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    place = str(own).replace("'", "\\'")
    words = [f"configs='{place}'", *SHORT[:-1], "targets=[lakeside]", "policy=[优惠券]", "policy.优惠券.demand=2"]
    assert cli.main([*words, "output=结果"]) == 0
    (folder,) = Path("结果").iterdir()
    assert sim.load(folder).about["policies"] == ["优惠券"]
    (policy,) = configs.load_file(folder / "config.yaml", trusted=True).policies
    assert policy.demand == 2.0


def test_the_smallest_city_that_is_accepted_runs():
    """A scale that leaves 30 persons; a little less is refused."""
    words = (f"configs='{small.OWN}'", "city=lakeside", "end=2024Q4")
    tables = small.run(small.config(*words, "scale=0.01")).panels.tables()
    assert len(tables["city"]) == 76
    with pytest.raises(
        ConfigError, match=r"scale=0.0099: leaves 29.7 of the 3,000 .* at least 30 are needed, scale=0.01"
    ):
        small.config(*words, "scale=0.0099")


# ---------------------------------------------------------------- figures, the screen, faults


@pytest.fixture
def one_run(tmp_path):
    return [f"configs='{small.OWN}'", *SHORT, f"output='{tmp_path}'"]


def test_a_run_is_kept_whatever_becomes_of_its_figures(one_run, tmp_path, monkeypatch, capsys):
    def refuse(*_, **__):
        raise ValueError("no such backend")

    monkeypatch.setattr(records, "_draw", refuse)
    assert cli.main(one_run) == 0
    (folder,) = tmp_path.iterdir()
    assert sim.load(folder).about["status"] == "done"
    assert (
        f"the figures of {folder} could not be drawn, its tables are complete: ValueError: no"
        in capsys.readouterr().err
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full")
def test_a_run_is_kept_where_the_screen_is_full(one_run, tmp_path):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "sim", *one_run]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "sim: the screen could not be written: No space left on device" in done.stderr
    (folder,) = tmp_path.iterdir()
    assert (folder / "DONE").exists()


@pytest.mark.parametrize("words", [["--help"], ["--cfg", "job"]])
def test_a_reader_that_has_enough_ends_a_command_quietly(words):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run([sys.executable, "-m", "sim", *words], stdout=closed, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_letters_that_the_screen_lacks_are_spelled(tmp_path):
    with open(tmp_path / "out", "w", encoding="ascii") as stream:
        screen.Stream(stream).write("上海")
    assert (tmp_path / "out").read_text("ascii") == r"\u4e0a\u6d77"


def test_a_fault_of_the_program_is_a_sentence_with_its_traceback_in_a_file(monkeypatch, capsys, tmp_path):
    def fault(_):
        raise TypeError("of all things")

    monkeypatch.setattr(cli, "_dispatch", fault)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert cli.main([]) == 1
    (file,) = tmp_path.iterdir()
    text = f"sim: internal fault: TypeError: of all things; the traceback is in {file}; please report\n"
    assert capsys.readouterr().err == text
    assert "in fault" in file.read_text("utf-8")
    monkeypatch.setenv("SIM_TRACEBACK", "1")
    assert cli.main([]) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a folder in which nothing can be made")
@pytest.mark.parametrize(
    "words",
    [
        ["output=/proc/x"],
        ["sweep", "seeds=1..1", "folder=/proc/x"],
        ["compare", "runs=2", "workers=1", "without=[]", "policy=[coworking]", "against=none", "store=/proc/x"],
        ["-m", "seed=1,2", "output=/proc/x"],
    ],
    ids=lambda words: words[0],
)
def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    verb = [word for word in words[:1] if "=" not in word]
    assert cli.main([*verb, f"configs='{small.OWN}'", *SHORT[:-1], *words[len(verb) :]]) == 1
    said = capsys.readouterr().err
    assert "sim: cannot write to /proc" in said and "No such file or directory" in said and "internal fault" not in said


def test_a_run_is_found_wherever_its_reader_goes(one_run, tmp_path, monkeypatch):
    assert cli.main(one_run) == 0
    monkeypatch.chdir(tmp_path)
    run = sim.load(next(tmp_path.iterdir()).name)
    monkeypatch.chdir("/")
    assert len(run.city) == 2


def test_replicate_says_where_it_works(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["replicate", "list"]) == 2
    assert "in the folder of the sources" in capsys.readouterr().err
