"""Counting who is there: one pass over persons, one over the startups that may have changed."""

import numpy as np

from sim.mechanisms.ventures.going_concern import goes_on, worth
from sim.world.kernel import kernel
from sim.world.kinds import Life, Status

FIRMS = np.dtype(
    [
        (name, "i8")
        for name in (
            "founded",
            "failed",
            "closed",
            "listed",
            "acquired",
            "alive",
            "funded",
            "jobs",
            "revenue",
            "listed_firms",
            "listed_jobs",
            "listed_revenue",
        )
    ]
)


@kernel
def count_persons(status, home, origin, counts):
    """Adds persons (three arrays of one length) to `counts` (districts, statuses, origins) by where they live."""
    for i in range(len(status)):
        if status[i] != Status.ABSENT:
            counts[home[i], status[i], origin[i]] += 1


@kernel
def count_startups(startups, candidates, quarter, counts, alive):
    """Adds the startups in the slots `candidates` to `counts` (districts, sectors) of FIRMS, their revenue in yuan.

    Returns how many go on, their slots written to `alive` (at least as long as `candidates`), and how many entered
    the sandbox in the quarter.
    """
    living = entered = 0
    for i in candidates:
        firm = startups[i]
        group = counts[firm.district, firm.sector]
        group.founded += firm.born == quarter
        entered += firm.sandbox_from == quarter
        if firm.life == Life.ALIVE:
            group.alive += 1
            group.funded += firm.raised > 0
            group.jobs += firm.headcount
            group.revenue += firm.revenue
        if goes_on(firm.life):
            alive[living] = i
            living += 1
        if firm.life == Life.LISTED:
            group.listed_firms += 1
            group.listed_jobs += firm.headcount
            group.listed_revenue += firm.revenue
        if firm.life != Life.ALIVE and firm.ended == quarter:
            group.failed += firm.life == Life.FAILED
            group.closed += firm.life == Life.CLOSED
            group.listed += firm.life == Life.LISTED
            group.acquired += firm.life == Life.ACQUIRED
    return living, entered


@kernel
def worths(startups, slots, sectors, concern):
    """What the firms in `slots` are worth as going concerns, yuan, float64[slots]."""
    values = np.empty(len(slots))
    for k in range(len(slots)):
        firm = startups[slots[k]]
        values[k] = worth(firm.traction, firm, sectors.multiple[firm.sector], concern)
    return values
