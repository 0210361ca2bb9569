"""A sweep on a disk that is full, and on one that becomes read-only under it: `make test-cluster` (root on Linux, as
disks are mounted).

Whatever the disk refuses, a command says so in a line and ends with exit code 1; what was computed before is kept,
is readable from there, and counts once when there is room again and the command is repeated. Every bit is then that
of the same sweep on a good disk.
"""

import mmap
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from steps import CITY, PATIENCE, ROOT, announce, check, fingerprints, frames, shards, sim, start, stop, wait

SWEEP = [
    "sweep",
    *CITY,
    "factors={mechanism.knowledge.decay:[0.02,0.04]}",
    "arms={none:none,visa:[talent_visa]}",
    "seeds=1..15",
    "launcher.batch_seconds=0.1",
]
RUNS = 2 * 2 * 15
PAGE = mmap.PAGESIZE  # what a disk in memory counts in
FULL, READ_ONLY = "No space left on device", "Read-only file system"


def main():
    if sys.platform != "linux" or os.geteuid() != 0:
        stop("to mount a disk needs root on Linux; neither make test nor any result depends on it")
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory(prefix="disk-") as folder:
        good = Path(folder) / "good"
        announce("the same sweep on a good disk")
        sim(*SWEEP, f"folder='{good}'")
        room = third(good)
        for launcher in ("local", "joblib"):
            with disk(Path(folder) / launcher, room) as small:
                full(small, good, f"launcher={launcher}")
        with disk(Path(folder) / "mounted", 2**26) as large:
            read_only(large, good)
    announce("passed")


def third(sweep):
    """Bytes of a disk with room for what describes the sweep and for a third of its shards, however large the runs a
    task make these.
    """
    taken = {path: -(-path.stat().st_size // PAGE) * PAGE for path in sweep.rglob("*") if path.is_file()}
    return sum(size // 3 if path.parent.name == "shards" else size for path, size in taken.items())


def full(disk, good, launcher):
    folder = disk / "sweep"
    announce(f"a disk fills, {launcher}")
    refused(FULL, *SWEEP, launcher, f"folder='{folder}'")
    early = kept(folder)
    fill(disk / "rest")

    announce("every command on a disk without a free byte")
    refused(FULL, *SWEEP, launcher, f"folder='{folder}'")
    check(sorted(early) == sorted(fingerprints(folder)), "the command repeated there loses nothing and adds nothing")
    refused(FULL, "collect", str(folder))
    refused(FULL, *CITY, f"output='{disk / 'runs'}'")
    check("missing" in sim("status", str(folder)), "sim status reads it")

    announce("there is room again")
    subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
    finish(folder, early, good, launcher)


def read_only(disk, good):
    """The folder of shards becomes read-only under a sweep that is at work, then the whole disk."""
    folder = disk / "sweep"
    announce("the disk becomes read-only under a sweep")
    command = start(*SWEEP, f"folder='{folder}'")
    wait(lambda: shards(folder) >= 2, command, "two shards")
    subprocess.run(["mount", "--bind", folder / "shards", folder / "shards"], check=True)
    wait(
        lambda: (
            subprocess.run(["mount", "-o", "remount,bind,ro", folder / "shards"], stderr=subprocess.DEVNULL).returncode
            == 0
        ),
        command,
        "a read-only disk",
    )
    told, _ = command.communicate(timeout=PATIENCE)
    refusal(READ_ONLY, command.returncode, told)
    early = kept(folder)
    subprocess.run(["umount", folder / "shards"], check=True)

    announce("every command on a disk that is read-only")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    refused(READ_ONLY, *SWEEP, f"folder='{folder}'")
    refused(READ_ONLY, *SWEEP, f"folder='{disk / 'another'}'")
    refused(READ_ONLY, "collect", str(folder))
    refused(READ_ONLY, *CITY, f"output='{disk / 'runs'}'")
    check("missing" in sim("status", str(folder)), "sim status reads it")
    check("verified" in sim("verify", str(folder), "runs=2"), "sim verify reads it")

    announce("it can be written again")
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    finish(folder, early, good)


def refused(why, *words):
    """A command that the disk refuses."""
    command = start(*words)
    told, _ = command.communicate(timeout=PATIENCE)
    refusal(why, command.returncode, told)


def refusal(why, code, told):
    line = next((line for line in told.splitlines() if line.startswith("sim: cannot write to ") and why in line), None)
    check(line is not None and "Traceback" not in told, line or f"no line that says {why!r}, or a traceback:\n{told}")
    check(code == 1, f"exit code {code}")


def kept(folder):
    """The fingerprints that a sweep which was refused left behind."""
    kept_now = fingerprints(folder)
    check(
        0 < len(kept_now) < RUNS and len(kept_now) == len(set(kept_now)),
        f"{len(kept_now)} of {RUNS} runs are kept, each once",
    )
    check(
        not list((folder / "shards").glob(".*")) and not (folder / "DONE").exists(),
        "no half file is left, and the folder does not say DONE",
    )
    return kept_now


def finish(folder, early, good, *launcher):
    """The command repeated computes the rest."""
    told = sim(*SWEEP, *launcher, f"folder='{folder}'")
    check(f"{RUNS} done ({RUNS - len(early)} now" in told, f"{RUNS - len(early)} runs were computed now")
    kept_now = fingerprints(folder)
    check(
        set(early) < set(kept_now) and len(kept_now) == len(set(kept_now)) == RUNS,
        f"all {RUNS} runs are there, each once",
    )
    check((folder / "DONE").exists(), "the folder says DONE")
    for one in (folder, good):
        sim("collect", str(one))
    check(frames(folder) == frames(good), "every bit is that of the sweep on a good disk")


def fill(path):
    """Write to a file until the disk has no byte left."""
    with open(path, "ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


@contextmanager
def disk(folder, size):
    """A disk of its own, in memory."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "sweeps", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--recursive", folder])


if __name__ == "__main__":
    main()
