"""Whom a policy reaches: effects on startups by kind of founder and venture; the parts sum to the whole.

    founded   startups founded in the window
    alive     startups alive at the end
    funded    of them, with money from investors
    raised    yuan from venture funds in the window
    jobs      employees at the end

Stage is that of the startup at the end, and of the round for what was raised.
"""

import pandas as pd

from sim.analysis import intervals

DIMENSIONS = ("origin", "experience", "sector", "district", "stage")
UNITS = {"founded": "firms", "alive": "firms", "funded": "firms", "raised": "yuan", "jobs": "jobs"}
WHOLE = "all"


def numbers(run, first):
    """Series by (dimension, group, outcome) of one run at full size, groups that have none left out."""
    startups = run.startups
    alive = startups["life"] == "alive"
    counted = startups[list(DIMENSIONS)].assign(
        founded=(startups["born"] >= first).astype("int64"),
        alive=alive.astype("int64"),
        funded=(alive & (startups["raised_cny"] > 0)).astype("int64"),
        jobs=startups["headcount"].where(alive, 0),
    )
    rounds = run.rounds[(run.rounds["quarter"] >= first) & (run.rounds["investor"] == "fund")][["startup_id", "stage", "amount_cny"]]
    raised = rounds.merge(startups[["startup_id", *(name for name in DIMENSIONS if name != "stage")]], on="startup_id").rename(columns={"amount_cny": "raised"})
    counts, parts = ["founded", "alive", "funded", "jobs"], {}
    for dimension in DIMENSIONS:
        sums = counted.groupby(dimension)[counts].sum().join(raised.groupby(dimension)["raised"].sum(), how="outer").fillna(0)
        parts |= {(dimension, group, name): value for name in UNITS for group, value in sums[name].items()}
    whole = {**counted[counts].sum(), "raised": raised["raised"].sum()}
    parts |= {(WHOLE, WHOLE, name): value for name, value in whole.items()}
    return pd.Series(parts, dtype=float) / run.scale


def who(policy, against, first):
    """One row a dimension, group and outcome from two arms, lists of Reduced in the order of the seeds: levels, paired difference, 95% interval."""
    ours, theirs = (pd.DataFrame([numbers(run, first) for run in runs]) for runs in (policy, against))
    groups = ours.columns.union(theirs.columns)
    ours, theirs = (frame.reindex(columns=groups).fillna(0) for frame in (ours, theirs))
    rows = []
    for dimension in (WHOLE, *DIMENSIONS):
        for name, unit in UNITS.items():
            for key in (key for key in groups if key[0] == dimension and key[2] == name):
                found = intervals.mean((ours[key] - theirs[key]).to_numpy())
                rows.append((dimension, key[1], name, unit, ours[key].mean(), theirs[key].mean(), *found, len(ours)))
    return pd.DataFrame(rows, columns=["dimension", "group", "outcome", "unit", "policy", "against", "difference", "low", "high", "runs"])
