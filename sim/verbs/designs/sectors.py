"""Some sectors of a city get a policy: the size of first rounds, treated sectors against the others.

estimator  log of a startup's first round on being in a treated sector after the start, with effects of the sector
           of a city and of the year of a city, three years a side, clustered by sector of a city
placebo    the same regression in the runs without the policy: what trends of the sectors make of nothing
triple     the same over half of the cities with the policy and half without, with effects of sector and year
truth      of treated and of control sectors, the mean log in the run with the policy less that in the run without:
           investors' hours and money are one pool, so controls may be touched as well, and no comparison within a
           city can see it
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.statistics import fixed_effects, intervals
from sim.verbs.designs.past import ordinals

SIDE = 12  # quarters before the start, and from it on
COLUMNS = ["seed", "arm", "sector", "treated", "quarter", "year", "event", "log_amount"]


class Reading(NamedTuple):
    """Effects in percent; the truth of treated and control sectors, Estimates in percent with standard errors."""

    effect: fixed_effects.Effect
    placebo: fixed_effects.Effect
    triple: fixed_effects.Effect
    truth: intervals.Estimate
    truth_error: float
    controls: intervals.Estimate
    controls_error: float
    rounds: int


def panel(seed, run, start, arm, treated):
    """First rounds of one run, a row each; `start` is a quarter, `treated` are the names of sectors."""
    rounds = run.rounds[run.rounds["round"] == 1]
    amounts = rounds.groupby("startup_id", as_index=False).agg(
        quarter=("quarter", "first"), amount=("amount_cny", "sum")
    )
    sector = run.startups.drop_duplicates("startup_id").set_index("startup_id")["sector"].astype(str)
    when = ordinals(amounts["quarter"])
    table = pd.DataFrame(
        {
            "seed": seed,
            "arm": arm,
            "sector": amounts["startup_id"].map(sector).to_numpy(),
            "quarter": when,
            "event": when - start,
            "log_amount": np.log(amounts["amount"].to_numpy(float).clip(min=1.0)),
        }
    )
    table = table[table["event"].between(-SIDE, SIDE - 1) & table["sector"].notna()]
    year = (table["event"] // 4).astype(int)
    return table.assign(treated=table["sector"].isin(treated), year=year)[COLUMNS]


def read(table):
    """The Reading of a panel of several cities."""
    ours, theirs = table[table["arm"] == "with"], table[table["arm"] == "without"]
    seeds = np.sort(table["seed"].unique())
    half = set(seeds[::2])
    mixed = table[(table["arm"] == "with") == table["seed"].isin(half)]
    truth, controls = _truth(table, True), _truth(table, False)
    return Reading(
        _difference(ours),
        _difference(theirs),
        _difference(mixed, half),
        *truth,
        *controls,
        len(ours),
    )


def _difference(table, half=None):
    """The Effect in percent of being in a treated sector after the start, where `half` is given of the cities in it."""
    seed, sector, year = (table[name].astype(str) for name in ("seed", "sector", "year"))
    after = table["treated"] & (table["event"] >= 0) & (True if half is None else table["seed"].isin(half))
    frame = table.assign(
        inside=after.astype(float),
        city_sector=pd.factorize(seed + " " + sector)[0],
        city_year=pd.factorize(seed + " " + year)[0],
        sector_year=pd.factorize(table["treated"].astype(str) + " " + year)[0],
    )
    effects = ["city_sector", "city_year", *([] if half is None else ["sector_year"])]
    return fixed_effects.least_squares(frame, "log_amount", "inside", effects, "city_sector").percent()


def _truth(table, treated):
    """(Estimate, standard error) in percent: by city, the mean log with the policy less without, after the start."""
    after = table[(table["treated"] == treated) & (table["event"] >= 0)]
    means = after.groupby(["seed", "arm"])["log_amount"].mean().unstack()
    by_city = (
        (means["with"] - means["without"]).dropna().to_numpy() if {"with", "without"} <= set(means) else np.zeros(0)
    )
    mean, error = intervals.mean(by_city), intervals.standard_error(by_city)
    effect = fixed_effects.Effect(mean.value, error, mean.low, mean.high, len(after), len(by_city)).percent()
    return effect.estimate, effect.error
