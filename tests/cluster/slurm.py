"""A sweep through a real SLURM of one node: `make test-cluster` (root and Debian packages).

An array is submitted, a task is killed in mid-flight, the node is drained and comes back, the command is killed and
repeated. In the end no run is lost, none is counted twice, and every bit is that of the same sweep computed without
SLURM. The same for `sim -m`, Hydra's own sweep; and for tasks that are preempted, put back into the queue, over their
time limit, or without an environment on their node. Names of parts as words run only those. Whatever stops this test
makes it fail, and loudly.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from steps import CITY, PATIENCE, ROOT, announce, check, fingerprints, frames, shards, sim, start, stop, wait

HERE = Path(__file__).resolve().parent
PACKAGES = ["slurm-wlm", "munge", "slurmdbd", "mariadb-server", "slurm-wlm-mysql-plugin"]
PROGRAMS = ["sbatch", "slurmctld", "slurmd", "slurmdbd", "munged", "mariadbd"]
SWEEP = [
    "sweep",
    *CITY,
    "factors={mechanism.knowledge.decay:[0.02,0.03,0.04]}",
    "arms={none:none,visa:[talent_visa]}",
    "seeds=1..20",
]
RUNS = 3 * 2 * 20
SHORT = ["sweep", *CITY, "seeds=1..24", "arms={none:none,visa:[talent_visa]}"]
SHORT_RUNS = 24 * 2
SLURM = [
    "launcher=slurm",
    "launcher.partition=ci",
    "launcher.memory_gb=1",
    "launcher.minutes=10",
    "launcher.batch_seconds=0.5",
]


def main():
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        stop(
            "a SLURM of one node needs root and the packages of Debian; neither make test nor any result depends on it"
        )
    install()
    # a file that a straggler of SLURM leaves behind says nothing about a sweep
    with tempfile.TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as folder:
        os.environ |= {"SLURM_ROOT": folder, "SLURM_CONF": f"{folder}/slurm.conf", "PYTHONPATH": str(ROOT)}
        try:
            announce("bringing up SLURM")
            if subprocess.run([HERE / "up.sh"], timeout=PATIENCE).returncode:
                stop("SLURM could not be brought up")
            work = Path(folder) / "work"
            work.mkdir()
            parts = {part.__name__: part for part in (plain, hydra, no_environment, put_back, preempted, time_limit)}
            for name in sys.argv[1:] or parts:
                parts[name](work)
        finally:
            subprocess.run([HERE / "down.sh"])
    announce("passed")


def install():
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        announce(f"installing {', '.join(PACKAGES)}")
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            if subprocess.run(["apt-get", *words], **quiet).returncode:
                stop(f"apt-get {words[0]} failed: SLURM cannot be installed here")


def plain(work):
    """Kill a task, kill the command, drain the node, and go on."""
    announce("the same sweep without SLURM")
    ours, theirs = work / "local", work / "slurm"
    sim(*SWEEP, f"folder='{ours}'")

    announce("an array is submitted; a task is killed with SIGKILL, then the command")
    command = start(*SWEEP, *SLURM, f"folder='{theirs}'")
    wait(
        lambda: len(list((theirs / "jobs").glob("*.json"))) >= 1 and tasks() and shards(theirs) >= 2,
        command,
        "two shards and a running task",
    )
    wait(lambda: kill_task(), command, "a task to kill")
    wait(lambda: shards(theirs) >= 4, command, "two more shards")
    command.send_signal(signal.SIGKILL)
    command.communicate()
    early = fingerprints(theirs)
    check(0 < len(early) < RUNS, f"{len(early)} runs before the command was killed")

    announce("the node is drained while the command is repeated, and comes back")
    slurm("scontrol", "update", f"nodename={node()}", "state=drain", "reason=test")
    command = start(*SWEEP, *SLURM, f"folder='{theirs}'")
    wait(lambda: "drain" in slurm("sinfo", "-h", "-o", "%T"), command, "a drained node")
    time.sleep(8)
    status = sim("status", str(theirs))
    check("missing" in status and command.poll() is None, "a drained node stops nothing for good: the command waits")
    slurm("scontrol", "update", f"nodename={node()}", "state=resume")
    output, _ = command.communicate(timeout=PATIENCE)
    check(command.returncode == 0, f"the repeated command ends well:\n{output}")

    prints = fingerprints(theirs)
    check(set(early) <= set(prints), "nothing that was computed is lost")
    check(len(set(prints)) == RUNS, f"{len(set(prints))} of {RUNS} runs are there")
    check(len(prints) == RUNS, f"{len(prints) - RUNS} runs were computed twice")
    check((theirs / "DONE").exists(), "the folder says DONE")
    for folder in (ours, theirs):
        sim("collect", str(folder))
    check(frames(ours) == frames(theirs), "every bit is that of the sweep without SLURM")
    check("verified" in sim("verify", str(theirs)), "a sample recomputed agrees")
    again = sim(*SWEEP, *SLURM, f"folder='{theirs}'")
    check("(0 now" in again, "repeated, it computes nothing")


def hydra(work):
    announce("sim -m through SLURM")
    words = ["-m", *CITY[:3], "end=2006Q4", "seed=range(1,4)", f"output='{work / 'runs'}'"]
    first = sim(*words, "launcher=slurm", "launcher.partition=ci", "launcher.memory_gb=1", "launcher.minutes=10")
    check("3 runs: 3 done" in first, first)
    check("3 done before" in sim(*words), "the same runs are found by their fingerprint")


def no_environment(work):
    announce("tasks end on their node before Python begins")
    folder = work / "nothing"
    setup = "launcher.setup=['module load python/3.99 || exit 1']"
    command = start(*SHORT, *SLURM[:-1], "launcher.batch_seconds=1", setup, f"folder='{folder}'")
    output, _ = command.communicate(timeout=PATIENCE)
    check(command.returncode == 1 and "ended before Python began, so no run was tried" in output, output)
    check("module: command not found" in output and f"{folder}/jobs/" in output, "its log is shown, and named")
    check(not (folder / "failed").exists(), "no run is booked as failed")
    sim(*SHORT, *SLURM[:-1], "launcher.batch_seconds=1", f"folder='{folder}'")
    check(len(set(fingerprints(folder))) == SHORT_RUNS, "with an environment the same command computes all runs")


def put_back(work):
    announce("a running task is put back into the queue")
    disturbed(work / "back", lambda: slurm("scontrol", "requeue", tasks()[0]))


def preempted(work):
    announce("tasks make room for a job of a partition that goes before")
    urgent = ("sbatch", "-p", "urgent", "--exclusive", "-t", "1", "-o", "/dev/null", "--wrap", "sleep 3")
    disturbed(work / "preempted", lambda: slurm(*urgent))


def disturbed(folder, disturb):
    """A sweep whose tasks are disturbed while they run ends well, with every run once."""
    command = start(*SHORT, *SLURM[:-1], "launcher.batch_seconds=1", f"folder='{folder}'")
    wait(lambda: shards(folder) >= 1 and tasks(), command, "a shard and a running task")
    disturb()
    output, _ = command.communicate(timeout=PATIENCE)
    check(command.returncode == 0, f"the command ends well:\n{output}")
    check(
        len(set(fingerprints(folder))) == SHORT_RUNS, f"{len(set(fingerprints(folder)))} of {SHORT_RUNS} runs are there"
    )
    check(not (folder / "failed").exists(), "no run is booked as failed")


def time_limit(work):
    announce("a task waits on its node until its time limit, a minute")
    folder = work / "limit"
    words = [*SLURM[:-2], "launcher.minutes=1", "launcher.batch_seconds=30", "launcher.setup=['sleep 3600']"]
    command = start(*SHORT, *words, f"folder='{folder}'")
    output, _ = command.communicate(timeout=PATIENCE)
    check(command.returncode == 1 and "TIME LIMIT" in output, f"the log of the task says why it ended:\n{output}")
    check(not (folder / "failed").exists(), "no run is booked as failed")


# ---------------------------------------------------------------- to see and to do


def slurm(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def node():
    return slurm("sinfo", "-h", "-o", "%n").strip()


def tasks():
    return slurm("squeue", "-h", "-t", "R", "-o", "%i").split()


def kill_task():
    """SIGKILL for the process of a running task, as when memory runs out."""
    for line in slurm("scontrol", "listpids").splitlines()[1:]:
        pid = line.split()[0]
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"submitit.core._submit" in command and b"srun" not in command:
            os.kill(int(pid), signal.SIGKILL)
            return True
    return False


if __name__ == "__main__":
    main()
