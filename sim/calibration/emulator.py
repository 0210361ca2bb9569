"""Targets as smooth functions of the parameters: a quadratic with ridge penalty and a Gaussian process on what it leaves.

Values are squeezed first, y = S asinh(u / S), so that a metric ten bands away does not rule the fit near its band.
The quadratic sees all simulations, the process the `most` nearest to a focus. Both are scikit-learn's.
"""

import numpy as np

SQUEEZE = 4.0  # tolerances
MOST = 300  # simulations of the process
SHARPEST = 60  # targets whose process has its own length, in one emulator; more would cost more than simulations


def squeezed(u):
    return SQUEEZE * np.arcsinh(u / SQUEEZE)


def released(y):
    return SQUEEZE * np.sinh(np.clip(y, -40, 40) / SQUEEZE)


class Emulator:
    """Fitted to points (runs, parameters) and u (runs, targets); `focus` is the point around which it should be sharp."""

    def __init__(self, points, u, focus=None):
        from sklearn.linear_model import RidgeCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures, StandardScaler

        y = squeezed(u)
        self.quadratic = make_pipeline(
            PolynomialFeatures(2, include_bias=False), StandardScaler(), RidgeCV(alphas=np.logspace(-2, 4, 13), alpha_per_target=True)
        )
        self.quadratic.fit(points, y)
        left = y - self._trend(points)
        away = np.sum((points - (points.mean(axis=0) if focus is None else focus)) ** 2, axis=1)
        near = np.sort(np.argsort(away, kind="stable")[:MOST])
        self.processes = [process(points[near], column) for column in left[near].T]

    def _trend(self, points):
        return self.quadratic.predict(points).reshape(len(points), -1)

    def predict(self, points):
        """(mean, standard deviation of the mean) of squeezed u, both (points, targets)."""
        points = np.atleast_2d(points)
        found = [one.predict(points, return_std=True) if one else (np.zeros(len(points)), np.zeros(len(points))) for one in self.processes]
        mean, spread = (np.column_stack([f[i] for f in found]) for i in (0, 1))
        return self._trend(points) + mean, spread

    def mean(self, points):
        """Expected u (points, targets)."""
        points = np.atleast_2d(points)
        left = np.column_stack([one.predict(points) if one else np.zeros(len(points)) for one in self.processes])
        return released(self._trend(points) + left)


def process(points, left):
    """A Gaussian process for the mean of noisy residuals, one length for all parameters; None where there is nothing to explain."""
    import warnings

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
    for train, test in KFold(folds).split(points):
        predicted[test] = squeezed(Trend(points[train], u[train]).mean(points[test]))
    return 1 - ((y - predicted) ** 2).mean(axis=0) / np.maximum(y.var(axis=0), 1e-12)


class Trend(Emulator):
    """The quadratic alone: fast, for questions about the whole prior."""

    def __init__(self, points, u):
        from sklearn.linear_model import RidgeCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import PolynomialFeatures, StandardScaler

        self.quadratic = make_pipeline(
            PolynomialFeatures(2, include_bias=False), StandardScaler(), RidgeCV(alphas=np.logspace(-2, 4, 13), alpha_per_target=True)
        )
        self.quadratic.fit(points, squeezed(u))
        self.processes = [None] * u.shape[1]


def slope(function, point, step=0.02):
    """Derivatives (targets, parameters) of function(points) -> (points, targets) by central differences within the cube."""
    d = len(point)
    ups, downs = np.minimum(point + step * np.eye(d), 1.0), np.maximum(point - step * np.eye(d), 0.0)
    found = function(np.concatenate([ups, downs]))
    return ((found[:d] - found[d:]) / (ups - downs).sum(axis=1, keepdims=True)).T
