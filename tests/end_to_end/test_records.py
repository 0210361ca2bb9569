"""Run folders: nobody shares one, files are whole, and a folder says how its run ended."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
import small

import sim
from sim.model.ecosystem import Ecosystem
from sim.runs import checkpoints, folders, records
from sim.runs.fingerprint import fingerprint
from sim.runs.progress import Progress
from sim.settings.config import load_file
from sim.settings.refusals import ConfigError
from sim.world.calendar import quarter_of

START = quarter_of("2006Q1")
QUARTERS = 8


def draw(folder, kinds=()):
    """Stands in for the figures, which take longer than these runs."""
    (folder / "figures").mkdir()
    (folder / "figures" / "city.svg").write_text("<svg/>")


@pytest.fixture
def load(tmp_path, monkeypatch):
    """A function from settings to the config of a run of eight quarters of a copy of the made-up city."""
    files = shutil.copytree(small.OWN, tmp_path / "own")
    monkeypatch.setattr("sim.plots.draw", draw)
    monkeypatch.chdir(tmp_path)
    usual = {"city": "lakeside", "targets": "[lakeside]", "scale": 0.1, "end": "2007Q4", "output": "runs"}
    usual["configs"] = f"'{files}'"
    return lambda **keys: small.config(*(f"{key}={value}" for key, value in (usual | keys).items()))


@pytest.fixture
def config(load):
    return load()


@pytest.fixture
def before_step(monkeypatch):
    """A function that has a function of the model called before each step, for the rest of the test."""
    step = Ecosystem.step

    def call(function):
        monkeypatch.setattr(Ecosystem, "step", lambda model: (function(model), step(model)))

    return call


# ---------------------------------------------------------------- a run that ends well


def test_a_complete_run_leaves_the_whole_folder_and_nothing_else(config, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/sim/__main__.py", "policy=[a b]", "seed=1"])
    folder = records.run_to_folder(config)
    files = {"config.yaml", "run.json", "reported.csv", "codebook.csv", "districts.csv", "figures", "DONE"}
    assert {path.name for path in folder.iterdir()} == files | {f"{name}.parquet" for name in records.TABLES}
    about = json.loads((folder / "run.json").read_text())
    assert about["status"] == "done" and about["command"] == "sim 'policy=[a b]' seed=1" and about["seed"] == 1
    assert about["fingerprint"] == fingerprint(config) == fingerprint(load_file(folder / "config.yaml"))
    assert about["versions"]["python"].startswith("3.") and about["versions"]["numpy"] == np.__version__
    assert set(about["host"]) == {"cores", "arch", "system"}  # and not its name


def test_a_table_carries_its_units_and_the_fingerprint(config):
    folder = records.run_to_folder(config)
    metadata = json.loads(pyarrow.parquet.read_schema(folder / "city.parquet").metadata[b"sim"])
    units = metadata.pop("units")
    assert units["workforce"] == "persons" and set(units) == set(pd.read_parquet(folder / "city.parquet"))
    assert metadata == {"schema": records.SCHEMA, "scale": 0.1, "seed": 1, "fingerprint": fingerprint(config)}


def test_the_same_config_gives_the_same_bytes(config):
    one, two = records.run_to_folder(config), records.run_to_folder(config)
    for name in ("city.parquet", "startups.parquet", "reported.csv", "config.yaml"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_end_of_a_run_fits_a_screen_and_names_the_folder(load, monkeypatch):
    monkeypatch.setattr(records, "HEADLINES", {"births": "startups founded in 2012"})
    folder = records.run_to_folder(load(end="2012Q4"))
    summary = sim.load(folder).summary()
    assert str(folder) in summary and "startups founded in 2012" in summary and len(summary.splitlines()) <= 24
    births = pd.read_csv(folder / "reported.csv").set_index("id").loc["births"]
    assert f"{births.simulated:,.0f}" in summary and f"{births.reported:,.0f}" in summary


# ---------------------------------------------------------------- folders


def test_runs_that_start_in_the_same_second_get_a_folder_each(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(folders.time, "strftime", lambda pattern: "20240101-000000")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: folders.new_folder("runs"), range(40)))
    assert len(set(made)) == 40


def test_a_folder_that_is_taken_is_never_handed_out_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = iter(["aaaaaa", "aaaaaa", "bbbbbb"])
    monkeypatch.setattr(folders.time, "strftime", lambda pattern: "20240101-000000")
    monkeypatch.setattr(folders.secrets, "token_hex", lambda length: next(names))
    assert [folders.new_folder("runs").name[-6:] for _ in range(2)] == ["aaaaaa", "bbbbbb"]


def test_a_file_is_whole_or_not_there(tmp_path):
    with pytest.raises(RuntimeError), folders.arriving(tmp_path / "city.parquet") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(tmp_path):
    folders.write_text(tmp_path / "run.json", "old")
    with folders.arriving(tmp_path / "run.json") as temporary:
        temporary.write_text("new")
        assert (tmp_path / "run.json").read_text() == "old"
    assert (tmp_path / "run.json").read_text() == "new"


def test_a_place_that_cannot_be_written_is_said_in_a_line(config, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(folders.FolderError, match="cannot write to .*file: File exists; .*output=FOLDER"):
        records.run_to_folder(config.one_run(output=str(tmp_path / "file")))


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_read_only_folder_is_said_before_anything_is_computed(config, before_step, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "mkdir", refuse)
    before_step(lambda model: pytest.fail("computed"))
    with pytest.raises(folders.FolderError, match=os.strerror(code)):
        records.run_to_folder(config)


def test_a_full_disk_is_said_in_a_line_and_leaves_no_half_table(config, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pyarrow.parquet, "write_table", refuse)
    with pytest.raises(folders.FolderError, match="No space left on device"):
        records.run_to_folder(config)
    (folder,) = Path(config.output).iterdir()
    assert not list(folder.glob("*.parquet")) and not list(folder.glob(".*"))
    assert not (folder / "DONE").exists()


# ---------------------------------------------------------------- a run that does not


def break_in(quarters, error):
    """Raises in the step after so many quarters."""

    def look(model):
        if model.quarter == START + quarters:
            raise error

    return look


def test_a_run_that_fails_keeps_the_traceback_and_the_config(config, before_step):
    before_step(break_in(3, ZeroDivisionError("no firms")))
    with pytest.raises(ZeroDivisionError) as caught:
        records.run_to_folder(config)
    (folder,) = Path(config.output).iterdir()
    text = (folder / "FAILED").read_text()
    assert "Traceback" in text and "ZeroDivisionError: no firms" in text
    assert str(folder) in caught.value.__notes__[0]
    assert json.loads((folder / "run.json").read_text())["status"] == "failed"
    assert (folder / "config.yaml").exists() and not (folder / "DONE").exists()
    with pytest.raises(ValueError, match="not complete: ZeroDivisionError: no firms"):
        sim.load(folder)


@pytest.mark.parametrize("number, reason", [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "interrupted by SIGTERM")])
def test_a_run_that_is_stopped_says_so(config, before_step, number, reason):
    before_step(lambda model: signal.raise_signal(number))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        records.run_to_folder(config)
    (folder,) = Path(config.output).iterdir()
    assert (folder / "FAILED").read_text() == reason + "\n"
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_no_complete_run_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder of results"):
        sim.load(tmp_path)
    folders.write_text(tmp_path / "run.json", json.dumps({"schema": records.SCHEMA}))
    with pytest.raises(ValueError, match="running or was killed"):
        sim.load(tmp_path)
    folders.write_text(tmp_path / "run.json", json.dumps({"schema": 0}))
    with pytest.raises(ValueError, match="schema 0"):
        sim.load(tmp_path)


# ---------------------------------------------------------------- the fingerprint


@pytest.mark.parametrize(
    "settings",
    [{"seed": 2}, {"scale": 0.2}, {"end": "2008Q1"}, {"mechanism.knowledge.decay": 0.05}, {"policy": "[coworking]"}],
    ids=str,
)
def test_what_can_change_a_number_changes_the_fingerprint(load, settings):
    assert fingerprint(load(**settings)) != fingerprint(load())


def test_the_order_of_policies_is_in_the_fingerprint(load):
    one, other = (load(policy=policies) for policies in ("[coworking,talent_homes]", "[talent_homes,coworking]"))
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    "settings", [{"output": "elsewhere"}, {"threads": 2}, {"checkpoint_quarters": 4}, {"resume": "own"}], ids=str
)
def test_what_cannot_change_a_number_leaves_the_fingerprint(load, settings):
    assert fingerprint(load(**settings)) == fingerprint(load())


# ---------------------------------------------------------------- going on


@pytest.fixture
def interrupted(config, before_step):
    """The folder of a run that wrote checkpoints every two quarters and was stopped after seven."""
    before_step(break_in(7, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        records.run_to_folder(config.one_run(checkpoint_quarters=2))
    before_step(lambda model: None)
    (folder,) = Path(config.output).iterdir()
    return folder


def test_a_resumed_run_has_the_bits_of_one_in_one_go(config, interrupted, before_step):
    assert [path.stem for path in sorted((interrupted / "checkpoints").iterdir())] == ["2007Q1", "2007Q3"]
    quarters = []
    before_step(lambda model: quarters.append(model.quarter))
    resumed = records.run_to_folder(config.one_run(resume=str(interrupted)))
    assert quarters == [START + 6, START + 7] and resumed != interrupted
    whole = records.run_to_folder(config)
    for name in records.TABLES:
        one, other = (folder / f"{name}.parquet" for folder in (resumed, whole))
        assert one.read_bytes() == other.read_bytes(), name
    assert json.loads((resumed / "run.json").read_text())["resumed_from"] == f"{interrupted}, 2007Q3"


def test_a_damaged_checkpoint_gives_way_to_the_one_before(config, interrupted):
    newest = interrupted / "checkpoints" / "2007Q3.npz"
    content = bytearray(newest.read_bytes())
    content[content.rindex(b"descr")] ^= 1
    newest.write_bytes(content)
    assert checkpoints.last_good(interrupted, fingerprint(config)).quarter == START + 4
    newest.write_bytes(content[:100])
    assert checkpoints.last_good(interrupted, fingerprint(config)).quarter == START + 4


def test_a_folder_that_does_not_fit_is_refused_before_anything_is_written(load, config, interrupted, tmp_path):
    with pytest.raises(ConfigError, match="is another run: seed=1 there and 2 here$"):
        records.run_to_folder(config.one_run(resume=str(interrupted), seed=2))
    with pytest.raises(ConfigError, match="holds no checkpoint"):
        records.run_to_folder(config.one_run(resume="nowhere"))
    history = tmp_path / "own" / "city" / "lakeside" / "history.csv"
    first, row, *rest = history.read_text("utf-8").splitlines()
    quarter, value, *others = row.split(",")
    history.write_text("\n".join([first, ",".join([quarter, str(2 * float(value)), *others]), *rest]), "utf-8")
    with pytest.raises(ConfigError, match="the model or its data have changed since"):
        records.run_to_folder(load(resume=f"'{interrupted}'"))
    assert list(Path(config.output).iterdir()) == [interrupted]


# ---------------------------------------------------------------- from Python


def test_a_run_in_memory_is_gone_unless_saved(config, tmp_path):
    run = records.run_in_memory(config)
    folder = run.folder
    kept = run.save(tmp_path / "kept" / "run")
    assert len(run.city) == QUARTERS
    with pytest.raises(FileExistsError, match="overwrites nothing"):
        run.save(kept)
    with pytest.raises(AttributeError, match="a run has no 'citi'"):
        run.citi
    del run
    assert not folder.exists()
    assert (kept / "figures" / "city.svg").exists() and [path.name for path in kept.parent.iterdir()] == ["run"]
    assert "births" in set(sim.load(kept).reported.id)


def test_sim_run_passes_its_settings_on_and_the_folder_keeps_them():
    settings = {"configs": str(small.OWN), "city": "lakeside", "mechanism.knowledge.decay": 0.05}
    run = sim.run(policy=["coworking"], seed=2, scale=0.1, end="2006Q2", targets=[], **settings)
    assert repr(run) == "Run(2006Q1 to 2006Q2, seed 2, scale 0.1, coworking)" and len(run.city) == 2
    kept = load_file(run.folder / "config.yaml")
    assert kept.params["knowledge"].decay == 0.05 and fingerprint(kept) == run.about["fingerprint"]


def test_importing_sim_imports_nothing_that_computes():
    code = "import sys, sim; print([n for n in ('numpy', 'pandas', 'numba', 'mesa', 'hydra') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# ---------------------------------------------------------------- progress


class Stream(list):
    """Collects what is written; a terminal or not."""

    def __init__(self, terminal):
        self.isatty = lambda: terminal
        self.write, self.flush = self.append, lambda: None


def watched(terminal, things, seconds):
    stream, now = Stream(terminal), [0.0]
    with Progress(things, stream=stream, clock=lambda: now[0]) as progress:
        for number in range(things):
            now[0] += seconds
            progress.advance(str(number))
    return stream


def test_a_log_gets_a_line_a_tenth_or_a_minute_and_a_terminal_one_line():
    assert len(watched(terminal=False, things=1000, seconds=0.01)) == 9  # nothing in the first two seconds
    assert len(watched(terminal=False, things=20, seconds=45)) == 10
    assert len(watched(terminal=False, things=1000, seconds=1)) == 17
    bar = watched(terminal=True, things=50, seconds=0.2)
    assert bar[-1] == "\n" and all(text.startswith("\r") and "\n" not in text for text in bar[:-1])
    assert "50 of 50 quarters, 5 a second" in bar[-2]


def test_a_log_shows_life_while_nothing_is_done(monkeypatch):
    """As where tasks of ten minutes are out on a cluster."""
    monkeypatch.setattr("sim.runs.progress.LINE_SECONDS", 0.1)
    stream, deadline = Stream(terminal=False), time.monotonic() + 30
    with Progress(10, "runs", done=3, stream=stream):
        while len(stream) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(stream) >= 2 and set(stream) == {"  3 of 10 runs, 0 a second\n"}
    time.sleep(0.3)
    written = len(stream)
    time.sleep(0.5)
    assert len(stream) == written  # the lines end with the work


def test_a_run_in_doubt_says_so_and_one_that_is_not_says_that(config, monkeypatch):
    sure = records.run_in_memory(config)
    assert sure.about["doubts"] == [] and "not certain" not in sure.summary()
    monkeypatch.setattr(records, "doubts", lambda config: ["sim.mechanisms.x has changed on disk since it was loaded"])
    doubtful = records.run_in_memory(config)
    assert (
        doubtful.about["doubts"]
        and "not certain that the fingerprint is of what ran: sim.mechanisms.x" in doubtful.summary()
    )
