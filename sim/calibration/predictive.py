"""Posterior predictive: the draws simulated again, targets and hold-outs apart.

The score of the hold-outs is written to `holdout_log.csv` once a release, that is once for each calibrated point:
whoever tuned to them would show by the number of lines.
"""

import numpy as np
import pandas as pd

from sim.calibration import fit_files
from sim.observables.written import read_csv
from sim.runs.folders import write_csv
from sim.settings.refusals import ConfigError

FIRST_SEED = 300_000  # of the draws
LOG = "holdout_log.csv"


def task(study):
    """The draws of the fit, one seed each. Returns the folder; raises ConfigError where there is no fit."""
    fit_folder = study.output / "fit"
    try:
        draws = fit_files.read_draws(fit_folder, study.parameters)
    except (FileNotFoundError, KeyError) as error:
        raise ConfigError([f"task={study.asked['task']}: {error}"]) from None
    u = simulated(study, draws) + study.bias(fit_files.read_point(fit_folder, study.parameters))
    table = spread_table(study.moments, u)
    judged = table[table["targets"].isin(study.config.targets) & table["role"].isin(["target", "holdout"])]
    scores = score(judged)
    log_holdouts(study, scores)
    parts = (
        f"{row.targets} {row.role}: median inside {row.inside} of {row.judged}, reached by 90% {row.reached}"
        for row in scores.itertuples()
    )
    return study.write("predictive", {"predictive": table, "score": scores}, "; ".join(parts), {"dots": dots(judged)})


def simulated(study, draws):
    """u (runs, metrics) at `seeds` of the draws (draws, P), spread evenly over all, one seed each."""
    count = min(study.asked["seeds"], len(draws))
    points = draws[np.linspace(0, len(draws) - 1, count).round().astype(int)]
    return study.u(points, FIRST_SEED + np.arange(len(points)), "runs of the draws")


def spread_table(moments, u):
    """One row a metric: median and 90% interval of u (draws, metrics) over draws, whether the median is inside the band
    and whether the interval reaches it.
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
    return rows


def score(table):
    """One row a file and role: metrics judged, medians inside the band, bands reached by the 90% interval."""
    groups = table[table["u"].notna()].groupby(["targets", "role"])
    return groups.agg(judged=("id", "size"), inside=("inside", "sum"), reached=("reached", "sum")).reset_index()


def dots(table):
    """What the figure of dots draws: id, role, u, u_low, u_high."""
    return table.loc[table["u"].notna(), ["id", "quantity", "role", "u", "u_low", "u_high", "simulated", "low", "high"]]


def log_holdouts(study, scores):
    """One line for each calibrated point: date, what it was fitted to, the score. The same point is logged once."""
    path = study.output / LOG
    fit_folder = study.output / "fit"
    facts, point = fit_files.read_facts(fit_folder), fit_files.point_digest(fit_folder)
    before = read_csv(path, dtype=str) if path.exists() else pd.DataFrame(columns=["point"])
    if point in set(before["point"]):
        return
    line = {
        "date": facts["date"],
        "point": point,
        "premises": facts["premises"][:16],
        "targets": " ".join(facts["targets"]),
        "engine": facts["engine"],
        "scale": facts["scale"],
    }
    holdouts = scores[scores["role"] == "holdout"]
    line |= {
        f"{row.targets}_{key}": getattr(row, key)
        for row in holdouts.itertuples()
        for key in ("inside", "reached", "judged")
    }
    texts = {key: str(value) for key, value in line.items()}
    write_csv(path, pd.concat([before, pd.DataFrame([texts])], ignore_index=True))
