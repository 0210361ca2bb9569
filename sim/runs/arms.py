"""Runs of arms: in processes, and each kept under its fingerprint, so that none is computed twice.

An arm is a config, and a comparison runs every arm with every seed. Whoever interrupts keeps what is done: the next
time only the rest is computed. Runs of which it is not certain that their fingerprint is of what runs are computed, and
gone with the process.
"""

import atexit
import functools
import math
import shutil
import sys
import tempfile
from concurrent.futures import FIRST_COMPLETED, wait
from itertools import islice
from pathlib import Path

from sim.observables import outcomes
from sim.runs import common_past, processes
from sim.runs.fingerprint import doubts, fingerprints, instruments
from sim.runs.folders import FolderError, refusals_told
from sim.runs.progress import Progress
from sim.runs.records import announce_compilation


class Edited(FolderError):
    """The code that computes is no longer the code that was asked for."""


def with_seed(config, seed):
    """`config` with other luck, and with one thread."""
    return config.one_run(seed=seed, threads=1)


def run(configs, store, workers):
    """[Reduced] of `configs`, in their order; what `store` (a folder) lacks is simulated by `workers` processes.

    More than one process import the caller's main file, which must therefore be safe to import. Raises what a run
    raises, with a note that says which; FolderError where the disk refuses, Killed where a process ends early, Edited
    where the sources were changed meanwhile.
    """
    uncertain = _uncertain(configs)
    folders = [
        (_shelter() if doubt else Path(store)) / f"{fingerprint}-{outcomes.SCHEMA}"
        for doubt, fingerprint in zip(uncertain, fingerprints(configs), strict=True)
    ]
    missing = {folder: config for folder, config in zip(folders, configs, strict=True) if not folder.exists()}
    silent = not all(config.progress for config in configs)
    with refusals_told(store), Progress(len(missing), "runs", silent=silent) as progress:
        for config in _computed([(config, folder) for folder, config in missing.items()], workers, silent):
            progress.advance(f"seed {config.seed}")
    return [outcomes.Reduced(folder) for folder in folders]


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
    """One run (config, folder), or two with a common past, each to its last quarter and kept in reduced form in its
    folder.
    """
    configs, folders = zip(*runs, strict=True)
    if [folder.name.partition("-")[0] for folder in folders] != fingerprints(configs):
        raise Edited("the sources of the model or of a policy were changed while it ran; ask again")
    simulated = common_past.simulate(configs, outcomes.Arrivals)
    for folder, (config, model, arrivals) in zip(folders, simulated, strict=True):
        tables = model.panels.tables(outcomes.MADE)
        names = [instrument.name for instrument in config.policies + config.shocks]
        tables["policy"] = tables["policy"][tables["policy"]["policy"].isin(names)].reset_index(drop=True)
        outcomes.write(outcomes.of_run(tables, arrivals.table(), config.scale), config.scale, folder)


def _computed(missing, workers, silent):
    """Simulates [(config, folder)] one task after the other or side by side; gives each config when it is done."""
    tasks = _tasks(missing, workers)
    waiting = iter(tasks)
    alone = len(tasks) if min(workers, len(tasks)) < 2 else int(announce_compilation(silent))  # one compiles for all
    for task in islice(waiting, alone):
        simulate(task)
        yield from (config for config, _ in task)
    if alone == len(tasks):
        return
    with processes.pool(min(workers, len(tasks) - alone)) as pool:
        running = {pool.submit(simulate, task): task for task in islice(waiting, workers)}
        while running:  # no queue: an interruption waits only for the tasks under way, and keeps their runs
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                future.result()
                running |= {pool.submit(simulate, task): task for task in islice(waiting, 1)}
                yield from (config for config, _ in task)


def _tasks(missing, workers):
    """[(config, folder)] in lists of one, or of two that are simulated together as far as they have a common past,
    where that is faster.

    The first two stay apart, so that a comparison's placebo is seen to hold and not made to.
    """
    single = [[run] for run in missing]
    related = {}
    for config, folder in missing[2:]:
        related.setdefault(common_past.of(config), []).append((config, folder))
    tasks, longest = single[:2], 1.0
    for runs in related.values():
        for one, *other in (runs[i : i + 2] for i in range(0, len(runs), 2)):
            part = common_past.shared(one[0], other[0][0]) if other else 0.0
            if part > 0.0:
                tasks.append([one, *other])
                longest = max(longest, 2.0 - part)
            else:
                tasks += [[run] for run in (one, *other)]
    return tasks if math.ceil(len(tasks) / workers) * longest < math.ceil(len(single) / workers) else single
