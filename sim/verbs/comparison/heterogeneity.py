"""Heterogeneity: effects on startups by subgroup, of founders and of ventures; the subgroups sum to the whole.

    founded   startups founded in the window
    alive     startups alive at the end
    funded    of them, with money from investors
    raised    yuan from venture funds in the window
    jobs      employees at the end

Stage is that of the startup at the end, and of the round for what was raised. Counts and yuan are at full size.
"""

import pandas as pd

from sim.statistics import effects, intervals

DIMENSIONS = ("origin", "experience", "sector", "district", "stage")
UNITS = {"founded": "firms", "alive": "firms", "funded": "firms", "raised": "yuan", "jobs": "jobs"}
WHOLE, COUNTS = "all", ["founded", "alive", "funded", "jobs"]


def totals(runs, first):
    """DataFrame of the outcomes of runs (Reduced) from the quarter `first` on: a row a run, a column a (dimension,
    group, outcome).
    """
    startups = pd.concat(
        [run.startups[["startup_id", *DIMENSIONS, "born", "life", "raised_to_date_cny", "headcount"]] for run in runs],
        keys=range(len(runs)),
        names=["run"],
    )
    alive = startups["life"] == "alive"
    counted = startups[list(DIMENSIONS)].assign(
        founded=(startups["born"] >= first).astype("int64"),
        alive=alive.astype("int64"),
        funded=(alive & (startups["raised_to_date_cny"] > 0)).astype("int64"),
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
    columns = {}
    for dimension in DIMENSIONS:
        sums = (
            counted.groupby(["run", dimension])[COUNTS]
            .sum()
            .join(raised.groupby(["run", dimension])["raised"].sum(), how="outer")
            .unstack(dimension)
        )
        columns |= {(dimension, group, name): column for (name, group), column in sums.items()}
    whole = counted.groupby("run")[COUNTS].sum().join(raised.groupby("run")["raised"].sum())
    columns |= {(WHOLE, WHOLE, name): column for name, column in whole.items()}
    return (
        pd.DataFrame(columns).reindex(range(len(runs))).fillna(0).astype(float).div([run.scale for run in runs], axis=0)
    )


def heterogeneity(policy, against, about):
    """One row a dimension, group and outcome from two arms, lists of Reduced in the order of the seeds: levels, paired
    difference, 95% interval, p, and q over the groups of an outcome in all dimensions.
    """
    ours, theirs = (totals(runs, about["first_quarter"]) for runs in (policy, against))
    columns = ours.columns.union(theirs.columns)
    ours, theirs = (frame.reindex(columns=columns).fillna(0) for frame in (ours, theirs))
    rows = []
    for dimension in (WHOLE, *DIMENSIONS):
        for outcome, unit in UNITS.items():
            for column in (column for column in columns if column[0] == dimension and column[2] == outcome):
                one, other = ours[column], theirs[column]
                effect = intervals.mean((one - other).to_numpy())
                p = intervals.p_value((one - other).to_numpy())
                rows.append((dimension, column[1], outcome, unit, one.mean(), other.mean(), *effect, p, len(one)))
    table = pd.DataFrame(
        rows,
        columns=[
            "dimension",
            "group",
            "outcome",
            "unit",
            "policy",
            "against",
            "difference",
            "low",
            "high",
            "p",
            "runs",
        ],
    )
    q = effects.q_within(table["p"].where(table["dimension"] != WHOLE), table["outcome"])
    table.insert(table.columns.get_loc("p") + 1, "q", q)
    return table
