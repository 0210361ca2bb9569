"""At a cut-off: applicants who were just admitted against those who were just refused, and what is true of them.

margin    score less the midpoint of the last admitted and the first refused of the competition: no score lies at
          zero, as one of each competition would if the cut-off were the last admitted's own
sample    first applications of startups, of competitions in which somebody was refused, decided early enough for
          the window of the outcome to lie within the run
window    the quarter of the decision and the eight that follow. Programmes decide before rounds close in the
          model's quarter, and who waits for an answer has not gone to investors, so all of it is after the award;
          the same with a window that opens a quarter later stands beside it
truth     of the admitted within the bandwidth, less their twins in the city without the policy, of pairs with one
          past: both exist, and raised in the same quarters before the decision
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.statistics import discontinuity, intervals
from sim.statistics.intervals import Estimate
from sim.verbs.designs.past import Past, midpoint, one_past, ordinals, scored

WINDOW = 8  # quarters after that of the decision
RANKS = 3  # on each side of the cut-off, of the fit by ranks
FALSE = 0.5  # standard deviations below the true cut-off lies the false one
ONLY_BETTER = 0.05  # p below which a density test says that applicants gathered on one side
OUTCOMES = {  # of an applicant, over the window
    "raises_fund": "raises from a fund after the decision",
    "raises_any": "raises any outside equity after the decision",
    "raises_later": "raises from a fund, in the quarter after the decision or later",
    "amount_m": "raised after the decision, m yuan",
    "survives": "alive, listed or sold at the end of the window",
}
BEFORE = {  # of an applicant when it applied: no programme can have moved it
    "age_quarters": "age when it applied",
    "rounds_to_date": "rounds before it applied",
    "progress": "readiness of the product when it applied",
    "headcount": "employees when it applied",
}
COLUMNS = [
    *("seed", "startup_id", "competition", "score", "margin", "rank", "admitted"),
    *BEFORE,
    *OUTCOMES,
    *(f"twin_{name}" for name in OUTCOMES),
    *("twin", "one_past"),
]


class Reading(NamedTuple):
    """What the design says: the Jump at the cut-off, the same by ranks, a difference of means in the same bandwidth,
    and the truth of the admitted and of the refused there, Estimates; `twins` is the share that exists in both arms.
    """

    jump: discontinuity.Jump
    by_rank: object
    means: Estimate
    truth: Estimate
    truth_error: float
    refused: Estimate
    refused_error: float
    twin_level: float  # mean of the twins of the admitted
    twins: float
    paired: int


def panel(seed, ours, theirs, policy):
    """First applications to `policy` in one run, with what became of each and of its twin in the run without it."""
    rows = scored(ours, policy)
    parted = np.isfinite(rows["worst_admitted"]) & np.isfinite(rows["best_refused"])
    rows = rows[parted].reset_index(drop=True)
    past, twin = Past(ours), Past(theirs)
    decided = ordinals(rows["decided"]) - past.first
    margin = rows["score"] - midpoint(rows)
    admitted = rows["admitted"].to_numpy(bool)
    first, last = ~rows["again"].to_numpy(bool), past.quarters - 1 - WINDOW
    kept = ((margin >= 0).to_numpy() == admitted) & (decided <= last)
    order = rows.assign(margin=margin.abs(), side=admitted, competition=decided)[kept]
    rank = order.groupby(["competition", "side"])["margin"].rank("first")
    kept &= first
    ids, when = rows["startup_id"].to_numpy(np.int64)[kept], decided[kept]
    table = {
        "seed": seed,
        "startup_id": ids,
        "competition": when + past.first,
        "score": rows["score"].to_numpy(float)[kept],
        "margin": margin.to_numpy(float)[kept],
        "rank": (rank * np.where(order["side"], 1, -1)).reindex(rows.index).to_numpy()[kept],
        "admitted": admitted[kept],
        **{name: rows[name].to_numpy(float)[kept] for name in BEFORE},
        **_after(past, ids, when),
        **{f"twin_{name}": values for name, values in _after(twin, ids, when).items()},
        "twin": twin.rows(ids) >= 0,
        "one_past": one_past(past, twin, ids, when),
    }
    return pd.DataFrame(table, columns=COLUMNS)


def _after(past, ids, when):
    rows = past.rows(ids)
    funded = past.window("fund", rows, when, WINDOW + 1)
    later = past.window("fund", rows, when + 1, WINDOW)
    anyone = past.window("any", rows, when, WINDOW + 1)
    return {
        "raises_fund": np.where(rows >= 0, funded > 0, np.nan),
        "raises_any": np.where(rows >= 0, anyone > 0, np.nan),
        "raises_later": np.where(rows >= 0, later > 0, np.nan),
        "amount_m": past.window("amount", rows, when, WINDOW + 1),
        "survives": past.alive(rows, when + WINDOW),
    }


def read(table, outcome="raises_fund"):
    """The Reading of a panel."""
    jump = discontinuity.jump(table["margin"], table[outcome])
    close = table[table["rank"].abs() <= RANKS]
    competition = close["seed"].astype(str) + " " + close["competition"].astype(str)
    firm = close["seed"].astype(str) + " " + close["startup_id"].astype(str)
    by_rank = discontinuity.by_rank(close[outcome], close["admitted"], competition, firm)
    width = width_of(jump, table)
    near = table[table["margin"].abs() <= width]
    inside, outside = (near[near["admitted"] == side] for side in (True, False))
    pairs, others = (side[side["one_past"]] for side in (inside, outside))
    truth, refused = (
        side[outcome].to_numpy(float) - side[f"twin_{outcome}"].to_numpy(float) for side in (pairs, others)
    )
    return Reading(
        jump,
        by_rank,
        _difference(inside[outcome].to_numpy(float), outside[outcome].to_numpy(float)),
        intervals.mean(truth),
        intervals.standard_error(truth),
        intervals.mean(refused),
        intervals.standard_error(refused),
        float(pairs[f"twin_{outcome}"].mean()) if len(pairs) else np.nan,
        float(near["twin"].mean()) if len(near) else np.nan,
        len(pairs),
    )


def width_of(jump, table):
    """How far from the cut-off is near: the bandwidth, half a standard deviation where there is none."""
    return jump.bandwidth if np.isfinite(jump.bandwidth) else 0.5 * table["margin"].std()


def placebos(table, outcome="raises_fund"):
    """[(what, Jump)] of what cannot jump: the state before the decision, and the outcome at a false cut-off among the
    refused.
    """
    rows = [(title, discontinuity.jump(table["margin"], table[name])) for name, title in BEFORE.items()]
    refused = table[~table["admitted"]]
    shift = FALSE * table["margin"].std()
    false = discontinuity.jump(refused["margin"] + shift, refused[outcome])
    return [*rows, ("the outcome at a false cut-off among the refused", false)]


def manipulated(table):
    """p of the test that applicants do not gather on the better side of the cut-off."""
    return discontinuity.density(table["margin"])


def _difference(one, other):
    """Difference of two means with its interval of 95%, Welch's error and Student's t."""
    if min(len(one), len(other)) < intervals.FEWEST:
        return intervals.NOTHING
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    value, half = one.mean() - other.mean(), intervals.t_quantile(len(one) + len(other) - 2) * error
    return Estimate(value, value - half, value + half)


def bounds(table, width, outcome="raises_fund"):
    """(low, high): what is true of the admitted within `width` of the cut-off where twins that do not exist would all
    have had the outcome, or none of them.
    """
    near = table[table["admitted"] & (table["margin"] <= width) & (table["one_past"] | ~table["twin"])]
    ends = [(near[outcome] - near[f"twin_{outcome}"].fillna(value)).mean() for value in (1.0, 0.0)]
    return min(ends), max(ends)


def binned(table, outcome="raises_fund", bins=8, side=1.5):
    """Means by bins of the margin within `side` bandwidths, of the applicants and of the twins of the admitted, and the
    lines fitted on both sides: what a figure of the design shows, in percent.
    """
    jump = discontinuity.jump(table["margin"], table[outcome])
    width = width_of(jump, table)
    near = table[table["margin"].abs() <= side * width]
    place = np.floor(near["margin"] / (side * width) * bins).clip(-bins, bins - 1)
    rows = []
    for group, chosen, column in (
        ("applicants", near, outcome),
        ("twins", near[near["admitted"] & near["one_past"]], f"twin_{outcome}"),
    ):
        for _, part in chosen.groupby(place):
            rows.append((group, part["margin"].mean(), 100 * part[column].mean(), len(part)))
    for admitted, name in ((False, "fit below"), (True, "fit above")):
        part = table[(table["margin"].abs() <= width) & (table["admitted"] == admitted)]
        if len(part) > 2:
            weight = np.sqrt(1 - part["margin"].abs() / width)
            slope, level = np.polyfit(part["margin"], part[outcome], 1, w=weight + 1e-9)
            ends = (0.0, width) if admitted else (-width, 0.0)
            rows += [(name, end, 100 * (level + slope * end), len(part)) for end in ends]
    return pd.DataFrame(rows, columns=["group", "margin", "percent", "n"])
