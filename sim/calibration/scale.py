"""The bias of scale: every metric at several scales against scale 1, at the start, and what a run costs.

A calibration simulates a part of the city. The table says how far each target moves by that, in half widths, with
the standard error of the difference; the scale of a fit is chosen by it.
"""

import time

import numpy as np
import pandas as pd

from sim.calibration.objective import filled


def task(study):
    """Runs at each of `scales`, `seeds` seeds each."""
    from sim.runs.folders import write_csv, write_json

    point = study.start()
    scales = sorted({float(scale) for scale in study.asked["scales"]} | {1.0}, reverse=True)
    found, cost = {}, []
    for scale in scales:
        bank = study.at_scale(scale)
        count = study.asked["seeds"] if scale < 1 else max(2, study.asked["full_seeds"])
        began = time.monotonic()
        found[scale] = study.replicates(point, bank, count, f"runs at scale {scale:g}")
        new = bank.runs > 0  # what was kept says nothing of time
        times = (
            {"seconds_of_a_core_a_run": bank.seconds / bank.runs, "wall_seconds": time.monotonic() - began}
            if new
            else {}
        )
        cost.append({"scale": scale, "runs": count, **times})
    full = found[1.0]
    rows = []
    for scale in scales[1:]:
        part = found[scale]
        bias = filled(part).mean(axis=0) - filled(full).mean(axis=0)
        error = np.sqrt(filled(part).var(axis=0, ddof=1) / len(part) + filled(full).var(axis=0, ddof=1) / len(full))
        rows.append(
            study.moments.rows[["id", "targets", "role"]].assign(
                scale=scale,
                bias=bias,
                standard_error=error,
                spread=filled(part).std(axis=0, ddof=1),
                missing=1 - np.isfinite(part).mean(axis=0),
                fitted=study.moments.fitted,
            )
        )
    table = pd.concat(rows, ignore_index=True)
    summary = (
        table[table["fitted"]]
        .assign(size=lambda t: t["bias"].abs())
        .groupby("scale")
        .agg(
            targets=("id", "size"),
            median_bias=("size", "median"),
            beyond_half=("size", lambda b: (b > 0.5).sum()),
            beyond_one=("size", lambda b: (b > 1).sum()),
            median_spread=("spread", "median"),
            missing=("missing", lambda m: (m > 0.5).sum()),
        )
    )
    summary = summary.reset_index().merge(pd.DataFrame(cost), on="scale", how="right")
    folder = study.folder("scale")
    write_csv(folder / "bias.csv", table)
    write_csv(folder / "scales.csv", summary)
    print(summary.to_string(index=False, float_format=lambda x: f"{x:.3g}"))
    write_json(folder / "about.json", study.facts(summary="bias of scale in half widths of the bands, at the start"))
    return folder
