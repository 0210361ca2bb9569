"""How far the levels of a small city are from those of the whole: outcomes of comparisons by scale, over seeds.

    python experiments/scale_levels.py [FOLDER]

writes `scale_levels.csv`, which `sim compare` tells from: a row per outcome and scale, with the bias in percent of
scale 1, its standard error over seeds, and the commit that made it.
"""

import math
import sys
from pathlib import Path

import pandas as pd

from sim.observables.outcomes import OUTCOMES
from sim.runs import arms
from sim.runs.fingerprint import git_state
from sim.settings import config as configs
from sim.world.calendar import quarter_name

SEEDS = {1.0: 6, 0.2: 10, 0.1: 12, 0.05: 14, 0.02: 16, 0.01: 20}
STORE = "results/compare/store"


def main(folder):
    levels, rows = {}, []
    for scale, seeds in SEEDS.items():
        config = configs.load([f"scale={scale}"])
        first = quarter_name(config.city.history_start)
        runs = arms.run([arms.with_seed(config, seed) for seed in range(1, seeds + 1)], STORE, 2)
        levels[scale] = pd.DataFrame([run.totals(first) for run in runs])
    whole = levels[1.0].mean(), levels[1.0].var() / len(levels[1.0])
    for scale, found in levels.items():
        for outcome in OUTCOMES:
            mean, error = found[outcome.name].mean(), found[outcome.name].var() / len(found)
            of, error_of = whole[0][outcome.name], whole[1][outcome.name]
            bias = 100 * (mean / of - 1) if scale < 1 else 0.0
            se = 100 * math.sqrt(error + error_of) / abs(of) if scale < 1 else 0.0
            rows.append((outcome.name, scale, mean, bias, se, len(found)))
    table = pd.DataFrame(rows, columns=["outcome", "scale", "level", "bias_percent", "standard_error", "seeds"])
    commit = (git_state() or {}).get("commit") or "not known"
    table.assign(commit=commit[:7]).round(4).to_csv(Path(folder) / "scale_levels.csv", index=False)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "results/responses")
