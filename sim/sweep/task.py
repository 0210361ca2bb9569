"""What a task of a sweep does: simulate its runs one after the other, on one thread, and leave one shard."""

import os
import signal
import threading
import time
import traceback

import numpy as np

from sim.runs.fingerprint import fingerprint, ground
from sim.runs.folders import FolderError, refusals_told
from sim.settings.refusals import ConfigError
from sim.sweep import plans, store

_warm = False  # whether this process has loaded the model; a run that waits for that measures something else
ROWS = 4_000_000  # of a shard's tables together; beyond, a task leaves more than one shard, so that memory is bounded


class Changed(FolderError):
    """The model or its data are no longer those that the sweep was planned with."""


def compute(folder, plan, rows, seconds=None):
    """Simulate the runs in `rows` of a plan and keep them; returns how many were {"done", "failed"}.

    Stops after `seconds`, where given, but not before two runs. A run that fails leaves its folder and the next one
    begins. Whoever interrupts gets what is done kept first. Raises Changed, and FolderError where the disk refuses.
    """
    _one_thread()
    whole = plans.read(str(folder), plan)
    for config, known in zip(whole.arms.values(), whole.grounds, strict=True):
        if ground(config) != known:
            raise Changed("the model or its data have changed since the sweep was planned; repeat its command")
    began, done, failed, kept, size = time.perf_counter(), [], 0, [], 0

    def keep():
        nonlocal kept, size
        if kept:
            with refusals_told(folder, store.KEPT):
                store.write_shard(folder, kept)
            done.extend(fingerprint for fingerprint, _, _ in kept)
            kept, size = [], 0

    with _signals_raised():
        try:
            for count, row in enumerate(rows):
                if seconds is not None and count >= 2 and time.perf_counter() - began > seconds:
                    break
                found = _attempt(folder, whole, row)
                if found is None:
                    failed += 1
                    continue
                kept.append(found)
                size += sum(len(table["quarter"]) for table in found[2].values())
                if size > ROWS:
                    keep()
        finally:
            keep()
    return {"done": len(done), "failed": failed}


def _attempt(folder, whole, row):
    """(fingerprint, seconds or None in a process that was cold, tables) of one run; None where it failed, which its
    folder then tells.
    """
    global _warm
    warm, _warm = _warm, True
    began = time.perf_counter()
    expected = whole.runs["fingerprint"][row].as_py().hex()
    about = {
        "fingerprint": expected,
        "seed": whole.runs["seed"][row].as_py(),
        "arm": list(whole.arms)[whole.runs["arm"][row].as_py()],
    }
    about |= {"point": whole.runs["point"][row].as_py(), "quarter": None, "call": None}
    config = None
    try:
        config = whole.config(row)
        tables = simulate(config)
    except Exception as error:
        quarter, call = getattr(error, "place", (None, None))
        text = "\n".join(error.problems) + "\n" if isinstance(error, ConfigError) else traceback.format_exc()
        about |= {"quarter": quarter, "call": call, "error": f"{type(error).__name__}: {error}".splitlines()[0]}
        if config is None:
            about["values"] = whole.values(about["point"])
        with refusals_told(folder, store.KEPT):
            store.write_failure(folder, config, about, text)
        return None
    return expected, time.perf_counter() - began if warm else None, tables


def simulate(config):
    """One run: {table: {column: array}} of the tables that a sweep keeps."""
    from sim.model.ecosystem import Ecosystem
    from sim.runs.numerical_faults import watched

    model = Ecosystem(config)
    with watched(model):
        while model.quarter <= config.end:
            model.step()
    return {name: model.panels.columns(name) for name in store.TABLES}


def recomputed(config):
    """(fingerprint, tables) of a run computed anew."""
    return fingerprint(config), simulate(config)


def differing(tables, kept):
    """Names `table.column` in which tables computed anew and those of a shard differ by a bit."""
    found = []
    for name, columns in tables.items():
        for column, values in columns.items():
            other = kept[name][column].to_numpy(zero_copy_only=False)
            values = np.asarray(values)
            same = (
                list(values) == list(other)
                if values.dtype == object
                else values.dtype == other.dtype and values.tobytes() == other.tobytes()
            )
            found += [] if same else [f"{name}.{column}"]
    return found


def _one_thread():
    """Keep the libraries of this process from taking the cores of others."""
    import pyarrow

    pyarrow.set_cpu_count(1)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")


class _signals_raised:
    """Inside, the signals by which a scheduler or a user ends a process interrupt it as Ctrl-C does."""

    NAMES = ("SIGTERM", "SIGUSR2", "SIGUSR1")

    def __enter__(self):
        self.before = {}
        if threading.current_thread() is threading.main_thread():
            for name in self.NAMES:
                if hasattr(signal, name):
                    self.before[name] = signal.signal(getattr(signal, name), self._interrupt)

    def _interrupt(self, number, frame):
        raise KeyboardInterrupt(signal.Signals(number).name)

    def __exit__(self, *_):
        for name, handler in self.before.items():
            signal.signal(getattr(signal, name), handler if handler is not None else signal.SIG_DFL)
