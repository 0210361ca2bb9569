"""The shocks of 2018 (rules), 2020 (borders) and 2022 to 2024 (listing window and climate): the city with and without.

    .venv/bin/python experiments/shocks.py                         eight seeds, scale 0.3, both points: results/shocks/
    .venv/bin/python experiments/shocks.py --seeds 2 --scale 0.02 --output build/shocks            the fast form

A shock is taken out of the series of history that carried it, everything else and all luck held fixed. Until its first
quarter the two cities are one, so that nobody foresaw it; it is simulated once and parts there.

    rules                what the nation's funds raise is never below its mean of 2017, from 2018Q1 to 2020Q4
    borders              borders are open as before, from 2020Q1 on; how many study overseas stays as it is
    window               as many firms list in the nation as in the mean quarter of 2021, from 2022Q1 on
    climate              what the nation's funds raise and foreign capital are never below their mean of 2021, from then
    window_and_climate   both

`effects.csv`: per point, shock and outcome what the shock did, with it less without it in percent of the mean without,
a mean of paired differences over seeds with Student's interval of 95%; flows are sums over the quarters of the shock,
stocks are read at their end. `changes.csv`: per point and row of `configs/targets/shocks.csv` what was observed, what
the city of history does over the same years, and what it does without each shock that may have made it; medians over
the seeds that have a number, with the lowest and the highest.
"""

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from sim.observables.operators.deals import with_deals
from sim.observables.operators.window import Window
from sim.observables.targets import operators, years
from sim.runs import spin_ups
from sim.runs.checkpoints import restored
from sim.runs.common_past import snapshot
from sim.settings import config as configs
from sim.settings.files import CONFIGS, POINTS
from sim.statistics import intervals
from sim.world.calendar import quarter_of

FLOWS = {  # outcome: column of the city's panel, summed over the quarters of the shock
    "deals": "rounds",
    "vc_raised_cny": "vc_raised_cny",
    "startups_founded": "startups_founded",
    "listings": "ipos",
    "foreign_arrivals": "foreign_arrivals",
    "returnees": "returnees",
}
STOCKS = ("startups_alive", "startup_jobs")  # at the end of the last
HISTORY = "history"  # the arm in which everything happened
HERE = Path(__file__).parents[1] / "results" / "shocks"


class Change(NamedTuple):
    """A series of history held at a level, or kept from falling below it."""

    series: str
    first: str
    last: str
    level: float | int  # a number, or the year whose mean it is
    floor: bool


class Shock(NamedTuple):
    """Quarters in which a shock is felt, and what takes it out."""

    first: str
    last: str
    changes: tuple


WINDOW = Change("ipo", "2022Q1", "2024Q4", 2021, False)
CLIMATE = tuple(Change(series, "2022Q1", "2024Q4", 2021, True) for series in ("fundraising", "foreign_capital"))
SHOCKS = {
    "rules": Shock("2018Q1", "2020Q4", (Change("fundraising", "2018Q1", "2020Q4", 2017, True),)),
    "borders": Shock("2020Q1", "2023Q2", (Change("borders_open", "2020Q1", "2024Q4", 1.0, False),)),
    "window": Shock("2022Q1", "2024Q4", (WINDOW,)),
    "climate": Shock("2022Q1", "2024Q4", CLIMATE),
    "window_and_climate": Shock("2022Q1", "2024Q4", (WINDOW, *CLIMATE)),
}


# ---------------------------------------------------------------- history without a shock


def without(city, changes):
    """The city with other series of history: `changes` are made to copies."""
    history = {name: values.copy() for name, values in city.history.items()}
    for change in changes:
        values, level = history[change.series], change.level
        if isinstance(level, int):
            opening = 4 * level - city.first
            level = city.history[change.series][opening : opening + 4].mean()
        there = slice(quarter_of(change.first) - city.first, quarter_of(change.last) - city.first + 1)
        values[there] = np.maximum(values[there], level) if change.floor else level
    return replace(city, history=history)


def simulate(calibrated, seed, scale, rows):
    """One row an arm: the outcomes in the quarters of each shock, and the numbers of `rows`; of one point and seed."""
    config = configs.load([f"calibrated={calibrated}", f"seed={seed}", f"scale={scale}", "end=2024Q4"])
    model, kept = spin_ups.model_of(config), {}
    while model.quarter <= config.end:
        for name, shock in SHOCKS.items():
            if model.quarter == quarter_of(shock.first):
                kept[name] = snapshot(model)
        model.step()
    found = [{"arm": HISTORY, **read(model, rows)}]
    for name, shock in SHOCKS.items():
        other = restored(replace(config, city=without(config.city, shock.changes)), kept.pop(name))
        while other.quarter <= config.end:
            other.step()
        found.append({"arm": name, **read(other, rows)})
    return [{"calibrated": calibrated, "seed": seed, **each} for each in found]


def read(model, rows):
    """shock/outcome -> number, and id of each of `rows` -> number, of a run that has ended."""
    tables = with_deals(model.panels.tables())
    city = tables["city"].set_index("quarter")
    found = {}
    for name, shock in SHOCKS.items():
        span = city.loc[shock.first : shock.last]
        found |= {f"{name}/{outcome}": float(span[column].sum()) for outcome, column in FLOWS.items()}
        found |= {f"{name}/{outcome}": float(span[outcome].iloc[-1]) for outcome in STOCKS}
    return found | {row["id"]: ratio(tables, row) for row in rows}


# ---------------------------------------------------------------- what was observed


@dataclass(frozen=True)
class OneQuarter(Window):
    """A run seen over a quarter of the window's year, by operators that sum a column of the city."""

    quarter: str

    def series(self, column):
        """The column in that quarter alone. Raises NotReached."""
        return super().series(column)[self.over(self.tables["city"])["quarter"] == self.quarter]


def ratio(tables, row):
    """The number of a row of `shocks.csv`: its operator over the years or the quarter `observed`, over that of `base`
    where there is one; NaN where that is nothing.
    """
    observed = seen(tables, row["operator"], row["observed"])
    if not row["base"]:
        return observed
    base = seen(tables, row["operator"], row["base"])
    return observed / base if base else np.nan


def seen(tables, operator, span):
    """The number of an operator over years, 2023 or 2023-2024, or a quarter, 2023Q4."""
    if "Q" in span:
        window = OneQuarter(tables, *years(span[:4]), span)
    else:
        window = Window(tables, *years(span))
    return float(operators()[operator](window))


# ---------------------------------------------------------------- tables


def effects(runs):
    """One row a point, shock and outcome: what the shock did, in percent, with its interval."""
    rows = []
    for (point, name), part in runs[runs["arm"] != HISTORY].groupby(["calibrated", "arm"], sort=False):
        history = runs[(runs["arm"] == HISTORY) & (runs["calibrated"] == point)].set_index("seed")
        part, shock = part.set_index("seed"), SHOCKS[name]
        history = history.loc[part.index]
        for outcome in (*FLOWS, *STOCKS):
            with_it, without_it = history[f"{name}/{outcome}"], part[f"{name}/{outcome}"]
            percent = 100.0 * (with_it - without_it) / without_it.mean()
            row = (with_it.mean(), without_it.mean(), *intervals.mean(percent.to_numpy(float), fewest=2), len(part))
            rows.append((point, name, shock.first, shock.last, outcome, *row))
    names = ("calibrated", "shock", "first", "last", "outcome", "with", "without", "percent", "low", "high", "seeds")
    return pd.DataFrame(rows, columns=names)


def changes(runs, rows):
    """One row a point, row of `shocks.csv` and shock that may have made it: observed, with history and without it."""
    table = []
    for point in dict.fromkeys(runs["calibrated"]):
        for row in rows:
            arms = {arm: part[row["id"]] for arm, part in runs[runs["calibrated"] == point].groupby("arm")}
            history = middle(arms[HISTORY], "simulated")
            inside = (
                float(row["low"]) <= history["simulated"] <= float(row["high"]) if history["simulated_seeds"] else None
            )
            told = {"calibrated": point, **{key: row[key] for key in ("id", "quantity", "observed", "base")}}
            told |= {key: float(row[key]) for key in ("value", "low", "high")} | history | {"inside": inside}
            table += [told | {"shock": arm} | middle(arms[arm], "without") for arm in row["shocks"].split()]
    return pd.DataFrame(table)


def middle(values, name):
    """Median of the numbers there are as `name`, with the lowest, the highest and how many."""
    values = values.to_numpy(float)
    values = values[np.isfinite(values)]
    numbers = (np.median(values), values.min(), values.max()) if len(values) else (np.nan,) * 3
    keys = (name, f"{name}_lowest", f"{name}_highest", f"{name}_seeds")
    return dict(zip(keys, (*numbers, len(values)), strict=True))


def observed_rows():
    """The rows of `configs/targets/shocks.csv`, as dicts of text."""
    return pd.read_csv(CONFIGS / "targets" / "shocks.csv", dtype=str, keep_default_na=False).to_dict("records")


def main(given=None):
    says = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    says.add_argument("--seeds", type=int, default=8)
    says.add_argument("--scale", type=float, default=0.3)
    says.add_argument("--points", nargs="+", default=list(POINTS), choices=POINTS, help="calibrated points")
    says.add_argument("--workers", type=int, default=2)
    says.add_argument("--output", type=Path, default=HERE)
    words = says.parse_args(given)
    rows = observed_rows()
    tasks = [(point, seed) for point in words.points for seed in range(1, words.seeds + 1)]
    found = Parallel(n_jobs=words.workers, verbose=5)(delayed(simulate)(*task, words.scale, rows) for task in tasks)
    runs = pd.DataFrame([arm for arms in found for arm in arms])
    words.output.mkdir(parents=True, exist_ok=True)
    for name, table in {"effects": effects(runs), "changes": changes(runs, rows)}.items():
        table.to_csv(words.output / f"{name}.csv", index=False, float_format="%.4g")
        print(table.round(2).to_string())


if __name__ == "__main__":
    main()
