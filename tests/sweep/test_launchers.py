"""Array jobs without a cluster: submitit's own processes stand in for the scheduler."""

import json
import shutil

import fast
import submitit

from sim.sweep import launchers


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
    assert launchers.left_in_queue(tmp_path) == {"12_1": jobs / "12" / "12_1_0_result.pkl"}
    assert [path.name for path in jobs.iterdir()] == ["12.json"]


def test_a_task_that_leaves_no_result_was_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(launchers, "in_queue", lambda arrays: set())
    monkeypatch.setattr(launchers, "LATE_SECONDS", 0.0)
    monkeypatch.setattr(launchers, "POLL_SECONDS", 0.01)
    assert list(launchers.follow({"12_1": tmp_path / "nothing.pkl"})) == [None]
