"""Runs of arms: in processes, and each kept under its fingerprint, so that none is computed twice.

An arm is a config, and a comparison runs every arm with every seed. Whoever interrupts keeps what is done: the next
time only the rest is computed. Runs of which it is not certain that their fingerprint is of what runs are computed, and
gone with the process.
"""

import atexit
import contextvars
import functools
import math
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from sim.observables import outcomes
from sim.runs import common_past, launchers, processes
from sim.runs import store as entries
from sim.runs.fingerprint import doubts, fingerprints, instruments
from sim.runs.folders import FolderError, refusals_told
from sim.runs.progress import Progress
from sim.runs.records import announce_compilation

TOGETHER = 4  # most runs that share a past in one process, which holds the city of each where it parts


class Edited(FolderError):
    """The code that computes is no longer the code that was asked for."""


def with_seed(config, seed):
    """`config` with other luck, and with one thread."""
    return config.one_run(seed=seed, threads=1)


def run(configs, store, workers, elsewhere=None):
    """[Reduced] of `configs`, in their order; what `store` (a folder) lacks is simulated by `workers` processes, or by
    the launcher `elsewhere`.

    More than one process import the caller's main file, which must therefore be safe to import. Raises what a run
    raises, with a note that says which; FolderError where the disk refuses, Killed where a process ends early, Edited
    where the sources were changed meanwhile.
    """
    paths = addresses(configs, store)
    asked = dict(zip(paths, configs, strict=True))
    silent = not all(config.progress for config in configs)
    with refusals_told(store):
        missing = entries.missing(asked, Path(store) / "damaged", kept)
        with Progress(len(missing), "runs", silent=silent) as progress:
            if elsewhere is not None:  # what goes to no store is computed here in any case
                sent = [(asked[path], path.resolve()) for path in missing if path.parent == Path(store)]
                for more in launchers.kept_by(elsewhere, store, simulate_each, sent, _is_kept):
                    progress.advance("runs", more)
                missing = [path for path in missing if path.parent != Path(store)]
            for config in _computed([(asked[path], path) for path in missing], workers, silent):
                progress.advance(f"seed {config.seed}")
    runs = {path: outcomes.Reduced(entries.Entry(path, outcomes.SCHEMA)) for path in asked}
    if (told := _SPENT.get()) is not None:
        told |= {run.fingerprint: run.seconds for run in runs.values()}
    return [runs[path] for path in paths]


def addresses(configs, store):
    """Where the run of each config is kept: in the folder `store`, or in one that goes with the process."""
    return [
        (_shelter() if doubt else Path(store)) / f"{fingerprint}-{outcomes.SCHEMA}.zip"
        for doubt, fingerprint in zip(_uncertain(configs), fingerprints(configs), strict=True)
    ]


def kept(path):
    """The entry of a run, all of it read. Raises as `Entry.whole`, and Damaged where it is of another run."""
    entry = entries.Entry(path, outcomes.SCHEMA).whole()
    if entry.index.get("fingerprint") != _named(path) or not {"scale", "seconds"} <= entry.index.keys():
        raise entries.Damaged(f"{path}: holds another run")
    return entry


def _named(path):
    """The fingerprint by which an entry is named."""
    return path.name.partition("-")[0]


_SPENT = contextvars.ContextVar("spent", default=None)


@contextmanager
def accounted():
    """Gives a dict that fills with fingerprint -> processor seconds of all runs that are asked for inside, whenever
    they were computed: a command that was interrupted and repeated tells what all its attempts took.
    """
    spent = {}
    before = _SPENT.set(spent)
    try:
        yield spent
    finally:
        _SPENT.reset(before)


def _uncertain(configs):
    """Why each config's runs go to no store, a list of sentences; said once on the screen."""
    known = {}
    for config in configs:
        same = tuple(type(one) for one in instruments(config))
        if same not in known:
            known[same] = doubts(config)
    for reason in dict.fromkeys(reason for reasons in known.values() for reason in reasons):
        print(f"sim: {reason}; these runs are kept in no store", file=sys.stderr)
    return [known[tuple(type(one) for one in instruments(config))] for config in configs]


@functools.cache
def _shelter():
    """A folder that goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="sim-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def simulate(runs):
    """One run (config, path), or some with a common past, each to its last quarter and kept in reduced form as the
    entry of its path. The first is told to have taken the past.
    """
    configs, paths = zip(*runs, strict=True)
    if [_named(path) for path in paths] != fingerprints(configs):
        raise Edited("the sources of the model or of a policy were changed while it ran; ask again")
    began = time.process_time()
    simulated = common_past.simulate(configs, outcomes.Arrivals)
    for path, (config, model, arrivals) in zip(paths, simulated, strict=True):
        tables = model.panels.tables(outcomes.MADE)
        names = [instrument.name for instrument in config.policies + config.shocks]
        tables["policy"] = tables["policy"][tables["policy"]["policy"].isin(names)].reset_index(drop=True)
        index = {
            "schema": outcomes.SCHEMA,
            "fingerprint": _named(path),
            "scale": config.scale,
            "seconds": round(time.process_time() - began, 3),
        }
        entries.write(path, index, outcomes.parts(outcomes.of_run(tables, arrivals.table(), config.scale)))
        began = time.process_time()


def simulate_each(runs):
    """The runs [(config, path)] of a task, one after the other, without those that were kept meanwhile."""
    for run in runs:
        if not _is_kept(run):
            simulate([run])


def _is_kept(run):
    return run[1].exists()


def _computed(missing, workers, silent):
    """Simulates [(config, path)] one task after the other or side by side; gives each config when it is done."""
    tasks = _tasks(missing, workers)
    waiting = iter(tasks)
    alone = len(tasks) if min(workers, len(tasks)) < 2 else int(announce_compilation(silent))  # one compiles for all
    for task in islice(waiting, alone):
        simulate(task)
        yield from (config for config, _ in task)
    if alone == len(tasks):
        return
    beside = ((task, (task,)) for task in waiting)
    for task, _ in processes.as_done(min(workers, len(tasks) - alone), simulate, beside):
        yield from (config for config, _ in task)


def _tasks(missing, workers):
    """[(config, path)] in lists of one, or of a few that are simulated together as far as they have a common past, of
    the number with which all is done soonest.

    The first two stay apart, so that a comparison's placebo is seen to hold and not made to.
    """
    related = {}
    for config, path in missing[2:]:
        related.setdefault(common_past.of(config), []).append((config, path))
    most = min(TOGETHER, max(map(len, related.values()), default=1))
    tried = [_grouped(missing[:2], related.values(), size) for size in range(1, most + 1)]
    tasks, _ = min(tried, key=lambda one: math.ceil(len(one[0]) / workers) * one[1])
    return tasks


def _grouped(apart, related, size):
    """(tasks of `size` runs with a common past where they have one, the longest of them in runs)."""
    tasks, longest = [[run] for run in apart], 1.0
    for runs in related:
        for task in (runs[i : i + size] for i in range(0, len(runs), size)):
            part = common_past.shared(*(config for config, _ in task))
            if part > 0.0:
                tasks.append(task)
                longest = max(longest, len(task) - part)
            else:
                tasks += [[run] for run in task]
    return tasks, longest
