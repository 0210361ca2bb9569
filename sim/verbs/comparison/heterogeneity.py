"""Whom a policy reaches: effects on startups by kind of founder and venture; the parts sum to the whole.

    founded   startups founded in the window
    alive     startups alive at the end
    funded    of them, with money from investors
    raised    yuan from venture funds in the window
    jobs      employees at the end

Stage is that of the startup at the end, and of the round for what was raised.
"""

import pandas as pd

from sim.statistics import intervals

DIMENSIONS = ("origin", "experience", "sector", "district", "stage")
UNITS = {"founded": "firms", "alive": "firms", "funded": "firms", "raised": "yuan", "jobs": "jobs"}
WHOLE, COUNTS = "all", ["founded", "alive", "funded", "jobs"]


def numbers(runs, first):
    """DataFrame of runs at full size: a row a run, a column a (dimension, group, outcome)."""
    startups = pd.concat(
        [run.startups[["startup_id", *DIMENSIONS, "born", "life", "raised_cny", "headcount"]] for run in runs],
        keys=range(len(runs)),
        names=["run"],
    )
    alive = startups["life"] == "alive"
    counted = startups[list(DIMENSIONS)].assign(
        founded=(startups["born"] >= first).astype("int64"),
        alive=alive.astype("int64"),
        funded=(alive & (startups["raised_cny"] > 0)).astype("int64"),
        jobs=startups["headcount"].where(alive, 0),
    )
    rounds = [
        run.rounds[(run.rounds["quarter"] >= first) & (run.rounds["investor"] == "fund")][
            ["startup_id", "stage", "amount_cny"]
        ]
        for run in runs
    ]
    rounds = (
        pd.concat(rounds, keys=range(len(runs)), names=["run"])
        .rename(columns={"amount_cny": "raised"})
        .reset_index("run")
    )
    raised = rounds.merge(startups.drop(columns="stage").reset_index("run"), on=["run", "startup_id"])
    parts = {}
    for dimension in DIMENSIONS:
        sums = (
            counted.groupby(["run", dimension])[COUNTS]
            .sum()
            .join(raised.groupby(["run", dimension])["raised"].sum(), how="outer")
            .unstack(dimension)
        )
        parts |= {(dimension, group, name): column for (name, group), column in sums.items()}
    whole = counted.groupby("run")[COUNTS].sum().join(raised.groupby("run")["raised"].sum())
    parts |= {(WHOLE, WHOLE, name): column for name, column in whole.items()}
    return (
        pd.DataFrame(parts).reindex(range(len(runs))).fillna(0).astype(float).div([run.scale for run in runs], axis=0)
    )


def who(policy, against, about):
    """One row a dimension, group and outcome from two arms, lists of Reduced in the order of the seeds:

    levels, paired difference, 95% interval.
    """
    ours, theirs = (numbers(runs, about["first_quarter"]) for runs in (policy, against))
    groups = ours.columns.union(theirs.columns)
    ours, theirs = (frame.reindex(columns=groups).fillna(0) for frame in (ours, theirs))
    rows = []
    for dimension in (WHOLE, *DIMENSIONS):
        for name, unit in UNITS.items():
            for key in (key for key in groups if key[0] == dimension and key[2] == name):
                found = intervals.mean((ours[key] - theirs[key]).to_numpy())
                rows.append((dimension, key[1], name, unit, ours[key].mean(), theirs[key].mean(), *found, len(ours)))
    return pd.DataFrame(
        rows,
        columns=["dimension", "group", "outcome", "unit", "policy", "against", "difference", "low", "high", "runs"],
    )
