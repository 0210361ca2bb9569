"""The same instrument at every scale: what each policy covers and does at scale 0.1, 0.3 and 1.

    .venv/bin/python experiments/scale_invariance.py                              results/responses/scale.csv
    .venv/bin/python experiments/scale_invariance.py --only guidance_fund sandbox     these instruments

Each instrument in force from 2016 is held against the city without any, with the same seeds. A row has, at full size,
what the purse spent (bn yuan) and how many took part (`take_up`) by the end of 2024, the part of the funds closed since
then that have guidance money, and the effects on founding, venture capital, deals and jobs in percent, each a mean over
seeds with the standard error of that mean. A purse, places and hours are divided by the scale; a single fund, corporate
or zone is not, so that fewer of them are there at a smaller scale: what differs beyond its error is such a lump.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from sim.runs import spin_ups
from sim.settings import config as configs
from sim.settings.files import options, read_yaml

SCALES = {0.1: 6, 0.3: 3, 1.0: 2}  # scale: seeds
EFFECTS = ("startups_founded", "vc_raised_cny", "rounds", "startup_jobs")
HERE = Path(__file__).parents[1] / "results" / "responses"
BILLION = 1e9


def instruments():
    """Names of the instruments; packages of them are left out."""
    return sorted(name for name, path in options("policy").items() if "_target_" in read_yaml(path))


def simulate(policy, scale, seed):
    """Outcomes of one run at full size, "" for the city without a policy."""
    words = [f"scale={scale}", f"seed={seed}", f"policy=[{policy}]"]
    words += [f"policy.{policy}.start=2016Q1"] if policy else []
    model = spin_ups.model_of(configs.load(words))
    while model.quarter <= model.config.end:
        model.step()
    tables = model.panels.tables()
    city = tables["city"].set_index("quarter").loc["2016Q1":]
    funds = model.state.funds.used
    new = funds.vintage >= 4 * 2016
    found = {name: float(city[name].sum()) for name in EFFECTS}
    found |= {"startup_jobs": float(city["startup_jobs"].iloc[-1])}
    found["guided funds"] = float((funds.guidance[new] > 0).mean())
    purses = tables["policy"]
    found["spent"] = float(purses["spent_in_quarter_cny"].sum()) / BILLION / scale if policy else 0.0
    found["take_up"] = float(purses["take_up_in_quarter"].sum()) / scale if policy else 0.0
    return {"policy": policy, "scale": scale, "seed": seed, **found}


def table(runs):
    """One row per policy and scale."""
    rows = []
    for (policy, scale), arm in runs[runs["policy"] != ""].groupby(["policy", "scale"]):
        arm = arm.set_index("seed")
        base = runs[(runs["policy"] == "") & (runs["scale"] == scale)].set_index("seed").loc[arm.index]
        row = {"policy": policy, "scale": scale, "seeds": len(arm)}
        for name in ("spent", "take_up", "guided funds"):
            row |= {name: arm[name].mean(), f"{name} se": arm[name].std(ddof=1) / np.sqrt(len(arm))}
        for name in EFFECTS:
            percent = 100.0 * (arm[name] - base[name]) / base[name].mean()
            row |= {f"{name} %": percent.mean(), f"{name} se": percent.std(ddof=1) / np.sqrt(len(arm))}
        rows.append(row)
    return pd.DataFrame(rows)


def main():
    says = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    says.add_argument("--workers", type=int, default=2)
    says.add_argument("--only", nargs="+", default=instruments(), choices=instruments())
    words = says.parse_args()
    policies = ["", *words.only]
    tasks = [
        (name, scale, seed) for scale, seeds in SCALES.items() for seed in range(1, seeds + 1) for name in policies
    ]
    found = Parallel(n_jobs=words.workers, verbose=5)(delayed(simulate)(*task) for task in tasks)
    HERE.mkdir(parents=True, exist_ok=True)
    result = table(pd.DataFrame(found))
    result.to_csv(HERE / "scale.csv", index=False, float_format="%.4g")
    print(result.round(2).to_string())


if __name__ == "__main__":
    main()
