"""`sim sweep`: many short runs, so that nothing computed is lost and nothing is computed twice.

    sweep.json                  the plan last asked for, command, versions, git, machine, how it ended
    plans/                      what there is to compute (`plans.py`)
    shards/, failed/, damaged/  what was computed, and what was not (`store.py`)
    jobs/                       of a cluster: the tasks in its queue, and their output
    tasks/                      of launcher=files: lists of tasks, and how each ended
    DONE or FAILED              how the last command ended

What is missing is what no shard holds: the same command goes on where the last one stopped, however that ended. A
first task of a few runs compiles the model where its tasks will run and measures them; the others get so many runs as
fill `batch_seconds`, and each leaves one shard.
"""

import math
import statistics
import time
from contextlib import contextmanager
from pathlib import Path

from sim.runs import amount, launchers
from sim.runs.fingerprint import git_state, host_class, versions
from sim.runs.folders import FolderError, now, outcome, read_json, refusals_told, write_json
from sim.runs.launchers import SchedulerError
from sim.runs.progress import Progress, duration
from sim.runs.records import announce_compilation, command_line
from sim.runs.store import AnotherSchema, Held, locked
from sim.settings.fields import number
from sim.settings.files import CONFIGS, check_new_folder, read_yaml
from sim.settings.refusals import ConfigError, shown
from sim.sweep import designs, plans
from sim.sweep.store import KEPT, Store, write_failure
from sim.sweep.task import compute

TRIAL = 3  # runs of the first task
SHOWN = 5  # failures in the end table
FUTILE = 3  # times that tasks may be told to end without having done a run
GIVE_UP = "the process was killed whenever it came to this run"
NO_LOG = "; the output of the scheduler's job says why"
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
    problems += launchers.check(tree.get("launcher"), asked["workers"])
    seeds, wrong = plans.seed_list(asked["seeds"])
    problems += wrong
    if not problems and isinstance(asked["arms"], dict):
        problems += plans.too_many(designs.count(asked), asked["arms"], seeds)
    if asked["folder"] is not None:
        problems += check_new_folder("folder", asked["folder"]) or _taken(Path(asked["folder"]))
    if resolved["output"] != read_yaml(CONFIGS / "config.yaml")["output"]:
        problems.append(f"output={shown(resolved['output'])}: a sweep is kept where folder=FOLDER says")
    problems += amount.check(asked)
    return problems + [
        f"{key}={shown(resolved[key])}: {why}"
        for key, (usual, why) in NOT_HERE.items()
        if resolved[key] not in (usual, None)
    ]


def _taken(folder):
    """That a folder holds what another verb has left, as sentences."""
    ended = any((folder / name).exists() for name in ("DONE", "FAILED", "run.json"))
    if not ended or (folder / "sweep.json").exists() or (folder / "plans").exists():
        return []
    return [f"folder={folder}: holds the results of another verb; choose another place"]


def command(config):
    """The verb: compute what is missing of a sweep and print how it ended; returns its folder, None where it only says
    how many runs that is.

    Raises ConfigError where the design cannot be made, and FolderError where the disk refuses or runs failed.
    """
    plan = plans.make(config)
    folder = _folder(config, plan)
    _no_other_design(folder, plan)
    store = _store(folder)
    if amount.told(config, _amount(config, plan, store)):
        return None
    with refusals_told(folder, KEPT):
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            sweep(folder, plan, store, config)
    return folder


def _folder(config, plan):
    """Where a sweep is kept."""
    asked = config.experiment
    return Path(asked["folder"] or Path("results") / "sweeps" / f"{asked['design']}-{plan.id}")


def _amount(config, plan, store):
    """The Amount of runs of a plan, as far as the shards of its folder hold them."""
    planned = plan.planned()
    known = [store.seconds[fingerprint] for fingerprint in planned & store.seconds.keys()]
    cores = launchers.launcher(config.launcher, config.experiment["workers"]).cores
    return amount.counted(len(planned), len(known), config, cores, [each for each in known if each is not None])


def _store(folder):
    """What the folder holds. Raises FolderError where another version of the program wrote it."""
    try:
        return Store(folder).refresh()
    except AnotherSchema as error:
        raise FolderError(f"{error}; write folder=ANOTHER") from None


def _no_other_design(folder, plan):
    """Raises ConfigError where the folder was asked for runs that the plan does not have: points of both would have the
    same numbers.
    """
    if not (folder / "sweep.json").is_file():
        return
    before = read_json(folder / "sweep.json", ("plan",))["plan"]
    if before == plan.id:
        return
    try:
        run = plans.lacking(plan, plans.read(str(folder), before), plans.trees(folder, before))
    except (ConfigError, FileNotFoundError):  # what is kept of it cannot be read
        return
    if run:
        raise ConfigError(
            [f"folder={folder}: holds another design, with runs that this one lacks ({run}); write folder=ANOTHER"]
        )


def sweep(folder, plan, store, config):
    """Compute what is missing of `plan` in `folder`, whose Store this is. Raises Incomplete where runs failed."""
    about = {
        "plan": plan.id,
        "asked": config.experiment,
        "launcher": config.launcher,
        "command": command_line(),
        "runs": len(plan.runs),
        "versions": versions(),
        "git": git_state(),
        "host": host_class(),
        "start": now(),
    }
    for mark in ("DONE", "FAILED"):
        (folder / mark).unlink(missing_ok=True)
    plan.write(folder, config.experiment)
    with outcome(folder, about, "sweep.json"):
        write_json(folder / "sweep.json", about | {"status": "running"})
        store.refresh().set_aside()
        began = time.monotonic()
        computed = _compute(folder, plan, store, config)
        print(table(folder, plan, store, computed, time.monotonic() - began))
        counted = store.counts(plan.planned())
        if missing := counted["failed"] + counted["missing"]:
            raise Incomplete(
                f"{missing} of {sum(counted.values())} runs are missing, {counted['failed']} of them failed; repeat "
                "the command to try them again"
            )


def _compute(folder, plan, store, config):
    """Launch tasks until every run is done or has failed; returns how many runs were done."""
    launcher = launchers.launcher(config.launcher, config.experiment["workers"])
    done_before, failed_before = len(store.where), store.failures()
    left, runs = _missing(plan, store, ()), len(set(plan.fingerprints()))
    with Progress(runs, "runs", done=runs - len(left), silent=not config.progress) as progress:

        def done_by(who, parts):
            """Have runs computed and look at what was kept; gives the tasks that were lost."""
            return count(who.run(folder, compute, [(str(folder.resolve()), plan.id, rows) for rows in parts]))

        def count(results):
            lost = []
            for result in results:
                if isinstance(result, launchers.Lost):
                    lost.append(result)
                else:
                    progress.advance("sweep", result["done"] + result["failed"])
            store.refresh()
            return lost

        if config.launcher["name"] == "slurm" and (waiting := launchers.left_in_queue(folder)):
            print(f"{len(waiting)} tasks of an earlier command are in the queue; their runs are waited for")
            count(launchers.follow(waiting))
            left = _missing(plan, store, ())
        if left and (not _measured(plan, store) or announce_compilation()):
            trial = launchers.Local() if config.launcher["name"] == "files" else launcher
            _none_began(done_by(trial, [left[:TRIAL]]))
        most, futile = None, 0  # runs in a task, after one was killed; rounds in which tasks were told to end at once
        while left := _missing(plan, store, _failed_now(store, failed_before)):
            size = batch_size(
                left=len(left),
                measured=_measured(plan, store),
                launcher=launcher,
                batch_seconds=config.launcher["batch_seconds"],
            )
            size = min(size, most or size)
            lost = done_by(launcher, [left[i : i + size] for i in range(0, len(left), size)])
            after = _missing(plan, store, _failed_now(store, failed_before))
            if not after:
                break
            if not lost:
                raise RuntimeError("tasks ended without a word about their runs")
            if len(after) == len(left):
                _none_began(lost)
                told = next((one for one in lost if one.how == "told to end"), None)
                futile += told is not None
                if futile == FUTILE:
                    raise SchedulerError(f"tasks are told to end before they have done a run{told.why}")
                if told is None and size == 1:  # give up one: joblib ends all tasks where a single one is guilty
                    _give_up(folder, plan, after[0], lost[0].why)
            most = max(1, size // 4)
            print(f"{len(lost)} tasks were lost ({lost[0].how}); {len(after)} runs are left and go on")
    return len(store.where) - done_before


def _none_began(lost):
    """Raises SchedulerError where tasks ended before they began: that is no fault of their runs."""
    unborn = [one for one in lost if one.how == "not begun"]
    if unborn:
        raise SchedulerError(
            f"{len(unborn)} tasks ended before Python began, so no run was tried{unborn[0].why or NO_LOG}"
        )


def _give_up(folder, plan, row, why):
    """Take a run, at which its process is killed each time, for failed."""
    reason = GIVE_UP + (why or "; is there too little memory?")
    about = {
        "fingerprint": plan.runs["fingerprint"][row].as_py().hex(),
        "seed": plan.runs["seed"][row].as_py(),
        "quarter": None,
        "call": None,
        "error": reason.splitlines()[0],
    }
    write_failure(folder, plan.config(row), about, f"{reason}\n")


def _failed_now(store, before):
    """Fingerprints of runs that failed since this command began; those that failed `before` are tried once more."""
    return {fingerprint for fingerprint, about in store.failures().items() if about != before.get(fingerprint)}


def _missing(plan, store, failed):
    """Rows of the plan to compute, one for each fingerprint."""
    first = {}
    for row, fingerprint in enumerate(plan.fingerprints()):
        first.setdefault(fingerprint.hex(), row)
    return [row for text, row in first.items() if text not in store.where and text not in failed]


def _measured(plan, store):
    """Seconds of the runs of the plan that are done, and were timed."""
    times = (store.seconds.get(fingerprint.hex()) for fingerprint in plan.fingerprints())
    return [seconds for seconds in times if seconds is not None]


def batch_size(left, measured, launcher, batch_seconds):
    """Runs in a task, of `left` runs: so many as fill `batch_seconds` by the times `measured`, fewer where every core
    should get some, but worth a start; where there are more tasks than cores, so many that the last ones fill them too.
    """
    seconds = max(statistics.median(measured), 1e-6) if measured else batch_seconds
    shared = max(-(-left // (launchers.SHARES * launcher.cores)), math.ceil(launcher.start_seconds / seconds))
    size = max(1, min(int(batch_seconds / seconds), shared))
    rounds = math.ceil(left / (size * launcher.cores))
    return math.ceil(left / (rounds * launcher.cores)) if rounds > 1 else size


@contextmanager
def alone(folder):
    """Keep other sweeps of this machine or shared disk out of the folder; a lock that the system drops with its
    process.

    Where a disk knows no locks two sweeps may compute a run twice; it counts once in any case.
    """
    try:
        with locked(folder / ".lock", wait=False):
            yield
    except Held as holder:
        raise Incomplete(
            f"{folder}: another sweep is at work there ({holder}); wait for it, or stop it and repeat the command"
        ) from None


def failure_line(about):
    """A failure in a line: seed, quarter, call of the step, error."""
    quarter, call = about["quarter"] or "before the first quarter", about["call"] or "-"
    return f"seed {about['seed']}, {quarter}, {call}: {about['error']}"


def table(folder, plan, store, computed, seconds):
    """How a sweep ended, as a screen of text."""
    planned = plan.planned()
    counted = store.counts(planned)
    failures = [about for fingerprint, about in store.failures().items() if fingerprint in planned]
    twice = len(plan.runs) - len(planned)
    lines = [
        f"{len(plan.arms)} arms, {len(plan.points)} points, {len(plan.runs)} runs planned"
        + (f", {twice} of them the same as others" if twice else ""),
        f"{counted['done']} done ({computed} now, in {duration(seconds)}), {counted['failed']} failed, "
        f"{counted['missing']} missing",
    ]
    for about in failures[:SHOWN]:
        lines.append(f"  {failure_line(about)}")
        lines.append(f"    sim rerun {about['folder']}")
    if len(failures) > SHOWN:
        lines.append(f"  and {len(failures) - SHOWN} more in {folder / 'failed'}")
    lines.append(f"in {folder}; next: sim collect {folder}")
    return "\n".join(lines)
