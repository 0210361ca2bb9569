"""Where tasks run: in this process, in processes of this machine (joblib), in array jobs of a cluster (submitit), or
wherever one likes (files).

A task is a function of a module and its arguments; what it computes it keeps itself, in files that appear whole. A
launcher has

    cores                         tasks that run at one time
    start_seconds                 of work that are worth a task: to start one costs a twentieth of it
    run(folder, function, tasks)  yields what each task returned when it has ended, or a Lost where it did not return;
                                  `folder` is where jobs may leave their files, `tasks` a list of arguments

so that who asks looks afterwards at what was kept, and asks again for what was not.
"""

import json
import os
import pickle
import secrets
import shlex
import shutil
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from sim.runs.folders import FolderError, arriving, read_json, write_json, write_text
from sim.settings.fields import number
from sim.settings.refusals import nearest, shown

NAMES = ("local", "joblib", "slurm", "files")
HERE = {"name": "local", "batch_seconds": 30}
SHARES = 4  # tasks a core at least, so that none waits long for the last
POLL_SECONDS = 2.0
PATIENCE = (2.0, 10.0)  # seconds before a scheduler that did not answer is asked again
ANSWER_SECONDS = 60.0  # that a scheduler may take
REFUSED = ("invalid", "denied", "not permitted", "not allowed")  # by a scheduler, for good
LAST_LINES = 6  # of a log that are shown
LATE_SECONDS = 10.0  # that a file of a task that has ended may take to show on a shared disk
SLURM = {
    "minutes": (int, 1, 100_000),
    "memory_gb": (float, 0.1, 10_000),
    "array": (int, 1, 1_000_000),
    "at_once": (int, 1, 100_000),
}


class SchedulerError(FolderError):
    """The scheduler does not answer or refuses."""


class Handed(FolderError):
    """Tasks were written for others to run."""


@dataclass(frozen=True)
class Lost:
    """A task that did not return: `how` is killed, told to end, or not begun; `log` the file that may say why."""

    how: str
    log: Path | None = None

    @property
    def why(self):
        """The last lines of the log and its name, as text that may end a sentence."""
        if self.log is None:
            return ""
        lines = [line for line in _text(self.log).splitlines() if line.strip()][-LAST_LINES:]
        return f"; {self.log} " + ("ends with:\n" + "\n".join(f"    {line}" for line in lines) if lines else "is empty")


def _text(path):
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def check(settings, workers=None):
    """What is wrong with the settings of a launcher, as sentences; None is runs here."""
    settings = settings or HERE
    problems, name = [], settings.get("name")
    if name not in NAMES:
        return [f"launcher.name={shown(name)}: no such launcher{nearest(name, NAMES)}"]
    number("launcher.batch_seconds", settings["batch_seconds"], float, 0.1, 1e6, problems)
    if workers is not None and name != "joblib":
        instead = "launcher=local is one process" if name == "local" else "launcher.at_once=N limits tasks"
        problems.append(f"workers={shown(workers)}: of launcher=joblib; {instead}")
    if name == "files":
        number("launcher.at_once", settings["at_once"], int, 1, 100_000, problems)
        if not isinstance(settings["submit"], (str, type(None))):
            problems.append(f"launcher.submit={shown(settings['submit'])}: should be a line of shell")
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


def elsewhere(settings):
    """The launcher by which runs are computed on other machines, None where they are computed on this one."""
    return launcher(settings, None) if settings and settings["name"] in ("slurm", "files") else None


def at_once(settings, workers):
    """How many tasks run at one time: those of a launcher elsewhere, or `workers` processes here."""
    there = elsewhere(settings)
    return there.cores if there else workers


def launcher(settings, workers):
    """The launcher that checked settings describe; `workers` processes of joblib, None for one a core."""
    if settings["name"] == "slurm":
        return Slurm(settings)
    if settings["name"] == "files":
        return Files(settings)
    return Processes(workers or os.cpu_count()) if settings["name"] == "joblib" else Local()


class Local:
    """One task after the other, in this process."""

    cores = 1
    start_seconds = 0.0

    def run(self, _folder, function, tasks):
        for arguments in tasks:
            yield function(*arguments)


class Processes:
    """Tasks in processes; where one is killed all that are under way are lost, and one Lost is given."""

    start_seconds = 0.5

    def __init__(self, cores):
        self.cores = cores

    def run(self, _folder, function, tasks):
        from joblib import Parallel, delayed, parallel_config  # takes its time, and most commands need none
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        with parallel_config(backend="loky", inner_max_num_threads=1):
            pool = Parallel(n_jobs=min(self.cores, len(tasks)), return_as="generator_unordered", batch_size=1)
            try:
                yield from pool(delayed(function)(*arguments) for arguments in tasks)
            except TerminatedWorkerError:
                yield Lost("killed")


class Files:
    """Tasks as files, with a list of commands of which each does one: for any scheduler, or for none.

    Where `submit` is a line of shell, it is called for each list and should return when the tasks have ended; else the
    list is left, and the command repeated when they have.
    """

    start_seconds = 60.0

    def __init__(self, settings):
        self.settings = settings
        self.cores = settings["at_once"]

    def run(self, folder, function, tasks):
        place = Path(folder).resolve() / "tasks" / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        place.mkdir(parents=True)
        for i, arguments in enumerate(tasks):
            with arriving(place / f"{i}.task") as temporary:
                temporary.write_bytes(pickle.dumps((function, arguments)))
        write_json(place / "about.json", {"tasks": len(tasks), "directory": os.getcwd(), "path": sys.path})
        write_text(place / "list.txt", "".join(f"sim task {shlex.quote(str(place))} {i}\n" for i in range(len(tasks))))
        if self.settings["submit"] is None:
            raise Handed(
                f"{len(tasks)} tasks are written, each a line of {place / 'list.txt'}; run them and repeat the command"
            )
        about = {"SIM_TASKS": str(place), "SIM_LIST": str(place / "list.txt"), "SIM_COUNT": str(len(tasks))}
        ended = subprocess.run(self.settings["submit"], shell=True, env=os.environ | about)
        if ended.returncode:
            print(f"sim: launcher.submit ended with {ended.returncode}; what tasks have kept counts", file=sys.stderr)
        for i in range(len(tasks)):
            yield ending(place, i)


def kept_by(launcher, folder, function, items, is_kept):
    """Have `function` called on shares of `items` by a launcher until all are kept; gives how many more are, at times.

    Tasks that end early are asked for again as long as something more is kept. Raises FolderError where nothing is.
    """
    left = [item for item in items if not is_kept(item)]
    if left and isinstance(launcher, Slurm):
        yield from (0 for _ in follow(left_in_queue(folder)))  # tasks of an earlier command
    while left:
        size, before, lost = -(-len(left) // (SHARES * launcher.cores)), len(left), []
        for result in launcher.run(folder, function, [(left[i : i + size],) for i in range(0, len(left), size)]):
            lost += [result] if isinstance(result, Lost) else []
            now = [item for item in left if not is_kept(item)]
            yield len(left) - len(now)
            left = now
        if len(left) == before:
            how = f"; the first was {lost[0].how}{lost[0].why}" if lost else ""
            raise FolderError(f"tasks ended and nothing of {before} runs was kept{how}")


def task(place, number):
    """Do one of the tasks that were written to a folder, and leave there how it ended; returns an exit code."""
    about = read_json(place / "about.json", ("directory", "path"))
    try:
        os.chdir(about["directory"])
    except OSError as error:
        raise FolderError(f"the task is to be done in {about['directory']}: {os.strerror(error.errno)}") from None
    sys.path += [path for path in about["path"] if path not in sys.path]
    try:
        function, arguments = pickle.loads((place / f"{number}.task").read_bytes())
    except (pickle.UnpicklingError, EOFError) as error:
        raise FolderError(f"{place / f'{number}.task'} cannot be read: {error}") from None
    write_json(place / f"{number}.json", {"status": "begun"})
    try:
        result = function(*arguments)
    except KeyboardInterrupt:
        write_json(place / f"{number}.json", {"status": "told to end"})
        raise
    except Exception:
        write_json(place / f"{number}.json", {"status": "failed", "error": traceback.format_exc()})
        raise
    write_json(place / f"{number}.json", {"status": "done", "result": result})
    return 0


def ending(place, number):
    """What a task returned, as its file says, or a Lost. Raises FolderError where it failed."""
    path = place / f"{number}.json"
    if not path.exists():
        return Lost("not begun")
    about = read_json(path, ("status",))
    if about["status"] == "failed":
        raise FolderError(f"a task failed where it ran:\n{about['error']}")
    if about["status"] == "done":
        return about["result"]
    return Lost("killed" if about["status"] == "begun" else "told to end")


class Slurm:
    """Tasks in array jobs. A task has ended when its result is there, or when the scheduler no longer knows it."""

    start_seconds = 60.0

    def __init__(self, settings):
        self.settings = settings
        self.cores = settings["at_once"]

    def run(self, folder, function, tasks):
        jobs_folder = Path(folder).resolve() / "jobs"
        jobs_folder.mkdir(parents=True, exist_ok=True)
        waiting = {}
        for low in range(0, len(tasks), self.settings["array"]):
            jobs = self._submitted(jobs_folder, function, tasks[low : low + self.settings["array"]])
            array = jobs[0].job_id.partition("_")[0]
            write_json(jobs_folder / f"{array}.json", {"array": array, "tasks": [job.job_id for job in jobs]})
            waiting |= {job.job_id: Path(job.paths.folder) for job in jobs}
        yield from follow(waiting)

    def _submitted(self, jobs_folder, function, tasks):
        """The jobs of an array, of a scheduler that is asked again where it does not take it at once."""
        from submitit.core.utils import FailedJobError

        for seconds in (*PATIENCE, None):
            executor = self._executor(jobs_folder)
            try:
                with executor.batch():
                    jobs = [executor.submit(marked, function, *arguments) for arguments in tasks]
                return jobs
            except (FailedJobError, subprocess.SubprocessError) as error:
                reason = " ".join(str(error).split())
                if seconds is None or any(word in reason.lower() for word in REFUSED):
                    raise SchedulerError(f"the scheduler refuses: {reason}") from None
            time.sleep(seconds)

    def _executor(self, jobs_folder):
        import submitit  # of the extra `cluster`

        executor = submitit.AutoExecutor(folder=str(jobs_folder / "%A"), cluster="slurm")
        optional = {key: self.settings[key] for key in ("partition", "account") if self.settings[key] is not None}
        executor.update_parameters(
            name="sim",
            timeout_min=self.settings["minutes"],
            cpus_per_task=1,
            mem_gb=self.settings["memory_gb"],
            slurm_array_parallelism=self.settings["at_once"],
            slurm_setup=self.settings["setup"],
            slurm_additional_parameters=self.settings["options"],
            **{f"slurm_{key}": value for key, value in optional.items()},
        )
        return executor


def marked(function, *arguments):
    """Call a function in a job, and leave a file that says that the job has begun, and whether it was told to end."""
    import submitit

    environment = submitit.JobEnvironment()
    mark = environment.paths.folder / f"{environment.job_id}.mark"
    write_text(mark, "begun")
    try:
        return function(*arguments)
    except KeyboardInterrupt:
        write_text(mark, "told to end")
        raise


def follow(waiting):
    """Yield what the tasks in `waiting` (job id -> folder of its files) return, or a Lost."""
    gone = {}
    while waiting:
        alive = in_queue({job.partition("_")[0] for job in waiting})
        for job, folder in list(waiting.items()):
            path = folder / f"{job}_0_result.pkl"
            if path.exists():
                yield _result(path)
            elif job in alive:
                gone.pop(job, None)
                continue
            elif time.monotonic() - gone.setdefault(job, time.monotonic()) < LATE_SECONDS:
                continue
            else:
                yield _lost(folder, job)
            del waiting[job]
        if waiting:
            time.sleep(POLL_SECONDS)


def _lost(folder, job):
    """How a job ended that left no result."""
    mark = _text(folder / f"{job}.mark")
    logs = [*sorted(folder.glob(f"{job}_*log.err")), *sorted(folder.glob(f"{job}_*log.out"))]
    log = next((path for path in logs if _text(path).strip()), folder / f"{job}_0_log.err")
    return Lost({"": "not begun", "begun": "killed"}.get(mark, "told to end"), log)


def left_in_queue(folder):
    """Job id -> folder of its files, of the tasks that an earlier command left in the queue."""
    jobs_folder, waiting = Path(folder).resolve() / "jobs", {}
    arrays = {path: json.loads(path.read_text("utf-8")) for path in jobs_folder.glob("*.json")}
    alive = in_queue({about["array"] for about in arrays.values()})
    for path, about in arrays.items():
        running = [job for job in about["tasks"] if job in alive]
        waiting |= dict.fromkeys(running, jobs_folder / about["array"])
        if not running:
            path.unlink()
    return waiting


def in_queue(arrays):
    """Ids of the tasks of array jobs that the scheduler has, pending or running. Raises SchedulerError.

    Where it knows nothing of one of them it is asked once more: it may be late, or have just been started anew.
    """
    if not arrays:
        return set()
    known = _asked(arrays)
    if {job.partition("_")[0] for job in known} != set(arrays):
        time.sleep(POLL_SECONDS)
        known |= _asked(arrays)
    return known


def _asked(arrays):
    reason = ""
    for seconds in (0.0, *PATIENCE):
        time.sleep(seconds)
        try:
            answer = subprocess.run(
                ["squeue", "--noheader", "--array", "--format=%i", "--me"],
                capture_output=True,
                text=True,
                timeout=ANSWER_SECONDS,
            )
        except subprocess.TimeoutExpired:
            reason = f"no answer in {ANSWER_SECONDS:g} s"
            continue
        if answer.returncode == 0:
            return {job for job in answer.stdout.split() if job.partition("_")[0] in arrays}
        reason = answer.stderr.strip()
    raise SchedulerError(f"squeue: {reason}; the tasks go on: repeat the command when the scheduler answers")


def _result(path):
    """What a task returned; its error is raised here, a Lost where it was told to end."""
    import cloudpickle  # comes with submitit

    kind, value = cloudpickle.loads(path.read_bytes())
    if kind == "success":
        return value
    if any(word in value for word in ("KeyboardInterrupt", "SystemExit", "UncompletedJobError")):
        return Lost("told to end", path.with_name(path.name.replace("result.pkl", "log.err")))
    raise FolderError(f"a task failed on its node:\n{value}")
