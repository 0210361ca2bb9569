"""Feasibility of the reports: which bands were met together by any of N directed simulations, and which never.

The search minimises, for each set of targets, the largest distance beyond a band. A search proves nothing: a pair never
met may be met elsewhere in the prior or by another model, and the claims report says so.
"""

import copy
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.calibration.emulator import Emulator
from sim.calibration.search import improving, minimise
from sim.calibration.simulations import Simulator
from sim.runs.folders import write_text
from sim.settings.config import load_tree

FIRST_SEED = 200_000  # of directed runs, less the runs that were there before
PAIRS = 12  # pairs never met for which the search is directed
EACH = 4  # simulations directed at a target or pair
TAUTOLOGY = (0.8, 1.2)  # elasticity of a metric to an input that says nearly the same
CHANGE = 0.2  # of an input
SEEDS = 8  # of an elasticity
LARGEST_ERROR = 0.1  # standard error of an elasticity, beyond which luck may have made it
SETS = 10  # largest sets told


def task(study):
    """Directed simulations, the table of pairs, compatible sets, near-tautologies, and the claims in words. Returns the
    folder.
    """
    objective = study.objective()
    points, u = directed(objective, *study.all_simulations(objective))
    distance = u + objective.bias
    inside = np.abs(distance) <= 1
    tables = {
        "targets": distances(objective, inside, distance),
        "pairs": pairwise(objective.ids, inside),
        "sets": compatible(objective.ids, inside),
        "tautologies": tautologies(study, objective),
    }
    rows = study.moments.rows.iloc[objective.columns].set_index("id")
    head = f"{len(points)} simulations of {study.config.city.title} at scale {study.config.scale:g}"
    write_text(study.folder("feasibility") / "claims.md", claims(rows, tables, head))
    bands, pairs, sets = tables["targets"], tables["pairs"], tables["sets"]
    return study.write(
        "feasibility",
        tables,
        f"{len(points)} simulations: {len(bands)} bands, {int((bands['met'] == 0).sum())} never met, "
        f"{(pairs['met'] == 0).sum()} of {len(pairs)} pairs never met together, largest set {int(sets['size'].max())}",
        {"feasibility": pairs},
    )


def directed(objective, points, u):
    """(points (runs, P), u (runs, T)): the simulations and those directed at targets, and at pairs, that none of them
    met.
    """
    rng = np.random.default_rng(3)
    for aims in (singles, couples):
        wanted = aims(objective, u)
        if not wanted:
            continue
        emulator = Emulator(points, u, focus=points[np.argmin(objective.loss(u))])
        fresh = np.concatenate([aimed(objective, emulator, points, u, aim, rng) for aim in wanted])
        more = objective.simulate(fresh, FIRST_SEED + len(points) + np.arange(len(fresh)), "directed runs")
        points, u = np.concatenate([points, fresh]), np.concatenate([u, more])
    return points, u


def singles(objective, u):
    """Targets whose band no simulation met, each as a list of its place."""
    return [[i] for i in np.flatnonzero(~(np.abs(u + objective.bias) <= 1).any(axis=0))]


def couples(objective, u):
    """Pairs (places) never met together though each was met, those that came closest first."""
    distance = np.abs(u + objective.bias)
    inside = distance <= 1
    apart = (inside.T.astype(int) @ inside) == 0
    met = inside.any(axis=0)
    pairs = [
        (np.maximum(distance[:, i], distance[:, j]).min(), i, j)
        for i in range(len(met))
        for j in range(i)
        if apart[i, j] and met[i] and met[j]
    ]
    return [[i, j] for _, i, j in sorted(pairs)[:PAIRS]]


def aimed(objective, emulator, points, u, aim, rng):
    """EACH points for one aim (places of targets): the emulated optimum of these targets alone, and those of the
    largest expected improvement.
    """
    weight = np.where(np.isin(np.arange(len(objective.ids)), aim), 1.0, 1e-6)
    alone = replace(objective, weight=weight)
    best, _ = minimise(alone, emulator.mean, points[np.argmin(alone.loss(u))])
    return np.concatenate([best[None], improving(alone, emulator, points, EACH - 1, 0.15, rng)])


# ---------------------------------------------------------------- tables


def pairwise(ids, inside):
    """One row a pair of targets: simulations that met both bands, and each; `inside` are bools (runs, T)."""
    met = inside.T.astype(int) @ inside
    rows = [
        {"one": a, "other": b, "met": met[i, j], "met_one": met[i, i], "met_other": met[j, j]}
        for i, a in enumerate(ids)
        for j, b in enumerate(ids)
        if j < i
    ]
    return pd.DataFrame(rows, columns=["one", "other", "met", "met_one", "met_other"])


def distances(objective, inside, u):
    """One row a target: simulations inside its band, least distance of u (runs, T) beyond it in half widths, side."""
    beyond = np.maximum(np.abs(u) - 1, 0)
    nearest = beyond.argmin(axis=0)
    side = np.where(u[nearest, np.arange(u.shape[1])] < 0, "below", "above")
    least = beyond.min(axis=0)
    return pd.DataFrame(
        {
            "target": objective.ids,
            "met": inside.sum(axis=0),
            "share": inside.mean(axis=0),
            "least_distance": least,
            "side": np.where(least > 0, side, ""),
        }
    )


def compatible(ids, inside):
    """The largest sets of bands met by one simulation, each with what is left out; at most `SETS`."""
    rows, seen = [], set()
    for i in np.argsort(-inside.sum(axis=1), kind="stable"):
        key = tuple(np.flatnonzero(inside[i]))
        if any(set(key) <= set(other) for other in seen):
            continue
        seen.add(key)
        left_out = " ".join(name for k, name in enumerate(ids) if k not in key)
        rows.append({"size": len(key), "of": len(ids), "left_out": left_out})
        if len(rows) == SETS:
            break
    return pd.DataFrame(rows, columns=["size", "of", "left_out"])


def tautologies(study, objective):
    """One row an input of the config's `inputs` and target: the elasticity of the metric to the input, by runs a
    fifth above and below it.

    A target with an elasticity near one says nearly what the input says, and fitting it teaches little. Where luck
    hides the elasticity nothing is said.
    """
    tables = []
    seeds = 1 + np.arange(SEEDS)
    start = np.repeat(objective.start[None], len(seeds), axis=0)
    for key in study.asked["inputs"]:
        value = leaf(study.config.resolved, key)
        if value is None:
            continue
        levels = []
        for factor in (1 - CHANGE, 1 + CHANGE):
            config = replace(changed(study.config, key, value * factor), scale=study.config.scale)
            store = study.store_of(Simulator(config, study.parameters, study.moments))
            levels.append(store.run(start, seeds, f"runs of {key}")[:, objective.columns])
        elasticity, error = elasticities(*levels)
        near = (elasticity >= TAUTOLOGY[0]) & (elasticity <= TAUTOLOGY[1]) & (error <= LARGEST_ERROR)
        tables.append(
            pd.DataFrame(
                {
                    "input": key,
                    "target": objective.ids,
                    "elasticity": elasticity,
                    "standard_error": error,
                    "near_tautology": near,
                }
            )
        )
    columns = ["input", "target", "elasticity", "standard_error", "near_tautology"]
    return pd.concat(tables) if tables else pd.DataFrame(columns=columns)


def elasticities(below, above):
    """(elasticity (T), standard error (T)) of metrics (seeds, T) to an input that was lowered and raised by CHANGE, the
    same seeds in both.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        by_seed = np.log(above / below) / np.log((1 + CHANGE) / (1 - CHANGE))
        return by_seed.mean(axis=0), by_seed.std(axis=0, ddof=1) / np.sqrt(len(by_seed))


def leaf(tree, key):
    """The number at a dotted key, or None where this city has no such thing."""
    for part in key.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree if isinstance(tree, (int, float)) and not isinstance(tree, bool) else None


def changed(config, key, value):
    """The config with one number of a policy or of the city set anew."""
    tree = copy.deepcopy(config.resolved)
    *stem, name = key.split(".")
    branch = tree
    for part in stem:
        branch = branch[part]
    branch[name] = round(value) if isinstance(branch[name], int) else value
    return load_tree(tree)


# ---------------------------------------------------------------- in words


def claims(rows, tables, head):
    """The claims report: Markdown.

    `rows` are the fitted targets by id, `tables` those of the task, `head` says what was simulated.
    """
    bands, pairs, inputs = tables["targets"], tables["pairs"], tables["tautologies"]
    lines = [
        "# What the reports say, and what the model can meet",
        "",
        f"{head}, over the prior and directed at what had not been met. A search proves nothing: what was never",
        "met may lie where no simulation looked, or within reach of another model. A band is met by a single run.",
        "",
        "## Bands that no simulation met",
        "",
    ]
    lines += [
        f"- `{r.target}`: {claim(rows, r.target)} The nearest run lies {r.least_distance:.2g} half widths {r.side} "
        "the band."
        for r in bands[bands["met"] == 0].itertuples()
    ] or ["None."]
    apart = pairs[(pairs["met"] == 0) & (pairs["met_one"] > 0) & (pairs["met_other"] > 0)]
    lines += ["", "## Pairs that were never met together, though each was met", ""]
    lines += [
        f"- `{r.one}` with `{r.other}`: {claim(rows, r.one)} {claim(rows, r.other)} Met alone by {r.met_one} and "
        f"{r.met_other} runs."
        for r in apart.itertuples()
    ] or ["None."]
    lines += ["", "## Largest sets met by one run", ""]
    lines += [
        f"- {r.size} of {r.of}; left out: {', '.join(f'`{name}`' for name in r.left_out.split()) or 'none'}"
        for r in tables["sets"].itertuples()
    ]
    lines += [
        "",
        "## Near-tautologies",
        "",
        "A metric that moves one for one with an input says nearly what the input says; meeting its band is little "
        "evidence for the model.",
        "",
    ]
    near = inputs[inputs["near_tautology"].astype(bool)].groupby("target")["input"].agg(", ".join)
    lines += [f"- `{name}` moves with `{near[name]}`." for name in near.index] or ["None among the inputs tried."]
    return "\n".join(lines) + "\n"


def claim(rows, target):
    """What a report says of a target, in its own words where there are any."""
    row = rows.loc[target]
    band = f"{row['low']:g} to {row['high']:g} {row['unit']}"
    return f"“{row['quote']}” ({band})." if row["quote"] else f"{row['quantity'] or target} ({band})."
