"""How far a comparison reaches beyond its own runs: what its scale does to levels and effects, and what its intervals
leave out, from tables kept in results/ by other versions, which are named.
"""

import textwrap

import numpy as np
import pandas as pd

from sim.observables.written import read_csv
from sim.settings.files import PACKAGE
from sim.statistics import intervals
from sim.verbs.screen import WIDTH

RESULTS = PACKAGE.parent / "results"  # not installed
CITY = "shanghai"  # of these tables
LEVELS = RESULTS / "responses" / "scale_levels.csv"
EFFECTS = RESULTS / "responses" / "scale.csv"
SPREAD = RESULTS / "policies_over_draws" / "spread.csv"
KEPT = {"startups_founded": "founding", "vc_raised_cny": "VC", "rounds": "deals", "startup_jobs": "jobs"}  # of EFFECTS
SPREADS = {  # what a width is said of -> the column of SPREAD
    "ratio": "parameter_sd_percent",
    "low": "parameter_sd_percent_low",
    "high": "parameter_sd_percent_high",
}
ERRORS = 2.0  # standard errors beyond which a level is biased
WORTH = 3.0  # percent below which none is said
MOST = 6  # rows named


def lines(table, about):
    """Sentences on scale and on parameters, wrapped; none of another city."""
    if about.get("city") != CITY:
        return []
    return [
        line
        for text in (scale(table, about), effects(about), parameters(table, about))
        for line in textwrap.wrap(text, WIDTH)
    ]


def scale(table, about):
    """Which levels of the table are biased at the scale, by how many percent of the whole city."""
    if about["scale"] >= 1 or not LEVELS.is_file():
        return ""
    rows = read_csv(LEVELS)
    at = nearest(about["scale"], rows["scale"][rows["scale"] < 1])
    rows = rows[(rows["scale"] == at) & rows["outcome"].isin(table["outcome"])].set_index("outcome")
    told = rows[(rows["bias_percent"].abs() > ERRORS * rows["standard_error"]) & (rows["bias_percent"].abs() > WORTH)]
    told = told.reindex(told["bias_percent"].abs().sort_values(ascending=False).index)
    titles = table.drop_duplicates("outcome").set_index("outcome")["title"]
    named = ", ".join(
        f"{titles[row.Index]} {row.bias_percent:+.0f}% (standard error {row.standard_error:.0f})"
        for row in told[:MOST].itertuples()
    )
    more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    version = f"{LEVELS.relative_to(PACKAGE.parent)}, commit {rows['commit'].iloc[0]}"
    if told.empty:
        return f"Scale {about['scale']:g}: no level is told from that of the whole city ({version})."
    return (
        f"Scale {about['scale']:g} moves levels from those of the whole city, measured at {at:g}: {named}{more}; of "
        f"{len(rows)} rows the other {len(rows) - len(told)} are not told from it ({version})."
    )


def effects(about):
    """Whether the effects of the one policy that differs were others in the whole city."""
    names = list(about.get("differing", ()))
    if about["scale"] >= 1 or len(names) != 1 or not EFFECTS.is_file():
        return ""
    rows = read_csv(EFFECTS)
    rows = rows[rows["policy"] == names[0]].set_index("scale")
    if 1.0 not in rows.index or len(rows) < 2:
        return ""
    at = nearest(about["scale"], rows.index[rows.index < 1])
    here, whole = rows.loc[at], rows.loc[1.0]
    said = []
    for outcome, title in KEPT.items():
        small, large = here[f"{outcome} %"], whole[f"{outcome} %"]
        errors, seeds = (np.array([row[name] for row in (here, whole)]) for name in (f"{outcome} se", "seeds"))
        if abs(small - large) > intervals.apart(errors, seeds):
            said.append(f"{title} {small:+.1f}% at {at:g}, {large:+.1f}% at 1")
    verdict = f"differ from those at scale 1: {'; '.join(said)}" if said else "are not told from those at scale 1"
    *first, last = KEPT.values()
    return f"Effects of {names[0]} on {', '.join(first)} and {last} {verdict} ({EFFECTS.relative_to(PACKAGE.parent)})."


def parameters(table, about):
    """That intervals are of luck alone, and how wide they are with the parameters as uncertain as the fit of the city
    leaves them: from kept runs over its draws where the policies that differ are among them, else how it is had.
    """
    fitted = about.get("calibration")
    if not fitted:
        return ""
    alone = "Intervals are of luck alone"
    rows = spread(about)
    ratios = wider(table, rows) if len(rows) else rows
    if ratios.empty:
        return (
            f"{alone}; `sim uncertainty` with the same words and draws=20 widens them by the draws of the fit of "
            f"{fitted['date']}."
        )
    first = ratios.iloc[0]
    doubt = "" if first["low"] > 1 else ", not told from 1"
    rest = ratios["ratio"].iloc[1:]
    others = f", those of the other rows {rest.min():.1f} to {rest.max():.1f} times" if len(rest) else ""
    return (
        f"{alone}. With the parameters as uncertain as the fit leaves them that of {first['title']} is "
        f"{first['ratio']:.1f} times as wide ({first['low']:.1f} to {first['high']:.1f}{doubt}){others} ("
        f"{rows['draws'].max()} draws at scale {rows['scale'].iloc[0]:g}, {SPREAD.relative_to(PACKAGE.parent)}, commit "
        f"{rows['commit'].iloc[0][:7]})."
    )


def spread(about):
    """Kept spreads over draws of the effect of the policies that differ, at the same point of the city, by outcome;
    empty where there are none.
    """
    if not SPREAD.is_file():
        return pd.DataFrame(columns=["outcome", *SPREADS.values()]).set_index("outcome")
    rows = read_csv(SPREAD)
    _, point, _ = about["calibration"]["file"].split("/")
    same = rows["instruments"].map(lambda words: set(words.split()) == set(about.get("differing", ())))
    return rows[same & (rows["calibrated"] == point)].set_index("outcome")


def wider(table, rows):
    """By how much intervals with uncertain parameters are wider than those of luck: title, ratio, low, high; the
    primary outcome, or the first of the table, comes first.
    """
    told = table[table["outcome"].isin(rows.index) & (table["standard_error"] > 0) & (table["against"] != 0)]
    told = told.sort_values("primary", ascending=False, kind="stable")
    error = (100 * told["standard_error"] / told["against"].abs()).to_numpy()
    ratios = {
        name: np.hypot(1, rows[column].reindex(told["outcome"]).to_numpy() / error) for name, column in SPREADS.items()
    }
    return pd.DataFrame({"title": told["title"].to_numpy(), **ratios}).dropna()


def nearest(scale, scales):
    """The one of some scales that is nearest, as a ratio."""
    return min(scales, key=lambda other: abs(np.log(other / scale)))
