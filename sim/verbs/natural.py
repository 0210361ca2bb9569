"""The laboratory of natural experiments: for any policy, what would an evaluator estimate, and what is true?

    at_cutoff     applicants on both sides of the cut-off of a programme
    at_entry      firms that enter a programme one after the other
    at_roll_out   cities that get a policy at different times
    at_border     districts that get a policy, their neighbours and the others

Each runs pairs of cities with the same luck, which are kept in the store of the comparisons, and gives a Finding: the
frame `table`, one row an estimator with its interval and the truth beside it, and the frame `panel` on which another
estimator can be tried. From Python `sim.natural`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.runs import arms as runs_of_arms
from sim.settings import config as configs
from sim.settings import contrast, python
from sim.settings.config import varied
from sim.settings.refusals import ConfigError
from sim.statistics.intervals import Estimate
from sim.verbs.comparison.several import each_run
from sim.verbs.designs import cities, cutoff, districts, entry
from sim.verbs.from_python import computed
from sim.verbs.screen import interval, short
from sim.world.calendar import quarter_name, quarter_of

STORE = "results/compare/store"
FLOWS = {  # outcomes of `at_roll_out` that take logs, as those of a count or an amount
    name: name != "survival" for name in cities.OUTCOMES if name not in ("entrants_jobs", "others_jobs")
}


@dataclass
class Finding:
    """What a design says and what is true: `table` has the columns estimator, estimate, error, low, high, truth and
    truth_error, in `unit`; `panel` is what it was estimated from, twins and all.
    """

    design: str
    unit: str
    table: pd.DataFrame
    panel: pd.DataFrame

    def __repr__(self):
        return f"Finding({self.design}, {len(self.panel):,} rows)"

    def __str__(self):
        lines = [f"{self.design}, {self.unit}", ""]
        for row in self.table.itertuples():
            said = f"{short(row.estimate):>8} {interval(short_or(row.low), short_or(row.high)):<22}"
            lines.append(f"  {row.estimator:<44}{said} truth {short(row.truth)} ({short(row.truth_error)})")
        return "\n".join(lines)


def short_or(value):
    """A number of an interval, NaN where it has no bounds."""
    return value if np.isfinite(value) else np.nan


def at_cutoff(policy, against="none", outcome="raises_fund", runs=4, seed=1, scale=0.1, workers=1, store=STORE, **keys):
    """What an evaluator finds at the cut-off of a programme that admits by score; Finding in points.

    Parameters
    ----------
    policy, against : str or list of str
        As of `sim.compare`; exactly one of the policies that only the first arm has admits startups by score.
    outcome : str
        One of `sim.verbs.designs.cutoff.OUTCOMES`, such as raises_fund, raises_any or survives.
    runs, seed, scale, workers, store, **keys
        As of `sim.compare`.

    Raises
    ------
    sim.settings.refusals.ConfigError
        Says what is wrong with the settings; also for an outcome that there is not.
    """
    _check("outcome", outcome, cutoff.OUTCOMES)
    pair, ours, theirs, seeds = _pairs(policy, against, runs, seed, scale, workers, store, keys)
    name = _own(pair)
    panel = _together(cutoff.panel(s, one, other, name) for s, one, other in zip(seeds, ours, theirs, strict=True))
    read, unit = cutoff.read(panel, outcome), 1.0 if outcome == "amount_m" else 100.0
    half = [unit * x for x in read.means]
    error = (half[2] - half[1]) / 4
    truth = unit * read.truth.value, unit * read.truth_error
    rows = [
        ("local linear, robust interval", *_scaled(read.jump.estimate, read.jump.error, unit), *truth),
        ("ranks 1 to 3 of a competition", *_scaled(read.by_rank.estimate, read.by_rank.error, unit), *truth),
        ("difference of means in the bandwidth", half[0], error, half[1], half[2], *truth),
    ]
    words = "m yuan" if outcome == "amount_m" else "points"
    return _finding(f"{name} at its cut-off: {cutoff.OUTCOMES[outcome]}", words, rows, panel)


def at_entry(policy, against="none", runs=4, seed=1, scale=0.1, workers=1, store=STORE, **keys):
    """What an evaluator finds of firms that enter a programme one after the other: the chance of raising in a quarter,
    in points, by three sets of controls. Arguments as of `at_cutoff`; gives a Finding.
    """
    pair, ours, theirs, seeds = _pairs(policy, against, runs, seed, scale, workers, store, keys)
    name = _own(pair)
    panel = _together(entry.panel(s, one, other, name) for s, one, other in zip(seeds, ours, theirs, strict=True))
    rows = []
    for controls, words in entry.CONTROLS.items():
        read = entry.chance(panel, controls, points=True)
        rows.append(
            (
                f"controls: {words}",
                *_scaled(read.effect.estimate, read.effect.error),
                read.truth.value,
                read.truth_error,
            )
        )
    return _finding(f"entry into {name}: chance of raising in a quarter", "points", rows, panel)


def at_roll_out(
    policy,
    against="none",
    outcome="births",
    runs=20,
    seed=1,
    scale=0.1,
    workers=1,
    store=STORE,
    *,
    first=2014,
    cohorts=6,
    **keys,
):
    """What an evaluator finds of cities that get a policy at different times, half of them never; Finding in percent,
    of `survival` in points.

    Parameters
    ----------
    policy, against : str or list of str
        As of `sim.compare`; what only the first arm has begins in the year of each city.
    outcome : str
        One of `sim.verbs.designs.cities.OUTCOMES` that is read over all years, such as births or individuals.
    first, cohorts : int
        The first year in which cities begin, and over how many years they do.
    runs : int
        Cities, from 4.
    seed, scale, workers, store, **keys
        As of `sim.compare`.

    Raises
    ------
    sim.settings.refusals.ConfigError
        As `at_cutoff` does.
    """
    _check("outcome", outcome, FLOWS)
    pair = _contrast(policy, against, runs, seed, scale, store, keys)
    starts = cities.starts(range(seed, seed + runs), first, cohorts)
    begun = {year: _beginning(pair, year) for year in set(starts.values())}
    asked = [
        runs_of_arms.with_seed(one, number) for number, year in starts.items() for one in (begun[year], pair.against)
    ]
    kept = iter(runs_of_arms.run(asked, store, workers))
    frames = [
        cities.panel(number, next(kept), year, arm) for number, year in starts.items() for arm in ("with", "without")
    ]
    panel = cities.window(_together(frames), first, (pair.policy.end + 1) // 4 - 1)
    logs = FLOWS[outcome]
    read, other = cities.effect(panel, outcome, logs), cities.callaway_santanna(panel, outcome, logs)
    other, unit = (other.percent(), 1.0) if logs else (other, 100.0)
    truth = unit * read.truth.value, unit * read.truth_error
    rows = [
        ("two-way effects, clustered by city", *_scaled(read.effect.estimate, read.effect.error, unit), *truth),
        ("Callaway and Sant'Anna", *_scaled(other.estimate, other.error, unit), *truth),
    ]
    if len(read.assigned):
        low, high = (unit * np.quantile(read.assigned, share) for share in (0.025, 0.975))
        spread = unit * read.assigned.std(ddof=1)
        rows.append(("mean of many assignments, 95% of them", unit * read.assigned.mean(), spread, low, high, *truth))
    words = "percent" if logs else "points"
    return _finding(f"roll-out over {runs} cities: {cities.OUTCOMES[outcome]}", words, rows, panel)


def at_border(
    policy, against="none", outcome="startups_founded", runs=4, seed=1, scale=0.1, workers=1, store=STORE, **keys
):
    """What an evaluator finds who compares the districts that a policy is for with their neighbours, and with the
    others; Finding in percent of the districts' mean before. The truth of the controls stands in rows of its own.

    Parameters
    ----------
    policy, against : str or list of str
        As of `sim.compare`; what only the first arm has is for some districts, and begins after the first quarter.
    outcome : str
        One of `sim.verbs.designs.districts.OUTCOMES`.
    runs, seed, scale, workers, store, **keys
        As of `sim.compare`.

    Raises
    ------
    sim.settings.refusals.ConfigError
        As `at_cutoff` does; also for a policy that is for all districts.
    """
    _check("outcome", outcome, districts.OUTCOMES)
    pair, ours, theirs, seeds = _pairs(policy, against, runs, seed, scale, workers, store, keys)
    treated = _districts(pair)
    city = pair.policy.city
    codes = list(city.district_codes)
    beside = city.adjacency[[codes.index(code) for code in treated]].any(axis=0)
    neighbours = {code for code, near in zip(codes, beside, strict=True) if near} - treated
    start = quarter_of(pair.about["first_quarter"])
    if start <= pair.policy.start:
        raise ConfigError([f"policy: {_own(pair)} begins in the first quarter; there is nothing before it to compare"])
    panel = _together(
        districts.panel(s, one, other, start, treated, neighbours)
        for s, one, other in zip(seeds, ours, theirs, strict=True)
    )
    rows = []
    for group in ("neighbours", "others"):
        read = districts.read(panel, outcome, group)
        rows.append(
            (f"against {group}", *_scaled(read.effect.estimate, read.effect.error), read.truth.value, read.truth_error)
        )
        rows.append((f"what happened to {group}", *[np.nan] * 4, read.controls.value, read.controls_error))
    return _finding(f"districts {', '.join(sorted(treated))}: {outcome}", "percent", rows, panel)


def evidence(runs=8, cities=40, seed=1, scale=0.3, workers=1, store=STORE, **overrides):
    """Re-run the causal evidence, each row by the estimator of its paper, beside what is true of the same sample.

    Parameters
    ----------
    runs, cities : int
        Seeds of programmes for firms at `scale`, and replicate cities at `city_scale=0.1`.
    seed, scale, workers, store, **overrides
        As of `sim.compare`.

    Returns
    -------
    sim.verbs.evidence.Evidence
        The frames `table`, `checks`, `assignments`, `cutoff` and `paths`, and `panels`; `plot()`.

    Raises
    ------
    sim.settings.refusals.ConfigError
        Says everything that is wrong with the settings; also where the library diff-diff is not installed.
    """
    told = {"runs": runs, "cities": cities, "seed": seed, "scale": scale}
    return computed("evidence", told | {"workers": workers, "store": store} | overrides)


# ---------------------------------------------------------------- pairs


def _contrast(policy, against, runs, seed, scale, store, keys):
    told = {"experiment": "compare", "policy": policy, "against": against, "runs": runs, "seed": seed, "scale": scale}
    return contrast.of(configs.load(python.words(told | {"store": store} | keys)))


def _pairs(policy, against, runs, seed, scale, workers, store, keys):
    """(the Contrast, [Reduced] of its first arm, of its second, their seeds)."""
    pair, seeds = _contrast(policy, against, runs, seed, scale, store, keys), range(seed, seed + runs)
    kept = runs_of_arms.run(each_run(pair.arms, seed, runs), store, workers)
    return pair, kept[::2], kept[1::2], seeds


def _own(pair):
    """The one policy that only the first arm has."""
    names = [name for name, one in pair.about["instruments"].items() if one["arm"] == "policy"]
    if len(names) != 1:
        raise ConfigError([f"policy: exactly one should be in the first arm only, not {', '.join(names) or 'none'}"])
    return names[0]


def _beginning(pair, year):
    """The first arm with what is its own beginning in a year."""
    own = [name for name, one in pair.about["instruments"].items() if one["arm"] == "policy"]
    return varied(pair.policy, {f"policy.{name}.start": quarter_name(4 * year) for name in own})


def _districts(pair):
    """The districts that what is the first arm's own is for."""
    own = pair.policy.resolved["policy"][_own(pair)].get("districts", "all")
    if not isinstance(own, list):
        raise ConfigError([f"policy: {_own(pair)} is for all districts, so there is nothing to compare them with"])
    return set(own)


def _check(key, value, known):
    if value not in known:
        raise ConfigError([f"{key}={value}: should be one of {', '.join(known)}"])


def _together(frames):
    return pd.concat(list(frames), ignore_index=True)


def _scaled(estimate, error, unit=1.0):
    value, low, high = (unit * x for x in Estimate(*estimate))
    return value, unit * error, low, high


def _finding(design, unit, rows, panel):
    names = ["estimator", "estimate", "error", "low", "high", "truth", "truth_error"]
    return Finding(design, unit, pd.DataFrame(rows, columns=names), panel)
