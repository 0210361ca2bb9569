"""Replicate cities: some get a policy, at different times, and the others never do.

city       a seed; it is run with the policy and without it, so that any split of the seeds into treated (the run
           with) and never treated (the run without) is one replication of a paper, at no further cost
start      the year from whose first quarter a city has the policy, drawn once for each seed
estimator  an outcome of a city and year on having the policy, with effects of city and year, clustered by city
truth      of every city, its run with the policy less its run without, mean over the years from its start on
assigned   one split, drawn before anything was seen; many others tell how much the answer hangs on the split
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.statistics import fixed_effects, intervals
from sim.verbs.designs.past import NEVER, ordinals
from sim.world.calendar import quarter_name

DRAW = 2024  # seed of the assignments; drawn before any of them was seen
ASSIGNMENTS = 200
YOUNG = 5  # years up to which a firm is young
SURVIVES = 12  # quarters
BEFORE, AFTER = 4, 3  # years before the first start, and years that the jobs of entrants are followed
FEWEST = 4  # cities
TWO_WAY, POISSON = "two-way effects", "Poisson, two-way effects"
BILLION = 1e9
OUTCOMES = {  # of a city and year, at full size
    "births": "startups founded",
    "individuals_deals": "rounds with an individual investor",
    "seed_deals": "seed rounds",
    "individuals": "distinct individual investors",
    "hard_tech_births": "hard-tech startups founded",
    "young_jobs": "jobs in firms under five years",
    "survival": "share of a year's startups alive after twelve quarters",
    "private_bn": "venture capital without the guidance fund's part, bn yuan",
    "public_bn": "the guidance fund's part of venture capital, bn yuan",
    "entrants_jobs": "jobs in firms born since the start",
    "others_jobs": "jobs in all other firms",
}


class Reading(NamedTuple):
    """An Effect, the truth with its standard error, and the estimates of many assignments."""

    effect: fixed_effects.Effect
    truth: intervals.Estimate
    truth_error: float
    assigned: np.ndarray
    rejecting: float  # share of them whose interval leaves out the truth
    cities: int
    design: str


def starts(seeds, first, cohorts):
    """The year of the start of each seed, drawn once: as many of one cohort as of another."""
    order = np.random.default_rng(DRAW).permutation(len(seeds))
    years = np.empty(len(seeds), int)
    years[order] = first + np.arange(len(seeds)) % cohorts
    return dict(zip(seeds, years.tolist(), strict=True))


def panel(seed, run, start, arm):
    """The years of one run, a frame with a row a year of OUTCOMES; `start` is a year."""
    quarters, scale = ordinals(run.panel["quarter"]), run.scale
    startups, rounds = run.startups, run.rounds
    years = np.unique(quarters // 4)
    born, opened = ordinals(startups["born"]), start * 4
    by_round = rounds.assign(year=ordinals(rounds["quarter"]) // 4)
    angels = by_round[by_round["investor"] == "angel"]
    one_each = ["startup_id", "round"]
    life = ordinals(startups["ended"]) - born
    alive = (life > SURVIVES) | startups["life"].isin(["listed", "acquired"]).to_numpy()
    in_time = born + SURVIVES <= quarters.max()
    jobs = run.jobs.assign(
        year=ordinals(run.jobs["quarter"]) // 4,
        born=np.where(run.jobs["born"].isna(), -NEVER, ordinals(run.jobs["born"])),
    )
    per_year = pd.DataFrame(index=pd.Index(years, name="year"))
    flows = run.panel.groupby(quarters // 4)[["startups_founded", "vc_raised_cny", "vc_private_cny"]].sum()
    per_year["births"] = flows["startups_founded"]
    per_year["individuals_deals"] = angels.drop_duplicates(one_each).groupby("year").size() / scale
    per_year["seed_deals"] = (
        by_round[by_round["stage"] == "seed"].drop_duplicates(one_each).groupby("year").size() / scale
    )
    per_year["individuals"] = angels.groupby("year")["investor_id"].nunique() / scale
    hard = startups["hard_tech"].to_numpy(bool)
    per_year["hard_tech_births"] = pd.Series(born[hard] // 4).value_counts() / scale
    young = jobs[(jobs["born"] >= 4 * (jobs["year"] - YOUNG + 1)) & (jobs["born"] > -NEVER)]
    per_year["young_jobs"] = young.groupby("year")["jobs"].sum()
    per_year["survival"] = pd.Series(alive[in_time].astype(float)).groupby(born[in_time] // 4).mean()
    per_year["private_bn"] = flows["vc_private_cny"] / BILLION
    per_year["public_bn"] = (flows["vc_raised_cny"] - flows["vc_private_cny"]) / BILLION
    entrants = jobs[jobs["born"] >= opened].groupby("year")["jobs"].sum()
    per_year["entrants_jobs"] = entrants.reindex(years, fill_value=0.0)
    per_year["others_jobs"] = jobs.groupby("year")["jobs"].sum() - per_year["entrants_jobs"]
    for name in ("individuals_deals", "seed_deals", "individuals", "hard_tech_births", "young_jobs"):
        per_year[name] = per_year[name].fillna(0.0)
    table = per_year.reset_index().assign(seed=seed, arm=arm, start=start)
    return table[["seed", "arm", "year", "start", *OUTCOMES]]


def window(table, first, last):
    """The years of a panel from BEFORE years before the first start to the last full one."""
    return table[(table["year"] >= first - BEFORE) & (table["year"] <= last)]


def _assignments(cities):
    """Many splits of so many cities into halves, bool[ASSIGNMENTS, cities], the first the one that was drawn first."""
    chance = np.random.default_rng(DRAW)
    half = np.zeros(cities, bool)
    half[: cities // 2] = True
    return np.array([chance.permutation(half) for _ in range(ASSIGNMENTS)])


def _drawn(table):
    """Seed of a city -> whether it is treated in the first assignment."""
    seeds = np.sort(table["seed"].unique())
    return dict(zip(seeds, _assignments(len(seeds))[0], strict=True))


def _wide(table, name, arm):
    return table[table["arm"] == arm].pivot(index="seed", columns="year", values=name)


def effect(table, name, logs=True):
    """The Reading of an outcome: in percent of its level (`logs`), or in its own unit. Where it is zero in some city
    and year there are no logs, and it goes by Poisson; the truth is then the ratio of sums. Years without the outcome
    are left out.
    """
    ours, theirs = _wide(table, name, "with"), _wide(table, name, "without")
    years = ours.columns[(ours.notna() & theirs.notna()).any()]
    kept = (ours[years].notna() & theirs[years].notna()).all(axis=1)
    ours, theirs = ours.loc[kept, years], theirs.loc[kept, years]
    n, design = len(ours), TWO_WAY
    if n < FEWEST or not len(years):
        return Reading(fixed_effects.NO_EFFECT, intervals.NOTHING, np.nan, np.zeros(0), np.nan, n, design)
    begins = table.drop_duplicates("seed").set_index("seed")["start"].reindex(ours.index).to_numpy()
    open_ = years.to_numpy()[None, :] >= begins[:, None]
    y1, y0 = ours.to_numpy(float), theirs.to_numpy(float)
    units, times = np.repeat(np.arange(n), len(years)), np.tile(years.to_numpy(), n)
    counts = logs and not ((y1 > 0).all() and (y0 > 0).all())
    if counts:
        design, (mean, error) = POISSON, _ratio_of_sums((y1 * open_).sum(axis=1), (y0 * open_).sum(axis=1))
    else:
        y1, y0 = (np.log(y1), np.log(y0)) if logs else (y1, y0)
        by_city = np.array([(y1 - y0)[i, open_[i]].mean() for i in range(n) if open_[i].any()])
        mean, error = intervals.mean(by_city), intervals.standard_error(by_city)
    panel, effects = fixed_effects.Panel((units, times), units), []
    for treated in _assignments(n):
        y = np.where(treated[:, None], y1, y0).ravel()
        inside = (treated[:, None] & open_).astype(float).ravel()
        if counts:
            frame = pd.DataFrame({"y": y, "inside": inside, "city": units, "year": times})
            effects.append(fixed_effects.poisson(frame, "y", "inside", ["city", "year"], "city"))
        else:
            effects.append(panel.effect(y, inside))
    found = [one for one in effects if np.isfinite(one.value)]
    values = np.array([one.value for one in found])
    outside = float(np.mean([not one.low <= mean.value <= one.high for one in found])) if found else np.nan
    if not logs:
        return Reading(effects[0], mean, error, values, outside, n, design)
    truth = fixed_effects.Effect(mean.value, error, mean.low, mean.high, n, n).percent()
    percents = 100 * np.expm1(values[np.abs(values) < fixed_effects.TALL])
    return Reading(effects[0].percent(), truth.estimate, truth.error, percents, outside, n, design)


def _ratio_of_sums(ours, theirs):
    """(Estimate of the logarithm of the ratio of two means over cities, its standard error)."""
    ratio = intervals.ratio(ours, theirs)
    if not (ratio.value > 0 and ratio.low > 0):
        return intervals.NOTHING, np.nan
    logs = intervals.Estimate(*np.log(ratio).tolist())
    return logs, (logs.high - logs.low) / (2 * intervals.t_quantile(len(ours) - 1))


def callaway_santanna(table, name, logs=True):
    """The Effect of the first assignment by Callaway and Sant'Anna (2021), never treated and not yet treated cities as
    controls, by the library diff-diff.
    """
    import warnings

    import diff_diff

    treated = _drawn(table)
    frame = table[(table["arm"] == "with") == table["seed"].map(treated)].copy()
    frame["y"] = np.log(frame[name].where(frame[name] > 0)) if logs else frame[name]
    frame = frame.dropna(subset=["y"])
    full = frame.groupby("seed")["year"].transform("size") == frame["year"].nunique()
    frame = frame[full].assign(first=lambda rows: np.where(rows["seed"].map(treated), rows["start"], 0))
    n = frame["seed"].nunique()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = diff_diff.CallawaySantAnna(control_group="not_yet_treated").fit(
                frame, outcome="y", unit="seed", time="year", first_treat="first"
            )
        except (ValueError, np.linalg.LinAlgError):
            return fixed_effects.NO_EFFECT._replace(n=len(frame), clusters=n)
    low, high = fit.overall_conf_int
    return fixed_effects.Effect(float(fit.overall_att), float(fit.overall_se), float(low), float(high), len(frame), n)


def ratio(table, above, below, sign=1.0, years=None):
    """(Effect of `below` on `above` times `sign`, instrumented by having the policy; F of the first stage; the interval
    of Anderson and Rubin; the truth, how much `above` moves a unit of `below`, an Estimate) of the first assignment;
    with `years` only so many years from the start on.
    """
    treated = _drawn(table)
    if years is not None:
        table = table[table["year"] < table["start"] + years]
    frame = table[(table["arm"] == "with") == table["seed"].map(treated)]
    z = (frame["seed"].map(treated) & (frame["year"] >= frame["start"])).to_numpy(float)
    panel = fixed_effects.Panel((frame["seed"].to_numpy(), frame["year"].to_numpy()), frame["seed"].to_numpy())
    effect, strength, ends = panel.instrumented(frame[above].to_numpy(float), frame[below].to_numpy(float), z)
    after = table[table["year"] >= table["start"]]
    sums = after.pivot_table(index="seed", columns="arm", values=[above, below], aggfunc="sum")
    moved = [
        (sums[name]["with"] - sums[name]["without"]).to_numpy(float) if len(sums) else np.zeros(0)
        for name in (above, below)
    ]
    truth = intervals.ratio(*moved)
    parts = [tuple(sorted((sign * low, sign * high))) for low, high in (ends, (truth.low, truth.high))]
    return effect.times(sign), strength, parts[0], intervals.Estimate(sign * truth.value, *parts[1])


def first_quarter(year):
    """The text of a year's first quarter."""
    return quarter_name(4 * year)
