"""Array jobs without a cluster: submitit's own processes stand in for the scheduler."""

import json
import shutil
import sys

import fast
import pytest
import submitit

from sim import cli
from sim.runs import launchers


class LocalExecutor(submitit.AutoExecutor):
    """Runs in processes what was to be an array job."""

    def __init__(self, folder, cluster):
        assert cluster == "slurm"
        super().__init__(folder=folder, cluster="local")


def test_a_sweep_through_array_jobs(tmp_path, monkeypatch, capsys):
    """Two tasks an array: what they leave is found, counted and kept, and no other task is asked for."""
    monkeypatch.setattr(submitit, "AutoExecutor", LocalExecutor)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(launchers, "in_queue", lambda arrays: set())  # only their results say that they are over
    monkeypatch.setattr(launchers, "LATE_SECONDS", 300.0)
    monkeypatch.setattr(launchers, "POLL_SECONDS", 0.1)
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda left, **_: -(-left // 2))
    words = ("launcher=slurm", "launcher.array=2", "launcher.memory_gb=1", "launcher.partition=short")
    assert fast.sweep(tmp_path, *words, seeds="1..4") == 0
    assert "8 done (8 now" in capsys.readouterr().out
    assert len(fast.prints(tmp_path)) == len(set(fast.prints(tmp_path))) == 8 and len(fast.shards(tmp_path)) == 3
    tasks = [json.loads(path.read_text("utf-8"))["tasks"] for path in (tmp_path / "jobs").glob("*.json")]
    assert sorted(map(len, tasks)) == [1, 2]


def test_tasks_of_an_earlier_command_are_waited_for(tmp_path, monkeypatch):
    """One of two arrays has a task in the queue; the other is over, and nothing is known of it any more."""
    jobs = tmp_path / "jobs"
    jobs.mkdir()
    for array in ("12", "13"):
        about = {"array": array, "tasks": [f"{array}_0", f"{array}_1"]}
        (jobs / f"{array}.json").write_text(json.dumps(about), "utf-8")
    monkeypatch.setattr(launchers, "in_queue", lambda arrays: {"12_1"})
    assert launchers.left_in_queue(tmp_path) == {"12_1": jobs / "12"}
    assert [path.name for path in jobs.iterdir()] == ["12.json"]


@pytest.mark.parametrize(("mark", "how"), [(None, "not begun"), ("begun", "killed"), ("told to end", "told to end")])
def test_a_task_that_leaves_no_result_is_told_by_what_it_left(tmp_path, monkeypatch, mark, how):
    monkeypatch.setattr(launchers, "in_queue", lambda arrays: set())
    monkeypatch.setattr(launchers, "LATE_SECONDS", 0.0)
    monkeypatch.setattr(launchers, "POLL_SECONDS", 0.01)
    if mark:
        (tmp_path / "12_1.mark").write_text(mark, "utf-8")
    (tmp_path / "12_1_0_log.err").write_text("one\n\nthe last words\n", "utf-8")
    (lost,) = launchers.follow({"12_1": tmp_path})
    assert lost.how == how and "12_1_0_log.err ends with:" in lost.why and "the last words" in lost.why


# ---------------------------------------------------------------- a scheduler of shell scripts

SBATCH = """#!/bin/sh
echo called >> {there}/sbatch.calls
[ $(wc -l < {there}/sbatch.calls) -le {refusals} ] && {{ echo "sbatch: error: {words}" >&2; exit 1; }}
echo "Submitted batch job 7"
folder=$(sed -n 's/^#SBATCH --output=//p' "$1" | xargs dirname | sed 's/%[Aj]/7/')
mkdir -p $folder; echo "conda: command not found" > $folder/7_0_log.err
"""
SQUEUE = """#!/bin/sh
echo called >> {there}/squeue.calls
[ $(wc -l < {there}/squeue.calls) -le {refusals} ] && {{ echo "slurm_load_jobs error: no answer" >&2; exit 1; }}
exit 0
"""


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    """Makes stand-ins for sbatch and squeue that refuse so many times, and whose tasks end before Python begins."""

    def make(sbatch=0, squeue=0, words="Socket timed out on send/recv operation"):
        there = tmp_path / "bin"
        there.mkdir()
        for name, text, refusals in (("sbatch", SBATCH, sbatch), ("squeue", SQUEUE, squeue)):
            (there / name).write_text(text.format(there=there, refusals=refusals, words=words), "utf-8")
            (there / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(there), prepend=":")
        return there

    for name, seconds in (("LATE_SECONDS", 0.1), ("POLL_SECONDS", 0.05), ("PATIENCE", (0.05, 0.05))):
        monkeypatch.setattr(launchers, name, seconds)
    return make


@pytest.mark.parametrize(("sbatch", "squeue"), [(0, 0), (2, 0), (0, 2)])
def test_tasks_that_die_before_python_are_told_as_that(tmp_path, scheduler, capsys, sbatch, squeue):
    """Also where sbatch or squeue fail at first: they are asked again. No run is booked as failed."""
    scheduler(sbatch, squeue)
    folder = tmp_path / "sweep"
    assert fast.sweep(folder, "launcher=slurm", "launcher.memory_gb=1") == 1
    error = capsys.readouterr().err
    assert "1 tasks ended before Python began, so no run was tried" in error
    assert f"{folder}/jobs/7/7_0_log.err ends with:" in error and "conda: command not found" in error
    assert not (folder / "failed").exists()
    assert cli.main(["status", str(folder)]) == 0 and "0 failed, 8 missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "calls"), [("Invalid partition name specified", 1), ("Socket timed out on send/recv operation", 3)]
)
def test_a_scheduler_that_goes_on_refusing_is_told(tmp_path, scheduler, capsys, words, calls):
    there = scheduler(sbatch=99, words=words)
    assert fast.sweep(tmp_path / "sweep", "launcher=slurm", "launcher.memory_gb=1") == 1
    assert words in capsys.readouterr().err
    assert len((there / "sbatch.calls").read_text("utf-8").splitlines()) == calls


def test_an_empty_answer_of_the_queue_is_asked_again(monkeypatch):
    answers = iter([set(), {"12_1"}])
    monkeypatch.setattr(launchers, "POLL_SECONDS", 0.0)
    monkeypatch.setattr(launchers, "_asked", lambda arrays: next(answers))
    assert launchers.in_queue({"12"}) == {"12_1"}


# ---------------------------------------------------------------- tasks as files


def test_a_list_of_tasks_is_run_by_whoever(tmp_path, capsys, monkeypatch):
    """The list is left, its lines are run as plain processes in any order, one of them is killed; the command repeated
    writes a list of what is missing, and at last there is nothing.
    """
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda **_: 2)
    words = ("launcher=files", "launcher.at_once=4")
    assert fast.sweep(tmp_path, *words) == 1
    assert "3 tasks are written, each a line of" in capsys.readouterr().err
    (first,) = (tmp_path / "tasks").iterdir()
    lines = (first / "list.txt").read_text("utf-8").splitlines()
    assert lines == [f"sim task {first} {i}" for i in range(3)]
    for line in lines[::-2]:
        assert cli.main(line.split()[1:]) == 0
    assert fast.sweep(tmp_path, *words) == 1
    assert "1 tasks are written" in capsys.readouterr().err
    (second,) = set((tmp_path / "tasks").iterdir()) - {first}
    assert cli.main(["task", str(second), "0"]) == 0
    assert fast.sweep(tmp_path, *words) == 0
    assert "8 done (0 now" in capsys.readouterr().out and len(set(fast.prints(tmp_path))) == 8


def test_a_line_of_shell_has_the_tasks_run(tmp_path, capsys, monkeypatch):
    """Plain processes, two at a time, as any scheduler would start them."""
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda **_: 3)
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "one"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{fast.ROOT}" exec "{sys.executable}" -m sim "$@"\n', "utf-8")
    program.chmod(0o755)
    run = f'sed "s|^sim|{program}|" $SIM_LIST | xargs -P 2 -I@ sh -c @'
    assert fast.sweep(tmp_path / "new", "launcher=files", f"launcher.submit='{run}'") == 0
    assert "8 done (8 now" in capsys.readouterr().out


def test_a_task_that_is_not_there_is_refused(tmp_path, capsys):
    assert cli.main(["task", str(tmp_path), "0"]) == 2
    assert "name the folder of a list of tasks and a number in it, from 0" in capsys.readouterr().err
