"""Identification: which parameters the targets pin down, by the weighted Jacobian and by profiles of the emulated loss.

A profile fixes one parameter and minimises over the others. Its 95% set is where the loss lies within 3.84 of
the least, chi-squared with one degree of freedom; a parameter whose set spans most of its prior is not identified.
"""

import numpy as np
import pandas as pd

from sim.calibration import method_of_moments
from sim.calibration.emulator import Emulator, explained
from sim.calibration.search import minimise, slope

GRID = 9
PASSES = 5  # at most, from a lower point each
CLOSE = 0.01  # of the loss: no lower
INSIDE = 3.84  # 95% of chi-squared with one degree of freedom
WIDE = 0.7  # share of the prior


def task(study):
    """Profiles, singular values and the parameters that are not identified, on the emulator of all simulations at
    hand. Returns the folder.
    """
    objective = study.objective()
    points, u = study.all_simulations(objective)
    best = points[np.argmin(objective.loss(u))]
    emulator = Emulator(points, u, focus=best)
    best, cube_profiles = converged(objective, emulator.mean, minimise(objective, emulator.mean, best)[0])
    estimate = method_of_moments.conclude(
        best,
        objective.residual(emulator.mean(best[None])[0]) * objective.error,
        slope(emulator.mean, best, method_of_moments.STEP),
        np.diag(objective.error**2),
        1,
    )
    table = summary(objective, estimate, cube_profiles)
    values, vectors = method_of_moments.singular(estimate)
    own_units = natural(study.parameters, cube_profiles)
    free = table.loc[~table["identified"], "parameter"].tolist()
    return study.write(
        "identification",
        {
            "parameters": table,
            "profiles": own_units,
            "singular": directions(objective, values, vectors),
            "emulator": pd.DataFrame({"target": objective.ids, "explained": explained(points, u)}),
        },
        f"identified: {len(table) - len(free)} of {len(table)} parameters; held at their prior: "
        f"{', '.join(free) or 'none'}; {(values >= 1).sum()} of {len(values)} directions say more than the prior",
        {"profiles": own_units},
        least_emulated_loss=float(cube_profiles["loss"].min()),
        emulated_from=len(points),
    )


def converged(objective, mean, best):
    """(point of the least emulated loss, profiles through it), from the point `best` (P) on.

    A profile that finds less than the least known begins the next pass; at the end all of them touch the least.
    """
    rows = profiles(objective, mean, best)
    for _ in range(PASSES):
        again, loss = minimise(objective, mean, rows.loc[rows["loss"].idxmin(), "point"])
        if loss > rows.loc[rows["best"], "loss"].min() - CLOSE:
            break
        best, rows = again, profiles(objective, mean, again)
    return best, rows.drop(columns=["point", "best"])


def profiles(objective, mean, best):
    """One row a parameter and value (cube): the least emulated loss with the parameter fixed there, the others starting
    from the point `best` (P); the point of that loss, and whether the value is that of `best`.
    """
    rows = []
    for i, name in enumerate(objective.names):
        # outwards from the middle, each from the last
        for side in (range(GRID // 2, -1, -1), range(GRID // 2 + 1, GRID)):
            point = best
            for k in side:
                value = k / (GRID - 1)
                point, loss = minimise(objective, mean, point, {i: value}, evaluations=12)
                rows.append({"parameter": name, "cube": value, "loss": loss, "point": point, "best": False})
        loss = float(objective.loss(mean(best[None])[0]))
        rows.append({"parameter": name, "cube": float(best[i]), "loss": loss, "point": best, "best": True})
    return pd.DataFrame(rows).sort_values(["parameter", "cube"], kind="stable", ignore_index=True)


def natural(parameters, table):
    """Profiles with the parameter in its own unit, and the loss above the least."""
    by_name = {p.name: p for p in parameters}
    return table.assign(
        value=[by_name[row.parameter].value(row.cube) for row in table.itertuples()],
        unit=table["parameter"].map(lambda name: by_name[name].unit),
        excess=table["loss"] - table["loss"].min(),
    )


def summary(objective, estimate, table):
    """One row a parameter: standard error over the prior's, share of the prior inside the 95% set of its profile in
    `table`, verdict.
    """
    rows = []
    least = table["loss"].min()
    for i, name in enumerate(objective.names):
        profile = table[table["parameter"] == name].drop_duplicates("cube")
        fine = np.union1d(np.linspace(0, 1, 401), profile["cube"])
        share = float((np.interp(fine, profile["cube"], profile["loss"]) <= least + INSIDE).mean())
        spread = float(estimate.spread[i])
        rows.append(
            {
                "parameter": name,
                "over_prior": spread,
                "profile_share": share,
                "identified": bool(spread < method_of_moments.IDENTIFIED and share < WIDE),
            }
        )
    return pd.DataFrame(rows)


def directions(objective, values, vectors):
    """One row a direction: singular value, whether the targets say more than the prior, and the three parameters that
    weigh most.
    """
    rows = []
    for value, vector in zip(values, vectors, strict=True):
        order = np.argsort(-np.abs(vector), kind="stable")[:3]
        rows.append(
            {
                "singular_value": value,
                "identified": value >= 1,
                "along": " ".join(f"{vector[i]:+.2f} {objective.names[i]}" for i in order),
            }
        )
    return pd.DataFrame(rows)
