"""Paired differences between two arms: the table, the event study and the public purse.

A pair is one seed, hence one luck, in both arms; a difference is the arm that has the policy less the other.
"""

import math

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from sim.observables.outcomes import END, OUTCOMES
from sim.statistics import intervals
from sim.world.calendar import quarter_of


def table(policy, against, primary=None, outcomes=OUTCOMES):
    """One row per outcome from two frames of totals (rows seeds, columns outcomes).

    Levels are means over seeds, `percent` is of the level without. The outcome `primary` was declared beforehand; `q`
    is the false-discovery rate at which each of the others leaves zero (Benjamini and Hochberg 1995).
    `runs_independent` is measured by the variances of the arms and of their difference. Outcomes with heavy tails also
    get the median and the trimmed mean of the differences.
    """
    rows = []
    for outcome in outcomes:
        pairs = pd.DataFrame({"policy": policy[outcome.name], "against": against[outcome.name]}).dropna()
        ours, theirs = pairs["policy"].to_numpy(), pairs["against"].to_numpy()
        differences = ours - theirs
        row = {"outcome": outcome.name, "title": outcome.title, "unit": outcome.unit, "over": outcome.over}
        row |= {"policy": pairs["policy"].mean(), "against": pairs["against"].mean()}
        row |= _columns("difference", intervals.mean(differences))
        level, error = row["against"], intervals.standard_error(differences)
        row |= {
            "percent": 100 * row["difference"] / level if level else np.nan,
            "standard_error": error,
            "t": row["difference"] / error,
            "p": intervals.p_value(differences),
            "primary": outcome.name == primary,
            "runs": len(pairs),
            "runs_independent": intervals.independent_runs(ours, theirs),
            "detectable": intervals.detectable(differences, len(pairs)),
        }
        row |= _columns("median", intervals.median(differences) if outcome.heavy else intervals.NOTHING)
        row |= _columns("trimmed", intervals.trimmed_mean(differences) if outcome.heavy else intervals.NOTHING)
        rows.append(row)
    return with_q(pd.DataFrame(rows))


def with_q(rows):
    """A table of effects with the column `q` behind `p`: of all but the primary outcome that have a p."""
    tested = rows["p"].notna() & ~rows["primary"]
    q = pd.Series(np.nan, rows.index)
    q[tested] = false_discovery_control(rows["p"][tested]) if tested.any() else []
    rows.insert(rows.columns.get_loc("p") + 1, "q", q)
    return rows


def q_within(p, groups):
    """The rates of false discoveries of tests (a Series of p) among those of the same of `groups` that have a p."""
    tested = p.dropna()
    q = tested.groupby(groups[tested.index]).transform(lambda p: false_discovery_control(p.to_numpy()))
    return q.reindex(p.index)


BEFORE, FORESEEN, IN_FORCE = "before", "announced", "in force"


def event_study(policy, against, first, announced=None, outcomes=OUTCOMES):
    """Mean difference by quarter around `first` (text), from two lists of quarterly frames in the order of seeds.

    `relative` counts quarters from `first`. `phase` is `before` until anything that differs is `announced` (text) or
    starts: both arms are then one and the same, the placebo. From the announcement to the start it is `announced`,
    then `in force`.
    """
    parts = []
    foreseen_from = min(announced or first, first)
    for outcome in outcomes:
        quarters = policy[0].index
        differences = np.array(
            [(one[outcome.name] - other[outcome.name]).to_numpy() for one, other in zip(policy, against, strict=True)]
        )
        means = [intervals.mean(column[~np.isnan(column)]) for column in differences.T]
        frame = pd.DataFrame(means).rename(columns={"value": "difference"})
        frame.insert(0, "outcome", outcome.name)
        frame.insert(1, "quarter", quarters)
        frame.insert(2, "relative", [quarter_of(q) - quarter_of(first) for q in quarters])
        frame.insert(
            3, "phase", [BEFORE if q < foreseen_from else FORESEEN if q < first else IN_FORCE for q in quarters]
        )
        parts.append(frame.assign(runs=(~np.isnan(differences)).sum(axis=0)))
    return pd.concat(parts, ignore_index=True)


def placebo(study):
    """The largest difference of an event study before anything was known, and of which outcome; (0.0, None) where none
    differs, as it must be.
    """
    before = study[study["phase"] == BEFORE]
    size = before["difference"].abs()
    if not size.any():
        return 0.0, None
    return float(size.max()), before.loc[size.idxmax(), "outcome"]


def anticipation(policy, against, first, announced, outcomes=OUTCOMES):
    """What differs between the announcement and the start: one row an outcome, from two lists of quarterly frames in
    the order of seeds.

    What flows is summed over these quarters, what stands is that of the last of them. Empty where nothing was
    announced before the start.
    """
    rows = []
    quarters = [q for q in policy[0].index if announced is not None and announced <= q < first]
    for outcome in outcomes if quarters else ():
        ours, theirs = (
            np.array([_over(frame.loc[quarters, outcome.name], outcome) for frame in frames])
            for frames in (policy, against)
        )
        differences = ours - theirs
        differences = differences[~np.isnan(differences)]
        head = (outcome.name, outcome.title, outcome.unit, quarters[0], quarters[-1])
        rows.append((*head, theirs.mean(), *intervals.mean(differences), len(differences)))
    return pd.DataFrame(
        rows, columns=["outcome", "title", "unit", "announced", "until", "against", "difference", "low", "high", "runs"]
    )


def _over(values, outcome):
    """A few quarters of an outcome in one number: sum, mean of a share, or the last."""
    if outcome.over == END:
        return values.iloc[-1]
    return values.mean() if outcome.per else values.sum()


def discounted(amounts, first, rate):
    """Sum of the amounts (a Series by quarter) from `first` on, at their value then; `rate` a year.

    By square roots, products and an exact sum, as powers differ in the last bit from processor to processor.
    """
    ahead = np.array([quarter_of(q) - quarter_of(first) for q in amounts.index])
    growth = np.cumprod(np.r_[1.0, np.full(max(ahead.max(initial=0), 0), math.sqrt(math.sqrt(1 + rate)))])
    later = ahead >= 0
    return math.fsum(amounts.to_numpy()[later] / growth[ahead[later]])


def public_purse(cost, tax, wtp=1.0):
    """What the policy costs the treasury, from the paired differences of cost and tax (arrays, one value per seed).

    Both are discounted to the start of the window at the city's rate and stop at the last quarter simulated.

        cost      C      spending and administration less what was recovered, of the purses that differ
        tax       T      extra income, corporate and property tax
        net_cost  C - T  what the treasury ends up paying
        fiscal_return  T / C  yuan of tax that a yuan of direct cost brings back
        mvpf      wtp C / (C - T)  worth to those who receive it of a yuan of net cost

    `mvpf` is the marginal value of public funds of Hendren and Sprung-Keyser (2020), for recipients who would pay `wtp`
    yuan for a yuan of outlay: 1 is an assumption, and what others gain would come on top. It has no meaning where
    C - T is below zero (the policy then pays for all of itself). A ratio whose parts cannot be told from zero is left
    out. Assumed: stakes still held at the end are worth nothing to the treasury, debt and other policies' purses are
    left out, and nobody's taxes rise to pay the cost. Ratios have Fieller's intervals.
    """
    net = cost - tax
    rows = {
        "cost": intervals.mean(cost),
        "tax": intervals.mean(tax),
        "net_cost": intervals.mean(net),
        "fiscal_return": intervals.ratio(tax, cost) if _positive(cost) and told_from_zero(tax) else intervals.NOTHING,
        "mvpf": intervals.ratio(wtp * cost, net) if _positive(cost) and _positive(net) else intervals.NOTHING,
    }
    units = {"fiscal_return": "yuan per yuan", "mvpf": "yuan per yuan"}
    return pd.DataFrame(
        [
            {"quantity": name, "unit": units.get(name, "yuan"), **estimate._asdict(), "runs": len(cost)}
            for name, estimate in rows.items()
        ]
    )


def told_from_zero(values):
    """Whether the interval of the mean leaves out zero; amounts that are the same in all runs need none."""
    estimate = intervals.mean(values)
    return values.min() == values.max() != 0 or estimate.low > 0 or estimate.high < 0


def _positive(values):
    return values.mean() > 0 and told_from_zero(values)


def _columns(name, estimate):
    """Three columns of a row: an estimate and the ends of its interval."""
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
