"""Policy effects over draws of the parameters as well as over seeds, the interval split into its two sources.

With P draws of the parameters and S seeds each, d_ps the paired difference of an outcome:

    d_ps = effect + parameter_p + luck_ps
    luck variance        W = mean over p of var_s(d_ps)
    parameter variance   B = var_p(mean_s d_ps) - W / S, not below zero
    interval for the effect in this city   mean +- t sqrt(B + (B + W / S) / P)   which draw is true is unknown;
                                                                                 t of P - 1 degrees
    interval of luck alone                 mean +- t sqrt(W / (P S))             as many pairs at one point, which
                                                                                 leaves B out; t of P (S - 1)
"""

import hashlib
import math

import numpy as np
import pandas as pd

from sim.calibration import moments
from sim.calibration.simulations import Simulator
from sim.observables.outcomes import OUTCOMES
from sim.runs import arms
from sim.settings.counterfactuals import with_parameters
from sim.statistics import intervals


def over_draws(policy, against, draws, seeds, first, store, workers=1, elsewhere=None):
    """(frame of effects, frame of single differences) of two arms over draws of the parameters and seeds.

    `policy` and `against` are Configs, `draws` a frame with a column a parameter (such as `draws.csv` of a fit),
    `seeds` the seeds that every draw runs with, `first` (text) the quarter from which flows are summed. Each run is
    one that `sim` could be asked for, and is kept in `store` as those of `sim compare`.
    The launcher `elsewhere` computes them where there is one.
    """
    ours, theirs = totals(policy, against, draws, seeds, first, store, workers, elsewhere)
    differences = ours - theirs
    differences.insert(0, "draw", np.repeat(np.arange(len(draws)), len(seeds)))
    differences.insert(1, "seed", list(seeds) * len(draws))
    rows = [
        {"outcome": outcome.name, "title": outcome.title, "unit": outcome.unit}
        | split(differences.pivot(index="draw", columns="seed", values=outcome.name).to_numpy())
        for outcome in OUTCOMES
    ]
    return pd.DataFrame(rows), differences


def totals(policy, against, draws, seeds, first, store, workers=1, elsewhere=None):
    """The totals of either arm, two frames: a row a draw and seed, a column an outcome."""
    runs = arms.run(configs(policy, against, draws, seeds), store, workers, elsewhere)
    both = pd.DataFrame([run.totals(first) for run in runs])
    return tuple(both.iloc[arm::2].reset_index(drop=True) for arm in range(2))


def configs(policy, against, draws, seeds):
    """The config of each draw, seed and arm, in this order."""
    return [
        arms.with_seed(with_parameters(arm, theta), seed)
        for theta in draws.to_dict("records")
        for seed in seeds
        for arm in (policy, against)
    ]


def split(d):
    """Effect, intervals and the two sources of variance of paired differences d (draws, seeds), as a dict; NaN where
    two draws or seeds are needed.

    A draw without a number for every seed is left out: `draws` says how many are in.
    """
    d = d[np.isfinite(d).all(axis=1)]
    draws, seeds = d.shape
    row = dict.fromkeys(
        ("effect", "low", "high", "luck_low", "luck_high", "parameter_sd", "luck_sd", "parameter_share"), math.nan
    ) | {"draws": draws, "runs": seeds}
    if draws < 2:
        return row
    means = d.mean(axis=1)
    effect, between = means.mean(), means.var(ddof=1)
    luck = d.var(axis=1, ddof=1).mean() if seeds > 1 else math.nan
    least = luck / seeds if seeds > 1 else 0.0  # of the variance of means, what luck explains
    parameter = max(between - least, 0.0)
    half = intervals.t_quantile(draws - 1) * math.sqrt(parameter + max(between, least) / draws)
    row |= {"effect": effect, "low": effect - half, "high": effect + half, "parameter_sd": math.sqrt(parameter)}
    if seeds > 1:
        alone = intervals.t_quantile(draws * (seeds - 1)) * math.sqrt(luck / (draws * seeds))
        row |= {"luck_low": effect - alone, "luck_high": effect + alone, "luck_sd": math.sqrt(luck)}
        row["parameter_share"] = parameter / (parameter + luck) if parameter + luck > 0 else math.nan
    return row


class Outcomes(Simulator):
    """The model as a function to sums of columns of the city panel over all quarters simulated, whose simulations are
    kept as those of a fit.
    """

    def __init__(self, config, parameters, columns):
        super().__init__(config, parameters, moments.read(config))
        self.columns = columns
        self.identity = hashlib.sha256(f"{self.identity} {columns}".encode()).hexdigest()[:20]

    @property
    def width(self):
        return len(self.columns)

    def read(self, model):
        return model.panels.tables()["city"][list(self.columns)].sum().to_numpy(float)
