"""Which points of the parameter space a sweep visits: a table with a column for each key of the config.

    grid      every combination of the values given
    latin     a Latin hypercube of `points` points
    sobol     the first `points` points of a scrambled Sobol sequence
    saltelli  for Sobol indices: points x (factors + 2) rows (SALib)
    morris    for elementary effects: points x (factors + 1) rows, `points` trajectories (SALib)
    rows      the rows of a file, csv or parquet, as they stand
    draws     `points` rows of a file of posterior draws, by its column `weight` where it has one

A factor of a grid is a list of values; of latin, sobol, saltelli and morris it is [low, high], or null for the
bounds that the parameter has in its yaml. Whole-number parameters get whole numbers.
"""

import itertools
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd

from sim.settings.files import CONFIGS, options, read_yaml
from sim.settings.refusals import ConfigError, nearest, shown

SPREAD = ("latin", "sobol", "saltelli", "morris")  # over intervals
FILES = ("rows", "draws")
KINDS = ("grid", *SPREAD, *FILES)
LEVELS = 4  # of a Morris design
MOST_POINTS = 2**20  # of a design over intervals; a sweep has at most about twice as many runs
WEIGHT = "weight"


def check(asked):
    """What is wrong with a design before its values are looked at, as sentences."""
    kind, factors, points = asked["design"], asked["factors"], asked["points"]
    if kind not in KINDS:
        return [f"design={shown(kind)}: no such design{nearest(kind, KINDS)}"]
    problems = []
    if not isinstance(factors, dict):
        return [
            f"factors={shown(factors)}: should be {{key:values}}, such as "
            "factors={mechanism.knowledge.decay:[0.02,0.04]}"
        ]
    if kind in FILES:
        if factors:
            problems.append(f"factors: design={kind} takes them from its file")
        if not isinstance(asked["file"], str) or not os.path.isfile(asked["file"]):
            lost = "no such file; " if isinstance(asked["file"], str) else ""
            problems.append(
                f"file={shown(asked['file'])}: {lost}design={kind} needs a file, csv or parquet, with a column for "
                "each key"
            )
    elif asked["file"] is not None:
        problems.append(f"file={shown(asked['file'])}: design={kind} reads no file")
    for key, values in factors.items():
        if kind == "grid" and not (isinstance(values, list) and values):
            problems.append(f"factors.{key}={shown(values)}: should be a list of values")
        elif kind == "grid":
            twice = [value for i, value in enumerate(values) if value in values[:i]]
            problems += [f"factors.{key}={shown(value)}: stands twice" for value in twice[:1]]
        interval = (
            isinstance(values, list)
            and len(values) == 2
            and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
        )
        if kind in SPREAD and values is not None and not (interval and values[0] < values[1]):
            problems.append(f"factors.{key}={shown(values)}: should be [low,high], or null for the bounds in its yaml")
    if kind in SPREAD and not factors:
        problems.append(f"factors: design={kind} needs at least one")
    whole = isinstance(points, int) and not isinstance(points, bool)
    if (kind in SPREAD or kind == "draws") and not (whole and points >= 1):
        problems.append(f"points={shown(points)}: design={kind} needs a whole number from 1")
    elif kind in SPREAD and points > MOST_POINTS:
        problems.append(f"points={points}: should be {MOST_POINTS} at most")
    elif kind in ("sobol", "saltelli") and points & (points - 1):
        problems.append(
            f"points={points}: should be a power of two, for which Sobol points are balanced, such as "
            f"{2 ** points.bit_length()}"
        )
    elif kind in ("grid", "rows") and points is not None:
        problems.append(f"points={shown(points)}: design={kind} has as many as it has rows")
    if kind == "morris" and whole and points < 2:
        problems.append("points: two trajectories at least")
    return problems


def count(asked):
    """Points of a design that was checked, without making them; 1 of a file, which has as many as it has rows."""
    kind, factors = asked["design"], asked["factors"]
    if kind == "grid":
        return math.prod(len(values) for values in factors.values())
    if kind == "rows":
        return 1
    return asked["points"] * {"saltelli": len(factors) + 2, "morris": len(factors) + 1}.get(kind, 1)


def problem(asked, user_folder):
    """Factors of a design over intervals as SALib's analyses take them; None of another design."""
    if asked["design"] not in SPREAD:
        return None
    limits = [bounds(key, user_folder) if values is None else values for key, values in asked["factors"].items()]
    return {
        "num_vars": len(limits),
        "names": list(asked["factors"]),
        "bounds": [[float(low), float(high)] for low, high in limits],
        "groups": None,
    }


def points(asked, base, user_folder):
    """Key -> list of its value at each point. `asked` are the keys of the verb, `base` gives the value of each key
    without the design, `user_folder` holds the user's own files or is None.

    Raises ConfigError where a file cannot be read or a key has no bounds.
    """
    kind, factors = asked["design"], asked["factors"]
    if kind == "grid":
        rows = list(itertools.product(*factors.values()))
        columns = {key: [row[i] for row in rows] for i, key in enumerate(factors)}
    elif kind in FILES:
        columns = _file(asked)
    else:
        columns = _spread(kind, factors, asked["points"], asked["design_seed"], base, user_folder)
    return {key: [_like(value, base(key)) for value in values] for key, values in columns.items()}


def size(columns):
    """Points of a design; a grid without factors is one point."""
    return len(next(iter(columns.values()))) if columns else 1


def _like(value, setting):
    """A number in the type of the setting it stands for, so that 1 and 1.0 are one run."""
    if isinstance(setting, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(setting, int) and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _spread(kind, factors, count, seed, base, user_folder):
    """Points over intervals; those of whole numbers get half a unit more on both sides and are rounded."""
    whole = [isinstance(base(key), int) for key in factors]
    limits = [bounds(key, user_folder) if values is None else values for key, values in factors.items()]
    widened = [(low - 0.5 * w, high + 0.5 * w) for (low, high), w in zip(limits, whole, strict=True)]
    unit = _unit_points(kind, len(factors), count, seed)
    columns = {}
    for i, key in enumerate(factors):
        low, high = widened[i]
        values = np.clip(low + (high - low) * unit[:, i], low, high)
        columns[key] = np.clip(np.rint(values), *limits[i]).astype(int).tolist() if whole[i] else values.tolist()
    return columns


def _unit_points(kind, factors, count, seed):
    """Points of the unit cube, float64[points, factors]."""
    from scipy.stats import qmc  # takes a second to load, which a grid need not wait for

    if kind == "latin":
        return qmc.LatinHypercube(factors, rng=np.random.default_rng(seed)).random(count)
    if kind == "sobol":
        return qmc.Sobol(factors, rng=np.random.default_rng(seed)).random(count)
    from SALib.sample import morris, sobol  # of the extra `calibration`

    problem = {"num_vars": factors, "names": [str(i) for i in range(factors)], "bounds": [[0.0, 1.0]] * factors}
    if kind == "saltelli":
        return sobol.sample(problem, count, calc_second_order=False, seed=seed)
    return morris.sample(problem, count, num_levels=LEVELS, seed=seed)


def bounds(key, user_folder=None):
    """(low, high) of a parameter or knob as its yaml gives them. Raises ConfigError where it has none."""
    group, _, rest = key.partition(".")
    name, _, knob = rest.partition(".")
    files = {"mechanism": {name: CONFIGS / "mechanism" / f"{name}.yaml"}}.get(group) or (
        options(group, user_folder) if group in ("policy", "shock") else {}
    )
    knob, _, index = knob.partition(".")
    node = (read_yaml(files[name]) or {}).get(knob) if name in files and files[name].exists() else None
    if not isinstance(node, dict) or "low" not in node:
        raise ConfigError([f"factors.{key}=null: has no bounds in a yaml; write factors={{{key}:[low,high]}}"])
    low, high = (
        node[end][int(index)] if isinstance(node[end], list) and index else node[end] for end in ("low", "high")
    )
    return low, high


def _file(asked):
    """The columns of a file: all of them for rows; for draws those that are keys, with a dot, of `points` rows."""
    path = Path(asked["file"])
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ConfigError([f"file={path}: cannot be read: {' '.join(str(error).split())}"]) from None
    if asked["design"] == "draws":
        table = _drawn(table, asked)
    empty = [column for column in table if table[column].isna().any()]
    if empty or table.empty or not len(table.columns):
        raise ConfigError(
            [
                f"file={path}: has empty cells in {', '.join(empty)}"
                if empty
                else f"file={path}: has no rows or no column that is a key"
            ]
        )
    return {column: table[column].tolist() for column in table}


def _drawn(table, asked):
    """`points` of the draws: by weight with replacement where there is one, else without and in their order."""
    random, count = np.random.default_rng(asked["design_seed"]), asked["points"]
    if WEIGHT in table:
        weight = table[WEIGHT].to_numpy(float)
        if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
            raise ConfigError(
                [f"file={asked['file']}: the column {WEIGHT} should hold numbers from 0, not all of them 0"]
            )
        chosen = random.choice(len(table), count, p=weight / weight.sum())
    elif count > len(table):
        raise ConfigError([f"points={count}: the file has {len(table)} draws"])
    else:
        chosen = np.sort(random.choice(len(table), count, replace=False))
    return table.iloc[chosen][[column for column in table if "." in str(column)]]
