"""Processes that do the runs of a comparison or a fit."""

import os

import numpy as np
import pytest

from sim.runs import processes

MEGABYTES = 60  # of a circle


class Circle:
    """As a Mesa model is: it holds itself, so that the collector alone frees it."""

    def __init__(self):
        self.itself, self.held = self, np.ones(MEGABYTES * 10**6 // 8)


def circle(_):
    """(process, its megabytes at the start of the task, in which it leaves a circle behind)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        held = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    Circle()
    return os.getpid(), held


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="memory is read where Linux tells it")
def test_a_process_gives_back_what_its_tasks_have_left():
    tasks = ((number, (number,)) for number in range(12))
    seen = {}
    for _, (process, held) in processes.as_done(2, circle, tasks):
        seen.setdefault(process, []).append(held)
    assert sum(map(len, seen.values())) == 12
    assert all(max(held) - held[0] < 2 * MEGABYTES for held in seen.values()), seen
