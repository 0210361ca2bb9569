"""History matching: which parameters are not ruled out, in waves (Vernon, Goldstein and Bower 2010).

    I_j(x) = |E u_j(x) + bias_j| / sqrt(e_j^2 + s_j^2 + V_j(x) + d_m^2)        ruled out where any I_j >= 3

u is the distance from the middle of the band in half widths, e the report's standard error, s the luck of the whole
city, V the emulator's variance, and d the discrepancy of the mechanism m that the target speaks of: what the best point
misses the targets of that mechanism by, beyond e and s, as a root mean square. A model that is wrong somewhere keeps
what it is right about: a mechanism that nothing repairs widens its own targets and no others.

A wave simulates points drawn from what is not ruled out yet and emulates anew. What is left of the prior is a share too
small to be met by drawing from it, so that it is measured by subset simulation (Au and Beck 2001): the bound on I falls
level by level to 3, each level the one that half of the walkers are below, and the share is the product of the halves.

The points left are the product. They are no posterior: none is likelier than another, and a policy's effect is to be
shown over all of them (`sim uncertainty posterior=.../not_ruled_out.csv`).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.calibration import priors
from sim.calibration.emulator import SQUEEZE, Emulator, released
from sim.calibration.moments import REPORT_ERROR

CUTOFF = 3.0  # standard errors: a unimodal law lies within them with 95% (Pukelsheim 1994)
WALKERS = 128
MOVES = 12  # of a walker at a level
JUMP = 2.38  # over the root of twice the dimensions, of the difference of two walkers
NUDGE = 0.005  # of the cube, so that walkers do not stay in the plane that they began in
FEW = 2  # parameters drawn anew, on average
PAIRS = 6  # narrowest parameters, drawn against each other
LEVELS = 60  # each halves what is left of the prior
SEED_OF_WAVES = 400_000  # first seed of the runs of waves


def task(study):
    """The waves, what is left of the prior, and the discrepancy of each mechanism. Returns the folder."""
    objective = study.objective()
    points, u = study.all_simulations(objective)
    rows = study.moments.rows.iloc[objective.columns]
    families = rows["mechanism"].where(rows["mechanism"] != "", rows["targets"]).to_numpy()
    left, told, missed = match(objective, families, points, u, study.asked["waves"], study.asked["batch"])
    names = [p.name for p in study.parameters]
    natural = pd.DataFrame([priors.values(study.parameters, x) for x in left.points], columns=names)
    last, worst = told.iloc[-1], missed.iloc[0]
    by_width = ranges(study.parameters, left.points)
    return study.write(
        "waves",
        {
            "waves": told,
            "discrepancy": missed,
            "not_ruled_out": natural,
            "targets": binding(objective, left),
            "ranges": by_width,
        },
        f"{int(last['runs'])} runs, {int(last['wave'])} waves: {last['share_of_prior']:.3g} of the prior is not ruled "
        f"out, the least implausibility is {last['least']:.2f}; largest discrepancy: {worst['mechanism']}, "
        f"{worst['discrepancy']:.2f} half widths",
        {"pairs": natural[by_width["parameter"].head(PAIRS)]},
    )


def match(objective, families, points, u, waves, batch):
    """(Left, table of waves, table of discrepancies): `waves` waves of `batch` runs each, from the simulations `points`
    (runs, P) and `u` (runs, T) on; `families` (T) names the mechanism of each target.
    """
    told = []
    for number in range(waves + 1):
        best = points[np.argmin(objective.loss(u))]
        emulator = Emulator(points, u, focus=best)
        missed = discrepancy(objective, families, emulator.mean(best[None])[0])
        implausible = Implausibility(objective, emulator, missed.set_index("mechanism")["discrepancy"][families])
        left = walk(implausible, points.shape[1], np.random.default_rng([13, number]))
        told.append(
            {
                "wave": number,
                "runs": len(points),
                "share_of_prior": left.share,
                "reached": left.level <= CUTOFF,
                "least": left.each.max(axis=1).min(),
            }
        )
        if number < waves:
            chosen = left.points[: min(batch, len(left.points))]
            seeds = SEED_OF_WAVES + number * batch + np.arange(len(chosen))
            more = objective.simulate(chosen, seeds, f"runs of wave {number + 1} of {waves}")
            points, u = np.concatenate([points, chosen]), np.concatenate([u, more])
    return left, pd.DataFrame(told), missed


def discrepancy(objective, families, u):
    """One row a mechanism: its targets, and the root mean square of what u (T) misses them by beyond the errors of the
    report and of luck, in half widths; the largest first.
    """
    beyond = (u + objective.bias) ** 2 - variance(objective)
    table = pd.DataFrame({"mechanism": families, "beyond": beyond}).groupby("mechanism", sort=False)["beyond"]
    rows = table.agg(targets="size", discrepancy=lambda each: np.sqrt(max(each.mean(), 0.0))).reset_index()
    return rows.sort_values("discrepancy", ascending=False, kind="stable", ignore_index=True)


def variance(objective):
    """Of a target (T), in half widths: the report's and that of luck at full size. No weight is in it, as what a target
    is worth to a fit says nothing about how well it is known.
    """
    return REPORT_ERROR**2 + (objective.luck_ratio * objective.noise) ** 2


class Implausibility:
    """The largest I_j of points, by an emulator; `discrepancies` (T) are in half widths."""

    def __init__(self, objective, emulator, discrepancies):
        self.emulator, self.bias = emulator, objective.bias
        self.variance = variance(objective) + np.asarray(discrepancies) ** 2

    def each(self, points):
        """I (points, T)."""
        y, spread = self.emulator.predict(points)
        u = released(y)
        spread = spread * np.cosh(np.clip(y / SQUEEZE, -10, 10))  # of u, by the derivative of `released`
        return np.abs(u + self.bias) / np.sqrt(self.variance + spread**2)

    def __call__(self, points):
        """The largest (points)."""
        return self.each(points).max(axis=1)


class Left(NamedTuple):
    """What is left of the prior of P parameters."""

    points: np.ndarray  # (WALKERS, P) of the unit cube, drawn evenly from what is not ruled out
    each: np.ndarray  # (WALKERS, T) their implausibilities
    level: float  # the bound that they are below: the cut-off, or more where nothing was found below that
    share: float  # of the prior below the level


def walk(implausible, dimensions, rng):
    """The Left of a prior of so many dimensions, by subset simulation."""
    points = rng.random((WALKERS, dimensions))
    worst, share = implausible(points), 1.0
    for _ in range(LEVELS):
        below = np.sort(worst)
        level = max(CUTOFF, below[WALKERS // 2 - 1])
        kept = np.flatnonzero(worst <= level)
        share *= len(kept) / WALKERS
        start = kept[np.arange(WALKERS) % len(kept)]
        points, worst = points[start], worst[start]
        for _ in range(MOVES):
            points, worst = moved(implausible, points, worst, level, rng)
        if level == CUTOFF:
            break
    return Left(points, implausible.each(points), level, share)


def moved(implausible, points, worst, level, rng):
    """(points, worst) of the walkers after a move each, taken where it ends below the level: for one half along the
    difference of two others (ter Braak 2006), which finds the directions that targets leave open, for the other a new
    draw of a few parameters. Both ways are as likely there as back, so that walkers stay evenly spread.
    """
    count, dimensions = points.shape
    one, other = (rng.permutation(count) for _ in range(2))
    step = JUMP / np.sqrt(2 * dimensions) * (points[one] - points[other])
    along = priors.reflected(points + step + NUDGE * rng.standard_normal(points.shape))
    fresh = np.where(rng.random(points.shape) < FEW / dimensions, rng.random(points.shape), points)
    proposed = np.where(rng.random((count, 1)) < 1 / 2, along, fresh)
    tried = implausible(proposed)
    taken = tried <= level
    return np.where(taken[:, None], proposed, points), np.where(taken, tried, worst)


# ---------------------------------------------------------------- tables


def binding(objective, left):
    """One row a target: its median implausibility over what is left, and the share of the points left of which it is
    the most implausible; what binds most first.
    """
    worst = np.bincount(left.each.argmax(axis=1), minlength=len(objective.ids)) / len(left.each)
    table = pd.DataFrame({"target": objective.ids, "median": np.median(left.each, axis=0), "binds": worst})
    return table.sort_values(["binds", "median"], ascending=False, kind="stable", ignore_index=True)


def ranges(parameters, points):
    """One row a parameter: the middle 90% of the points left in its own unit, and how wide that is over the prior's."""
    low, high = np.quantile(points, [0.05, 0.95], axis=0)
    rows = [
        {"parameter": p.name, "low": p.value(a), "high": p.value(b), "unit": p.unit, "over_prior": (b - a) / 0.9}
        for p, a, b in zip(parameters, low, high, strict=True)
    ]
    return pd.DataFrame(rows).sort_values("over_prior", kind="stable", ignore_index=True)
