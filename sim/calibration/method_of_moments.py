"""Simulated method of moments: weighting, Gauss-Newton steps on simulations, standard errors, J.

    g(theta) = mean over S seeds of u(theta) + bias            targets in half widths, zero where all are met
    Omega = diag(e^2 / w) + C Sigma C + Sigma / S              report error, luck of the city and of the simulation
    theta = argmin g' W g, W = Omega^-1 (Huber weights on targets that stay far off)
    V = (G' W G)^-1,  J = g' Omega^-1 g ~ chi^2(m - k)

G is the derivative by central differences with common seeds. Sigma is the covariance over seeds, C (diagonal) the
luck at full size over that at the size simulated. J tests whether the targets can hold together given their
errors; parameters that the targets leave free are those whose standard error is no smaller than that of the
uniform prior, 0.29 of its width.
"""

from typing import NamedTuple

import numpy as np

from sim.calibration import priors
from sim.calibration.moments import REPORT_ERROR
from sim.calibration.objective import ELBOW

PRIOR_SD = 12**-0.5  # of a uniform law on the unit interval
STEP = 0.05  # of a derivative, in the unit cube
IDENTIFIED = 0.75  # standard error over that of the prior, below which a parameter is said to be identified


class Estimate(NamedTuple):
    """An estimate of P parameters from T targets."""

    point: np.ndarray  # (P) of the unit cube
    moments: np.ndarray  # g (T)
    jacobian: np.ndarray  # G (T, P)
    omega: np.ndarray  # (T, T)
    covariance: np.ndarray  # (P, P) of the estimate with the prior's own information, inside the unit cube
    j: float
    freedom: int  # degrees of freedom of J
    chance: float  # p-value of J
    seeds: int  # replicates behind g

    @property
    def spread(self):
        """Standard errors over that of the prior."""
        return np.sqrt(np.diag(self.covariance)) / PRIOR_SD

    def table(self, names):
        """Columns, one row a parameter."""
        return {
            "parameter": names,
            "cube": self.point,
            "standard_error": np.sqrt(np.diag(self.covariance)),
            "over_prior": self.spread,
            "identified": self.spread < IDENTIFIED,
        }

    def about(self):
        """What is told of the estimate as a whole, for its json."""
        return {
            "j": self.j,
            "degrees_of_freedom": self.freedom,
            "p_value": self.chance,
            "seeds": self.seeds,
            "singular_values": singular(self)[0].tolist(),
        }


def estimate(objective, start, settings, free):
    """The Estimate from `start` on: `settings.steps` Gauss-Newton steps, each taken only where simulations confirm it.

    Only the parameters `free` (bools) move; the others keep their value and their prior.
    """
    seeds = 1 + np.arange(settings.replicates)
    point, sample = start, at(objective, start, seeds, "replicates")
    for _ in range(settings.steps):
        g, omega = sample.mean(axis=0) + objective.bias, covariance(objective, sample)
        slopes = derivative(objective, point, seeds[: settings.jacobian], free)
        moved = gauss_newton(point, g, slopes, omega)
        tried = at(objective, moved, seeds, "replicates")
        if criterion(objective, tried) >= criterion(objective, sample):
            break
        point, sample = moved, tried
    g, omega = sample.mean(axis=0) + objective.bias, covariance(objective, sample)
    slopes = derivative(objective, point, seeds[: settings.jacobian], free)
    return conclude(point, g, slopes, omega, len(seeds))


def conclude(point, g, slopes, omega, seeds):
    """The Estimate at `point` with g (T), `slopes` G (T, P) and omega (T, T): standard errors and J."""
    from scipy.stats import chi2

    weight = np.linalg.inv(omega)
    information = slopes.T @ weight @ slopes
    j = float(g @ weight @ g)
    freedom = len(g) - int(np.linalg.matrix_rank(information, hermitian=True))
    cov = np.linalg.inv(information + np.eye(len(point)) / PRIOR_SD**2)
    return Estimate(
        point, g, slopes, omega, cov, j, freedom, float(chi2.sf(j, freedom)) if freedom > 0 else np.nan, seeds
    )


def at(objective, point, seeds, title):
    """u (seeds, T) at a point."""
    return objective.simulate(np.repeat(point[None], len(seeds), axis=0), seeds, title)


def covariance(objective, sample):
    """Omega (T, T) of a sample (seeds, T)."""
    luck = np.atleast_2d(np.cov(sample, rowvar=False)) if len(sample) > 1 else np.diag(objective.noise**2)
    return np.diag(REPORT_ERROR**2 / np.maximum(objective.weight, 1e-12)) + luck * (
        np.outer(objective.luck_ratio, objective.luck_ratio) + 1 / len(sample)
    )


def derivative(objective, point, seeds, free):
    """G (targets, parameters) by central differences, the same seeds on both sides; zero for parameters that are not
    `free`.
    """
    if not free.any():
        return np.zeros((len(objective.ids), len(point)))
    moves = STEP * np.eye(len(point))[free]
    d = len(moves)
    ups, downs = np.minimum(point + moves, 1.0), np.maximum(point - moves, 0.0)
    points = np.repeat(np.concatenate([ups, downs]), len(seeds), axis=0)
    u = (
        objective.simulate(points, np.tile(seeds, 2 * d), "runs of derivatives")
        .reshape(2, d, len(seeds), -1)
        .mean(axis=2)
    )
    slopes = np.zeros((u.shape[-1], len(point)))
    slopes[:, free] = ((u[0] - u[1]) / (ups - downs).sum(axis=1, keepdims=True)).T
    return slopes


def identified(slopes, omega):
    """Bools: parameters whose standard error, given the targets and the prior of all others, is well below their
    prior's.
    """
    cov = np.linalg.inv(slopes.T @ np.linalg.solve(omega, slopes) + np.eye(slopes.shape[1]) / PRIOR_SD**2)
    return np.sqrt(np.diag(cov)) / PRIOR_SD < IDENTIFIED


def gauss_newton(point, g, slopes, omega):
    """The minimum of the linearised criterion within the cube, Huber weights on far targets, the prior holding what is
    free.
    """
    from scipy.optimize import lsq_linear

    root = np.linalg.cholesky(np.linalg.inv(omega)).T
    r = root @ g
    damp = np.sqrt(np.minimum(1.0, ELBOW / np.maximum(np.abs(r), 1e-12)))
    rows = np.vstack([damp[:, None] * (root @ slopes), np.eye(len(point)) / PRIOR_SD])
    aims = np.concatenate([-damp * r, np.zeros(len(point))])
    step = lsq_linear(rows, aims, (np.minimum(-point, -1e-9), np.maximum(1 - point, 1e-9)), method="bvls").x
    return priors.rounded(point + step.clip(-point, 1 - point))


def criterion(objective, sample):
    """The loss of the mean over seeds."""
    return float(objective.loss(sample.mean(axis=0)))


def singular(estimate):
    """(singular values of the weighted Jacobian scaled by the prior, right vectors): each value is what a direction's
    prior shrinks by.

    A value below one says that along this direction the prior says more than all targets.
    """
    root = np.linalg.cholesky(np.linalg.inv(estimate.omega)).T
    _, values, vectors = np.linalg.svd(root @ estimate.jacobian * PRIOR_SD, full_matrices=False)
    return values, vectors


def sample(estimate, size, seed=0):
    """Draws (size, parameters) of the normal law around the estimate, within the cube; unidentified parameters from
    their prior.
    """
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal((size, len(estimate.point)))
    drawn = priors.reflected(estimate.point + normal @ np.linalg.cholesky(estimate.covariance).T)
    free = estimate.spread >= IDENTIFIED
    drawn[:, free] = rng.random((size, free.sum()))
    return drawn
