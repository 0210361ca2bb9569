"""A comparison looked at: its pairs, one effect, one figure."""

from importlib import import_module

import pandas as pd

from sim.observables.outcomes import COUNTED
from sim.settings.refusals import ConfigError, nearest
from sim.verbs.comparison.heterogeneity import DIMENSIONS

FIGURES = {  # name -> module of sim.plots
    "forest": "forest",
    "groups": "groups",
    "event_study": "event_study",
    "map": "change_map",
    "ledger": "ledger",
    "incidence": "incidence",
    "flows": "flows",
}
BY = ("quarter", *DIMENSIONS)


def pairs(runs):
    """A row per seed, columns (outcome, arm or difference), of the table of runs."""
    by_arm = {arm: rows.set_index("seed").drop(columns=["arm", "fingerprint"]) for arm, rows in runs.groupby("arm")}
    by_arm = {arm: by_arm[arm] for arm in ("policy", "against")}
    by_arm["difference"] = by_arm["policy"] - by_arm["against"]
    wide = pd.concat(by_arm, axis=1).swaplevel(axis=1)
    return wide[[(outcome, part) for outcome in by_arm["policy"] for part in by_arm]]


def effect(comparison, outcome, by=None):
    """The effect on an outcome: a row of the table (by None), or a frame with a row per quarter or group."""
    if outcome not in set(comparison.table["outcome"]):
        raise ConfigError([f"effect {outcome}: no such outcome{nearest(outcome, comparison.table['outcome'])}"])
    if by is None:
        return comparison.table.set_index("outcome").loc[outcome]
    if by not in BY:
        raise ConfigError([f"effect {outcome}: by={by}: should be one of {', '.join(BY)}{nearest(by, BY)}"])
    if by == "quarter":
        rows = comparison.event_study[comparison.event_study["outcome"] == outcome].drop(columns="outcome")
        known = comparison.event_study["outcome"]
    elif by == "district" and outcome in set(comparison.district_effects["quantity"]):
        table = comparison.district_effects
        return table[table["quantity"] == outcome].drop(columns="quantity").reset_index(drop=True)
    else:
        table = comparison.heterogeneity
        rows = table[(table["dimension"] == by) & (table["outcome"] == COUNTED.get(outcome, ("",))[0])]
        rows = rows.drop(columns=["dimension", "outcome"]).rename(columns={"group": by})
        known = COUNTED
    if rows.empty:
        told = ", ".join(dict.fromkeys(known))
        raise ConfigError([f"effect {outcome}: is not told by {by}; that are {told}"])
    return rows.reset_index(drop=True)


def figure(comparison, kind):
    """A figure of the comparison by its name."""
    if kind not in FIGURES:
        raise ConfigError([f"plot {kind}: no such figure{nearest(kind, FIGURES)}"])
    from sim.plots.style import cite
    from sim.plots.tables import dates

    module = import_module(f"sim.plots.{FIGURES[kind]}")
    tables = {
        **comparison.tables,
        "about": comparison.about,
        "districts": comparison.districts,
        "calendar": dates(comparison.about),
    }
    drawing = module.figure(module.data(tables))
    cite(drawing, f"{comparison.about['question']}.")
    return drawing
