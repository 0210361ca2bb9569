"""Processes of a comparison: started while the words are still being checked, for its runs, tables and figures."""

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from sim.runs.folders import FolderError

# Imported once, for all processes: what runs, tables and figures need.
PRELOAD = [
    "sim.model.ecosystem",
    "sim.verbs.compare",
    "sim.plots",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
]


class Killed(FolderError):
    """A process ended before its work did."""


def expect():
    """Begin to import what processes will need, beside what this one does; where nothing is asked of them they end
    with it.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver

        _context()
        forkserver.ensure_running()


@contextmanager
def pool(workers):
    """A ProcessPoolExecutor of `workers` processes.

    They import the caller's main file, leave interruptions to their parent, and do not outlive it. Raises Killed where
    one of them ends before its work does.
    """
    with (
        deaths_told(),
        _main_file_that_is_one(),
        ProcessPoolExecutor(workers, _context(), initializer=_begin) as processes,
    ):
        yield processes


@contextmanager
def _main_file_that_is_one():
    """Inside, processes do not look for the file of a program that came from standard input and has none."""
    main = vars(sys.modules["__main__"])
    file = main.get("__file__")
    if file is None or os.path.exists(file):
        yield
        return
    del main["__file__"]
    try:
        yield
    finally:
        main["__file__"] = file


@contextmanager
def deaths_told():
    """Turn what a pool says, this one or joblib's, when one of its processes ends before its work into Killed."""
    try:
        yield
    except BrokenProcessPool:
        raise Killed(
            "a process was killed: is there too little memory, or is this a script that calls outside of "
            '`if __name__ == "__main__":`? What was kept until then counts when it is repeated'
        ) from None


@contextmanager
def side_by_side(workers):
    """Gives a `map` that calls a function in so many processes, or with fewer than two the map of Python."""
    if workers < 2:
        yield map
        return
    with pool(workers) as processes:
        yield processes.map


def as_done(workers, function, tasks):
    """Yields (label, what `function(*arguments)` returned) of each of the tasks, which are (label, arguments), as they
    end: in so many processes, or with fewer than two in this one.

    None waits in a queue, so that an interruption waits only for those under way. Raises Killed.
    """
    waiting = iter(tasks)
    if workers < 2:
        yield from ((label, function(*arguments)) for label, arguments in waiting)
        return
    with pool(workers) as processes:

        def begun(count):
            some = islice(waiting, count)
            return {processes.submit(_tidily, function, *arguments): label for label, arguments in some}

        running = begun(workers)
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                label, result = running.pop(future), future.result()
                running |= begun(1)
                yield label, result


def _context():
    """How processes start: where the system can, as copies of one that has imported the model already, else anew."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return context


def _tidily(function, *arguments):
    """Call a function, and give back what its cities took: a process of a hundred runs grew to gigabytes by cities that
    are gone (a Mesa model is a circle, which only the collector frees) and by the holes that their arrays leave.
    """
    try:
        return function(*arguments)
    finally:
        gc.collect()
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the C library of Linux
        if trim is not None:
            trim(0)


def _begin():
    import pyarrow

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pyarrow.set_cpu_count(1)
    gc.freeze()  # what is loaded stays: to collect costs little then
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
