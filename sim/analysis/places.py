"""Where a policy acts: paired differences by district, for the map of change."""

import numpy as np
import pandas as pd

from sim.analysis import intervals
from sim.analysis.outcomes import END, WINDOW

QUANTITIES = {  # column of the districts: unit, what is compared
    "startups_founded": ("firms", WINDOW),
    "startups_alive": ("firms", END),
    "startup_jobs": ("jobs", END),
    "vc_raised_cny": ("yuan", WINDOW),
    "office_rent_cny_m2": ("yuan a m2", END),
    "home_rent_cny_m2": ("yuan a m2", END),
}


def places(policy, against, first):
    """One row a quantity and district from two arms, lists of Reduced in the order of the seeds: level, paired difference, 95% interval."""
    rows = []
    for name, (unit, over) in QUANTITIES.items():
        ours, theirs = (pd.DataFrame([_values(run, name, over, first) for run in runs]) for runs in (policy, against))
        for district in ours:
            found = intervals.mean((ours[district] - theirs[district]).to_numpy(float))
            rows.append((name, unit, over, district, theirs[district].mean(), *found, len(ours)))
    table = pd.DataFrame(rows, columns=["quantity", "unit", "over", "district", "against", "difference", "low", "high", "runs"])
    return table.assign(percent=100 * table["difference"] / table["against"].where(table["against"] != 0, np.nan))


def _values(run, name, over, first):
    rows = run.districts[run.districts["quarter"] >= first].groupby("district", sort=False)[name]
    return rows.sum() if over == WINDOW else rows.last()
