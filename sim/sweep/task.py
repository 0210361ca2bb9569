"""What a task of a sweep does: simulate its runs one after the other, on one thread, and leave one shard."""

import os
import time
import traceback

import pyarrow

from sim.observables import written
from sim.observables.codebook import CODEBOOK
from sim.runs import spin_ups
from sim.runs.fingerprint import fingerprint, ground
from sim.runs.folders import FolderError, refusals_told, signals_raised
from sim.runs.numerical_faults import watched
from sim.settings.refusals import ConfigError
from sim.sweep import plans, store

ROWS = 4_000_000  # of a shard's tables together; beyond, a task leaves more than one shard, so that memory is bounded
SIGNALS = ("SIGTERM", "SIGUSR2", "SIGUSR1")  # by which a scheduler or a user ends a process

_warm = False  # whether this process has loaded the model; a run that waits for that measures something else


class Changed(FolderError):
    """The model or its data are no longer those that the sweep was planned with."""


def compute(folder, plan_id, rows, seconds=None):
    """Simulate the runs in `rows` of a plan and keep them; returns how many were {"done", "failed"}.

    Stops after `seconds`, where given, but not before two runs. A run that fails leaves its folder and the next one
    begins. Whoever interrupts gets what is done kept first. Raises Changed, and FolderError where the disk refuses.
    """
    _one_thread()
    plan = plans.read(str(folder), plan_id, True)  # as the command has just kept it
    for config, planned in zip(plan.arms.values(), plan.grounds, strict=True):
        if ground(config) != planned:
            raise Changed("the model or its data have changed since the sweep was planned; repeat its command")
    began, done, failed, waiting, size = time.perf_counter(), 0, 0, [], 0

    def keep():
        nonlocal done, waiting, size
        if waiting:
            with refusals_told(folder, store.KEPT):
                store.write_shard(folder, waiting)
            done += len(waiting)
            waiting, size = [], 0

    with signals_raised(*SIGNALS):
        try:
            for count, row in enumerate(rows):
                if seconds is not None and count >= 2 and time.perf_counter() - began > seconds:
                    break
                run = _attempt(folder, plan, row)
                if run is None:
                    failed += 1
                    continue
                waiting.append(run)
                size += sum(len(table["quarter"]) for table in run[2].values())
                if size > ROWS:
                    keep()
        finally:
            keep()
    return {"done": done, "failed": failed}


def _attempt(folder, plan, row):
    """(fingerprint, seconds or None in a process that was cold, tables) of one run; None where it failed, which its
    folder then tells.
    """
    global _warm
    warm, _warm = _warm, True
    began = time.perf_counter()
    run = {key: plan.runs[key][row].as_py() for key in ("fingerprint", "seed", "arm", "point")}
    text, config = run["fingerprint"].hex(), None
    try:
        config = plan.config(row)
        tables = simulate(config)
    except Exception as error:
        reason = "\n".join(error.problems) + "\n" if isinstance(error, ConfigError) else traceback.format_exc()
        quarter, call = getattr(error, "position", (None, None))
        about = {
            "fingerprint": text,
            "seed": run["seed"],
            "arm": list(plan.arms)[run["arm"]],
            "point": run["point"],
            "quarter": quarter,
            "call": call,
            "error": f"{type(error).__name__}: {error}".splitlines()[0],
        }
        if config is None:
            about["values"] = plan.values(run["point"])
        with refusals_told(folder, store.KEPT):
            store.write_failure(folder, config, about, reason)
        return None
    return text, time.perf_counter() - began if warm else None, tables


def simulate(config):
    """One run: {table: {column: array}} of the tables that a sweep keeps. Raises what the model raises."""
    model = spin_ups.model_of(config)
    with watched(model):
        while model.quarter <= config.end:
            model.step()
    return {name: model.panels.columns(name) for name in store.TABLES}


def recomputed(config):
    """(fingerprint, tables) of a run computed anew."""
    return fingerprint(config), simulate(config)


def differing(tables, kept):
    """Names `table.column` in which tables computed anew and those of a shard differ by a bit."""
    return [
        f"{name}.{column.name}"
        for name, columns in tables.items()
        for column, values in zip(CODEBOOK[name], written.table(CODEBOOK[name], columns).columns, strict=True)
        if not _same_bits(values, kept[name][column.name])
    ]


def _same_bits(one, other):
    one, other = one.to_numpy(), other.to_numpy()
    if one.dtype == object:
        return list(one) == list(other)
    return one.dtype == other.dtype and one.tobytes() == other.tobytes()


def _one_thread():
    """Keep the libraries of this process from taking the cores of others."""
    pyarrow.set_cpu_count(1)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
