"""The bias of scale: every metric at several scales against scale 1, at the start, and what a run costs.

A calibration simulates a part of the city. The table says how far each target moves by that, in half widths, with
the standard error of the difference; the scale of a fit is chosen by it.
"""

import time

import numpy as np
import pandas as pd

from sim.calibration.objective import filled


def task(study):
    """Runs at each of `scales`, `seeds` seeds each. Returns the folder."""
    point = study.start()
    scales = sorted({float(scale) for scale in study.asked["scales"]} | {1.0}, reverse=True)
    u, costs = {}, []
    for scale in scales:
        store = study.store_at(scale)
        count = study.asked["seeds"] if scale < 1 else max(2, study.asked["full_seeds"])
        began = time.monotonic()
        u[scale] = study.replicates(point, store, count, f"runs at scale {scale:g}")
        cost = {"scale": scale, "runs": count, "seconds_of_a_core_a_run": store.seconds / store.runs}
        if store.computed == count:  # what was kept says nothing of how long one waits
            cost["wall_seconds"] = time.monotonic() - began
        costs.append(cost)
    table = pd.concat([differences(study.moments, scale, u[scale], u[1.0]) for scale in scales[1:]], ignore_index=True)
    by_scale = summary(table).merge(pd.DataFrame(costs), on="scale", how="right")
    print(by_scale.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    return study.write(
        "scale", {"bias": table, "scales": by_scale}, "bias of scale in half widths of the bands, at the start"
    )


def differences(moments, scale, part, full):
    """One row a metric: what u (seeds, metrics) at a scale has more than at full size, in half widths."""
    bias = filled(part).mean(axis=0) - filled(full).mean(axis=0)
    error = np.sqrt(filled(part).var(axis=0, ddof=1) / len(part) + filled(full).var(axis=0, ddof=1) / len(full))
    return moments.rows[["id", "targets", "role"]].assign(
        scale=scale,
        bias=bias,
        standard_error=error,
        spread=filled(part).std(axis=0, ddof=1),
        missing=1 - np.isfinite(part).mean(axis=0),
        fitted=moments.fitted,
    )


def summary(table):
    """One row a scale: size of the bias over the fitted targets, and how many are missing there."""
    by_scale = table[table["fitted"]].assign(size=lambda t: t["bias"].abs()).groupby("scale")
    return by_scale.agg(
        targets=("id", "size"),
        median_bias=("size", "median"),
        beyond_half=("size", lambda b: (b > 0.5).sum()),
        beyond_one=("size", lambda b: (b > 1).sum()),
        median_spread=("spread", "median"),
        missing=("missing", lambda m: (m > 0.5).sum()),
    ).reset_index()
