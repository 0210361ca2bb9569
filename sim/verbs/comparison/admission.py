"""At the cut-off: what an evaluator sees who compares the just admitted with the just refused, beside the truth.

Where a policy admits by score, applicants at the cut-off are alike but for admission (regression discontinuity). With
margin m = score - midpoint of the last admitted and the first refused, h its standard deviation, and admitted or not
as it was decided, the jump at m = 0 is that of local linear fits to startups with |m| < h, with a robust interval
(`sim.statistics.discontinuity.within`); means of both sides stand beside it, of which the difference is no effect
where better firms do better. `sim evidence` and `sim.natural.at_cutoff` choose the width by the data. The twins of
the admitted, in the arm without the policy, tell what admission and the policy's presence did to these very startups:
the truth that no evaluator sees. Where the two part, others were displaced, or the refused were touched too.
"""

import numpy as np
import pandas as pd

from sim.statistics import discontinuity, intervals
from sim.verbs.designs.past import midpoint, scored

OUTCOMES = {  # of a startup after it applied
    "raises": "share that raises again after applying",
    "raised_cny": "raised after applying, yuan",
    "alive": "share alive at the end",
    "exits": "share that is listed or sold",
    "jobs": "employees at the end",
}
FEWEST = 5  # on each side
COLUMNS = [
    "policy",
    "outcome",
    "title",
    "bandwidth",
    "admitted",
    "refused",
    "mean_admitted",
    "mean_refused",
    "difference",
    "low",
    "high",
    "twins",
    "twin_effect",
    "twin_low",
    "twin_high",
    "runs",
    "why",
]


def admission(policy, against, about):
    """One row a policy and outcome, pooled over seeds, from two arms, lists of Reduced; `why` says why there is no
    number.
    """
    rows = []
    for name, instrument in about["instruments"].items():
        if instrument["arm"] == "both":
            continue
        ours, theirs = (policy, against) if instrument["arm"] == "policy" else (against, policy)
        applications = [_parted(run, name) for run in ours]
        if any(not decided["admitted"].all() for decided in applications):
            rows += _compared(name, applications, ours, theirs)
    return pd.DataFrame(rows, columns=COLUMNS)


def _parted(run, name):
    """Applications of startups to a policy that were decided by score: those of quarters whose cut-off parts the
    admitted from the refused. The margin is to the cut-off where the last admitted or the first refused is not known.
    """
    rows = scored(run, name)
    rows = rows[np.isfinite(rows["cutoff"])]
    return rows[(rows["score"] >= rows["cutoff"]) == rows["admitted"]].assign(
        margin=lambda rows: rows["score"] - midpoint(rows).astype(float).fillna(rows["cutoff"])
    )


def after(run, startup_ids, quarters):
    """What became of startups after the quarters, a frame with the columns `OUTCOMES`; NaN where there is no such
    startup.
    """
    applied = pd.DataFrame({"startup_id": np.asarray(startup_ids), "applied": np.asarray(quarters)})
    firms = run.startups.drop_duplicates("startup_id").set_index("startup_id").reindex(applied["startup_id"])
    rounds = applied.reset_index().merge(run.rounds[["startup_id", "quarter", "amount_cny"]], on="startup_id")
    later = rounds[rounds["quarter"] > rounds["applied"]].groupby("index")["amount_cny"].sum()
    raised = later.reindex(applied.index, fill_value=0).to_numpy(float)
    alive = firms["life"].to_numpy() == "alive"
    columns = {
        "raises": raised > 0,
        "raised_cny": raised,
        "alive": alive,
        "exits": firms["life"].isin(["listed", "acquired"]).to_numpy(),
        "jobs": np.where(alive, firms["headcount"], 0),
    }
    table = pd.DataFrame(columns, dtype=float)
    table[firms["life"].isna().to_numpy()] = np.nan
    return table


def _compared(name, applications, ours, theirs):
    width = pd.concat(applications)["margin"].std()
    near, fates, twins = [], [], []
    for rows, one, other in zip(applications, ours, theirs, strict=True):
        near.append(rows[rows["margin"].abs() <= width])
        asked = near[-1]["startup_id"], near[-1]["decided"]
        fates.append(after(one, *asked))
        twins.append(fates[-1] - after(other, *asked))
    margins, is_admitted = (pd.concat(near)[column].to_numpy() for column in ("margin", "admitted"))
    is_admitted, fates = is_admitted.astype(bool), pd.concat(fates)
    admitted, refused, twins = fates[is_admitted], fates[~is_admitted], pd.concat(twins)[is_admitted].dropna()
    rows = []
    for outcome, title in OUTCOMES.items():
        head = (name, outcome, title, width, len(admitted), len(refused))
        means = (admitted[outcome].mean(), refused[outcome].mean())
        truth = (len(twins), *intervals.mean(twins[outcome].to_numpy()))
        if min(len(admitted), len(refused)) < FEWEST:
            estimate = intervals.NOTHING
            why = f"fewer than {FEWEST} within a standard deviation on a side of the cut-off"
        else:
            estimate, why = discontinuity.within(margins, fates[outcome].to_numpy(float), width), ""
        rows.append((*head, *means, *estimate, *truth, len(ours), why))
    return rows
