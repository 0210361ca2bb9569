"""Staggered entry: firms that enter a programme one after the other, against firms that do not, quarter by quarter.

stack      the firms of one competition: who enters, and its controls, eight quarters before the decision and eight
           after that quarter; firms have no quarters before their birth, and raise nothing after their end
controls   refused: of the same competition, within half a standard deviation below its cut-off, until they enter
           matched: never admitted, of the same sector, born in the same quarter, with as many rounds before
           later:   admitted more than eight quarters later, of the same sector
estimator  the outcome on being inside, with effects of a firm in its stack and of the stack in the quarter of the
           event, clustered by firm; in percent of the mean of those who enter in the quarters before
truth      of the same firms in the same quarters, less their twins, of pairs with one past
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.statistics import fixed_effects, intervals
from sim.verbs.designs.past import Past, midpoint, one_past, ordinals, scored

SPAN = 8  # quarters before, and after the quarter of the decision
NEAR = 0.5  # standard deviations of the margin: how far below the cut-off the refused may stand
MATCHES = 3  # never treated for each who enters
EFFECTS = ("unit", "stack_event")  # of a firm in its stack, of a stack in the quarter of the event
OLD = 4  # quarters of age from which a firm has a past to speak of
CONTROLS = {
    "refused": "refused in the same competition",
    "matched": "matched firms that never enter",
    "later": "firms that enter later",
}
COLUMNS = [
    *("seed", "controls", "stack", "startup_id", "event", "enters", "inside", "raised", "amount_m"),
    *("twin_raised", "twin_amount_m", "one_past", "old"),
]


class Reading(NamedTuple):
    """An Effect in percent and the truth in percent with its standard error, of `n` firms that enter."""

    effect: fixed_effects.Effect
    truth: intervals.Estimate
    truth_error: float
    entrants: int


def panel(seed, ours, theirs, policy):
    """The stacks of one run, a frame with a row per firm, stack and quarter."""
    rows = scored(ours, policy)
    past, twin = Past(ours), Past(theirs)
    table = pd.DataFrame(
        {
            "startup_id": rows["startup_id"].to_numpy(np.int64),
            "quarter": ordinals(rows["decided"]) - past.first,
            "admitted": rows["admitted"].to_numpy(bool),
            "margin": (rows["score"] - midpoint(rows)).to_numpy(float),
        }
    ).sort_values("quarter", kind="stable")
    entered = table[table["admitted"]].drop_duplicates("startup_id").set_index("startup_id")["quarter"]
    last = past.quarters - 1 - SPAN
    enter = entered[(entered <= last)].rename("stack").reset_index().assign(enters=True)
    width = NEAR * table["margin"].std()
    refused = table[~table["admitted"] & (table["margin"] >= -width) & (table["quarter"] <= last)]
    refused = refused.rename(columns={"quarter": "stack"})[["startup_id", "stack"]]
    sets = {
        "refused": refused[refused["stack"].isin(enter["stack"])],
        "matched": _matched(past, enter, entered, seed),
        "later": _later(past, enter, entered),
    }
    frames = [
        _quarters(past, twin, pd.concat([enter, chosen.assign(enters=False)]), entered).assign(controls=name)
        for name, chosen in sets.items()
    ]
    return pd.concat(frames, ignore_index=True).assign(seed=seed)[COLUMNS]


def _matched(past, enter, entered, seed):
    """Never admitted firms that are like each who enters when it does."""
    chance = np.random.default_rng(seed)
    never = np.setdiff1d(np.arange(len(past.ids)), past.rows(entered.index))
    chosen = []
    for stack, group in enter.groupby("stack"):
        living = never[(past.born[never] <= stack) & (past.ended[never] > stack)]
        like = _likeness(past, living, stack)
        at = past.rows(group["startup_id"])
        for key in _likeness(past, at, stack):
            same = living[like == key]
            picked = chance.choice(same, min(MATCHES, len(same)), replace=False)
            chosen += [(past.ids[row], stack) for row in picked]
    return pd.DataFrame(chosen, columns=["startup_id", "stack"]).drop_duplicates()


def _likeness(past, rows, stack):
    """Sector, quarter of birth and rounds so far in one text."""
    rounds = past.before(rows, np.full(len(rows), stack)).astype(int)
    return np.array(
        [f"{s} {b} {n}" for s, b, n in zip(past.sector[rows], past.born[rows], rounds, strict=True)], dtype=object
    )


def _later(past, enter, entered):
    """Firms that enter more than a span after those of a stack, of their sectors, and are born by then."""
    chosen = []
    rows = past.rows(entered.index)
    for stack, group in enter.groupby("stack"):
        sectors = set(past.sector[past.rows(group["startup_id"])])
        fits = (entered.to_numpy() > stack + SPAN) & (past.born[rows] <= stack)
        fits &= np.isin(past.sector[rows], list(sectors))
        chosen += [(identity, stack) for identity in entered.index[fits]]
    return pd.DataFrame(chosen, columns=["startup_id", "stack"])


def _quarters(past, twin, members, entered):
    """Members of stacks, a row for each quarter in which they are born and, of controls, have not entered."""
    events = np.arange(-SPAN, SPAN + 1)
    ids, stack = members["startup_id"].to_numpy(np.int64), members["stack"].to_numpy(np.int64)
    enters = members["enters"].to_numpy(bool)
    same = one_past(past, twin, ids, stack)
    rows, pairs = past.rows(ids), twin.rows(ids)
    own = entered.reindex(ids).fillna(1 << 30).to_numpy()
    when = stack[:, None] + events
    there = (when >= past.born[rows][:, None]) & (when >= 0) & (enters[:, None] | (when < own[:, None]))
    at, column = np.nonzero(there)
    quarter = when[at, column]
    found = pairs[at] >= 0
    return pd.DataFrame(
        {
            "stack": stack[at] + past.first,
            "startup_id": ids[at],
            "event": events[column],
            "enters": enters[at],
            "inside": (enters[at] & (events[column] >= 0)).astype(float),
            "raised": (past.any[rows[at], quarter] > 0).astype(float),
            "amount_m": past.amount[rows[at], quarter].astype(float),
            "twin_raised": _where(found, twin.any, pairs[at], quarter) > 0,
            "twin_amount_m": _where(found, twin.amount, pairs[at], quarter),
            "one_past": same[at],
            "old": (stack - past.born[rows] >= OLD)[at],
        }
    ).assign(twin_raised=lambda frame: np.where(found, frame["twin_raised"].astype(float), np.nan))


def _where(found, table, rows, quarters):
    values = np.full(len(rows), np.nan)
    values[found] = table[rows[found], quarters[found]]
    return values


def chance(table, controls="refused", old=False, points=False):
    """The Reading of the chance of raising in a quarter, in percent of that of the entrants before, or in `points`."""
    frame = _frame(table, controls, old)
    before = frame.loc[frame["enters"] & (frame["event"] < 0), "raised"].mean()
    effect = fixed_effects.least_squares(frame, "raised", "inside", EFFECTS, "firm")
    truth, error, n = _truth(frame, "raised")
    scale = 100.0 if points else 100 / before if before > 0 else np.nan
    return Reading(effect.times(scale), intervals.Estimate(*(scale * x for x in truth)), scale * error, n)


def amount(table, controls="refused", how="poisson", unit=1.0):
    """The Reading of the amount raised a quarter, in percent: by `poisson`, or by least squares of log(1 + amount in
    `unit` of a million yuan).
    """
    frame = _frame(table, controls, False)
    if how == "poisson":
        effect = fixed_effects.poisson(frame, "amount_m", "inside", EFFECTS, "firm").percent()
    else:
        frame = frame.assign(logs=np.log1p(frame["amount_m"] / unit))
        effect = fixed_effects.least_squares(frame, "logs", "inside", EFFECTS, "firm").percent()
    inside = frame[frame["enters"] & (frame["event"] >= 0) & frame["one_past"]]
    sums = inside.groupby("firm")[["amount_m", "twin_amount_m"]].mean()
    ratio = intervals.ratio(sums["amount_m"].to_numpy(), sums["twin_amount_m"].to_numpy())
    truth = intervals.Estimate(*(100 * (x - 1) for x in ratio))
    error = (truth.high - truth.low) / (2 * intervals.t_quantile(max(len(sums) - 1, 1)))
    return Reading(effect, truth, error, len(sums))


def _frame(table, controls, old):
    frame = table[table["controls"] == controls]
    frame = frame[frame["old"]] if old else frame
    seed, stack = frame["seed"].astype(str), frame["stack"].astype(str)
    firm = seed + " " + frame["startup_id"].astype(str)
    return frame.assign(
        firm=pd.factorize(firm)[0],
        unit=pd.factorize(firm + " " + stack)[0],
        stack_event=pd.factorize(seed + " " + stack + " " + frame["event"].astype(str))[0],
    )


def _truth(frame, name):
    """(Estimate, standard error, firms) of the entrants' mean difference to their twins while inside."""
    inside = frame[frame["enters"] & (frame["event"] >= 0) & frame["one_past"]]
    by_firm = (inside[name] - inside[f"twin_{name}"]).groupby(inside["firm"]).mean().dropna().to_numpy()
    return intervals.mean(by_firm), intervals.standard_error(by_firm), len(by_firm)


def paths(table):
    """The chance of raising, percent a quarter, by quarter of the event: of those who enter, of their twins, and of
    each set of controls, which count by how many enter in their stack.
    """
    rows = []
    refused = table[table["controls"] == "refused"]
    entrants = refused[refused["enters"] & refused["one_past"]]
    for group, column in (("entrants", "raised"), ("twins", "twin_raised")):
        rows += _path(group, entrants, column, np.ones(len(entrants)))
    for name in CONTROLS:
        chosen = table[(table["controls"] == name) & ~table["enters"]]
        keys = ["seed", "stack", "event"]
        many = entrants.groupby(keys).size().rename("many")
        few = chosen.groupby(keys)["raised"].transform("size")
        weight = chosen[keys].join(many, on=keys)["many"].fillna(0).to_numpy() / few.to_numpy()
        rows += _path(name, chosen, "raised", weight)
    return pd.DataFrame(rows, columns=["group", "event", "percent", "error", "n"])


def _path(group, frame, column, weight):
    rows = []
    for event, at in frame.reset_index(drop=True).groupby("event").groups.items():
        values, parts = frame[column].to_numpy(float)[at], weight[at]
        if parts.sum() > 0:
            mean = np.average(values, weights=parts)
            error = np.sqrt((parts**2 * (values - mean) ** 2).sum()) / parts.sum()
            rows.append((group, event, 100 * mean, 100 * error, len(values)))
    return rows
