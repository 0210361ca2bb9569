"""Verbs that take a folder instead of settings: status, collect, rerun, verify, task; and replicate, which takes names.

Each takes the words after it and returns an exit code.
"""

import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from sim import plots
from sim.runs import launchers, records
from sim.runs.fingerprint import fingerprint
from sim.runs.folders import FolderError, files_in, read_json, sums, unlike
from sim.runs.launchers import SchedulerError, in_queue
from sim.runs.progress import Progress, duration
from sim.settings.config import load_file
from sim.settings.files import check_new_folder, check_own_folder
from sim.settings.refusals import ConfigError, nearest, shown
from sim.sweep import collect as data_set
from sim.sweep import plans
from sim.sweep.command import SHOWN, failure_line
from sim.sweep.replicate import replicate
from sim.sweep.store import read_tables
from sim.sweep.task import differing, recomputed
from sim.world import sources

SAMPLE = 5  # runs of a sweep that are recomputed


def answer(verb, words):
    """Do what a verb says and return its exit code; what a folder has against it is told in a line."""
    try:
        return VERBS[verb](words)
    except (FolderError, ValueError) as error:
        print(f"sim: {error}", file=sys.stderr)
        return 1


def one_folder(words, verb, keys=()):
    """(the folder named, settings key=value) of the words after a verb. Raises ConfigError where they are anything
    else.
    """
    problems = [
        f"{word}: no such key of {verb}{nearest(word.partition('=')[0], keys)}"
        for word in words
        if "=" in word and word.partition("=")[0] not in keys
    ]
    folders = [word for word in words if "=" not in word]
    if len(folders) != 1:
        problems.append(f"{verb}: name one folder, as in sim {verb} FOLDER")
    elif not os.path.isdir(folders[0]):  # which takes a name too long for one that is not there
        problems.append(f"{verb} {folders[0]}: no such folder")
    if problems:
        raise ConfigError(problems)
    return Path(folders[0]), dict(word.split("=", 1) for word in words if "=" in word)


# ---------------------------------------------------------------- status, collect, rerun


def status(words):
    """Say how far a sweep is; from any shell that sees its folder."""
    folder, _ = one_folder(words, "status")
    plan, about = data_set.latest(folder)
    store = data_set.whole(folder)
    planned = plan.planned()
    counted = store.counts(planned)
    failures = [failure for text, failure in store.failures().items() if text in planned]
    done, missing = counted["done"], counted["missing"]
    size = sum(path.stat().st_size for path in (folder / "shards").glob("*.zip"))
    if (folder / "DONE").exists():
        state = "complete"
    else:
        state = "stopped" if (folder / "FAILED").exists() else "at work, or killed"
    print(f"{folder}: {state}, begun {about['start']}")
    print(
        f"{done} of {len(planned)} runs done ({100 * done / len(planned):.1f}%), {counted['failed']} failed, "
        f"{missing} missing"
    )
    print(f"{len(store.shards)} shards, {size / 2**20:.1f} MiB, {len(store.damaged)} damaged")
    times = [seconds for seconds in map(store.seconds.get, planned) if seconds is not None]
    if times and done < len(planned):
        mean = sum(times) / len(times)
        print(f"{mean:.3g} s a run: {duration(mean * missing)} of one core are left")
    for failure in failures[:SHOWN]:
        print(f"  {failure_line(failure)}; sim rerun {failure['folder']}")
    if (folder / "jobs").is_dir():
        print(_queue(folder))
    return 0


def _queue(folder):
    """How many tasks of a sweep a scheduler has, in words."""
    arrays = {path.stem for path in (folder / "jobs").glob("*.json")}
    try:
        return f"{len(in_queue(arrays))} tasks in the queue of the scheduler"
    except (SchedulerError, FileNotFoundError):
        return "the scheduler cannot be asked from here"


def collect(words):
    """Build one data set of a sweep."""
    folder, settings = one_folder(words, "collect", ("stata",))
    if settings.get("stata", "false") not in ("true", "false"):
        raise ConfigError([f"stata={settings['stata']}: should be true or false"])
    began = time.monotonic()
    collected, counts, damaged = data_set.collect(folder, settings.get("stata") == "true")
    print(f"{_counted(counts)}; {duration(time.monotonic() - began)}, in {collected}")
    if damaged:
        print("repeat the sweep, which computes the runs of damaged shards again")
    return 1 if damaged else 0


def task(words):
    """Do one of the tasks that launcher=files wrote: FOLDER and its number, from 0."""
    if len(words) != 2 or not words[1].isdecimal() or not (Path(words[0]) / f"{words[1]}.task").is_file():
        raise ConfigError([f"task {' '.join(words)}: name the folder of a list of tasks and a number in it, from 0"])
    return launchers.task(Path(words[0]).resolve(), int(words[1]))


def _counted(counts):
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count)


def rerun(words):
    """Repeat alone one run, such as a failed one, from the folder that holds its config."""
    folder, settings = one_folder(words, "rerun", ("output", *TRUST))
    if not (folder / "config.yaml").is_file():
        raise ConfigError([f"rerun {folder}: holds no config.yaml of a run"])
    if refused := check_new_folder("output", settings["output"]) if "output" in settings else []:
        raise ConfigError(refused)
    config = load_file(folder / "config.yaml", _trusted(settings))
    keys = {"output": settings.get("output", config.output), "resume": None}
    records.run_to_folder(replace(config, **keys, resolved=config.resolved | keys))
    return 0


TRUST = ("trust", "configs")  # keys by which the user has code run that is not of the package


def _trusted(settings):
    """Whose code may run beside that of the package: True for the folder that a kept config names, or another folder,
    as its own files; False for nobody's.
    """
    trust, own_folder = settings.get("trust", "false"), settings.get("configs")
    problems = check_own_folder(own_folder) if own_folder is not None else []
    if trust not in ("true", "false"):
        problems.append(f"trust={trust}: should be true or false")
    if problems:
        raise ConfigError(problems)
    trusted = own_folder or trust == "true"
    if trusted:
        sources.look_here()
    return trusted


# ---------------------------------------------------------------- verify


def verify(words):
    """Look at all files of a run and recompute it, or a sample of a sweep, and say whether every bit agrees."""
    folder, settings = one_folder(words, "verify", ("runs", *TRUST))
    trusted = _trusted(settings)
    if (folder / "run.json").is_file():
        problems = _verify_run(folder, trusted)
    else:
        count = settings.get("runs", str(SAMPLE))
        if not count.isdecimal() or int(count) < 1:
            raise ConfigError([f"runs={count}: should be a whole number from 1"])
        problems = _verify_sweep(folder, int(count), trusted)
    for line in problems:
        print(f"  {line}")
    print(f"{folder}: " + ("NOT verified" if problems else "verified, every bit agrees"))
    return 1 if problems else 0


def _verify_run(folder, trusted):
    """What differs between a run in its folder and the same run computed anew, as sentences; where a file is no longer
    what the run wrote, that alone.
    """
    if not (folder / "DONE").is_file():
        return ["the run is not complete"]
    if not sums(folder):
        return ["DONE: holds no sums of the files; the run is of a version that wrote none"]
    if changed := unlike(folder):
        return changed
    about = read_json(folder / "run.json", ("fingerprint",))
    config = load_file(folder / "config.yaml", trusted)
    if fingerprint(config) != about["fingerprint"]:
        return [_other_version(about)]
    anew = records.run_in_memory(replace(config, resume=None, checkpoint_quarters=0))
    if (folder / "figures").is_dir():
        plots.draw(anew.folder)
    problems = [
        f"run.json: {key} is {shown(about.get(key))}, and {shown(anew.about.get(key))} anew"
        for key in {**anew.about, **about}
        if key not in CIRCUMSTANCES and about.get(key) != anew.about.get(key)
    ]
    there, here = (
        {name for name in files_in(one) if not name.startswith("checkpoints/")} for one in (folder, anew.folder)
    )
    problems += [f"{name}: is no file of such a run" for name in sorted(there - here)]
    problems += [f"{name}: is missing" for name in sorted(here - there)]
    return problems + [
        f"{name}: differs" for name in sorted(there & here) if not _same(folder / name, anew.folder / name)
    ]


CIRCUMSTANCES = {"command", "resumed_from", "versions", "git", "host", "start", "end", "seconds"}  # keys of run.json
DRAWN = {".svg", ".pdf"}  # what another version of Matplotlib draws otherwise; the data of figures lie beside them


def _same(kept, anew):
    """Whether a file of a run says what it says where the run is computed anew."""
    if kept.name in ("run.json", "config.yaml") or kept.suffix in DRAWN:  # the first key by key
        return True
    if kept.read_bytes() == anew.read_bytes():
        return True
    if kept.suffix != ".parquet":
        return False
    try:
        return _bits(kept) == _bits(anew)
    except (OSError, ValueError):
        return False


def _other_version(about):
    commit = (about.get("git") or {}).get("commit") or "not known"
    return f"the model or its data have changed since (commit {commit}): check that version out to verify it"


def _bits(path):
    """What a parquet file says, NaN equal to NaN: metadata of the run, and columns with their types."""
    table = pa.parquet.read_table(path)
    return table.schema.metadata.get(b"sim"), [
        (name, column.tolist() if column.dtype == object else str(column.dtype) + column.to_numpy().tobytes().hex())
        for name, column in table.to_pandas().items()
    ]


def _verify_sweep(folder, count, trusted):
    """What differs in a sample of the runs that are done, as sentences; all shards are read and their sums checked."""
    last, about = data_set.latest(folder)
    plan = plans.read(str(folder), last.id, trusted)
    store = data_set.whole(folder)
    problems = [f"{path.name}: damaged" for path in store.damaged]
    rows = {fingerprint.hex(): row for row, fingerprint in reversed(list(enumerate(plan.fingerprints())))}
    done = sorted(rows[fingerprint] for fingerprint in rows.keys() & store.where.keys())
    chosen = sorted(random.Random(plan.id).sample(done, min(count, len(done))))
    if not chosen:
        return [*problems, "no run is done"]
    with Progress(len(chosen), "runs") as progress:
        for row in chosen:
            config, planned = plan.config(row), plan.runs["fingerprint"][row].as_py().hex()
            anew, tables = recomputed(config)
            if anew != planned:
                return [*problems, _other_version(about)]
            path, run = store.where[planned]
            shard = read_tables(path)
            kept = {name: table.filter(pa.array(table["run"].to_numpy() == run)) for name, table in shard.items()}
            problems += [f"seed {config.seed}, run {planned[:12]}: {name} differs" for name in differing(tables, kept)]
            progress.advance("verify")
    seeds = ", ".join(str(plan.runs["seed"][row].as_py()) for row in chosen)
    print(_counted(store.counts(plan.planned())))
    print(f"{len(chosen)} of {len(done)} runs recomputed: {seeds} (seeds)")
    return problems


VERBS = {
    "status": status,
    "collect": collect,
    "rerun": rerun,
    "verify": verify,
    "task": task,
    "replicate": replicate,
}
