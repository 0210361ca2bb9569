"""Out of time: fitted to what was known by 2018, and asked for the years after, beside naive forecasts.

What is fitted are the chosen targets observed until then, and the chosen facts over a window that ends then, begun with
the run where it would begin before. `configs/targets/later.csv` has yearly series of the years after; each is judged as
the level of a year over that of its base, which are the years known by 2018 or, where none is, the first year known.
No value of it is ever fitted: the metrics of this task alone have the years of its rows, and not their values.

    last value   no change since the base, 1
    AR(1)        in logs of the yearly national series named in the row, half a case added to each year, by least
                 squares on what was known by 2018 and iterated; none where fewer than `FEWEST` years were known
    model        median over the draws of the fit, one seed each, with the interval of 90%; half a simulated case is
                 added to counts, so that a small city without a listing in a year has a logarithm too

The model is told what history brings from outside, in the years after 2018 too: the listing window, what the nation's
funds raise, demand, borders, and the policies in force. The naive forecasts are not: the model's is a conditional one.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration.moments import COLUMNS
from sim.calibration.predictive import dots, simulated, spread_table
from sim.observables.targets import years
from sim.observables.written import read_csv
from sim.settings.files import CONFIGS

LAST_KNOWN = 2018  # last year of what the fit sees
EARLY = f"@{LAST_KNOWN}"  # the same fact over a window that ends then
LATER = "later"  # role of the levels that are forecast, and the name of their file
HALF = 0.5  # of a case, added to a count of which the logarithm is taken
FEWEST = 6  # years known, of an AR(1)
COUNTED = ("deals", "firms")  # units of counts
FORECASTS = ("model", "last_value", "ar1")


def task(study):
    """Fit to what was known by 2018, simulate the draws to the end, judge. Returns the folder."""
    series = read_series(study.config)
    known = known_by(study.moments, study.config.start // 4)
    study.moments = with_levels(known, series)
    study.store = study.store_of(study.simulator())
    objective = study.objective(corrected=False)
    u = simulated(study, study.fit(objective).draws)
    table = parts(spread_table(study.moments, u), objective.ids, study.config.targets)
    judged = table[(table["part"] != "not used") & ((table["targets"] != "facts") | (table["part"] != "predicted"))]
    counts = judged.groupby("part")["inside"].agg(["sum", "size"])
    said = [f"{part}: {int(row['sum'])} of {int(row['size'])} medians inside" for part, row in counts.iterrows()]
    tables, figures = {"out_of_time": table}, {"dots": dots(judged.assign(role=judged["part"]))}
    if len(series):
        levels = study.moments.natural(u)[:, (study.moments.rows["role"] == LATER).to_numpy()]
        forecasts = forecast(series, levels, HALF / study.config.scale, national(study.config.city, series))
        tables |= {"forecast": forecasts, "forecast_score": score(forecasts)}
        figures |= {"forecast": forecasts}
        whole = tables["forecast_score"].iloc[-1]
        said.append(
            f"mean log error of {whole['years']} years: model {whole['model']:.2f}, last {whole['last_value']:.2f}"
        )
    return study.write("out_of_time", tables, "; ".join(said), figures)


# ---------------------------------------------------------------- what was known


def known_by(moments, first):
    """The same with what was known by `LAST_KNOWN` fitted and nothing else: targets observed until then, and the fitted
    facts over a window that ends then and begins in the year `first` at the earliest. These are new rows.
    """
    rows = moments.rows
    last = rows["observed"].map(lambda text: years(text)[1])
    before = (last <= LAST_KNOWN).to_numpy()
    shifted = rows[moments.fitted & ~before & (rows["targets"] == "facts").to_numpy()]
    early = shifted.assign(
        id=shifted["id"] + EARLY, observed=shifted["observed"].map(lambda text: until_known(text, first)), role="early"
    )
    fitted = np.concatenate([moments.fitted & before, np.ones(len(early), bool)])
    return moments._replace(rows=pd.concat([rows, early], ignore_index=True), fitted=fitted)


def until_known(text, first):
    """The years of `text`, such as 2010-2024, moved so that they end with what is known, from the year `first` on."""
    opening, closing = years(text)
    opening = max(opening - closing + LAST_KNOWN, first)
    return str(LAST_KNOWN) if opening >= LAST_KNOWN else f"{opening}-{LAST_KNOWN}"


def parts(table, fitted, targets):
    """The rows of the chosen files of targets with the part that each has in this task, as `part`."""
    table = table[table["targets"].isin(targets)]
    later = table["observed"].map(lambda text: years(text)[1]) > LAST_KNOWN
    part = np.where(later, "predicted", "not used")
    return table.assign(part=np.where(table["id"].isin(fitted), f"fitted, known by {LAST_KNOWN}", part))


# ---------------------------------------------------------------- the years after


def read_series(config):
    """The rows of `later.csv` of the config's city, also of the user's own folder; in order of series and year."""
    folders = [CONFIGS / "targets", *([Path(own) / "targets"] if (own := config.resolved["configs"]) else [])]
    tables = [
        read_csv(path, keep_default_na=False) for folder in folders if (path := folder / f"{LATER}.csv").is_file()
    ]
    rows = pd.concat(tables, ignore_index=True)
    rows = rows[rows["city"] == config.city.name].fillna({"history": ""})
    return rows.sort_values(["series", "year"], kind="stable", ignore_index=True)


def with_levels(moments, series):
    """The same with the level of each row of `series` observed too, never fitted, and with no value beside it: its band
    is one unit around zero, so that it is its own number in half widths.
    """
    levels = series[["quantity", "unit", "operator"]].assign(
        id=series["series"] + "@" + series["year"].astype(str),
        targets=LATER,
        role=LATER,
        observed=series["year"].astype(str),
        low=-1.0,
        high=1.0,
        weight=0.0,
        **dict.fromkeys(("district", "conflict_group", "mechanism"), ""),
    )
    rows = pd.concat([moments.rows, levels.reindex(columns=COLUMNS)], ignore_index=True)
    return moments._replace(rows=rows, fitted=np.append(moments.fitted, np.zeros(len(levels), bool)))


def national(city, series):
    """Name of a column of the city's history -> its sums by year up to what is known, a Series by year; those that rows
    of `series` name.
    """
    found = {}
    for name in filter(None, series["history"].unique()):
        quarters = city.first + np.arange(len(city.history[name]))
        sums = pd.Series(city.history[name]).groupby(quarters // 4).sum()
        found[name] = sums[sums.index <= LAST_KNOWN]
    return found


def ar1(values, steps):
    """Forecasts (steps,) after `values` (years,) by an AR(1) in logs, half a case added to each year and taken off the
    forecasts; None where fewer than `FEWEST` years are known.
    """
    if len(values) < FEWEST:
        return None
    logs = np.log(np.asarray(values, float) + HALF)
    regressors = np.column_stack([np.ones(len(logs) - 1), logs[:-1]])
    constant, slope = np.linalg.lstsq(regressors, logs[1:], rcond=None)[0]
    path = [logs[-1]]
    for _ in range(steps):
        path.append(constant + slope * path[-1])
    return np.exp(path[1:]) - HALF


def forecast(series, levels, half, yearly):
    """One row a series and year after its base: what was known, and the three forecasts, all over the base.

    `levels` (draws, rows) are the simulated numbers of the rows of `series`, `half` is half a simulated case and
    `yearly` the national series of `national`.
    """
    rows = []
    for name, group in series.groupby("series", sort=False):
        known = (group["year"] <= LAST_KNOWN).to_numpy()
        base = known if known.any() else np.arange(len(group)) == 0
        spans, later = group["year"][base], group[~base]
        of_group = levels[:, group.index] + (half if group["unit"].iloc[0] in COUNTED else 0.0)
        paths = over(of_group[:, ~base], of_group[:, base].mean(axis=1, keepdims=True))
        naive = naive_path(yearly.get(group["history"].iloc[0]), spans, later["year"]) if known.any() else None
        for place, row in enumerate(later.itertuples()):
            path = paths[np.isfinite(paths[:, place]), place]
            low, median, high = np.quantile(path, (0.05, 0.5, 0.95)) if len(path) else (np.nan,) * 3
            told = {"series": name, "quantity": row.quantity, "year": row.year, "base": span(spans)}
            told |= {"base_known": bool(known.any()), "observed": row.value / group["value"][base].mean()}
            told |= {"model": median, "low": low, "high": high, "last_value": 1.0}
            rows.append(told | {"ar1": np.nan if naive is None else naive[place], "draws": len(path)})
    table = pd.DataFrame(rows)
    for name in FORECASTS:
        with np.errstate(divide="ignore"):
            table[f"error_{name}"] = np.abs(np.log(table[name].astype(float)) - np.log(table["observed"]))
    return table.assign(inside=table["observed"].between(table["low"], table["high"]))


def over(part, whole):
    """part / whole, NaN of nothing."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def naive_path(known, base, later):
    """The AR(1) of a yearly national series over its mean of the years `base`, in the years `later`; None where there
    is no series, or too short a one.
    """
    if known is None or not set(base) <= set(known.index):
        return None
    path = ar1(known, max(later) - LAST_KNOWN)
    return None if path is None else path[later.to_numpy() - LAST_KNOWN - 1] / known[base].mean()


def span(those):
    """2016-2018 of the years from 2016 to 2018, 2018 of one."""
    return f"{min(those)}-{max(those)}" if len(those) > 1 else str(min(those))


def score(table):
    """One row a series, then those whose base was known, then all: years, observed inside the model's interval, mean
    absolute log error of each forecast; the AR(1)'s is over the years that have it.
    """
    blocks = [*table.groupby("series", sort=False), ("all, base known", table[table["base_known"]]), ("all", table)]
    rows = [
        {"series": name, "years": len(block), "inside": int(block["inside"].sum())}
        | {each: block[f"error_{each}"].mean() for each in FORECASTS}
        | {"years_of_ar1": int(block["ar1"].notna().sum())}
        for name, block in blocks
    ]
    return pd.DataFrame(rows)
