"""Verbs that look at a sweep or a run: status, collect, rerun, verify. Each takes words and returns an exit code."""

import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from sim.runs.folders import FolderError
from sim.runs.progress import Progress, duration
from sim.settings.refusals import ConfigError, nearest

SAMPLE = 5  # runs of a sweep that are recomputed


def _folder(words, verb, keys=()):
    """(the folder named, settings key=value) of the words after a verb; ConfigError where they are anything else."""
    problems = [
        f"{word}: no such key of {verb}{nearest(word.partition('=')[0], keys)}"
        for word in words
        if "=" in word and word.partition("=")[0] not in keys
    ]
    folders = [word for word in words if "=" not in word]
    if len(folders) != 1:
        problems.append(f"{verb}: name one folder, as in sim {verb} FOLDER")
    elif not Path(folders[0]).is_dir():
        problems.append(f"{verb} {folders[0]}: no such folder")
    if problems:
        raise ConfigError(problems)
    return Path(folders[0]), dict(word.split("=", 1) for word in words if "=" in word)


def status(words):
    """Say how far a sweep is; from any shell that sees its folder."""
    from sim.sweep.collect import latest
    from sim.sweep.command import SHOWN, told
    from sim.sweep.store import Store

    folder, _ = _folder(words, "status")
    plan, about = latest(folder)
    store = Store(folder).refresh()
    prints = {known.hex() for known in plan.fingerprints()}
    done, failures = len(prints & store.where.keys()), [f for known, f in store.failures().items() if known in prints]
    size = sum(path.stat().st_size for path in (folder / "shards").glob("*.zip"))
    state = (
        "complete"
        if (folder / "DONE").exists()
        else "stopped"
        if (folder / "FAILED").exists()
        else "at work, or killed"
    )
    print(f"{folder}: {state}, begun {about['start']}")
    print(
        f"{done} of {len(prints)} runs done ({100 * done / len(prints):.1f}%), {len(failures)} failed, {len(prints) - done - len(failures)} missing"
    )
    print(f"{len(store.shards)} shards, {size / 2**20:.1f} MiB, {len(store.damaged)} damaged")
    seconds = [taken for taken in map(store.seconds.get, prints) if taken is not None]
    if seconds and done < len(prints):
        mean = sum(seconds) / len(seconds)
        print(f"{mean:.3g} s a run: {duration(mean * (len(prints) - done - len(failures)))} of one core are left")
    for failure in failures[:SHOWN]:
        print(f"  {told(failure)}; sim rerun {failure['folder']}")
    if (folder / "jobs").is_dir():
        print(_jobs(folder))
    return 0


def _jobs(folder):
    from sim.sweep.launchers import SchedulerError, in_queue

    arrays = {path.stem for path in (folder / "jobs").glob("*.json")}
    try:
        return f"{len(in_queue(arrays))} tasks in the queue of the scheduler"
    except (SchedulerError, FileNotFoundError):
        return "the scheduler cannot be asked from here"


def collect(words):
    """Build one data set of a sweep."""
    from sim.sweep import collect as collecting

    folder, settings = _folder(words, "collect", ("stata",))
    if settings.get("stata", "false") not in ("true", "false"):
        raise ConfigError([f"stata={settings['stata']}: should be true or false"])
    began = time.monotonic()
    place, counts, damaged = collecting.collect(folder, settings.get("stata") == "true")
    print(
        f"{', '.join(f'{n} {status}' for status, n in counts.items())}; {duration(time.monotonic() - began)}, in {place}"
    )
    for path in damaged:
        print(
            f"{path.name} is damaged; it was set aside in {folder / 'damaged'}: repeat the sweep, which computes its runs again"
        )
    return 1 if damaged else 0


def rerun(words):
    """Repeat alone one run, such as a failed one, from the folder that holds its config."""
    from sim.runs import records
    from sim.settings.config import load_file

    folder, settings = _folder(words, "rerun", ("output",))
    if not (folder / "config.yaml").is_file():
        raise ConfigError([f"rerun {folder}: holds no config.yaml of a run"])
    config = load_file(folder / "config.yaml")
    told = {"output": settings.get("output", config.output), "resume": None}
    records.run_to_folder(replace(config, **told, resolved=config.resolved | told))
    return 0


def verify(words):
    """Recompute a run, or a sample of a sweep, and say whether every bit agrees."""
    folder, settings = _folder(words, "verify", ("runs",))
    if (folder / "run.json").is_file():
        found = _verify_run(folder)
    else:
        count = settings.get("runs", str(SAMPLE))
        if not count.isdecimal() or int(count) < 1:
            raise ConfigError([f"runs={count}: should be a whole number from 1"])
        found = _verify_sweep(folder, int(count))
    for line in found:
        print(f"  {line}")
    print(f"{folder}: " + ("NOT verified" if found else "verified, every bit agrees"))
    return 1 if found else 0


def _verify_run(folder):
    """What differs between a run in its folder and the same run computed anew, as sentences."""
    import pyarrow.parquet as parquet

    from sim.runs import records
    from sim.runs.fingerprint import fingerprint
    from sim.settings.config import load_file

    about = json.loads((folder / "run.json").read_text("utf-8"))
    config = load_file(folder / "config.yaml")
    if fingerprint(config) != about["fingerprint"]:
        return [_other_version(about)]
    if not (folder / "DONE").is_file():
        return ["the run is not complete"]
    anew = records.run_in_memory(replace(config, resume=None, checkpoint_quarters=0))
    different = []
    for name in records.TABLES:
        path = folder / f"{name}.parquet"
        try:
            same = parquet.read_table(path).equals(parquet.read_table(anew.folder / f"{name}.parquet"))
        except (OSError, ValueError) as error:
            different.append(f"{path.name}: cannot be read: {error}")
            continue
        different += [] if same or _bits(path) == _bits(anew.folder / path.name) else [f"{path.name}: differs"]
    return different


def _other_version(about):
    commit = (about.get("git") or {}).get("commit") or "not known"
    return f"the model or its data have changed since (commit {commit}): check that version out to verify it"


def _bits(path):
    """Columns of a parquet file, NaN equal to NaN."""
    import pandas as pd

    table = pd.read_parquet(path)
    return [
        (name, column.tolist() if column.dtype == object else str(column.dtype) + column.to_numpy().tobytes().hex())
        for name, column in table.items()
    ]


def _verify_sweep(folder, count):
    """What differs in a sample of the runs that are done, as sentences; all shards are read and their sums checked."""
    import pyarrow as pa

    from sim.sweep import task
    from sim.sweep.collect import latest
    from sim.sweep.store import Damaged, Store, read_tables

    plan, about = latest(folder)
    store = Store(folder).refresh()
    problems = [f"{path.name}: damaged" for path in store.damaged]
    done = [row for row, known in enumerate(plan.fingerprints()) if known.hex() in store.where]
    chosen = sorted(random.Random(plan.id).sample(done, min(count, len(done))))
    if not chosen:
        return [*problems, "no run is done"]
    with Progress(len(chosen), "runs") as progress:
        for row in chosen:
            config, expected = plan.config(row), plan.runs["fingerprint"][row].as_py().hex()
            known, tables = task.recomputed(config)
            if known != expected:
                return [*problems, _other_version(about)]
            path, place = store.where[expected]
            try:
                kept = read_tables(path)
            except Damaged as error:
                problems.append(str(error))
                continue
            mine = {name: table.filter(pa.array(table["run"].to_numpy() == place)) for name, table in kept.items()}
            problems += [
                f"seed {config.seed}, run {expected[:12]}: {name} differs" for name in task.differing(tables, mine)
            ]
            progress.advance("verify")
    print(
        f"{len(chosen)} of {len(done)} runs recomputed: {', '.join(str(plan.runs['seed'][row].as_py()) for row in chosen)} (seeds)"
    )
    return problems


def replicate(words):
    """Rebuild what is committed in results/ and say what came out the same."""
    from sim.sweep.replicate import replicate

    return replicate(words)


VERBS = {"status": status, "collect": collect, "rerun": rerun, "verify": verify, "replicate": replicate}


def answer(verb, words):
    """Do what a verb says; what a folder has against it is told in a line."""
    try:
        return VERBS[verb](words)
    except (FolderError, ValueError) as error:
        print(f"sim: {error}", file=sys.stderr)
        return 1
