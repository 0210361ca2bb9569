"""How much wider policy effects are when the parameters are as uncertain as the fit leaves them.

    python experiments/policies_over_draws.py --draws 20 --seeds 2 --scale 0.1

runs the comparisons of `experiments/policies.py` with each of the first draws of the fit of the city (its
`posterior.csv`) and each seed, and writes `results/policies_over_draws/spread.csv`, one row a comparison and outcome:

    parameter_sd_percent, _low, _high   standard deviation of the effect over draws, percent of the level without the
                                        instrument, with its 95% interval; zero where luck explains all
    luck_sd_percent                     that of one paired difference over seeds, at the scale of the runs

`sim compare` reads it: an interval of luck alone has a standard error e, that with uncertain parameters
sqrt(e^2 + parameter_sd^2). With D draws of S seeds the means of draws have a variance of B + W / S, where W / S is
luck (`sim.calibration.policy_effects`). Their ratio to W / S, over its expectation, has an F distribution of D - 1 and
D (S - 1) degrees, from which the interval of B follows; it is exact for effects that are normal over draws.
"""

import argparse

import numpy as np
import pandas as pd
from policies import ROOT, asked
from scipy.stats import f

from sim.calibration import policy_effects
from sim.observables.outcomes import OUTCOMES
from sim.runs.fingerprint import git_state
from sim.settings import contrast
from sim.settings.config import load
from sim.verbs.measures import workers
from sim.verbs.uncertainty import read, source

TAIL = 0.025


def spread(name, instruments, words, arguments):
    """Rows of one comparison, a frame."""
    words = ["experiment=uncertainty", *words, f"scale={arguments.scale:g}", f"draws={arguments.draws}"]
    config = load([*words, f"runs={arguments.seeds}", f"workers={arguments.workers}", *arguments.more])
    pair = contrast.of(config)
    draws = read(source(None, config.resolved), arguments.draws)
    seeds = range(config.seed, config.seed + arguments.seeds)
    ours, theirs = policy_effects.totals(
        *pair.arms.values(), draws, seeds, pair.about["first_quarter"], arguments.store, workers(config)
    )
    percent = 100 * (ours - theirs) / theirs.mean().abs()
    rows = [
        {"comparison": name, "instruments": " ".join(instruments), "outcome": outcome.name}
        | parts(percent[outcome.name].to_numpy(float).reshape(len(draws), len(seeds)))
        for outcome in OUTCOMES
    ]
    commit = git_state()["commit"]
    return pd.DataFrame(rows).assign(scale=config.scale, calibrated=config.city.point.name, commit=commit)


def parts(d):
    """Standard deviations over draws, with its interval, and over seeds, of differences d (draws, seeds)."""
    d = d[np.isfinite(d).all(axis=1)]
    found = policy_effects.split(d)
    draws, seeds = d.shape
    row = {"parameter_sd_percent": found["parameter_sd"], "luck_sd_percent": found["luck_sd"]}
    luck = found["luck_sd"] ** 2 / seeds
    ratio = d.mean(axis=1).var(ddof=1) / luck if draws > 1 and luck > 0 else np.nan
    for end, tail in (("low", 1 - TAIL), ("high", TAIL)):
        beyond = ratio / f.ppf(tail, draws - 1, draws * (seeds - 1)) - 1
        row[f"parameter_sd_percent_{end}"] = np.sqrt(np.maximum(beyond, 0.0) * luck)
    return row | {"draws": draws, "seeds": seeds}


def main(given=None):
    words = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    words.add_argument("--draws", type=int, default=20)
    words.add_argument("--seeds", type=int, default=2)
    arguments, _, chosen = asked(words, given, ROOT / "results" / "policies_over_draws")
    arguments.output.mkdir(parents=True, exist_ok=True)
    frames = []
    for name, each in chosen.items():
        print(f"== {name}", flush=True)
        frames.append(spread(name, *each, arguments))
        pd.concat(frames).to_csv(arguments.output / "spread.csv", index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
