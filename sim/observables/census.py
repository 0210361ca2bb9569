"""Counting who is there: one pass over persons, one over the startups that may have changed."""

import numpy as np

from sim.world.kernel import kernel
from sim.world.kinds import Life, Status

FIRMS = np.dtype(
    [
        (name, "i8")
        for name in ("founded", "failed", "closed", "listed", "acquired", "alive", "funded", "jobs", "revenue")
    ]
)


@kernel
def census(status, home, origin, counts):
    """Counts persons by district of home, status and origin."""
    for i in range(len(status)):
        if status[i] != Status.ABSENT:
            counts[home[i], status[i], origin[i]] += 1


@kernel
def muster(startups, known, quarter, counts, alive):
    """Counts startups by district and sector; returns how many live, their slots in `alive`, and how many entered the
    sandbox.
    """
    living = entered = 0
    for i in known:
        firm = startups[i]
        group = counts[firm.district, firm.sector]
        group.founded += firm.born == quarter
        entered += firm.sandbox_from == quarter
        if firm.life == Life.ALIVE:
            group.alive += 1
            group.funded += firm.raised > 0
            group.jobs += firm.headcount
            group.revenue += firm.revenue
            alive[living] = i
            living += 1
        elif firm.ended == quarter:
            group.failed += firm.life == Life.FAILED
            group.closed += firm.life == Life.CLOSED
            group.listed += firm.life == Life.LISTED
            group.acquired += firm.life == Life.ACQUIRED
    return living, entered


def rows_of(table):
    """The rows in use; plain arrays give their fields faster than record arrays."""
    return table.rows.view(np.ndarray)[: table.count]


def levels_of(table, names):
    """Fields of a table as rows of an int64 array."""
    rows = rows_of(table)
    return np.array([rows[name] for name in names], np.int64)


def sums(where, amounts, places):
    """Sums of integers by place, exact."""
    out = np.zeros(places, np.int64)
    np.add.at(out, where, amounts)
    return out


def ratio(part, whole):
    """part / whole as floats, NaN where the whole is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part, np.float64) / whole
