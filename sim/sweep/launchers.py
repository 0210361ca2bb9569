"""Where tasks run: in this process, in processes of this machine (joblib), in array jobs of a cluster (submitit).

A launcher has

    cores                     tasks that run at one time
    start_seconds             of work that are worth a task: to start one costs a twentieth of it
    run(folder, plan, tasks)  yields what each task returned when it has ended, or None where it was killed; `folder` is
                              that of the sweep, `plan` the id of its plan, `tasks` lists of rows of the plan
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from sim.runs.folders import FolderError, write_json
from sim.settings.fields import number
from sim.settings.refusals import nearest, shown
from sim.sweep.task import compute

NAMES = ("local", "joblib", "slurm")
POLL_SECONDS = 2.0
LATE_SECONDS = 10.0  # that a file of a task that has ended may take to show on a shared disk
SLURM = {
    "minutes": (int, 1, 100_000),
    "memory_gb": (float, 0.1, 10_000),
    "array": (int, 1, 1_000_000),
    "at_once": (int, 1, 100_000),
}


class SchedulerError(FolderError):
    """The scheduler does not answer or refuses."""


def check(settings, workers):
    """What is wrong with the settings of a launcher, as sentences."""
    problems, name = [], settings.get("name")
    if name not in NAMES:
        return [f"launcher.name={shown(name)}: no such launcher{nearest(name, NAMES)}"]
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
                f"launcher.batch_seconds={settings['batch_seconds']:g}: should be at most half of the time limit, "
                f"{settings['minutes']} minutes"
            )
        if not problems and shutil.which("sbatch") is None:
            problems.append("launcher=slurm: sbatch is not found; is this a node of the cluster that may submit?")
    return problems


def launcher(settings, workers):
    """The launcher that checked settings describe; `workers` processes of joblib, None for one a core."""
    if settings["name"] == "slurm":
        return Slurm(settings)
    return Processes(workers or os.cpu_count()) if settings["name"] == "joblib" else Local()


class Local:
    """One task after the other, in this process."""

    cores = 1
    start_seconds = 0.0

    def run(self, folder, plan, tasks):
        for rows in tasks:
            yield compute(folder, plan, rows)


class Processes:
    """Tasks in processes; where one is killed all that are under way are lost, and None is given once."""

    start_seconds = 0.5

    def __init__(self, cores):
        self.cores = cores

    def run(self, folder, plan, tasks):
        with parallel_config(backend="loky", inner_max_num_threads=1):
            pool = Parallel(n_jobs=min(self.cores, len(tasks)), return_as="generator_unordered", batch_size=1)
            try:
                yield from pool(delayed(compute)(folder, plan, rows) for rows in tasks)
            except TerminatedWorkerError:
                yield None


class Slurm:
    """Tasks in array jobs. A task has ended when its result is there, or when the scheduler no longer knows it."""

    start_seconds = 60.0

    def __init__(self, settings):
        self.settings = settings
        self.cores = settings["at_once"]

    def run(self, folder, plan, tasks):
        from submitit.core.utils import FailedJobError

        jobs_folder = Path(folder).resolve() / "jobs"
        jobs_folder.mkdir(exist_ok=True)
        executor = self._executor(jobs_folder)
        waiting = {}
        for low in range(0, len(tasks), self.settings["array"]):
            part = tasks[low : low + self.settings["array"]]
            try:
                with executor.batch():
                    jobs = [executor.submit(compute, str(jobs_folder.parent), plan, rows) for rows in part]
            except FailedJobError as error:
                raise SchedulerError(f"the scheduler refuses: {' '.join(str(error).split())}") from None
            array = jobs[0].job_id.partition("_")[0]
            write_json(jobs_folder / f"{array}.json", {"array": array, "tasks": [job.job_id for job in jobs]})
            waiting |= {job.job_id: Path(job.paths.result_pickle) for job in jobs}
        yield from follow(waiting)

    def _executor(self, jobs_folder):
        import submitit  # of the extra `cluster`

        executor = submitit.AutoExecutor(folder=str(jobs_folder / "%A"), cluster="slurm")
        optional = {key: self.settings[key] for key in ("partition", "account") if self.settings[key] is not None}
        executor.update_parameters(
            name="sim-sweep",
            timeout_min=self.settings["minutes"],
            cpus_per_task=1,
            mem_gb=self.settings["memory_gb"],
            slurm_array_parallelism=self.settings["at_once"],
            slurm_setup=self.settings["setup"],
            slurm_additional_parameters=self.settings["options"],
            **{f"slurm_{key}": value for key, value in optional.items()},
        )
        return executor


def follow(waiting):
    """Yield what the tasks in `waiting` (job id -> file of its result) return; a task that leaves none gives None."""
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


def left_in_queue(folder):
    """Job id -> file of its result, of the tasks of a sweep that an earlier command left in the queue."""
    jobs_folder, waiting = Path(folder).resolve() / "jobs", {}
    arrays = {path: json.loads(path.read_text("utf-8")) for path in jobs_folder.glob("*.json")}
    alive = in_queue({about["array"] for about in arrays.values()})
    for path, about in arrays.items():
        running = [job for job in about["tasks"] if job in alive]
        waiting |= {job: jobs_folder / about["array"] / f"{job}_0_result.pkl" for job in running}
        if not running:
            path.unlink()
    return waiting


def in_queue(arrays):
    """Ids of the tasks of array jobs that the scheduler has, pending or running. Raises SchedulerError."""
    if not arrays:
        return set()
    for _ in range(3):
        answer = subprocess.run(
            ["squeue", "--noheader", "--array", "--format=%i", "--me"], capture_output=True, text=True
        )
        if answer.returncode == 0:
            return {job for job in answer.stdout.split() if job.partition("_")[0] in arrays}
        time.sleep(5 * POLL_SECONDS)
    raise SchedulerError(
        f"squeue: {answer.stderr.strip()}; the tasks go on: repeat the command when the scheduler answers"
    )


def _result(path):
    """What a task returned; its error is raised here, None where it was told to end."""
    import cloudpickle  # comes with submitit

    kind, value = cloudpickle.loads(path.read_bytes())
    if kind == "success":
        return value
    if "KeyboardInterrupt" in value or "SystemExit" in value:  # ended by the scheduler: it kept what was done
        return None
    raise FolderError(f"a task failed on its node:\n{value}")
