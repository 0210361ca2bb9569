"""Engine `posterior`: an amortised likelihood-free posterior from the simulations of one design.

Regression-adjusted ABC (Beaumont, Zhang and Balding 2002; nonlinear and heteroscedastic, Blum and Francois 2010):

    z = logit(theta),  s = squeezed targets plus a draw of the report's error
    z = m(s) + sd(s) e          m and log sd^2 by neural networks (scikit-learn), cross-fitted in folds
    draws at s*:  m(s*) + sd(s*) e_i   with e_i of the simulations nearest to m(s*), Epanechnikov weights

Fitted once, it answers for any s*, so that its coverage is measured by ranks at hundreds of hidden truths
(`recovery.py`). Neural posteriors of the package sbi would want torch, whose wheels bring several GB of CUDA.
"""

import warnings
from typing import NamedTuple

import numpy as np

from sim.calibration.emulator import squeezed
from sim.calibration.method_of_moments import IDENTIFIED, PRIOR_SD
from sim.calibration.search import SEED_OF_DESIGN, Fit
from sim.calibration.simulations import design

EDGE = 1e-4  # of the cube, where the logit stops
NEAREST = 0.3  # share of simulations whose residuals are used
LEAST = 200


class Settings(NamedTuple):
    prior: int = 1024  # runs over the prior
    hidden: tuple = (64, 32)
    folds: int = 5
    penalty: float = 1e-2


def fit(objective, settings, draws=200):
    """The Fit of an Objective: the median of the draws is the point."""
    points = design(len(objective.start), settings.prior)
    u = objective.simulate(points, SEED_OF_DESIGN + np.arange(len(points)), "runs over the prior")
    amortised = Posterior(objective, points, u, settings)
    sample = amortised.draws(-objective.bias[None], draws)[0]
    if objective.remeasure:
        objective.bias = objective.remeasure(np.median(sample, axis=0))
        sample = amortised.draws(-objective.bias[None], draws)[0]
    spread = sample.std(axis=0) / PRIOR_SD
    identified = spread < IDENTIFIED
    point = np.where(identified, np.median(sample, axis=0), objective.start)
    table = {
        "parameter": objective.names,
        "cube": point,
        "standard_error": sample.std(axis=0),
        "over_prior": spread,
        "identified": identified,
    }
    return Fit(point, sample, table, {"runs_of_search": len(points)})


class Posterior:
    """Fitted to points (runs, parameters) and u (runs, targets) of the prior."""

    def __init__(self, objective, points, u, settings=None, seed=0):
        self.settings, self.seed = settings or Settings(), seed
        self.error = objective.report_error
        rng = np.random.default_rng(seed)
        self.s = squeezed(u + self.error * rng.standard_normal(u.shape))
        inside = points.clip(EDGE, 1 - EDGE)
        z = np.log(inside / (1 - inside))
        self.middle, self.scale = z.mean(axis=0), z.std(axis=0)
        z = (z - self.middle) / self.scale
        means, self.means = self._cross(self.s, z)
        left = z - means
        logs, self.spreads = self._cross(self.s, np.log(left**2 + 1e-3))
        level = np.log(np.mean(left**2, axis=0)) - logs.mean(axis=0)  # the mean of a log is not the log of a mean
        self.level, self.centres = level, means
        self.residuals = left / np.exp(0.5 * (logs + level))
        self.residuals /= self.residuals.std(axis=0)
        self.factor = (left / np.exp(0.5 * (logs + level))).std(axis=0)

    def _cross(self, s, y):
        """(out-of-fold predictions, fitted networks): the residuals that make the draws were never trained on."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.model_selection import KFold
        from sklearn.neural_network import MLPRegressor
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
        from threadpoolctl import threadpool_limits

        predicted, networks = np.empty_like(y), []
        for train, test in KFold(self.settings.folds, shuffle=True, random_state=self.seed).split(s):
            net = MLPRegressor(
                hidden_layer_sizes=self.settings.hidden,
                alpha=self.settings.penalty,
                early_stopping=True,
                n_iter_no_change=20,
                max_iter=400,
                random_state=self.seed,
            )
            with warnings.catch_warnings(), threadpool_limits(1):
                warnings.simplefilter("ignore", ConvergenceWarning)
                one = make_pipeline(StandardScaler(), net).fit(s[train], y[train])
            predicted[test] = one.predict(s[test]).reshape(len(test), -1)
            networks.append(one)
        return predicted, networks

    def _at(self, s):
        """(mean, standard deviation) of z at s, averaged over folds."""
        mean = np.mean([n.predict(s).reshape(len(s), -1) for n in self.means], axis=0)
        log = np.mean([n.predict(s).reshape(len(s), -1) for n in self.spreads], axis=0)
        return mean, np.exp(0.5 * (log + self.level)) * self.factor

    def draws(self, u, size, seed=1):
        """(observations, size, parameters) draws in the cube, given observed u (observations, targets)."""
        mean, spread = self._at(squeezed(np.atleast_2d(u)))
        drawn = np.empty((len(mean), size, mean.shape[1]))
        count = min(len(self.residuals), max(LEAST, int(NEAREST * len(self.residuals))))
        for i in range(len(mean)):
            rng = np.random.default_rng([seed, i])
            away = np.sum(((self.centres - mean[i]) / spread[i]) ** 2, axis=1)
            near = np.argsort(away, kind="stable")[:count]
            weight = np.maximum(1 - away[near] / away[near].max(), 1e-9)
            picked = near[rng.choice(count, size, p=weight / weight.sum())]
            z = mean[i] + spread[i] * self.residuals[picked]
            drawn[i] = 1 / (1 + np.exp(-(self.middle + self.scale * z)))
        return drawn
