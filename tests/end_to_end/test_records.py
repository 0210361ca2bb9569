"""Run folders: nobody shares one, files are whole, and a folder says how its run ended."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas
import pyarrow.parquet
import pytest

import sim
from sim.observables import targets
from sim.runs import checkpoints, folders, records
from sim.runs import fingerprint as provenance
from sim.runs.progress import Progress
from sim.world.calendar import quarter_of
from sim.world.state import Persons, State

START = quarter_of("2006Q1")


@dataclass(frozen=True)
class Policy:
    name: str
    start: str = "2016Q3"


SANDBOX, VISAS = Policy("sandbox"), Policy("talent_visas")


@dataclass(frozen=True)
class Config:
    """The part of a config that records look at."""

    output: str = "runs"
    seed: int = 1
    scale: float = 0.01
    start: int = START
    end: int = START + 7
    threads: int = 1
    checkpoint_quarters: int = 0
    resume: str | None = None
    policies: tuple = ()
    shocks: tuple = ()
    city: SimpleNamespace = None
    targets: tuple = ("press",)
    entry_scale: float = 1.0

    @property
    def resolved(self):
        keys = ("output", "seed", "scale", "start", "end", "threads", "checkpoint_quarters", "resume")
        return {key: getattr(self, key) for key in keys} | {
            "mechanism": {"founding": {"entry_scale": self.entry_scale}},
            "policy": {policy.name: {"start": policy.start} for policy in self.policies},
            "shock": {},
            "configs": str(self.city.folder.parent),
            "calibrated": True,
        }


class Panels:
    def __init__(self):
        self.workforce = []

    def state_dict(self):
        return {"workforce": np.array(self.workforce)}

    def from_state_dict(self, arrays):
        self.workforce = list(arrays["workforce"])

    def tables(self):
        city = pandas.DataFrame({"workforce": self.workforce})
        return dict.fromkeys(records.TABLES, city)


class Ecosystem:
    """A city whose workforce is the last one and a draw of the quarter."""

    on_step = staticmethod(lambda model: None)

    def __init__(self, config):
        self.config, self.quarter, self.panels = config, config.start, Panels()
        self.state = State(Persons(4))
        for name in ("institution_mix", "knowledge", "flows", "events"):
            setattr(self.state, name, np.zeros(3))
        self.state.treasury.append(world=1000)

    def step(self):
        self.on_step(self)
        treasury = self.state.treasury.used
        treasury.world[0] = treasury.world[0] * 3 % 1009 + self.quarter % 7
        self.panels.workforce.append(int(treasury.world[0]))
        self.quarter += 1


def draw(folder):
    (folder / "figures").mkdir()
    (folder / "figures" / "city.svg").write_text("<svg/>")


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A config of the stand-in city, which takes the place of the model for one test."""
    stand_ins = {
        "model": SimpleNamespace(Ecosystem=Ecosystem),
        "plots": SimpleNamespace(draw=draw),
        "observables": SimpleNamespace(
            read_targets=pandas.read_csv,
            targets=targets,
            codebook=lambda: pandas.DataFrame({"table": records.TABLES, "column": "workforce", "unit": "persons"}),
            reported=lambda tables, city, targets: pandas.DataFrame(
                {
                    "id": ["startups_founded_2024"],
                    "reported": [3200.0],
                    "simulated": [3100.0],
                    "unit": "startups/yr",
                    "verdict": "within",
                }
            ),
        ),
    }
    for name, module in stand_ins.items():
        monkeypatch.setitem(sys.modules, f"sim.{name}", module)
        monkeypatch.setattr(sim, name, module, raising=False)
    monkeypatch.setattr(Ecosystem, "on_step", staticmethod(lambda model: None))
    (tmp_path / "sim").mkdir()
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "press.yaml").write_text("# @package targets.press\n")
    (tmp_path / "targets" / "press.csv").write_text("id,value\nstartups_founded_2024,3200\n")
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "sim")  # whose sources nobody edits during a test
    data = tmp_path / "shanghai"
    data.mkdir()
    (data / "history.csv").write_text("quarter,ipo\n2006Q1,3\n")
    (data / "districts.csv").write_text("code,name\nPD,Pudong\n")
    monkeypatch.chdir(tmp_path)
    return Config(city=SimpleNamespace(folder=data))


def changed(config, **values):
    return Config(**{**vars(config), **values})


# ---------------------------------------------------------------- a run that ends well


def test_a_complete_run_leaves_the_whole_folder_and_nothing_else(config, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/sim/__main__.py", "policy=[a b]", "seed=1"])
    folder = records.run_to_folder(config)
    tables = {f"{name}.parquet" for name in records.TABLES}
    assert {path.name for path in folder.iterdir()} == tables | {
        "config.yaml",
        "run.json",
        "reported.csv",
        "codebook.csv",
        "districts.csv",
        "figures",
        "DONE",
    }
    about = json.loads((folder / "run.json").read_text())
    assert about["status"] == "done" and about["command"] == "sim 'policy=[a b]' seed=1" and about["seed"] == 1
    assert about["fingerprint"] == provenance.fingerprint(config)
    assert about["versions"]["python"].startswith("3.") and about["versions"]["numpy"] == np.__version__
    assert set(about["host"]) == {"cores", "arch", "system"}  # and not its name


def test_a_table_carries_its_units_and_the_fingerprint(config):
    folder = records.run_to_folder(config)
    said = json.loads(pyarrow.parquet.read_schema(folder / "city.parquet").metadata[b"sim"])
    assert said == {
        "schema": records.SCHEMA,
        "units": {"workforce": "persons"},
        "scale": 0.01,
        "seed": 1,
        "fingerprint": provenance.fingerprint(config),
    }


def test_the_same_config_gives_the_same_bytes(config):
    one, two = records.run_to_folder(config), records.run_to_folder(config)
    for name in ("city.parquet", "reported.csv", "config.yaml"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_the_end_of_a_run_fits_a_screen_and_names_the_folder(config):
    folder = records.run_to_folder(config)
    summary = sim.load(folder).summary()
    assert str(folder) in summary and "3,200" in summary and "startups founded in 2024" in summary
    assert len(summary.splitlines()) <= 24


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
        records.run_to_folder(changed(config, output=str(tmp_path / "file")))


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_read_only_folder_is_said_before_anything_is_computed(config, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Ecosystem, "on_step", staticmethod(lambda model: pytest.fail("computed")))
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
    def step(model):
        if model.quarter == START + quarters:
            raise error

    return staticmethod(step)


def test_a_run_that_fails_keeps_the_traceback_and_the_config(config, monkeypatch):
    monkeypatch.setattr(Ecosystem, "on_step", break_in(3, ZeroDivisionError("no firms")))
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
def test_a_run_that_is_stopped_says_so(config, monkeypatch, number, reason):
    monkeypatch.setattr(Ecosystem, "on_step", staticmethod(lambda model: signal.raise_signal(number)))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt):
        records.run_to_folder(config)
    (folder,) = Path(config.output).iterdir()
    assert (folder / "FAILED").read_text() == reason + "\n"
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_no_complete_run_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="not the folder of a run"):
        sim.load(tmp_path)
    about = {"schema": records.SCHEMA}
    folders.write_text(tmp_path / "run.json", json.dumps(about))
    with pytest.raises(ValueError, match="running or was killed"):
        sim.load(tmp_path)
    folders.write_text(tmp_path / "run.json", json.dumps({"schema": 0}))
    with pytest.raises(ValueError, match="schema 0"):
        sim.load(tmp_path)


# ---------------------------------------------------------------- the fingerprint


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 2},
        {"scale": 0.02},
        {"end": START + 8},
        {"entry_scale": 1.1},
        {"policies": (SANDBOX,)},
    ],
    ids=str,
)
def test_what_can_change_a_number_changes_the_fingerprint(config, values):
    assert provenance.fingerprint(changed(config, **values)) != provenance.fingerprint(config)


def test_the_order_of_policies_is_in_the_fingerprint(config):
    one, other = (changed(config, policies=policies) for policies in ((SANDBOX, VISAS), (VISAS, SANDBOX)))
    assert provenance.fingerprint(one) != provenance.fingerprint(other)


@pytest.mark.parametrize(
    "values",
    [
        {"output": "elsewhere"},
        {"threads": 2},
        {"checkpoint_quarters": 4},
        {"resume": "a folder"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_cannot_change_a_number_leaves_the_fingerprint(config, values):
    assert provenance.fingerprint(changed(config, **values)) == provenance.fingerprint(config)


def test_data_and_sources_are_in_the_fingerprint(config, tmp_path, monkeypatch):
    first = provenance.fingerprint(config)
    (config.city.folder / "history.csv").write_text("quarter,ipo\n2006Q1,4\n")
    second = provenance.fingerprint(config)
    (config.city.folder / "history.csv").write_bytes(b"quarter,ipo\r\n2006Q1,4\r\n")
    assert first != second == provenance.fingerprint(config)  # and line ends are not
    (tmp_path / "targets" / "press.csv").write_text("id,value\nstartups_founded_2024,3300\n")
    assert second != provenance.fingerprint(config)

    package = tmp_path / "sim"
    (package / "mechanisms").mkdir()
    (package / "plots").mkdir()
    seen = []
    for path in ("mechanisms/founding.py", "model.py", "plots/city.py", "cli.py"):
        (package / path).write_text("x = 1\n")
        seen.append(provenance.fingerprint(config))
    assert len(set(seen)) == 2 and seen[1] == seen[2] == seen[3]
    (package / "mechanisms" / "founding.py").write_text("x = 2\n")
    assert provenance.fingerprint(config) != seen[-1]


def test_the_source_of_a_policy_from_elsewhere_is_in_the_fingerprint(config, tmp_path, monkeypatch):
    seen = []
    for number in (1, 2):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "toy_policy.py").write_text(f"class Toy:\n    name, start = 'toy', None\n    rate = {number}\n")
        with monkeypatch.context() as patch:
            patch.syspath_prepend(place)
            patch.delitem(sys.modules, "toy_policy", raising=False)
            from toy_policy import Toy

            seen.append(provenance.fingerprint(changed(config, policies=(Toy(),))))
            del sys.modules["toy_policy"]
    assert seen[0] != seen[1]


# ---------------------------------------------------------------- going on


def interrupted(config, monkeypatch, quarters):
    """The folder of a run that wrote checkpoints every two quarters and was stopped."""
    monkeypatch.setattr(Ecosystem, "on_step", break_in(quarters, KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        records.run_to_folder(changed(config, checkpoint_quarters=2))
    monkeypatch.setattr(Ecosystem, "on_step", staticmethod(lambda model: None))
    (folder,) = Path(config.output).iterdir()
    return folder


def test_a_resumed_run_has_the_bits_of_one_in_one_go(config, monkeypatch):
    origin = interrupted(config, monkeypatch, quarters=7)
    assert [path.stem for path in sorted((origin / "checkpoints").iterdir())] == ["2007Q1", "2007Q3"]
    began = []
    monkeypatch.setattr(Ecosystem, "on_step", staticmethod(lambda model: began.append(model.quarter)))
    resumed = records.run_to_folder(changed(config, resume=str(origin)))
    assert began == [START + 6, START + 7] and resumed != origin
    monkeypatch.setattr(Ecosystem, "on_step", staticmethod(lambda model: None))
    whole = records.run_to_folder(config)
    assert (resumed / "city.parquet").read_bytes() == (whole / "city.parquet").read_bytes()
    assert json.loads((resumed / "run.json").read_text())["resumed_from"] == f"{origin}, 2007Q3"


def test_a_damaged_checkpoint_gives_way_to_the_one_before(config, monkeypatch):
    origin = interrupted(config, monkeypatch, quarters=7)
    newest = origin / "checkpoints" / "2007Q3.npz"
    content = bytearray(newest.read_bytes())
    content[content.rindex(b"descr")] ^= 1
    newest.write_bytes(content)
    assert checkpoints.last_good(origin, provenance.fingerprint(config)).quarter == START + 4
    newest.write_bytes(content[:100])
    assert checkpoints.last_good(origin, provenance.fingerprint(config)).quarter == START + 4


@pytest.mark.parametrize(
    "values, message",
    [({"seed": 2}, "is another run: seed=1 there and 2 here$"), ({"resume": "nowhere"}, "holds no checkpoint")],
    ids=["another seed", "no folder"],
)
def test_a_folder_that_does_not_fit_is_refused_before_anything_is_written(config, monkeypatch, values, message):
    from sim.settings.refusals import ConfigError

    origin = interrupted(config, monkeypatch, quarters=3)
    with pytest.raises(ConfigError, match=message):
        records.run_to_folder(changed(config, **{"resume": str(origin), **values}))
    (config.city.folder / "history.csv").write_text("quarter,ipo\n2006Q1,4\n")
    with pytest.raises(ConfigError, match="the model or its data have changed since"):
        records.run_to_folder(changed(config, resume=str(origin)))
    assert list(Path(config.output).iterdir()) == [origin]


# ---------------------------------------------------------------- from Python


def test_a_run_in_memory_is_gone_unless_saved(config, tmp_path):
    run = records.run_in_memory(config)
    place = run.folder
    kept = run.save(tmp_path / "kept" / "run")
    assert list(run.city.columns) == ["workforce"] and len(run.city) == 8
    with pytest.raises(FileExistsError, match="overwrites nothing"):
        run.save(kept)
    with pytest.raises(AttributeError, match="a run has no 'citi'"):
        run.citi
    del run
    assert not place.exists()
    assert (kept / "figures" / "city.svg").exists() and [path.name for path in kept.parent.iterdir()] == ["run"]
    assert sim.load(kept).reported.id[0] == "startups_founded_2024"


def test_sim_run_passes_its_settings_on_and_the_folder_keeps_them(config, toy):
    from sim.settings.config import load_file

    run = sim.run(policy=["desk"], seed=2, scale=0.5, end="2006Q4", targets=[], **{"mechanism.growth.rate": 0.25})
    assert repr(run) == "Run(2006Q1 to 2006Q4, seed 2, scale 0.5, desk)" and len(run.city) == 4
    kept = load_file(run.folder / "config.yaml")
    assert kept.params["growth"].rate == 0.25 and provenance.fingerprint(kept) == run.about["fingerprint"]


def test_importing_sim_imports_nothing_that_computes():
    code = "import sys, sim; print([name for name in ('numpy', 'pandas', 'numba', 'mesa', 'hydra') if name in sys.modules])"
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
    assert len(watched(terminal=False, things=1000, seconds=0.01)) == 10
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
