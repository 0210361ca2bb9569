"""Policy effects over draws of the parameters as well as over seeds, the interval split into its two sources.

With P draws of the parameters and S seeds each, d_ps the paired difference of an outcome:

    d_ps = effect + parameter_p + luck_ps
    luck variance        W = mean over p of var_s(d_ps)
    parameter variance   B = var_p(mean_s d_ps) - W / S, not below zero
    interval for the effect in this city    mean +- t sqrt(B + (B + W / S) / P): which draw is true is unknown; t of
    P - 1 degrees interval of luck alone                  mean +- t sqrt(W / (P S)): as many pairs at one point,
    which leaves B out; t of P (S - 1)
"""

import hashlib
import math
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.calibration import moments, priors
from sim.calibration.simulations import Simulator
from sim.observables.outcomes import OUTCOMES
from sim.runs import arms
from sim.statistics import intervals


def at(config, theta):
    """`config` with parameters `theta` (name -> value), in its resolved tree too:

    the run is one that `sim` could be asked for.
    """
    params = priors.replaced(config.params, theta)
    tree = {
        name: {key: list(v) if isinstance(v, tuple) else v for key, v in values._asdict().items()}
        for name, values in params.items()
    }
    return replace(config, params=params, resolved={**config.resolved, "mechanism": tree})


def over_draws(policy, against, draws, seeds, first, store, workers=1):
    """(frame of effects, frame of single differences) of two arms over draws of the parameters and seeds.

    `policy` and `against` are Configs, `draws` a frame with a column a parameter (such as `draws.csv` of a fit),
    `seeds` the seeds that every draw runs with, `first` (text) the quarter from which flows are summed. Runs are
    kept in `store` as those of `sim compare`.
    """
    thetas = draws.to_dict("records")
    configs = [arms.with_seed(at(arm, theta), seed) for theta in thetas for seed in seeds for arm in (policy, against)]
    reduced = arms.run(configs, store, workers)
    totals = pd.DataFrame([run.totals(first) for run in reduced])
    differences = totals.iloc[::2].reset_index(drop=True) - totals.iloc[1::2].reset_index(drop=True)
    differences.insert(0, "draw", np.repeat(np.arange(len(draws)), len(seeds)))
    differences.insert(1, "seed", list(seeds) * len(draws))
    rows = [
        {"outcome": item.name, "title": item.title, "unit": item.unit}
        | split(differences.pivot(index="draw", columns="seed", values=item.name).to_numpy())
        for item in OUTCOMES
    ]
    return pd.DataFrame(rows), differences


def split(d):
    """Effect, intervals and the two sources of variance of paired differences d (draws, seeds); NaN where two draws
    or seeds are needed.

    A draw without a number for every seed is left out: `draws` says how many are in.
    """
    d = d[np.isfinite(d).all(axis=1)]
    count, seeds = d.shape
    names = ("effect", "low", "high", "luck_low", "luck_high", "parameter_sd", "luck_sd", "parameter_share")
    if count < 2:
        return dict.fromkeys(names, math.nan) | {"draws": count, "runs": seeds}
    means = d.mean(axis=1)
    luck = d.var(axis=1, ddof=1).mean() if seeds > 1 else math.nan
    between = means.var(ddof=1)
    least = luck / seeds if seeds > 1 else 0.0  # of the variance of means, what luck explains
    parameter = max(between - least, 0.0)
    half = intervals.t_quantile(count - 1) * math.sqrt(parameter + max(between, least) / count)
    alone = intervals.t_quantile(count * (seeds - 1)) * math.sqrt(luck / (count * seeds)) if seeds > 1 else math.nan
    share = parameter / (parameter + luck) if seeds > 1 and parameter + luck > 0 else math.nan
    effect = means.mean()
    found = (
        effect,
        effect - half,
        effect + half,
        effect - alone,
        effect + alone,
        math.sqrt(parameter),
        math.sqrt(luck),
        share,
    )
    return dict(zip(names, found, strict=True)) | {"draws": count, "runs": seeds}


class Outcomes(Simulator):
    """The model as a function to sums of columns of the city panel over all quarters simulated."""

    def __init__(self, config, parameters, columns):
        super().__init__(config, parameters, moments.read(config))
        self.columns = columns
        self.identity = hashlib.sha256(f"{self.identity} {columns}".encode()).hexdigest()[:20]

    @property
    def width(self):
        return len(self.columns)

    def read(self, model):
        return model.panels.tables()["city"][list(self.columns)].sum().to_numpy(float)
