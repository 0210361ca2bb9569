"""Where tasks run: in this process, in processes of this machine (joblib), in array jobs of a cluster (submitit).

A launcher gets lists of rows, one a task, and gives what each task returned when it has ended, or None where it was
killed.
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from sim.runs.folders import FolderError, write_json
from sim.settings.fields import number
from sim.settings.refusals import nearest, shown
from sim.sweep.task import compute

POLL_SECONDS = 2.0
LATE_SECONDS = 10.0  # that a file of a task that has ended may take to show on a shared disk
START_SECONDS = {
    "local": 0.0,
    "joblib": 0.5,
    "slurm": 60.0,
}  # of work that are worth a task: to start one costs a twentieth of it
SLURM = {
    "minutes": (int, 1, 100_000),
    "memory_gb": (float, 0.1, 10_000),
    "array": (int, 1, 1_000_000),
    "at_once": (int, 1, 100_000),
}


def check(settings, workers):
    """What is wrong with the settings of a launcher, as sentences."""
    problems, name = [], settings.get("name")
    if name not in LAUNCHERS:
        return [f"launcher.name={shown(name)}: no such launcher{nearest(name, LAUNCHERS)}"]
    number("launcher.batch_seconds", settings["batch_seconds"], float, 0.1, 1e6, problems)
    if workers is not None and name != "joblib":
        instead = "launcher.at_once=N limits tasks" if name == "slurm" else "launcher=local is one process"
        problems.append(f"workers={shown(workers)}: of launcher=joblib; {instead}")
    if name == "slurm":
        for key, (kind, low, high) in SLURM.items():
            number(f"launcher.{key}", settings[key], kind, low, high, problems)
        wrong = [key for key in ("partition", "account") if not isinstance(settings[key], (str, type(None)))]
        problems += [f"launcher.{key}={shown(settings[key])}: should be text" for key in wrong]
        if not isinstance(settings["setup"], list):
            problems.append(f"launcher.setup={shown(settings['setup'])}: should be a list of lines of shell")
        if not isinstance(settings["options"], dict):
            problems.append(f"launcher.options={shown(settings['options'])}: should be {{option:value}}")
        if not problems and settings["batch_seconds"] > 30 * settings["minutes"]:
            problems.append(
                f"launcher.batch_seconds={settings['batch_seconds']:g}: should be at most half of the time limit, {settings['minutes']} minutes"
            )
        if not problems and shutil.which("sbatch") is None:
            problems.append("launcher=slurm: sbatch is not found; is this a node of the cluster that may submit?")
    return problems


def cores(settings, workers):
    """Tasks that run at one time."""
    if settings["name"] == "slurm":
        return settings["at_once"]
    return 1 if settings["name"] == "local" else workers or os.cpu_count()


def local(settings, folder, plan, tasks, workers):
    """One task after the other, in this process."""
    for rows in tasks:
        yield compute(folder, plan, rows)


def processes(settings, folder, plan, tasks, workers):
    """Tasks in processes; where one is killed all that are under way are lost, and None is given once."""
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with parallel_config(backend="loky", inner_max_num_threads=1):
        pool = Parallel(
            n_jobs=min(workers or os.cpu_count(), len(tasks)), return_as="generator_unordered", batch_size=1
        )
        try:
            yield from pool(delayed(compute)(folder, plan, rows) for rows in tasks)
        except TerminatedWorkerError:
            yield None


def slurm(settings, folder, plan, tasks, workers):
    """Tasks in array jobs. A task has ended when its result is there, or when the scheduler no longer knows it."""
    from submitit.core.utils import FailedJobError

    executor = _executor(settings, folder)
    waiting = {}
    for low in range(0, len(tasks), settings["array"]):
        part = tasks[low : low + settings["array"]]
        try:
            with executor.batch():
                jobs = [executor.submit(compute, str(Path(folder).resolve()), plan, rows) for rows in part]
        except FailedJobError as error:
            raise SchedulerError(f"the scheduler refuses: {' '.join(str(error).split())}") from None
        array = jobs[0].job_id.partition("_")[0]
        queued = {job.job_id: rows for job, rows in zip(jobs, part, strict=True)}
        write_json(Path(folder) / "jobs" / f"{array}.json", {"array": array, "plan": plan, "tasks": queued})
        waiting |= {job.job_id: Path(job.paths.result_pickle) for job in jobs}
    yield from follow(folder, waiting)


def follow(folder, waiting):
    """Give what the tasks in `waiting` (job id -> file of its result) return; a task that leaves none gives None."""
    gone = {}
    while waiting:
        alive = in_queue({job.partition("_")[0] for job in waiting})
        for job, path in list(waiting.items()):
            if path.exists():
                yield _result(path)
            elif job in alive:
                gone.pop(job, None)
                continue
            elif time.monotonic() - gone.setdefault(job, time.monotonic()) < LATE_SECONDS:
                continue
            else:
                yield None
            del waiting[job]
        if waiting:
            time.sleep(POLL_SECONDS)


def adopt(folder):
    """{job id: file of its result}, {job id:

    (plan, rows)} of tasks of this folder that an earlier command left in the queue.
    """
    records = {path: json.loads(path.read_text("utf-8")) for path in (Path(folder) / "jobs").glob("*.json")}
    alive = in_queue({about["array"] for about in records.values()}) if records else set()
    waiting, rows = {}, {}
    for path, about in records.items():
        running = {job: of for job, of in about["tasks"].items() if job in alive}
        for job, of in running.items():
            waiting[job] = Path(folder).resolve() / "jobs" / about["array"] / f"{job}_0_result.pkl"
            rows[job] = (about["plan"], of)
        if not running:
            path.unlink()
    return waiting, rows


def in_queue(arrays):
    """Ids of the tasks of array jobs that the scheduler has, pending or running."""
    if not arrays:
        return set()
    for _ in range(3):
        asked = subprocess.run(
            ["squeue", "--noheader", "--array", "--format=%i", "--me"], capture_output=True, text=True
        )
        if asked.returncode == 0:
            return {job for job in asked.stdout.split() if job.partition("_")[0] in arrays}
        time.sleep(5 * POLL_SECONDS)
    raise SchedulerError(
        f"squeue: {asked.stderr.strip()}; the tasks go on: repeat the command when the scheduler answers"
    )


class SchedulerError(FolderError):
    """The scheduler does not answer or refuses."""


def _result(path):
    """What a task returned; its error is raised here, None where it was told to end."""
    import cloudpickle

    kind, value = cloudpickle.loads(path.read_bytes())
    if kind == "success":
        return value
    if "KeyboardInterrupt" in value or "SystemExit" in value:  # ended by the scheduler: it kept what was done
        return None
    raise FolderError(f"a task failed on its node:\n{value}")


def _executor(settings, folder):
    import submitit

    place = Path(folder).resolve() / "jobs"
    place.mkdir(exist_ok=True)
    executor = submitit.AutoExecutor(folder=str(place / "%A"), cluster="slurm")
    named = {f"slurm_{key}": settings[key] for key in ("partition", "account") if settings[key] is not None}
    executor.update_parameters(
        name="sim-sweep",
        timeout_min=settings["minutes"],
        cpus_per_task=1,
        mem_gb=settings["memory_gb"],
        slurm_array_parallelism=settings["at_once"],
        slurm_setup=settings["setup"],
        slurm_additional_parameters=settings["options"],
        **named,
    )
    return executor


LAUNCHERS = {"local": local, "joblib": processes, "slurm": slurm}
