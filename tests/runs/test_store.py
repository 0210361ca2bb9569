"""What every store promises, whatever is kept in it: what is damaged is set aside, said once and computed again."""

import multiprocessing
import os
import shutil
import signal
import time
import zipfile

import numpy as np
import pytest
import small

from sim.calibration import moments, priors, simulations
from sim.runs import arms, store
from sim.runs.fingerprint import fingerprint

SHORT = (*small.LAKESIDE, "end=2006Q2", "targets=[lakeside]")
FREE = ["founding.idea_rate", "knowledge.decay"]


def compared(folder):
    """Three runs of a comparison; (a function that asks for them, the number of bytes that say what it gave)."""
    configs = [small.config(*SHORT).one_run(seed=seed) for seed in (1, 2, 3)]
    return lambda: [run.panel.to_csv() for run in arms.run(configs, folder, 1)]


def calibrated(folder):
    """Three batches of a calibration."""
    config = small.config(*SHORT)
    simulator = simulations.Simulator(config, priors.read(FREE, {}), moments.read(config))

    def ask():
        kept = simulations.Store(simulator, folder, workers=1)
        return [kept.run(simulations.design(2, 2), np.full(2, seed)).tobytes() for seed in (1, 2, 3)]

    return ask


@pytest.fixture(scope="module", params=[compared, calibrated], ids=["comparison", "calibration"])
def filled(request, tmp_path_factory):
    """(what asks, a folder that it has filled, what it gave)."""
    folder = tmp_path_factory.mktemp("store")
    return request.param, folder, request.param(folder)()


@pytest.fixture
def asked(filled, tmp_path, monkeypatch):
    """(a function that asks again, the entries of a copy of the store, how many are then written)."""
    kind, folder, given = filled
    copy, written, write = shutil.copytree(folder, tmp_path / "store"), [], store.write
    monkeypatch.setattr(store, "write", lambda path, *rest: (written.append(path), write(path, *rest)))

    def again():
        assert kind(copy)() == given
        return len(written)

    return again, sorted(copy.rglob("[0-9a-f]*.zip"))


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def flip(path):
    """A bit of a table, which a reader of the table alone would not find."""
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def lose_index(path):
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "index.json"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def take_anothers(path):
    other = next(one for one in path.parent.glob("[0-9a-f]*.zip") if one != path)
    shutil.copy(other, path)


@pytest.mark.parametrize("damage", [cut, flip, empty, lose_index, take_anothers])
def test_what_is_damaged_is_set_aside_and_computed_again(asked, damage, capsys):
    again, entries = asked
    damage(entries[0])
    assert again() == 1
    told = [line for line in capsys.readouterr().err.splitlines() if "damaged" in line]
    assert len(told) == 1 and f"{entries[0].name} is damaged; it was set aside in" in told[0]
    assert (entries[0].parent / "damaged" / entries[0].name).exists()
    assert again() == 1 and "damaged" not in capsys.readouterr().err


def test_a_store_that_was_emptied_is_filled_again(asked, capsys):
    again, entries = asked
    for path in entries:
        path.unlink()
    assert again() == 3 and "damaged" not in capsys.readouterr().err


def test_of_many_that_are_damaged_one_line_tells(tmp_path, capsys):
    paths = [tmp_path / f"{number}.zip" for number in range(9)]
    for path in paths:
        path.write_bytes(b"no zip")
    assert store.missing(paths, tmp_path / "damaged", whole) == paths
    assert capsys.readouterr().err.count("\n") == 1 and len(list((tmp_path / "damaged").glob("*.zip"))) == 9
    paths[0].write_bytes(b"again")
    store.missing(paths, tmp_path / "damaged", whole)
    assert len(list((tmp_path / "damaged").glob("*.zip"))) == 10  # none takes the place of another


def whole(path):
    return store.Entry(path, 1).whole()


def put(path, number):
    store.write(path, {"schema": 1, "number": number}, {"part": bytes([number % 256]) * 100_000})


def test_another_schema_is_refused_by_name(tmp_path):
    put(tmp_path / "a.zip", 1)
    with pytest.raises(store.AnotherSchema, match="is of schema 1; this version reads 2"):
        store.Entry(tmp_path / "a.zip", 2).whole()


def write_many(path, first):
    for number in range(first, first + 40):
        put(path, number)


def test_two_writers_of_one_entry_leave_one_that_is_whole(tmp_path):
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(tmp_path / "a.zip", first)) for first in (0, 100)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if (tmp_path / "a.zip").exists():
            content = whole(tmp_path / "a.zip").part("part")
            assert content == content[:1] * 100_000
    assert [writer.exitcode for writer in writers] == [0, 0] and [one.name for one in tmp_path.iterdir()] == ["a.zip"]


def halt(path):
    os.fsync = lambda file: time.sleep(1e9)
    put(path, 1)


def test_a_writer_that_is_killed_leaves_no_entry_and_is_cleaned_up_after(tmp_path):
    writer = multiprocessing.get_context("fork").Process(target=halt, args=(tmp_path / "a.zip",))
    writer.start()
    while not list(tmp_path.glob(".a.zip.*")):
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join()
    (half,) = tmp_path.iterdir()
    (tmp_path / "b.zip").write_bytes(b"")
    assert store.missing([tmp_path / "a.zip"], tmp_path / "damaged", whole) == [tmp_path / "a.zip"] and half.exists()
    os.utime(half, (0, 0))
    store.missing([tmp_path / "b.zip"], tmp_path / "damaged", whole)
    assert not half.exists()


def test_what_another_process_has_mended_is_not_set_aside(tmp_path, capsys):
    """It was damaged when looked at, and sound when the lock was had."""
    (tmp_path / "a.zip").write_bytes(b"")

    def read(path):
        try:
            return whole(path)
        finally:
            put(path, 1)

    assert store.missing([tmp_path / "a.zip"], tmp_path / "damaged", read) == []
    assert whole(tmp_path / "a.zip") and capsys.readouterr().err == ""


def test_a_lock_is_held_by_one_and_says_by_whom(tmp_path):
    with store.locked(tmp_path / ".lock"), pytest.raises(store.Held, match=f"process {os.getpid()} since"):
        with store.locked(tmp_path / ".lock", wait=False):
            pass


# ---------------------------------------------------------------- what it cost


def test_what_a_comparison_cost_is_that_of_all_its_attempts(tmp_path):
    """Asked for two runs and then for three, as by a command that was interrupted: the cost is that of three."""
    configs = [small.config(*SHORT).one_run(seed=seed) for seed in (1, 2, 3)]
    with arms.accounted() as first:
        arms.run(configs[:2], tmp_path, 1)
    with arms.accounted() as second:
        arms.run([*configs, configs[0]], tmp_path, 1)
    assert list(second) == [fingerprint(config) for config in configs]
    assert all(seconds > 0 for seconds in second.values()) and first.items() <= second.items()


def test_what_a_fit_cost_is_that_of_all_its_attempts(tmp_path):
    config = small.config(*SHORT)
    simulator = simulations.Simulator(config, priors.read(FREE, {}), moments.read(config))
    attempts = [simulations.Store(simulator, tmp_path, workers=1) for _ in range(2)]
    points = simulations.design(2, 2)
    attempts[0].run(points, np.full(2, 1))
    for seed in (1, 2, 2):
        attempts[1].run(points, np.full(2, seed))
    assert (attempts[1].runs, attempts[1].computed) == (4, 2)
    assert attempts[1].seconds > attempts[0].seconds > 0


def test_points_that_differ_in_the_last_bits_are_one(tmp_path):
    """As exp and sums of two processors do."""
    config = small.config(*SHORT)
    kept = simulations.Store(
        simulations.Simulator(config, priors.read(FREE, {}), moments.read(config)), tmp_path, workers=1
    )
    points = simulations.design(2, 2)
    for _ in range(3):
        kept.run(points, np.arange(2))
        points = np.nextafter(points, 1)
    assert kept.computed == 2 and np.array_equal(priors.rounded(-points * 0), np.zeros((2, 2)))
