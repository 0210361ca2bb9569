"""Targets as smooth functions of the parameters: a quadratic with ridge penalty and a Gaussian process on what it
leaves.

Values are squeezed first, y = S asinh(u / S), so that a metric ten bands away does not rule the fit near its band.
The quadratic sees all simulations, the process the `MOST` nearest to a focus. Both are scikit-learn's. Throughout,
points are (runs, parameters) in the unit cube and u is (runs, targets) in half widths of the bands.
"""

import warnings

import numpy as np

SQUEEZE = 4.0  # tolerances
MOST = 240  # simulations of the process


def squeezed(u):
    """y of u, of any shape."""
    return SQUEEZE * np.arcsinh(u / SQUEEZE)


def released(y):
    """The inverse of `squeezed`; beyond 40 it stops, before it overflows."""
    return SQUEEZE * np.sinh(np.clip(y, -40, 40) / SQUEEZE)


def trend():
    """The quadratic: scikit-learn's, one penalty a target, chosen by leaving one out."""
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    return make_pipeline(
        PolynomialFeatures(2, include_bias=False),
        StandardScaler(),
        RidgeCV(alphas=np.logspace(-2, 4, 13), alpha_per_target=True),
    )


class Trend:
    """The quadratic alone: fast, for questions about the whole prior."""

    def __init__(self, points, u):
        self.quadratic = trend().fit(points, squeezed(u))
        self.targets = u.shape[1]

    def squeezed_mean(self, points):
        """Expected squeezed u (points, targets)."""
        return self.quadratic.predict(points).reshape(len(points), self.targets)

    def mean(self, points):
        """Expected u (points, targets)."""
        return released(self.squeezed_mean(np.atleast_2d(points)))


class Emulator(Trend):
    """Quadratic and processes, fitted to points and u; `focus` is the point around which they should be sharp."""

    def __init__(self, points, u, focus=None):
        from threadpoolctl import threadpool_limits

        super().__init__(points, u)
        left = squeezed(u) - super().squeezed_mean(points)
        away = np.sum((points - (points.mean(axis=0) if focus is None else focus)) ** 2, axis=1)
        near = np.sort(np.argsort(away, kind="stable")[:MOST])
        self.near = points[near]
        with threadpool_limits(1):  # matrices of a few hundred rows gain nothing from threads
            self.processes = [process(self.near, column) for column in left[near].T]
        explained = [one is not None for one in self.processes]
        self.gain = np.zeros((len(near), self.targets))  # amplitude times the process's own weights of its simulations
        self.length = np.ones(self.targets)
        for k in np.flatnonzero(explained):
            kernel = self.processes[k].kernel_
            self.gain[:, k] = kernel.k1.constant_value * self.processes[k].alpha_
            self.length[k] = kernel.k2.length_scale

    def squeezed_mean(self, points):
        """All processes at once, as they share their simulations: k(x, X) alpha."""
        y = super().squeezed_mean(points)
        for low in range(0, len(points), 64):
            part = slice(low, low + 64)
            square = np.sum((points[part, None] - self.near) ** 2, axis=2)
            y[part] += np.einsum("ijk,jk->ik", np.exp(-square[:, :, None] / (2 * self.length**2)), self.gain)
        return y

    def predict(self, points):
        """(mean, standard deviation of the mean) of squeezed u, both (points, targets)."""
        points = np.atleast_2d(points)
        spread = np.column_stack(
            [one.predict(points, return_std=True)[1] if one else np.zeros(len(points)) for one in self.processes]
        )
        return self.squeezed_mean(points), spread


def process(points, left):
    """A Gaussian process for the mean of noisy residuals `left` (runs), one length for all parameters; None where there
    is nothing to explain.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    size = left.std()
    if size < 1e-9 or len(points) < 10:
        return None
    reach = 0.4 * np.sqrt(points.shape[1])
    kernel = ConstantKernel(0.5 * size**2, (1e-3 * size**2, 1e2 * size**2)) * RBF(reach, (0.25 * reach, 20 * reach))
    noise = WhiteKernel(0.5 * size**2, (1e-4 * size**2, 1e1 * size**2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer: no structure left
        fitted = GaussianProcessRegressor(kernel + noise).fit(points, left)
    fitted.kernel = fitted.kernel_.k1  # the mean's uncertainty, without the luck of a run
    variance = fitted.kernel_.k2.noise_level
    return GaussianProcessRegressor(fitted.kernel, alpha=variance, optimizer=None).fit(points, left)


def explained(points, u, folds=5):
    """Share of the variance of squeezed u that the quadratic predicts out of sample, one value a target."""
    from sklearn.model_selection import KFold

    y, predicted = squeezed(u), np.empty_like(u)
    for train, test in KFold(folds, shuffle=True, random_state=0).split(points):
        predicted[test] = squeezed(Trend(points[train], u[train]).mean(points[test]))
    return 1 - ((y - predicted) ** 2).mean(axis=0) / np.maximum(y.var(axis=0), 1e-12)


def slope(function, point, step=0.02):
    """Derivatives (targets, parameters) of function(points) -> (points, targets) by central differences within the
    cube.
    """
    d = len(point)
    ups, downs = np.minimum(point + step * np.eye(d), 1.0), np.maximum(point - step * np.eye(d), 0.0)
    values = function(np.concatenate([ups, downs]))
    return ((values[:d] - values[d:]) / (ups - downs).sum(axis=1, keepdims=True)).T
