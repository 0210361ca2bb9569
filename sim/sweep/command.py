"""`sim sweep`: many short runs, so that nothing computed is lost and nothing is computed twice.

    sweep.json  the plan last asked for, command, versions, git, machine, how it ended
    plans/      what there is to compute (`plans.py`)
    shards/, failed/, damaged/   what was computed, and what was not (`store.py`)
    jobs/       of a cluster: the tasks in its queue, and their output
    DONE or FAILED    how the last command ended

What is missing is what no shard holds: the same command goes on where the last one stopped, however
that ended. A first task of a few runs compiles the model where its tasks will run and measures them; the others get
so many runs as fill `batch_seconds`, and each leaves one shard.
"""

import math
import os
import statistics
import time
from contextlib import contextmanager
from pathlib import Path

from sim.runs.fingerprint import git_state, host_class, versions
from sim.runs.folders import FolderError, now, outcome, refusals_told, write_json
from sim.runs.progress import Progress, duration
from sim.runs.records import announce_compilation, command_line
from sim.settings.fields import number
from sim.settings.refusals import shown
from sim.sweep import designs, launchers, plans
from sim.sweep.store import KEPT, AnotherSchema, Store, write_failure

TRIAL_SECONDS = 1.0  # of work in the first task
SHARES = 4  # tasks a core at least, so that none waits long for the last
SHOWN = 5  # failures in the end table
GIVE_UP = "the process was killed whenever it came to this run; is there too little memory?\n"
NOT_HERE = {
    "threads": (1, "runs of a sweep have one thread each; launcher=joblib uses every core"),
    "resume": (None, "a sweep goes on by itself when it is repeated"),
    "checkpoint_quarters": (0, "runs of a sweep are kept whole; no checkpoints are written"),
    "seed": (1, "a sweep has seeds=first..last"),
}


class Incomplete(FolderError):
    """Runs of the sweep failed or are missing."""


def check(tree, resolved):
    """What is wrong with the keys of the verb, as sentences."""
    asked, problems = tree["experiment"], []
    problems += designs.check(asked)
    number("design_seed", asked["design_seed"], int, 0, 2**63 - 1, problems)
    if asked["workers"] is not None:
        number("workers", asked["workers"], int, 1, 1024, problems)
    problems += launchers.check(tree.get("launcher") or {}, asked["workers"])
    problems += plans.seed_list(asked["seeds"])[1]
    folder = asked["folder"]
    if folder is not None and (not isinstance(folder, str) or not folder.strip()):
        problems.append(f"folder={shown(folder)}: should be a folder")
    elif folder is not None and any(
        part.exists() and not part.is_dir() for part in (Path(folder), *Path(folder).parents)
    ):
        problems.append(f"folder={folder}: a file stands in its way")
    return problems + [
        f"{key}={shown(resolved[key])}: {why}"
        for key, (usual, why) in NOT_HERE.items()
        if resolved[key] not in (usual, None)
    ]


def command(config):
    """The verb: compute what is missing of a sweep and print how it ended; returns its folder. Raises FolderError."""
    asked = config.experiment
    plan = plans.make(config)
    folder = Path(asked["folder"] or Path("results") / "sweeps" / f"{asked['design']}-{plan.id}")
    with refusals_told(folder, KEPT):
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            sweep(folder, plan, config)
    return folder


def sweep(folder, plan, config):
    """Compute what is missing of `plan` in `folder`. Raises Incomplete where runs failed."""
    about = {
        "plan": plan.id,
        "asked": config.experiment,
        "launcher": config.launcher,
        "command": command_line(),
        "runs": len(plan.runs),
    }
    about |= {"versions": versions(), "git": git_state(), "host": host_class(), "start": now()}
    for mark in ("DONE", "FAILED"):
        (folder / mark).unlink(missing_ok=True)
    plan.write(folder, config.experiment)
    with outcome(folder, about, "sweep.json"):
        write_json(folder / "sweep.json", about | {"status": "running"})
        try:
            store = Store(folder).refresh()
        except AnotherSchema as error:
            raise FolderError(f"{error}; write folder=ANOTHER") from None
        for path in list(store.damaged):
            store.set_aside(path)
            print(f"{path.name} is damaged; it was set aside, and its runs are computed again")
        began = time.monotonic()
        computed = _compute(folder, plan, store, config)
        print(table(folder, plan, store, computed, time.monotonic() - began))
        prints = {known.hex() for known in plan.fingerprints()}
        failed, missing = prints & store.failures().keys(), prints - store.where.keys()
        if missing:
            raise Incomplete(
                f"{len(missing)} of {len(prints)} runs are missing, {len(failed)} of them failed; repeat the command to try them again"
            )


def _compute(folder, plan, store, config):
    """Launch tasks until every run is done or has failed; returns how many runs were done."""
    settings = config.launcher
    begin, workers, plan_id = launchers.LAUNCHERS[settings["name"]], config.experiment["workers"], plan.id
    done_before = len(store.where)
    before = store.failures()
    left, whole = _missing(plan, store, ()), len(set(plan.fingerprints()))
    most = None  # runs in a task, after one was killed
    with Progress(whole, "runs", done=whole - len(left)) as progress:

        def count(results):
            died = False
            for result in results:
                died |= result is None
                if result is not None:
                    progress.advance("sweep", result["done"] + result["failed"])
            store.refresh()
            return died

        if settings["name"] == "slurm":
            waiting, _ = launchers.adopt(folder)
            if waiting:
                print(f"{len(waiting)} tasks of an earlier command are in the queue; their runs are waited for")
                count(launchers.follow(folder, waiting))
                left = _missing(plan, store, ())
        if left and not _measured(plan, store) or left and announce_compilation():
            count(begin(settings, folder, plan_id, [left[: _trial(left)]], 1))
        rounds_lost = 0
        while left := _missing(plan, store, _failed_now(store, before)):
            size = _batch(left, plan, store, settings, launchers.cores(settings, workers))
            size = min(size, most or size)
            tasks = [left[low : low + size] for low in range(0, len(left), size)]
            died = count(begin(settings, folder, plan_id, tasks, workers))
            after = _missing(plan, store, _failed_now(store, before))
            if not after:
                break
            if not died:
                raise RuntimeError("tasks ended without a word about their runs")
            rounds_lost = rounds_lost + 1 if len(after) == len(left) else 0
            if (
                size == 1 and rounds_lost
            ):  # joblib ends all tasks where one is killed: of two runs at work only one may be guilty
                for row in after[:1]:
                    known = plan.runs["fingerprint"][row].as_py().hex()
                    about = {
                        "fingerprint": known,
                        "seed": plan.runs["seed"][row].as_py(),
                        "quarter": None,
                        "call": None,
                        "error": GIVE_UP.strip(),
                    }
                    write_failure(folder, plan.config(row), about, GIVE_UP)
            most = max(1, size // 4)
            print(f"a process was killed; {len(after)} runs are left and go on")
    return len(store.where) - done_before


def _failed_now(store, before):
    """Fingerprints of runs that failed since this command began; those that failed `before` are tried once more."""
    return {known for known, about in store.failures().items() if about != before.get(known)}


def _missing(plan, store, failed):
    """Rows of the plan to compute, one for each fingerprint."""
    first = {}
    for row, known in enumerate(plan.fingerprints()):
        first.setdefault(known, row)
    return [row for known, row in first.items() if known.hex() not in store.where and known.hex() not in failed]


def _measured(plan, store):
    """Seconds of the runs of the plan that are done, and were timed."""
    found = (store.seconds.get(known.hex()) for known in plan.fingerprints())
    return [seconds for seconds in found if seconds is not None]


def _trial(left):
    return min(len(left), 3)


def _batch(left, plan, store, settings, cores):
    """Runs in a task: so many as fill its seconds by the time measured, fewer where every core should get some, but
    worth a start.
    """
    measured, seconds = _measured(plan, store), settings["batch_seconds"]
    each = max(statistics.median(measured), 1e-6) if measured else seconds
    shared = max(-(-len(left) // (SHARES * cores)), math.ceil(launchers.START_SECONDS[settings["name"]] / each))
    return max(1, min(int(seconds / each), shared))


@contextmanager
def alone(folder):
    """Keep other sweeps of this machine or shared disk out of the folder; a lock that the system drops with its
    process.

    Where a disk knows no locks two sweeps may compute a run twice; it counts once in any case.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(folder / ".lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Incomplete(
                f"{folder}: another sweep is at work there ({file.read().strip()}); wait for it, or stop it and repeat the command"
            ) from None
        except OSError:  # no locks on this disk
            pass
        file.truncate(0)
        file.write(f"process {os.getpid()} since {now()}")
        file.flush()
        yield


def told(about):
    """A failure in a line: seed, quarter, call of the step, error."""
    return f"seed {about['seed']}, {about['quarter'] or 'before the first quarter'}, {about['call'] or '-'}: {about['error']}"


def table(folder, plan, store, computed, seconds):
    """How a sweep ended, as a screen of text."""
    prints = {known.hex() for known in plan.fingerprints()}
    done, failures = len(prints & store.where.keys()), {k: v for k, v in store.failures().items() if k in prints}
    twice = len(plan.runs) - len(prints)
    lines = [
        f"{len(plan.arms)} arms, {len(plan.points)} points, {len(plan.runs)} runs planned"
        + (f", {twice} of them the same as others" if twice else ""),
        f"{done} done ({computed} now, in {duration(seconds)}), {len(failures)} failed, {len(prints) - done - len(failures)} missing",
    ]
    for about in list(failures.values())[:SHOWN]:
        lines.append(f"  {told(about)}")
        lines.append(f"    sim rerun {about['folder']}")
    if len(failures) > SHOWN:
        lines.append(f"  and {len(failures) - SHOWN} more in {folder / 'failed'}")
    lines.append(f"in {folder}; next: sim collect {folder}")
    return "\n".join(lines)
