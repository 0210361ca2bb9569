"""Whatever happens to a sweep, it ends with a clear message, and the next command finds all that was computed and
counts it once.
"""

import contextlib
import errno
import fcntl
import gc
import os
import resource
import shutil
import signal
import sys
import time

import fast
import pandas
import psutil
import pytest

from sim import cli
from sim.sweep import store, task

MANY = {"seeds": "1..120"}  # 240 runs, seconds of work: not over before a test has seen the state that it waits for
SHARDS = ("launcher.batch_seconds=0.1",)


@pytest.fixture
def start():
    """Starts sweeps in processes, none of which outlives its test."""
    begun = []
    yield lambda *words, **keys: begun.append(fast.start(*words, **keys)) or begun[-1]
    for sweep in begun:
        sweep.kill()
        sweep.wait()


def wait(sweep, fact):
    """Wait for what a sweep in another process should come to, however slow the machine; fail where it ends before."""
    while not fact():
        assert sweep.poll() is None, f"the sweep was over too early:\n{sweep.stdout.read()}"
        time.sleep(0.01)


@pytest.mark.parametrize("shards", [1, 6])
def test_killed_at_any_moment(tmp_path, start, shards, capsys):
    """SIGKILL after so many shards; what they hold is not computed again."""
    sweep = start(tmp_path, *SHARDS, **MANY)
    wait(sweep, lambda: len(fast.shards(tmp_path)) >= shards)
    sweep.kill()
    assert sweep.wait() == -signal.SIGKILL, sweep.stdout.read()
    resumed(tmp_path, capsys)


def test_killed_in_the_middle_of_writing(tmp_path, start, capsys):
    """SIGKILL where the third shard is on the disk, and has not got its name yet: it does not count, and its runs are
    computed.
    """
    halt = f"""
import os, time
from pathlib import Path
shards = Path({str(tmp_path)!r}, 'shards')
os.fsync = lambda file: time.sleep(1e9) if len(list(shards.glob('*.zip'))) == 2 else None
"""
    sweep = start(tmp_path, *SHARDS, before=halt, **MANY)
    wait(sweep, lambda: len(fast.shards(tmp_path)) == 2 and list((tmp_path / "shards").glob(".*")))
    assert fast.sweep(tmp_path, **MANY) == 1  # a second command, while the first is alive
    assert f"another sweep is at work there (process {sweep.pid} since" in capsys.readouterr().err
    sweep.kill()
    assert sweep.wait() == -signal.SIGKILL, sweep.stdout.read()
    resumed(tmp_path, capsys)


def resumed(folder, capsys):
    """A sweep of MANY that was killed has something and says so; repeated it computes the rest, and every run is there
    once.
    """
    before = fast.prints(folder)
    assert 0 < len(before) < 240 and not (folder / "DONE").exists()
    assert cli.main(["status", str(folder)]) == 0
    assert "at work, or killed" in capsys.readouterr().out
    assert fast.sweep(folder, **MANY) == 0
    assert f"240 done ({240 - len(before)} now" in capsys.readouterr().out
    after = fast.prints(folder)
    assert len(after) == len(set(after)) == 240 and set(before) <= set(after)


def test_interrupted_it_keeps_the_batch_under_way(tmp_path, monkeypatch, capsys):
    """Ctrl-C in the fifth run of a batch of eight: four are kept."""
    simulate, calls = task.simulate, []

    def slow(config):
        calls.append(config.seed)
        if len(calls) == 3 + 5:
            raise KeyboardInterrupt
        return simulate(config)

    monkeypatch.setattr(task, "simulate", slow)
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda **_: 8)
    assert fast.sweep(tmp_path, seeds="1..20") == 130
    assert len(fast.prints(tmp_path)) == 3 + 4
    assert "interrupted" in (tmp_path / "FAILED").read_text("utf-8")
    assert fast.sweep(tmp_path, seeds="1..20") == 0
    assert "40 done (33 now" in capsys.readouterr().out


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fills_or_becomes_read_only(tmp_path, monkeypatch, number, capsys):
    """The third shard cannot be written: a line says why, the two before are kept, no half file is left."""
    replace, calls = os.replace, []

    def refuse(source, target):
        if str(target).endswith(".zip"):
            calls.append(target)
            if len(calls) >= 3:
                raise OSError(number, os.strerror(number), str(target))
        return replace(source, target)

    monkeypatch.setattr("sim.runs.folders.os.replace", refuse)
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda **_: 4)
    assert fast.sweep(tmp_path, seeds="1..10") == 1
    assert f"cannot write to {tmp_path}: {os.strerror(number)}" in capsys.readouterr().err
    assert len(fast.prints(tmp_path)) == 3 + 4 and not list((tmp_path / "shards").glob(".*"))
    monkeypatch.setattr("sim.runs.folders.os.replace", replace)
    assert fast.sweep(tmp_path, seeds="1..10") == 0
    assert "20 done (13 now" in capsys.readouterr().out


def test_a_data_set_that_the_system_refuses_is_refused_once(tmp_path, monkeypatch, capsys):
    """`sim collect` where the system refuses files above 2,000 bytes: a line says so, no half folder is left, and
    nothing is said anew when files are dropped.
    """
    told = []
    assert fast.sweep(tmp_path) == 0
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    try:
        assert cli.main(["collect", str(tmp_path)]) == 1
        gc.collect()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "File too large" in capsys.readouterr().err
    assert not told and not list(tmp_path.glob(".collected*"))
    assert cli.main(["collect", str(tmp_path)]) == 0


def test_a_folder_that_cannot_be_made(tmp_path, capsys):
    (tmp_path / "file").write_text("", "utf-8")
    assert fast.sweep(tmp_path / "file" / "sweep") == 2
    assert "a file stands in its way" in capsys.readouterr().err


def test_a_shard_cut_short_is_computed_again(tmp_path, capsys):
    fast.sweep(tmp_path, *SHARDS)
    victim = sorted((tmp_path / "shards").iterdir())[0]
    lost = len(store.read_index(victim)["fingerprints"])
    victim.write_bytes(victim.read_bytes()[:-40])
    capsys.readouterr()
    assert fast.sweep(tmp_path) == 0
    printed = capsys.readouterr()
    assert f"{victim.name} is damaged; it was set aside" in printed.err and f"8 done ({lost} now" in printed.out
    assert (tmp_path / "damaged" / victim.name).exists()
    assert sorted(fast.prints(tmp_path)) == sorted(set(fast.prints(tmp_path)))


def test_a_bit_that_flipped_is_found_when_read(tmp_path, capsys):
    """Inside a table, where neither the size nor the index betrays it."""
    fast.sweep(tmp_path)
    victim = max((tmp_path / "shards").iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[content.index(b"PAR1", content.index(b"district.parquet")) + 1000] ^= 1
    victim.write_bytes(content)
    lost = len(store.read_index(victim)["fingerprints"])
    assert cli.main(["verify", str(tmp_path), "runs=8"]) == 1
    capsys.readouterr()
    assert cli.main(["collect", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert f"{lost} missing" in printed.out and f"{victim.name} is damaged" in printed.err
    assert fast.sweep(tmp_path) == 0 and cli.main(["collect", str(tmp_path)]) == 0
    assert "8 done;" in capsys.readouterr().out.splitlines()[-1]


def test_a_second_sweep_at_one_time_is_sent_away(tmp_path, capsys):
    tmp_path.joinpath(".lock").write_text("process 7 since noon", "utf-8")
    with open(tmp_path / ".lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert fast.sweep(tmp_path) == 1
    assert "another sweep is at work there (process 7 since noon)" in capsys.readouterr().err
    assert fast.sweep(tmp_path) == 0


def test_two_sweeps_that_met_count_once(tmp_path, monkeypatch, capsys):
    """Where a disk knows no locks: two sweeps of other batches, put together, hold every run twice."""
    fast.sweep(tmp_path / "one")
    monkeypatch.setattr("sim.sweep.command.batch_size", lambda **_: 3)
    fast.sweep(tmp_path / "two")
    for path in (tmp_path / "two" / "shards").iterdir():
        shutil.copy(path, tmp_path / "one" / "shards" / path.name)
    prints = fast.prints(tmp_path / "one")
    assert len(prints) > len(set(prints)) == 8
    capsys.readouterr()
    assert fast.sweep(tmp_path / "one") == 0 and cli.main(["collect", str(tmp_path / "one")]) == 0
    assert "8 done (0 now" in capsys.readouterr().out
    assert len(pandas.read_parquet(tmp_path / "one" / "collected" / "city.parquet")) == 8 * 2


def test_a_clock_set_back_changes_nothing(tmp_path, monkeypatch, capsys):
    """Shards from the future, and a system clock that runs backwards."""
    fast.sweep(tmp_path)
    for path in (tmp_path / "shards").iterdir():
        os.utime(path, (4e9, 4e9))
    ticks = iter(range(2_000_000_000, 0, -3600))
    monkeypatch.setattr("time.time", lambda: float(next(ticks)))
    capsys.readouterr()
    assert fast.sweep(tmp_path, seeds="1..5") == 0
    assert "10 done (2 now" in capsys.readouterr().out


def test_a_process_that_is_killed_takes_no_other_runs_with_it(tmp_path, start):
    """As the system does where memory runs out: one of the workers is killed, and the sweep goes on to its end.

    The sweep is stopped while its worker is looked for, so that it has runs left and its workers are there.
    """
    sweep = start(tmp_path, *SHARDS, "launcher=joblib", "workers=2", **MANY)
    wait(sweep, lambda: len(fast.shards(tmp_path)) >= 2 and workers(sweep))  # the first is the sweep's own
    sweep.send_signal(signal.SIGSTOP)
    assert len(fast.prints(tmp_path)) < 200, "the machine gave the test no time while the sweep ran"
    os.kill(workers(sweep)[0], signal.SIGKILL)
    sweep.send_signal(signal.SIGCONT)
    printed, _ = sweep.communicate(timeout=600)
    assert sweep.returncode == 0, printed
    assert "tasks were lost (killed)" in printed and "240 done" in printed
    assert set(fast.prints(tmp_path)) == fast.done(tmp_path) and len(fast.done(tmp_path)) == 240


def workers(sweep):
    """Ids of the processes that joblib has started for a sweep."""
    ids = []
    for child in psutil.Process(sweep.pid).children():
        with contextlib.suppress(psutil.Error):  # it ended while it was looked at
            if "joblib.externals.loky.backend.popen_loky_posix" in child.cmdline():
                ids.append(child.pid)
    return ids


def test_a_shard_of_another_version_is_refused_by_name(tmp_path, monkeypatch, capsys):
    fast.sweep(tmp_path)
    monkeypatch.setattr(store, "SCHEMA", 99)
    assert fast.sweep(tmp_path) == 1
    assert "is of schema 2; this version reads 99" in capsys.readouterr().err
