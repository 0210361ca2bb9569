"""Posterior predictive: the draws simulated again, targets and hold-outs apart; and out of time.

The score of the hold-outs is written to `holdout_log.csv` once a release, that is once for each calibrated point:
whoever tuned to them would show by the number of lines.
"""

import numpy as np
import pandas as pd

from sim.calibration import fit_files
from sim.calibration.moments import KNOWN_BY
from sim.observables.targets import years
from sim.settings.refusals import ConfigError

SEED = 300_000  # first seed of the draws
LOG = "holdout_log.csv"


def task(study):
    """The draws of the fit, one seed each."""
    from sim.calibration.command import draw
    from sim.runs.folders import write_csv, write_json

    points = drawn(study)
    u = study.u(points, SEED + np.arange(len(points)), "runs of the draws")
    made = fit_files.read_fit(study.output / "fit")
    found = spread_table(study.moments, u + study.bias(fitted_point(study)))
    shown = found[found["targets"].isin(study.config.targets) & found["role"].isin(["target", "holdout"])]
    folder = study.folder("predictive")
    write_csv(folder / "predictive.csv", found)
    scores = score(shown)
    write_csv(folder / "score.csv", scores)
    log_holdouts(study, made, scores)
    said = "; ".join(
        f"{row.targets} {row.role}: median inside {row.inside} of {row.judged}, reached by 90% {row.reached}"
        for row in scores.itertuples()
    )
    write_json(folder / "about.json", study.facts(summary=said))
    draw(folder, {"dots": dots(shown)})
    print(said)
    return folder


def out_of_time(study):
    """Fit to what was known by 2021, then the year 2024:

    the same engine on the earlier targets, its draws simulated.
    """
    from sim.calibration.command import draw, run_engine
    from sim.runs.folders import write_csv, write_json

    problem = study.problem(corrected=False)
    found = run_engine(study, problem)
    points = spaced(found.draws, study.asked["seeds"])
    u = study.u(points, SEED + np.arange(len(points)), "runs of the draws")
    table = spread_table(study.moments, u)
    fitted = set(problem.ids)
    table = table[table["targets"].isin(study.config.targets)]
    last = table["observed"].map(lambda text: years(text)[1])
    table = table.assign(
        part=np.where(
            table["id"].isin(fitted), "fitted, known by 2021", np.where(last > KNOWN_BY, "predicted", "not used")
        )
    )
    shown = table[(table["part"] != "not used") & ((table["targets"] != "facts") | (table["part"] != "predicted"))]
    folder = study.folder("out_of_time")
    write_csv(folder / "out_of_time.csv", table)
    counts = shown.groupby("part")["inside"].agg(["sum", "size"])
    said = "; ".join(
        f"{part}: {int(row['sum'])} of {int(row['size'])} medians inside" for part, row in counts.iterrows()
    )
    write_json(folder / "about.json", study.facts(summary=said))
    draw(folder, {"dots": dots(shown.assign(role=shown["part"]))})
    print(said)
    return folder


def drawn(study):
    """`seeds` draws of the fit, spread over all that are kept."""
    try:
        held = fit_files.read_draws(study.output / "fit", study.parameters)
    except (FileNotFoundError, KeyError) as error:
        raise ConfigError([f"task={study.asked['task']}: {error}"]) from None
    return spaced(held, study.asked["seeds"])


def spaced(draws, count):
    """At most so many of the draws, evenly spaced."""
    return draws[np.linspace(0, len(draws) - 1, min(count, len(draws))).round().astype(int)]


def fitted_point(study):
    """The point of the fit, in the cube."""
    table = pd.read_csv(study.output / "fit" / "parameters.csv").set_index("parameter")
    return np.array([p.cube(min(max(table.loc[p.name, "value"], p.low), p.high)) for p in study.parameters])


def spread_table(moments, u):
    """One row a metric: median and 90% interval over draws, whether the median is inside the band and whether the
    interval reaches it.
    """
    u = np.where(np.isfinite(u), u, np.nan)
    seen = np.isfinite(u).any(axis=0)
    quantiles = np.full((3, u.shape[1]), np.nan)
    quantiles[:, seen] = np.nanquantile(u[:, seen], (0.05, 0.5, 0.95), axis=0)
    rows = moments.rows[["id", "targets", "quantity", "role", "unit", "value", "low", "high", "observed"]].copy()
    for name, q in zip(("simulated_low", "simulated", "simulated_high"), quantiles, strict=True):
        rows[name] = moments.natural(q)
    rows["u_low"], rows["u"], rows["u_high"] = quantiles
    rows["inside"] = np.abs(quantiles[1]) <= 1
    rows["reached"] = (quantiles[0] <= 1) & (quantiles[2] >= -1)
    return (
        rows[rows["role"] != "early"] if not any(moments.fitted[(moments.rows["role"] == "early").to_numpy()]) else rows
    )


def score(table):
    """One row a file and role: metrics judged, medians inside the band, bands reached by the 90% interval."""
    held = table[table["u"].notna()].groupby(["targets", "role"])
    return held.agg(judged=("id", "size"), inside=("inside", "sum"), reached=("reached", "sum")).reset_index()


def dots(table):
    """What the figure of dots draws: id, role, u, u_low, u_high."""
    return table.loc[table["u"].notna(), ["id", "quantity", "role", "u", "u_low", "u_high", "simulated", "low", "high"]]


def log_holdouts(study, made, scores):
    """One line for each calibrated point: date, what it was fitted to, the score. The same point is logged once."""
    path = study.output / LOG
    held = scores[scores["role"] == "holdout"]
    digest = point_digest(study)
    before = pd.read_csv(path, dtype=str) if path.exists() else pd.DataFrame(columns=["point"])
    if digest in set(before["point"]):
        return
    row = {
        "date": made["date"],
        "point": digest,
        "premises": made["premises"][:16],
        "targets": " ".join(made["targets"]),
        "engine": made["engine"],
        "scale": made["scale"],
    }
    row |= {f"{r.targets}_{key}": getattr(r, key) for r in held.itertuples() for key in ("inside", "reached", "judged")}
    from sim.runs.folders import write_csv

    write_csv(
        path, pd.concat([before, pd.DataFrame([{key: str(value) for key, value in row.items()}])], ignore_index=True)
    )


def point_digest(study):
    import hashlib

    return hashlib.sha256((study.output / "fit" / "parameters.csv").read_bytes()).hexdigest()[:16]
