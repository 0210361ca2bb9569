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
INSIDE = 3.84  # 95% of chi-squared with one degree of freedom
WIDE = 0.7  # share of the prior


def task(study):
    """Profiles, singular values and the parameters that are not identified, on the emulator of all simulations at
    hand.
    """
    from sim.calibration.command import draw
    from sim.runs.folders import write_csv, write_json

    problem = study.problem()
    points, u = simulations(study, problem)
    best = points[np.argmin(problem.loss(u))]
    emulator = Emulator(points, u, focus=best)
    best, least = minimise(problem, emulator.mean, best)
    lines = profiles(problem, emulator.mean, best)
    found = method_of_moments.conclude(
        best,
        problem.residual(emulator.mean(best[None])[0]) * problem.error,
        slope(emulator.mean, best, method_of_moments.STEP),
        np.diag(problem.error**2),
        1,
    )
    table = summary(problem, found, lines)
    values, vectors = method_of_moments.singular(found)
    folder = study.folder("identification")
    predicted = pd.DataFrame({"target": problem.ids, "explained": explained(points, u)})
    for name, frame in (
        ("parameters", table),
        ("profiles", natural(study, lines)),
        ("singular", directions(problem, values, vectors)),
        ("emulator", predicted),
    ):
        write_csv(folder / f"{name}.csv", frame)
    free = table.loc[~table["identified"], "parameter"].tolist()
    said = f"identified: {len(table) - len(free)} of {len(table)} parameters; held at their prior: {', '.join(free) or 'none'}; {(values >= 1).sum()} of {len(values)} directions say more than the prior"
    write_json(folder / "about.json", study.facts(summary=said, least_emulated_loss=least, emulated_from=len(points)))
    draw(folder, {"profiles": natural(study, lines)})
    print(said)
    return folder


def simulations(study, problem):
    """(points, u) of all simulations of the bank that have an answer, the design over the prior among them."""
    from sim.calibration.objective import filled

    study.prior_bank()
    points, _, values, _ = study.bank.kept()
    return points, filled(study.moments.scaled(values)[:, study.places])


def profiles(problem, mean, best):
    """One row a parameter and value (cube): the least emulated loss with the parameter held there."""
    rows = []
    for i, name in enumerate(problem.names):
        for side in (
            range(GRID // 2, -1, -1),
            range(GRID // 2 + 1, GRID),
        ):  # outwards from the middle, each from the last
            point = best
            for k in side:
                value = k / (GRID - 1)
                point, loss = minimise(problem, mean, point, {i: value}, evaluations=12)
                rows.append({"parameter": name, "cube": value, "loss": loss})
        rows.append(
            {
                "parameter": name,
                "cube": float(best[i]),
                "loss": minimise(problem, mean, best, {i: float(best[i])}, evaluations=12)[1],
            }
        )
    return pd.DataFrame(rows).sort_values(["parameter", "cube"], kind="stable", ignore_index=True)


def natural(study, lines):
    """Profiles with the parameter in its own unit."""
    known = {p.name: p for p in study.parameters}
    value = [known[row.parameter].value(row.cube) for row in lines.itertuples()]
    return lines.assign(
        value=value,
        unit=lines["parameter"].map(lambda name: known[name].unit),
        excess=lines["loss"] - lines["loss"].min(),
    )


def summary(problem, found, lines):
    """One row a parameter: standard error over the prior's, share of the prior inside the profile's 95% set, verdict."""
    rows = []
    least = lines["loss"].min()
    for i, name in enumerate(problem.names):
        held = lines[lines["parameter"] == name].drop_duplicates("cube")
        fine = np.linspace(0, 1, 401)
        share = float((np.interp(fine, held["cube"], held["loss"]) <= least + INSIDE).mean())
        spread = float(found.spread[i])
        rows.append(
            {
                "parameter": name,
                "over_prior": spread,
                "profile_share": share,
                "identified": bool(spread < method_of_moments.IDENTIFIED and share < WIDE),
            }
        )
    return pd.DataFrame(rows)


def directions(problem, values, vectors):
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
                "along": " ".join(f"{vector[i]:+.2f} {problem.names[i]}" for i in order),
            }
        )
    return pd.DataFrame(rows)
