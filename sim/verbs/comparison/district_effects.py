"""Where a policy acts: paired differences by district, for the map of change."""

import numpy as np
import pandas as pd

from sim.observables.outcomes import BY_NAME, END, WINDOW
from sim.statistics import intervals

QUANTITIES = [  # outcomes that are columns of the districts too
    BY_NAME[name]
    for name in (
        *("startups_founded", "startups_alive", "startup_jobs", "vc_raised_cny"),
        *("office_rent_cny_m2", "home_rent_cny_m2"),
    )
]


def district_effects(policy, against, about):
    """One row a quantity and district from two arms, lists of Reduced in the order of the seeds: level, paired
    difference, 95% interval, counts and yuan at full size.
    """
    ours, theirs = ([_values(run, about["first_quarter"]) for run in runs] for runs in (policy, against))
    rows = []
    for each in QUANTITIES:
        one, other = (pd.DataFrame([values[each.name] for values in arm]) for arm in (ours, theirs))
        for district in one:
            effect = intervals.mean((one[district] - other[district]).to_numpy(float))
            rows.append((each.name, each.unit, each.over, district, other[district].mean(), *effect, len(one)))
    table = pd.DataFrame(
        rows, columns=["quantity", "unit", "over", "district", "against", "difference", "low", "high", "runs"]
    )
    return table.assign(percent=100 * table["difference"] / table["against"].where(table["against"] != 0, np.nan))


def _values(run, first):
    """One row a district, one column a quantity."""
    rows = run.districts[run.districts["quarter"] >= first].groupby("district", sort=False)
    kinds = {kind: [each.name for each in QUANTITIES if each.over == kind] for kind in (WINDOW, END)}
    return rows[kinds[WINDOW]].sum().join(rows[kinds[END]].last())
