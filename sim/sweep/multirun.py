"""`sim -m key=a,b seed=range(1,101)`: Hydra's own sweep, one job a run, each with a folder of its own.

Hydra's sweeper expands the words and its launchers run the jobs: one after the other, in processes (joblib), or as
an array job (submitit). Hydra knows no resuming, so a job that finds its run done, by the fingerprint, leaves it as
it is: the same command again computes only what is missing. A run's folder is named by its fingerprint and lies in
`output`, beside

    multirun-<id>/jobs.json   the words of every job
    multirun-<id>/<n>.json    how job n ended, and where its run is
    multirun-<id>/runs.csv    both, as a table

For many short runs `sim sweep` is the better tool: there a job is many runs.
"""

import hashlib
import importlib
import json
import math
import os
import sys
import traceback
from pathlib import Path

import hydra
import pandas as pd
import pyarrow
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from sim.runs import launchers
from sim.runs.fingerprint import fingerprint
from sim.runs.folders import FolderError, refusals_told, write_csv, write_json
from sim.runs.records import run_to_folder
from sim.settings import extras
from sim.settings.config import load
from sim.settings.hydra_words import quoted, read_back, spelled
from sim.settings.refusals import ConfigError, shown, unknown
from sim.settings.verb import PLAIN
from sim.settings.words import compose

DIGITS = 20  # of a fingerprint that name a run's folder
MOST = 10_000  # jobs; each is a folder of fifteen files, and a mistyped number should not fill the disk
TRIED_ALL = 64  # jobs up to which every combination is checked beforehand


def multirun(words):
    """Run all jobs that the words stand for, print how they ended, return the exit code.

    Raises ConfigError before anything runs, and FolderError where the disk refuses.
    """
    if sys.flags.optimize:
        raise ConfigError(["-m: Hydra's sweeps need Python without -O and PYTHONOPTIMIZE; `sim sweep` runs with them"])
    ours = [word for word in words if not word.startswith("launcher")]
    tree, problems, strangers = compose([word for word in words if word.startswith("launcher")])
    problems += [unknown(key, tree) for key in strangers]
    if not problems:
        problems = extras.missing({"launcher of -m": tree["launcher"]["name"]})
        problems += launchers.check(tree["launcher"] | {"batch_seconds": 1}, None)  # a job is one run here
        if tree["launcher"]["name"] == "files":
            problems.append(
                "launcher=files: of sweep and the verbs that compare or fit; -m has local, joblib and slurm"
            )
    if problems:
        raise ConfigError(problems)
    jobs = expand(ours)
    first = check(jobs)
    folder = Path(first.output) / f"multirun-{hashlib.sha256(json.dumps(jobs).encode()).hexdigest()[:12]}"
    with refusals_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "jobs.json", jobs)
        for old in folder.glob("[0-9]*.json"):
            old.unlink()
    _hydra(
        [
            "-m",
            f"+folder={quoted(str(folder.resolve()))}",
            f"+job=range(0,{len(jobs)})",
            f"hydra.sweep.dir={quoted(str(folder.resolve()))}",
            *launcher_words(tree["launcher"]),
        ]
    )
    return _finish(folder, jobs)


def expand(words):
    """The words of each job, as Hydra's sweeper makes them. Raises ConfigError."""
    parsed, problems = [], []
    for word in words:
        try:
            parsed.append(OverridesParser.create().parse_override(spelled(word)))
        except HydraException:
            problems.append(
                f"{word}: cannot be read; write key=a,b or key=range(1,101) for several values, a list as key=[a,b]"
            )
    keys = [read_back(override.key_or_group) for override in parsed]
    problems += [f"{key}: given twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
    jobs = math.prod(map(_values, parsed))
    if jobs > MOST:
        problems.append(f"-m: {jobs} runs, a folder each: should be {MOST} at most; sim sweep takes more")
    if problems:
        raise ConfigError(problems)
    try:
        return read_back(BasicSweeper.split_arguments(parsed, None)[0])
    except HydraException as error:
        raise ConfigError([read_back(" ".join(str(error).split()))]) from None


def _values(override):
    """How many values a word has, without making them."""
    if override.is_choice_sweep():
        return len(override.value().list)
    if override.is_range_sweep() and override.value().step:
        span = override.value()
        return max(0, math.ceil((span.stop - span.start) / span.step))
    return 1


def check(jobs):
    """The config of the first job.

    Raises ConfigError with what is wrong with any value of any key, or in few jobs with any combination.
    """
    tried = jobs if len(jobs) <= TRIED_ALL else _each_value(jobs)
    problems, first = [], None
    for words in tried:
        try:
            config = load(words)
            first = first or config
        except ConfigError as error:
            problems += [text for text in error.problems if text not in problems]
    if problems:
        raise ConfigError(problems)
    if len({word for words in jobs for word in words if word.startswith("output=")}) > 1:
        raise ConfigError(["output: one place for all runs, please"])
    return first


def _each_value(jobs):
    """So many of the jobs that every value stands in one; of numbers the ends."""
    chosen = {0}
    for key in range(len(jobs[0])):
        seen = {}
        for i, words in enumerate(jobs):
            seen.setdefault(words[key], i)
        numbers = {
            word: float(word.partition("=")[2])
            for word in seen
            if word.partition("=")[2].lstrip("-").replace(".", "", 1).isdecimal()
        }
        ends = {min(numbers, key=numbers.get), max(numbers, key=numbers.get)} if numbers else set()
        chosen |= {i for word, i in seen.items() if word not in numbers or word in ends}
    return [jobs[i] for i in sorted(chosen)]


def launcher_words(settings):
    """What Hydra is told of a launcher."""
    if settings["name"] == "local":
        return ["hydra/launcher=basic"]
    if settings["name"] == "joblib":
        return ["hydra/launcher=joblib", f"hydra.launcher.n_jobs={os.cpu_count()}"]
    words = {
        "partition": settings["partition"],
        "account": settings["account"],
        "timeout_min": settings["minutes"],
        "mem_gb": math.ceil(settings["memory_gb"]),
        "array_parallelism": settings["at_once"],
        "cpus_per_task": 1,
        "setup": [f"'{line}'" for line in settings["setup"]] or None,
    }
    return [
        "hydra/launcher=submitit_slurm",
        f"hydra.sweeper.max_batch_size={settings['array']}",
        *(f"hydra.launcher.{key}={shown(value)}" for key, value in words.items()),
        *(f"+hydra.launcher.additional_parameters.{key}={shown(value)}" for key, value in settings["options"].items()),
    ]


def _hydra(words):
    quiet = ["hydra.output_subdir=null", "hydra/job_logging=none", "hydra/hydra_logging=none", "hydra.job.name=sim"]
    before, sys.argv = sys.argv, ["sim", *words, "hydra.sweep.subdir='hydra-${hydra.job.num}'", *quiet]
    try:
        hydra.main(version_base="1.3", config_path=None)(job)()
    finally:
        sys.argv = before


def job(settings):
    """One job of a multirun: does its run, unless that is done; how it ended is a file, never an exception."""
    folder, number = Path(settings.folder), int(settings.job)
    pyarrow.set_cpu_count(1)
    words = json.loads((folder / "jobs.json").read_text("utf-8"))[number]
    end = {"job": number, "fingerprint": None, "folder": None, "status": "failed", "error": None}
    try:
        config = load(words)
        end |= {"fingerprint": fingerprint(config)} | _run(config)
    except Exception as error:
        traceback.print_exc()
        reasons = error.problems if isinstance(error, ConfigError) else [f"{type(error).__name__}: {error}"]
        end["error"] = "; ".join(reasons)
        notes = [note.partition("The run's folder: ")[2] for note in getattr(error, "__notes__", ())]
        end["folder"] = next(filter(None, notes), None)
    write_json(folder / f"{number}.json", end)
    print(f"{' '.join(words)}: {end['status']}, {end['folder'] or end['error']}")


def _run(config):
    """Do what a config says; a plain run only where no folder of its fingerprint is DONE."""
    if config.experiment["_target_"] != PLAIN["_target_"]:
        module, _, name = config.experiment["_target_"].rpartition(".")
        return {"folder": str(getattr(importlib.import_module(module), name)(config)), "status": "done"}
    name = fingerprint(config)[:DIGITS]
    for done in Path(config.output).glob(f"{name}*/DONE"):
        return {"folder": str(done.parent), "status": "done before"}
    return {"folder": str(run_to_folder(config, name)), "status": "done"}


def _finish(folder, jobs):
    """Write the table of jobs, print how they ended, return the exit code."""
    rows = []
    for number, words in enumerate(jobs):
        path = folder / f"{number}.json"
        if path.exists():
            end = json.loads(path.read_text("utf-8"))
        else:
            end = {"job": number, "status": "killed", "error": "ended without a word"}
        rows.append({"words": " ".join(words), **end})
    table = pd.DataFrame(rows)
    try:
        with refusals_told(folder):
            write_csv(folder / "runs.csv", table)
    except FolderError as error:
        print(f"sim: {error}", file=sys.stderr)
    counts = table["status"].value_counts()
    print(f"{len(jobs)} runs: " + ", ".join(f"{counts[status]} {status}" for status in counts.index))
    bad = table[~table["status"].isin(("done", "done before"))]
    for row in bad.head(5).itertuples():
        again = f"; sim rerun {row.folder}" if isinstance(getattr(row, "folder", None), str) else ""
        print(f"  {row.words}: {row.error}{again}")
    again = "; the same command again computes what is missing" if len(bad) else ""
    print(f"table of all: {folder / 'runs.csv'}{again}")
    return 1 if len(bad) else 0
