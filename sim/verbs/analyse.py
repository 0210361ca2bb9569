"""`sim analyse FOLDER`: what a sweep says, from the data set that `sim collect` made of it (or makes now).

    runs.csv       one row a run: arm, point, seed, factors, outcomes
    arms.csv       one row an arm and outcome: the arm less the first, paired by point and seed
    tornado.csv    one row a target, outcome and factor: what the factor changes from its lowest to its highest value
    response.csv   one row a target, outcome, factor and value: partial dependence with its 95% band
    surface.csv    of each target and outcome the two factors that change most, on a grid
    indices.csv    shares of variance (Sobol), elementary effects (Morris) or moment-independent indices, by the design
    box.csv        the corner of the factors in which an arm fails (PRIM)
    analysis.json  what was asked, and what was left out and why
    screen.txt, codebook.csv, figures/

A target is the level of the one arm of a sweep, or the effect of each arm less the first. Points are means over seeds;
intervals are over points where there are several, else over seeds. The tornado is least squares in all factors at once
with errors that are robust to unequal spread (HC1), read at the ends of each factor. Response surfaces are
scikit-learn's Gaussian process, and their worth is told: the share of variance that it explains in points left out.
Indices are SALib's. Each is left out, with the reason, where the design does not allow it or a library is missing.
"""

import json
import os
import secrets
import shutil
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from sim.observables.codebook import BOOK, codebook
from sim.observables.columns import INDEX, STOCK, TRAIT, column
from sim.observables.outcomes import BY_PANEL, net_cost, totals
from sim.runs.folders import FolderError, write_csv, write_json, write_text
from sim.settings import contrast, extras
from sim.settings.refusals import ConfigError, nearest
from sim.statistics import discovery, effects, intervals
from sim.sweep import collect, designs, plans
from sim.sweep.folder_verbs import one_folder
from sim.verbs import own
from sim.verbs.comparison.columns import OUTCOME, numbers, runs, words
from sim.verbs.screen import HEADLINE, WIDTH, in_words, interval, probability, short
from sim.world.calendar import quarter_of

KEYS = ("outcomes", "primary", "base", "from", "fails", "figures")
PLACE = "analysis"  # folder of the sweep
FEWEST = 8  # points of a response surface
FEWEST_GIVEN = 50  # points of an index from a design that was not made for one
GRID, COARSE = 21, 15  # values of a partial dependence, and of each side of a surface
HERE = "sim.verbs.analyse"
LEVEL = 0.05


def answer(_verb, words_):
    """Analyse the sweep in a folder; returns an exit code."""
    try:
        folder, settings = one_folder(words_, "analyse", KEYS)
        print(analyse(folder, settings))
    except (FolderError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        print(f"sim: {error}", file=sys.stderr)
        return 1
    return 0


def analyse(folder, settings=None):
    """The Analysis of the sweep in `folder`, written into it; `settings` maps KEYS to what the command line says."""
    folder = Path(folder)
    plan, about = collect.latest(folder)
    trees = dict(zip(plan.arms, plans.trees(folder, plan.id), strict=True))
    asked = _asked(settings or {}, trees, about)
    if not (folder / "collected").is_dir() or _newer(folder):
        collect.collect(folder)
    analysis = _computed(folder, plan, about, asked)
    _write(folder / PLACE, analysis, asked["figures"])
    return analysis


def _newer(folder):
    """Whether shards were written after the data set was collected."""
    made = (folder / "collected" / "runs.parquet").stat().st_mtime
    return any(path.stat().st_mtime > made for path in (folder / "shards").glob("*"))


# ---------------------------------------------------------------- what is asked


def _asked(settings, trees, about):
    """The checked keys. Raises ConfigError."""
    words_ = settings.get("outcomes", "[]").strip("[] ")
    listed = [word.strip() for word in words_.split(",") if word.strip()]
    outcomes, problems = own.read(listed)
    problems += [
        f"outcomes={one.name}: startups are not kept by a sweep, so nothing is told by {one.by}"
        for one in outcomes
        if one.by and not (one.by in BY_PANEL and own.in_panel(one))
    ]
    names = list(own.DEFAULT) + [one.name for one in outcomes if not one.by]
    primary = settings.get("primary")
    if primary is not None and primary not in names:
        problems.append(f"primary={primary}: no such outcome{nearest(primary, names)}")
    arms = list(trees)
    base = settings.get("base", arms[0])
    if base not in arms:
        problems.append(f"base={base}: no such arm{nearest(base, arms)}; there is {', '.join(arms)}")
    first = settings.get("from")
    if first is not None:
        try:
            quarter_of(first)
        except (ValueError, IndexError):
            problems.append(f"from={first}: should be a quarter such as 2016Q1")
    try:
        fails = float(settings["fails"]) if "fails" in settings else None
    except ValueError:
        problems.append(f"fails={settings['fails']}: should be a number, the most at which an arm fails")
    kinds = [kind.strip() for kind in settings.get("figures", "[svg]").strip("[] ").split(",") if kind.strip()]
    problems += [f"figures={kind}: should be of svg, pdf, png" for kind in kinds if kind not in ("svg", "pdf", "png")]
    if problems:
        raise ConfigError(problems)
    return {
        "outcomes": [one for one in outcomes if one.by or one.name not in own.DEFAULT],
        "shown": [one.name for one in outcomes if not one.by],
        "primary": primary,
        "arms": [base, *(arm for arm in arms if arm != base)],
        "from": first or _window(trees, base),
        "scale": trees[base]["scale"],
        "end": trees[base]["end"],
        "fails": fails,
        "figures": kinds,
        "design": about["asked"]["design"],
    }


def _window(trees, base):
    """The first quarter that counts: the earliest start of what differs between arms, else that of history."""
    first = trees[base]
    starts = [_first_difference(tree, first) for arm, tree in trees.items() if arm != base]
    return min(starts) if starts else max(first["start"], min(first["city"]["history"], first["end"]))


def _first_difference(tree, base):
    """The quarter from which two resolved configs differ."""
    if any(key.startswith(("mechanism.", "city.")) for key in contrast.differing_keys(tree, base)):
        return base["start"]
    starts = [
        start or base["start"]
        for group in ("policy", "shock")
        for start in contrast.differences(tree[group], base[group]).values()
    ]
    return max(min(starts, default=base["start"]), base["start"])


# ---------------------------------------------------------------- from panels to runs


def _by_run(folder, plan, asked):
    """(frame with a row a run that is done: arm, point, seed, factors, outcomes; [factor]; [Outcome])."""
    there = folder / "collected"
    rows = pd.read_parquet(there / "runs.parquet")
    rows = rows[rows["status"] == "done"].reset_index(drop=True)
    if rows.empty:
        raise FolderError(f"{folder}: no run is done")
    factors = [name for name in plan.points.column_names if _varies(rows, name)]
    whole = [*own.DEFAULT.values(), *(one for one in asked["outcomes"] if not one.by)]
    panel = pd.read_parquet(there / "city.parquet")
    spent = pd.read_parquet(there / "policy.parquet")
    spent = dict(iter(spent.groupby("run")))
    known = set(rows["run"])
    values = {}
    for run, part in panel.groupby("run", sort=False):
        if run not in known:
            continue
        if run in spent:
            cost = net_cost(spent[run], part["quarter"], asked["scale"]).to_numpy()
        else:
            cost = 0.0
        window = part.assign(net_spending_cny=cost)
        values[run] = totals(window[window["quarter"] >= asked["from"]], whole).to_dict()
    for one in (one for one in asked["outcomes"] if one.by):
        table = pd.read_parquet(there / f"{one.by}.parquet")
        for run, part in table[table["quarter"] >= asked["from"]].groupby("run"):
            if run in values:
                found = own.of_panel(part, one)
                values[run] |= {f"{one.name}: {group}": value for group, value in found.items()}
    told = pd.DataFrame([values[run] for run in rows["run"]], index=rows.index)
    frame = pd.concat([rows[["run", "arm", "point", "seed", *factors]], told], axis=1)
    grouped = [
        one._replace(name=name, title=f"{one.title}: {name.rpartition(': ')[2]}")
        for one in asked["outcomes"]
        if one.by
        for name in told
        if name.startswith(f"{one.name}: ")
    ]
    return frame, factors, [*whole, *grouped]


def _varies(rows, name):
    return name in rows and pd.api.types.is_numeric_dtype(rows[name]) and rows[name].nunique() > 1


def _targets(frame, arms, outcomes):
    """Target -> frame of the outcomes with a row a point: the level of the one arm, or the effect of each arm less the
    first; and the pairs behind them.
    """
    names = [one.name for one in outcomes]
    by_arm = {arm: frame[frame["arm"] == arm].set_index(["point", "seed"])[names] for arm in arms}
    base = by_arm[arms[0]]
    pairs = {arm: (by_arm[arm] - base).dropna(how="all") for arm in arms[1:]}
    if not pairs:
        return {f"level of {arms[0]}": base.groupby("point").mean()}, pairs, base
    return {f"{arm} less {arms[0]}": rows.groupby("point").mean() for arm, rows in pairs.items()}, pairs, base


# ---------------------------------------------------------------- the analysis


class Analysis:
    """What a sweep says: `about`, and a frame a file."""

    def __init__(self, about, tables):
        self.about, self.tables = about, tables
        for name, frame in tables.items():
            setattr(self, name, frame)

    def __repr__(self):
        return f"Analysis({self.about['question']})"

    def __str__(self):
        return screen(self)


def _computed(folder, plan, about, asked):
    frame, factors, outcomes = _by_run(folder, plan, asked)
    targets, pairs, base = _targets(frame, asked["arms"], outcomes)
    left_out = []
    chosen = [asked["primary"] or HEADLINE, *asked["shown"]]
    chosen = list(dict.fromkeys(name for name in (*chosen, "startup_jobs") if name in base))
    judged = [one for one in outcomes if one.name in chosen]
    points = frame.groupby("point")[factors].first()  # an arm without a policy has no value of its knobs
    tables = {"runs": frame, "arms": _arms(pairs, base, outcomes, asked)}
    tables["tornado"] = _tornado(targets, points, outcomes, left_out)
    strongest = _strongest(tables["tornado"], factors)
    tables["response"], tables["surface"] = _responses(targets, points, judged, strongest, left_out)
    tables["indices"] = _indices(targets, points, judged, asked["design"], _problem(folder), about, left_out)
    tables["box"] = _boxes(targets, points, asked, left_out)
    done, planned = len(frame), len(plan.runs)
    told = {
        "question": f"Analysis of a sweep of {len(asked['arms'])} arm{'s' if len(asked['arms']) > 1 else ''}, "
        f"{len(points)} points and {frame['seed'].nunique()} seeds, scale {asked['scale']:g}, "
        f"{asked['from']} to {asked['end']}",
        "design": asked["design"],
        "arms": asked["arms"],
        "factors": factors,
        "primary": asked["primary"],
        "judged": chosen,
        "from": asked["from"],
        "fails": asked["fails"],
        "runs_done": done,
        "runs_planned": planned,
        "left_out": list(dict.fromkeys(left_out)),
        "sweep": about["plan"],
        "versions": about.get("versions"),
        "git": about.get("git"),
    }
    return Analysis(told, tables)


def _problem(folder):
    path = folder / "collected" / "problem.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _arms(pairs, base, outcomes, asked):
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


def _tornado(targets, points, outcomes, left_out):
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


def _strongest(tornado, factors):
    """(target, outcome) -> the factors in the order of what they change."""
    found = {}
    for key, part in tornado.groupby(["target", "outcome"], sort=False):
        order = part["change"].abs().sort_values(ascending=False).index
        found[key] = list(part.loc[order, "factor"])
    return found or {None: factors}


def _responses(targets, points, judged, strongest, left_out):
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


def _indices(targets, points, judged, design, problem, about, left_out):
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


def _boxes(targets, points, asked, left_out):
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


# ---------------------------------------------------------------- columns

TARGET = words("target", "level of the arm, or an arm less the first", HERE)
FACTOR = words("factor", "key of the config", HERE)
COLUMNS = {
    "arms": (
        words("arm", "name of the arm", HERE),
        *OUTCOME,
        *numbers(
            HERE,
            level="mean of the first arm",
            effect="the arm less the first, mean over points or seeds",
            low="lower end of its interval of 95%",
            high="upper end of its interval of 95%",
            percent="effect in percent of the level",
            p="two-sided p of the t-test",
            q="rate of false discoveries at which it leaves zero",
        ),
        column("primary", "flag", "whether it was declared beforehand", HERE, TRAIT),
        runs(HERE),
    ),
    "tornado": (
        TARGET,
        *OUTCOME,
        FACTOR,
        *numbers(
            HERE,
            lowest="lowest value of the factor",
            highest="highest value of the factor",
            change="of the target from the lowest to the highest value, least squares in all factors",
            low="lower end of its interval of 95%",
            high="upper end of its interval of 95%",
            p="two-sided p",
            explained="share of the variance over points that the factors explain together",
        ),
        column("points", "number", "points of the design", HERE, STOCK),
    ),
    "response": (
        TARGET,
        *OUTCOME,
        FACTOR,
        *numbers(
            HERE,
            value="of the factor",
            mean="of the target with the factor at the value, all others as in the design",
            low="lower end of its band of 95%",
            high="upper end of its band of 95%",
            explained="share of the variance in points left out that the surface explains; below zero it says nothing",
        ),
        column("points", "number", "points of the design", HERE, STOCK),
    ),
    "surface": (
        TARGET,
        *OUTCOME,
        words("factor_x", "key of the config", HERE),
        words("factor_y", "key of the config", HERE),
        *numbers(
            HERE,
            x="value of the first factor",
            y="value of the second",
            mean="of the target there, all other factors as in the design",
            explained="share of the variance in points left out that the surface explains",
        ),
    ),
    "indices": (
        TARGET,
        *OUTCOME[:2],
        FACTOR,
        words("method", "Sobol, Morris or delta", HERE),
        *numbers(
            HERE,
            total="total index of Sobol, mean absolute elementary effect of Morris, or delta",
            total_within="half width of its interval of 95%",
            first="share of the variance by the factor alone",
            first_within="half width of its interval of 95%",
            spread="standard deviation of the elementary effects: interaction or curvature",
        ),
    ),
    "box": (
        TARGET,
        OUTCOME[0],
        FACTOR,
        *numbers(
            HERE,
            low="lowest value in the box, infinite where there is no limit",
            high="highest value in the box",
            coverage="share of failures inside",
            density="share inside that fails",
            share="share of all points that fails",
            mass="share of points inside",
            p="of the permutation test",
        ),
    ),
}
TABLE_KEYS = {
    "runs": ("arm", "point", "seed"),
    "arms": ("arm", "outcome"),
    "tornado": ("target", "outcome", "factor"),
    "response": ("target", "outcome", "factor", "value"),
    "surface": ("target", "outcome", "x", "y"),
    "indices": ("target", "outcome", "factor"),
    "box": ("target", "outcome", "factor"),
}


def _run_columns(frame):
    told = ("run", "arm", "point", "seed")
    kinds = {"run": "number", "arm": "name", "point": "number", "seed": "number"}
    head = tuple(column(name, kinds[name], f"{name} of the run", HERE, TRAIT) for name in told)
    rest = [name for name in frame if name not in told]
    return head + tuple(
        column(name, "see sim list", "factor or outcome of the run", HERE, INDEX, type="double") for name in rest
    )


# ---------------------------------------------------------------- folder


def _write(final, analysis, kinds):
    """The folder of the analysis, which appears whole in place of the one before."""
    coming = final.with_name(f".{PLACE}.{secrets.token_hex(4)}")
    coming.mkdir()
    try:
        columns = {"runs": _run_columns(analysis.runs), **COLUMNS}
        for name, frame in analysis.tables.items():
            rows = frame.astype({each.name: float for each in columns[name] if each.type == "double"})
            write_csv(coming / f"{name}.csv", rows, columns[name])
        write_csv(coming / "codebook.csv", codebook(columns, TABLE_KEYS), BOOK)
        write_json(coming / "analysis.json", analysis.about)
        analysis.about["folder"] = str(final)
        write_text(coming / "screen.txt", f"{analysis}\n")
        if kinds:
            from sim import plots

            plots.draw_analysis(coming, kinds)
        old = final.with_name(f".old.{secrets.token_hex(4)}")
        if final.exists():
            os.replace(final, old)
        os.replace(coming, final)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(coming, ignore_errors=True)


# ---------------------------------------------------------------- screen


def screen(analysis):
    """The analysis as text."""
    about = analysis.about
    lines = textwrap.wrap(f"{about['question']}; {about['runs_done']} of {about['runs_planned']} runs done", WIDTH)
    lines += _of_arms(analysis.arms, about)
    for name in about["judged"]:
        lines += _of_outcome(analysis, name)
    for target, part in analysis.box.groupby("target", sort=False):
        lines += ["", *_of_box(target, part)]
    if about["left_out"]:
        lines += ["", "Left out:"]
        for text in about["left_out"]:
            lines += textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join([*lines, "", f"in {about.get('folder', '')}"])


def _of_arms(rows, about):
    lines = []
    for arm, part in rows.groupby("arm", sort=False):
        lines += ["", f"{arm} less {about['arms'][0]}"]
        lines.append(f"{'':44}{'level':>10}{'effect':>10}{'percent':>9} {'95% interval':20}{'p':>7}{'q':>7}")
        for row in part.itertuples():
            size, unit = in_words(row.unit)
            level, effect = (short(x / size) for x in (row.level, row.effect))
            percent = f"{row.percent:+.1f}%" if row.percent == row.percent else "-"
            ends = interval(row.low / size, row.high / size)
            title = f"{'* ' if row.primary else ''}{row.title}, {unit}"
            p, q = probability(row.p), probability(row.q)
            shown = f"{level:>10}{effect:>10}{percent:>9} {ends:20}{p:>7}{q:>7}"
            lines += [f"{title:44}{shown}"] if len(title) <= 44 else [title, f"{'':44}{shown}"]
        found, tested = (part["p"] < LEVEL).sum(), part["p"].notna().sum()
        if tested:
            lines.append(f"{found} of {tested} rows leave zero at 5%, {LEVEL * tested:.1f} would by chance alone.")
    return lines


def _of_outcome(analysis, name):
    """Tornado, worth of the surface and indices of an outcome."""
    lines = []
    for target, part in analysis.tornado[analysis.tornado["outcome"] == name].groupby("target", sort=False):
        size, unit = in_words(part["unit"].iloc[0])
        explained = part["explained"].iloc[0]
        lines += ["", f"{part['title'].iloc[0]}, {unit}: {target}, over {part['points'].iloc[0]} points"]
        of = analysis.response
        worth = of[(of["target"] == target) & (of["outcome"] == name)]["explained"]
        said = f"  A straight line in all factors explains {_share(explained)} of the variance over points"
        if len(worth):
            said += f", the response surface {_share(worth.iloc[0])} of that in points left out"
        lines += textwrap.wrap(said + ".", WIDTH, subsequent_indent="  ")
        indices = analysis.indices
        indices = indices[(indices["target"] == target) & (indices["outcome"] == name)].set_index("factor")
        method = indices["method"].iloc[0] if len(indices) else ""
        heads = {"Sobol": "total share", "Morris": "mean |effect|", "delta": "delta"}
        lines.append(
            f"  {'factor':44}{'lowest':>9}{'highest':>9}{'change':>10} {'95% interval':21}"
            f"{heads.get(method, ''):>14}".rstrip()
        )
        for row in part.reindex(part["change"].abs().sort_values(ascending=False).index).itertuples():
            change, ends = short(row.change / size), interval(row.low / size, row.high / size)
            index = ""
            if row.factor in indices.index:
                one = indices.loc[row.factor]
                by = size if method == "Morris" else 1
                index = f"{short(one['total'] / by)} ±{short(one['total_within'] / by)}"
            label = row.factor.removeprefix("mechanism.").removeprefix("policy.")
            ends_of = f"{short(row.lowest):>9}{short(row.highest):>9}"
            lines.append(f"  {label:44}{ends_of}{change:>10} {ends:21}{index:>14}".rstrip())
    return lines


def _share(x):
    return f"{100 * x:.0f}%" if x == x and x > 0 else "none"


def _of_box(target, part):
    row = part.iloc[0]
    limits = []
    for one in part.itertuples():
        ends = [f"from {short(one.low)}" if np.isfinite(one.low) else ""]
        ends += [f"to {short(one.high)}" if np.isfinite(one.high) else ""]
        limits.append(f"{one.factor} {' '.join(filter(None, ends))}")
    return textwrap.wrap(
        f"{target} fails ({row['outcome']}) where {' and '.join(limits)}: {_share(row['density'])} of the points there "
        f"fail, {_share(row['coverage'])} of all failures lie there, {_share(row['share'])} of all points fail; "
        f"permutation test p = {row['p']:.2g}.",
        WIDTH,
    )
