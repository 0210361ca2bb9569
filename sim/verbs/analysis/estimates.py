"""What is estimated from the runs of a sweep: arms, tornado, response surfaces, indices, and where an arm fails."""

import warnings

import numpy as np
import pandas as pd
from scipy import stats

from sim.settings import extras
from sim.statistics import discovery, effects, intervals
from sim.sweep import designs
from sim.verbs.analysis.columns import COLUMNS
from sim.verbs.screen import HEADLINE

FEWEST = 8  # points of a response surface
FEWEST_GIVEN = 50  # points of an index from a design that was not made for one
GRID, COARSE = 21, 15  # values of a partial dependence, and of each side of a surface


def of_arms(pairs, base, outcomes, asked):
    """One row an arm and outcome: the arm less the first, over points where there are several, else over seeds."""
    rows = []
    for arm, found in pairs.items():
        several = found.index.get_level_values("point").nunique() > 1
        units = found.groupby("point").mean() if several else found
        for one in outcomes:
            values = units[one.name].dropna().to_numpy()
            level, effect = base[one.name].mean(), intervals.mean(values)
            row = {"arm": arm, "outcome": one.name, "title": one.title, "unit": one.unit, "level": level}
            row |= {"effect": effect.value, "low": effect.low, "high": effect.high}
            row |= {"percent": 100 * effect.value / level if level else np.nan, "p": intervals.p_value(values)}
            rows.append(row | {"primary": one.name == asked["primary"], "runs": len(values)})
    names = [each.name for each in COLUMNS["arms"]]
    return effects.with_q(pd.DataFrame(rows))[names] if rows else pd.DataFrame(columns=names)


def _unit_cube(points):
    low, high = points.min(), points.max()
    return (points - low) / (high - low)


def tornado_of(targets, points, outcomes, left_out):
    """What each factor changes from its lowest to its highest value, by least squares in all at once."""
    rows, names = [], [each.name for each in COLUMNS["tornado"]]
    if not len(points.columns):
        left_out.append("tornado, response surfaces and indices: no factor in numbers differs between points")
        return pd.DataFrame(columns=names)
    for target, values in targets.items():
        for one in outcomes:
            y = values[one.name].dropna()
            x = _unit_cube(points.loc[y.index])
            if len(y) <= len(x.columns) + 1:
                left_out.append(f"tornado: {len(y)} points are too few for {len(x.columns)} factors")
                continue
            design = np.column_stack([np.ones(len(x)), x - x.mean()])
            inverse = np.linalg.pinv(design.T @ design)
            beta = inverse @ design.T @ y.to_numpy()
            rest = y.to_numpy() - design @ beta
            free = len(y) - design.shape[1]
            errors = np.sqrt(np.diag(inverse @ (design.T * rest**2) @ design @ inverse).clip(min=0) * len(y) / free)
            explained = 1 - rest.var() / y.var(ddof=0) if y.var(ddof=0) > 0 else np.nan
            reach = stats.t.ppf(0.975, free)
            for i, factor in enumerate(x.columns, 1):
                p = 2 * stats.t.sf(abs(beta[i]) / errors[i], free) if errors[i] > 0 else np.nan
                rows.append(
                    (target, one.name, one.title, one.unit, factor, points[factor].min(), points[factor].max())
                    + (beta[i], beta[i] - reach * errors[i], beta[i] + reach * errors[i], p, explained, len(y))
                )
    return pd.DataFrame(rows, columns=names)


def strongest_of(tornado, factors):
    """(target, outcome) -> the factors in the order of what they change."""
    found = {}
    for key, part in tornado.groupby(["target", "outcome"], sort=False):
        order = part["change"].abs().sort_values(ascending=False).index
        found[key] = list(part.loc[order, "factor"])
    return found or {None: factors}


def responses(targets, points, judged, strongest, left_out):
    """(partial dependence on each factor, surface over the two that change most)."""
    empty = [pd.DataFrame(columns=[each.name for each in COLUMNS[name]]) for name in ("response", "surface")]
    if not len(points.columns):
        return empty
    lacking = extras.missing({"analysis": "surfaces"})
    if lacking or len(points) < FEWEST:
        left_out.extend(lacking or [f"response surfaces: {len(points)} points are fewer than {FEWEST}"])
        return empty
    lines, grids = [], []
    for target, values in targets.items():
        for one in judged:
            y = values[one.name].dropna()
            x = _unit_cube(points.loc[y.index])
            if len(y) < FEWEST or y.std() == 0:
                continue
            process, worth = _process(x.to_numpy(), y.to_numpy())
            head = (target, one.name, one.title, one.unit)
            for i, factor in enumerate(x):
                for share in np.linspace(0, 1, GRID):
                    mean, error = _dependence(process, x.to_numpy(), {i: share})
                    value = points[factor].min() + share * (points[factor].max() - points[factor].min())
                    lines.append((*head, factor, value, mean, mean - 1.96 * error, mean + 1.96 * error, worth, len(y)))
            two = strongest.get((target, one.name), list(x))[:2]
            if len(two) == 2:
                places = [list(x).index(name) for name in two]
                ends = [(points[name].min(), points[name].max()) for name in two]
                for a in np.linspace(0, 1, COARSE):
                    for b in np.linspace(0, 1, COARSE):
                        mean, _ = _dependence(process, x.to_numpy(), dict(zip(places, (a, b), strict=True)), False)
                        at = [low + s * (high - low) for s, (low, high) in zip((a, b), ends, strict=True)]
                        grids.append((*head, *two, *at, mean, worth))
    return [
        pd.DataFrame(rows, columns=[each.name for each in COLUMNS[name]])
        for name, rows in (("response", lines), ("surface", grids))
    ]


def _process(x, y):
    """(a Gaussian process fitted to points of the unit cube, the share of variance that it explains in points left
    out).
    """
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    from sklearn.model_selection import KFold, cross_val_predict

    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(np.ones(x.shape[1]), (0.1, 30.0)) + WhiteKernel(0.5, (1e-4, 10.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lengths at their bounds: a factor that does nothing
        process = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=1, random_state=1).fit(x, y)
        again = GaussianProcessRegressor(process.kernel_, normalize_y=True, optimizer=None)
        folds = KFold(min(5, len(y)), shuffle=True, random_state=1)
        foretold = cross_val_predict(again, x, y, cv=folds)
    return process, float(1 - ((y - foretold) ** 2).mean() / y.var())


def _dependence(process, x, fixed, with_error=True):
    """(mean over the points with some factors `fixed` (place -> value), its standard error)."""
    rows = x.copy()
    for place, value in fixed.items():
        rows[:, place] = value
    if not with_error:
        return float(process.predict(rows).mean()), np.nan
    mean, covariance = process.predict(rows, return_cov=True)
    noise = process.kernel_.k2.noise_level * process._y_train_std**2
    variance = (covariance - noise * np.eye(len(rows))).mean()
    return float(mean.mean()), float(np.sqrt(max(variance, 0.0)))


def indices(targets, points, judged, design, problem, about, left_out):
    """Global sensitivity by what the design allows."""
    names = [each.name for each in COLUMNS["indices"]]
    empty = pd.DataFrame(columns=names)
    if not len(points.columns):
        return empty
    lacking = extras.missing({"analysis": "indices"})
    if design == "grid" or lacking:
        left_out.extend(lacking or ["indices: a grid has none; design=saltelli, morris, sobol or latin does"])
        return empty
    factors = list(points)
    if problem is None or problem["names"] != factors:
        bounds = [[points[name].min(), points[name].max()] for name in factors]
        problem = {"num_vars": len(factors), "names": factors, "bounds": bounds, "groups": None}
    planned = designs.count(about["asked"]) if design != "rows" else len(points)
    rows = []
    for target, values in targets.items():
        for one in judged:
            y = values[one.name]
            if design in ("saltelli", "morris") and (len(y) < planned or y.isna().any()):
                left_out.append(f"indices: {len(y.dropna())} of {planned} points are done, and {design} needs them all")
                return empty
            y = y.dropna()
            if design not in ("saltelli", "morris") and len(y) < FEWEST_GIVEN:
                left_out.append(f"indices: {len(y)} points of design={design} are fewer than {FEWEST_GIVEN}")
                return empty
            if y.std() == 0:
                continue
            x = points.loc[y.index].to_numpy(float)
            rows += [(target, one.name, one.title, *row) for row in _salib(design, problem, x, y.to_numpy(float))]
    return pd.DataFrame(rows, columns=names)


def _salib(design, problem, x, y):
    """Rows (factor, method, total, its 95% half width, first order, its half width, spread) of SALib's analysis."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if design == "saltelli":
            from SALib.analyze import sobol

            found = sobol.analyze(problem, y, calc_second_order=False, seed=1)
            columns = (found["ST"], found["ST_conf"], found["S1"], found["S1_conf"], [np.nan] * len(found["ST"]))
            method = "Sobol"
        elif design == "morris":
            from SALib.analyze import morris

            found = morris.analyze(problem, x, y, num_levels=designs.LEVELS, seed=1)
            none = [np.nan] * len(found["mu_star"])
            columns = (found["mu_star"], found["mu_star_conf"], none, none, found["sigma"])
            method = "Morris"
        else:
            from SALib.analyze import delta

            found = delta.analyze(problem, x, y, seed=1)
            none = [np.nan] * len(found["delta"])
            columns = (found["delta"], found["delta_conf"], found["S1"], found["S1_conf"], none)
            method = "delta"
    return [(name, method, *map(float, values)) for name, *values in zip(problem["names"], *columns, strict=True)]


def boxes(targets, points, asked, left_out):
    """The corner of the factors in which each target fails."""
    names = [each.name for each in COLUMNS["box"]]
    empty, rows = pd.DataFrame(columns=names), []
    outcome = asked["primary"] or HEADLINE
    if not len(points.columns) or len(points) < 2 * FEWEST:
        if len(points.columns):
            left_out.append(f"where it fails: {len(points)} points are fewer than {2 * FEWEST}")
        return empty
    if len(asked["arms"]) == 1 and asked["fails"] is None:
        left_out.append("where it fails: one arm has no effect to fail by; fails=NUMBER says at what level it does")
        return empty
    if lacking := extras.missing({"analysis": "boxes"}):
        left_out.extend(lacking)
        return empty
    for target, values in targets.items():
        y = values[outcome].dropna()
        failed = (y <= (asked["fails"] or 0.0)).to_numpy()
        box = discovery.discover(points.loc[y.index].reset_index(drop=True), failed, 1)
        if box is None:
            left_out.append(
                f"where {target} fails: {failed.sum()} of {len(y)} points do, in no corner more often than by chance"
            )
            continue
        rows += [
            (target, outcome, name, low, high, box.coverage, box.density, box.share, box.mass, box.p)
            for name, (low, high) in box.limits.items()
        ]
    return pd.DataFrame(rows, columns=names) if rows else empty
