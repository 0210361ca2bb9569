"""How long a city has to be set in motion before its first quarter: what 2008 hangs on.

    .venv/bin/python experiments/spin_up.py      ten seeds, scale 0.1: results/responses/spin_up.csv

For each length the outcomes of 2008 are held against those of the longest one with the same seeds; a row has the mean
difference in percent of the longest one and its 95% interval over seeds (Student's t). The length of the yaml is the
shortest after which venture capital, deals, dry powder and the number of funded firms are not told from the longest.
"""

import argparse
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from sim.model.ecosystem import Ecosystem
from sim.settings import config as configs
from sim.statistics import intervals

LENGTHS = (0, 10, 20, 30, 40, 60, 80)  # quarters
FLOWS = ("rounds", "vc_raised_cny", "startups_founded", "startup_revenue_cny", "lp_commitments_in_quarter_cny")
STOCKS = ("startups_alive", "startups_funded_alive", "startup_jobs", "wage_cny", "dry_powder_cny", "fund_nav_cny")
HERE = Path(__file__).parents[1] / "results" / "responses"


def simulate(length, seed, scale):
    """Outcomes of 2008 of one run."""
    spun = f"mechanism.environment.spin_up_quarters={length}"
    model = Ecosystem(configs.load([f"scale={scale}", f"seed={seed}", "end=2008Q4", spun]))
    while model.quarter <= model.config.end:
        model.step()
    city = model.panels.tables()["city"].set_index("quarter").loc["2008Q1":"2008Q4"]
    flows = {name: float(city[name].sum()) for name in FLOWS}
    return {"length": length, "seed": seed} | flows | {name: float(city[name].iloc[-1]) for name in STOCKS}


def lengths(runs):
    """One row per length and outcome: mean, and the difference to the longest in percent with a 95% interval."""
    rows, base = [], runs[runs["length"] == max(LENGTHS)].set_index("seed")
    for length, part in runs.groupby("length"):
        part = part.set_index("seed")
        for name in (*FLOWS, *STOCKS):
            percent = 100.0 * (part[name] - base[name]) / base[name].mean()
            rows.append((length, name, part[name].mean(), *intervals.mean(percent.to_numpy(), fewest=2), len(percent)))
    return pd.DataFrame(rows, columns=["quarters", "outcome", "mean", "percent", "low", "high", "seeds"])


def main():
    says = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    says.add_argument("--seeds", type=int, default=10)
    says.add_argument("--scale", type=float, default=0.1)
    says.add_argument("--workers", type=int, default=2)
    words = says.parse_args()
    tasks = [(length, seed) for length in LENGTHS for seed in range(1, words.seeds + 1)]
    found = Parallel(n_jobs=words.workers)(delayed(simulate)(*task, words.scale) for task in tasks)
    table = lengths(pd.DataFrame(found))
    HERE.mkdir(parents=True, exist_ok=True)
    table.to_csv(HERE / "spin_up.csv", index=False, float_format="%.4g")
    print(table.pivot(index="outcome", columns="quarters", values="percent").round(1).to_string())


if __name__ == "__main__":
    main()
