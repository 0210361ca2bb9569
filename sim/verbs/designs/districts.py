"""Some districts get a policy: against their neighbours, and against all others.

estimator  an outcome of a district and quarter on having the policy, with effects of district and quarter of each
           city, clustered by district of a city, in percent of the treated districts' mean before; eight quarters
           before the start and all after it
controls   neighbours: districts that border on a treated one;   others: those that do not
truth      the treated districts less the same in the city without the policy; and so of the controls, which a
           policy may draw firms from or spill over to
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.statistics import fixed_effects, intervals
from sim.verbs.designs.past import ordinals

SPAN = 8  # quarters before the start
OUTCOMES = ("startups_founded", "startups_alive", "startup_jobs", "vc_raised_cny")


class Reading(NamedTuple):
    """An Effect in percent, and what is true of the treated and of the controls, Estimates with standard errors."""

    effect: fixed_effects.Effect
    truth: intervals.Estimate
    truth_error: float
    controls: intervals.Estimate
    controls_error: float


def panel(seed, ours, theirs, start, treated, neighbours):
    """Districts and quarters of one run with their twins; `start` is a quarter, the others sets of codes."""
    keys, names = ["quarter", "district"], list(OUTCOMES)
    table = ours.districts[[*keys, *names]].merge(
        theirs.districts[[*keys, *names]].add_prefix("twin_").rename(columns={f"twin_{key}": key for key in keys}),
        on=keys,
    )
    event = ordinals(table["quarter"]) - start
    group = np.where(
        table["district"].isin(treated), "treated", np.where(table["district"].isin(neighbours), "neighbours", "others")
    )
    return table.assign(seed=seed, event=event, group=group)[event >= -SPAN]


def read(table, outcome="startups_founded", controls="neighbours"):
    """The Reading of a panel of one or several cities."""
    frame = table[table["group"].isin(["treated", controls])]
    is_treated = (frame["group"] == "treated").to_numpy()
    after = (frame["event"] >= 0).to_numpy()
    if not (is_treated.any() and (~is_treated).any() and after.any()):
        return Reading(fixed_effects.NO_EFFECT, intervals.NOTHING, np.nan, intervals.NOTHING, np.nan)
    city = frame["seed"].astype(str)
    unit, quarter = city + " " + frame["district"].astype(str), city + " " + frame["quarter"].astype(str)
    groups = (pd.factorize(unit)[0], pd.factorize(quarter)[0])
    effect = fixed_effects.Panel(groups, groups[0]).effect(
        frame[outcome].to_numpy(float), (is_treated & after).astype(float)
    )
    before = frame.loc[is_treated & ~after, outcome].mean()
    scale = 100 / before if before > 0 else np.nan
    truths = []
    for side in (is_treated, ~is_treated):
        rows = frame[side & after]
        moved = (rows[outcome] - rows[f"twin_{outcome}"]).groupby([rows["seed"], rows["district"]]).mean().to_numpy()
        level = frame.loc[side & ~after, outcome].mean()
        size = 100 / level if level > 0 else np.nan
        truths += [
            intervals.Estimate(*(size * x for x in intervals.mean(moved))),
            size * intervals.standard_error(moved),
        ]
    return Reading(effect.times(scale), *truths)
